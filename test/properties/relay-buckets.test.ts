// Which buckets an SFO enters: against a naive oracle, at the exact edges of the arithmetic, and in distribution.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { step } from '../../src/machines/kernel/step.ts'
import { drawnBuckets } from '../../src/machines/relay/bucketing.ts'
import { choosePositions, heads, indexBelow } from '../../src/machines/relay/chance.ts'
import { initialRelay } from '../../src/machines/relay/initial.ts'
import { relayMachine } from '../../src/machines/relay/machine.ts'
import type { Policy, RelayConfig } from '../../src/machines/relay/types.ts'
import { configs } from './arbitraries/relay.ts'
import { below, enter } from './oracles/relay-buckets.ts'

const u32 = fc.oneof(fc.nat({ max: 2 ** 32 - 1 }), fc.constantFrom(0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1))

test('buckets, evictions and drops are those of the naive oracle [RELAY-111.3, RELAY-009.1, RELAY-011.1]', () => {
  const arrivals = fc.array(fc.array(u32, { minLength: 60, maxLength: 60 }), { maxLength: 30 })
  fc.assert(
    fc.property(configs, arrivals, (config, draws) => {
      let state = initialRelay(config)
      let naive: readonly (readonly string[])[] = Array.from({ length: config.n }, () => [])
      for (const [i, draw] of draws.entries()) {
        const sfoId = i.toString(16).padStart(8, '0')
        const expected = enter(config, naive, sfoId, draw)
        const taken = step(relayMachine, state, {
          type: 'sfo',
          at: i,
          draw,
          sfo: { sfoId, leafId: `log:${i}`, logId: 'log', sctTimestamp: 0, hops: 0 },
        })
        state = taken.state
        naive = expected.buckets
        expect(state.context.buckets.map(({ list }) => list.toArray())).toEqual(naive)
        expect(taken.reason ?? 'held').toBe(expected.fate)
        expect(taken.effects).toEqual([
          ...(expected.fate === 'held' ? [] : [{ type: 'forgetSfos', sfoIds: [sfoId] }]),
          ...(expected.evicted.length > 0 ? [{ type: 'forgetSfos', sfoIds: expected.evicted }] : []),
          ...(expected.endsWait ? [{ type: 'startWait', ms: 0 }] : []),
        ])
      }
    }),
  )
})

describe('draw arithmetic is exact', () => {
  test('an index below m is floor(draw * m / 2^32), as in big integers', () => {
    fc.assert(
      fc.property(u32, fc.integer({ min: 1, max: 2 ** 21 }), (draw, m) => {
        expect(indexBelow(draw, m)).toBe(below(draw, m))
      }),
    )
  })

  test('a coin shows heads if and only if draw * n < k * 2^32, as in big integers [RELAY-111.3]', () => {
    fc.assert(
      fc.property(u32, fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 }), (draw, k, n) => {
        expect(heads(draw, k, n)).toBe(BigInt(draw) * BigInt(n) < BigInt(k) * 2n ** 32n)
      }),
    )
  })

  test.each([
    [1, 2, 2 ** 31],
    [1, 3, 1_431_655_766],
    [2, 8, 2 ** 30],
    [7, 30, 1_002_159_036],
  ])('of all 2^32 draws exactly ceil(2^32 * %i/%i) = %i show heads [RELAY-111.3]', (k, n, headsCount) => {
    expect(heads(headsCount - 1, k, n)).toBe(true)
    expect(heads(headsCount, k, n)).toBe(false)
    expect(BigInt(headsCount)).toBe((BigInt(k) * 2n ** 32n + BigInt(n) - 1n) / BigInt(n))
  })

  test('with k = n every coin shows heads [RELAY-009, RELAY-111.3]', () => {
    fc.assert(
      fc.property(u32, fc.integer({ min: 1, max: 30 }), (draw, n) => {
        expect(heads(draw, n, n)).toBe(true)
      }),
    )
  })

  test('positions are distinct, below the size, and those of a shuffled array [RELAY-009.1, RELAY-016.1]', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.infiniteStream(u32), (size, stream) => {
        const draws = [...stream.take(size)]
        const whole = choosePositions(size, size, draws)
        expect([...whole].sort((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, i) => i))
        for (let count = 0; count <= size; count++)
          expect(choosePositions(size, count, draws)).toEqual(whole.slice(0, count))
      }),
    )
  })
})

describe('distribution, by counting every outcome of a coarse grid of draws', () => {
  const bits = (mask: number) => mask.toString(2).replaceAll('0', '').length
  const counts = (policy: Pick<Policy, 'bucketing'>, n: number, k: number, side: number) => {
    const seen = new Map<number, number>()
    const grid = Array.from({ length: side }, (_, i) => Math.floor(((i + 0.5) * 2 ** 32) / side))
    const config = { n, k, policy } as unknown as RelayConfig
    const visit = (draw: readonly number[]): void => {
      if (draw.length < n) for (const value of grid) visit([...draw, value])
      else seen.set(drawnBuckets(config, draw), (seen.get(drawnBuckets(config, draw)) ?? 0) + 1)
    }
    visit([])
    return seen
  }

  test('coins are independent: each of the 2^n sets has its binomial share [RELAY-111.3]', () => {
    for (const [mask, count] of counts({ bucketing: 'coin' }, 4, 1, 4)) expect(count).toBe(3 ** (4 - bits(mask)))
  })

  test('choose takes k distinct buckets, each set equally often, and never none [RELAY-009.1]', () => {
    const seen = counts({ bucketing: 'choose' }, 4, 2, 12)
    expect(seen.size).toBe(6)
    expect(new Set(seen.values())).toEqual(new Set([12 ** 4 / 6]))
    for (const mask of seen.keys()) expect(bits(mask)).toBe(2)
  })
})
