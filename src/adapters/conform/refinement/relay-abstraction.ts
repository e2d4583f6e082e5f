// The relay machine's state and effects in the model's words. Invariant: nothing of the state is left out but the time at which a round
// started, which nothing reads.
import type { State } from '../../../machines/kernel/machine.ts'
import type { Aged } from '../../../machines/relay/aged.ts'
import type { RandomSet } from '../../../machines/relay/random-set.ts'
import type { Holding, RelayContext, RelayEffect, Round } from '../../../machines/relay/types.ts'
import { inOrder, type Trace, type Value, type Variant } from './quint.ts'
import { leafNumber, modelSth, numberOf, onionNumber, sfoNumber } from './relay-words.ts'

/** Maps as the model's: pairs in the order of their text. */
function map<K, V>(entries: Iterable<readonly [K, V]>, key: (key: K) => Value, value: (value: V) => Value): Value {
  return inOrder(Array.from(entries, ([k, v]) => [key(k), value(v)]))
}

const bits = (mask: number): Value => inOrder(Array.from({ length: 30 }, (_, i) => i).filter((i) => mask & (1 << i)))
const leaf = (value: State<RelayContext>['value']): string =>
  typeof value === 'string' ? value : Object.entries(value).flat().join('.')

export function relayState({ value, context }: State<RelayContext>): Value {
  const { consensus, logs, roundNumber, buckets, held, variants, reports, round, counters } = context
  return {
    leaf: leaf(value),
    consensus: {
      validAfter: consensus?.validAfter ?? -1,
      ctrs: inOrder((consensus?.ctrs ?? []).map(({ ctrId }) => numberOf(ctrId))),
      auditors: inOrder((consensus?.auditors ?? []).map(({ auditorId }) => numberOf(auditorId))),
    },
    logs: map(logs, numberOf, ({ sths }) => sths.map(modelSth)),
    roundNumber,
    held: map(held, sfoNumber, holding),
    buckets: contents(buckets),
    variants: map(variants, leafNumber, (count) => count),
    proofs: aged({ times: context.proofs, byAge: context.proofsByAge }),
    forwardedLeaves: aged({ times: context.forwardedLeaves, byAge: context.forwardedByAge }),
    addresses: context.addresses.map(({ address, at }) => ({ address: onionNumber(address), at })),
    reports: map(reports, sfoNumber, ({ leafId, hops, auditorId, forwarded }) => ({
      leaf: leafNumber(leafId),
      hops,
      auditor: numberOf(auditorId),
      forwarded,
    })),
    round: round === null ? null : roundState(round),
    counters: { ...counters, dropped: map(Object.entries(counters.dropped), String, Number) },
  }
}

function holding({ sfoId, leafId, logId, sctTimestamp, hops, receivedAt, buckets }: Holding): Value {
  const ref = { sfo: sfoNumber(sfoId), leaf: leafNumber(leafId), log: numberOf(logId), sct: sctTimestamp, hops }
  return { ...ref, receivedAt, buckets: bits(buckets) }
}

function contents(buckets: readonly RandomSet[]): Value {
  return buckets.map(({ list }) => inOrder(list.toArray().map(sfoNumber)))
}

function aged({ times, byAge }: Aged): Value {
  return byAge.toArray().map((leafId) => ({ leaf: leafNumber(leafId), at: times.get(leafId) ?? -1 }))
}

function roundState(round: Round): Value {
  const asked = (pending: Round['pending']) =>
    inOrder([...pending].flatMap(([sfoId, mask]) => (bits(mask) as number[]).map((i) => [sfoNumber(sfoId), i])))
  return {
    taken: map(round.taken, sfoNumber, holding),
    buckets: contents(round.buckets),
    undue: inOrder([...round.undue.keys()].map(sfoNumber)),
    peers: round.peers.map(({ ctr }) => numberOf(ctr.ctrId)),
    auditors: round.auditors.map(numberOf),
    logOrder: round.logOrder.map(numberOf),
    asked: map(round.asked, leafNumber, modelSth),
    answered: map(round.answered, leafNumber, ({ outcome, breakerOpen }) => ({ outcome, breakerOpen })),
    delivered: inOrder([...round.delivered.keys()].map(sfoNumber)),
    pending: asked(round.pending),
    failed: asked(round.failed),
    retrying: round.retrying,
  }
}

