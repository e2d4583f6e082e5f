// The state of any machine. Invariant: plain data or persistent collections, so that it can be kept, compared and replayed.

/** `value` is xstate's state value: the name of the leaf state, nested as in the machine. */
export interface State<C> {
  readonly value: StateValue
  readonly context: C
}

export type StateValue = string | { readonly [parent: string]: StateValue }
