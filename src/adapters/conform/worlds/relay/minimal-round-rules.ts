// Requirements of a relay's round as predicates over one step [spec/relay.md]: what it takes, asks, fetches, forwards and reports.
// Invariant: each is read from the specification, and shares no code with the machine.
import type { LogId, Sth } from '../../../../machines/ct/types.ts'
import type { Holding, RelayContext, SfoRef } from '../../../../machines/relay/types.ts'
import { effectsOf, type Observed } from './minimal-edge.ts'
import { auditorId as onlyAuditor } from './minimal-scene.ts'

export function takesNothingMore({ before, step }: Observed): boolean {
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

export function takesDueOnly(observed: Observed): boolean {
  const { context } = observed.before
  const round = startOf(observed)
  if (round === null || context.config.policy.notDue === 'challenge') return true
  return round.taken.every((sfo) => dueSths(context, sfo).length > 0)
}

export function challengesByPolicy(observed: Observed): boolean {
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

export function reportsRightly(observed: Observed): boolean {
  const { before, step } = observed
  return effectsOf(observed, 'report').every(({ sfoId, auditorId }) => {
    const sfo = before.context.round?.taken.get(sfoId)
    const due = sfo !== undefined && before.context.round?.undue.has(sfoId) === false
    const wanted = before.context.config.policy.reporting === 'auditor' && due
    return wanted && auditorId === onlyAuditor && step.state.context.reports.has(sfoId)
  })
}

export function forwardsRightly(observed: Observed): boolean {
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

export function triesAnother(observed: Observed): boolean {
  const { round } = observed.before.context
  if (round === null || observed.world.step !== 'forward') return true
  return effectsOf(observed, 'forward').every(({ deliveries }) =>
    deliveries.every(({ ctr, sfoIds }) => {
      const peer = round.peers.findIndex((one) => one.ctr.ctrId === ctr.ctrId)
      return sfoIds.every((sfoId) => ((round.taken.get(sfoId)?.buckets ?? 0) & (1 << peer)) === 0)
    }),
  )
}

export function fetchesRightly(observed: Observed): boolean {
  const { before, event, step } = observed
  const { addresses, config } = before.context
  return effectsOf(observed, 'fetch').every((effect) => {
    const live = addresses.filter(({ at }) => event.at - at <= config.addressLifetimeMs)
    return (
      effect.addresses.join() === live.map(({ address }) => address).join() && step.state.context.addresses.length === 0
    )
  })
}

export function connectsToAll(observed: Observed): boolean {
  if (observed.world.step === 'forward') return true
  const peers = observed.before.context.round?.peers.map(({ ctr }) => ctr.ctrId).join()
  return effectsOf(observed, 'forward').every(
    ({ deliveries }) => deliveries.map(({ ctr }) => ctr.ctrId).join() === peers,
  )
}

export function challengesAll(observed: Observed): boolean {
  const asked = [...(observed.before.context.round?.asked.keys() ?? [])].sort().join()
  return effectsOf(observed, 'challenge').every(({ groups }) => {
    const oneLog = groups.every(({ logId, challenges }) => challenges.every(({ sth }) => sth.logId === logId))
    const leaves = groups.flatMap(({ challenges }) => challenges.map(({ leafId }) => leafId))
    return oneLog && leaves.sort().join() === asked
  })
}
