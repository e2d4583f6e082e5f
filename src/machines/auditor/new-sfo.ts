// The first row of an SFO [AUD-011, AUD-103, WIRE-012]: pending, or escalated at once where its SCT is dated in the future.
// Invariant: the grace begins when the auditor has the SFO and the log owes it, whichever is later; before that nobody has failed.
import { dueAt } from '../ct/due.ts'
import { placeOf } from '../ct/leaf.ts'
import type { LeafId, LogId, SfoId } from '../ct/types.ts'
import type { Evidence, IncidentKind, NewSfo, SfoContext } from './types.ts'

/** Times in milliseconds. `graceMs`: max(MMD, configured grace). `future`: the SCT is more than 5 min ahead. */
export interface Received {
  readonly sfoId: SfoId
  readonly leafId: LeafId
  readonly logId: LogId
  readonly sctTimestamp: number
  readonly leafIndex?: number
  readonly receivedAt: number
  readonly mmd: number
  readonly graceMs: number
  readonly future: boolean
}

export function newSfo(received: Received): NewSfo {
  const { sfoId, leafId, logId, sctTimestamp, receivedAt, mmd, graceMs, future } = received
  const due = dueAt(sctTimestamp, mmd, receivedAt)
  const context: SfoContext = {
    sfoId,
    leafId,
    logId,
    sctTimestamp,
    ...placeOf(received),
    receivedAt,
    dueAt: due,
    graceEndsAt: Math.max(receivedAt, due) + Math.max(mmd, graceMs),
    attempts: 0,
    lastOutcome: null,
    sth: null,
    refusedBy: null,
    latest: null,
    raised: future ? ['future-sct'] : [],
  }
  if (!future) return { state: { value: { pending: 'waiting' }, context }, escalate: null }
  return { state: { value: { resolved: 'escalated' }, context }, escalate: unasked(context, 'future-sct') }
}

/** The store has an SFO of the same place and another leaf [AUD-103.2]. */
export function equivocation(context: SfoContext, otherSfoId: SfoId): Evidence {
  return { ...unasked(context, 'equivocation'), otherSfoId }
}

/** What is raised before any log was asked. */
function unasked({ logId, sfoId, receivedAt }: SfoContext, kind: IncidentKind): Evidence {
  return { kind, logId, sfoId, sths: [], proof: null, lastOutcome: null, since: receivedAt, spansGap: false }
}
