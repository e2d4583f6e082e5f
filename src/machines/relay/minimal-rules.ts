// Requirements of the relay as predicates over one step, beside its invariants [spec/relay.md]; the explorer asks them on every edge.
// Invariant: each is read from the specification, and shares no code with the machine.
import type { LogId, SfoId, Sth } from '../ct/types.ts'
import type { Observed as Edge } from '../kernel/explore.ts'
import { relayInvariants } from './invariants.ts'
import { auditorId as onlyAuditor, type RelayWorld } from './minimal-scene.ts'
import type { Holding, RelayContext, RelayEffect, RelayEvent, SfoRef } from './types.ts'

type Observed = Edge<RelayContext, RelayEvent, RelayEffect, RelayWorld>
type Of<T extends RelayEffect['type']> = Extract<RelayEffect, { type: T }>

export const minimalRules: Readonly<Record<string, (observed: Observed) => boolean>> = {
  ...relayInvariants,
  'INV-006: every SFO that arrives is counted, and nothing else': countsArrivals,
  'RELAY-001: nothing enters what a running round took': takesNothingMore,
  'RELAY-001: what runs has its deadline, a step that is awaited, and else the wait is on': ({ step, after }) =>
    step.state.value === 'passive' ? after.waiting && !after.deadline : after.deadline && after.step !== null,
  'RELAY-002: a round that holds takes nothing that is not due': takesDueOnly,
  'RELAY-003: an SFO is challenged with the STH of its policy': challengesByPolicy,
  'RELAY-005: a report is about what no log proved although it was due, and goes to its auditor': reportsRightly,
  'RELAY-010: nothing is forwarded twice, nor from a CTR, nor for a log that fails wholesale': forwardsRightly,
  'RELAY-011: a full bucket ends the wait, or nothing but time does': endsWaitRightly,
  'RELAY-014: a duplicate changes no bucket': duplicateDrawsNothing,
  'RELAY-014: of two numbers of hops the smaller is kept': keepsFewestHops,
  'RELAY-016: a consensus changes nothing of a running round': ({ before, event, step }) =>
    event.type !== 'consensus' || step.state.context.round === before.context.round,
  'RELAY-017: a second try is another CTR': triesAnother,
  'RELAY-019: an address is used once, and in its lifetime': fetchesRightly,
  'RELAY-021: an event of another round changes nothing': staleChangesNothing,
  'RELAY-025: every sampled CTR is connected to': connectsToAll,
  'RELAY-104: every leaf that was taken and has an STH is challenged': challengesAll,
  'RELAY-108: the pairs that are kept are those of the proof set, none beyond its lifetime': keepsPairs,
  'RELAY-109: the bytes that are kept are those of the SFOs that are held': keepsBytes,
  'RELAY-111: what is proven enters no bucket': provenEntersNothing,
  'RELAY-113: what is served is in the proof set, each once': servesRightly,
}

function effectsOf<T extends RelayEffect['type']>({ step }: Observed, type: T): readonly Of<T>[] {
  return step.effects.filter((effect): effect is Of<T> => effect.type === type)
}

function countsArrivals({ before, event, step }: Observed): boolean {
  const arrives = (event.type === 'sfo' || event.type === 'invalidSfo') && step.disposition !== 'rejected'
  return step.state.context.counters.received === before.context.counters.received + (arrives ? 1 : 0)
}

function takesNothingMore({ before, step }: Observed): boolean {
  const [was, is] = [before.context.round, step.state.context.round]
  if (was === null || is === null || was === is) return true
  if (was.taken === is.taken && was.buckets === is.buckets) return true
  return [...is.taken.keys()].every((sfoId) => was.taken.has(sfoId)) && fits(is.buckets, was.buckets)
}

type Buckets = RelayContext['buckets']

function fits(inner: Buckets, outer: Buckets): boolean {
  return inner.every(({ list }, b) => list.every((sfoId) => outer[b]?.list.includes(sfoId) === true))
}

/** WIRE-012: STHs of the log that show what it owes, earliest first. */
function dueSths({ logs }: RelayContext, { logId, sctTimestamp, receivedAt }: Holding): readonly Sth[] {
  const log = logs.get(logId)
  const owed = Math.min(sctTimestamp, receivedAt) + (log?.mmd ?? 0)
  return (log?.sths ?? []).filter(({ timestamp }) => timestamp >= owed)
}

