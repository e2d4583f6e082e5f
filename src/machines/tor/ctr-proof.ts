// How a relay proves to an auditor that it is a CTR [AUD-002, WIRE-008]: it signs the auditor's nonce with the signing key that
// its identity certified, or with a key to which that one delegated. Invariant: a proof is worth nothing to another auditor, for another nonce, or without the flag.
import { atEnd, concat, fromBase64, fromHex, take, takeVector, toBase64, toHex, utf8, vector } from '../ct/bytes.ts'
import { ed25519Spki } from '../ct/public-key.ts'
import type { Crypto, Result } from '../ct/types.ts'
import { type CertError, certErrors, identityNamed, verifyDelegation, verifySigningKeyCert } from './ed25519-cert.ts'
import type { Consensus, CtrId } from './types.ts'

export interface CtrProof {
  /** The auditor's, 64 hex digits. */
  readonly nonce: string
  readonly ctrId: CtrId
  /** cert-spec type 4, at most 65,535 bytes. */
  readonly certificate: Uint8Array
  /** Of type C7, at most 65,535 bytes and not empty; absent where the signing key itself signed. */
  readonly delegation?: Uint8Array
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

const { badCertificate, ...otherCertErrors } = certErrors

/** Which check failed, in their order. Only the last one is about a CTR that is none; the others are about the proof. */
export const ctrChecks = {
  malformed: 'not canonical base64 of nonce, identity, certificate, perhaps a delegation, and signature',
  otherNonce: "not this circuit's nonce",
  badCertificate,
  wrongRelay: 'a genuine certificate, of another relay than the proof names',
  ...otherCertErrors,
  staleConsensus: 'signed over a consensus whose end is 3 h ago or longer',
  otherAuditor: 'signed for another auditor of the newest consensus',
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
/** Consensuses whose digest is tried, newest first: each costs a signature verification. As many stale ones, and other auditors. */
export const maxConsensuses = 8
/** How long after its valid-until a consensus still serves, in milliseconds: the relay may have it yet. */
const grace = 3 * 3_600_000

const signatureBytes = 64
const domain = utf8('ctor CTR authentication v1\0')

/** What is signed: domain, auditor's key, nonce, consensus digest; the last three are 64 hex digits each. */
export function ctrProofMessage(auditorKey: string, nonce: string, consensusDigest: string): Uint8Array {
  return concat(domain, fromHex(auditorKey), fromHex(nonce), fromHex(consensusDigest))
}

/** Base64 of nonce, identity, u16 length and certificate, perhaps the same of a delegation, signature. */
export function encodeCtrProof({ nonce, ctrId, certificate, delegation, signature }: CtrProof): string {
  const delegated = delegation === undefined ? new Uint8Array() : vector(delegation, 2)
  return toBase64(concat(fromHex(nonce), fromHex(ctrId), vector(certificate, 2), delegated, signature))
}

/** Null where it is no such base64, or too long. */
export function decodeCtrProof(text: string): CtrProof | null {
  const bytes = text.length > maxProofLength ? null : fromBase64(text)
  if (bytes === null) return null
  // Nonce and identity are 32 bytes each.
  const from = { bytes, at: 64 }
  const certificate = takeVector(from, 2)
  const delegation = bytes.length - from.at === signatureBytes ? undefined : takeVector(from, 2)
  const signature = take(from, signatureBytes)
  // A delegation that is cut short leaves more or less than a signature.
  if (certificate === null || delegation?.length === 0 || signature === null || !atEnd(from)) return null
  const [nonce, ctrId] = [toHex(bytes.subarray(0, 32)), toHex(bytes.subarray(32, 64))]
  return { nonce, ctrId, certificate, ...(delegation && { delegation }), signature }
}

/** At most 2 + 3 * `maxConsensuses` signature verifications. That a nonce is used once and in time is the circuit's business. */
export function verifyCtrProof(crypto: Crypto, text: string, context: CtrProofContext): CtrVerdict {
  const proof = decodeCtrProof(text)
  if (proof === null) return bad('malformed')
  const { nonce, ctrId } = proof
  if (nonce !== context.nonce) return bad('otherNonce')
  const signer = signerOf(crypto, proof, context.now)
  if (!signer.ok) return bad(signer.error)
  const key = ed25519Spki(signer.value)
  const signs: Signs = (auditorKey, { digest }) =>
    crypto.verify(key, 'ed25519', ctrProofMessage(auditorKey, nonce, digest), proof.signature)
  const { usable, stale } = sorted(context)
  const signed = usable.find((consensus) => signs(context.auditorKey, consensus))
  if (signed === undefined) return bad(whyUnsigned(signs, context.auditorKey, usable, stale))
  return signed.ctrs.some((ctr) => ctr.ctrId === ctrId)
    ? { verdict: 'ctr', ctrId, check: null }
    : { verdict: 'notCtr', ctrId, check: 'notListed' }
}

type Signs = (auditorKey: string, consensus: Consensus) => boolean

/** The key that has to have signed: the certified one, or that to which it delegated. */
function signerOf(
  crypto: Crypto,
  { ctrId, certificate, delegation }: CtrProof,
  now: number,
): Result<Uint8Array, CertError | 'wrongRelay'> {
  const certified = verifySigningKeyCert(crypto, certificate, fromHex(ctrId), now)
  if (!certified.ok) return isOfAnother(crypto, certificate, ctrId, now) ? refuse('wrongRelay') : certified
  const { signingKey } = certified.value
  if (delegation === undefined) return { ok: true, value: signingKey }
  const delegated = verifyDelegation(crypto, delegation, signingKey, now)
  return delegated.ok ? { ok: true, value: delegated.value.signingKey } : delegated
}

/**
 * Whether the certificate is what another identity, which it names, signed: that takes the place of the first verification.
 * What it names may be no key, of whatever length: then nobody signed.
 */
function isOfAnother(crypto: Crypto, certificate: Uint8Array, ctrId: CtrId, now: number): boolean {
  const named = identityNamed(certificate)
  if (named === null || toHex(named) === ctrId) return false
  const certified = verifySigningKeyCert(crypto, certificate, named, now)
  return certified.ok || certified.error === 'expiredCertificate'
}

function refuse(error: 'wrongRelay'): Result<never, 'wrongRelay'> {
  return { ok: false, error, detail: ctrChecks[error] }
}

/** Newest first, so many of either. */
function sorted({ consensuses, now }: CtrProofContext) {
  const begun = consensuses.filter(({ validAfter }) => validAfter <= now).sort((a, b) => b.validAfter - a.validAfter)
  const isUsable = ({ validUntil }: Consensus) => now < validUntil + grace
  return {
    usable: begun.filter(isUsable).slice(0, maxConsensuses),
    stale: begun.filter((consensus) => !isUsable(consensus)).slice(0, maxConsensuses),
  }
}

/** For the operators of relay and auditor: the refusal is the same. */
function whyUnsigned(
  signs: Signs,
  auditorKey: string,
  usable: readonly Consensus[],
  stale: readonly Consensus[],
): 'staleConsensus' | 'otherAuditor' | 'badSignature' {
  if (stale.some((consensus) => signs(auditorKey, consensus))) return 'staleConsensus'
  const isForOther = usable.slice(0, 1).some((newest) => {
    const others = newest.auditors.filter(({ key }) => key !== auditorKey).slice(0, maxConsensuses)
    return others.some(({ key }) => signs(key, newest))
  })
  return isForOther ? 'otherAuditor' : 'badSignature'
}

function bad(check: Exclude<CtrCheck, 'notListed'>): CtrVerdict {
  return { verdict: 'badProof', ctrId: null, check }
}
