// Virtual time. Invariant: timers fire in the order of their times (then of their setting), each once, and everything that one
// of them set off has settled before the next one fires.
import type { Clock } from '../../../src/effects/ports.ts'

export interface FakeClock extends Clock {
  /** Lets everything settle, then moves on by `ms`, firing what falls due. */
  advance(ms: number): Promise<void>
  /** Timers that have neither fired nor been cancelled. */
  readonly pending: number
}

export function fakeClock(start = 1_800_000_000_000): FakeClock {
  let now = start
  let order = 0
  const timers = new Map<number, { readonly at: number; readonly fire: () => void }>()

  function next(until: number): number | undefined {
    let best: number | undefined
    for (const [key, timer] of timers) {
      if (timer.at > until) continue
      const leader = best === undefined ? undefined : timers.get(best)
      if (leader === undefined || timer.at < leader.at) best = key
    }
    return best
  }

  return {
    now: () => now,
    after(ms, fire) {
      const key = order++
      timers.set(key, { at: now + Math.max(0, ms), fire })
      return () => {
        timers.delete(key)
      }
    },
    async advance(ms) {
      const until = now + ms
      await settled()
      for (let key = next(until); key !== undefined; key = next(until)) {
        const timer = timers.get(key)
        timers.delete(key)
        if (timer !== undefined) {
          now = Math.max(now, timer.at)
          timer.fire()
        }
        await settled()
      }
      now = until
    },
    get pending() {
      return timers.size
    },
  }
}

/** Every promise that can settle without a timer has settled. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
