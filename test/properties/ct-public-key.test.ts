// Public keys: of each kind one spelling, byte for byte, and what differs from it anywhere is no key.
import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { concat, toHex } from '../../src/machines/ct/bytes.ts'
import { decodePublicKey, ed25519Spki, fits } from '../../src/machines/ct/public-key.ts'
import { referenceCrypto } from '../../src/machines/ct/reference-crypto.ts'
import type { SignatureScheme } from '../../src/machines/ct/types.ts'
import { hex, newKey, sequence, tlv } from './arbitraries/ct-certificates.ts'

const kinds = ['p256', 'p384', 'rsa', 'ed25519'] as const

test('a key is decoded to its point, its numbers or its bytes [WIRE-002]', () => {
  const [p256, p384] = [newKey('p256').spki, newKey('p384').spki]
  expect(decodePublicKey(p256)).toEqual({ kind: 'p256', point: p256.subarray(-65) })
  expect(decodePublicKey(p384)).toEqual({ kind: 'p384', point: p384.subarray(-97) })
  const ed25519 = newKey('ed25519').spki
  const key = ed25519.subarray(12)
  expect(decodePublicKey(ed25519)).toEqual({ kind: 'ed25519', key })
  expect(ed25519Spki(key)).toEqual(ed25519)
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024, publicExponent: 65_537 })
  const modulus = new Uint8Array(Buffer.from(publicKey.export({ format: 'jwk' }).n ?? '', 'base64url'))
  const spki = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }))
  expect(decodePublicKey(spki)).toEqual({ kind: 'rsa', modulus, exponent: hex('010001') })
})

test('a header with any one bit flipped, or one byte more or less in the whole, makes no key [WIRE-002]', () => {
  const headers = { p256: 27, p384: 24, rsa: 32, ed25519: 12 }
  for (const kind of kinds) {
    const { spki } = newKey(kind)
    expect(decodePublicKey(spki)?.kind).toBe(kind)
    for (let bit = 0; bit < headers[kind] * 8; bit++) {
      const flipped = spki.slice()
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(decodePublicKey(flipped), `${kind} ${bit}`).toBeNull()
    }
    for (const other of [spki.subarray(0, -1), concat(spki, hex('00')), spki.subarray(1), concat(hex('00'), spki)])
      expect(decodePublicKey(other), kind).toBeNull()
  }
  expect(decodePublicKey(new Uint8Array(0))).toBeNull()
})

const rsaOf = (numbers: Uint8Array, algorithm = hex('300d06092a864886f70d0101010500')) =>
  sequence(algorithm, tlv(0x03, hex('00'), numbers))
const odd = (bits: number, lowest = '01') =>
  tlv(
    0x02,
    hex(`${bits % 8 === 0 ? '00' : ''}${(2 ** ((bits - 1) % 8)).toString(16).padStart(2, '0')}`),
    new Uint8Array(Math.ceil(bits / 8) - 2),
    hex(lowest),
  )
const exponent = (text: string) => tlv(0x02, hex(text))
const e3 = exponent('03')

test('an RSA key has 1024 to 8192 bits, is odd, and its exponent is odd, from 3 to 2^32-1 [WIRE-002]', () => {
  const isKey = (...numbers: Uint8Array[]) => decodePublicKey(rsaOf(sequence(...numbers)))?.kind === 'rsa'
  for (const bits of [1024, 1025, 1031, 1032, 8185, 8191, 8192]) expect(isKey(odd(bits), e3), `${bits}`).toBe(true)
  for (const bits of [1017, 1023, 8193, 8200]) expect(isKey(odd(bits), e3), `${bits}`).toBe(false)
  expect(isKey(odd(1024, '02'), e3)).toBe(false)
  for (const text of ['03', '05', '7f', '0081', '0101', '010001', '00ffffffff'])
    expect(isKey(odd(1024), exponent(text)), text).toBe(true)
  for (const text of ['01', '02', '04', '00fe', '0100', '00fffffffe', '0100000001', '83', '0003', '00'])
    expect(isKey(odd(1024), exponent(text)), text).toBe(false)
  expect(isKey(odd(1024))).toBe(false)
  expect(isKey(odd(1024), e3, e3)).toBe(false)
})

