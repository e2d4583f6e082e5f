// Liveness over an explored graph: what can always still happen, and what must happen in a fair world.
// Invariant: a run that is shown is one of the machine; an answer of null holds for the whole graph, if that is complete.
import { choiceOf, type Graph, type Liveness, type Node, pathTo } from './explore.ts'
import type { Effect } from './machine.ts'

type Type = { readonly type: string }

/** How to get to the run that goes wrong: its last `cycle` choices repeat for ever; 0: it ends there. */
export interface Stuck {
  readonly name: string
  readonly root: number
  readonly choices: readonly number[]
  readonly cycle: number
}

export function stuck<C, E extends Type, F extends Effect, W>(
  graph: Graph<C, E, F, W>,
  liveness: Liveness<C, E, W>,
): Stuck | null {
  return liveness.kind === 'can' ? cutOff(graph, liveness) : avoids(graph, liveness)
}

/** Reverse reachability: the first node, by distance from the roots, that cannot reach `until`. */
function cutOff<C, E extends Type, F extends Effect, W>(
  graph: Graph<C, E, F, W>,
  { name, from, until, fair }: Liveness<C, E, W>,
): Stuck | null {
  const reaches = new Uint8Array(graph.nodes.length)
  const queue: number[] = []
  for (const [i, node] of graph.nodes.entries())
    if (until(node)) {
      reaches[i] = 1
      queue.push(i)
    }
  const { heads, next, sources } = reversed(graph, fair)
  for (let at = queue.pop(); at !== undefined; at = queue.pop())
    for (let edge = heads[at] as number; edge >= 0; edge = next[edge] as number) {
      const source = sources[edge] as number
      if (reaches[source] === 1) continue
      reaches[source] = 1
      queue.push(source)
    }
  const lost = graph.nodes.findIndex((node, i) => reaches[i] === 0 && from(node))
  return lost < 0 ? null : { name, ...pathTo(graph, lost), cycle: 0 }
}

/** Edges by their target: the edges into node i are `heads[i]`, `next[heads[i]]`, and so on until -1. */
function reversed<C, E extends Type, F extends Effect, W>(graph: Graph<C, E, F, W>, fair: Liveness<C, E, W>['fair']) {
  const { to } = graph
  const heads = new Int32Array(graph.nodes.length).fill(-1)
  const next = new Int32Array(to.length)
  const sources = new Int32Array(to.length)
  forEachEdge(graph, fair, (source, edge) => {
    const target = to[edge] as number
    sources[edge] = source
    next[edge] = heads[target] as number
    heads[target] = edge
  })
  return { heads, next, sources }
}

function forEachEdge<C, E extends Type, F extends Effect, W>(
  graph: Graph<C, E, F, W>,
  fair: Liveness<C, E, W>['fair'],
  see: (source: number, edge: number) => void,
): void {
  for (let source = 0; source + 1 < graph.first.length; source++) {
    const begin = graph.first[source] as number
    const fairOnes = fair === undefined ? null : fairChoices(graph, source, fair)
    for (let edge = begin; edge < (graph.first[source + 1] as number); edge++)
      if (fairOnes === null || fairOnes[edge - begin] === true) see(source, edge)
  }
}

function fairChoices<C, E extends Type, F extends Effect, W>(
  { model, nodes }: Graph<C, E, F, W>,
  source: number,
  fair: NonNullable<Liveness<C, E, W>['fair']>,
): readonly boolean[] {
  const node = nodes[source] as Node<C, W>
  return model.choices(node.state, node.world).map(({ event }) => fair(event, node))
}

/** Depth first through the nodes that are not yet there, by fair choices: a cycle or an end among them is a run that never arrives. */
function avoids<C, E extends Type, F extends Effect, W>(
  graph: Graph<C, E, F, W>,
  { name, from, until, fair }: Liveness<C, E, W>,
): Stuck | null {
  const finished = new Uint8Array(graph.nodes.length)
  for (const [start, node] of graph.nodes.entries()) {
    if (finished[start] === 1 || !from(node) || until(node)) continue
    const found = depthFirst(graph, start, finished, until, fair)
    if (found === null) continue
    const { root, choices } = pathTo(graph, start)
    return { name, root, choices: [...choices, ...found.choices], cycle: found.cycle }
  }
  return null
}

interface Frame {
  readonly node: number
  readonly options: readonly number[]
  taken: number
}

function depthFirst<C, E extends Type, F extends Effect, W>(
  graph: Graph<C, E, F, W>,
  start: number,
  finished: Uint8Array,
  until: Liveness<C, E, W>['until'],
  fair: Liveness<C, E, W>['fair'],
): Pick<Stuck, 'choices' | 'cycle'> | null {
  const stack: Frame[] = [{ node: start, options: optionsOf(graph, start, fair), taken: -1 }]
  const depth = new Map([[start, 0]])
  const choices = () => stack.map(({ options, taken }) => options[taken]).filter((choice) => choice !== undefined)
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    if (top.options.length === 0) return { choices: choices(), cycle: 0 }
    top.taken++
    const choice = top.options[top.taken]
    if (choice === undefined) {
      finished[top.node] = 1
      depth.delete(top.node)
      stack.pop()
      continue
    }
    const target = graph.to[(graph.first[top.node] as number) + choice] as number
    if (finished[target] === 1 || until(graph.nodes[target] as Node<C, W>)) continue
    const since = depth.get(target)
    if (since !== undefined) return { choices: choices(), cycle: stack.length - since }
    depth.set(target, stack.length)
    stack.push({ node: target, options: optionsOf(graph, target, fair), taken: -1 })
  }
  return null
}

/** The numbers of the fair choices in a node. */
function optionsOf<C, E extends Type, F extends Effect, W>(
  graph: Graph<C, E, F, W>,
  node: number,
  fair: Liveness<C, E, W>['fair'],
): readonly number[] {
  const { state, world } = graph.nodes[node] as Node<C, W>
  const all = graph.model.choices(state, world).map(({ event }, choice) => ({ event, choice }))
  const chosen = fair === undefined ? all : all.filter(({ event }) => fair(event, { state, world }))
  return chosen.map(({ choice }) => choice)
}

/** The events of such a run. */
export function eventsOf<C, E extends Type, F extends Effect, W>(
  graph: Graph<C, E, F, W>,
  { root, choices }: Pick<Stuck, 'root' | 'choices'>,
): readonly E[] {
  const events: E[] = []
  let at = root
  for (const choice of choices) {
    const { event } = choiceOf(graph, at, choice)
    if (event !== null) events.push(event)
    at = graph.to[(graph.first[at] as number) + choice] as number
  }
  return events
}
