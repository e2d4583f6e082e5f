// A bounded memory of leafs, from which the oldest leave: the proof set, and what was forwarded [RELAY-020, RELAY-010].
// Invariant: `byAge` holds exactly the keys of `times`, in the order of insertion; every operation costs O(log size) a leaf.
import type { List, Map as PersistentMap } from 'immutable'
import type { LeafId } from '../ct/types.ts'

export interface Aged {
  readonly times: PersistentMap<LeafId, number>
  readonly byAge: List<LeafId>
}

/** Adds a leaf that is not in it; `gone` are those that had to make room. */
export function remember(aged: Aged, leafId: LeafId, at: number, capacity: number): Aged & { gone: readonly LeafId[] } {
  const { times, byAge } = aged
  const gone = byAge.take(byAge.size - capacity + 1).toArray()
  return { times: times.deleteAll(gone).set(leafId, at), byAge: byAge.skip(gone.length).push(leafId), gone }
}

/** Removes what was inserted before `since`, as far as it lies at the old end. */
export function forgetBefore(aged: Aged, since: number): Aged & { gone: readonly LeafId[] } {
  const gone: LeafId[] = []
  let { byAge } = aged
  for (let oldest = byAge.first(); oldest !== undefined; oldest = byAge.first()) {
    if ((aged.times.get(oldest) ?? 0) >= since) break
    gone.push(oldest)
    byAge = byAge.shift()
  }
  return { times: aged.times.deleteAll(gone), byAge, gone }
}
