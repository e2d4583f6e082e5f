// A transition tour of an explored graph [architecture, Conformance kit]: every transition that was taken, by a shortest path.
// Invariant: a stop's last event takes its transition in its state, and no shorter run of the model does.
import { choiceOf, eventsTo, follow, type Graph, type Node, pathTo, type Root, rootOf } from './explore.ts'
import type { AnyMachine, Effect, StateValue } from './machine.ts'
import { type Row, tableOf } from './structure.ts'

/** One way to take one transition: an action may still ignore or reject, so the reason tells stops apart. */
export interface Stop<C, E, W> {
  readonly row: Row
  readonly disposition: 'accepted' | 'ignored' | 'rejected'
  readonly reason: string | null
  readonly root: Root<C, W>
  /** From the root; the last one takes the transition. */
  readonly events: readonly E[]
}

export interface Tour<C, E, W> {
  readonly stops: readonly Stop<C, E, W>[]
  /** Transitions that no run of this model takes. */
  readonly missed: readonly Row[]
}

export function tour<C, E extends { readonly type: string }, F extends Effect, W>(
  graph: Graph<C, E, F, W>,
): Tour<C, E, W> {
  const rows = tableOf(graph.model.machine)
  const stops = new Map<string, Stop<C, E, W>>()
  const taken = new Set<Row>()
  for (let from = 0; from + 1 < graph.first.length; from++) {
    const node = graph.nodes[from] as Node<C, W>
    const count = (graph.first[from + 1] as number) - (graph.first[from] as number)
    for (let choice = 0; choice < count; choice++) {
      const chosen = choiceOf(graph, from, choice)
      if (chosen.event === null) continue
      const reached = follow(graph.model, node, chosen)
      const row = rowTaken(graph.model.machine, rows, node, chosen.event)
      if ('thrown' in reached || reached.observed === null || row === undefined) continue
      const { disposition, reason = null } = reached.observed.step
      const key = `${rows.indexOf(row)} ${disposition} ${reason}`
      taken.add(row)
      if (stops.has(key)) continue
      const events = [...eventsTo(graph, from), chosen.event]
      stops.set(key, { row, disposition, reason, root: rootOf(graph, pathTo(graph, from).root), events })
    }
  }
  return { stops: [...stops.values()], missed: rows.filter((row) => !taken.has(row)) }
}

/** The first of the rows of a state and an event whose guard holds. */
export function rowTaken<C, E extends { readonly type: string }>(
  machine: AnyMachine,
  rows: readonly Row[],
  { state }: Node<C, unknown>,
  event: E,
): Row | undefined {
  const guards = machine.logic.implementations.guards as unknown as Readonly<Record<string, (args: object) => boolean>>
  const leaf = pathOf(state.value)
  return rows.find(
    (row) =>
      row.state === leaf &&
      row.event === event.type &&
      (row.guard === null || guards[row.guard]?.({ context: state.context, event }) === true),
  )
}

/** `active.connecting`, as in `Row`. */
export function pathOf(value: StateValue): string {
  if (typeof value === 'string') return value
  return Object.entries(value)
    .map(([parent, child]) => `${parent}.${pathOf(child)}`)
    .join()
}
