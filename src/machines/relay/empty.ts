// Step 9: the buckets that the round took are emptied, and each SFO is given its end [RELAY-109, RELAY-005, RELAY-017].
// Invariant: every SFO taken is counted in exactly one class or enters the report queue [INV-002, INV-006].

import { placeOf } from '../ct/leaf.ts'
import type { SfoId } from '../ct/types.ts'
import type { Acting } from '../kernel/machine.ts'
import { isProven } from './challenge.ts'
import { countFate, type Fate } from './counters.ts'
import { keptBack, openLogs } from './forward.ts'
import { oneLess } from './holdings.ts'
import { emptyBuckets } from './initial.ts'
import { auditorOf } from './reports.ts'
import { inOrder } from './take.ts'
import type { Holding, RelayContext, RelayEffect, Report, Round } from './types.ts'

export function emptyRound(context: RelayContext): Acting<RelayContext, RelayEffect> {
  const round = context.round as Round
  const reports = context.reports.asMutable()
  const variants = context.variants.asMutable()
  const done: SfoId[] = []
  const effects: RelayEffect[] = []
  let counters = context.counters
  const end = endOf(context, round)
  for (const sfo of inOrder(round.taken.values())) {
    const { sfoId, leafId, logId, sctTimestamp, hops } = sfo
    const fate = end(sfo, reports.size)
    if (typeof fate === 'object') {
      reports.set(sfoId, { sfoId, leafId, logId, sctTimestamp, ...placeOf(sfo), hops, ...fate })
      effects.push({ type: 'report', sfoId, auditorId: fate.auditorId })
      continue
    }
    counters = countFate(counters, fate)
    oneLess(variants, leafId)
    done.push(sfoId)
  }
  return {
    context: {
      counters,
      reports: reports.asImmutable(),
      variants: variants.asImmutable(),
      round: { ...round, taken: round.taken.clear(), buckets: emptyBuckets(context.config.n) },
    },
    effects: [{ type: 'emptyBuckets', round: round.number, sfoIds: done }, ...effects],
  }
}

type ToAuditor = Pick<Report, 'auditorId' | 'forwarded'>

/** The first that applies: proven, to the auditor, forwarded, dropped. */
function endOf(context: RelayContext, round: Round) {
  const { policy, reportCapacity } = context.config
  const open = openLogs(round)
  return (sfo: Holding, queued: number): Fate | ToAuditor => {
    if (isProven(context, round, sfo.leafId)) return 'proven'
    const forwarded = round.delivered.has(sfo.sfoId)
    if (policy.reporting === 'auditor' && !round.undue.has(sfo.sfoId)) {
      const auditorId = auditorOf(round.auditors, sfo.sfoId)
      if (auditorId !== undefined && queued < reportCapacity) return { auditorId, forwarded }
      if (!forwarded) return auditorId === undefined ? 'noAuditor' : 'reportQueueFull'
    }
    if (forwarded) return 'forwarded'
    return keptBack(context, open, sfo) ? 'forwardedBefore' : 'forwardFailed'
  }
}
