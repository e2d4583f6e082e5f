// A deadline around one asynchronous task [RELAY-101, RELAY-104]. Invariant: it answers exactly once, at the latest `ms` after its
// start or when the parent aborts, whatever the task does (hang, throw, reject), and leaves neither timer nor listener behind.
import type { Clock } from './ports.ts'

/** How a task ended. `failed`: it threw or rejected, which is a defect of a port. */
export type Ended<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'expired' }
  | { readonly kind: 'aborted' }
  | { readonly kind: 'failed'; readonly error: unknown }

/**
 * Runs `task` with a signal that fires when `parent` does, or after `ms` milliseconds. Never rejects. What a task answers after
 * its end is dropped, unless `late` wants it (to release what the task acquired).
 */
export function withDeadline<T>(
  clock: Clock,
  parent: AbortSignal,
  ms: number,
  task: (signal: AbortSignal) => Promise<T>,
  late: (value: T) => void = () => {},
): Promise<Ended<T>> {
  if (parent.aborted) return Promise.resolve({ kind: 'aborted' })
  return new Promise((resolve) => {
    const controller = new AbortController()
    let open = true
    // A second end finds nothing left to do: the promise is settled, timer and listener are gone.
    const end = (ended: Ended<T>) => {
      open = false
      cancel()
      parent.removeEventListener('abort', onAbort)
      resolve(ended)
      if (ended.kind !== 'done') controller.abort()
    }
    const onAbort = () => end({ kind: 'aborted' })
    const cancel = clock.after(ms, () => end({ kind: 'expired' }))
    parent.addEventListener('abort', onAbort)
    started(task, controller.signal).then(
      (value) => (open ? end({ kind: 'done', value }) : late(value)),
      (error: unknown) => end({ kind: 'failed', error }),
    )
  })
}

/** A task that throws before its first await has failed like any other. */
async function started<T>(task: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
  return await task(signal)
}

/** Waits; false where the signal fired first. */
export async function pause(clock: Clock, signal: AbortSignal, ms: number): Promise<boolean> {
  const ended = await withDeadline(clock, signal, ms, () => new Promise<never>(() => {}))
  return ended.kind === 'expired'
}
