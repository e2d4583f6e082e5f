// A transition tour of explored graphs [architecture, Conformance kit]: every transition that was taken, by a shortest path.
// Invariant: a stop's last event takes its transition in its state, and no shorter run of the models does.
import { follow, type Graph, type Node, type Root } from './explore.ts'
import { eventsOf, pathTo, rootOf } from './explore-run.ts'
import type { AnyMachine, Effect, State, StateValue } from './machine.ts'
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
  /** Transitions that no run of these models takes. */
  readonly missed: readonly Row[]
}

/** `graphs`: one or more, of one machine. */
export function tour<C, E extends { readonly type: string }, F extends Effect, W>(
  ...graphs: readonly [Graph<C, E, F, W>, ...Graph<C, E, F, W>[]]
): Tour<C, E, W> {
  const rows = tableOf(graphs[0].model.machine)
  const rowOf = taker(graphs[0].model.machine, rows)
  const found = new Map<string, { readonly depth: number; readonly stop: Stop<C, E, W> }>()
  for (const graph of graphs)
    for (let from = 0; from + 1 < graph.first.length; from++)
      for (const stop of stopsAt(graph, rowOf, from)) {
        const key = `${rows.indexOf(stop.row)} ${stop.disposition} ${stop.reason}`
        if (stop.depth < (found.get(key)?.depth ?? Number.POSITIVE_INFINITY))
          found.set(key, { depth: stop.depth, stop: stop.whole() })
      }
  const stops = Array.from(found.values(), ({ stop }) => stop)
  const taken = new Set(stops.map(({ row }) => row))
  return { stops, missed: rows.filter((row) => !taken.has(row)) }
}

/** What the choices in a node take, and its distance from the root. `whole` makes the path, which is only wanted for few. */
function* stopsAt<C, E extends { readonly type: string }, F extends Effect, W>(
  graph: Graph<C, E, F, W>,
  rowOf: ReturnType<typeof taker>,
  from: number,
) {
  const { model } = graph
  const run = pathTo(graph, from)
  const node = graph.nodes[from] as Node<C, W>
  for (const choice of model.choices(node.state, node.world)) {
    const reached = follow(model, node, choice)
    if ('thrown' in reached || reached.observed === null) continue
    const { event, step } = reached.observed
    const { disposition, reason = null } = step
    const row = rowOf(node.state, event)
    if (row === undefined) continue
    const whole = (): Stop<C, E, W> => ({
      row,
      disposition,
      reason,
      root: rootOf(graph, run),
      events: [...eventsOf(graph, run), event],
    })
    yield { row, disposition, reason, depth: run.choices.length, whole }
  }
}

type Guard = (args: { readonly context: unknown; readonly event: object }) => boolean

/** Answers the first of the rows of a state and an event whose guard holds. */
export function taker(machine: AnyMachine, rows: readonly Row[]) {
  const guards = machine.logic.implementations.guards as unknown as Readonly<Record<string, Guard>>
  const listed = new Map<string, Row[]>()
  for (const row of rows) {
    const key = `${row.state} ${row.event}`
    const known = listed.get(key)
    if (known === undefined) listed.set(key, [row])
    else known.push(row)
  }
  return ({ value, context }: State<unknown>, event: { readonly type: string }): Row | undefined =>
    listed
      .get(`${pathOf(value)} ${event.type}`)
      ?.find(({ guard }) => guard === null || (guards[guard] as Guard)({ context, event }))
}

/** `active.connecting`, as in `Row`. */
function pathOf(value: StateValue): string {
  if (typeof value === 'string') return value
  return Object.entries(value)
    .map(([parent, child]) => `${parent}.${pathOf(child)}`)
    .join()
}
