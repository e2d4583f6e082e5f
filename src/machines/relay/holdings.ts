// Which SFOs a relay holds: in its buckets, in the running round, in its report queue.
// Invariant: the three are disjoint, and `variants` counts them all per leaf [RELAY-013].
import type { Map as PersistentMap } from 'immutable'
import type { LeafId, SfoId } from '../ct/types.ts'
import type { RelayContext } from './types.ts'

type Variants = PersistentMap<LeafId, number>

export function holds(context: RelayContext, sfoId: SfoId): boolean {
  return context.held.has(sfoId) || context.round?.taken.has(sfoId) === true || context.reports.has(sfoId)
}

export function oneMore(variants: Variants, leafId: LeafId): Variants {
  return variants.set(leafId, (variants.get(leafId) ?? 0) + 1)
}

/** To be called for every SFO that leaves the relay. */
export function oneLess(variants: Variants, leafId: LeafId): Variants {
  const left = (variants.get(leafId) as number) - 1
  return left === 0 ? variants.delete(leafId) : variants.set(leafId, left)
}
