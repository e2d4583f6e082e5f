// How a certificate is signed: a closed set of algorithms, and for ECDSA the curve of the issuer's key.
import { expect, test } from 'vitest'
import { concat } from '../../src/machines/ct/bytes.ts'
import { type Certificate, parseCertificate } from '../../src/machines/ct/certificate.ts'
import { schemeOf, signedBy } from '../../src/machines/ct/chain.ts'
import { hex, newKey, sequence, tlv } from './arbitraries/ct-certificates.ts'

const keys = {
  p256: newKey('p256').spki,
  p384: newKey('p384').spki,
  p521: newKey('p521').spki,
  rsa: newKey('rsa').spki,
  ed25519: newKey('ed25519').spki,
  'no key': sequence(),
  'half a key': hex('30020601'),
}

function certificate(algorithm: Uint8Array, spki: Uint8Array): Certificate {
  const tbs = sequence(concat(hex('020105'), algorithm, hex('300030003000'), spki))
  const parsed = parseCertificate(sequence(tbs, algorithm, tlv(0x03, hex('00 aabb'))))
  if (!parsed.ok) throw new Error(parsed.detail)
  return parsed.value
}

const rsa = (last: string, ...parameters: Uint8Array[]) => sequence(hex(`06092a864886f70d0101${last}`), ...parameters)
const ecdsa = (last: string, ...parameters: Uint8Array[]) => sequence(hex(`06082a8648ce3d0403${last}`), ...parameters)
const none = hex('0500')

/** What schemes there are, by the issuer's key. */
const schemes = (algorithm: Uint8Array) =>
  Object.entries(keys).flatMap(([kind, spki]) => {
    const scheme = schemeOf(certificate(algorithm, keys.p256), certificate(algorithm, spki))
    return scheme === null ? [] : [`${kind}: ${scheme}`]
  })

test.each([
  ['rsa-pkcs1-sha1', '05'],
  ['rsa-pkcs1-sha256', '0b'],
  ['rsa-pkcs1-sha384', '0c'],
  ['rsa-pkcs1-sha512', '0d'],
])('%s is named by its algorithm, with NULL for parameters and without [WIRE-001.2]', (scheme, last) => {
  const wanted = Object.keys(keys).map((kind) => `${kind}: ${scheme}`)
  expect(schemes(rsa(last, none))).toEqual(wanted)
  expect(schemes(rsa(last))).toEqual(wanted)
})

test('Ed25519 is named by its algorithm [WIRE-001.2]', () => {
  const wanted = Object.keys(keys).map((kind) => `${kind}: ed25519`)
  expect(schemes(sequence(hex('06032b6570')))).toEqual(wanted)
})

test('ECDSA is with SHA-256 or SHA-384, on the curve of the key, and on no other than P-256 and P-384 [WIRE-001.2]', () => {
  expect(schemes(ecdsa('02'))).toEqual(['p256: ecdsa-p256-sha256', 'p384: ecdsa-p384-sha256'])
  expect(schemes(ecdsa('03'))).toEqual(['p256: ecdsa-p256-sha384', 'p384: ecdsa-p384-sha384'])
})

test.each([
  ['MD5', rsa('04', none)],
  ['PSS', rsa('0a', sequence())],
  ['other parameters than NULL', rsa('0b', hex('0400'))],
  ['SHA-224', ecdsa('01')],
  ['SHA-512', ecdsa('04')],
  ['parameters for ECDSA', ecdsa('02', none)],
  ['parameters for Ed25519', sequence(hex('06032b6570'), none)],
  ['Ed448', sequence(hex('06032b6571'))],
  ['a name of every object', sequence(tlv(0x06, new Uint8Array(Buffer.from('constructor'))))],
])('nothing is signed with %s [WIRE-001.2]', (_, algorithm) => {
  expect(schemes(algorithm)).toEqual([])
})

test('what is verified is the TBSCertificate with the issuer’s key, and nothing where there is no scheme [WIRE-001.2]', () => {
  const calls: unknown[] = []
  const signed = signedBy({
    sha256: () => new Uint8Array(32),
    nodeHash: () => '',
    verify: (...given) => calls.push(given) > 0,
  })
  const issued = certificate(ecdsa('03'), keys.p256)
  expect(signed(issued, certificate(ecdsa('02'), keys.p384))).toBe(true)
  expect(signed(issued, certificate(ecdsa('02'), keys.rsa))).toBe(false)
  const tbs = issued.der.subarray(issued.tbs.start, issued.tbs.end)
  expect(calls).toEqual([[keys.p384, 'ecdsa-p384-sha384', tbs, hex('aabb')]])
})
