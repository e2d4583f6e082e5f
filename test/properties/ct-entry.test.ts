// Which entry an SCT is about, the MerkleTreeLeaf that the log made of it, and the entry of a precertificate.
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { toHex } from '../../src/machines/ct/bytes.ts'
import { type Entry, entryOf, precertEntryOf } from '../../src/machines/ct/entry.ts'
import { encodeLeaf, leafHash, leafHashOf, leafIdOf } from '../../src/machines/ct/leaf.ts'
import { encodeSctList } from '../../src/machines/ct/sct.ts'
import { bytes, sctFields, timestamps, withBitFlipped } from './arbitraries/ct.ts'
import {
  certificateOf,
  encodeTbs,
  extension,
  hex,
  newAuthority,
  newKey,
  newLog,
  newSfo,
  padding,
  poison,
  sctExtension,
  sctListOid,
  sctOf,
  sequence,
  tlv,
} from './arbitraries/ct-certificates.ts'

const crypto = nodeCrypto()
const authority = newAuthority(1)
const log = newLog()
const options = { authority, log, timestamp: 1_700_000_000_000 }
const key = newKey('p256')
const sha256 = (...parts: Uint8Array[]) => new Uint8Array(createHash('sha256').update(Buffer.concat(parts)).digest())

test('an SCT that the leaf embeds is about a precertificate, any other about the leaf [WIRE-003.1]', () => {
  const embedded = newSfo({ ...options, embedded: true })
  const beside = newSfo({ ...options, embedded: false })
  expect(entryOf(crypto, embedded)).toMatchObject({
    value: { type: 'precert', issuerKeyHash: sha256(authority.key.spki) },
  })
  expect(entryOf(crypto, beside)).toEqual({ ok: true, value: { type: 'x509', certificate: beside.chain[0] } })
  expect(entryOf(crypto, { ...embedded, sct: beside.sct })).toMatchObject({ value: { type: 'x509' } })
})

test('one bit of difference from the embedded SCT makes it another SCT [WIRE-003.1]', () => {
  const sfo = newSfo({ ...options, embedded: true })
  fc.assert(
    fc.property(fc.nat(), (position) => {
      const sct = { ...sfo.sct, bytes: withBitFlipped(sfo.sct.bytes, position) }
      expect(entryOf(crypto, { ...sfo, sct })).toMatchObject({ value: { type: 'x509' } })
    }),
  )
})

test('each of several embedded SCTs is found, and bytes that only run across two of them are not [WIRE-003.1]', () => {
  fc.assert(
    fc.property(fc.array(sctFields.map(sctOf), { minLength: 1, maxLength: 4 }), fc.nat(), (scts, choice) => {
      const list = sctExtension(scts.map((sct) => sct.bytes))
      const leaf = certificateOf({ issuer: authority.name, subject: 'leaf', key, extensions: [list] }, authority.key)
      const chosen = scts[choice % scts.length]
      if (chosen === undefined) return
      expect(entryOf(crypto, { chain: [leaf, ...authority.chain], sct: chosen })).toMatchObject({
        value: { type: 'precert' },
      })
      const across = { ...chosen, bytes: encodeSctList(scts.map((sct) => sct.bytes)).slice(2) }
      expect(entryOf(crypto, { chain: [leaf], sct: across })).toMatchObject({ value: { type: 'x509' } })
    }),
  )
})

const { sct: loose } = newSfo({ ...options, embedded: false })

test.each([
  ['nothing', new Uint8Array(0)],
  ['no OCTET STRING', hex('0500')],
  ['an OCTET STRING and a byte', Uint8Array.of(...tlv(0x04, encodeSctList([loose.bytes])), 0)],
  ['a list in another type', tlv(0x03, encodeSctList([loose.bytes]))],
  ['no list', tlv(0x04, hex('0001'))],
])('an SCT extension that holds %s embeds nothing [WIRE-003.1]', (_, value) => {
  const broken = [extension(sctListOid, value)]
  const leaf = certificateOf({ issuer: authority.name, subject: 'leaf', key, extensions: broken }, authority.key)
  const chain = [leaf, ...authority.chain]
  expect(entryOf(crypto, { chain, sct: loose })).toEqual({ ok: true, value: { type: 'x509', certificate: leaf } })
})

test('noIssuer: an embedded SCT without the issuer certificate cannot be judged [WIRE-003.2]', () => {
  const { chain, sct } = newSfo({ ...options, embedded: true })
  expect(entryOf(crypto, { chain: chain.slice(0, 1), sct })).toMatchObject({ ok: false, error: 'noIssuer' })
})

test('the entry of a broken leaf or issuer is the fault of that certificate [WIRE-003.2]', () => {
  const { chain, sct } = newSfo({ ...options, embedded: true })
  const [leaf, issuer] = chain as [Uint8Array, Uint8Array]
  expect(entryOf(crypto, { chain: [leaf.subarray(1)], sct })).toMatchObject({ ok: false, error: 'badDer' })
  expect(entryOf(crypto, { chain: [leaf, issuer.subarray(0, -1)], sct })).toMatchObject({ error: 'badDer' })
  expect(entryOf(crypto, { chain: [leaf, sequence(leaf)], sct })).toMatchObject({ error: 'badDer' })
  const twice = [sctExtension([sct.bytes]), sctExtension([sct.bytes])]
  const double = certificateOf({ issuer: 'ca', subject: 'leaf', key, extensions: twice }, authority.key)
  expect(entryOf(crypto, { chain: [double, issuer], sct })).toMatchObject({ error: 'duplicateExtension' })
})

const entries: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({ type: fc.constant('x509' as const), certificate: bytes(400) }),
  fc.record({ type: fc.constant('precert' as const), issuerKeyHash: bytes(32, 32), tbs: bytes(400) }),
)

