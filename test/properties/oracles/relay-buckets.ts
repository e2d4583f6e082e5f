// Step 3 of the SFO handler as the specification's words say it, with arrays that are copied and searched.
import type { RelayConfig } from '../../../src/machines/relay/types.ts'

export interface NaiveBuckets {
  readonly buckets: readonly (readonly string[])[]
  readonly fate: 'held' | 'noBucket' | 'bucketFull'
  readonly evicted: readonly string[]
  readonly endsWait: boolean
}

/** `draw`: 2n integers below 2^32; arithmetic in BigInt, so that nothing is rounded. */
export function enter(
  config: RelayConfig,
  before: readonly (readonly string[])[],
  sfoId: string,
  draw: readonly number[],
) {
  const chosen = config.policy.bucketing === 'coin' ? byCoin(config, draw) : byChoice(config, draw)
  const after = before.map((bucket) => [...bucket])
  let endsWait = false
  for (const b of [...chosen].sort((x, y) => x - y)) {
    const bucket = after[b] ?? []
    if (bucket.length < config.bucketCapacity) {
      bucket.push(sfoId)
      if (bucket.length === config.bucketCapacity) endsWait = config.policy.bucketFull === 'end-wait'
    } else if (config.policy.bucketFull === 'evict') bucket[below(draw[config.n + b] ?? 0, bucket.length)] = sfoId
  }
  const were = new Set(before.flat())
  const are = new Set(after.flat())
  return {
    buckets: after,
    fate: chosen.length === 0 ? 'noBucket' : are.has(sfoId) ? 'held' : 'bucketFull',
    evicted: [...were].filter((id) => !are.has(id)).sort(),
    endsWait: endsWait && are.has(sfoId),
  } satisfies NaiveBuckets
}

function byCoin({ n, k }: RelayConfig, draw: readonly number[]): readonly number[] {
  return range(n).filter((b) => BigInt(draw[b] ?? 0) * BigInt(n) < BigInt(k) * 2n ** 32n)
}

function byChoice({ n, k }: RelayConfig, draw: readonly number[]): readonly number[] {
  const shuffled = range(n)
  for (let i = 0; i < k; i++) {
    const j = i + below(draw[i] ?? 0, n - i)
    const moved = shuffled[i] ?? 0
    shuffled[i] = shuffled[j] ?? 0
    shuffled[j] = moved
  }
  return shuffled.slice(0, k)
}

export function below(draw: number, m: number): number {
  return Number((BigInt(draw) * BigInt(m)) / 2n ** 32n)
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
