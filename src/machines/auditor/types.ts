// The auditor machines' vocabularies: an SFO's life, the periodic round, a submission circuit, a log's view, a CTR's
// report window. Invariant: every state is a small row of plain data, so that the store holds it and memory stays flat.

import type { SfoErrorClass } from '../ct/errors.ts'
import { bundleKinds } from '../ct/evidence-bundle.ts'
import type { InclusionProof, LeafId, LogId, Outcome, SfoId, Sth } from '../ct/types.ts'
import type { Consensus, CtrId } from '../tor/types.ts'

type At = { readonly at: number }

/** What an incident is about; evidence bundles use the same names [EVID-001]. */
export const incidentKinds = [...bundleKinds, 'no-sth', 'future-sct', 'bad-sth-signature', 'log-down'] as const
export type IncidentKind = (typeof incidentKinds)[number]

/** Evidence of these kinds convinces a third party offline; it needs no grace [INV-004]. */
export const selfProving: ReadonlySet<IncidentKind> = new Set([
  'split-view',
  'rollback',
  'omission',
  'substitution',
  'equivocation',
  'late-merge',
  'backdated',
])

/** What the incident rests on, beside the SFO itself (which the store has under `sfoId`). */
export interface Evidence {
  readonly kind: IncidentKind
  readonly logId: LogId
  readonly sfoId: SfoId | null
  readonly sths: readonly Sth[]
  readonly proof: InclusionProof | null
  /** `substitution`: the leaf that the proof is of. */
  readonly leafHash?: string
  /** `equivocation`: the SFO that has the same place. */
  readonly otherSfoId?: SfoId
  /** `inconsistent`: the answer that was no consistency proof. */
  readonly path?: readonly string[]
  /** How the last challenge ended, for a transcript that proves nothing by itself. */
  readonly lastOutcome: Outcome | null
  readonly since: number
  /** A gap in the consensus history lies between `since` and the verdict [AUD-015]. */
  readonly spansGap: boolean
}

// ---------------------------------------------------------------------------------------------------------------- sfo

/** The row of one SFO. `graceEndsAt` = max(receivedAt, dueAt) + max(MMD, 24 h) (configurable) [AUD-009]. */
export interface SfoContext {
  readonly sfoId: SfoId
  readonly leafId: LeafId
  readonly logId: LogId
  readonly sctTimestamp: number
  /** Where a static-ct log promised the leaf; absent for other logs. */
  readonly leafIndex?: number
  readonly receivedAt: number
  readonly dueAt: number
  readonly graceEndsAt: number
  readonly attempts: number
  readonly lastOutcome: Outcome | null
  /** The STH of the running or last challenge. */
  readonly sth: Sth | null
  /** The first-due STH that refused, while a later one is probed. */
  readonly refusedBy: Sth | null
  /** The newest STH known when the running challenge began: what is probed if the first-due one is refused. */
  readonly latest: Sth | null
  /** Incident kinds that this SFO has raised, each at most once, in that order [INV-009]. */
  readonly raised: readonly IncidentKind[]
}

/** Leaf states: pending.waiting, pending.challenging, pending.probing; resolved.proven, resolved.escalated,
 * resolved.reprobing, resolved.lateProven, resolved.unjudgeable. */
export type SfoEvent =
  /** Step 3 of the round reached this row, with the log's view: both null where no STH is known. */
  | ({
      readonly type: 'challengeNow'
      readonly firstDue: Sth | null
      readonly latest: Sth | null
      readonly spansGap: boolean
    } & At)
  /**
   * The challenge's answer; `proof` where it is `proven` or `contradiction`, which without one count as `badProof`. `leafHash`: the
   * leaf that is at the index instead.
   */
  | ({
      readonly type: 'answered'
      readonly outcome: Outcome
      readonly proof: InclusionProof | null
      readonly leafHash?: string
      readonly spansGap: boolean
    } & At)
  /** The same SFO was submitted again. */
  | ({ readonly type: 'resubmitted' } & At)
  /** The log is no longer in the consensus. */
  | ({ readonly type: 'logRemoved' } & At)
  /** The auditor restarted: a challenge that ran is forgotten. */
  | ({ readonly type: 'restarted' } & At)

export type SfoEffect =
  | { readonly type: 'challenge'; readonly sfoId: SfoId; readonly leafId: LeafId; readonly sth: Sth }
  /** Durable together with the new state, before anything else happens [AUD-012]. */
  | { readonly type: 'escalate'; readonly evidence: Evidence }
  /** The chain is browsing data: purge it [AUD-024]. */
  | { readonly type: 'purgeChain'; readonly sfoId: SfoId }

export const sfoReasons = ['notChallenging', 'alreadyChallenging', 'alreadyResolved', 'alreadyKnown', 'atRest'] as const

// -------------------------------------------------------------------------------------------------------------- round

/** Durations in milliseconds. */
export interface RoundConfig {
  readonly deadlineMs: number
  /** Wait between rounds where the consensus gives no freshness window that would say. */
  readonly intervalMs: number
}

