// How a round begins and ends [RELAY-101, 102, 103, 110; RELAY-016, RELAY-021]; its steps lie in the files named after them.
// Invariant: `round` is null exactly while the relay is passive.
import { Map as PersistentMap } from 'immutable'
import type { LeafId, LogId } from '../ct/types.ts'
import type { Acting, Change } from '../kernel/machine.ts'
import type { Ctr } from '../tor/types.ts'
import { chooseFrom } from './chance.ts'
import { countFate } from './counters.ts'
import { peerDraws } from './draws.ts'
import { emptyRound } from './empty.ts'
import { oneLess } from './holdings.ts'
import { logOf } from './reference.ts'
import { rotate } from './rotate.ts'
import { type Taken, takeBuckets } from './take.ts'
import type { Peer, RelayContext, RelayEffect, RelayEvent, Round } from './types.ts'

type RelayChange = Change<RelayContext, RelayEffect>
type Waited = Extract<RelayEvent, { type: 'waited' }>

/** Steps 1 to 3: the wait is over, the buckets are taken, the logs are connected to. */
export function startRound(context: RelayContext, event: Waited): RelayChange {
  const number = context.roundNumber + 1
  const taken = takeBuckets(context, event.at)
  const logOrder = shuffledLogs(taken.asked.keys(), event.draw, peerDraws(context))
  const left = settle(context, taken)
  return {
    context: {
      roundNumber: number,
      held: taken.back.held,
      buckets: taken.back.buckets,
      variants: left.variants,
      counters: left.counters,
      round: newRound(context, event, taken, logOrder),
    },
    effects: [
      { type: 'startDeadline', round: number, ms: context.config.roundDeadlineMs },
      ...left.effects,
      { type: 'connect', round: number, logIds: logOrder },
    ],
  }
}

/** Step 10. */
export function endRound(context: RelayContext): Acting<RelayContext, RelayEffect> {
  const { roundNumber: round, config } = context
  return {
    context: { round: null },
    effects: [
      { type: 'endRound', round },
      { type: 'startWait', ms: waitAgain(context) ? config.waitMs : 0 },
    ],
  }
}

/** The round's hard deadline [RELAY-001, INV-002]: steps 8, 9 and 10 at once, whatever was still to come. */
export function abortRound(context: RelayContext, { at }: { readonly at: number }): RelayChange {
  const rotated = rotate(context, { at })
  const emptied = emptyRound({ ...context, ...rotated.context })
  const ended = endRound({ ...context, ...rotated.context, ...emptied.context })
  const [stop, ...wait] = ended.effects as readonly [RelayEffect, ...RelayEffect[]]
  return {
    context: { ...rotated.context, ...emptied.context, ...ended.context },
    effects: [stop, ...rotated.effects, ...emptied.effects, ...wait],
  }
}

/** A bucket that deferred SFOs filled during the round ends the next wait; one full of what is not due yet does not. */
function waitAgain({ buckets, config: { policy, bucketCapacity } }: RelayContext): boolean {
  if (policy.bucketFull !== 'end-wait' || policy.notDue !== 'challenge') return true
  return buckets.every(({ list }) => list.size < bucketCapacity)
}

function newRound(context: RelayContext, { at, draw }: Waited, taken: Taken, logOrder: readonly LogId[]): Round {
  return {
    number: context.roundNumber + 1,
    startedAt: at,
    taken: taken.taken,
    undue: taken.undue,
    buckets: taken.buckets,
    peers: samplePeers(context, draw),
    auditors: (context.consensus?.auditors ?? []).map(({ auditorId }) => auditorId).sort(),
    logOrder,
    asked: taken.asked,
    answered: taken.answered,
    delivered: PersistentMap(),
    pending: PersistentMap(),
    failed: PersistentMap(),
    retrying: false,
  }
}

/** Uniformly without replacement, ordered by identity, without this relay and its family [RELAY-016]. */
function samplePeers({ config, consensus }: RelayContext, draws: readonly number[]): readonly Peer[] {
  const ctrs = consensus?.ctrs ?? []
  const declared = ctrs.filter(({ ctrId }) => ctrId === config.self).flatMap(({ family }) => family)
  const excluded = new Set([config.self, ...config.family, ...declared])
  const candidates = ctrs.filter(({ ctrId }) => !excluded.has(ctrId)).sort(byIdentity)
  const chosen = chooseFrom(candidates, Math.min(config.n, candidates.length), draws)
  return chosen.map((ctr, bucket) => ({ ctr, bucket }))
}

function byIdentity(a: Ctr, b: Ctr): number {
  return a.ctrId < b.ctrId ? -1 : 1
}

/** One circuit a log, in an order that tells a log nothing [RELAY-015]. */
function shuffledLogs(leafIds: Iterable<LeafId>, draws: readonly number[], from: number): readonly LogId[] {
  const logIds = [...new Set(Array.from(leafIds, logOf))].sort()
  return chooseFrom(logIds, logIds.length, draws, from)
}

/** Those that were proven while they lay in a bucket, and those that were held too long. */
function settle(context: RelayContext, { proven, expired }: Taken) {
  const gone = [...proven, ...expired]
  const counters = countFate(countFate(context.counters, 'proven', proven.length), 'expired', expired.length)
  const variants = context.variants.withMutations((all) => {
    for (const sfo of gone) oneLess(all, sfo.leafId)
  })
  const sfoIds = gone.map((sfo) => sfo.sfoId).sort()
  const effects: readonly RelayEffect[] = gone.length === 0 ? [] : [{ type: 'forgetSfos', sfoIds }]
  return { counters, variants, effects }
}
