// A persistent set from which any element can be drawn by its index: a bucket.
// Invariant: `index` maps each element of `list` to its position; every operation costs O(log size).
import { List, Map as PersistentMap } from 'immutable'

export interface RandomSet {
  readonly list: List<string>
  readonly index: PersistentMap<string, number>
}

export const emptySet: RandomSet = { list: List(), index: PersistentMap() }

export function add(set: RandomSet, element: string): RandomSet {
  if (set.index.has(element)) return set
  return { list: set.list.push(element), index: set.index.set(element, set.list.size) }
}

/** Removes an element; the last one takes its position. */
export function remove(set: RandomSet, element: string): RandomSet {
  const at = set.index.get(element)
  if (at === undefined) return set
  const last = set.list.last() as string
  const index = set.index.delete(element)
  if (last === element) return { list: set.list.pop(), index }
  return { list: set.list.pop().set(at, last), index: index.set(last, at) }
}

/** The element at `draw mod size`; undefined for the empty set. `draw`: uniform 32-bit unsigned integer. */
export function pick(set: RandomSet, draw: number): string | undefined {
  return set.list.size === 0 ? undefined : set.list.get(draw % set.list.size)
}