interface ModelHolding {
  readonly leaf: number
  readonly buckets: readonly number[]
}
type Holdings = readonly (readonly [number, ModelHolding])[]

/** What the machine keeps beside what is held follows from what is held. */
export function modelRelayState({ relay, config }: Trace['states'][number]): Value {
  const { sths: _, ...consensus } = relay.consensus
  const bucketsOf = (holdings: Holdings) =>
    Array.from({ length: config.n }, (_, b) =>
      inOrder(holdings.filter(([, { buckets }]) => buckets.includes(b)).map(([sfo]) => sfo)),
    )
  const variants = new Map<number, number>()
  for (const [, one] of [...relay.held, ...relay.round.taken, ...relay.reports])
    variants.set(one.leaf, (variants.get(one.leaf) ?? 0) + 1)
  const round = relay.leaf === 'passive' ? null : { ...relay.round, buckets: bucketsOf(relay.round.taken) }
  return { ...relay, consensus, round, buckets: bucketsOf(relay.held), variants: inOrder([...variants]) }
}

export function relayEffect(effect: RelayEffect): Variant {
  switch (effect.type) {
    case 'startWait':
      return { tag: 'StartWait', value: effect.ms }
    case 'startDeadline':
      return { tag: 'StartDeadline', value: { round: effect.round, ms: effect.ms } }
    case 'endRound':
      return { tag: 'EndRound', value: effect.round }
    case 'connect':
      return { tag: 'Connect', value: { round: effect.round, logs: effect.logIds.map(numberOf) } }
    case 'challenge': {
      const groups = effect.groups.map(({ logId, challenges }) => ({
        log: numberOf(logId),
        challenges: challenges.map(({ leafId, sfoId, sth }) => ({
          leaf: leafNumber(leafId),
          sfo: sfoNumber(sfoId),
          sth: modelSth(sth),
        })),
      }))
      return { tag: 'ChallengeLogs', value: { round: effect.round, groups } }
    }
    case 'fetch':
      return {
        tag: 'Fetch',
        value: { round: effect.round, addresses: effect.addresses.map(onionNumber), limit: effect.limit },
      }
    case 'forward': {
      const deliveries = effect.deliveries.map(({ ctr, sfoIds }) => ({
        ctr: numberOf(ctr.ctrId),
        sfos: sfoIds.map(sfoNumber),
      }))
      return { tag: 'Forward', value: { round: effect.round, deliveries } }
    }
    case 'announce': {
      const ctrs = effect.ctrs.map(({ ctrId }) => numberOf(ctrId))
      return { tag: 'Announce', value: { round: effect.round, ctrs, retire: effect.retire } }
    }
    case 'forgetProofs':
      return { tag: 'ForgetProofs', value: { round: effect.round, leaves: effect.leafIds.map(leafNumber) } }
    case 'emptyBuckets':
      return { tag: 'EmptyBuckets', value: { round: effect.round, sfos: effect.sfoIds.map(sfoNumber) } }
    case 'forgetSfos':
      return { tag: 'ForgetSfos', value: effect.sfoIds.map(sfoNumber) }
    case 'forgetPairs':
      return { tag: 'ForgetPairs', value: effect.leafIds.map(leafNumber) }
    case 'keepPair':
      return { tag: 'KeepPair', value: leafNumber(effect.pair.leafId) }
    case 'serveProofs':
      return { tag: 'ServeProofs', value: { request: Number(effect.request), leaves: effect.leafIds.map(leafNumber) } }
    case 'report':
      return { tag: 'SendReport', value: { sfo: sfoNumber(effect.sfoId), auditor: numberOf(effect.auditorId) } }
  }
}
