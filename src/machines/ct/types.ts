// The nouns of the CT kernel. Times are milliseconds since the epoch, sizes and indices are safe integers (<= 2^53-1),
// bytes are Uint8Array; IDs are lower-case hex, so that they serve as keys and print as they are.
// Invariant: a value of one of these types has passed its strict decoder.

/** SHA-256 of the log's SubjectPublicKeyInfo, 64 hex digits [RFC 6962 3.2]. */
export type LogId = string
/** `<LogId>:<leaf hash>`, 129 characters: what a log promised. Proofs are keyed by it [WIRE-010]. */
export type LeafId = string
/** SHA-256 over the canonical binary encoding of chain and SCT, 64 hex digits: a piece of evidence [WIRE-011]. */
export type SfoId = string

/**
 * Signature algorithms that occur in CT and in Tor's directory; ECDSA signatures are DER, low or high s [RFC 6962 2.1.4, 3.2].
 * `rsa-pkcs1-bare`: the message is itself the digest, and stands in the padding without a DigestInfo [dir-spec 1.3].
 */
export type SignatureScheme =
  | 'ecdsa-p256-sha256'
  | 'ecdsa-p384-sha384'
  | 'ecdsa-p256-sha384'
  | 'ecdsa-p384-sha256'
  | 'rsa-pkcs1-sha256'
  | 'rsa-pkcs1-sha384'
  | 'rsa-pkcs1-sha512'
  | 'rsa-pkcs1-sha1'
  | 'rsa-pkcs1-bare'
  | 'ed25519'

/** The operations the kernel borrows. Pure: same arguments, same answer. Never throws: what does not verify is false. */
export interface Crypto {
  /** SHA-256 over the concatenation. */
  sha256(...parts: readonly Uint8Array[]): Uint8Array
  /** SHA-256 over 01 and the two hashes, all as 64 lower-case hex digits: a node of a Merkle tree [RFC 6962 2.1]. */
  nodeHash(left: string, right: string): string
  /** `spki`: DER SubjectPublicKeyInfo. False also for a key that does not parse or does not fit the scheme. */
  verify(spki: Uint8Array, scheme: SignatureScheme, message: Uint8Array, signature: Uint8Array): boolean
}

/** RFC 6962 3.2, version 1. */
export interface Sct {
  readonly logId: LogId
  readonly timestamp: number
  readonly extensions: Uint8Array
  /** TLS SignatureAndHashAlgorithm as on the wire: hash 4 = SHA-256; signature 1 = RSA, 3 = ECDSA. */
  readonly hashAlgorithm: number
  readonly signatureAlgorithm: number
  readonly signature: Uint8Array
  /** The SerializedSCT as received. */
  readonly bytes: Uint8Array
}

/** Signed tree head [RFC 6962 3.5]. `root` is 64 hex digits, `signature` the TLS DigitallySigned, hex. */
export interface Sth {
  readonly logId: LogId
  readonly timestamp: number
  readonly size: number
  readonly root: string
  readonly signature: string
}

/** What is known of a log from the consensus. `mmd` in milliseconds. */
export interface Log {
  readonly logId: LogId
  /** DER SubjectPublicKeyInfo, base64. */
  readonly key: string
  readonly mmd: number
  /** Base URL of the RFC 6962 API, of a static-ct log its submission prefix; without trailing slash. */
  readonly url: string
  /** Monitoring prefix, without trailing slash. Present: a static-ct log, read through checkpoint and tiles [WIRE-013]. */
  readonly monitoringUrl?: string
}

/** SFO as decoded: certificates as DER, leaf first, and exactly one SCT [gossip-05 8.1.1, WIRE-001]. */
export interface Sfo {
  readonly chain: readonly Uint8Array[]
  readonly sct: Sct
}

/** Inclusion proof as a log answers it; path elements are 64 hex digits [RFC 6962 4.5]. */
export interface InclusionProof {
  readonly leafIndex: number
  readonly path: readonly string[]
}

/** `leafHash`: of the leaf that is at the index, where the log's tiles told it (static-ct), so that a substitution shows. */
export interface InclusionAnswer extends InclusionProof {
  readonly leafHash?: string
}

/** A proof that was verified against `sth`; without a chain, so only a holder of the SFO learns from it [RELAY-008]. */
export interface ProofPair {
  readonly leafId: LeafId
  readonly sth: Sth
  readonly proof: InclusionProof
}

/** How a challenge ended; a closed set [RELAY-004, AUD-116]. */
export const outcomes = ['proven', 'notDue', 'unreachable', 'refused', 'badProof', 'contradiction'] as const
export type Outcome = (typeof outcomes)[number]

/** Success, or an error from a closed set with a sentence for people. Protocol outcomes are never thrown. */
export type Result<T, E extends string = string> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E; readonly detail: string }

/** How a request to a log, a peer or an auditor ended. `unreachable`: timeout, connection, 5xx; `refused`: 4xx. */
export type Answer<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'unreachable'; readonly detail: string }
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'malformed'; readonly detail: string }
