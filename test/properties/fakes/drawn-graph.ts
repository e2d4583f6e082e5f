// A model whose graph is given, to hold the explorer to what graphs are. Invariant: place i has the choices `edges[i]`, in that order.
import fc from 'fast-check'
import type { Graph, Model, Root } from '../../../src/machines/kernel/explore.ts'
import type { Effect } from '../../../src/machines/kernel/machine.ts'
import { counter } from './counter.ts'

export interface Edge {
  readonly to: number
  readonly fair: boolean
  /** No event: only the world moves. */
  readonly silent: boolean
}

export interface Drawn {
  readonly roots: readonly number[]
  readonly edges: readonly (readonly Edge[])[]
}

export type Move = { readonly type: 'move'; readonly to: number; readonly fair: boolean }
export type Place = { readonly place: number }
export type DrawnGraph = Graph<null, Move, Effect, Place>

const nowhere = { value: 'on', context: null }

export function drawnModel({ roots, edges }: Drawn): Model<null, Move, Effect, Place> {
  return {
    kind: 'drawn',
    id: 'a drawing',
    machine: counter,
    take: (state) => ({ state, effects: [], disposition: 'accepted' }),
    roots: roots.map((place): Root<null, Place> => ({ config: { place }, state: nowhere, world: { place } })),
    choices: (_, world) =>
      edgesAt({ edges }, world.place).map(({ to, fair, silent }) =>
        silent ? { event: null, world: { place: to } } : { event: { type: 'move', to, fair }, world },
      ),
    hear: (_, { to }) => ({ place: to }),
    essence: () => null,
    invariants: {},
    liveness: [],
  }
}

export function edgesAt({ edges }: Pick<Drawn, 'edges'>, place: number): readonly Edge[] {
  return edges[place] ?? []
}

/** One or two roots, up to six places, up to three edges from each. */
export const drawings: fc.Arbitrary<Drawn> = fc.integer({ min: 1, max: 6 }).chain((size) => {
  const place = fc.nat({ max: size - 1 })
  const edge = fc.record({ to: place, fair: fc.boolean(), silent: fc.boolean() })
  return fc.record({
    roots: fc.array(place, { minLength: 1, maxLength: 2 }),
    edges: fc.array(fc.array(edge, { maxLength: 3 }), { minLength: size, maxLength: size }),
  })
})

/** The fewest edges from a root to each place that can be reached: one round of steps after another. */
export function distances({ roots, edges }: Drawn): ReadonlyMap<number, number> {
  const found = new Map(roots.map((place) => [place, 0]))
  for (let distance = 1; distance <= edges.length; distance++)
    for (const [place, before] of [...found])
      if (before === distance - 1)
        for (const { to } of edgesAt({ edges }, place)) if (!found.has(to)) found.set(to, distance)
  return found
}
