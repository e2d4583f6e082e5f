// A persistent set from which any element can be drawn by its index: a bucket. It is not asked what it contains: `held` is.
// Invariant: no element occurs twice; every operation costs O(log size).
import { List } from 'immutable'
import { indexBelow } from './chance.ts'

export interface RandomSet {
  readonly list: List<string>
}

export const emptySet: RandomSet = { list: List() }

/** `elements`: distinct. */
export function setOf(elements: readonly string[]): RandomSet {
  return { list: List(elements) }
}

/** `element`: not in the set. */
export function add({ list }: RandomSet, element: string): RandomSet {
  return { list: list.push(element) }
}

/**
 * `element`, which is not in the set, takes the place of the one at index below size. `draw`: uniform 32-bit unsigned
 * integer; `leaving` is undefined for the empty set.
 */
export function replace({ list }: RandomSet, draw: number, element: string) {
  const at = indexBelow(draw, list.size)
  return { leaving: list.get(at), set: { list: list.set(at, element) } satisfies RandomSet }
}
