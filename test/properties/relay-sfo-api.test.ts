// What the relay's SFO handler decides, row by row.
import { describe, expect, test } from 'vitest'
import { relay, sfoOf } from './oracles/relay-script.ts'

const most = 2 ** 32 - 1

describe('SFO API', () => {
  test('with drop an SFO in a round is counted and lost [RELAY-001, RELAY-111.1]', () => {
    const story = relay({ policy: { whileActive: 'drop' } })
    story.waited()
    expect(story.sfo(sfoOf('1'))).toMatchObject({ disposition: 'ignored', reason: 'active' })
    expect(story.context().counters).toMatchObject({ received: 1, dropped: { active: 1 } })
    expect(story.effect('forgetSfos')).toEqual({ type: 'forgetSfos', sfoIds: ['00000001'] })
  })

  test('with defer it enters the next round’s buckets, never those of the running one [RELAY-001.1]', () => {
    const story = relay({ policy: { whileActive: 'defer' } })
    story.sfo(sfoOf('1'))
    story.waited()
    expect(story.sfo(sfoOf('2')).disposition).toBe('accepted')
    expect([...story.context().held.keys()]).toEqual(['00000002'])
    expect(story.context().round?.buckets.map(({ list }) => list.toArray())).toEqual([['00000001'], ['00000001']])
    story.until('forwarding')
    const sent = story.effect('forward')?.deliveries.flatMap(({ sfoIds }) => sfoIds)
    expect(sent).toEqual(['00000001', '00000001'])
    story.until('passive')
    expect([...story.context().held.keys()]).toEqual(['00000002'])
  })

  test('an SFO whose leaf is proven is dropped, whichever chain it comes with [RELAY-111.2, RELAY-013]', () => {
    const story = relay()
    story.until('fetching').pair('a:1', true)
    story.until('passive')
    expect(story.sfo(sfoOf('1'))).toMatchObject({ reason: 'alreadyProven' })
    expect(story.sfo(sfoOf('2', { leafId: 'a:1' }))).toMatchObject({ reason: 'alreadyProven' })
  })

  test('a duplicate sfoId costs no second draw, in a bucket, in the round, in the report queue [RELAY-014.1]', () => {
    const story = relay({ n: 2, k: 1 })
    story.sfo(sfoOf('1'))
    expect(story.sfo(sfoOf('1'), [most, 0, 0, 0])).toMatchObject({
      disposition: 'ignored',
      reason: 'duplicate',
      effects: [],
    })
    expect(story.context().buckets.map(({ list }) => list.size)).toEqual([1, 0])
    story.waited()
    expect(story.sfo(sfoOf('1'))).toMatchObject({ reason: 'duplicate', effects: [] })
    story.until('passive')
    expect(story.context().reports.size).toBe(1)
    expect(story.sfo(sfoOf('1'))).toMatchObject({ reason: 'duplicate', effects: [] })
    expect(story.context().counters).toMatchObject({ received: 4, dropped: { duplicate: 3 } })
  })

  test('of two hop counts the smaller one is kept, in a bucket and in the round [RELAY-014.2]', () => {
    const story = relay()
    story.sfo(sfoOf('1', { hops: 1 }))
    story.sfo(sfoOf('2', { hops: 1 }))
    story.sfo(sfoOf('1', { hops: 0 }))
    expect(story.context().held.get('00000001')?.hops).toBe(0)
    story.sfo(sfoOf('1', { hops: 1 }))
    expect(story.context().held.get('00000001')?.hops).toBe(0)
    story.waited()
    story.sfo(sfoOf('2', { hops: 0 }))
    expect(story.context().round?.taken.get('00000002')?.hops).toBe(0)
  })

  test('at most variantsPerLeaf chains of one leaf are held, wherever they are [RELAY-013]', () => {
    const story = relay({ variantsPerLeaf: 2 })
    for (const id of ['1', '2']) expect(story.sfo(sfoOf(id, { leafId: 'a:1' })).disposition).toBe('accepted')
    expect(story.sfo(sfoOf('3', { leafId: 'a:1' }))).toMatchObject({ reason: 'tooManyVariants' })
    story.until('connecting').until('passive')
    expect(story.context().reports.size).toBe(2)
    expect(story.sfo(sfoOf('3', { leafId: 'a:1' }))).toMatchObject({ reason: 'tooManyVariants' })
    story.reported('1', true)
    expect(story.sfo(sfoOf('3', { leafId: 'a:1' })).disposition).toBe('accepted')
  })

  test('without heads an SFO is lost, and counted [RELAY-111.4, RELAY-009]', () => {
    const story = relay({ profile: 'seed', k: 1 })
    expect(story.sfo(sfoOf('1'), [most, 2 ** 31])).toMatchObject({ disposition: 'ignored', reason: 'noBucket' })
    expect(story.sfo(sfoOf('2'), [most, 2 ** 31 - 1]).disposition).toBe('accepted')
    expect(story.context().held.get('00000002')?.buckets).toBe(0b10)
  })

  test('with end-wait a bucket that becomes full ends the wait, once, and takes no more [RELAY-011.2]', () => {
    const story = relay({ profile: 'seed', n: 2, k: 1, bucketCapacity: 2 })
    const first = [0, most]
    story.sfo(sfoOf('1'), first)
    expect(story.last().effects).toEqual([])
    story.sfo(sfoOf('2'), first)
    expect(story.last().effects).toEqual([{ type: 'startWait', ms: 0 }])
    expect(story.sfo(sfoOf('3'), first)).toMatchObject({ reason: 'bucketFull', effects: [{ type: 'forgetSfos' }] })
    expect(story.sfo(sfoOf('4'), [0, 0])).toMatchObject({ disposition: 'accepted', effects: [] })
    expect(story.context().held.get('00000004')?.buckets).toBe(0b10)
  })

  test('with end-wait no timer is touched in a round, and a bucket that filled meanwhile ends the next wait at once [RELAY-011.2]', () => {
    const story = relay({ profile: 'seed', policy: { whileActive: 'defer' }, bucketCapacity: 1 })
    story.waited()
    expect(story.sfo(sfoOf('1')).effects).toEqual([])
    story.until('passive')
    expect(story.effect('startWait')).toEqual({ type: 'startWait', ms: 0 })
    story.until('connecting').until('passive')
    expect(story.effect('startWait')?.ms).toBe(story.context().config.waitMs)
  })

  test.each<[string, object, readonly number[], boolean]>([
    ['one of two full buckets is enough', {}, [0, most], true],
    ['one that holds back what is not due does not', { notDue: 'hold' }, [0, most], false],
    ['with evict only time does', { bucketFull: 'evict' }, [0, most], false],
    ['no full bucket', {}, [most, most], false],
  ])('whether the next wait ends at once: %s [RELAY-011.2]', (_, policy, draws, atOnce) => {
    const whileActive = 'defer' as const
    const story = relay({ profile: 'seed', n: 2, k: 1, bucketCapacity: 1, policy: { whileActive, ...policy } })
    story.waited()
    story.sfo(sfoOf('1'), draws)
    story.until('passive')
    expect(story.effect('startWait')?.ms).toBe(atOnce ? 0 : story.context().config.waitMs)
  })

  test('with evict a full bucket deletes at random, and nothing but time starts a round [RELAY-011.1, RELAY-011.3]', () => {
    const story = relay({ n: 1, k: 1, bucketCapacity: 2 })
    story.sfo(sfoOf('1'))
    story.sfo(sfoOf('2'))
    expect(story.sfo(sfoOf('3'), [0, 2 ** 31]).effects).toEqual([{ type: 'forgetSfos', sfoIds: ['00000002'] }])
    expect(story.context().buckets[0]?.list.toArray()).toEqual(['00000001', '00000003'])
    expect(story.context().counters.dropped).toEqual({ evicted: 1 })
  })

  test('an SFO that loses one of two buckets stays in the other [RELAY-011.1]', () => {
    const story = relay({ n: 2, k: 1, bucketCapacity: 1, profile: 'seed', policy: { bucketFull: 'evict' } })
    story.sfo(sfoOf('1'), [0, 0])
    expect(story.sfo(sfoOf('2'), [0, most]).effects).toEqual([])
    expect(story.context().held.get('00000001')?.buckets).toBe(0b10)
    expect(story.context().counters.dropped).toEqual({})
  })

  test('an SFO that failed validation is received and dropped as invalid [RELAY-012.1]', () => {
    const story = relay()
    expect(story.take({ type: 'invalidSfo', at: 1, error: 'badSct' })).toMatchObject({
      disposition: 'ignored',
      reason: 'invalid',
    })
    expect(story.context().counters).toMatchObject({ received: 1, dropped: { invalid: 1 } })
  })

  test('too few draws are refused and nothing is counted [INV-008.1]', () => {
    const story = relay()
    expect(story.take({ type: 'sfo', at: 1, sfo: sfoOf('1'), draw: [0, 0, 0] })).toMatchObject({
      disposition: 'rejected',
      reason: 'insufficientDraw',
    })
    expect(story.context().counters.received).toBe(0)
  })
})
