// Replays a trace of the model on a machine: each event the same disposition, reason, effects and state [INV-008].
// Invariant: what is compared is everything that both sides know; a difference names trace, step and both sides.
import { canonicalText } from '../../../machines/kernel/canonical.ts'
import type { Effect, State, Step } from '../../../machines/kernel/machine.ts'
import type { Trace, Value, Variant } from './quint.ts'

/** How a machine's world is told in the model's words. `S`: what the model's state is. */
export interface Refinement<C, E extends { type: string }, F extends Effect> {
  /** The machine's state before the first event, of the trace's first state. */
  initial(first: Trace['states'][number]): State<C>
  /** The model's event, as it happens to the machine. */
  event(event: Variant, state: State<C>): E
  effect(effect: F): Variant
  /** The machine's state in the model's words, and the same of the model's. */
  state(state: State<C>): Value
  modelState(state: Trace['states'][number]): Value
}

export type Take<C, E, F extends Effect> = (state: State<C>, event: E) => Step<C, F>

export interface Difference {
  readonly trace: string
  readonly step: number
  readonly event: string
  readonly model: string
  readonly machine: string
}

/** The first difference, or null. @throws what the machine throws. */
export function replay<C, E extends { type: string }, F extends Effect>(
  { initial, event, effect, state, modelState }: Refinement<C, E, F>,
  take: Take<C, E, F>,
  { id, states }: Trace,
): Difference | null {
  let now = initial(states[0])
  for (const [i, told] of states.entries()) {
    if (i > 0) {
      const happened = event(told.obs.event, now)
      const taken = take(now, happened)
      now = taken.state
      const machine = { ...taken, reason: taken.reason ?? '', effects: taken.effects.map(effect), state: state(now) }
      const { effects, disposition, reason } = told.obs
      const difference = differs({ effects, disposition, reason, state: modelState(told) }, machine)
      if (difference !== null) return { trace: id, step: i, event: canonicalText(happened), ...difference }
    } else {
      const difference = differs({ state: modelState(told) }, { state: state(now) })
      if (difference !== null) return { trace: id, step: 0, event: 'initial', ...difference }
    }
  }
  return null
}

function differs(model: Readonly<Record<string, unknown>>, machine: Readonly<Record<string, unknown>>) {
  for (const part of Object.keys(model)) {
    const sides = { model: canonicalText(model[part]), machine: canonicalText(machine[part]) }
    if (sides.model !== sides.machine) return { model: `${part} ${sides.model}`, machine: `${part} ${sides.machine}` }
  }
  return null
}

/** A difference as text, for a failing test. */
export function report({ trace, step, event, model, machine }: Difference): string {
  return `${trace}, step ${step}, event ${event}\n  model:   ${model}\n  machine: ${machine}`
}

/** Steps in all traces. */
export function countSteps(traces: readonly Trace[]): number {
  return traces.reduce((sum, { states }) => sum + states.length - 1, 0)
}