test('a leaf is 00 00, timestamp, entry type, entry and extensions, each with its length [WIRE-003.5]', () => {
  fc.assert(
    fc.property(entries, timestamps, bytes(300), (entry, timestamp, extensions) => {
      const written = Buffer.alloc(2 + 8 + 2)
      written.writeBigUInt64BE(BigInt(timestamp), 2)
      written.writeUInt16BE(entry.type === 'x509' ? 0 : 1, 10)
      const body = entry.type === 'x509' ? entry.certificate : entry.tbs
      const lengths = Buffer.alloc(8)
      lengths.writeUInt32BE(body.length, 0)
      lengths.writeUInt16BE(extensions.length, 4)
      const before = entry.type === 'x509' ? new Uint8Array(0) : entry.issuerKeyHash
      const whole = Buffer.concat([written, before, lengths.subarray(1, 4), body, lengths.subarray(4, 6), extensions])
      expect(toHex(encodeLeaf(entry, timestamp, extensions))).toBe(whole.toString('hex'))
    }),
  )
})

test('the SCT extensions are part of the leaf and so of its hash [WIRE-003.5]', () => {
  fc.assert(
    fc.property(entries, timestamps, bytes(40), fc.nat(), (entry, timestamp, extensions, position) => {
      const leaf = encodeLeaf(entry, timestamp, extensions)
      expect(leafHash(crypto, leaf)).toEqual(sha256(Uint8Array.of(0), leaf))
      const others = extensions.length === 0 ? Uint8Array.of(0) : withBitFlipped(extensions, position)
      expect(leafHash(crypto, encodeLeaf(entry, timestamp, others))).not.toEqual(leafHash(crypto, leaf))
    }),
  )
})

test('a leafId is the log and the leaf hash, and gives the hash back [WIRE-010]', () => {
  const hash = sha256(Uint8Array.of(1))
  const leafId = leafIdOf(log.log.logId, hash)
  expect(leafId).toBe(`${log.log.logId}:${toHex(hash)}`)
  expect(leafId).toHaveLength(129)
  expect(leafHashOf(leafId)).toBe(toHex(hash))
})

test('a precertificate and the certificate that came of it have one entry [WIRE-003.3]', () => {
  fc.assert(
    fc.property(fc.nat(300), fc.nat(300), fc.boolean(), (before, behind, poisonFirst) => {
      const tbs = { issuer: authority.name, subject: 'leaf', key, extensions: [padding(before), padding(behind)] }
      const entry = { type: 'precert', issuerKeyHash: sha256(authority.key.spki), tbs: encodeTbs(tbs) } as const
      const sct = log.sct(entry, options.timestamp)
      const [first, last] = tbs.extensions as [Uint8Array, Uint8Array]
      const poisoned = poisonFirst ? [poison(), first, last] : [first, last, poison()]
      const precert = certificateOf({ ...tbs, extensions: poisoned }, authority.key)
      const final = certificateOf({ ...tbs, extensions: [first, sctExtension([sct.bytes]), last] }, authority.key)
      expect(precertEntryOf(crypto, [precert, ...authority.chain])).toEqual({ ok: true, value: entry })
      expect(entryOf(crypto, { chain: [final, ...authority.chain], sct })).toEqual({ ok: true, value: entry })
    }),
    { numRuns: 30 },
  )
})

const aki = (id: string) => extension('551d23', hex(id))
const signing = extension('551d25', sequence(tlv(0x06, hex('2b06010401d679020404'))))

test.each([
  ['both have one', [aki('3003800101')], [aki('3003800102')]],
  ['only the precertificate has one', [aki('3003800101')], []],
  ['only the signing certificate has one', [], [aki('3003800102')]],
  ['neither has one', [], []],
])(
  'a precert signing certificate is replaced by its issuer; authority key identifiers: %s [WIRE-003.2, WIRE-003.3]',
  (_, own, its) => {
    const signer = newKey('p256')
    const signerTbs = { issuer: authority.name, subject: 'signer', key: signer, extensions: [signing, ...its] }
    const chain = [certificateOf(signerTbs, authority.key), ...authority.chain]
    const tbs = { issuer: 'signer', subject: 'leaf', key }
    const precert = certificateOf({ ...tbs, extensions: [padding(3), ...own, padding(4), poison()] }, signer)
    const issuerKeyHash = sha256(authority.key.spki)
    // In the place of its own, or at the end.
    const extensions = own.length > 0 ? [padding(3), ...its, padding(4)] : [padding(3), padding(4), ...its]
    const final = encodeTbs({ ...tbs, issuer: authority.name, extensions })
    expect(precertEntryOf(crypto, [precert, ...chain])).toEqual({
      ok: true,
      value: { type: 'precert', issuerKeyHash, tbs: final },
    })
    expect(precertEntryOf(crypto, [precert, ...chain.slice(0, 1)])).toMatchObject({ ok: false, error: 'noIssuer' })
  },
)

test('what is no precertificate has no precertificate entry [WIRE-003.3]', () => {
  const { chain } = newSfo({ ...options, embedded: true })
  expect(precertEntryOf(crypto, chain)).toMatchObject({ ok: false, error: 'badCertificate' })
  expect(precertEntryOf(crypto, [])).toMatchObject({ ok: false, error: 'noIssuer' })
  const tbs = { issuer: authority.name, subject: 'leaf', key }
  const twice = certificateOf({ ...tbs, extensions: [poison(), poison()] }, authority.key)
  expect(precertEntryOf(crypto, [twice, ...chain])).toMatchObject({ ok: false, error: 'duplicateExtension' })
})
