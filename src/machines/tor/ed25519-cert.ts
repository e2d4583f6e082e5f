// Tor's Ed25519 certificates of type 4: an identity certifies a medium-term signing key [cert-spec 2.1, WIRE-008].
// Invariant: a certificate counts only for the identity that signed it, and only until its hour of expiry.
import { atEnd, type Cursor, concat, cursor, equal, take, takeUint, uint } from '../ct/bytes.ts'
import { ed25519Spki } from '../ct/public-key.ts'
import type { Crypto, Result } from '../ct/types.ts'

/** What is said of a signing key. */
export interface SigningKeyCert {
  /** 32 bytes. */
  readonly signingKey: Uint8Array
  /** Milliseconds, a whole hour: the last instant at which the certificate is valid. */
  readonly expiresAt: number
}

export const certErrors = {
  badCertificate: 'not a version 1 certificate of type 4 for an Ed25519 key, or not signed by the identity',
  expiredCertificate: 'the certificate has expired',
} as const

export type CertError = keyof typeof certErrors

const hour = 3_600_000
/** Version 1, type 4. */
const header = new Uint8Array([1, 4])
const ed25519KeyType = new Uint8Array([1])
const signedWithKey = 0x04
const affectsValidation = 0x01

/** `identity`: 32 bytes; `now` in milliseconds. Extensions that are unknown but "affect validation" make it bad. */
export function verifySigningKeyCert(
  crypto: Crypto,
  bytes: Uint8Array,
  identity: Uint8Array,
  now: number,
): Result<SigningKeyCert, CertError> {
  const cert = decode(bytes, identity)
  if (cert === null) return refuse('badCertificate')
  const signed = bytes.subarray(0, -64)
  if (!crypto.verify(ed25519Spki(identity), 'ed25519', signed, bytes.subarray(-64))) return refuse('badCertificate')
  return now <= cert.expiresAt ? { ok: true, value: cert } : refuse('expiredCertificate')
}

/** With the identity's key in extension 04, as tor writes it. `expiresAt` is rounded up to an hour; `sign` is the identity's. */
export function encodeSigningKeyCert(
  { signingKey, expiresAt }: SigningKeyCert,
  identity: Uint8Array,
  sign: (message: Uint8Array) => Uint8Array,
): Uint8Array {
  const extension = concat(uint(32, 2), uint(signedWithKey, 1), uint(0, 1), identity)
  const expiry = uint(Math.ceil(expiresAt / hour), 4)
  const signed = concat(header, expiry, ed25519KeyType, signingKey, uint(1, 1), extension)
  return concat(signed, sign(signed))
}

function decode(bytes: Uint8Array, identity: Uint8Array): SigningKeyCert | null {
  const from = cursor(bytes)
  const start = take(from, 2)
  const hours = takeUint(from, 4)
  const keyType = take(from, 1)
  const signingKey = take(from, 32)
  if (start === null || hours === null || keyType === null || signingKey === null) return null
  if (!equal(start, header) || !equal(keyType, ed25519KeyType) || !takeExtensions(from, identity)) return null
  return take(from, 64) !== null && atEnd(from) ? { signingKey, expiresAt: hours * hour } : null
}

/** Whether the extensions allow this identity: 04 at most once, and with its key. */
function takeExtensions(from: Cursor, identity: Uint8Array): boolean {
  const count = takeUint(from, 1)
  if (count === null) return false
  let named = false
  for (let i = 0; i < count; i++) {
    const length = takeUint(from, 2)
    const type = takeUint(from, 1)
    const flags = takeUint(from, 1)
    const data = length === null ? null : take(from, length)
    if (type === null || flags === null || data === null) return false
    if (type !== signedWithKey) {
      if ((flags & affectsValidation) !== 0) return false
    } else if (named || !equal(data, identity)) return false
    else named = true
  }
  return true
}

function refuse(error: CertError): Result<never, CertError> {
  return { ok: false, error, detail: certErrors[error] }
}
