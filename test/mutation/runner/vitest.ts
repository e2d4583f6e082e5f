// What `import … from 'vitest'` means to a test file inside the mutation runner: our registry, and vitest's own `expect` and `vi`, but for
// what those two only do inside a worker of vitest's: to poll, and to move a false clock.
import { mock } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { vi as fromVitest, expect as once } from 'vitest'

export { afterAll, afterEach, beforeAll, beforeEach, describe, onTestFinished, test } from './registry.ts'

type Matchers = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>

/** Asks again until the matcher holds; after `timeout` ms its last failure is thrown. */
function poll(ask: () => unknown, { timeout = 1000, interval = 20 } = {}): object {
  const holds = async (matcher: string, args: readonly unknown[]) => {
    for (const end = performance.now() + timeout; ; await sleep(interval)) {
      try {
        return (once(await ask()) as unknown as Matchers)[matcher]?.(...args)
      } catch (error) {
        if (performance.now() > end) throw error
      }
    }
  }
  const get =
    (_: object, matcher: string) =>
    (...args: readonly unknown[]) =>
      holds(matcher, args)
  return new Proxy({}, { get })
}

export const expect = Object.assign((value: unknown) => once(value), once, { poll })

/** Node's false clock sets a timer that is set by another at the end of the step in which that one fires: steps end where timers can. */
function advance(ms: number): void {
  const longestTimer = 2 ** 31 - 1
  for (let left = ms; left > 0; left -= longestTimer) mock.timers.tick(Math.min(left, longestTimer))
}

export const vi = {
  ...fromVitest,
  useFakeTimers: () => mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] }),
  advanceTimersByTime: advance,
  useRealTimers: () => mock.timers.reset(),
}
