// Real certificates and logs: what other implementations and the logs themselves made must come out bit for bit.
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { equal, toHex } from '../../src/machines/ct/bytes.ts'
import { findExtension, oids, parseCertificate } from '../../src/machines/ct/certificate.ts'
import { signedBy } from '../../src/machines/ct/chain.ts'
import { entryOf, precertEntryOf } from '../../src/machines/ct/entry.ts'
import { encodeLeaf, leafHash } from '../../src/machines/ct/leaf.ts'
import { decodePem, encodePem } from '../../src/machines/ct/pem.ts'
import { decodeSct } from '../../src/machines/ct/sct.ts'
import { decodeSfoBody, encodeSfoBody } from '../../src/machines/ct/sfo.ts'
import { decodeDataTile } from '../../src/machines/ct/tile.ts'
import type { Log, Result, Sct, Sfo } from '../../src/machines/ct/types.ts'
import { sctSigned, validateSfo } from '../../src/machines/ct/validate.ts'
import { noRealData, realBytes, realJson, realText } from '../data.ts'
import { rewrapped } from './arbitraries/ct.ts'

const crypto = nodeCrypto()
const real = test.skipIf(noRealData)
const decoded = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'))
const now = Date.UTC(2026, 0, 1)

function given<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.error}: ${result.detail}`)
  return result.value
}

function logOf(key: Uint8Array): Log {
  const logId = createHash('sha256').update(key).digest('hex')
  return { logId, key: Buffer.from(key).toString('base64'), mmd: 86_400_000, url: 'http://127.0.0.1' }
}

interface SctCase {
  readonly entry: 'precert_entry' | 'x509_entry'
  readonly chain: readonly string[]
  readonly sct: string
  readonly log: { readonly key: string }
  readonly expect: 'valid' | 'invalid'
}

real('14 real SCTs have the verdict that their sources give [WIRE-003]', () => {
  const cases: SctCase[] = realJson('sct-cases.json')
  const verdicts = cases.map(({ entry, chain, sct, log }) => {
    const sfo: Sfo = { chain: chain.map(decoded), sct: given(decodeSct(decoded(sct))) }
    const [again] = given(decodeSfoBody(encodeSfoBody([sfo]), 1))
    expect(again).toEqual({ ok: true, value: sfo })
    expect(`${given(entryOf(crypto, sfo)).type}_entry`).toBe(entry)
    return validateSfo(crypto, logOf(decoded(log.key)), sfo, now).ok ? 'valid' : 'invalid'
  })
  expect(verdicts).toEqual(cases.map((one) => one.expect))
  expect(verdicts).toHaveLength(14)
})

real('no real SCT holds for another log or with a byte of its timestamp or extensions changed [WIRE-003.5]', () => {
  const cases: SctCase[] = realJson('sct-cases.json')
  for (const { chain, sct, log } of cases) {
    const bytes = decoded(sct)
    const sfo: Sfo = { chain: chain.map(decoded), sct: given(decodeSct(bytes)) }
    const other = cases.find((one) => one.log.key !== log.key)
    expect(validateSfo(crypto, logOf(decoded(other?.log.key ?? '')), sfo, now)).toMatchObject({ error: 'unknownLog' })
    const later = given(decodeSct(bytes.map((byte, at) => (at === 40 ? byte ^ 1 : byte))))
    // It is no longer the embedded SCT, so it would have to be about the certificate.
    expect(validateSfo(crypto, logOf(decoded(log.key)), { ...sfo, sct: later }, now)).toMatchObject({
      error: 'badSctSignature',
    })
  }
})

real('512 entries of a static-ct log: TBS, leaf and leaf hash are those of the log [WIRE-003.3, WIRE-003.5]', () => {
  let count = 0
  for (const tile of ['000', '001']) {
    const hashes = realBytes(`navigli2025h2/tile/0/${tile}`)
    const leaves = given(decodeDataTile(realBytes(`navigli2025h2/tile/data/${tile}`)))
    for (const [index, { entry, timestamp, extensions, precertificate }] of leaves.entries()) {
      const hash = leafHash(crypto, encodeLeaf(entry, timestamp, extensions))
      expect(toHex(hash)).toBe(toHex(hashes.subarray(index * 32, index * 32 + 32)))
      if (entry.type !== 'precert' || precertificate === null) throw new Error('an X.509 entry among precertificates')
      // The tile names the issuer by its key alone, so a certificate with any key stands in for it.
      const own = given(precertEntryOf(crypto, [precertificate, precertificate]))
      expect(own.type === 'precert' && equal(own.tbs, entry.tbs)).toBe(true)
      expect(toHex(extensions.subarray(0, 3))).toBe('000005')
      expect(Number(BigInt(`0x${toHex(extensions.subarray(3))}`))).toBe(Number(tile) * 256 + index)
    }
    count += leaves.length
  }
  expect(count).toBe(512)
})

real('an X.509 entry of Google Icarus is encoded as the log encoded it, and its chain holds [WIRE-003.5]', () => {
  const [{ entry }] = realJson('tree-cases.json')
  const leafInput = decoded(entry.leaf_input)
  const timestamp = Number(Buffer.from(leafInput).readBigUInt64BE(2))
  const certificate = leafInput.subarray(15, -2)
  const extra = decoded(entry.extra_data)
  const chain = [certificate]
  for (let at = 3; at < extra.length; at += 3 + Buffer.from(extra).readUIntBE(at, 3)) {
    chain.push(extra.subarray(at + 3, at + 3 + Buffer.from(extra).readUIntBE(at, 3)))
  }
  expect(toHex(encodeLeaf({ type: 'x509', certificate }, timestamp, new Uint8Array(0)))).toBe(toHex(leafInput))
  expect(linksOf(chain)).toEqual([true, true])
})

/** Whether each certificate is signed by the next. */
function linksOf(chain: readonly Uint8Array[]): boolean[] {
  const verify = signedBy(crypto)
  const certificates = chain.map((der) => given(parseCertificate(der)))
  return certificates.flatMap((certificate, index) => {
    const issuer = certificates[index + 1]
    return issuer === undefined ? [] : [verify(certificate, issuer)]
  })
}

/** The certificates of one of the classic files, which put a text form before each. */
function classic(name: string): Uint8Array[] {
  const blocks = realText(`classic/${name}.pem`).match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g)
  return (blocks ?? []).map((pem) => given(decodePem(pem)))
}

function classicLog(): Log {
  const [, key] = realText('classic/ct-server-key-public.pem').match(/KEY-----([\s\S]*?)-----END/) ?? []
  return logOf(decoded(key ?? ''))
}

const classicSct = (name: string): Sct => given(decodeSct(realBytes(`classic/${name}.proof`)))
const chainOf = (...names: readonly string[]) => names.map((name) => classic(name)[0] ?? new Uint8Array(0))

real.each([
  ['x509', ['test-cert', 'ca-cert'], 'test-cert'],
  ['x509', ['test-intermediate-cert', 'intermediate-cert', 'ca-cert'], 'test-intermediate-cert'],
  ['precert', ['test-embedded-cert', 'ca-cert'], 'test-embedded-pre-cert'],
  ['precert', ['test-embedded-with-preca-cert', 'ca-cert'], 'test-embedded-with-preca-pre-cert'],
  [
    'precert',
    ['test-embedded-with-intermediate-cert', 'intermediate-cert', 'ca-cert'],
    'test-embedded-with-intermediate-pre-cert',
  ],
  [
    'precert',
    ['test-embedded-with-intermediate-preca-cert', 'intermediate-cert', 'ca-cert'],
    'test-embedded-with-intermediate-preca-pre-cert',
  ],
])('classic %s entry of %s [WIRE-003.3, WIRE-003.5]', (type, names, proof) => {
  const sfo: Sfo = { chain: chainOf(...names), sct: classicSct(proof) }
  expect(given(entryOf(crypto, sfo)).type).toBe(type)
  expect(validateSfo(crypto, classicLog(), sfo, now)).toMatchObject({ ok: true, value: { future: false } })
  const [leaf, issuer] = sfo.chain as [Uint8Array, Uint8Array]
  const stranger = chainOf('google-cert')
  expect(validateSfo(crypto, classicLog(), { ...sfo, chain: [leaf, ...stranger] }, now)).toMatchObject({
    error: 'badChainSignature',
  })
  expect(validateSfo(crypto, classicLog(), { ...sfo, chain: [leaf, issuer, issuer] }, now).ok).toBe(
    names.length === 2 && issuer.length > 0,
  )
})

real.each([
  ['test-embedded', ['ca-cert']],
  ['test-embedded-with-intermediate', ['intermediate-cert', 'ca-cert']],
  ['test-embedded-with-preca', ['ca-pre-cert', 'ca-cert']],
  ['test-embedded-with-intermediate-preca', ['intermediate-pre-cert', 'intermediate-cert', 'ca-cert']],
])(
  'the precertificate of %s, issued by %s, has the entry of its certificate [WIRE-003.2, WIRE-003.3]',
  (name, issuers) => {
    const sct = classicSct(`${name}-pre-cert`)
    const submitted = given(precertEntryOf(crypto, chainOf(`${name}-pre-cert`, ...issuers)))
    const direct = issuers.filter((issuer) => !issuer.endsWith('pre-cert'))
    expect(entryOf(crypto, { chain: chainOf(`${name}-cert`, ...direct), sct })).toEqual({ ok: true, value: submitted })
    const leaf = encodeLeaf(submitted, sct.timestamp, sct.extensions)
    expect(sctSigned(crypto, classicLog(), sct, leaf)).toBe(true)
  },
)

real('badSctSignature: the SCT that the classic invalid certificate embeds is another one’s [WIRE-003]', () => {
  const chain = chainOf('test-invalid-embedded-cert', 'ca-cert')
  const leaf = given(parseCertificate(chain[0] ?? new Uint8Array(0)))
  const list = given(findExtension(leaf, oids.sctList))
  // Within the extension's OCTET STRING: that of the list, its length, and that of its only SCT.
  const sct = given(decodeSct(leaf.der.subarray((list?.value.content ?? 0) + 6, list?.value.end)))
  expect(given(entryOf(crypto, { chain, sct })).type).toBe('precert')
  expect(linksOf(chain)).toEqual([true])
  expect(validateSfo(crypto, classicLog(), { chain, sct }, now)).toMatchObject({ ok: false, error: 'badSctSignature' })
})

real(
  'each certificate of the chain with colliding issuers is signed by the next, whichever root ends it [WIRE-001.2]',
  () => {
    const chain = classic('test-issuer-collision-chain')
    const roots = classic('test-colliding-roots')
    expect(roots).toHaveLength(2)
    for (const root of roots) expect(linksOf([...chain, root])).toEqual([true, true, true])
    const [leaf, issuer, cross] = chain as [Uint8Array, Uint8Array, Uint8Array]
    expect(linksOf([leaf, cross, issuer])).toEqual([false, false])
  },
)

real('the classic corrupted certificate is refused [WIRE-001.6]', () => {
  const pem = realText('classic/test-corrupted.pem')
  expect(parseCertificate(given(decodePem(pem)))).toMatchObject({ ok: false, error: 'badDer' })
})

real('real certificates are the same in PEM of any width [WIRE-001.4]', () => {
  for (const { chain } of realJson('sct-cases.json') as SctCase[]) {
    for (const der of chain.map(decoded)) {
      for (const width of [1, 63, 64, 76, 10_000]) {
        expect(decodePem(rewrapped(encodePem(der), width, '\r\n', true))).toEqual({ ok: true, value: der })
      }
    }
  }
})
