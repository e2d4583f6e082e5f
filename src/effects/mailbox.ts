// The single writer of one machine's state [RELAY-021]: it takes events one by one, in the order of their arrival, and hands the
// effects out in the order of the step. Invariant: no event is taken while another one's effects are handed out; the queue is
// bounded; after `close` nothing is taken or performed.
import type { Effect, Machine, State, Step } from '../machines/kernel/machine.ts'
import { step } from '../machines/kernel/step.ts'

/** `queued`: it arrived while an event was handled, and is taken after it. */
export type Dispatched = 'taken' | 'queued' | 'full' | 'closed'

export interface Mailbox<C, E> {
  /** `taken` is called between the event's step and its effects. */
  dispatch(event: E, taken?: Taken<C>): Dispatched
  state(): State<C>
  close(): void
  readonly waiting: number
}

// biome-ignore lint/suspicious/noExplicitAny: the caller of `dispatch` knows the effects' type, and reads the disposition only.
export type Taken<C> = (step: Step<C, any>) => void

export interface MailboxParts<C, E extends { type: string }, F extends Effect> {
  readonly machine: Machine<C, E, F>
  readonly initial: State<C>
  /** Starts the effect; what it takes time for is answered by events. */
  readonly perform: (effect: F) => void
  /** Events that wait at most. */
  readonly capacity: number
  /** Called for each event taken, before its effects: a replay gives the same states [INV-008]. */
  readonly journal?: ((event: E, step: Step<C, F>) => void) | undefined
  /** Called after each effect was handed out, with a running number from 1; where it throws the machine is dead [INV-009]. */
  readonly afterEffect?: ((number: number, effect: F) => void) | undefined
  /** A step or a handler threw, which is a defect; the machine goes on in the state it has. */
  readonly defect: (code: 'machineFailed' | 'handlerFailed', error: unknown) => void
}

export function mailbox<C, E extends { type: string }, F extends Effect>(parts: MailboxParts<C, E, F>): Mailbox<C, E> {
  const queue: { readonly event: E; readonly taken: Taken<C> | undefined }[] = []
  let state = parts.initial
  let busy = false
  let open = true
  let performed = 0

  function take(event: E, taken: Taken<C> | undefined) {
    const next = attempt('machineFailed', () => step(parts.machine, state, event))
    if (next === undefined) return
    state = next.state
    attempt('handlerFailed', () => {
      parts.journal?.(event, next)
      taken?.(next)
    })
    for (const effect of next.effects) {
      if (!open) return
      attempt('handlerFailed', () => parts.perform(effect))
      performed++
      boundary(effect)
    }
  }

  function boundary(effect: F) {
    try {
      parts.afterEffect?.(performed, effect)
    } catch {
      open = false
    }
  }

  function attempt<T>(code: 'machineFailed' | 'handlerFailed', work: () => T): T | undefined {
    try {
      return work()
    } catch (error) {
      parts.defect(code, error)
      return undefined
    }
  }

  function drain() {
    busy = true
    for (let head = queue.shift(); head !== undefined && open; head = queue.shift()) take(head.event, head.taken)
    busy = false
  }

  return {
    dispatch(event, taken) {
      if (!open) return 'closed'
      if (queue.length >= parts.capacity) return 'full'
      queue.push({ event, taken })
      if (busy) return 'queued'
      drain()
      return 'taken'
    },
    state: () => state,
    close() {
      open = false
      queue.length = 0
    },
    get waiting() {
      return queue.length
    },
  }
}
