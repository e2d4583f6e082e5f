// TBS and SCT results against @peculiar/asn1-x509 and node's own verification: the signed bytes are made here by other means.
import 'reflect-metadata'
import { createHash, createPublicKey, verify } from 'node:crypto'
import { AsnConvert } from '@peculiar/asn1-schema'
import { Certificate, Extensions } from '@peculiar/asn1-x509'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { toHex } from '../../src/machines/ct/bytes.ts'
import { entryOf } from '../../src/machines/ct/entry.ts'
import { decodeSct } from '../../src/machines/ct/sct.ts'
import type { Log, Sct, Sfo } from '../../src/machines/ct/types.ts'
import { validateSfo } from '../../src/machines/ct/validate.ts'
import { noRealData, realJson } from '../data.ts'
import { newAuthority, newLog, newSfo } from '../properties/arbitraries/ct-certificates.ts'

const crypto = nodeCrypto()
const sctListOid = '1.3.6.1.4.1.11129.2.4.2'
const real = test.skipIf(noRealData)

/** The TBSCertificate without the SCT list, decoded and encoded by another library. */
function tbsWithoutScts(leaf: Uint8Array): Uint8Array {
  const { tbsCertificate } = AsnConvert.parse(leaf, Certificate)
  const kept = (tbsCertificate.extensions ?? []).filter(({ extnID }) => extnID !== sctListOid)
  tbsCertificate.extensions = new Extensions(kept)
  return new Uint8Array(AsnConvert.serialize(tbsCertificate))
}

function uint(value: number, count: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes.subarray(8 - count)
}

const counted = (bytes: Uint8Array, lengthBytes: number) => Buffer.concat([uint(bytes.length, lengthBytes), bytes])

/** RFC 6962 3.2, digitally-signed struct. */
function signedBytes({ chain: [leaf, issuer] }: Sfo, sct: Sct, precert: boolean): Buffer {
  if (leaf === undefined) throw new Error('no leaf')
  const head = Buffer.concat([Buffer.from([0, 0]), uint(sct.timestamp, 8), uint(precert ? 1 : 0, 2)])
  if (!precert) return Buffer.concat([head, counted(leaf, 3), counted(sct.extensions, 2)])
  const { subjectPublicKeyInfo } = AsnConvert.parse(issuer as Uint8Array, Certificate).tbsCertificate
  const keyHash = createHash('sha256')
    .update(Buffer.from(AsnConvert.serialize(subjectPublicKeyInfo)))
    .digest()
  return Buffer.concat([head, keyHash, counted(tbsWithoutScts(leaf), 3), counted(sct.extensions, 2)])
}

function logSigned(log: Pick<Log, 'key'>, sfo: Sfo, precert: boolean): boolean {
  const key = createPublicKey({ key: Buffer.from(log.key, 'base64'), format: 'der', type: 'spki' })
  return verify('sha256', signedBytes(sfo, sfo.sct, precert), key, sfo.sct.signature)
}

/** Ours on signatures alone: the log, its key and the chain are as they should be. */
function ourVerdict(log: Log, sfo: Sfo): boolean {
  const result = validateSfo(crypto, log, sfo, sfo.sct.timestamp)
  if (!result.ok) expect(['badSctSignature', 'badChainSignature']).toContain(result.error)
  return result.ok
}

real('the TBS of 14 real cases and the verdict on their SCTs are those of another library [WIRE-002, WIRE-003]', () => {
  const cases = realJson('sct-cases.json') as { entry: string; chain: string[]; sct: string; log: { key: string } }[]
  const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'))
  for (const { entry: kind, chain, sct, log } of cases) {
    const decoded = decodeSct(bytes(sct))
    if (!decoded.ok) throw new Error(decoded.detail)
    const sfo: Sfo = { chain: chain.map(bytes), sct: decoded.value }
    const precert = kind === 'precert_entry'
    const entry = entryOf(crypto, sfo)
    if (!entry.ok) throw new Error(entry.detail)
    if (entry.value.type === 'precert')
      expect(toHex(entry.value.tbs)).toBe(toHex(tbsWithoutScts(sfo.chain[0] as Uint8Array)))
    expect(entry.value.type === 'precert').toBe(precert)
    const key = Buffer.from(log.key, 'base64')
    const logId = createHash('sha256').update(key).digest('hex')
    if (logId !== sfo.sct.logId) continue
    expect(ourVerdict({ logId, key: log.key, mmd: 1, url: '' }, sfo)).toBe(logSigned(log, sfo, precert))
  }
})

test('generated SFOs, whole and with a byte of the SCT changed, have the verdict of node and another library [WIRE-002]', () => {
  const authorities = [newAuthority(0), newAuthority(1)]
  const logs = [newLog('p256'), newLog('rsa')]
  const verdicts = new Set<boolean>()
  fc.assert(
    fc.property(
      fc.constantFrom(...authorities),
      fc.constantFrom(...logs),
      fc.nat(2 ** 45),
      fc.boolean(),
      fc.uint8Array({ maxLength: 20 }),
      fc.nat(300),
      fc.nat(),
      fc.integer({ min: 0, max: 255 }),
      (authority, log, timestamp, embedded, extensions, pad, at, flip) => {
        const sfo = newSfo({ authority, log, timestamp, embedded, extensions, pad })
        const entry = entryOf(crypto, sfo)
        if (!entry.ok) throw new Error(entry.detail)
        if (entry.value.type === 'precert')
          expect(toHex(entry.value.tbs)).toBe(toHex(tbsWithoutScts(sfo.chain[0] as Uint8Array)))
        const signature = sfo.sct.signature.slice()
        signature[at % signature.length] = (signature[at % signature.length] as number) ^ flip
        const changed: Sfo = { ...sfo, sct: { ...sfo.sct, signature } }
        // The embedded list holds the true SCT, so the entry of a changed one is the certificate itself.
        const verdict = ourVerdict(log.log, changed)
        verdicts.add(verdict)
        expect(logSigned(log.log, changed, embedded)).toBe(verdict)
      },
    ),
    { examples: [[authorities[0], logs[0], 5, true, new Uint8Array(0), 0, 0, 0]] as never },
  )
  expect(verdicts).toEqual(new Set([true, false]))
})
