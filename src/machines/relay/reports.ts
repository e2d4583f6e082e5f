// Reports to auditors [RELAY-005]: what no log proved although it was due goes to one auditor, the same for that SFO always.
// Invariant: an SFO leaves the report queue once, by acknowledgement or because the interpreter gave up.
import type { SfoId } from '../ct/types.ts'
import type { Change } from '../kernel/machine.ts'
import type { AuditorId } from '../tor/types.ts'
import { countFate, type Fate } from './counters.ts'
import { oneLess } from './holdings.ts'
import type { RelayContext, RelayEffect, RelayEvent } from './types.ts'

type Reported = Extract<RelayEvent, { type: 'reported' }>

/** `auditors`: ordered by ID. All relays that hold an SFO choose the same one, and none can be made to choose another. */
export function auditorOf(auditors: readonly AuditorId[], sfoId: SfoId): AuditorId | undefined {
  return auditors[Number.parseInt(sfoId.slice(0, 8), 16) % auditors.length]
}

export function settleReport(context: RelayContext, { sfoId, ok }: Reported): Change<RelayContext, RelayEffect> {
  const report = context.reports.get(sfoId)
  if (report === undefined) return { ignored: 'unknownReport' }
  const delivered: Fate = report.forwarded ? 'forwarded' : 'reportFailed'
  return {
    context: {
      reports: context.reports.delete(sfoId),
      variants: oneLess(context.variants, report.leafId),
      counters: countFate(context.counters, ok ? 'reported' : delivered),
    },
    effects: [{ type: 'forgetSfos', sfoIds: [sfoId] }],
  }
}
