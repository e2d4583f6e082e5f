// The SubjectPublicKeyInfos that CT and its certificates use: P-256, P-384, RSA, Ed25519 [RFC 5480, 3279 2.3.1, 8410].
// Invariant: one spelling a key. Both `Crypto` implementations take a key from here, so they agree on what a key is.
import { concat, equal, fromHex, toHex } from './bytes.ts'
import { nodeAt, tags } from './der.ts'
import { decodeIntegerPair } from './integer-pair.ts'
import type { SignatureScheme } from './types.ts'

export type PublicKey =
  /** Uncompressed point, 04 | x | y; whether it is on the curve is the verifier's check. */
  | { readonly kind: 'p256' | 'p384'; readonly point: Uint8Array }
  | { readonly kind: 'rsa'; readonly modulus: Uint8Array; readonly exponent: Uint8Array }
  | { readonly kind: 'ed25519'; readonly key: Uint8Array }

/** Modulus in bits. Below 1024 nothing is worth verifying; above 8192 a stranger's certificate costs too much. */
export const rsaBits = { min: 1024, max: 8192 } as const

/** Null for any other algorithm, curve or parameters, compressed points, RSA out of bounds, and Ed25519 keys of small order. */
export function decodePublicKey(spki: Uint8Array): PublicKey | null {
  for (const [kind, header, length] of pointHeaders) {
    if (startsWith(spki, header) && spki.length === length) return { kind, point: spki.subarray(header.length - 1) }
  }
  if (startsWith(spki, ed25519Header) && spki.length === 44) return ed25519Key(spki.subarray(12))
  return rsaKey(spki)
}

/** The SubjectPublicKeyInfo of an Ed25519 key of 32 bytes, which `decodePublicKey` may still refuse. */
export function ed25519Spki(key: Uint8Array): Uint8Array {
  return concat(ed25519Header, key)
}

/** Whether signatures of this scheme come from this kind of key. */
export function fits(kind: PublicKey['kind'], scheme: SignatureScheme): boolean {
  return scheme.startsWith({ p256: 'ecdsa-p256', p384: 'ecdsa-p384', rsa: 'rsa-pkcs1', ed25519: 'ed25519' }[kind])
}

// Header up to and including the 04 of the uncompressed point, and the length of the whole.
const pointHeaders = [
  ['p256', fromHex('3059301306072a8648ce3d020106082a8648ce3d03010703420004'), 91],
  ['p384', fromHex('3076301006072a8648ce3d020106052b8104002203620004'), 120],
] as const
const ed25519Header = fromHex('302a300506032b6570032100')

/**
 * The y of the eight points of small order, under which signatures verify that nobody made. Encodings
 * that are not canonical (y >= 2^255-19) are no keys either [RFC 8032 5.1.3].
 */
const smallOrder: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
])

function ed25519Key(key: Uint8Array): PublicKey | null {
  const y = key.slice()
  y[31] = (y[31] as number) & 0x7f
  const reduced = y[31] < 0x7f || (y[0] as number) < 0xed || y.subarray(1, 31).some((byte) => byte < 0xff)
  return reduced && !smallOrder.has(toHex(y)) ? { kind: 'ed25519', key } : null
}

/** From AlgorithmIdentifier { rsaEncryption, NULL } to the BIT STRING's tag. */
const rsaAlgorithm = fromHex('300d06092a864886f70d0101010500')

function rsaKey(spki: Uint8Array): PublicKey | null {
  const outer = nodeAt(spki, 0, spki.length)
  if (outer === null || outer.tag !== tags.sequence || outer.end !== spki.length) return null
  const bits = nodeAt(spki, outer.content + rsaAlgorithm.length, outer.end)
  if (!startsWith(spki.subarray(outer.content), rsaAlgorithm) || bits === null) return null
  if (bits.tag !== tags.bitString || bits.end !== outer.end || spki[bits.content] !== 0) return null
  const pair = decodeIntegerPair(spki.subarray(bits.content + 1, bits.end))
  if (pair === null) return null
  const [modulus, exponent] = pair
  return isRsa(modulus, exponent) ? { kind: 'rsa', modulus, exponent } : null
}

/** The exponent is odd, from 3 to 2^32-1: verification costs at most 64 multiplications. */
function isRsa(modulus: Uint8Array, exponent: Uint8Array): boolean {
  const bits = modulus.length * 8 - Math.clz32((modulus[0] as number) << 24)
  if (bits < rsaBits.min || bits > rsaBits.max || !isOdd(modulus)) return false
  return exponent.length <= 4 && isOdd(exponent) && !(exponent.length === 1 && exponent[0] === 1)
}

function isOdd(number: Uint8Array): boolean {
  return ((number.at(-1) as number) & 1) === 1
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return equal(bytes.subarray(0, prefix.length), prefix)
}
