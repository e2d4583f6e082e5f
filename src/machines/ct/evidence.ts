// What an evidence bundle proves, to whom, and by which rule [EVID-002 to EVID-012].
// Invariant: nothing in a bundle is believed: keys and MMD are the list's where there is one, and all that is signed is verified.
import { fromBase64, toHex, utf8 } from './bytes.ts'
import { decodeCheckpoint } from './checkpoint.ts'
import { type BundleKind, decodeBundle, type EvidenceBundle, originOf, type SfoObject } from './evidence-bundle.ts'
import { type EvidenceError, refuse } from './evidence-errors.ts'
import { type Genuine, type GenuineInclusion, type GenuineSfo, rules } from './evidence-rules.ts'
import { leafIndexOf } from './extensions.ts'
import { leafHashOf } from './leaf.ts'
import { verifyInclusion } from './merkle.ts'
import { decodeSfo } from './sfo.ts'
import { verifySth } from './sth.ts'
import { decodeTlogProof } from './tlog-proof.ts'
import type { Crypto, LeafId, Log, LogId, Result, Sth } from './types.ts'
import { validateSfo } from './validate.ts'

/**
 * `proven`: it convinces whoever trusts the log list. `conditional`: it would, if key and MMD are the log's, which only the bundle
 * says. `transcript`: all that is signed is genuine, and the rest is the word of whoever made the bundle.
 */
export type Standing = 'proven' | 'conditional' | 'transcript'

export interface EvidenceVerdict {
  readonly standing: Standing
  readonly kind: BundleKind
  readonly logId: LogId
  /** The requirement that says what this kind shows. */
  readonly rule: string
  /** Where the log's key and MMD were taken from. */
  readonly logFrom: 'list' | 'bundle'
  readonly mmd: number
  readonly leafIds: readonly LeafId[]
  readonly digest: string
}

/** `logs`: those that the reader trusts; null: there is no list. Never throws; the first error in the order of `evidenceErrors`. */
export function verifyEvidence(
  crypto: Crypto,
  file: Uint8Array,
  logs: readonly Log[] | null,
): Result<EvidenceVerdict, EvidenceError> {
  const decoded = decodeBundle(crypto, file)
  if (!decoded.ok) return decoded
  const { bundle, digest } = decoded.value
  const { kind } = bundle
  const log = logOf(crypto, bundle, logs)
  const genuine = log.ok ? genuineParts(crypto, log.value, bundle) : log
  if (!genuine.ok) return genuine
  const { rule, shows, isTranscript } = rules[kind]
  const fault = shows(crypto, genuine.value)
  if (fault !== null) return refuse(fault)
  const { logId, mmd } = genuine.value.log
  const leafIds = genuine.value.sfos.map(({ leafId }) => leafId)
  const standing = isTranscript ? 'transcript' : logs === null ? 'conditional' : 'proven'
  const logFrom = logs === null ? 'bundle' : 'list'
  return { ok: true, value: { standing, kind, logId, rule, logFrom, mmd, leafIds, digest } }
}

function logOf(
  crypto: Crypto,
  { log }: EvidenceBundle,
  logs: readonly Log[] | null,
): Result<Log, 'badKey' | 'unknownLog'> {
  const key = fromBase64(log.key)
  if (key === null || toHex(crypto.sha256(key)) !== log.logId) return refuse('badKey') as Result<Log, 'badKey'>
  const trusted = logs === null ? log : logs.find(({ logId }) => logId === log.logId)
  return trusted === undefined ? (refuse('unknownLog') as Result<Log, 'unknownLog'>) : { ok: true, value: trusted }
}

function genuineParts(crypto: Crypto, log: Log, bundle: EvidenceBundle): Result<Genuine, EvidenceError> {
  const sfos = all(bundle.sfos, (sfo) => genuineSfo(crypto, log, sfo))
  if (!sfos.ok) return sfos
  const origin = originOf(bundle.log.url)
  const heads = all(bundle.heads, (head) => genuineHead(crypto, log, origin, head))
  if (!heads.ok) return heads
  const included = genuineInclusion(crypto, log, origin, bundle, sfos.value)
  if (!included.ok) return included
  // `decodeBundle` found the parts that the kind has; no rule asks for others.
  const { transcript, receivedAt } = bundle as Required<EvidenceBundle>
  const inclusion = included.value as GenuineInclusion
  return { ok: true, value: { log, sfos: sfos.value, heads: heads.value, inclusion, transcript, receivedAt } }
}

function all<T, U>(items: readonly T[], check: (item: T) => Result<U, EvidenceError>): Result<U[], EvidenceError> {
  const values: U[] = []
  for (const item of items) {
    const result = check(item)
    if (!result.ok) return result
    values.push(result.value)
  }
  return { ok: true, value: values }
}

function genuineSfo(crypto: Crypto, log: Log, object: SfoObject): Result<GenuineSfo, EvidenceError> {
  const sfo = decodeSfo(object)
  if (!sfo.ok) return refuse('badSfo', sfo.error)
  const { sct } = sfo.value
  if (sct.logId !== log.logId) return refuse('otherLog')
  const valid = validateSfo(crypto, log, sfo.value, sct.timestamp)
  if (!valid.ok) return refuse('badSct', valid.error)
  const leafIndex = log.monitoringUrl === undefined ? null : leafIndexOf(sct.extensions)
  return { ok: true, value: { leafId: valid.value.leafId, sctTimestamp: sct.timestamp, leafIndex } }
}

function genuineHead(crypto: Crypto, log: Log, origin: string, text: string): Result<Sth, EvidenceError> {
  const sth = decodeCheckpoint(crypto, { logId: log.logId, origin }, utf8(text))
  if (!sth.ok) return refuse('badHead', sth.error)
  return verifySth(crypto, log, sth.value) ? sth : refuse('badHead', 'badSignature')
}

/** Of the leaf that is named, or else of the first SFO's. */
function genuineInclusion(
  crypto: Crypto,
  log: Log,
  origin: string,
  { inclusion }: EvidenceBundle,
  sfos: readonly GenuineSfo[],
): Result<GenuineInclusion | undefined, EvidenceError> {
  if (inclusion === undefined) return { ok: true, value: undefined }
  const decoded = decodeTlogProof(inclusion.proof)
  if (decoded === null) return refuse('badProof')
  const sth = genuineHead(crypto, log, origin, decoded.checkpoint)
  if (!sth.ok) return sth
  const [{ leafId }] = sfos as readonly [GenuineSfo]
  const leafHash = inclusion.leafHash ?? leafHashOf(leafId)
  const { size, root } = sth.value
  const { leafIndex, path } = decoded.proof
  const holds = verifyInclusion(crypto, { leafHash, leafIndex, size, root, path })
  if (!holds.ok) return refuse('badProof', holds.error)
  return { ok: true, value: { leafHash, leafIndex, sth: sth.value } }
}
