// Token buckets by key: how much one CTR may submit [AUD-007]. Invariant: in any interval of t ms a key takes at most
// `capacity + t / refillMs` tokens; a bucket that is full again is forgotten, so memory holds only keys that took lately.
import type { Clock } from './ports.ts'

export interface QuotaLimits {
  readonly capacity: number
  /** Milliseconds for one token. */
  readonly refillMs: number
  /** Beyond it a new key finds no tokens until another one is full again. */
  readonly keys: number
}

export interface Quotas {
  available(key: string): number
  /** Takes at most what is available. */
  take(key: string, tokens: number): void
  readonly size: number
}

interface Bucket {
  readonly tokens: number
  readonly at: number
}

export function tokenBuckets(clock: Clock, { capacity, refillMs, keys }: QuotaLimits): Quotas {
  const buckets = new Map<string, Bucket>()
  const tokensOf = ({ tokens, at }: Bucket) => Math.min(capacity, tokens + Math.max(0, clock.now() - at) / refillMs)

  function forgetFull() {
    for (const [key, bucket] of buckets) if (tokensOf(bucket) >= capacity) buckets.delete(key)
  }

  return {
    available(key) {
      const bucket = buckets.get(key)
      if (bucket !== undefined) return Math.floor(tokensOf(bucket))
      if (buckets.size >= keys) forgetFull()
      return buckets.size < keys ? capacity : 0
    },
    take(key, wanted) {
      const taken = Math.min(wanted, this.available(key))
      if (taken <= 0) return
      const bucket = buckets.get(key)
      buckets.set(key, { tokens: (bucket === undefined ? capacity : tokensOf(bucket)) - taken, at: clock.now() })
    },
    get size() {
      return buckets.size
    },
  }
}
