// What the interpreters need from the world: interfaces only. `src/adapters/node` implements them for the daemons; a
// simulator or a conformance kit brings its own. Invariant: an implementation answers protocol outcomes as values; it throws
// only `AbortError` (its signal fired) or for a defect.

import type { Evidence, NewSfo, ReportEntry, SeenSth, SfoContext } from '../machines/auditor/types.ts'
import type { TranscriptEntry } from '../machines/ct/evidence-bundle.ts'
import type {
  Answer,
  InclusionAnswer,
  LeafId,
  Log,
  LogId,
  ProofPair,
  Result,
  SfoId,
  Sth,
} from '../machines/ct/types.ts'
import type { State } from '../machines/kernel/machine.ts'
import type { Auditor, Consensus, CtrId } from '../machines/tor/types.ts'

export type { Answer }

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Calls `fire` once after `ms`; the answer cancels it. */
  after(ms: number, fire: () => void): () => void
}

export interface Random {
  /** Uniform 32-bit unsigned integers. */
  u32(count: number): number[]
  bytes(count: number): Uint8Array
}

/** Streams with equal tokens share a circuit, others never do (SOCKS user and password). */
export type Isolation = string

/**
 * A log of either kind: RFC 6962 section 4, or static-ct where the log has a `monitoringUrl`. Answers are bounded in bytes while
 * they are read; what they say of the log is verified by who asked.
 */
export interface LogClient {
  /**
   * A static-ct log is asked by `leafIndex` alone: where it is null the answer is malformed (`noLeafIndex`), where the tree ends
   * before it, refused with 404; no request goes out for either [WIRE-013].
   */
  getInclusion(
    log: Log,
    leaf: PromisedLeaf,
    sth: Sth,
    isolation: Isolation,
    signal: AbortSignal,
  ): Promise<Answer<InclusionAnswer>>
  /** Path elements, 64 hex digits each, in the order of RFC 6962 2.1.2. */
  getSthConsistency(
    log: Log,
    first: Sth,
    second: Sth,
    isolation: Isolation,
    signal: AbortSignal,
  ): Promise<Answer<readonly string[]>>
  /** The log's current tree head: get-sth, or the checkpoint. Its signature is not verified here. */
  getSth(log: Log, isolation: Isolation, signal: AbortSignal): Promise<Answer<Sth>>
}

/** `leafHash`: 64 hex digits. `leafIndex`: from the SCT's extensions, null where they have none. */
export interface PromisedLeaf {
  readonly leafHash: string
  readonly leafIndex: number | null
}

/** What a relay sends to other relays. */
export interface PeerClient {
  submitSfo(
    url: string,
    body: Uint8Array,
    hops: number,
    isolation: Isolation,
    signal: AbortSignal,
  ): Promise<Answer<null>>
  /** Opens and closes a circuit without sending an SFO [RELAY-025]. */
  connect(url: string, isolation: Isolation, signal: AbortSignal): Promise<Answer<null>>
  sendAddress(url: string, address: string, isolation: Isolation, signal: AbortSignal): Promise<Answer<null>>
  /** At most `limit` pairs, in a bounded number of bytes. */
  fetchProofs(
    address: string,
    limit: number,
    isolation: Isolation,
    signal: AbortSignal,
  ): Promise<Answer<readonly ProofPair[]>>
}

/** Authenticates as CTR on a fresh circuit, submits, and answers ok only for the auditor's 200. */
export interface AuditorClient {
  report(auditor: Auditor, body: Uint8Array, isolation: Isolation, signal: AbortSignal): Promise<Answer<null>>
}

export interface OnionServices {
  /** A fresh v3 onion service in front of this daemon's proof listener; null where none can be had now. */
  publish(): Promise<string | null>
  retire(address: string): Promise<void>
}

/** A verified consensus, or why there is none. */
export interface ConsensusSource {
  /** The current one if its valid-after exceeds `newerThan`, else null. */
  newer(newerThan: number | null, signal: AbortSignal): Promise<Result<Consensus | null, ConsensusError>>
}

export const consensusErrors = [
  'unavailable',
  'malformed',
  'badSignature',
  'notLive',
  'otherConsensus',
  'notCommitted',
  'notSigned',
] as const
export type ConsensusError = (typeof consensusErrors)[number]

/**
 * The relay's bytes, in memory alone. `body`: the SFO as the canonical JSON that is forwarded and reported. A put answers
 * false, and changes nothing, where the store is at its limit [RELAY-012, RELAY-026].
 */
export interface RelayStore {
  putSfo(sfoId: SfoId, sfo: StoredSfo): boolean
  getSfo(sfoId: SfoId): StoredSfo | undefined
  deleteSfos(sfoIds: readonly SfoId[]): void
  putPair(pair: ProofPair): boolean
  getPairs(leafIds: readonly LeafId[]): readonly ProofPair[]
  deletePairs(leafIds: readonly LeafId[]): void
  readonly sfoCount: number
  readonly pairCount: number
}

export interface StoredSfo {
  readonly leafId: LeafId
  readonly logId: LogId
  readonly body: Uint8Array
}

export type SfoState = State<SfoContext>

/** What one SFO machine step changes, durable as one [AUD-012]. */
export interface SfoApply {
  readonly state: SfoState
  readonly escalate: Evidence | null
  readonly purgeChain: boolean
  /** How the log answered meanwhile, to be kept for a transcript: the last `longestTranscript` of each SFO. */
  readonly asked?: readonly TranscriptEntry[]
}

