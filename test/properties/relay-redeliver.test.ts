// Step 6, second try [RELAY-017]: which CTR a failed delivery goes to once more.
import { describe, expect, test } from 'vitest'
import { relay, sfoOf } from './oracles/relay-script.ts'

const most = 2 ** 32 - 1
const seed = { profile: 'seed' } as const

describe('a second try', () => {
  test('a failed delivery is tried once more, at a sound CTR that was not asked [RELAY-017.1]', () => {
    const story = relay({ ...seed, n: 3, k: 1, policy: { bucketing: 'choose' } })
    story.sfo(sfoOf('1'), [0])
    story.sfo(sfoOf('2'), [2 ** 31])
    story.until('forwarding')
    story.delivered('c1', '1', false)
    story.delivered('c2', '2', true)
    story.done('forward')
    expect(story.value()).toBe('forwarding')
    expect(story.effect('forward')?.deliveries.map(({ ctr, sfoIds }) => [ctr.ctrId, sfoIds])).toEqual([
      ['c2', ['00000001']],
    ])
    expect(story.delivered('c1', '1', true)).toMatchObject({ disposition: 'ignored', reason: 'notAsked' })
    story.delivered('c2', '1', true)
    story.done('forward')
    expect(story.value()).toBe('announcing')
    story.until('passive')
    expect(story.context().counters).toMatchObject({ forwarded: 2, dropped: {} })
  })

  test('a CTR that was asked to take the SFO already is no second try [RELAY-017.1]', () => {
    const story = relay({ ...seed, n: 3, k: 2, policy: { bucketing: 'choose' } })
    story.sfo(sfoOf('1'), [0, 0])
    story.until('forwarding')
    story.delivered('c1', '1', false)
    story.delivered('c2', '1', true)
    story.done('forward')
    expect(story.effect('forward')?.deliveries.map(({ ctr, sfoIds }) => [ctr.ctrId, sfoIds])).toEqual([
      ['c3', ['00000001']],
    ])
  })

  test('two failed deliveries of one SFO go to two different CTRs [RELAY-017.1]', () => {
    const story = relay({ ...seed, n: 4, k: 2, policy: { bucketing: 'choose' } })
    story.sfo(sfoOf('1'), [0, 0])
    story.until('forwarding')
    for (const ctrId of ['c1', 'c2']) story.delivered(ctrId, '1', false)
    story.done('forward')
    expect(story.effect('forward')?.deliveries.map(({ ctr }) => ctr.ctrId)).toEqual(['c3', 'c4'])
  })

  test('a refusal and a silence of one SFO are two failures, each tried once more [RELAY-017.1]', () => {
    const story = relay({ ...seed, n: 4, k: 2, policy: { bucketing: 'choose' } })
    story.sfo(sfoOf('1'), [0, 0])
    story.until('forwarding')
    story.delivered('c1', '1', false)
    story.done('forward')
    expect(story.effect('forward')?.deliveries.map(({ ctr }) => ctr.ctrId)).toEqual(['c3', 'c4'])
  })

  test('a second try goes round to the first CTR too, all SFOs of one CTR in order of ID [RELAY-017.1]', () => {
    const story = relay({ ...seed, n: 2, k: 1, policy: { bucketing: 'choose' } })
    const all = ['9', '3', '7', '1', '8', '5']
    for (const id of all) story.sfo(sfoOf(id), [most])
    story.until('forwarding')
    for (const id of all) story.delivered('c2', id, false)
    story.done('forward')
    const { deliveries } = story.effect('forward') ?? { deliveries: [] }
    const sfoIds = all.toSorted().map((id) => sfoOf(id).sfoId)
    expect(deliveries.map((delivery) => [delivery.ctr.ctrId, delivery.sfoIds])).toEqual([['c1', sfoIds]])
  })

  test('a round tries again once: what fails twice is counted lost [RELAY-017.2]', () => {
    const story = relay({ ...seed, k: 1, policy: { bucketing: 'choose' } })
    story.sfo(sfoOf('1'), [0])
    story.until('forwarding').delivered('c1', '1', false)
    story.done('forward')
    story.delivered('c2', '1', false)
    story.done('forward')
    expect(story.value()).toBe('announcing')
    story.until('passive')
    expect(story.context().counters.dropped).toEqual({ forwardFailed: 1 })
  })

  test('where every CTR failed there is nobody to try; silence is failure too [RELAY-017.1]', () => {
    const story = relay({ ...seed, k: 1, policy: { bucketing: 'choose' } })
    story.sfo(sfoOf('1'), [0])
    story.sfo(sfoOf('2'), [most])
    story.until('forwarding').delivered('c1', '1', false)
    story.done('forward')
    expect(story.value()).toBe('announcing')
  })
})
