// Tor's Ed25519 certificates [cert-spec 2.1, WIRE-008]: of type 4, by which an identity certifies a medium-term signing key, and ours,
// by which that signing key delegates to a daemon's own. Invariant: a certificate counts only for the key that signed it, and only
// until its hour of expiry.
import { type Cursor, concat, equal, take, takeUint, uint } from '../ct/bytes.ts'
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
  badDelegation:
    'not a version 1 certificate of type C7 for an Ed25519 key, or not signed by the certified signing key',
  expiredDelegation: 'the delegation has expired',
} as const

export type CertError = keyof typeof certErrors

const hour = 3_600_000
type CertType = 'signing' | 'delegation'

interface TypeRules {
  /** Version 1, and the type: cert-spec's own end far below ours. */
  readonly header: Uint8Array
  readonly bad: CertError
  readonly expired: CertError
}

const rules: Readonly<Record<CertType, TypeRules>> = {
  signing: { header: new Uint8Array([1, 4]), bad: 'badCertificate', expired: 'expiredCertificate' },
  delegation: { header: new Uint8Array([1, 0xc7]), bad: 'badDelegation', expired: 'expiredDelegation' },
}

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
  return verify(crypto, 'signing', bytes, identity, now)
}

/** Of the daemon's key, `signer`: the certified signing key. As `verifySigningKeyCert` otherwise. */
export function verifyDelegation(
  crypto: Crypto,
  bytes: Uint8Array,
  signer: Uint8Array,
  now: number,
): Result<SigningKeyCert, CertError> {
  return verify(crypto, 'delegation', bytes, signer, now)
}

function verify(
  crypto: Crypto,
  type: CertType,
  bytes: Uint8Array,
  signer: Uint8Array,
  now: number,
): Result<SigningKeyCert, CertError> {
  const { header, bad, expired } = rules[type]
  const cert = decode(bytes, header)
  if (cert === null || (cert.signedWith !== null && !equal(cert.signedWith, signer))) return refuse(bad)
  const signed = bytes.subarray(0, -64)
  if (!crypto.verify(ed25519Spki(signer), 'ed25519', signed, bytes.subarray(-64))) return refuse(bad)
  const { signingKey, expiresAt } = cert
  return now <= expiresAt ? { ok: true, value: { signingKey, expiresAt } } : refuse(expired)
}

/** The identity that a signing-key certificate names in extension 04, or null; nothing is verified. */
export function identityNamed(bytes: Uint8Array): Uint8Array | null {
  return decode(bytes, rules.signing.header)?.signedWith ?? null
}

/** With the identity's key in extension 04, as tor writes it. `expiresAt` is rounded up to an hour; `sign` is the identity's. */
export function encodeSigningKeyCert(
  cert: SigningKeyCert,
  identity: Uint8Array,
  sign: (message: Uint8Array) => Uint8Array,
): Uint8Array {
  return encode('signing', cert, identity, sign)
}

/** `signingKey`: the daemon's; `signer`: the relay's signing key, which signs. `expiresAt` is rounded up to an hour. */
export function encodeDelegation(
  cert: SigningKeyCert,
  signer: Uint8Array,
  sign: (message: Uint8Array) => Uint8Array,
): Uint8Array {
  return encode('delegation', cert, signer, sign)
}

function encode(
  type: CertType,
  { signingKey, expiresAt }: SigningKeyCert,
  signer: Uint8Array,
  sign: (message: Uint8Array) => Uint8Array,
): Uint8Array {
  const extension = concat(uint(32, 2), uint(signedWithKey, 1), uint(0, 1), signer)
  const expiry = uint(Math.ceil(expiresAt / hour), 4)
  const signed = concat(rules[type].header, expiry, ed25519KeyType, signingKey, uint(1, 1), extension)
  return concat(signed, sign(signed))
}

interface Decoded extends SigningKeyCert, Extensions {}

interface Extensions {
  /** The signer's key in extension 04, where there is one: of any length. */
  readonly signedWith: Uint8Array | null
}

/** Version and type (2 bytes), hour of expiry (4), type of key (1), key (32), extensions, signature (64). */
function decode(bytes: Uint8Array, header: Uint8Array): Decoded | null {
  if (!equal(bytes.subarray(0, 2), header) || !equal(bytes.subarray(6, 7), ed25519KeyType)) return null
  const from = { bytes, at: 39 }
  const extensions = takeExtensions(from)
  if (extensions === null || bytes.length - from.at !== 64) return null
  const hours = takeUint({ bytes, at: 2 }, 4) as number
  return { signingKey: bytes.subarray(7, 39), expiresAt: hours * hour, ...extensions }
}

/** Null where they are cut short, one that is unknown affects validation, or 04 occurs twice. */
function takeExtensions(from: Cursor): Extensions | null {
  // Where no count is left, no signature is left either.
  const count = takeUint(from, 1) ?? 0
  let signedWith: Uint8Array | null = null
  for (let i = 0; i < count; i++) {
    // Where no length is left, no type and flags are left either.
    const length = takeUint(from, 2) ?? 0
    const extension = take(from, 2 + length)
    if (extension === null) return null
    if (extension[0] !== signedWithKey) {
      if (((extension[1] as number) & affectsValidation) !== 0) return null
    } else if (signedWith !== null) return null
    else signedWith = extension.subarray(2)
  }
  return { signedWith }
}

function refuse(error: CertError): Result<never, CertError> {
  return { ok: false, error, detail: certErrors[error] }
}
