// What every machine of this project is made of: xstate's `setup({...})` with named guards and actions, one action a
// transition. Invariant: an action is a pure function of (context, event); what it wants from the world leaves as effects.
import type { AnyStateMachine, MachineConfig } from 'xstate'
import { setup } from 'xstate'
import { builtin, type Marker } from './snapshot.ts'
import type { State } from './state.ts'

export type { State, StateValue } from './state.ts'

/** A wish to the world, as plain data. */
export type Effect = { readonly type: string }

/** Why an event was ignored or rejected: a code of the machine's closed set. */
export type Reason = string

export interface Step<C, F extends Effect> {
  readonly state: State<C>
  readonly effects: readonly F[]
  readonly disposition: 'accepted' | 'ignored' | 'rejected'
  readonly reason?: Reason
}

/** What a transition's pure function answers: the fields of the context that change, and the effects. */
export interface Change<C, F extends Effect> {
  readonly context?: Partial<C>
  readonly effects?: readonly F[]
  /** Present where the function itself found that the event does not count. */
  readonly ignored?: Reason
  readonly rejected?: Reason
}

/** A change that always wants something of the world. */
export type Acting<C, E extends Effect> = Change<C, E> & { readonly effects: readonly E[] }

/** `logic` is the xstate machine; `events` is its whole alphabet, in the order of the specification. */
export interface Machine<C, E extends { type: string }, F extends Effect> {
  readonly id: string
  readonly logic: AnyStateMachine
  readonly events: readonly E['type'][]
  /** Phantom: ties context and effect types to the machine. */
  readonly types?: { readonly context: C; readonly effect: F }
}

/** Where it does not matter which machine it is. */
// biome-ignore lint/suspicious/noExplicitAny: a machine is invariant in its event type.
export type AnyMachine = Machine<any, any, any>

export interface MachineParts<C, E extends { type: string }, F extends Effect> {
  readonly id: string
  readonly events: readonly E['type'][]
  readonly guards: Readonly<Record<string, (context: C, event: never) => boolean>>
  readonly actions: Readonly<Record<string, (context: C, event: never) => Change<C, F>>>
  /** xstate's own configuration; each transition bears `meta: { req: [...] }`. */
  // biome-ignore lint/suspicious/noExplicitAny: xstate's twelve type parameters buy nothing over the structure test.
  readonly config: MachineConfig<any, any, any, any, any, any, any, any, any, any, any>
}

/** Builds the xstate machine. `ignore` and `reject` with `params: { reason }` are there for every machine. */
export function defineMachine<C, E extends { type: string }, F extends Effect>(
  parts: MachineParts<C, E, F>,
): Machine<C, E, F> {
  const guards = mapValues(
    parts.guards,
    (guard) =>
      ({ context, event }: Args) =>
        guard(context as C, event as never),
  )
  const actions = mapValues(parts.actions, (action) => act(action))
  const logic = setup({ guards, actions: { ...actions, ...markers } } as never).createMachine({
    ...parts.config,
    id: parts.id,
  } as never) as unknown as AnyStateMachine
  return { id: parts.id, logic, events: parts.events }
}

interface Args {
  readonly context: unknown
  readonly event: unknown
}

/** Makes of a pure function the one action of a transition: it updates the context, then emits effects. */
export function act<C>(change: (context: C, event: never) => Change<C, Effect>) {
  return builtin((context, event) => {
    const { context: changed, effects = [], ignored, rejected } = change(context as C, event)
    const markers: Marker[] = effects.map((params) => ({ type: 'effect', params }))
    if (ignored !== undefined) markers.push({ type: 'ignore', params: { reason: ignored } })
    else if (rejected !== undefined) markers.push({ type: 'reject', params: { reason: rejected } })
    else if (markers.length === 0) markers.push(took)
    return { context: changed, markers }
  })
}

const took: Marker = { type: 'took' }

/** They do nothing when executed: `step` reads their type and params. */
const markers = { took: () => {}, effect: () => {}, ignore: () => {}, reject: () => {} }

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]))
}
