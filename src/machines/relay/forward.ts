// Step 6: what no log proved goes to other CTRs, bucket i to CTR i [RELAY-106, RELAY-010, RELAY-017, RELAY-025].
// Invariant: every sampled CTR is connected to, and none is asked twice to take the same SFO.
import type { LogId, SfoId } from '../ct/types.ts'
import type { Change } from '../kernel/machine.ts'
import { remember } from './aged.ts'
import { isProven } from './challenge.ts'
import type { RandomSet } from './random-set.ts'
import { logOf } from './reference.ts'
import type { Delivery, Holding, RelayContext, RelayEffect, RelayEvent, Round } from './types.ts'

type RelayChange = Change<RelayContext, RelayEffect>
type Delivered = Extract<RelayEvent, { type: 'delivered' }>

/** Step 6 begins. Buckets beyond the number of peers have nobody to go to. */
export function forwardSfos(context: RelayContext): RelayChange {
  const round = context.round as Round
  const open = openLogs(round)
  const mayGo = (sfoId: SfoId) => {
    const sfo = round.taken.get(sfoId) as Holding
    return !isProven(context, round, sfo.leafId) && !keptBack(context, open, sfo)
  }
  const pending = new Map<SfoId, number>()
  const deliveries = round.peers.map(({ ctr, bucket }, i): Delivery => {
    const sfoIds = (round.buckets[bucket] as RandomSet).list.toArray().filter(mayGo).sort()
    for (const sfoId of sfoIds) pending.set(sfoId, (pending.get(sfoId) ?? 0) | (1 << i))
    return { ctr, sfoIds }
  })
  return {
    context: { round: { ...round, pending: round.pending.merge(pending) } },
    effects: [{ type: 'forward', round: round.number, deliveries }],
  }
}

/** A peer's answer. */
export function takeDelivery(context: RelayContext, { ctrId, sfoId, ok, at }: Delivered): RelayChange {
  const round = context.round as Round
  // A stranger's is the sign bit, which no peer has: there are at most 30.
  const bit = 1 << round.peers.findIndex(({ ctr }) => ctr.ctrId === ctrId)
  const asked = round.pending.get(sfoId) ?? 0
  if ((asked & bit) === 0) return { ignored: 'notAsked' }
  const pending = asked === bit ? round.pending.delete(sfoId) : round.pending.set(sfoId, asked & ~bit)
  if (!ok) {
    const failed = round.failed.set(sfoId, (round.failed.get(sfoId) ?? 0) | bit)
    return { context: { round: { ...round, pending, failed } } }
  }
  const delivered = round.delivered.set(sfoId, true)
  return { context: { ...rememberLeaf(context, round, sfoId, at), round: { ...round, pending, delivered } } }
}

/** Why RELAY-010 keeps an SFO back although no log has proven it. */
export function keptBack(context: RelayContext, open: ReadonlySet<LogId>, sfo: Holding): boolean {
  if (context.config.policy.forwardHops === 'unbounded') return false
  return sfo.hops > 0 || context.forwardedLeaves.has(sfo.leafId) || open.has(sfo.logId)
}

/** Logs whose circuit breaker opened in this round: they fail wholesale, and their SFOs would flood the network. */
export function openLogs(round: Round): ReadonlySet<LogId> {
  const open = new Set<LogId>()
  for (const [leafId, { breakerOpen }] of round.answered) if (breakerOpen) open.add(logOf(leafId))
  return open
}

function rememberLeaf(context: RelayContext, round: Round, sfoId: SfoId, at: number): Partial<RelayContext> {
  const { leafId } = round.taken.get(sfoId) as Holding
  if (context.config.policy.forwardHops === 'unbounded' || context.forwardedLeaves.has(leafId)) return {}
  const aged = { times: context.forwardedLeaves, byAge: context.forwardedByAge }
  const { times, byAge } = remember(aged, leafId, at, context.config.forwardMemoryCapacity)
  return { forwardedLeaves: times, forwardedByAge: byAge }
}
