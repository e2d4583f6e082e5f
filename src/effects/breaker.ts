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

interface Open {
  readonly backoffMs: number
  readonly until: number
  readonly probing: boolean
}

interface Failing {
  readonly failures: number
  /** null while closed. */
  readonly open: Open | null
}

export function circuitBreakers(clock: Clock, random: Random, limits: BreakerLimits): Breakers {
  const failing = new Map<string, Failing>()

  function failed({ failures, open }: Failing): Failing {
    if (failures + 1 < limits.failures) return { failures: failures + 1, open }
    // A straggler that passed before it opened neither prolongs the back-off nor doubles it.
    if (open !== null && !open.probing) return { failures, open }
    const backoffMs = open === null ? limits.backoffMs : Math.min(open.backoffMs * 2, limits.maxBackoffMs)
    const until = clock.now() + randomDelay(random, backoffMs, backoffMs * 1.5)
    return { failures, open: { backoffMs, until, probing: false } }
  }

  function remember(key: string, state: Failing) {
    failing.delete(key)
    failing.set(key, state)
    if (failing.size <= limits.keys) return
    const [oldest] = failing.keys()
    failing.delete(oldest as string)
  }

  const openOf = (key: string) => failing.get(key)?.open ?? null

  function probe(key: string, probing: boolean) {
    const { failures, open } = failing.get(key) as Failing
    failing.set(key, { failures, open: { ...(open as Open), probing } })
  }

  return {
    pass(key) {
      const open = openOf(key)
      if (open === null) return 'closed'
      if (open.probing || clock.now() < open.until) return 'open'
      probe(key, true)
      return 'probe'
    },
    report(key, reachable) {
      if (reachable) failing.delete(key)
      else remember(key, failed(failing.get(key) ?? { failures: 0, open: null }))
    },
    release(key) {
      if (openOf(key) !== null) probe(key, false)
    },
    isOpen: (key) => openOf(key) !== null,
    get open() {
      return [...failing.values()].filter(({ open }) => open !== null).length
    },
  }
}
