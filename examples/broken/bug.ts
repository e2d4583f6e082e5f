// What a bug is: a wrapper around a function or a machine's step of the right implementation [spec/conformance.md].
// Invariant: a bug violates one requirement and copies no code of what it breaks.
import type { Outcome } from '../../src/adapters/conform/functions/define.ts'
import type { ConformMachine } from '../../src/adapters/conform/machines.ts'
import type { SutParts } from '../../src/adapters/conform/sut.ts'
import type { Effect, State, Step } from '../../src/machines/kernel/machine.ts'

export type Breaks = (parts: SutParts) => SutParts

export interface Bug {
  /** The requirement that it violates. */
  readonly req: string
  /** What this implementation does wrong, as a clause. */
  readonly does: string
  readonly breaks: Breaks
}

/** Puts `change` around a function; `right` is the function as it was. */
export function inFunction<I>(name: string, change: (input: I, right: (input: I) => Outcome) => Outcome): Breaks {
  return (parts) => {
    const { [name]: known } = parts.functions
    if (known === undefined) throw new Error(`no function ${name}`)
    const right = known.run as unknown as (input: I) => Outcome
    const run = ((input: I) => change(input, right)) as never
    return { ...parts, functions: { ...parts.functions, [name]: { ...known, run } } }
  }
}

/** Changes what a function answers with `ok`. */
export function inAnswer<I, O extends object>(name: string, change: (ok: O, input: I) => object): Breaks {
  return inFunction<I>(name, (input, right) => {
    const outcome = right(input)
    return 'ok' in outcome ? { ok: change(outcome.ok as O, input) } : outcome
  })
}

export interface Turn<C, E, F extends Effect> {
  readonly step: Step<C, F>
  readonly event: E
  readonly before: C
}

/** The ways in which a machine can be wrong. */
export function machineBugs<C, E, F extends Effect, K>(name: string) {
  type Take = (state: State<C>, event: E) => Step<C, F>

  const wrap =
    (change: (machine: ConformMachine) => Partial<Record<keyof ConformMachine, unknown>>): Breaks =>
    (parts) => {
      const { [name]: machine } = parts.machines
      if (machine === undefined) throw new Error(`no machine ${name}`)
      const changed = { ...machine, ...change(machine) } as ConformMachine
      return { ...parts, machines: { ...parts.machines, [name]: changed } }
    }

  const taking = (change: (take: Take) => Take): Breaks =>
    wrap((machine) => ({ step: change(machine.step as unknown as Take) }))

  return {
    /** It runs with another configuration than it was given. */
    config: (change: (config: K) => K): Breaks =>
      wrap(({ initial }) => ({ initial: (config: K) => initial(change(config) as never) })),
    /** It takes one event for another. */
    event: (change: (event: E, context: C) => E): Breaks =>
      taking((take) => (state, event) => take(state, change(event, state.context))),
    /** It has forgotten, or remembers wrongly. */
    context: (change: (context: C, event: E) => C): Breaks =>
      taking((take) => (state, event) => take({ ...state, context: change(state.context, event) }, event)),
    /** It does something else than it should. */
    step: (change: (turn: Turn<C, E, F>) => Step<C, F>): Breaks =>
      taking((take) => (state, event) => change({ step: take(state, event), event, before: state.context })),
    /** It wants something else from the world. */
    effects: (change: (effect: F) => readonly F[]): Breaks =>
      taking((take) => (state, event) => {
        const step = take(state, event)
        return { ...step, effects: step.effects.flatMap(change) }
      }),
  }
}