test('an RSA key is these nodes and no others [WIRE-002]', () => {
  const numbers = sequence(odd(1024), e3)
  const algorithm = hex('300d06092a864886f70d0101010500')
  const bits = tlv(0x03, hex('00'), numbers)
  expect(decodePublicKey(sequence(algorithm, bits))?.kind).toBe('rsa')
  for (const spki of [
    sequence(algorithm),
    sequence(algorithm, hex('03')),
    sequence(algorithm, tlv(0x03)),
    tlv(0x31, algorithm, bits),
    sequence(algorithm, tlv(0x04, hex('00'), numbers)),
    sequence(algorithm, tlv(0x03, hex('01'), numbers)),
    sequence(algorithm, bits, hex('0500')),
    sequence(hex('300d06092a864886f70d01010a0500'), bits),
    sequence(algorithm, tlv(0x03, hex('00'), numbers, hex('00'))),
  ])
    expect(decodePublicKey(spki), toHex(spki.subarray(0, 40))).toBeNull()
})

test('an Ed25519 key is canonical: its y is below 2^255-19, whatever the sign of x [WIRE-008.2]', () => {
  const p = 2n ** 255n - 19n
  const encoded = (y: bigint) => hex(y.toString(16).padStart(64, '0')).reverse()
  const isKey = (y: bigint) => decodePublicKey(ed25519Spki(encoded(y))) !== null
  // One byte below the highest leaves y below p, whatever the others.
  const middle = fc.integer({ min: 1, max: 30 }).map((at) => 2n ** 255n - 1n - 2n ** BigInt(8 * at))
  const highest = fc.integer({ min: 1, max: 0x7f }).map((byte) => BigInt(byte) * 2n ** 248n - 1n)
  const anywhere = fc.bigInt({ min: 2n, max: p - 2n })
  const below = fc.oneof(anywhere, fc.bigInt({ min: p - 200n, max: p - 2n }), middle, highest)
  fc.assert(
    fc.property(below, fc.boolean(), (y, sign) => {
      expect(isKey(y + (sign ? 2n ** 255n : 0n))).toBe(true)
    }),
  )
  for (let y = p - 1n; y < 2n ** 255n; y++) for (const sign of [0n, 2n ** 255n]) expect(isKey(y + sign)).toBe(false)
})

test('signatures of a scheme come from one kind of key [WIRE-002]', () => {
  const schemes: Record<(typeof kinds)[number], readonly SignatureScheme[]> = {
    p256: ['ecdsa-p256-sha256', 'ecdsa-p256-sha384'],
    p384: ['ecdsa-p384-sha256', 'ecdsa-p384-sha384'],
    rsa: ['rsa-pkcs1-sha1', 'rsa-pkcs1-sha256', 'rsa-pkcs1-sha384', 'rsa-pkcs1-sha512', 'rsa-pkcs1-bare'],
    ed25519: ['ed25519'],
  }
  const all = Object.values(schemes).flat()
  for (const kind of kinds) expect(all.filter((scheme) => fits(kind, scheme))).toEqual(schemes[kind])
})

test('numbers larger than the curve’s are no signature [WIRE-002]', () => {
  const number = (bytes: number) => tlv(0x02, hex('01'), new Uint8Array(bytes - 1))
  for (const [kind, scheme, bytes] of [
    ['p256', 'ecdsa-p256-sha256', 32],
    ['p384', 'ecdsa-p384-sha384', 48],
  ] as const) {
    const { spki } = newKey(kind)
    const refused = (...numbers: Uint8Array[]) =>
      expect(referenceCrypto.verify(spki, scheme, new Uint8Array(0), sequence(...numbers))).toBe(false)
    for (const large of [number(bytes), number(bytes + 1), number(90)]) {
      refused(large, number(1))
      refused(number(1), large)
    }
  }
})
