// How many CTRs report SFOs of a log: many at once means that the log is down, or ignores them [AUD-022, AUD-120].
// Invariant: a CTR counts once for each log, however many circuits it opens.
import type { LogId } from '../ct/types.ts'
import type { CtrId } from '../tor/types.ts'
import type { ReportEntry } from './types.ts'

/** Distinct CTRs with a valid SFO of each log in entries of `since` or later, milliseconds. */
export function distinctReporters(entries: readonly ReportEntry[], since: number): ReadonlyMap<LogId, number> {
  const reporters = new Map<LogId, Set<CtrId>>()
  for (const { at, ctrId, perLog } of entries) {
    if (at < since) continue
    for (const logId of Object.keys(perLog)) {
      const known = reporters.get(logId)
      if (known === undefined) reporters.set(logId, new Set([ctrId]))
      else known.add(ctrId)
    }
  }
  return new Map([...reporters].map(([logId, ctrIds]) => [logId, ctrIds.size]))
}

/** More than max(3, 1 % of the CTRs), in integers. */
export function isLogDown(distinct: number, ctrs: number): boolean {
  return distinct > 3 && distinct * 100 > ctrs
}
