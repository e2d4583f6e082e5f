// When a log owes inclusion, and by which STH it is judged [WIRE-012; RELAY-003, AUD-010, AUD-011].
// Invariant: pure functions of their arguments; the boundary instant counts as due.
import { compareSth } from './sth.ts'
import type { Sth } from './types.ts'

/** Milliseconds. An SCT's timestamp is the submitter's word: one from the future must not postpone the date. */
export function dueAt(sctTimestamp: number, mmd: number, receivedAt: number): number {
  return Math.min(sctTimestamp, receivedAt) + mmd
}

/**
 * The earliest STH at or after `due`, or, of a static-ct log, whose tree has the leaf's index: there it is fixed for good. null: not
 * due yet, which is no failure. `sths`: of one log, ordered by `compareSth`.
 */
export function firstDueSth(sths: readonly Sth[], due: number, leafIndex?: number): Sth | null {
  // Sizes need not grow with time where a log forks, so no search by halves finds the first that reaches the index.
  if (leafIndex !== undefined) return sths.find(({ timestamp, size }) => timestamp >= due || size > leafIndex) ?? null
  let from = 0
  let to = sths.length
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((sths[middle] as Sth).timestamp >= due) to = middle
    else from = middle + 1
  }
  return sths[from] ?? null
}

/** The last by (timestamp, size), or null of none; in any order. */
export function latestSth(sths: readonly Sth[]): Sth | null {
  let latest: Sth | null = null
  for (const sth of sths) if (latest === null || compareSth(sth, latest) > 0) latest = sth
  return latest
}
