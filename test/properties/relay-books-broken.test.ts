// Where every SFO is, and how many there may be [INV-006]: what breaks the books is seen.
import { List, Map as PersistentMap } from 'immutable'
import { describe, expect, test } from 'vitest'
import { bookkept, bounded } from '../../src/machines/relay/invariants.ts'
import { setOf } from '../../src/machines/relay/random-set.ts'
import type { RelayContext, Report } from '../../src/machines/relay/types.ts'
import { busy, id, roundOf } from './oracles/relay-busy.ts'
import { sthOf } from './oracles/relay-environment.ts'
import { sfoOf } from './oracles/relay-script.ts'

describe('INV-006: every SFO is where the books say', () => {
  const context = busy()
  const [first, second] = context.buckets as [RelayContext['buckets'][0], RelayContext['buckets'][0]]
  const held = context.held.get(id('2')) as NonNullable<ReturnType<RelayContext['held']['get']>>
  const round = roundOf(context)
  const both = setOf([id('1'), id('2')])
  const report = context.reports.get(id('3')) as Report

  test('a busy relay keeps its books, and one without a round', () => {
    expect(bookkept(context)).toBe(true)
    const ended = { ...context, round: null, variants: context.variants.delete('a:1') }
    expect(bookkept(ended)).toBe(true)
  })

  test.each<[string, Partial<RelayContext>]>([
    [
      'one in the round and in a bucket',
      {
        round: { ...round, taken: round.taken.set(id('2'), held), buckets: [both, both] },
        variants: context.variants.set('a:2', 2),
      },
    ],
    [
      'one in a bucket and in the reports',
      { reports: context.reports.set(id('2'), { ...report, ...sfoOf('2') }), variants: context.variants.set('a:2', 2) },
    ],
    ['one held that lies in no bucket', { buckets: [setOf([]), setOf([])] }],
    ['one held that lies in one bucket of two', { buckets: [first, setOf([])] }],
    ['one in a bucket that is not held', { held: context.held.clear(), variants: context.variants.delete('a:2') }],
    ['one twice in a bucket', { buckets: [setOf([id('2'), id('2')]), second] }],
    ['one of the round that lies in none of its buckets', { round: { ...round, buckets: [setOf([]), setOf([])] } }],
    ['a variant too few', { variants: context.variants.delete('a:2') }],
    ['a variant too many', { variants: context.variants.set('a:9', 1) }],
    ['a wrong count', { variants: context.variants.set('a:2', 2) }],
  ])('%s is seen', (_, changed) => {
    expect(bookkept({ ...context, ...changed })).toBe(false)
  })
})

describe('every set is within its limit', () => {
  const context = busy()
  const at = (capacity: Partial<RelayContext['config']>, more: Partial<RelayContext> = {}) =>
    bounded({ ...context, ...more, config: { ...context.config, ...capacity } })
  const two = PersistentMap([
    ['a:1', 1],
    ['a:2', 2],
  ])
  const address = { address: 'x', at: 1 }
  const reports = context.reports.set(id('4'), context.reports.first() as Report)
  const log = { mmd: 1, sths: [sthOf('a', 1), sthOf('a', 2)] }

  test.each<[keyof RelayContext['config'], Partial<RelayContext>]>([
    ['bucketCapacity', { buckets: [setOf(['1', '2']), setOf([])] }],
    ['proofCapacity', { proofs: two, proofsByAge: List(two.keys()) }],
    ['forwardMemoryCapacity', { forwardedLeaves: two, forwardedByAge: List(two.keys()) }],
    ['addressCapacity', { addresses: [address, address] }],
    ['reportCapacity', { reports }],
    [
      'variantsPerLeaf',
      {
        variants: PersistentMap([
          ['a:1', 2],
          ['a:2', 1],
        ]),
      },
    ],
    [
      'sthsPerLog',
      {
        logs: PersistentMap([
          ['a', log],
          ['b', { mmd: 1, sths: [] }],
        ]),
      },
    ],
  ])('%s: two are within two, and beyond one', (name, more) => {
    expect(at({ [name]: 2 }, more)).toBe(true)
    expect(at({ [name]: 1 }, more)).toBe(false)
  })
})
