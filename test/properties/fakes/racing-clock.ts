// A clock whose timers fire whenever a scheduler likes, so that every race is met. Invariant: a cancelled timer does not fire, and
// time never runs backwards.
import type fc from 'fast-check'
import type { FakeClock } from './clock.ts'

export function racingClock(s: fc.Scheduler, start = 0): FakeClock {
  let now = start
  let pending = 0
  return {
    now: () => now,
    after(ms, fire) {
      const at = now + Math.max(0, ms)
      let live = true
      pending++
      const stop = () => {
        if (live) pending--
        live = false
      }
      s.schedule(Promise.resolve(), `timer ${ms}`).then(() => {
        if (!live) return
        stop()
        now = Math.max(now, at)
        fire()
      })
      return stop
    },
    async advance() {
      await s.waitOne()
    },
    get pending() {
      return pending
    },
  }
}
