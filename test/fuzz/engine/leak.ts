// What executions leave behind them: a decoder has no state, so that after any number of them as much is held as before.
// Invariant: what is the fuzzer's own, or garbage, is never taken for a leak.
import { collect, type Defect, limits, memoryUsed } from './judge.ts'

/** Collecting costs more than a batch: only once so much more is held than after the last time, garbage included. */
const patience = 2 * limits.bytes

export interface Watched {
  /** `runs` executions were there until now, `own` are the bytes that the fuzzer itself keeps. */
  readonly look: (runs: number, own: number) => Defect | null
}

/** A collection leaves it to other threads to free buffers, which may wait for a core; the next one waits for them. */
function memoryHeld(): number {
  for (let times = 0; times < 3; times++) collect()
  return memoryUsed()
}

export function watchLeaks(): Watched {
  const before = memoryHeld()
  let last = before
  return {
    look(runs, own) {
      if (memoryUsed() - last <= patience) return null
      last = memoryHeld()
      const kept = last - before - own
      if (kept <= limits.bytes) return null
      return { kind: 'leak', detail: `${Math.floor(kept / 1024 / 1024)} MiB are still held after ${runs} executions` }
    },
  }
}
