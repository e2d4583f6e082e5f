// The rate limit of one listener [RELAY-012]. It is one bucket for all clients: behind Tor they share the exits' addresses.
// Invariant: at most `burst + rate * t` takes succeed in any t seconds.

export interface RateLimit {
  readonly ratePerSecond: number
  readonly burst: number
}

/** `now`: monotonic milliseconds. The answer takes one token: false where there is none. */
export function tokenBucket({ ratePerSecond, burst }: RateLimit, now: () => number = () => performance.now()) {
  let tokens = burst
  let filledAt = now()
  return (): boolean => {
    const at = now()
    tokens = Math.min(burst, tokens + ((at - filledAt) / 1000) * ratePerSecond)
    filledAt = at
    if (tokens < 1) return false
    tokens -= 1
    return true
  }
}
