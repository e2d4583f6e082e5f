// What each step of an SFO's life does to its row [AUD-115..119, AUD-009, AUD-012, AUD-013, AUD-024].
// Invariant: whatever escalates also names its incident kind in `raised`, and never names one twice [INV-009].
import type { InclusionProof, Outcome, Sth } from '../ct/types.ts'
import type { Change } from '../kernel/machine.ts'
import {
  type Evidence,
  type IncidentKind,
  type SfoContext,
  type SfoEffect,
  type SfoEvent,
  selfProving,
} from './types.ts'

export type ChallengeNow = Extract<SfoEvent, { type: 'challengeNow' }>
export type Answered = Extract<SfoEvent, { type: 'answered' }>
type Verdict = Change<SfoContext, SfoEffect>

// What a step cannot do without, an STH or a proof, its guard has seen or its state has: `as` stands where that is so.

/** Without its proof neither verdict can be shown to anyone, so it counts as an answer that does not verify. */
export function outcomeOf(context: SfoContext, { outcome, proof, leafHash }: Answered): Outcome {
  if (outcome !== 'proven' && outcome !== 'contradiction') return outcome
  const isElsewhere = leafHash !== undefined && proof?.leafIndex !== context.leafIndex
  return proof === null || isElsewhere ? 'badProof' : outcome
}

/** Another leaf is in its place, or the tree that has it is older than it. */
export function contradictionOf({ leafHash }: Answered): IncidentKind {
  return leafHash === undefined ? 'backdated' : 'substitution'
}

/** The boundary instant is out of grace: it escalates [AUD-009]. */
export const inGrace = (context: SfoContext, event: { readonly at: number }): boolean => event.at < context.graceEndsAt

/** Whether a refusal by the first-due STH can be put to a later tree, which may contain what the former lacks. */
export function canProbe({ sth, latest }: SfoContext): boolean {
  const asked = sth as Sth
  return latest !== null && latest.size > asked.size && latest.timestamp >= asked.timestamp
}

/**
 * The log's promise runs from the SCT's own timestamp. `dueAt` may lie a clock's skew before it (an SCT up to 5 min ahead),
 * which is right for challenging but proves nothing to a third party.
 */
function promiseEndsAt({ sctTimestamp, receivedAt, dueAt }: SfoContext): number {
  const mmd = dueAt - Math.min(sctTimestamp, receivedAt)
  return sctTimestamp + mmd
}

/** Whether this tree head can be asked for the leaf: a static-ct log has nothing to say of places beyond its tree. */
export function reaches({ leafIndex }: SfoContext, sth: Sth | null): boolean {
  return sth !== null && (leafIndex === undefined || sth.size > leafIndex)
}

/** What the SFO is judged by: the first-due STH, or, where that one neither reaches its place nor comes after its promise, the latest. */
export function judgedBy(context: SfoContext, { firstDue, latest }: ChallengeNow): Sth | null {
  if (context.leafIndex === undefined) return firstDue
  const decides = (sth: Sth | null) =>
    sth !== null && (reaches(context, sth) || sth.timestamp >= promiseEndsAt(context))
  return [firstDue, latest].find(decides) ?? null
}

/** The promise has run out, and the tree does not reach the place that was promised [EVID-008]. */
export function showsOmission(context: SfoContext, event: ChallengeNow): boolean {
  const sth = judgedBy(context, event)
  return sth !== null && !reaches(context, sth)
}

/** The later tree has the leaf at an index that the first-due tree had not reached: the MMD was violated [EVID-001]. */
export function provesLateMerge(context: SfoContext, event: Answered): boolean {
  const { refusedBy } = context
  if (outcomeOf(context, event) !== 'proven' || refusedBy === null) return false
  const { leafIndex } = event.proof as InclusionProof
  return leafIndex >= refusedBy.size && refusedBy.timestamp >= promiseEndsAt(context)
}

export function hold(): Verdict {
  return { context: { lastOutcome: 'notDue' } }
}

