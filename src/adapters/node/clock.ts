// The port `Clock` on the system's clock. Invariant: a timer never fires early, also beyond setTimeout's 24.8 days, and never
// keeps a stopped daemon's process alive.
import type { Clock } from '../../effects/ports.ts'

/** Node fires at once what exceeds a signed 32-bit number of milliseconds. */
const longestTimeout = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, fire) => {
    let timer: NodeJS.Timeout
    const wait = (left: number): void => {
      const part = Math.min(Math.max(0, left), longestTimeout)
      timer = setTimeout(() => (left > part ? wait(left - part) : fire()), part)
      timer.unref()
    }
    wait(ms)
    return () => clearTimeout(timer)
  },
}
