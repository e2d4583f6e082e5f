// Whether an SFO is worth anything: a known log's signature on its SCT, and a chain that holds [RFC 6962 3.2; WIRE-001, AUD-005].
// Invariant: an SFO that passes has an entry built with the key that verifiably signed its leaf, and cost at most 11 signature
// verifications: the SCT, and at most ten certificates.
import { fromBase64 } from './bytes.ts'
import { type Certificate, parseCertificate } from './certificate.ts'
import { cachedSignedBy, type SignedBy, signedBy } from './chain.ts'
import { sameNode } from './der.ts'
import { entryOf } from './entry.ts'
import type { SfoError } from './errors.ts'
import { leafIndexOf } from './extensions.ts'
import { encodeLeaf, leafHash, leafIdOf } from './leaf.ts'
import { logScheme } from './sct.ts'
import { sfoIdOf } from './sfo-id.ts'
import type { Crypto, LeafId, Log, LogId, Result, Sct, Sfo, SfoId } from './types.ts'

export interface ValidSfo {
  readonly sfoId: SfoId
  readonly leafId: LeafId
  readonly logId: LogId
  /** Milliseconds. */
  readonly sctTimestamp: number
  /** Where a static-ct log promised the leaf [WIRE-013]; absent for other logs, and where the SCT has none. */
  readonly leafIndex?: number
  /** More than 5 minutes ahead of `now`: no error, an anomaly [AUD-011]. */
  readonly future: boolean
}

/** How far an SCT may be ahead of this clock, in milliseconds. */
export const maxAhead = 5 * 60 * 1000

/** `log`: what the consensus says of the SCT's log, undefined where it does not list it. `now`: milliseconds. */
export type ValidateSfo = (log: Log | undefined, sfo: Sfo, now: number) => Result<ValidSfo, SfoError>

/**
 * Checks in the order of `sfoErrors`, and answers the first fault: badDer, badCertificate, duplicateExtension or noIssuer of
 * the entry; badDer or badCertificate of the chain; unknownLog; badSctSignature; badChainSignature: each certificate signed by
 * the next, and the last by itself if its names say so. One exception: where the entry depends on the issuer, the leaf's own
 * signature comes before the SCT's, since under another issuer's key no SCT holds. Never futureSct: `future` says it.
 */
export function validateSfo(crypto: Crypto, log: Log | undefined, sfo: Sfo, now: number): Result<ValidSfo, SfoError> {
  const verify = signedBy(crypto)
  return validateWith(crypto, { leaf: verify, issuer: verify }, log, sfo, now)
}

/** `validateSfo` that remembers up to `cacheSize` verified signatures of issuers; its answers are the same. */
export function validator(crypto: Crypto, { cacheSize }: { readonly cacheSize: number }): ValidateSfo {
  const verify = { leaf: signedBy(crypto), issuer: cachedSignedBy(crypto, cacheSize) }
  return (log, sfo, now) => validateWith(crypto, verify, log, sfo, now)
}

interface Verify {
  readonly leaf: SignedBy
  readonly issuer: SignedBy
}

function validateWith(
  crypto: Crypto,
  verify: Verify,
  log: Log | undefined,
  sfo: Sfo,
  now: number,
): Result<ValidSfo, SfoError> {
  const { sct } = sfo
  const entry = entryOf(crypto, sfo)
  if (!entry.ok) return entry
  const chain = parseChain(sfo.chain)
  if (!chain.ok) return chain
  if (log === undefined || log.logId !== sct.logId) return fault('unknownLog', sct.logId)
  const [first, ...issuers] = links(chain.value)
  const leafFirst = entry.value.type === 'precert'
  if (leafFirst && !holds(verify.leaf, first)) return fault('badChainSignature', 'leaf')
  const leaf = encodeLeaf(entry.value, sct.timestamp, sct.extensions)
  if (!sctSigned(crypto, log, sct, leaf)) return fault('badSctSignature', sct.logId)
  if (!leafFirst && !holds(verify.leaf, first)) return fault('badChainSignature', 'leaf')
  const broken = issuers.findIndex((link) => !holds(verify.issuer, link))
  if (broken >= 0) return fault('badChainSignature', `issuer ${broken + 1}`)
  const leafId = leafIdOf(sct.logId, leafHash(crypto, leaf))
  const future = sct.timestamp > now + maxAhead
  const ids = { sfoId: sfoIdOf(crypto, sfo), leafId, logId: sct.logId }
  const valid = { ...ids, sctTimestamp: sct.timestamp, ...promisedPlace(log, sct), future }
  return { ok: true, value: valid }
}

/** Of an RFC 6962 log the extensions mean nothing. */
function promisedPlace(log: Log, { extensions }: Sct): { readonly leafIndex?: number } {
  const leafIndex = log.monitoringUrl === undefined ? null : leafIndexOf(extensions)
  return leafIndex === null ? {} : { leafIndex }
}

/** Whether the log's key signed `leaf`, the MerkleTreeLeaf that the SCT promises [RFC 6962 3.2]. */
export function sctSigned(crypto: Crypto, log: Log, sct: Sct, leaf: Uint8Array): boolean {
  const scheme = logScheme(sct)
  const key = fromBase64(log.key)
  return scheme !== null && key !== null && crypto.verify(key, scheme, leaf, sct.signature)
}

function parseChain(chain: readonly Uint8Array[]): Result<readonly Certificate[], SfoError> {
  const certificates: Certificate[] = []
  for (const der of chain) {
    const certificate = parseCertificate(der)
    if (!certificate.ok) return certificate
    certificates.push(certificate.value)
  }
  return { ok: true, value: certificates }
}

/** A certificate and the one that must have signed it. */
type Link = readonly [Certificate, Certificate]

/** One for each certificate, but none for a last one that names another as its issuer. */
function links(chain: readonly Certificate[]): readonly Link[] {
  return chain.flatMap((certificate, index): Link[] => {
    const issuer = chain[index + 1] ?? (selfIssued(certificate) ? certificate : undefined)
    return issuer === undefined ? [] : [[certificate, issuer]]
  })
}

function selfIssued({ der, issuer, subject }: Certificate): boolean {
  return sameNode(der, issuer, subject)
}

/** The link that a lone leaf lacks holds. */
function holds(signed: SignedBy, link: Link | undefined): boolean {
  return link === undefined || signed(...link)
}

function fault(error: SfoError, detail: string): Result<never, SfoError> {
  return { ok: false, error, detail }
}
