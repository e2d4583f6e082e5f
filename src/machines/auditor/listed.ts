// Transitions for events that change nothing: listed all the same, since xstate drops an unlisted event silently.
// Invariant: each bears a reason of the machine's closed set and the requirements it follows from.

/** What xstate takes as a transition; `meta.req` ties it to the specification. */
export interface Listed {
  readonly target?: string
  readonly guard?: string
  readonly actions: string | { readonly type: string; readonly params: { readonly reason: string } }
  readonly meta: { readonly req: readonly string[] }
}

/** A repeat, late or irrelevant event. */
export function ignored<R extends string>(reason: R, ...req: readonly string[]): Listed {
  return { actions: { type: 'ignore', params: { reason } }, meta: { req } }
}

/** An event that a correct environment does not send. */
export function rejected<R extends string>(reason: R, ...req: readonly string[]): Listed {
  return { actions: { type: 'reject', params: { reason } }, meta: { req } }
}

/** A transition that does something: one action, which is one pure function. */
export function does(actions: string, req: readonly string[], where: { target?: string; guard?: string } = {}): Listed {
  return { ...where, actions, meta: { req } }
}
