// How a machine lists its transitions: every (state, event) pair is handled, ignored or rejected, since xstate drops an
// unlisted event silently. Invariant: each transition has one named action and the requirements it follows from.
import type { Reason } from './machine.ts'

/** What xstate takes as a transition; `meta.req` ties it to the specification, `meta.step` to a step of its document. */
export interface Listed {
  readonly target?: string
  readonly guard?: string
  readonly actions: string | { readonly type: string; readonly params: { readonly reason: Reason } }
  readonly meta: { readonly req: readonly string[]; readonly step?: number }
}

export interface Where {
  readonly target?: string
  readonly guard?: string
  /** The step of the document that begins or ends here. */
  readonly step?: number
}

/** A transition that does something: one action, which is one pure function. */
export function does(actions: string, req: readonly string[], { step, ...where }: Where = {}): Listed {
  return { ...where, actions, meta: step === undefined ? { req } : { req, step } }
}

/** A repeat, late or irrelevant event. */
export function ignores<R extends Reason>(reason: R, req: readonly string[], guard?: string): Listed {
  return { ...(guard === undefined ? {} : { guard }), actions: { type: 'ignore', params: { reason } }, meta: { req } }
}

/** An event that a correct environment does not send. */
export function rejects<R extends Reason>(reason: R, req: readonly string[], guard?: string): Listed {
  return { ...(guard === undefined ? {} : { guard }), actions: { type: 'reject', params: { reason } }, meta: { req } }
}