export function challengeFirstDue(context: SfoContext, event: ChallengeNow): Verdict {
  return challenge(context, judgedBy(context, event) as Sth, { latest: event.latest, refusedBy: null })
}

export function probeLatest(context: SfoContext, event: Answered): Verdict {
  const failed = { attempts: context.attempts + 1, lastOutcome: outcomeOf(context, event), refusedBy: context.sth }
  return challenge(context, context.latest as Sth, failed)
}

/** `refusedBy` is the first-due STH whether or not it was asked: a proof in the latest tree is held against it [AUD-013]. */
export function reprobe(context: SfoContext, { firstDue, latest }: ChallengeNow): Verdict {
  return challenge(context, latest as Sth, { latest, refusedBy: firstDue })
}

function challenge(context: SfoContext, sth: Sth, changed: Partial<SfoContext>): Verdict {
  const { sfoId, leafId } = context
  return { context: { ...changed, sth }, effects: [{ type: 'challenge', sfoId, leafId, sth }] }
}

export function prove(context: SfoContext): Verdict {
  const { sfoId } = context
  return { context: { ...rest, lastOutcome: 'proven' }, effects: [{ type: 'purgeChain', sfoId }] }
}

/** The chain stays: the earlier incident refers to it, and a person has to look at it. */
export function proveLate(): Verdict {
  return { context: { ...rest, lastOutcome: 'proven' } }
}

export function fail(context: SfoContext, event: Answered): Verdict {
  return { context: { ...rest, attempts: context.attempts + 1, lastOutcome: outcomeOf(context, event) } }
}

/** After a crash, or where the log has left: nothing is known of the challenge that ran. */
export function forgetChallenge(): Verdict {
  return { context: rest }
}

const rest = { refusedBy: null, latest: null } as const

export function escalateNoSth(context: SfoContext, event: ChallengeNow): Verdict {
  const sths = event.latest === null ? [] : [event.latest]
  return escalate({ ...context, lastOutcome: 'notDue' }, 'no-sth', sths, event)
}

export function escalateWithheld(context: SfoContext, event: Answered): Verdict {
  const failed = { ...context, attempts: context.attempts + 1, lastOutcome: outcomeOf(context, event) }
  return escalate(failed, 'withheld', challenged(context), event)
}

export function escalateOmission(context: SfoContext, event: ChallengeNow): Verdict {
  const sth = judgedBy(context, event) as Sth
  return escalate({ ...context, lastOutcome: 'contradiction' }, 'omission', [sth], event)
}

export function escalateContradiction(context: SfoContext, event: Answered): Verdict {
  const failed = { ...context, attempts: context.attempts + 1, lastOutcome: outcomeOf(context, event) }
  return escalate(failed, contradictionOf(event), [context.sth as Sth], event)
}

export function escalateLateMerge(context: SfoContext, event: Answered): Verdict {
  return escalate({ ...context, lastOutcome: 'proven' }, 'late-merge', challenged(context), event)
}

/** The first-due STH, and the later one where that was probed. */
function challenged({ refusedBy, sth }: SfoContext): readonly Sth[] {
  return [refusedBy, sth].filter((known) => known !== null)
}

function escalate(
  context: SfoContext,
  kind: IncidentKind,
  sths: readonly Sth[],
  event: ChallengeNow | Answered,
): Verdict {
  const evidence: Evidence = {
    kind,
    logId: context.logId,
    sfoId: context.sfoId,
    sths,
    proof: event.type === 'answered' && selfProving.has(kind) ? event.proof : null,
    ...(kind === 'substitution' ? { leafHash: (event as Answered).leafHash as string } : {}),
    lastOutcome: context.lastOutcome,
    since: context.receivedAt,
    spansGap: event.spansGap,
  }
  return {
    context: { ...context, ...rest, raised: [...context.raised, kind] },
    effects: [{ type: 'escalate', evidence }],
  }
}