export interface RoundContext {
  readonly config: RoundConfig
  readonly number: number
  readonly startedAt: number | null
  /** The newest verified consensus; null before the first. */
  readonly consensus: Consensus | null
  /** The 32-bit draw that the round began with: it places the next round. */
  readonly draw: number
}

export const auditorSteps = ['consensus', 'sths', 'connect', 'challenge', 'analyze'] as const
export type AuditorStep = (typeof auditorSteps)[number]

/** Leaf states: idle, fetchingConsensus (1.1), checkingSths (1.2, 1.3), connecting (2), challenging (3), analyzing (4). */
export type RoundEvent =
  | ({ readonly type: 'due'; readonly draw: readonly number[] } & At)
  /** A newer consensus, verified. */
  | ({ readonly type: 'consensus'; readonly consensus: Consensus } & At)
  /** There is no newer one: step 1 is over. */
  | ({ readonly type: 'noNewerConsensus' } & At)
  | ({ readonly type: 'consensusFailed'; readonly error: string } & At)
  | ({ readonly type: 'stepDone'; readonly round: number; readonly step: AuditorStep } & At)
  | ({ readonly type: 'deadline'; readonly round: number; readonly draw: readonly number[] } & At)

export type RoundEffect =
  | { readonly type: 'startTimer'; readonly ms: number }
  | { readonly type: 'startDeadline'; readonly round: number; readonly ms: number }
  | { readonly type: 'endRound'; readonly round: number }
  | { readonly type: 'fetchConsensus'; readonly round: number; readonly newerThan: number | null }
  /** Hands each STH to its log's view and answers `stepDone` once every consistency question is answered. */
  | { readonly type: 'checkSths'; readonly round: number; readonly consensus: Consensus }
  /** Between two consensuses that do not touch: [from, to] was not seen [AUD-015]. */
  | { readonly type: 'recordGap'; readonly from: number; readonly to: number }
  | { readonly type: 'connect'; readonly round: number; readonly logIds: readonly LogId[] }
  /** Every Pending row, and Escalated ones for a probe, a queue per log. */
  | { readonly type: 'challengePending'; readonly round: number; readonly logIds: readonly LogId[] }
  | { readonly type: 'analyze'; readonly round: number; readonly ctrs: number }

export const roundReasons = [
  'staleRound',
  'wrongStep',
  'oldConsensus',
  'roundRunning',
  'noRound',
  'insufficientDraw',
] as const

// ------------------------------------------------------------------------------------------------------------ circuit

/** What validation found wrong of one submitted SFO. */
export interface Invalid {
  readonly verdict: 'invalid'
  readonly class: SfoErrorClass
}

/** What validation and a look into the store found of one submitted SFO. */
export type Judged =
  | Invalid
  | {
      readonly verdict: 'valid'
      readonly sfoId: SfoId
      readonly leafId: LeafId
      readonly logId: LogId
      readonly sctTimestamp: number
      readonly leafIndex?: number
      /** More than 5 min ahead: an anomaly at once [AUD-011]. */
      readonly future: boolean
      readonly known: 'new' | 'pending' | 'resolved'
      /** max(log MMD, configured grace), milliseconds; `mmd` likewise. */
      readonly graceMs: number
      readonly mmd: number
    }

/** One entry of Report[CTR]; one per circuit [AUD-003, AUD-005, AUD-006]. */
export interface ReportEntry {
  readonly ctrId: CtrId
  readonly circuit: string
  readonly at: number
  readonly valid: number
  readonly duplicate: number
  readonly invalid: Readonly<Partial<Record<SfoErrorClass, number>>>
  /** Valid SFOs per log. */
  readonly perLog: Readonly<Record<LogId, number>>
}

export interface CircuitContext {
  readonly circuit: string
  /** 32 bytes, hex; valid once, for `nonceLifetimeMs`. */
  readonly nonce: string | null
  readonly nonceIssuedAt: number
  readonly nonceLifetimeMs: number
  readonly ctrId: CtrId | null
  /** null until the first SFO [AUD-004]. */
  readonly entry: ReportEntry | null
  /** The entry as it is durable: what `entry` falls back to where a store failed. */
  readonly saved: ReportEntry | null
}

/** Leaf states: open, challenged, authenticated, storing, closed. */
export type CircuitEvent =
  | ({ readonly type: 'nonceRequested'; readonly nonce: string } & At)
  /** `verdict`: what the verification of the CTR's proof said [AUD-002]. */
  | ({
      readonly type: 'authenticate'
      readonly nonce: string
      readonly verdict: 'ctr' | 'notCtr' | 'badProof'
      readonly ctrId: CtrId
    } & At)
  /** `quota`: how many more SFOs this CTR may submit now [AUD-007]. */
  | ({ readonly type: 'submitted'; readonly items: readonly Judged[]; readonly quota: number } & At)
  | ({ readonly type: 'stored'; readonly ok: boolean } & At)
  | ({ readonly type: 'closed' } & At)