/** Keyed (logId, kind): the rows keep every SFO, the incident counts them and keeps samples [AUD-023]. */
export interface Incident {
  readonly id: number
  readonly logId: LogId
  readonly kind: Evidence['kind']
  readonly count: number
  readonly firstAt: number
  readonly lastAt: number
  readonly samples: readonly Evidence[]
  readonly notified: boolean
}

export type StoreError = 'storeFull' | 'storeFailed'

/**
 * The auditor's durable state. Every `Promise` of a write resolves once it is durable; concurrent writes share a commit, and
 * one that fails changes nothing and fails no other. Reads see what is durable, never what still waits for its commit: an SFO
 * that `lookup` calls new may wait to be inserted by another circuit, and `insert` then leaves it alone.
 */
export interface AuditorStore {
  /**
   * New rows (an sfoId that exists is left alone, with its escalation), their bodies, and the circuit's entry, in one
   * transaction [AUD-027]. A new row whose place another leaf of the log has, of an SFO whose body is there, records an
   * `equivocation`, and from then on no purge removes either body [AUD-103.2]. An entry replaces that of the same (ctrId, circuit): its counts only grow, its `at` never changes.
   */
  insert(rows: readonly InsertRow[], entry: ReportEntry): Promise<Result<{ readonly inserted: number }, StoreError>>
  lookup(sfoId: SfoId): 'new' | 'pending' | 'resolved'
  getSfo(sfoId: SfoId): SfoState | undefined
  /** The SFO's body, or undefined once it is purged. */
  getBody(sfoId: SfoId): Uint8Array | undefined
  /** Oldest first; empty once the chain is purged. */
  transcript(sfoId: SfoId): readonly TranscriptEntry[]
  /**
   * Sets the state and, with it, escalation and purge. The row's identities and `receivedAt` stay. An escalation counts once
   * per (sfoId, kind), however often it is applied [AUD-012]. `storeFailed` for an sfoId that was never inserted.
   */
  apply(change: SfoApply): Promise<Result<null, StoreError>>
  /** Rows of one log in (receivedAt, sfoId) order after `after`, at most `limit`, that are pending, or escalated. */
  page(logId: LogId, status: 'pending' | 'escalated', after: PageKey | null, limit: number): readonly SfoState[]
  counts(): Readonly<Record<SfoStatus, number>>
  countsByLog(): ReadonlyMap<LogId, Readonly<Record<SfoStatus, number>>>
  /** Keyed (log, timestamp, size, root); a log's oldest timestamps leave beyond the store's limit. */
  saveSth(seen: SeenSth): Promise<Result<null, StoreError>>
  /** Of one log, ordered by (timestamp, size, root). */
  sths(logId: LogId): readonly SeenSth[]
  /** Records an incident that is about no SFO: each call counts. Where it names an SFO of the store, as in `apply`. */
  escalate(evidence: Evidence): Promise<Result<null, StoreError>>
  /** By id; `firstAt`, `lastAt`: when the store was told. */
  incidents(): readonly Incident[]
  markNotified(id: number): Promise<Result<null, StoreError>>
  /** With `at` >= since, by (at, circuit). */
  entries(ctrId: CtrId, since: number): readonly ReportEntry[]
  /** CTRs that have an entry, in order. */
  reportingCtrs(): readonly CtrId[]
  /** Distinct CTRs that reported SFOs of each log since then, whether or not `keepPerCtr` has removed the entry. */
  reportersByLog(since: number): ReadonlyMap<LogId, number>
  /** Removes entries with `at` < before, and of each CTR all but the last `keepPerCtr`. Not one transaction. */
  pruneEntries(before: number, keepPerCtr: number): Promise<Result<{ readonly pruned: number }, StoreError>>
  /** [from, to] was not seen; both ends belong to it. */
  recordGap(from: number, to: number): Promise<Result<null, StoreError>>
  /** Whether a gap has an instant in common with [from, to]. */
  gapBetween(from: number, to: number): boolean
  /** Small values such as the newest consensus, by key. */
  getValue(key: string): string | undefined
  setValue(key: string, value: string): Promise<Result<null, StoreError>>
  /** Commits what waits, then closes. Writes are answered `storeFailed` from then on. */
  close(): Promise<void>
}

export const sfoStatuses = ['pending', 'proven', 'escalated', 'lateProven', 'unjudgeable'] as const
export type SfoStatus = (typeof sfoStatuses)[number]

export interface PageKey {
  readonly receivedAt: number
  readonly sfoId: SfoId
}

export interface InsertRow extends NewSfo {
  readonly body: Uint8Array
}

/** Where a human is told, once per incident; `id` makes a repetition after a crash recognisable [AUD-012]. */
export interface Notifier {
  notify(incident: Incident): Promise<void>
}

/** Counters and gauges; names are those of docs/operating. An implementation never sees an SFO. */
export interface Metrics {
  count(name: string, labels?: Readonly<Record<string, string>>, by?: number): void
  gauge(name: string, value: number, labels?: Readonly<Record<string, string>>): void
}

/** Lines for operators. On a relay no field may come from an SFO. */
export interface Logger {
  info(fields: Readonly<Record<string, string | number | boolean>>, message: string): void
  warn(fields: Readonly<Record<string, string | number | boolean>>, message: string): void
  error(fields: Readonly<Record<string, string | number | boolean>>, message: string): void
}
