// Report entries of the in-memory store [AUD-003, AUD-004, AUD-022]. Invariant: one entry per (ctrId, circuit).
import type { ReportEntry } from '../../../machines/auditor/types.ts'
import type { LogId } from '../../../machines/ct/types.ts'
import type { CtrId } from '../../../machines/tor/types.ts'
import { compareText } from './rules.ts'

export interface MemoryReports {
  put(entry: ReportEntry): void
  entries(ctrId: CtrId, since: number): readonly ReportEntry[]
  reportingCtrs(): readonly CtrId[]
  reportersByLog(since: number): ReadonlyMap<LogId, number>
  /** Answers how many entries left. */
  prune(before: number, keepPerCtr: number): number
}

export function memoryReports(): MemoryReports {
  const byCtr = new Map<CtrId, Map<string, ReportEntry>>()
  /** When each CTR last reported an SFO of each log. */
  const lastReports = new Map<LogId, Map<CtrId, number>>()

  function entries(ctrId: CtrId, since: number): readonly ReportEntry[] {
    const circuits = [...(byCtr.get(ctrId)?.values() ?? [])].filter(({ at }) => at >= since)
    return circuits.sort((a, b) => a.at - b.at || compareText(a.circuit, b.circuit))
  }

  function put(entry: ReportEntry): void {
    const { ctrId, circuit, at, perLog } = entry
    byCtr.set(ctrId, (byCtr.get(ctrId) ?? new Map()).set(circuit, entry))
    for (const logId of Object.keys(perLog).filter((id) => (perLog[id] ?? 0) > 0)) {
      const last = lastReports.get(logId) ?? new Map<CtrId, number>()
      lastReports.set(logId, last.set(ctrId, Math.max(at, last.get(ctrId) ?? at)))
    }
  }

  function prune(before: number, keepPerCtr: number): number {
    let pruned = 0
    for (const [ctrId, circuits] of byCtr) {
      const all = entries(ctrId, Number.NEGATIVE_INFINITY)
      const kept = entries(ctrId, before).slice(-keepPerCtr || all.length)
      for (const { circuit } of all.filter((entry) => !kept.includes(entry))) circuits.delete(circuit)
      pruned += all.length - kept.length
      if (circuits.size === 0) byCtr.delete(ctrId)
    }
    for (const last of lastReports.values()) for (const [ctrId, at] of last) if (at < before) last.delete(ctrId)
    return pruned
  }

  return {
    put,
    entries,
    prune,
    reportingCtrs: () => [...byCtr.keys()].sort(),
    reportersByLog(since) {
      const counts = [...lastReports].map(([logId, last]) => [logId, count(last.values(), since)] as const)
      return new Map(counts.filter(([, reporters]) => reporters > 0))
    },
  }
}

const count = (times: Iterable<number>, since: number): number => [...times].filter((at) => at >= since).length
