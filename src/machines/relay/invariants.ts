// The invariants of the relay as pure predicates: for properties after every event, and for exhaustive search [INV-001, 002, 003, 006].
// Invariant: each one reads nothing but what it is given; a false answer is a defect of the machine.
import { Map as PersistentMap } from 'immutable'
import type { LeafId, SfoId } from '../ct/types.ts'
import type { State, Step } from '../kernel/machine.ts'
import { heldCount } from './counters.ts'
import type { RandomSet } from './random-set.ts'
import type { Holding, RelayContext, RelayEffect, RelayEvent } from './types.ts'

export { heldCount } from './counters.ts'

/** One event taken in one state. */
export interface Observed {
  readonly before: State<RelayContext>
  readonly event: RelayEvent
  readonly step: Step<RelayContext, RelayEffect>
}

/** Each with the requirement that it is; the order is that of the specification. */
export const relayInvariants: Readonly<Record<string, (observed: Observed) => boolean>> = {
  'INV-001: a leaf is in the proof set once': ({ step }) => provenOnce(step.state.context),
  'INV-001: nothing proven is challenged, forwarded or reported': ({ before, step }) => asksNothingProven(before, step),
  'INV-002: passive is without a round, active has one': ({ step }) => roundWhileActive(step.state),
  'INV-002: a round that ended left nothing in its buckets': ({ before, step }) => leftNothing(before, step.state),
  'INV-002: the deadline ends the round': deadlineEnds,
  'INV-003: only verified pairs enter the proof set': verifiedOnly,
  'INV-006: evidence is conserved': ({ step }) => conserved(step.state.context),
  'INV-006: every SFO is where the books say': ({ step }) => bookkept(step.state.context),
  'every set is within its limit': ({ step }) => bounded(step.state.context),
}

/** The names of those that do not hold. */
export function violated(observed: Observed): readonly string[] {
  return Object.entries(relayInvariants).flatMap(([name, holds]) => (holds(observed) ? [] : [name]))
}

/** INV-006. */
export function conserved(context: RelayContext): boolean {
  const { received, proven, forwarded, reported, expired, dropped } = context.counters
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0)
  return received === proven + forwarded + reported + heldCount(context) + expired + lost
}

/** INV-001: the proof set and the order of its leafs name the same leafs, each once. */
export function provenOnce({ proofs, proofsByAge, forwardedLeaves, forwardedByAge }: RelayContext): boolean {
  const same = (times: { has(leafId: LeafId): boolean; size: number }, order: Iterable<LeafId>) => {
    const leafs = [...order]
    return leafs.length === times.size && new Set(leafs).size === times.size && leafs.every((leaf) => times.has(leaf))
  }
  return same(proofs, proofsByAge) && same(forwardedLeaves, forwardedByAge)
}

function asksNothingProven(before: State<RelayContext>, { state, effects }: Observed['step']): boolean {
  const { proofs } = state.context
  const places = [state.context.round?.taken, state.context.reports, before.context.round?.taken]
  const unproven = (sfoId: SfoId) => {
    const known = places.find((place) => place?.has(sfoId))?.get(sfoId)
    return known !== undefined && !proofs.has(known.leafId)
  }
  return effects.every((effect) => {
    if (effect.type === 'report') return unproven(effect.sfoId)
    if (effect.type === 'forward') return effect.deliveries.every(({ sfoIds }) => sfoIds.every(unproven))
    if (effect.type !== 'challenge') return true
    const leafs = effect.groups.flatMap(({ challenges }) => challenges.map(({ leafId }) => leafId))
    return new Set(leafs).size === leafs.length && leafs.every((leafId) => !proofs.has(leafId))
  })
}

/** INV-002. */
export function roundWhileActive({ value, context }: State<RelayContext>): boolean {
  if (value === 'passive') return context.round === null
  return context.round !== null && context.round.number === context.roundNumber
}

function leftNothing(before: State<RelayContext>, after: State<RelayContext>): boolean {
  const { round } = before.context
  if (round === null || after.context.round !== null) return true
  return [...round.taken.keys()].every((sfoId) => !after.context.held.has(sfoId))
}

function deadlineEnds({ before, event, step }: Observed): boolean {
  if (event.type !== 'deadline' || event.round !== before.context.round?.number) return true
  return step.state.value === 'passive' && step.effects.some(({ type }) => type === 'endRound')
}

/** INV-003. */
function verifiedOnly({ before, event, step }: Observed): boolean {
  const entered = [...step.state.context.proofs.keys()].filter((leafId) => !before.context.proofs.has(leafId))
  return entered.every((leafId) => {
    if (event.type === 'pair') return event.verified && event.pair.leafId === leafId
    const { outcome, pair } = event as Partial<Extract<RelayEvent, { type: 'challenged' }>>
    return outcome === 'proven' && pair?.leafId === leafId
  })
}

/** INV-006: buckets and holdings agree, nothing is held twice, and variants count what is held. */
export function bookkept(context: RelayContext): boolean {
  const { held, round, reports, buckets, variants } = context
  const taken = [...(round?.taken.values() ?? [])]
  const ids = [...held.keys(), ...taken.map(({ sfoId }) => sfoId), ...reports.keys()]
  const counts = new Map<LeafId, number>()
  for (const { leafId } of [...held.values(), ...taken, ...reports.values()])
    counts.set(leafId, (counts.get(leafId) ?? 0) + 1)
  return (
    new Set(ids).size === ids.length &&
    agree([...held.values()], buckets) &&
    agree(taken, round?.buckets ?? []) &&
    PersistentMap(counts).equals(variants)
  )
}

function agree(holdings: readonly Holding[], buckets: readonly RandomSet[]): boolean {
  const known = new Map(holdings.map((sfo) => [sfo.sfoId, sfo.buckets]))
  const seen = new Map<SfoId, number>()
  for (const [b, { list }] of buckets.entries()) {
    if (new Set(list).size !== list.size) return false
    for (const sfoId of list) seen.set(sfoId, (seen.get(sfoId) ?? 0) | (1 << b))
  }
  return PersistentMap(seen).equals(PersistentMap(known))
}

/** Every queue, cache and set has a limit. */
export function bounded(context: RelayContext): boolean {
  const { config, buckets, proofs, forwardedLeaves, addresses, reports, variants, logs } = context
  return (
    buckets.every(({ list }) => list.size <= config.bucketCapacity) &&
    proofs.size <= config.proofCapacity &&
    forwardedLeaves.size <= config.forwardMemoryCapacity &&
    addresses.length <= config.addressCapacity &&
    reports.size <= config.reportCapacity &&
    [...variants.values()].every((count) => count <= config.variantsPerLeaf) &&
    [...logs.values()].every(({ sths }) => sths.length <= config.sthsPerLog)
  )
}
