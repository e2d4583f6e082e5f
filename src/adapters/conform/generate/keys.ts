// Keys and signatures of the vectors [RFC 6962 2.1.4; RFC 6979; RFC 8017; RFC 8032].
// Invariant: every key is made from its name and every signature is deterministic. They are no secrets and guard nothing.
import { checkPrimeSync, createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { ed25519 } from '@noble/curves/ed25519.js'
import { p256, p384 } from '@noble/curves/nist.js'
import { fromHex, toBase64, toHex } from '../../../machines/ct/bytes.ts'
import type { Log } from '../../../machines/ct/types.ts'
import { joined } from './operators.ts'
import { digestOf } from './random.ts'

export interface Key {
  readonly spki: Uint8Array
  readonly sign: (message: Uint8Array) => Uint8Array
}

const p256Header = fromHex('3059301306072a8648ce3d020106082a8648ce3d030107034200')
const p384Header = fromHex('3076301006072a8648ce3d020106052b81040022036200')
const ed25519Header = fromHex('302a300506032b6570032100')

/** ECDSA with SHA-256, in DER. */
export function p256Key(name: string): Key {
  const secret = digestOf(name)
  return {
    spki: joined(p256Header, p256.getPublicKey(secret, false)),
    sign: (message) => p256.sign(message, secret, { format: 'der', lowS: false }),
  }
}

/** ECDSA with SHA-384, in DER. */
export function p384Key(name: string): Key {
  const secret = joined(digestOf(name), digestOf(`${name} more`)).slice(0, 47)
  const padded = joined([0], secret)
  return {
    spki: joined(p384Header, p384.getPublicKey(padded, false)),
    sign: (message) => p384.sign(message, padded, { format: 'der', lowS: false }),
  }
}

export interface Ed25519Key extends Key {
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  readonly id: string
}

export function ed25519Key(name: string): Ed25519Key {
  const secret = digestOf(name)
  const publicKey = ed25519.getPublicKey(secret)
  const key = { publicKey, id: toHex(publicKey), spki: joined(ed25519Header, publicKey) }
  return { ...key, sign: (message) => ed25519.sign(message, secret) }
}

/** The other valid signature of the same message: n - s in place of s. */
export function otherS(signature: Uint8Array): Uint8Array {
  const { r, s } = p256.Signature.fromBytes(signature, 'der')
  return new p256.Signature(r, p256.Point.Fn.ORDER - s).toBytes('der')
}

/** 2048 bits, SHA-256, PKCS #1 version 1.5. */
export function rsaKey(name: string): Key {
  const key = rsaSecret(name)
  const spki = new Uint8Array(createPublicKey(key).export({ type: 'spki', format: 'der' }))
  return { spki, sign: (message) => new Uint8Array(sign('sha256', message, key)) }
}

/** `bits`: 1024 or 2048; the smaller ones are made, and written, in a fraction. */
export function rsaSecret(name: string, bits: 1024 | 2048 = 2048): KeyObject {
  const [e, p, q] = [65537n, primeOf(`${name} p`, bits / 512), primeOf(`${name} q`, bits / 512)]
  const d = inverse(e, (p - 1n) * (q - 1n))
  const parts = { n: p * q, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) }
  const jwk = Object.fromEntries(Object.entries(parts).map(([member, number]) => [member, base64url(number)]))
  return createPrivateKey({ key: { kty: 'RSA', ...jwk }, format: 'jwk' })
}

/** The first prime p from a number of `parts` times 256 bits on with p-1 prime to 65537. */
function primeOf(name: string, parts: number): bigint {
  const hex = Array.from({ length: parts }, (_, part) => part)
    .map((part) => createHash('sha256').update(`${name} ${part}`).digest('hex'))
    .join('')
  let candidate = BigInt(`0x${hex}`) | (3n << BigInt(parts * 256 - 2)) | 1n
  while (!checkPrimeSync(candidate) || (candidate - 1n) % 65537n === 0n) candidate += 2n
  return candidate
}

function inverse(of: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [of % modulus, modulus, 1n, 0n]
  while (a > 1n) {
    const quotient = a / b
    ;[a, b] = [b, a % b]
    ;[x, y] = [y, x - quotient * y]
  }
  return ((x % modulus) + modulus) % modulus
}

function base64url(number: bigint): string {
  const hex = number.toString(16)
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url')
}

export function logIdOf(key: Key): string {
  return createHash('sha256').update(key.spki).digest('hex')
}

export function logOf(key: Key, mmd = 86_400_000): Log {
  return { logId: logIdOf(key), key: toBase64(key.spki), mmd, url: 'http://127.0.0.1' }
}