/** A row for Pending; `state` is that of the sfo machine. */
export interface NewSfo {
  readonly state: { readonly value: { readonly [parent: string]: string }; readonly context: SfoContext }
  /** Present where the SFO is escalated at once (`future-sct`). */
  readonly escalate: Evidence | null
}

export type CircuitEffect =
  | { readonly type: 'sendNonce'; readonly nonce: string }
  /** One transaction: new rows, escalations, and the report entry as it now stands. Answered by `stored`. */
  | { readonly type: 'store'; readonly rows: readonly NewSfo[]; readonly entry: ReportEntry }
  /** HTTP status: 200 only after `stored` [AUD-027]; 401, 403, 429, 503 else. */
  | { readonly type: 'reply'; readonly status: 200 | 401 | 403 | 429 | 503; readonly error: string | null }
  | { readonly type: 'closeCircuit' }

export const circuitReasons = [
  'nonceUnknown',
  'nonceExpired',
  'badProof',
  'notCtr',
  'unauthenticated',
  'overQuota',
  'busy',
  'closed',
  'notStoring',
  'alreadyChallenged',
] as const

// ----------------------------------------------------------------------------------------------------------- log view

export interface SeenSth {
  readonly sth: Sth
  readonly seenAt: number
  readonly status: 'unchecked' | 'consistent' | 'inconsistent'
}

/** Ordered by (size, timestamp, root); bounded by `capacity`, oldest timestamps dropped first. */
export interface LogViewContext {
  readonly logId: LogId
  readonly mmd: number
  readonly capacity: number
  readonly sths: readonly SeenSth[]
  /** Since when consistency could not be obtained; null while there is no problem. */
  readonly problemSince: number | null
  /** Consistency questions under way, as `<size1>:<root1>-<size2>:<root2>`. */
  readonly asked: readonly string[]
  /** Incident kinds already raised for this log by this view, so that each is raised once until it ends. */
  readonly raised: readonly IncidentKind[]
  /** Those of `asked` that could not be answered, and since when; `problemSince` is the earliest of them. */
  readonly unanswered: Readonly<Record<string, number>>
  /** The problem persisted more than an MMD and was raised; false again once it has ended. */
  readonly problemRaised: boolean
}

/** Leaf states: consistent, checking, unavailable, broken (an inconsistency was seen; it stays, and keeps checking). */
export type LogViewEvent =
  | ({ readonly type: 'sth'; readonly sth: Sth; readonly signatureValid: boolean } & At)
  | ({
      readonly type: 'consistency'
      readonly first: Sth
      readonly second: Sth
      readonly answer: 'consistent' | 'inconsistent' | 'unavailable'
      /** What was answered instead of a proof. */
      readonly path?: readonly string[]
    } & At)
  /** Once a round: ask again what is still unchecked. */
  | ({ readonly type: 'recheck' } & At)
  /** Step 4: how many distinct CTRs report SFOs of this log within the hour, out of how many [AUD-022]. */
  | ({ readonly type: 'reporters'; readonly distinct: number; readonly ctrs: number } & At)

export type LogViewEffect =
  | { readonly type: 'saveSth'; readonly seen: SeenSth }
  | { readonly type: 'proveConsistency'; readonly logId: LogId; readonly first: Sth; readonly second: Sth }
  | { readonly type: 'escalate'; readonly evidence: Evidence }

export const logViewReasons = ['alreadyKnown', 'badSignature', 'otherLog', 'notAsked', 'nothingToDo', 'tooOld'] as const

// ------------------------------------------------------------------------------------------------------ report window

export interface ReportConfig {
  /** 7 days. */
  readonly windowMs: number
  readonly maxEntries: number
  /** Alert below this probability: 1e-6. */
  readonly alertP: number
}

export interface ReportContext {
  readonly config: ReportConfig
  readonly ctrId: CtrId
  /** By time, pruned on write. */
  readonly entries: readonly ReportEntry[]
  /** Entries that left by age or by count. */
  readonly pruned: number
  /** What is alerted and has not ended. */
  readonly alerting: readonly AlertKind[]
}

export type AlertKind = 'excess' | 'invalid'

/** Leaf states: normal, alerting. */
export type ReportEvent =
  | ({ readonly type: 'entry'; readonly entry: ReportEntry } & At)
  /** `expected`: mean number of SFOs that the null model gives one CTR in a window; `expectedInvalid` likewise. */
  | ({
      readonly type: 'analyze'
      readonly expected: number
      readonly expectedInvalid: number
      /** Logs that are down: their SFOs are expected of every CTR and are no excess of this one. */
      readonly downLogs?: readonly LogId[]
    } & At)

export type ReportEffect =
  /** `p`: probability under the null model to see at least so many, as a decimal string. */
  | {
      readonly type: 'alert'
      readonly ctrId: CtrId
      readonly kind: AlertKind
      readonly seen: number
      readonly expected: number
      readonly p: string
    }
  | { readonly type: 'alertEnded'; readonly ctrId: CtrId }

export const reportReasons = ['staleEntry', 'otherCtr', 'nothingToDo', 'badExpectation'] as const
