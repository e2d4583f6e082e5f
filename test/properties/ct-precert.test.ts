// Precertificates whose issuer is, or is not, a precertificate signing certificate; and TBSCertificates with a new issuer.
import { expect, test } from 'vitest'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { type Certificate, editTbs, findExtension, oids, parseCertificate } from '../../src/machines/ct/certificate.ts'
import { bytesOf, type Node, nodeAt } from '../../src/machines/ct/der.ts'
import { precertEntryOf } from '../../src/machines/ct/entry.ts'
import {
  certificateOf,
  encodeTbs,
  extension,
  hex,
  newAuthority,
  newKey,
  padding,
  poison,
  sequence,
  tlv,
} from './arbitraries/ct-certificates.ts'

const crypto = nodeCrypto()
const authority = newAuthority(0)
const key = newKey('p256')
const signer = newKey('p256')
const leaf = { issuer: 'signer', subject: 'leaf', key }

const precertSigning = tlv(0x06, hex('2b06010401d679020404'))
const serverAuth = tlv(0x06, hex('2b06010505070301'))
const usage = (value: Uint8Array) => extension('551d25', value)
const keyIdentifier = (id: string) => extension('551d23', hex(id))

/** The entry of a precertificate with these extensions, issued by a signer with those. */
function entryWith(own: readonly Uint8Array[], its: readonly Uint8Array[]) {
  const tbs = { issuer: authority.name, subject: 'signer', key: signer, extensions: its }
  const chain = [certificateOf(tbs, authority.key), ...authority.chain]
  return precertEntryOf(crypto, [certificateOf({ ...leaf, extensions: own }, signer), ...chain])
}

const entryOf = (issuer: Uint8Array, tbs: Uint8Array) => ({
  ok: true,
  value: { type: 'precert', issuerKeyHash: crypto.sha256(issuer), tbs },
})

test.each([
  ['one purpose', sequence(precertSigning)],
  ['it among others', sequence(serverAuth, precertSigning)],
  ['it before others', sequence(precertSigning, serverAuth)],
])('a signer with %s signs precertificates for its issuer [WIRE-003.2]', (_, purposes) => {
  const wanted = encodeTbs({ ...leaf, issuer: authority.name, extensions: [padding(2)] })
  expect(entryWith([padding(2), poison()], [usage(purposes)])).toEqual(entryOf(authority.key.spki, wanted))
})

test.each([
  ['no usage', []],
  ['no purpose', [usage(sequence())]],
  ['another purpose', [usage(sequence(serverAuth))]],
  ['an empty usage', [usage(new Uint8Array(0))]],
  ['half a purpose', [usage(hex('30020602'))]],
])('a signer with %s issues in its own name [WIRE-003.2]', (_, its) => {
  const wanted = encodeTbs({ ...leaf, extensions: [padding(2)] })
  expect(entryWith([padding(2), poison()], its)).toEqual(entryOf(signer.spki, wanted))
})

test('duplicateExtension: what the entry is made of may be there once [WIRE-003.4]', () => {
  const signing = usage(sequence(precertSigning))
  const duplicate = (oid: string) => ({ ok: false, error: 'duplicateExtension', detail: oid })
  const [one, other] = [keyIdentifier('3003800101'), keyIdentifier('3003800102')]
  expect(entryWith([poison(), poison()], [])).toEqual(duplicate('2b06010401d679020403'))
  expect(entryWith([poison()], [signing, signing])).toEqual(duplicate('551d25'))
  expect(entryWith([one, other, poison()], [signing])).toEqual(duplicate('551d23'))
  expect(entryWith([poison()], [signing, one, other])).toEqual(duplicate('551d23'))
  expect(entryWith([one, other, poison()], []).ok).toBe(true)
})

test('a precertificate without an issuer, or with a broken one, has no entry [WIRE-003.2]', () => {
  const precert = certificateOf({ ...leaf, extensions: [poison()] }, signer)
  const [issuer] = authority.chain as [Uint8Array]
  const noIssuer = { ok: false, error: 'noIssuer', detail: 'no further certificate' }
  expect(precertEntryOf(crypto, [precert])).toEqual(noIssuer)
  expect(precertEntryOf(crypto, [precert, issuer.subarray(1)])).toMatchObject({ ok: false, error: 'badDer' })
  const tbs = { issuer: authority.name, subject: 'signer', key: signer, extensions: [usage(sequence(precertSigning))] }
  const signing = certificateOf(tbs, authority.key)
  expect(precertEntryOf(crypto, [precert, signing])).toEqual(noIssuer)
  expect(precertEntryOf(crypto, [precert, signing, issuer.subarray(1)])).toMatchObject({ ok: false, error: 'badDer' })
})

test('an edit replaces a node and leaves all others, with and without extensions [WIRE-003.3]', () => {
  const nameOf = (name: string) => {
    const { der, issuer } = parsed({ ...leaf, issuer: name })
    return bytesOf(der, issuer)
  }
  for (const extensions of [null, [], [padding(3)], [padding(3), padding(300)]]) {
    const certificate = parsed({ ...leaf, extensions })
    const edited = editTbs(certificate, [{ node: certificate.issuer, bytes: nameOf('a much longer name') }])
    expect(edited).toEqual(encodeTbs({ ...leaf, issuer: 'a much longer name', extensions }))
    expect(editTbs(certificate, [])).toEqual(encodeTbs({ ...leaf, extensions }))
  }
  const { der, tbs, extensions } = parsed({ ...leaf, extensions: [padding(1), padding(2)] })
  const { list } = extensions as { list: Node }
  const first = nodeAt(der, list.content, list.end) as Node
  const behind = { start: tbs.end, end: tbs.end }
  const edits = [
    { node: first, bytes: padding(4) },
    { node: behind, bytes: padding(5) },
  ]
  const wanted = encodeTbs({ ...leaf, extensions: [padding(4), padding(2), padding(5)] })
  expect(editTbs(parsed({ ...leaf, extensions: [padding(1), padding(2)] }), edits)).toEqual(wanted)
})

function parsed(tbs: Parameters<typeof encodeTbs>[0]): Certificate {
  const certificate = parseCertificate(certificateOf(tbs, signer))
  if (!certificate.ok) throw new Error(certificate.detail)
  return certificate.value
}

test('an extension is found with its value, critical or not [WIRE-003.4]', () => {
  for (const critical of [false, true]) {
    const own = extension('551d23', hex('aabb'), critical)
    const certificate = parsed({ ...leaf, extensions: [padding(2), own] })
    const found = findExtension(certificate, oids.authorityKeyIdentifier)
    const { node, value } = (found.ok && found.value) as { node: Node; value: Node }
    expect(bytesOf(certificate.der, node)).toEqual(own)
    expect(bytesOf(certificate.der, value)).toEqual(hex('0402aabb'))
  }
})