function startOf({ before, event, step }: Observed) {
  const { round } = step.state.context
  return event.type === 'waited' && before.context.round === null ? round : null
}

function takesDueOnly(observed: Observed): boolean {
  const { context } = observed.before
  const round = startOf(observed)
  if (round === null || context.config.policy.notDue === 'challenge') return true
  return round.taken.every((sfo) => dueSths(context, sfo).length > 0)
}

function challengesByPolicy(observed: Observed): boolean {
  const { context } = observed.before
  const asked = startOf(observed)?.asked
  const taken = [...(startOf(observed)?.taken.values() ?? [])]
  return (
    asked === undefined ||
    asked.every((sth, leafId) => {
      const sfos = taken.filter((sfo) => sfo.leafId === leafId)
      const latest = context.logs.get(sfos[0]?.logId ?? '')?.sths.at(-1)
      const first = sfos.flatMap((sfo) => dueSths(context, sfo)).sort((a, b) => a.timestamp - b.timestamp)[0]
      return sth === (context.config.policy.referenceSth === 'latest' ? latest : (first ?? latest))
    })
  )
}

function reportsRightly(observed: Observed): boolean {
  const { before, step } = observed
  return effectsOf(observed, 'report').every(({ sfoId, auditorId }) => {
    const sfo = before.context.round?.taken.get(sfoId)
    const due = sfo !== undefined && before.context.round?.undue.has(sfoId) === false
    const wanted = before.context.config.policy.reporting === 'auditor' && due
    return wanted && auditorId === onlyAuditor && step.state.context.reports.has(sfoId)
  })
}

function forwardsRightly(observed: Observed): boolean {
  const { context } = observed.before
  if (context.config.policy.forwardHops === 'unbounded' || observed.world.step === 'forward') return true
  const failing = new Set<LogId>()
  for (const [leafId, { breakerOpen }] of context.round?.answered ?? [])
    if (breakerOpen) failing.add(leafId.slice(0, leafId.indexOf(':')))
  return effectsOf(observed, 'forward').every(({ deliveries }) =>
    deliveries.every(({ sfoIds }) =>
      sfoIds.every((sfoId) => {
        const sfo = context.round?.taken.get(sfoId) as SfoRef
        return sfo.hops === 0 && !context.forwardedLeaves.has(sfo.leafId) && !failing.has(sfo.logId)
      }),
    ),
  )
}

function endsWaitRightly(observed: Observed): boolean {
  const { before, event, step } = observed
  if (event.type !== 'sfo') return true
  const { policy, bucketCapacity } = before.context.config
  const full = ({ buckets }: RelayContext) => buckets.filter(({ list }) => list.size === bucketCapacity).length
  const fills = policy.bucketFull === 'end-wait' && before.context.round === null
  const ends = fills && full(step.state.context) > full(before.context)
  return effectsOf(observed, 'startWait').length === (ends ? 1 : 0)
}

function duplicateDrawsNothing({ before, event, step }: Observed): boolean {
  return (
    event.type !== 'sfo' ||
    !idsOf(before.context).has(event.sfo.sfoId) ||
    step.state.context.buckets === before.context.buckets
  )
}

function keepsFewestHops({ before, event, step }: Observed): boolean {
  const held = event.type === 'sfo' ? step.state.context.held.get(event.sfo.sfoId) : undefined
  if (event.type !== 'sfo' || held === undefined) return true
  // What is dropped for another reason is not even looked up.
  if (step.disposition !== 'accepted' && step.reason !== 'duplicate') return true
  return held.hops === Math.min(event.sfo.hops, before.context.held.get(held.sfoId)?.hops ?? event.sfo.hops)
}

function triesAnother(observed: Observed): boolean {
  const { round } = observed.before.context
  if (round === null || observed.world.step !== 'forward') return true
  return effectsOf(observed, 'forward').every(({ deliveries }) =>
    deliveries.every(({ ctr, sfoIds }) => {
      const peer = round.peers.findIndex((one) => one.ctr.ctrId === ctr.ctrId)
      return sfoIds.every((sfoId) => ((round.taken.get(sfoId)?.buckets ?? 0) & (1 << peer)) === 0)
    }),
  )
}

