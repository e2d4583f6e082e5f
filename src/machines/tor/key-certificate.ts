// Directory key certificates: an authority's identity certifies its signing key of some months [dir-spec 3.1, CONS-003].
// Invariant: a `KeyCertificate` was signed by the identity whose fingerprint it bears, and the signing key agreed to it.
import { sha1 } from '@noble/hashes/legacy.js'
import { fromHex, latin1, toHex } from '../ct/bytes.ts'
import { encodeNode, tags } from '../ct/der.ts'
import type { Crypto, Result } from '../ct/types.ts'
import { objectOf, readNetdoc, readTime, soleItems } from './netdoc.ts'

/** Times in milliseconds. */
export interface KeyCertificate {
  /** SHA-1 of the identity key, 40 hex digits in lower case: what is configured as an authority. */
  readonly identity: string
  /** SHA-1 of the signing key, 40 hex digits: what a signature names. */
  readonly signingKeyDigest: string
  /** DER SubjectPublicKeyInfo. */
  readonly signingKey: Uint8Array
  readonly publishedAt: number
  readonly expiresAt: number
}

export const certificateErrors = {
  badKeyCertificate: 'not a version 3 key certificate, each of its items once and none after dir-key-certification',
  otherFingerprint: 'the fingerprint is not that of the identity key',
  badCrosscert: 'the signing key did not sign the identity',
  badCertification: 'the identity did not sign the certificate',
} as const

export type CertificateError = keyof typeof certificateErrors

export const certificateLimits = { documentBytes: 1024 * 1024, certificates: 256, items: 64 } as const

const required = [
  'dir-key-certificate-version',
  'fingerprint',
  'dir-key-published',
  'dir-key-expires',
  'dir-identity-key',
  'dir-signing-key',
  'dir-key-crosscert',
  'dir-key-certification',
] as const

/**
 * One verdict a certificate, in the order of the document; null where it is too large, has more than the limit of
 * certificates, or does not begin with one. A bad certificate says nothing against its neighbours.
 */
export function readKeyCertificates(
  crypto: Crypto,
  document: Uint8Array,
): readonly Result<KeyCertificate, CertificateError>[] | null {
  if (document.length > certificateLimits.documentBytes) return null
  const starts = [...latin1(document).matchAll(/(?<![^\n])dir-key-certificate-version /g)].map(({ index }) => index)
  if (starts[0] !== 0 || starts.length > certificateLimits.certificates) return null
  return starts.map((start, i) => readKeyCertificate(crypto, document.subarray(start, starts[i + 1])))
}

/** From `dir-key-certificate-version` through the signature of `dir-key-certification`. */
export function readKeyCertificate(crypto: Crypto, bytes: Uint8Array): Result<KeyCertificate, CertificateError> {
  const parts = partsOf(bytes)
  if (parts === null) return refuse('badKeyCertificate')
  const { identityKey, signingKey, crosscert, signature, publishedAt, expiresAt } = parts
  const identity = sha1(identityKey)
  if (parts.fingerprint !== toHex(identity)) return refuse('otherFingerprint')
  const spki = rsaSpki(signingKey)
  if (!crypto.verify(spki, 'rsa-pkcs1-bare', identity, crosscert)) return refuse('badCrosscert')
  const digest = sha1(bytes.subarray(0, parts.signedBytes))
  if (!crypto.verify(rsaSpki(identityKey), 'rsa-pkcs1-bare', digest, signature)) return refuse('badCertification')
  const signingKeyDigest = toHex(sha1(signingKey))
  return { ok: true, value: { identity: toHex(identity), signingKeyDigest, signingKey: spki, publishedAt, expiresAt } }
}

/** Whether the certificate is valid at this time: from its publication until it expires. */
export function isCurrent({ publishedAt, expiresAt }: KeyCertificate, at: number): boolean {
  return publishedAt <= at && at < expiresAt
}

function partsOf(bytes: Uint8Array) {
  const text = latin1(bytes)
  const items = readNetdoc(text, certificateLimits.items)
  if (items === null) return null
  const sole = soleItems(items, required)
  if (sole === null) return null
  const last = sole['dir-key-certification']
  const version = sole['dir-key-certificate-version']
  if (items[0] !== version || version.args[0] !== '3' || items.at(-1) !== last) return null
  const publishedAt = readTime(sole['dir-key-published'])
  const expiresAt = readTime(sole['dir-key-expires'])
  const identityKey = objectOf(sole['dir-identity-key'], 'RSA PUBLIC KEY')
  const signingKey = objectOf(sole['dir-signing-key'], 'RSA PUBLIC KEY')
  const crosscert = objectOf(sole['dir-key-crosscert'], 'ID SIGNATURE', 'SIGNATURE')
  const signature = objectOf(last, 'SIGNATURE')
  if (publishedAt === null || expiresAt === null || identityKey === null) return null
  if (signingKey === null || crosscert === null || signature === null) return null
  const fingerprint = sole.fingerprint.args[0]?.toLowerCase()
  const signedBytes = text.indexOf('\n', last.start) + 1
  return { publishedAt, expiresAt, identityKey, signingKey, crosscert, signature, fingerprint, signedBytes }
}

const rsaAlgorithm = fromHex('300d06092a864886f70d0101010500')

/** The SubjectPublicKeyInfo of an RSAPublicKey [RFC 8017 A.1.1]. */
function rsaSpki(key: Uint8Array): Uint8Array {
  return encodeNode(tags.sequence, rsaAlgorithm, encodeNode(tags.bitString, Uint8Array.of(0), key))
}

function refuse(error: CertificateError): Result<never, CertificateError> {
  return { ok: false, error, detail: certificateErrors[error] }
}
