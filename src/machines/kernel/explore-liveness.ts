// Liveness over an explored graph: what can always still happen, and what must happen in a fair world.
// Invariant: a run that is shown is one of the machine; an answer of null holds for the whole graph, if that is complete.
import type { Graph, Liveness, Node } from './explore.ts'
import { pathTo, type Run } from './explore-run.ts'
import type { Effect } from './machine.ts'

type Type = { readonly type: string }

/** The run that goes wrong: its last `cycle` choices repeat for ever; 0: it ends there. */
export interface Stuck extends Run {
  readonly name: string
  readonly cycle: number
}

/** About the first node, by distance from the roots, from which it is not as `liveness` says. */
export function stuck<C, E extends Type, F extends Effect, W>(
  graph: Graph<C, E, F, W>,
  liveness: Liveness<C, E, W>,
): Stuck | null {
  const { name, kind, from } = liveness
  const settled = settledBy(graph, liveness)
  const start = graph.nodes.findIndex((node, i) => !settled.has(i) && from(node))
  if (start < 0) return null
  const { root, choices } = pathTo(graph, start)
  if (kind === 'can') return { name, root, choices, cycle: 0 }
  const astray = stray(graph, start, settled, liveness)
  return { name, root, choices: [...choices, ...astray.choices], cycle: astray.cycle }
}

/**
 * The nodes from which it is so, found backwards from `until`: where it can be, those with an edge to such a node; where it must
 * be, those with all of their edges to such nodes, and with one at least.
 */
function settledBy<C, E extends Type, F extends Effect, W>(
  graph: Graph<C, E, F, W>,
  { kind, until, fair }: Liveness<C, E, W>,
): ReadonlySet<number> {
  const { sources, open } = reversed(graph, fair)
  const settled = new Set<number>()
  for (const [i, node] of graph.nodes.entries()) if (until(node)) settled.add(i)
  // A set is walked with what is added to it meanwhile.
  for (const target of settled)
    for (const source of sources[target] as readonly number[]) {
      open[source] = (open[source] as number) - 1
      if (kind === 'can' || open[source] === 0) settled.add(source)
    }
  return settled
}

/** Fair edges backwards: by each node those that lead to it, and how many leave it. */
function reversed<C, E extends Type, F extends Effect, W>(graph: Graph<C, E, F, W>, fair: Liveness<C, E, W>['fair']) {
  const sources = graph.nodes.map((): number[] => [])
  const open = graph.nodes.map((_, source) => {
    const edges = fairEdges(graph, source, fair)
    for (const edge of edges) (sources[graph.to[edge] as number] as number[]).push(source)
    return edges.length
  })
  return { sources, open }
}

/** The edges of a node whose choices are fair, as indexes of `to`. */
function fairEdges<C, E extends Type, F extends Effect, W>(
  { model, nodes, first }: Graph<C, E, F, W>,
  source: number,
  fair: Liveness<C, E, W>['fair'],
): readonly number[] {
  const begin = first[source] as number
  const edges = Array.from({ length: (first[source + 1] as number) - begin }, (_, choice) => begin + choice)
  if (fair === undefined) return edges
  const node = nodes[source] as Node<C, W>
  const isFair = model.choices(node.state, node.world).map(({ event }) => fair(event, node))
  return edges.filter((edge) => isFair[edge - begin])
}

/** From a node that is not settled, always by the first fair edge to another one, until it ends or repeats. */
function stray<C, E extends Type, F extends Effect, W>(
  graph: Graph<C, E, F, W>,
  start: number,
  settled: ReadonlySet<number>,
  { fair }: Liveness<C, E, W>,
): Pick<Stuck, 'choices' | 'cycle'> {
  const choices: number[] = []
  const passed = new Set([start])
  let last = start
  for (const at of passed) {
    const edge = fairEdges(graph, at, fair).find((each) => !settled.has(graph.to[each] as number))
    if (edge === undefined) return { choices, cycle: 0 }
    choices.push(edge - (graph.first[at] as number))
    last = graph.to[edge] as number
    passed.add(last)
  }
  return { choices, cycle: choices.length - [...passed].indexOf(last) }
}
