// Runs through an explored graph: a root, and the numbers of the choices that are made from there on.
// Invariant: a graph keeps no events: a run's are made again by the model, from the nodes that it passes.
import type { Choice, Graph, Node, Root } from './explore.ts'
import type { Effect } from './machine.ts'

type Type = { readonly type: string }

export interface Run {
  /** The number of its node. */
  readonly root: number
  readonly choices: readonly number[]
}

/** The run by which a node was found: no other has fewer choices. */
export function pathTo<C, E extends Type, F extends Effect, W>(
  { parent, parentChoice }: Graph<C, E, F, W>,
  node: number,
): Run {
  const choices: number[] = []
  let at = node
  for (; parent[at] !== at; at = parent[at] as number) choices.push(parentChoice[at] as number)
  return { root: at, choices: choices.reverse() }
}

/** The events of a run, time passing left out: each says in its `at` when it happens. */
export function eventsOf<C, E extends Type, F extends Effect, W>(
  graph: Graph<C, E, F, W>,
  { root, choices }: Run,
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

/** @throws RangeError where the node has no choice of that number. */
export function choiceOf<C, E extends Type, F extends Effect, W>(
  { model, nodes }: Graph<C, E, F, W>,
  from: number,
  choice: number,
): Choice<E, W> {
  const { state, world } = nodes[from] as Node<C, W>
  const found = model.choices(state, world)[choice]
  if (found === undefined) throw new RangeError(`${model.id}: node ${from} has no choice ${choice}`)
  return found
}

export function rootOf<C, E extends Type, F extends Effect, W>(
  { model, parentChoice }: Graph<C, E, F, W>,
  { root }: Run,
): Root<C, W> {
  return model.roots[parentChoice[root] as number] as Root<C, W>
}
