// A log's STHs in the order of their trees, and the questions between neighbours [AUD-016, AUD-017].
// Invariant: an STH of status `inconsistent` is nobody's neighbour and is never used to judge an SFO.
import { compareSth } from '../ct/sth.ts'
import type { Sth } from '../ct/types.ts'
import type { IncidentKind, SeenSth } from './types.ts'

/** Two trees of different size, the smaller first. */
export interface Pair {
  readonly first: Sth
  readonly second: Sth
}

/** The tree that an STH is about: STHs that differ in their time alone share it. */
export function treeOf({ size, root }: Sth): string {
  return `${size}:${root}`
}

export function question({ first, second }: Pair): string {
  return `${treeOf(first)}-${treeOf(second)}`
}

export function isAbout(asked: string, tree: string): boolean {
  return asked.startsWith(`${tree}-`) || asked.endsWith(`-${tree}`)
}

/** Both are known: a question leaves with its STHs. */
export function pairOf(sths: readonly SeenSth[], asked: string): Pair {
  const first = sths.find(({ sth }) => asked.startsWith(`${treeOf(sth)}-`)) as SeenSth
  const second = sths.find(({ sth }) => asked.endsWith(`-${treeOf(sth)}`)) as SeenSth
  return { first: first.sth, second: second.sth }
}

/** By (size, timestamp, root). */
export function inOrder(a: SeenSth, b: SeenSth): number {
  const byTree = a.sth.size - b.sth.size || a.sth.timestamp - b.sth.timestamp
  return byTree || (a.sth.root < b.sth.root ? -1 : a.sth.root > b.sth.root ? 1 : 0)
}

const isUsable = ({ status }: SeenSth): boolean => status !== 'inconsistent'

/** The next smaller and the next larger tree, where there are such. `sths` in order. */
export function neighbours(
  sths: readonly SeenSth[],
  size: number,
): readonly [SeenSth | undefined, SeenSth | undefined] {
  const lower = sths.findLast((seen) => isUsable(seen) && seen.sth.size < size)
  return [lower, sths.find((seen) => isUsable(seen) && seen.sth.size > size)]
}

/** Every tree is consistent with the empty one, and logs refuse to say so [RFC 6962 4.4]. */
export function pairs(...trees: readonly (SeenSth | undefined)[]): readonly Pair[] {
  const known = trees.filter((seen) => seen !== undefined && seen.sth.size > 0) as SeenSth[]
  return known.slice(1).map(({ sth: second }, i) => ({ first: (known[i] as SeenSth).sth, second }))
}

/** What the log signed and should never have: it proves itself. The STHs in evidence are ordered by (timestamp, size). */
export function conflict(
  sths: readonly SeenSth[],
  sth: Sth,
): { readonly kind: IncidentKind; readonly sths: readonly Sth[] } | null {
  const fork = sths.find((seen) => seen.sth.size === sth.size && seen.sth.root !== sth.root)
  if (fork !== undefined) return { kind: 'split-view', sths: [fork.sth, sth].sort(compareSth) }
  const shrunk = sths.find((seen) => (seen.sth.timestamp - sth.timestamp) * (seen.sth.size - sth.size) < 0)
  return shrunk === undefined ? null : { kind: 'rollback', sths: [shrunk.sth, sth].sort(compareSth) }
}

export function usable(sths: readonly SeenSth[]): readonly SeenSth[] {
  return sths.filter(isUsable)
}

/** What SFOs are judged by, in the order that `firstDueSth` wants: all but those known to be inconsistent. */
export function viewOf(sths: readonly SeenSth[]): readonly Sth[] {
  return usable(sths)
    .map(({ sth }) => sth)
    .sort(compareSth)
}
