// A seeded bug: a model whose machine is wrong in one place, to see whether the explorer notices [architecture, Conformance kit].
// Invariant: nothing of the right machine changes; each bug is one guard, one action or one step.
import type { AnyModel, Model } from '../../machines/kernel/explore.ts'
import { type Mutations, mutant } from '../../machines/kernel/explore-mutant.ts'
import type { Change, Effect, Machine, State, Step } from '../../machines/kernel/machine.ts'
import { step } from '../../machines/kernel/step.ts'

export interface SeededBug {
  /** What it does wrong. */
  readonly name: string
  readonly model: AnyModel
}

type Type = { readonly type: string }

/** One guard or one action is another. */
export function mutated<C, E extends Type, F extends Effect, W>(
  name: string,
  model: Model<C, E, F, W>,
  mutations: Mutations<C, E>,
): SeededBug {
  const machine: Machine<C, E, F> = mutant(model.machine, mutations)
  return { name, model: { ...model, take: (state: State<C>, event: E) => step(machine, state, event) } }
}

/** What one step answers is another. */
export function altered<C, E extends Type, F extends Effect, W>(
  name: string,
  model: Model<C, E, F, W>,
  alter: (step: Step<C, F>, before: State<C>, event: E) => Step<C, F>,
): SeededBug {
  return {
    name,
    model: { ...model, take: (state: State<C>, event: E) => alter(model.take(state, event), state, event) },
  }
}

/** The change without its effects of that type. */
export function without<C>(type: string) {
  return (change: Change<C, Effect>): Change<C, Effect> => ({
    ...change,
    effects: (change.effects ?? []).filter((effect) => effect.type !== type),
  })
}
