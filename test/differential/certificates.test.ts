// The DER walker against two others, on certificates changed byte by byte: what both read, both must read alike. Ours is
// meant to be stricter; how often is counted, and never the other way round where a signature is concerned.
import 'reflect-metadata'
import { createPublicKey, X509Certificate } from 'node:crypto'
import { AsnConvert } from '@peculiar/asn1-schema'
import { Certificate as AsnCertificate } from '@peculiar/asn1-x509'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { toHex } from '../../src/machines/ct/bytes.ts'
import { type Certificate, findExtension, parseCertificate } from '../../src/machines/ct/certificate.ts'
import { signedBy } from '../../src/machines/ct/chain.ts'
import { bytesOf, contentOf, encodeNode, nodeAt, tags } from '../../src/machines/ct/der.ts'
import { noRealData, realJson } from '../data.ts'
import { certificateOf, extension, hex, newKey, padding, poison } from '../properties/arbitraries/ct-certificates.ts'

const crypto = nodeCrypto()
const issuerKey = newKey('p256')
const issuer = certificateOf({ issuer: 'root', subject: 'root', key: issuerKey }, issuerKey)

const kinds = ['p256', 'p384', 'rsa', 'ed25519'] as const
const made = kinds.map((kind) => {
  const extensions = [padding(3), extension('551d11', hex('3003 8201 61')), poison()]
  const key = newKey(kind)
  return certificateOf({ issuer: 'root', subject: kind, key, extensions }, issuerKey)
})

function attempt<T>(make: () => T): T | null {
  try {
    return make()
  } catch {
    return null
  }
}

function ours(der: Uint8Array): Certificate | null {
  const parsed = parseCertificate(der)
  return parsed.ok ? parsed.value : null
}

/** Key, verdict on the signature: what node tells. It knows no key that OpenSSL cannot use. */
function agreesWithNode(der: Uint8Array, read: Certificate, node: X509Certificate): void {
  const key = attempt(() => node.publicKey)
  if (key !== null) {
    const spki = Buffer.from(bytesOf(der, read.spki))
    expect(attempt(() => createPublicKey({ key: spki, format: 'der', type: 'spki' }))?.equals(key)).toBe(true)
  }
  const root = ours(issuer)
  const ourVerdict = root !== null && signedBy(crypto)(read, root)
  const itsVerdict = attempt(() => node.verify(new X509Certificate(issuer).publicKey)) ?? false
  if (ourVerdict) expect(itsVerdict).toBe(true)
}

function agreesWithAsn1(der: Uint8Array, read: Certificate, asn: AsnCertificate): void {
  expect(toHex(der.subarray(read.signature.content + 1, read.signature.end))).toBe(
    toHex(new Uint8Array(asn.signatureValue)),
  )
  const known = asn.tbsCertificate.extensions ?? []
  const names = known.map(({ extnID }) => extnID)
  for (const { extnID, extnValue } of known) {
    if (names.indexOf(extnID) !== names.lastIndexOf(extnID)) continue
    const found = findExtension(read, oidContent(extnID))
    if (!found.ok) continue
    expect(found.value === null ? null : toHex(contentOf(der, found.value.value))).toBe(
      toHex(new Uint8Array(extnValue.buffer)),
    )
  }
}

/** Base 128, the first two arcs together. */
function oidContent(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...arcs] = dotted.split('.').map(Number)
  return Uint8Array.from(
    [first * 40 + second, ...arcs].flatMap((arc) => {
      const digits = [arc % 128]
      for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) digits.unshift(128 + (rest % 128))
      return digits
    }),
  )
}

interface Counts {
  both: number
  onlyOurs: number
  onlyNode: number
  neither: number
}

function compare(der: Uint8Array, counts: Counts): void {
  const read = ours(der)
  const node = attempt(() => new X509Certificate(der))
  counts[read === null ? (node === null ? 'neither' : 'onlyNode') : node === null ? 'onlyOurs' : 'both'] += 1
  if (read === null) return
  if (node !== null) agreesWithNode(der, read, node)
  const asn = attempt(() => AsnConvert.parse(der, AsnCertificate))
  if (asn !== null) agreesWithAsn1(der, read, asn)
}

test('certificates as they were made are read alike by all three [WIRE-003]', () => {
  const real = noRealData
    ? []
    : (realJson('sct-cases.json') as { chain: string[] }[]).flatMap(({ chain }) =>
        chain.map((one) => new Uint8Array(Buffer.from(one, 'base64'))),
      )
  const counts = { both: 0, onlyOurs: 0, onlyNode: 0, neither: 0 }
  for (const der of [...made, issuer, ...real]) {
    const read = ours(der) as Certificate
    compare(der, counts)
    const [node, asn] = [new X509Certificate(der), AsnConvert.parse(der, AsnCertificate)]
    expect(toHex(bytesOf(der, read.spki))).toBe(
      toHex(new Uint8Array(AsnConvert.serialize(asn.tbsCertificate.subjectPublicKeyInfo))),
    )
    expect(toHex(node.raw)).toBe(toHex(der))
  }
  expect(counts).toEqual({ both: made.length + 1 + real.length, onlyOurs: 0, onlyNode: 0, neither: 0 })
})

test.each(kinds.map((kind, at) => [kind, made[at] as Uint8Array] as const))(
  'a certificate for a %s key with any one byte changed means the same to us as to others [WIRE-003]',
  (_kind, der) => {
    const counts = { both: 0, onlyOurs: 0, onlyNode: 0, neither: 0 }
    const flips = [0x01, 0x80, 0xff]
    for (let at = 0; at < der.length; at++) {
      for (const flip of flips) {
        const changed = der.slice()
        changed[at] = (changed[at] as number) ^ flip
        compare(changed, counts)
      }
    }
    expect(counts.both).toBeGreaterThan(der.length)
    expect(counts.neither).toBeGreaterThan(0)
    // What node alone reads: spellings that strict DER does not have. They stay few.
    expect(counts.onlyNode).toBeGreaterThan(0)
    expect(counts.onlyNode).toBeLessThan((der.length * flips.length) / 10)
  },
)

test('parts of certificates put together anew mean the same to us as to others [WIRE-003]', () => {
  const counts = { both: 0, onlyOurs: 0, onlyNode: 0, neither: 0 }
  const whole = fc.constantFrom(...made)
  const cut = fc.nat(1200)
  fc.assert(
    fc.property(whole, whole, cut, cut, cut, (a, b, at, from, count) => {
      const start = from % b.length
      const mixed = Buffer.concat([a.subarray(0, at), b.subarray(start, start + (count % 64)), a.subarray(at)])
      const content = nodeAt(a, 0, a.length)?.content ?? 0
      const body = new Uint8Array(mixed.subarray(Math.min(content, mixed.length)))
      compare(encodeNode(tags.sequence, body), counts)
    }),
    { numRuns: 500 },
  )
})