function fetchesRightly(observed: Observed): boolean {
  const { before, event, step } = observed
  const { addresses, config } = before.context
  return effectsOf(observed, 'fetch').every((effect) => {
    const live = addresses.filter(({ at }) => event.at - at <= config.addressLifetimeMs)
    return (
      effect.addresses.join() === live.map(({ address }) => address).join() && step.state.context.addresses.length === 0
    )
  })
}

function staleChangesNothing({ before, event, step }: Observed): boolean {
  if (!('round' in event) || (event.round === before.context.roundNumber && before.context.round !== null)) return true
  return step.disposition === 'ignored' && step.effects.length === 0 && sameContext(before.context, step.state.context)
}

function sameContext(a: RelayContext, b: RelayContext): boolean {
  return a === b || (Object.keys(a) as (keyof RelayContext)[]).every((field) => a[field] === b[field])
}

function connectsToAll(observed: Observed): boolean {
  if (observed.world.step === 'forward') return true
  const peers = observed.before.context.round?.peers.map(({ ctr }) => ctr.ctrId).join()
  return effectsOf(observed, 'forward').every(
    ({ deliveries }) => deliveries.map(({ ctr }) => ctr.ctrId).join() === peers,
  )
}

function challengesAll(observed: Observed): boolean {
  const asked = [...(observed.before.context.round?.asked.keys() ?? [])].sort().join()
  return effectsOf(observed, 'challenge').every(({ groups }) => {
    const oneLog = groups.every(({ logId, challenges }) => challenges.every(({ sth }) => sth.logId === logId))
    const leaves = groups.flatMap(({ challenges }) => challenges.map(({ leafId }) => leafId))
    return oneLog && leaves.sort().join() === asked
  })
}

function keepsPairs(observed: Observed): boolean {
  const { before, event, step } = observed
  const { proofs, config } = step.state.context
  const rotated = effectsOf(observed, 'forgetProofs')
  if (proofs === before.context.proofs && rotated.length === 0) return effectsOf(observed, 'keepPair').length === 0
  const kept = new Set(before.context.proofs.keys())
  for (const { leafIds } of [...rotated, ...effectsOf(observed, 'forgetPairs')])
    for (const one of leafIds) kept.delete(one)
  for (const { pair } of effectsOf(observed, 'keepPair')) kept.add(pair.leafId)
  const inTime = rotated.length === 0 || proofs.every((at) => at >= event.at - config.proofLifetimeMs)
  return inTime && kept.size === proofs.size && [...kept].every((leafId) => proofs.has(leafId))
}

function idsOf({ held, round, reports }: RelayContext): ReadonlySet<SfoId> {
  return new Set([...held.keys(), ...(round?.taken.keys() ?? []), ...reports.keys()])
}

function keepsBytes(observed: Observed): boolean {
  const { before, event, step } = observed
  const kept = new Set(idsOf(before.context))
  if (event.type === 'sfo' && step.disposition !== 'rejected') kept.add(event.sfo.sfoId)
  for (const { sfoIds } of [...effectsOf(observed, 'forgetSfos'), ...effectsOf(observed, 'emptyBuckets')])
    for (const sfoId of sfoIds) if (!kept.delete(sfoId)) return false
  const held = idsOf(step.state.context)
  return kept.size === held.size && [...kept].every((sfoId) => held.has(sfoId))
}

function provenEntersNothing({ before, event, step }: Observed): boolean {
  if (event.type !== 'sfo' || !before.context.proofs.has(event.sfo.leafId)) return true
  return before.context.held.has(event.sfo.sfoId) || !step.state.context.held.has(event.sfo.sfoId)
}

function servesRightly(observed: Observed): boolean {
  const { proofs, config } = observed.before.context
  return effectsOf(observed, 'serveProofs').every(({ leafIds }) => {
    const distinct = new Set(leafIds)
    const most = Math.min(proofs.size, config.pairsPerFetch)
    return leafIds.length === most && distinct.size === most && leafIds.every((leafId) => proofs.has(leafId))
  })
}
