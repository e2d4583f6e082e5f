// `Crypto` in JavaScript alone, readable to the end: noble's curves and hashes, and our own RSA [RFC 8017, 8032; FIPS 186-5].
// Invariant: equal to the native path (src/adapters/node/crypto.ts) for every input; differences are defects of either.
import { ed25519 } from '@noble/curves/ed25519.js'
import { p256, p384 } from '@noble/curves/nist.js'
import { bytesToNumberLE } from '@noble/curves/utils.js'
import { sha1 } from '@noble/hashes/legacy.js'
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js'
import { concat, equal, fromHex, toHex } from './bytes.ts'
import { decodeIntegerPair } from './integer-pair.ts'
import { decodePublicKey, fits } from './public-key.ts'
import { type RsaHash, verifyRsa } from './rsa.ts'
import type { Crypto, SignatureScheme } from './types.ts'

export const referenceCrypto: Crypto = {
  sha256: (...parts) => {
    const hash = sha256.create()
    for (const part of parts) hash.update(part)
    return hash.digest()
  },
  nodeHash: (left, right) => toHex(sha256(fromHex(`01${left}${right}`))),
  verify: (spki, scheme, message, signature) => {
    const key = decodePublicKey(spki)
    if (key === null || !fits(key.kind, scheme)) return false
    if (key.kind === 'ed25519') return verifyEd25519(key.key, message, signature)
    const hash = hashOf(scheme)
    const digest = hashes[hash](message)
    if (key.kind === 'rsa') return verifyRsa(key.modulus, key.exponent, hash, digest, signature)
    return verifyEcdsa(key.kind, key.point, digest, signature)
  },
}

const hashes = { sha1, sha256, sha384, sha512, bare: (digest: Uint8Array) => digest } as const

function hashOf(scheme: SignatureScheme): RsaHash {
  return scheme.slice(scheme.lastIndexOf('-') + 1) as RsaHash
}

const curves = { p256: { curve: p256, bytes: 32 }, p384: { curve: p384, bytes: 48 } } as const

/** Low and high s alike: CT's logs sign with both. A digest longer than the curve's order is cut to its leftmost bits. */
function verifyEcdsa(kind: 'p256' | 'p384', point: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean {
  const pair = decodeIntegerPair(signature)
  const { curve, bytes } = curves[kind]
  if (pair === null || pair.some((part) => part.length > bytes)) return false
  const compact = concat(...pair.map((part) => leftPad(part, bytes)))
  return curve.verify(compact, digest, point, { prehash: false, lowS: false })
}

function leftPad(number: Uint8Array, byteCount: number): Uint8Array {
  return concat(new Uint8Array(byteCount - number.length), number)
}

/**
 * Without cofactor: R is compared as bytes, as OpenSSL does [RFC 8032 5.1.7 allows it]. noble's own `verify` clears the
 * cofactor and so takes signatures with a torsion component that OpenSSL refuses.
 */
function verifyEd25519(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64) return false
  const { Point } = ed25519
  const r = signature.subarray(0, 32)
  const s = bytesToNumberLE(signature.subarray(32))
  const k = bytesToNumberLE(sha512(concat(r, key, message))) % Point.Fn.ORDER
  try {
    const found = Point.BASE.multiplyUnsafe(s).subtract(Point.fromBytes(key).multiplyUnsafe(k))
    return equal(found.toBytes(), r)
  } catch {
    // noble throws where s is not below the order of the base, and where the key is no point of the curve.
    return false
  }
}
