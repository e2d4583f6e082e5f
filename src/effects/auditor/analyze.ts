// Step 4: what the reports say of CTRs and of logs [AUD-120, AUD-022, AUD-004]. Invariant: one CTR's window is in memory at a time; a CTR
// is alerted once until its alert ends.
import { expectedReports } from '../../machines/auditor/null-model.ts'
import { initialReport, reportMachine } from '../../machines/auditor/report.ts'
import { isLogDown } from '../../machines/auditor/reporters.ts'
import type { ReportContext, ReportEffect } from '../../machines/auditor/types.ts'
import type { LogId } from '../../machines/ct/types.ts'
import type { State } from '../../machines/kernel/machine.ts'
import { step } from '../../machines/kernel/step.ts'
import type { Consensus, CtrId } from '../../machines/tor/types.ts'
import { pause } from '../deadline.ts'
import type { Views } from './views.ts'
import type { AuditorWorld } from './world.ts'

/** `ctrs`: those of the consensus, as the round machine counts them. */
export type Analyze = (consensus: Consensus, ctrs: number, signal: AbortSignal) => Promise<void>

const reportersWindowMs = 3_600_000
/** CTRs that are judged before other work gets its turn. */
const batch = 32

export function analyzeOf(world: AuditorWorld, views: Pick<Views, 'reporters'>): Analyze {
  const { clock, config, store, tools, writes } = world
  /** Of those alone that are alerted; without their entries, which the store has. */
  const alerted = new Map<CtrId, State<ReportContext>>()

  function judge(ctrId: CtrId, expected: { valid: number; invalid: number }, downLogs: readonly LogId[]) {
    const facts = { expected: expected.valid, expectedInvalid: expected.invalid, downLogs }
    const before = alerted.get(ctrId) ?? initialReport(ctrId, config.report)
    // Pruned on write, and in order.
    const entries = store.entries(ctrId, clock.now() - config.report.windowMs).slice(-config.report.maxEntries)
    const window = { ...before, context: { ...before.context, entries } }
    const { state, effects } = step(reportMachine, window, { type: 'analyze', ...facts, at: clock.now() })
    for (const effect of effects) tell(effect)
    const context = { ...state.context, entries: before.context.entries }
    if (state.value === 'alerting') alerted.set(ctrId, { ...state, context })
    else alerted.delete(ctrId)
  }

  function tell(effect: ReportEffect) {
    const { ctrId: ctr } = effect
    if (effect.type === 'alertEnded') return tools.info('alert ended', { ctr })
    const { kind, seen, expected, p } = effect
    tools.count('auditor_alerts_total', { kind })
    tools.warn('ctrAlert', { ctr, kind, seen, expected, p })
  }

  return async ({ logs, auditors }, ctrs, signal) => {
    const { windowMs, maxEntries } = config.report
    await writes.write('pruneEntries', () => store.pruneEntries(clock.now() - windowMs, maxEntries))
    const distinct = store.reportersByLog(clock.now() - reportersWindowMs)
    await views.reporters(logs, distinct, ctrs)
    const downLogs = logs.map(({ logId }) => logId).filter((logId) => isLogDown(distinct.get(logId) ?? 0, ctrs))
    const expected = expectedReports({ ...config.nullModel, ctrs, auditors: auditors.length, windowMs })
    // A CTR whose last entry has left the window has an alert to end.
    const ctrIds = new Set([...store.reportingCtrs(), ...alerted.keys()])
    for (const [n, ctrId] of [...ctrIds].entries()) {
      if (n % batch === batch - 1 && !(await pause(clock, signal, 0))) return
      judge(ctrId, expected, downLogs)
    }
    const counts = store.counts()
    for (const [status, count] of Object.entries(counts)) tools.gauge('auditor_rows', count, { status })
  }
}
