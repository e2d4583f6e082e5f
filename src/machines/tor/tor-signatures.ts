// Signatures of directory authorities on a consensus or a CT extension document [dir-spec 3.4.1, CONS-002.4 to CONS-002.7].
// Invariant: a document is signed only where more than half of the configured authorities signed it, each counted once.
import { isHex } from '../ct/bytes.ts'
import type { Crypto } from '../ct/types.ts'
import { isCurrent, type KeyCertificate } from './key-certificate.ts'
import { type NetdocItem, objectOf } from './netdoc.ts'

export const maxTorSignatures = 256

export interface TorSignature {
  /** `sha1`, `sha256`, or an algorithm that is unknown and counts for nothing. */
  readonly algorithm: string
  /** 40 hex digits each, in lower case. */
  readonly identity: string
  readonly signingKeyDigest: string
  readonly signature: Uint8Array
}

export interface SignatureCount {
  /** Configured authorities with a good signature. */
  readonly good: number
  readonly configured: number
  /** More than half of them. */
  readonly signed: boolean
}

/** Null unless all of these are `directory-signature [algorithm] identity signing-key-digest` with its object. */
export function readTorSignatures(items: readonly NetdocItem[]): readonly TorSignature[] | null {
  if (items.length > maxTorSignatures) return null
  const signatures: TorSignature[] = []
  for (const item of items) {
    const named = (item.args.length > 2 ? item.args : ['sha1', ...item.args]).map((arg) => arg.toLowerCase())
    const [algorithm, identity, signingKeyDigest] = named as [string, ...(string | undefined)[]]
    const signature = objectOf(item, 'SIGNATURE')
    if (item.keyword !== 'directory-signature' || signature === null) return null
    if (!isFingerprint(identity) || !isFingerprint(signingKeyDigest)) return null
    signatures.push({ algorithm, identity, signingKeyDigest, signature })
  }
  return signatures
}

/** SHA-1, 40 hex digits in lower case. */
export function isFingerprint(text: string | undefined): text is string {
  return text !== undefined && isHex(text, 20)
}

export interface SignatureContext {
  /** Fingerprints of the configured authorities' identity keys, 40 hex digits in lower case. */
  readonly authorities: readonly string[]
  readonly certificates: readonly KeyCertificate[]
  /** Times at all of which a certificate must be valid, in milliseconds. */
  readonly times: readonly number[]
}

/** `algorithm` and `digest`: what this document is signed with; signatures by another algorithm count for nothing. */
export function countSignatures(
  crypto: Crypto,
  algorithm: 'sha1' | 'sha256',
  digest: Uint8Array,
  signatures: readonly TorSignature[],
  { authorities, certificates, times }: SignatureContext,
): SignatureCount {
  const configured = new Set(authorities)
  const good = [...configured].filter((authority) =>
    signatures.some((one) => {
      if (one.algorithm !== algorithm || one.identity !== authority) return false
      const certificate = certificateOf(one, certificates, times)
      return certificate !== null && crypto.verify(certificate.signingKey, 'rsa-pkcs1-bare', digest, one.signature)
    }),
  )
  return { good: good.length, configured: configured.size, signed: good.length * 2 > configured.size }
}

/** Whether a signature by a configured authority names a signing key without a certificate that is valid at these times. */
export function lacksCertificates(
  signatures: readonly TorSignature[],
  { authorities, certificates, times }: SignatureContext,
): boolean {
  return signatures.some(
    (one) => authorities.includes(one.identity) && certificateOf(one, certificates, times) === null,
  )
}

function certificateOf(
  { identity, signingKeyDigest }: TorSignature,
  certificates: readonly KeyCertificate[],
  times: readonly number[],
): KeyCertificate | null {
  const found = certificates.find(
    (one) =>
      one.identity === identity && one.signingKeyDigest === signingKeyDigest && times.every((at) => isCurrent(one, at)),
  )
  return found ?? null
}
