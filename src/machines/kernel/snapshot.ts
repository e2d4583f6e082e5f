// xstate's snapshots, made without its actors. With step.ts the only file that touches xstate's internals.
// Invariant: what is made here equals what xstate makes of the same machine, which test/properties/kernel.test.ts checks.
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate'
import type { State, StateValue } from './state.ts'

/**
 * A snapshot holds nothing beyond value and context that differs between two visits of a state: the machines have neither
 * history nor children. So one per state of the machine is resolved by xstate, and the context is laid in.
 */
const templates = new WeakMap<AnyStateMachine, Map<string, AnyMachineSnapshot>>()

export function snapshotOf(logic: AnyStateMachine, { value, context }: State<unknown>): AnyMachineSnapshot {
  const known = templates.get(logic)
  const template = known?.get(pathOf(value)) ?? addTemplate(logic, value, known ?? new Map())
  return withContext(template, context)
}

function addTemplate(logic: AnyStateMachine, value: StateValue, known: Map<string, AnyMachineSnapshot>) {
  const template = logic.resolveState({ value: value as never, context: {} }) as AnyMachineSnapshot
  templates.set(logic, known.set(pathOf(value), template))
  return template
}

/** What xstate's `cloneMachineSnapshot` does for a changed context alone. */
export function withContext(snapshot: AnyMachineSnapshot, context: unknown): AnyMachineSnapshot {
  return { ...snapshot, context } as AnyMachineSnapshot
}

function pathOf(value: StateValue): string {
  if (typeof value === 'string') return value
  let path = ''
  for (const parent in value) path += `${parent}(${pathOf(value[parent] as StateValue)})`
  return path
}

/** One of the marker actions of machine.ts, with its parameters. */
export interface Marker {
  readonly type: string
  readonly params?: unknown
}

export interface Turn {
  readonly context: object | undefined
  readonly markers: readonly Marker[]
}

/**
 * An action in the form of xstate's built-ins: `resolve` answers the next snapshot and the actions to execute after it.
 * `enqueueActions` with `assign` does the same at three times the cost, and is what the differential property compares with.
 */
export function builtin(take: (context: never, event: never) => Turn) {
  const action = () => undefined
  return Object.assign(action, {
    take,
    resolve(_scope: unknown, snapshot: AnyMachineSnapshot, { context, event }: { context: object; event: object }) {
      const { context: changed, markers } = take(context as never, event as never)
      return [changed === undefined ? snapshot : withContext(snapshot, { ...context, ...changed }), undefined, markers]
    },
  })
}
