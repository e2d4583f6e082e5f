// Steps 6 to 8: what goes to other CTRs, and what is forgotten.
import { Map as PersistentMap } from 'immutable'
import { describe, expect, test } from 'vitest'
import { relay, sfoOf } from './oracles/relay-script.ts'

const most = 2 ** 32 - 1

describe('step 6: forwarding', () => {
  test('bucket i goes to CTR i, and CTRs with nothing to get are connected to as well [RELAY-106, RELAY-025]', () => {
    const story = relay({ n: 3, k: 1 })
    story.sfo(sfoOf('1'), [0])
    story.sfo(sfoOf('2'), [0])
    story.sfo(sfoOf('3'), [most])
    story.until('forwarding')
    expect(story.effect('forward')?.deliveries.map(({ ctr, sfoIds }) => [ctr.ctrId, sfoIds])).toEqual([
      ['c1', ['00000001', '00000002']],
      ['c2', []],
      ['c3', ['00000003']],
    ])
  })

  test('a CTR gets its SFOs in order of ID, in whatever order they came [RELAY-106]', () => {
    const story = relay({ n: 1, k: 1 })
    for (const id of ['2', '3', '1']) story.sfo(sfoOf(id))
    story.until('forwarding')
    const sfoIds = ['1', '2', '3'].map((id) => sfoOf(id).sfoId)
    expect(story.effect('forward')?.deliveries.map((delivery) => delivery.sfoIds)).toEqual([sfoIds])
    for (const id of ['1', '2', '3']) story.delivered('c1', id, id !== '2')
    expect(story.context().round).toMatchObject({ pending: PersistentMap(), failed: PersistentMap([[sfoIds[1], 1]]) })
  })

  test('what was proven in the round is not forwarded, even where its proof was evicted since [INV-001, RELAY-106.1]', () => {
    const story = relay({ proofCapacity: 1 })
    for (const id of ['1', '2']) story.sfo(sfoOf(id))
    story.until('challenging')
    for (const id of ['1', '2']) story.challenged(`a:${id}`, 'proven')
    expect([...story.context().proofs.keys()]).toEqual(['a:2'])
    story.until('forwarding')
    expect(story.effect('forward')?.deliveries.flatMap(({ sfoIds }) => sfoIds)).toEqual([])
  })

  test('with one hop an SFO that came from a CTR is challenged and reported, but not forwarded again [RELAY-010]', () => {
    const story = relay()
    story.sfo(sfoOf('1', { hops: 1 }))
    story.until('challenging')
    expect(story.effect('challenge')?.groups).toHaveLength(1)
    story.until('forwarding')
    expect(story.effect('forward')?.deliveries.flatMap(({ sfoIds }) => sfoIds)).toEqual([])
    story.until('emptying')
    expect(story.effect('report')?.sfoId).toBe('00000001')
  })

  test('unbounded forwards what came from a CTR, and what was forwarded before [RELAY-010]', () => {
    const story = relay({ policy: { forwardHops: 'unbounded', reporting: 'never' } })
    for (const _ of [1, 2]) {
      story.sfo(sfoOf('1', { hops: 1 }))
      story.until('forwarding')
      expect(story.effect('forward')?.deliveries.map(({ sfoIds }) => sfoIds.length)).toEqual([1, 1])
      story.delivered('c1', '1', true)
      story.until('passive')
    }
    expect(story.context().forwardedLeaves.size).toBe(0)
    expect(story.context().counters.forwarded).toBe(2)
  })

  test('a forwarded leaf is remembered for forwardMemoryMs, whichever chain it comes with [RELAY-010]', () => {
    const story = relay({ forwardMemoryMs: 1000, policy: { reporting: 'never' } })
    const forwards = (id: string) => {
      story.sfo(sfoOf(id, { leafId: 'a:1' }))
      story.until('forwarding')
      const count = story.effect('forward')?.deliveries.flatMap(({ sfoIds }) => sfoIds).length
      if (count) story.delivered('c1', id, true)
      story.until('passive')
      return count
    }
    expect(forwards('1')).toBe(2)
    expect(story.at(1300).context().forwardedLeaves.get('a:1')).toBe(300)
    expect(forwards('2')).toBe(0)
    expect(story.context().counters).toMatchObject({ forwarded: 1, dropped: { forwardedBefore: 1 } })
    story.at(1301).until('connecting').until('passive')
    expect(forwards('3')).toBe(2)
  })

  test('of a log whose breaker opened nothing is forwarded, of the others all is [RELAY-010]', () => {
    const story = relay()
    story.sfo(sfoOf('1'))
    story.sfo(sfoOf('2'))
    story.sfo(sfoOf('3', { logId: 'b' }))
    story.until('challenging')
    story.challenged('a:1', 'unreachable', false)
    story.challenged('a:2', 'unreachable', true)
    story.until('forwarding')
    expect(story.effect('forward')?.deliveries.map(({ sfoIds }) => sfoIds)).toEqual([['00000003'], ['00000003']])
  })

  test('an answer is taken once, and only for a delivery that was asked for [RELAY-106]', () => {
    const story = relay()
    story.sfo(sfoOf('1'))
    story.until('forwarding')
    for (const [ctrId, id] of [
      ['c1', '9'],
      ['c4', '1'],
      ['nobody', '1'],
    ] as const)
      expect(story.delivered(ctrId, id, true)).toMatchObject({ reason: 'notAsked' })
    expect(story.delivered('c1', '1', true).disposition).toBe('accepted')
    expect(story.delivered('c1', '1', true)).toMatchObject({ reason: 'notAsked' })
    expect(story.delivered('c2', '1', false).disposition).toBe('accepted')
    expect(story.delivered('c2', '1', true)).toMatchObject({ reason: 'notAsked' })
  })
})

describe('steps 7 and 8', () => {
  test('the fresh address goes to all sampled CTRs, and the one of two rounds ago is retired [RELAY-107, RELAY-018]', () => {
    const story = relay()
    for (const round of [1, 2, 3]) {
      story.until('announcing')
      const { ctrs, retire } = story.effect('announce') ?? { ctrs: [], retire: 0 }
      expect([ctrs.map(({ ctrId }) => ctrId), retire]).toEqual([['c1', 'c2'], round - 2])
      story.until('passive')
    }
  })

  test('pairs leave the proof set once they are older than their lifetime [RELAY-108, RELAY-020]', () => {
    const story = relay({ proofLifetimeMs: 1000 })
    story.at(300).until('fetching').pair('a:1', true)
    story.at(301).pair('a:2', true)
    story.until('passive').at(1300).until('rotating')
    expect(story.effect('forgetProofs')?.leafIds).toEqual([])
    story.until('passive').at(1301).until('rotating')
    expect(story.effect('forgetProofs')?.leafIds).toEqual(['a:1'])
    expect([...story.context().proofs.keys()]).toEqual(['a:2'])
  })
})
