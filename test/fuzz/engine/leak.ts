// What executions leave behind them: a decoder has no state, so that after any number of them as much is held as before.
// Invariant: what is the fuzzer's own, or garbage, is never taken for a leak.
import { collect, type Defect, limits, memoryUsed } from './judge.ts'

/** Collecting costs more than a batch: only once so much more is held than after the last time, garbage included. */
const patience = 2 * limits.bytes

export interface Watched {
  /** `runs` executions were there until now, `own` are the bytes that the fuzzer itself keeps. */
  readonly look: (runs: number, own: number) => Defect | null
}

export function watchLeaks(): Watched {
  collect()
  const before = memoryUsed()
  let last = before
  return {
    look(runs, own) {
      if (memoryUsed() - last <= patience) return null
      collect()
      last = memoryUsed()
      const kept = last - before - own
      if (kept <= limits.bytes) return null
      return { kind: 'leak', detail: `${Math.floor(kept / 1024 / 1024)} MiB are still held after ${runs} executions` }
    },
  }
}
