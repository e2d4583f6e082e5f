// A circuit breaker per key, here per log [RELAY-010, AUD-021]. Closed: everything passes. Open, after N consecutive `unreachable`:
// nothing does. Half-open, after a back-off: ONE probe passes, and its end closes or opens again, for twice as long.
// Invariant: between two answers of a failing log at most one request is under way once the breaker has opened.
import { randomDelay } from './draw.ts'
import type { Clock, Random } from './ports.ts'

export interface BreakerLimits {
  /** Consecutive failures that open it. */
  readonly failures: number
  /** First back-off; it is drawn from [backoffMs, 1.5 backoffMs) so that many relays do not probe at once. */
  readonly backoffMs: number
  readonly maxBackoffMs: number
  /** Logs remembered; beyond it the one that failed longest ago is forgotten (and so closed). */
  readonly keys: number
}

export type Pass = 'closed' | 'probe' | 'open'

export interface Breakers {
  /** Whether a request may go out now. Who is answered `probe` must call `report` or `release`. */
  pass(key: string): Pass
  /** How a request ended that had passed: any answer of the log counts as reachable, also a refusal. */
  report(key: string, reachable: boolean): void
  /** A request that had passed was called off: it tells nothing of the log. */
  release(key: string): void
  isOpen(key: string): boolean
  readonly open: number
}

interface Failing {
  readonly failures: number
  readonly backoffMs: number
  /** null while closed. */
  readonly openUntil: number | null
  readonly probing: boolean
}

export function circuitBreakers(clock: Clock, random: Random, limits: BreakerLimits): Breakers {
  const failing = new Map<string, Failing>()

  function failed(known: Failing | undefined): Failing {
    const before = known ?? { failures: 0, backoffMs: limits.backoffMs, openUntil: null, probing: false }
    const failures = Math.min(before.failures + 1, limits.failures)
    if (failures < limits.failures) return { ...before, failures }
    // A straggler that passed before it opened neither prolongs the back-off nor doubles it.
    if (before.openUntil !== null && !before.probing) return before
    const backoffMs = before.openUntil === null ? limits.backoffMs : Math.min(before.backoffMs * 2, limits.maxBackoffMs)
    const openUntil = clock.now() + randomDelay(random, backoffMs, backoffMs * 1.5)
    return { failures, backoffMs, openUntil, probing: false }
  }

  function remember(key: string, state: Failing) {
    failing.delete(key)
    failing.set(key, state)
    if (failing.size <= limits.keys) return
    const [oldest] = failing.keys()
    if (oldest !== undefined) failing.delete(oldest)
  }

  return {
    pass(key) {
      const state = failing.get(key)
      if (state === undefined || state.openUntil === null) return 'closed'
      if (state.probing || clock.now() < state.openUntil) return 'open'
      failing.set(key, { ...state, probing: true })
      return 'probe'
    },
    report(key, reachable) {
      if (reachable) failing.delete(key)
      else remember(key, failed(failing.get(key)))
    },
    release(key) {
      const state = failing.get(key)
      if (state?.probing) failing.set(key, { ...state, probing: false })
    },
    isOpen: (key) => (failing.get(key)?.openUntil ?? null) !== null,
    get open() {
      return [...failing.values()].filter((state) => state.openUntil !== null).length
    },
  }
}
