// How a relay proves to an auditor that it is a CTR [AUD-002, WIRE-008]: it signs the auditor's nonce with the signing key that
// its identity certified. Invariant: a proof is worth nothing to another auditor, for another nonce, or without the flag.
import {
  atEnd,
  concat,
  cursor,
  fromBase64,
  fromHex,
  take,
  takeVector,
  toBase64,
  toHex,
  utf8,
  vector,
} from '../ct/bytes.ts'
import { ed25519Spki } from '../ct/public-key.ts'
import type { Crypto } from '../ct/types.ts'
import { certErrors, verifySigningKeyCert } from './ed25519-cert.ts'
import type { Consensus, CtrId } from './types.ts'

export interface CtrProof {
  /** The auditor's, 64 hex digits. */
  readonly nonce: string
  readonly ctrId: CtrId
  /** cert-spec type 4, at most 65,535 bytes. */
  readonly certificate: Uint8Array
  /** Ed25519 over `ctrProofMessage`, 64 bytes. */
  readonly signature: Uint8Array
}

/** What the proof is checked against. `consensuses`: those that the auditor still has, in any order. */
export interface CtrProofContext {
  /** This auditor's key, 64 hex digits. */
  readonly auditorKey: string
  readonly nonce: string
  readonly consensuses: readonly Consensus[]
  /** Milliseconds. */
  readonly now: number
}

/** Which check failed, in their order. Only the last one is about a CTR that is none; the others are about the proof. */
export const ctrChecks = {
  malformed: 'not canonical base64 of nonce, identity, certificate and signature',
  otherNonce: "not this circuit's nonce",
  ...certErrors,
  badSignature: 'the certified key did not sign auditor, nonce and a consensus that is live or up to 3 h older',
  notListed: 'that consensus does not list the relay with the CTR flag',
} as const

export type CtrCheck = keyof typeof ctrChecks

export type CtrVerdict =
  | { readonly verdict: 'ctr'; readonly ctrId: CtrId; readonly check: null }
  | { readonly verdict: 'notCtr'; readonly ctrId: CtrId; readonly check: 'notListed' }
  | { readonly verdict: 'badProof'; readonly ctrId: null; readonly check: Exclude<CtrCheck, 'notListed'> }

/** Longest proof in base64 characters; a certificate as tor makes it gives 372. */
export const maxProofLength = 2048
/** Consensuses whose digest is tried, newest first: each costs a signature verification. */
export const maxConsensuses = 8
/** How long after its valid-until a consensus still serves, in milliseconds: the relay may have it yet. */
const grace = 3 * 3_600_000

const domain = utf8('ctor CTR authentication v1\0')

/** What is signed: domain, auditor's key, nonce, consensus digest; the last three are 64 hex digits each. */
export function ctrProofMessage(auditorKey: string, nonce: string, consensusDigest: string): Uint8Array {
  return concat(domain, fromHex(auditorKey), fromHex(nonce), fromHex(consensusDigest))
}

/** Base64 of nonce, identity, u16 length and certificate, signature. */
export function encodeCtrProof({ nonce, ctrId, certificate, signature }: CtrProof): string {
  return toBase64(concat(fromHex(nonce), fromHex(ctrId), vector(certificate, 2), signature))
}

/** Null where it is no such base64, or too long. */
export function decodeCtrProof(text: string): CtrProof | null {
  const bytes = text.length > maxProofLength ? null : fromBase64(text)
  if (bytes === null) return null
  const from = cursor(bytes)
  const nonce = take(from, 32)
  const ctrId = take(from, 32)
  const certificate = takeVector(from, 2)
  const signature = take(from, 64)
  if (nonce === null || ctrId === null || certificate === null || signature === null || !atEnd(from)) return null
  return { nonce: toHex(nonce), ctrId: toHex(ctrId), certificate, signature }
}

/** At most 1 + `maxConsensuses` signature verifications. That a nonce is used once and in time is the circuit's business. */
export function verifyCtrProof(crypto: Crypto, text: string, context: CtrProofContext): CtrVerdict {
  const proof = decodeCtrProof(text)
  if (proof === null) return bad('malformed')
  const { nonce, ctrId, certificate, signature } = proof
  if (nonce !== context.nonce) return bad('otherNonce')
  const certified = verifySigningKeyCert(crypto, certificate, fromHex(ctrId), context.now)
  if (!certified.ok) return bad(certified.error)
  const key = ed25519Spki(certified.value.signingKey)
  const signed = usable(context).find(({ digest }) =>
    crypto.verify(key, 'ed25519', ctrProofMessage(context.auditorKey, nonce, digest), signature),
  )
  if (signed === undefined) return bad('badSignature')
  return signed.ctrs.some((ctr) => ctr.ctrId === ctrId)
    ? { verdict: 'ctr', ctrId, check: null }
    : { verdict: 'notCtr', ctrId, check: 'notListed' }
}

function usable({ consensuses, now }: CtrProofContext): readonly Consensus[] {
  return consensuses
    .filter(({ validAfter, validUntil }) => validAfter <= now && now < validUntil + grace)
    .sort((a, b) => b.validAfter - a.validAfter)
    .slice(0, maxConsensuses)
}

function bad(check: Exclude<CtrCheck, 'notListed'>): CtrVerdict {
  return { verdict: 'badProof', ctrId: null, check }
}
