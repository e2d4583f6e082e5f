// A clock whose timers end with their owner. Invariant: after `cancelAll` none of them is pending and none fires.
import type { Clock } from './ports.ts'

export interface Timers extends Clock {
  readonly pending: number
  cancelAll(): void
}

export function timersOf(clock: Clock): Timers {
  const cancels = new Set<() => void>()
  let closed = false
  return {
    now: () => clock.now(),
    after(ms, fire) {
      if (closed) return () => {}
      const cancel = clock.after(ms, () => {
        cancels.delete(cancel)
        if (!closed) fire()
      })
      cancels.add(cancel)
      return () => {
        if (cancels.delete(cancel)) cancel()
      }
    },
    get pending() {
      return cancels.size
    },
    cancelAll() {
      closed = true
      for (const cancel of cancels) cancel()
      cancels.clear()
    },
  }
}
