// Which buckets a received SFO enters, and what makes room for it [RELAY-111 step 3, RELAY-009, RELAY-011].
// Invariant: an SFO is in `held` if and only if it is in some bucket, and its bits are exactly those buckets.
import type { Map as PersistentMap } from 'immutable'
import type { SfoId } from '../ct/types.ts'
import { choosePositions, heads } from './chance.ts'
import { add, type RandomSet, replace } from './random-set.ts'
import type { Holding, RelayConfig, RelayContext } from './types.ts'

/** Bit b is set where bucket b is drawn. `coin`: draw b decides on bucket b; `choose`: the first k draws choose. */
export function drawnBuckets(config: RelayConfig, draws: readonly number[]): number {
  const { n, k } = config
  let bits = 0
  if (config.policy.bucketing === 'choose') for (const b of choosePositions(n, k, draws)) bits |= 1 << b
  else for (let b = 0; b < n; b++) if (heads(draws[b] ?? 0, k, n)) bits |= 1 << b
  return bits
}

export interface Inserted {
  readonly buckets: readonly RandomSet[]
  readonly held: PersistentMap<SfoId, Holding>
  /** Those that lost their last bucket. */
  readonly evicted: readonly Holding[]
  /** 0: every drawn bucket is full, and the SFO is in none. */
  readonly entered: number
  /** A bucket has become full by it. */
  readonly filled: boolean
}

/** Puts an SFO that is not held into the buckets of `drawn`, lowest first. */
export function insert(context: RelayContext, sfo: Omit<Holding, 'buckets'>, drawn: number, draws: readonly number[]) {
  const { n, bucketCapacity, policy } = context.config
  const buckets = context.buckets.slice()
  const evicted: Holding[] = []
  let { held } = context
  let entered = 0
  let filled = false
  for (const [b, bucket] of context.buckets.entries()) {
    if ((drawn & (1 << b)) === 0) continue
    if (bucket.list.size < bucketCapacity) {
      buckets[b] = add(bucket, sfo.sfoId)
      filled ||= bucket.list.size + 1 === bucketCapacity
    } else if (policy.bucketFull === 'evict') {
      const { leaving, set } = replace(bucket, draws[n + b] ?? 0, sfo.sfoId)
      buckets[b] = set
      const left = without(held.get(leaving as SfoId) as Holding, b)
      if (left.buckets === 0) evicted.push(left)
      held = left.buckets === 0 ? held.delete(left.sfoId) : held.set(left.sfoId, left)
    } else continue
    entered |= 1 << b
  }
  if (entered !== 0) held = held.set(sfo.sfoId, { ...sfo, buckets: entered })
  return { buckets, held, evicted, entered, filled } satisfies Inserted
}

function without(holding: Holding, bucket: number): Holding {
  return { ...holding, buckets: holding.buckets & ~(1 << bucket) }
}
