// Explores a machine exhaustively [architecture, Formal model]: breadth-first over the machine that runs, in a small world.
// Invariant: `complete` says that every state was expanded by every choice; a node's parents lead back to a root, on a run of the
// machine that is as short as any.
import { numbering } from './explore-key.ts'
import type { AnyMachine, Effect, State, Step } from './machine.ts'

/** One thing that may happen next: an event, or null where only the world moves (time passes). */
export interface Choice<E, W> {
  readonly event: E | null
  /** The world in which it happens. */
  readonly world: W
}

export interface Node<C, W> {
  readonly state: State<C>
  readonly world: W
}

/** Where a run begins. `config`: what makes this state of the `minimal` preset. */
export interface Root<C, W> extends Node<C, W> {
  readonly config: object
}

/** One event taken in one state. `world`: as it was when the event happened; `after`: having heard the effects. */
export interface Observed<C, E, F extends Effect, W> {
  readonly before: State<C>
  readonly event: E
  readonly step: Step<C, F>
  readonly world: W
  readonly after: W
}

/** A machine with its world, both finite but for what `essence` leaves out. Everything in it is pure. */
export interface Model<C, E extends { readonly type: string }, F extends Effect, W> {
  /** The machine's name in the conformance kit. */
  readonly kind: string
  readonly id: string
  readonly machine: AnyMachine
  /** `step` of the machine, or that of a mutant. */
  readonly take: (state: State<C>, event: E) => Step<C, F>
  readonly roots: readonly Root<C, W>[]
  readonly choices: (state: State<C>, world: W) => readonly Choice<E, W>[]
  /** What the world keeps in mind of what the machine asked of it, and of the event that answered it. */
  readonly hear: (world: W, event: E, step: Step<C, F>) => W
  /** What decides the future of a state: all of it but counters that nothing reads, and names that only need to differ. */
  readonly essence: (state: State<C>) => unknown
  readonly invariants: Readonly<Record<string, (observed: Observed<C, E, F, W>) => boolean>>
  readonly liveness: readonly Liveness<C, E, W>[]
}

/** Where it does not matter which machine it is. */
// biome-ignore lint/suspicious/noExplicitAny: a model is invariant in all of its types.
export type AnyModel = Model<any, any, any, any>

/** `can`: from every node of `from` some node of `until` is reachable. `must`: no fair run stays away from it. */
export interface Liveness<C, E, W> {
  readonly name: string
  readonly kind: 'can' | 'must'
  readonly from: (node: Node<C, W>) => boolean
  readonly until: (node: Node<C, W>) => boolean
  /** What may happen where it counts; absent: everything. `event` null: only the world moves. */
  readonly fair?: (event: E | null, node: Node<C, W>) => boolean
}

export interface Limits {
  readonly maxStates: number
  /** Ends at the first state in which an invariant does not hold; such a graph is not complete. */
  readonly stopAtFirst?: boolean
  /** Called now and then with what was found so far. */
  readonly onProgress?: (states: number, edges: number) => void
}

/** An invariant that does not hold in `from` for its choice number `choice`; each is listed once, by a shortest path. */
export interface Violation {
  readonly invariant: string
  readonly from: number
  readonly choice: number
}

/**
 * Edges of node i are `to[first[i]]` to `to[first[i + 1] - 1]`, in the order of its choices. A root is its own parent, and its
 * choice is its number among the roots.
 */
export interface Graph<C, E extends { readonly type: string }, F extends Effect, W> {
  readonly model: Model<C, E, F, W>
  readonly nodes: readonly Node<C, W>[]
  readonly parent: readonly number[]
  readonly parentChoice: readonly number[]
  readonly first: readonly number[]
  readonly to: readonly number[]
  readonly violations: readonly Violation[]
  readonly complete: boolean
}

export function explore<C, E extends { readonly type: string }, F extends Effect, W>(
  model: Model<C, E, F, W>,
  { maxStates, stopAtFirst = false, onProgress = () => {} }: Limits,
): Graph<C, E, F, W> {
  const [identify, identifyWorld, identifyNode] = [numbering(), numbering(), numbering()]
  const nodes: Node<C, W>[] = []
  const parent: number[] = []
  const parentChoice: number[] = []
  const first: number[] = [0]
  const to: number[] = []
  const violations = new Map<string, Violation>()
  const rules = Object.entries(model.invariants)

  function visit(node: Node<C, W>, from: number, choice: number): number {
    const index = identifyNode(`${identify(model.essence(node.state))} ${identifyWorld(node.world)}`)
    if (index === nodes.length) {
      nodes.push(node)
      parent.push(from)
      parentChoice.push(choice)
    }
    return index
  }

  for (const [i, { state, world }] of model.roots.entries()) visit({ state, world }, nodes.length, i)
  let from = 0
  for (; from < nodes.length && nodes.length <= maxStates; from++) {
    const node = nodes[from] as Node<C, W>
    for (const [choice, chosen] of model.choices(node.state, node.world).entries()) {
      const reached = follow(model, node, chosen)
      for (const invariant of brokenBy(rules, reached))
        if (!violations.has(invariant)) violations.set(invariant, { invariant, from, choice })
      to.push('thrown' in reached || isSame(reached.node, node) ? from : visit(reached.node, from, choice))
    }
    first.push(to.length)
    if (from % 1024 === 0) onProgress(nodes.length, to.length)
    if (stopAtFirst && violations.size > 0) break
  }
  const complete = from === nodes.length
  return { model, nodes, parent, parentChoice, first, to, violations: [...violations.values()], complete }
}

/** Most events change nothing, which is seen without looking into the state. */
function isSame<C, W>(a: Node<C, W>, b: Node<C, W>): boolean {
  return a.state.context === b.state.context && a.world === b.world && a.state.value === b.state.value
}

type Reached<C, E, F extends Effect, W> =
  | { readonly node: Node<C, W>; readonly observed: Observed<C, E, F, W> | null }
  | { readonly thrown: string }

/** What one choice leads to; a machine that throws is a finding like any other. */
export function follow<C, E extends { readonly type: string }, F extends Effect, W>(
  model: Model<C, E, F, W>,
  { state: before }: Node<C, W>,
  { event, world }: Choice<E, W>,
): Reached<C, E, F, W> {
  if (event === null) return { node: { state: before, world }, observed: null }
  try {
    const step = model.take(before, event)
    const after = model.hear(world, event, step)
    return { node: { state: step.state, world: after }, observed: { before, event, step, world, after } }
  } catch (error) {
    return { thrown: error instanceof Error ? error.message : String(error) }
  }
}

type Rule<C, E, F extends Effect, W> = readonly [name: string, holds: (observed: Observed<C, E, F, W>) => boolean]

/** The names of those invariants that do not hold in what was reached. */
export function brokenBy<C, E, F extends Effect, W>(
  rules: readonly Rule<C, E, F, W>[],
  reached: Reached<C, E, F, W>,
): readonly string[] {
  if ('thrown' in reached) return [`every step is total: ${reached.thrown}`]
  const { observed } = reached
  return observed === null ? [] : rules.filter(([, holds]) => !holds(observed)).map(([name]) => name)
}
