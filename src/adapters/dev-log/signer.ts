// Test equipment, not for operators: a log's key and its TLS DigitallySigned [RFC 6962 2.1.4, 3.2; RFC 5246 4.7].
// Invariant: the log ID is SHA-256 of the key's DER SubjectPublicKeyInfo.
import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { concat, toHex, vector } from '../../machines/ct/bytes.ts'
import type { LogId } from '../../machines/ct/types.ts'
import { sha256 } from './tree.ts'

export const keyTypes = ['p-256', 'rsa-2048'] as const
export type KeyType = (typeof keyTypes)[number]

export interface Signer {
  readonly logId: LogId
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
  /** TLS codes: hash 4 = SHA-256; signature 1 = RSA, 3 = ECDSA. */
  readonly hashAlgorithm: number
  readonly signatureAlgorithm: number
  /** The bare signature; of ECDSA in DER. */
  sign(message: Uint8Array): Uint8Array
  /** hash | signature algorithm | u16 length | signature. */
  digitallySigned(message: Uint8Array): Uint8Array
}

export function newPrivateKey(keyType: KeyType): KeyObject {
  const pair =
    keyType === 'p-256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 })
  return pair.privateKey
}

/** `key`: P-256 or RSA. */
export function createSigner(key: KeyObject): Signer {
  const spki = new Uint8Array(createPublicKey(key).export({ type: 'spki', format: 'der' }))
  const hashAlgorithm = 4
  const signatureAlgorithm = key.asymmetricKeyType === 'rsa' ? 1 : 3
  const signed = (message: Uint8Array) => new Uint8Array(sign('sha256', message, key))
  return {
    logId: toHex(sha256(spki)),
    spki,
    hashAlgorithm,
    signatureAlgorithm,
    sign: signed,
    digitallySigned: (message) => concat(Uint8Array.of(hashAlgorithm, signatureAlgorithm), vector(signed(message), 2)),
  }
}
