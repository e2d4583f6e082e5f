// Requirements of the relay's books as predicates over one step [spec/relay.md]: what it counts, keeps, serves and ignores.
// Invariant: each is read from the specification, and shares no code with the machine.
import type { SfoId } from '../../../../machines/ct/types.ts'
import type { RelayContext } from '../../../../machines/relay/types.ts'
import { effectsOf, type Observed } from './minimal-edge.ts'

export function countsArrivals({ before, event, step }: Observed): boolean {
  const arrives = (event.type === 'sfo' || event.type === 'invalidSfo') && step.disposition !== 'rejected'
  return step.state.context.counters.received === before.context.counters.received + (arrives ? 1 : 0)
}

export function endsWaitRightly(observed: Observed): boolean {
  const { before, event, step } = observed
  if (event.type !== 'sfo') return true
  const { policy, bucketCapacity } = before.context.config
  const full = ({ buckets }: RelayContext) => buckets.filter(({ list }) => list.size === bucketCapacity).length
  const fills = policy.bucketFull === 'end-wait' && before.context.round === null
  const ends = fills && full(step.state.context) > full(before.context)
  return effectsOf(observed, 'startWait').length === (ends ? 1 : 0)
}

export function duplicateDrawsNothing({ before, event, step }: Observed): boolean {
  return (
    event.type !== 'sfo' ||
    !idsOf(before.context).has(event.sfo.sfoId) ||
    step.state.context.buckets === before.context.buckets
  )
}

export function keepsFewestHops({ before, event, step }: Observed): boolean {
  const held = event.type === 'sfo' ? step.state.context.held.get(event.sfo.sfoId) : undefined
  if (event.type !== 'sfo' || held === undefined) return true
  // What is dropped for another reason is not even looked up.
  if (step.disposition !== 'accepted' && step.reason !== 'duplicate') return true
  return held.hops === Math.min(event.sfo.hops, before.context.held.get(held.sfoId)?.hops ?? event.sfo.hops)
}

export function staleChangesNothing({ before, event, step }: Observed): boolean {
  if (!('round' in event) || (event.round === before.context.roundNumber && before.context.round !== null)) return true
  return step.disposition === 'ignored' && step.effects.length === 0 && sameContext(before.context, step.state.context)
}

function sameContext(a: RelayContext, b: RelayContext): boolean {
  return a === b || (Object.keys(a) as (keyof RelayContext)[]).every((field) => a[field] === b[field])
}

export function keepsPairs(observed: Observed): boolean {
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

export function keepsBytes(observed: Observed): boolean {
  const { before, event, step } = observed
  const kept = new Set(idsOf(before.context))
  if (event.type === 'sfo' && step.disposition !== 'rejected') kept.add(event.sfo.sfoId)
  for (const { sfoIds } of [...effectsOf(observed, 'forgetSfos'), ...effectsOf(observed, 'emptyBuckets')])
    for (const sfoId of sfoIds) if (!kept.delete(sfoId)) return false
  const held = idsOf(step.state.context)
  return kept.size === held.size && [...kept].every((sfoId) => held.has(sfoId))
}

export function provenEntersNothing({ before, event, step }: Observed): boolean {
  if (event.type !== 'sfo' || !before.context.proofs.has(event.sfo.leafId)) return true
  return before.context.held.has(event.sfo.sfoId) || !step.state.context.held.has(event.sfo.sfoId)
}

export function servesRightly(observed: Observed): boolean {
  const { proofs, config } = observed.before.context
  return effectsOf(observed, 'serveProofs').every(({ leafIds }) => {
    const distinct = new Set(leafIds)
    const most = Math.min(proofs.size, config.pairsPerFetch)
    return leafIds.length === most && distinct.size === most && leafIds.every((leafId) => proofs.has(leafId))
  })
}
