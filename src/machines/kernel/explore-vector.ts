// A counterexample as a vector [spec/conformance.md, L1]: one self-contained object that says what was sent and what must hold.
// Invariant: `replay` of a vector on the model that it came from shows the same violation again.
import { canonical, type Json } from './canonical.ts'
import { brokenBy, follow, type Graph, type Model, type Node, type Violation } from './explore.ts'
import type { Stuck } from './explore-liveness.ts'
import { eventsOf, pathTo, type Run, rootOf } from './explore-run.ts'
import type { Effect } from './machine.ts'

type Type = { readonly type: string }
type Text = string | boolean | readonly Text[] | { readonly [key: string]: Text }

export interface Counterexample {
  readonly level: 'L1'
  readonly machine: string
  readonly preset: 'minimal'
  readonly model: string
  readonly reqs: readonly string[]
  readonly comment: string
  readonly config: Text
  readonly steps: readonly { readonly event: Text; readonly expect?: { readonly invariant: string } }[]
  /** The last so many steps repeat for ever, or what must come never does. */
  readonly repeats?: string
}

/** `expect.invariant`: what has to hold after that step and does not. */
export function vectorOf<C, E extends Type, F extends Effect, W>(
  graph: Graph<C, E, F, W>,
  { invariant, from, choice }: Violation,
): Counterexample {
  const { root, choices } = pathTo(graph, from)
  const run = { root, choices: [...choices, choice] }
  const events = eventsOf(graph, run)
  const steps = events.map((one, i) =>
    i < events.length - 1 ? { event: spell(one) } : { event: spell(one), expect: { invariant } },
  )
  return { ...headOf(graph, run, invariant), steps }
}

/** The run after which what must happen cannot, or along whose end it never does. */
export function vectorOfStuck<C, E extends Type, F extends Effect, W>(
  graph: Graph<C, E, F, W>,
  found: Stuck,
): Counterexample {
  const steps = eventsOf(graph, found).map((event) => ({ event: spell(event) }))
  const lead = { root: found.root, choices: found.choices.slice(0, found.choices.length - found.cycle) }
  const repeats = found.cycle === 0 ? {} : { repeats: String(steps.length - eventsOf(graph, lead).length) }
  return { ...headOf(graph, found, found.name), steps, ...repeats }
}

function headOf<C, E extends Type, F extends Effect, W>(graph: Graph<C, E, F, W>, run: Run, name: string) {
  const req = name.slice(0, name.indexOf(':'))
  return {
    level: 'L1',
    machine: graph.model.kind,
    preset: 'minimal',
    model: graph.model.id,
    reqs: /^[A-Z]+-\d+$/.test(req) ? [req] : [],
    comment: name,
    config: spell(rootOf(graph, run).config),
  } as const
}

/** What the steps lead to, and the invariants that do not hold on the way; null where the model knows no such run. */
export function replay<C, E extends Type, F extends Effect, W>(
  model: Model<C, E, F, W>,
  { config, steps }: Counterexample,
): { readonly node: Node<C, W>; readonly violated: readonly string[] } | null {
  const started = same(config)
  let nodes: readonly Node<C, W>[] = model.roots.filter((root) => started(root.config))
  const violated = new Set<string>()
  for (const { event } of steps) {
    const wanted = same(event)
    const reached = nodes
      .flatMap((node) => later(model, node))
      .flatMap((node) =>
        model
          .choices(node.state, node.world)
          .filter((choice) => choice.event !== null && wanted(choice.event))
          .map((choice) => follow(model, node, choice)),
      )
    const [first] = reached
    if (first === undefined) return null
    for (const name of brokenBy(Object.entries(model.invariants), first)) violated.add(name)
    if ('thrown' in first) break
    nodes = [first.node]
  }
  return nodes[0] === undefined ? null : { node: nodes[0], violated: [...violated] }
}

/** The node and those that it becomes while nothing but the world moves. */
function later<C, E extends Type, F extends Effect, W>(
  model: Model<C, E, F, W>,
  node: Node<C, W>,
): readonly Node<C, W>[] {
  const moves = model.choices(node.state, node.world).filter(({ event }) => event === null)
  return [node, ...moves.flatMap(({ world }) => later(model, { state: node.state, world }))]
}

function same(wanted: Text): (value: unknown) => boolean {
  const text = JSON.stringify(spell(wanted))
  return (value) => JSON.stringify(spell(value)) === text
}

/** Objects, arrays, strings and booleans only: numbers as decimal strings, and what is null is absent. */
export function spell(value: unknown): Text {
  return withoutNumbers(canonical(value))
}

function withoutNumbers(json: Json): Text {
  if (typeof json === 'number') return String(json)
  if (json === null) return ''
  if (typeof json !== 'object') return json
  if (Array.isArray(json)) return json.map(withoutNumbers)
  const present = Object.entries(json).filter(([, member]) => member !== null)
  return Object.fromEntries(present.map(([key, member]) => [key, withoutNumbers(member)]))
}
