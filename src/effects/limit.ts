// A concurrency limit with a bounded queue. At the limit a task waits, first come first served; where the queue is full it is
// refused at once and counted. Invariant: never more than `concurrent` run nor more than `queued` wait, and each task has one end.
import type { Ended } from './deadline.ts'

export interface LimitSize {
  readonly concurrent: number
  readonly queued: number
}

export interface Limit {
  /** `full`: refused. `aborted`: the signal fired while it waited; a running task sees to its signal itself. */
  run<T>(signal: AbortSignal, task: () => Promise<T>): Promise<Limited<T>>
  readonly running: number
  readonly waiting: number
  readonly refused: number
}

export type Limited<T> = Exclude<Ended<T>, { kind: 'expired' }> | { readonly kind: 'full' }

/** A task that hangs keeps its place: tasks are run within a deadline. */
export function concurrencyLimit({ concurrent, queued }: LimitSize): Limit {
  const waiters = new Set<() => void>()
  let running = 0
  let refused = 0

  async function perform<T>(task: () => Promise<T>): Promise<Limited<T>> {
    running++
    try {
      return { kind: 'done', value: await task() }
    } catch (error) {
      return { kind: 'failed', error }
    } finally {
      running--
      const [next] = waiters
      next?.()
    }
  }

  function wait<T>(signal: AbortSignal, task: () => Promise<T>): Promise<Limited<T>> {
    return new Promise((resolve) => {
      const leave = () => {
        waiters.delete(start)
        signal.removeEventListener('abort', onAbort)
      }
      const start = () => {
        leave()
        resolve(perform(task))
      }
      const onAbort = () => {
        leave()
        resolve({ kind: 'aborted' })
      }
      waiters.add(start)
      signal.addEventListener('abort', onAbort)
    })
  }

  return {
    run(signal, task) {
      if (signal.aborted) return Promise.resolve({ kind: 'aborted' })
      if (running < concurrent) return perform(task)
      if (waiters.size < queued) return wait(signal, task)
      refused++
      return Promise.resolve({ kind: 'full' })
    },
    get running() {
      return running
    },
    get waiting() {
      return waiters.size
    },
    get refused() {
      return refused
    },
  }
}
