// When an SFO is due, and the STH that its log has to prove inclusion in [RELAY-002, RELAY-003, WIRE-012].
// Invariant: pure in the SFO's times and the known STHs; no clock decides what a log owes.
import type { Map as PersistentMap } from 'immutable'
import { dueAt, firstDueSth, latestSth } from '../ct/due.ts'
import type { LeafId, LogId, Sth } from '../ct/types.ts'
import type { Holding, KnownLog, Policy } from './types.ts'

export interface Reference {
  readonly due: boolean
  /** null: the log is unknown, or has no STH that the policy would take. */
  readonly sth: Sth | null
}

type Logs = PersistentMap<LogId, KnownLog>

export function referenceOf(policy: Policy, logs: Logs, sfo: Holding): Reference {
  const log = logs.get(sfo.logId)
  if (log === undefined) return { due: false, sth: null }
  const firstDue = firstDueSth(log.sths, dueAt(sfo.sctTimestamp, log.mmd, sfo.receivedAt), sfo.leafIndex)
  const due = firstDue !== null
  if (policy.referenceSth === 'first-due' && due) return { due, sth: firstDue }
  return { due, sth: due || policy.notDue === 'challenge' ? latestSth(log.sths) : null }
}

/** Held for more than `holdLimitMs` beyond the due time; an unknown log has no MMD. */
export function holdIsOver(logs: Logs, sfo: Holding, holdLimitMs: number, at: number): boolean {
  const owed = dueAt(sfo.sctTimestamp, logs.get(sfo.logId)?.mmd ?? 0, sfo.receivedAt)
  return at - Math.max(owed, sfo.receivedAt) > holdLimitMs
}

/** A leafId names its log first [WIRE-010]. */
export function logOf(leafId: LeafId): LogId {
  return leafId.slice(0, leafId.indexOf(':'))
}
