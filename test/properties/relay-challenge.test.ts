// Steps 4 and 5, and their order: what is challenged, and what enters the proof set.
import { describe, expect, test } from 'vitest'
import type { Sth } from '../../src/machines/ct/types.ts'
import { outcomes } from '../../src/machines/ct/types.ts'
import type { Policy } from '../../src/machines/relay/types.ts'
import { relay, sfoOf, sthsOf } from './oracles/relay-script.ts'

describe('step 4: challenges', () => {
  test('a leaf is challenged once, however many chains lead to it, and logs are asked group by group [RELAY-104.1, RELAY-015]', () => {
    const story = relay()
    story.sfo(sfoOf('3', { leafId: 'a:1' }))
    story.sfo(sfoOf('2', { leafId: 'a:1' }))
    story.sfo(sfoOf('4', { logId: 'b' }))
    story.until('challenging')
    const groups = story
      .effect('challenge')
      ?.groups.map(({ logId, challenges }) => [logId, challenges.map(({ sfoId }) => sfoId)])
    expect(groups).toEqual([
      ['a', ['00000002']],
      ['b', ['00000004']],
    ])
  })

  test.each(outcomes.filter((outcome) => outcome !== 'proven'))(
    'after %s the SFO is unproven and goes on to step 6 [RELAY-004.1, RELAY-104.2]',
    (outcome) => {
      const story = relay()
      story.sfo(sfoOf('1'))
      story.until('challenging').challenged('a:1', outcome)
      expect(story.context().proofs.size).toBe(0)
      story.until('forwarding')
      expect(story.effect('forward')?.deliveries.map(({ sfoIds }) => sfoIds.length)).toEqual([1, 1])
    },
  )

  test('a proven leaf enters the proof set with its pair, is not forwarded, and is counted once a variant [RELAY-104.2, INV-001]', () => {
    const story = relay()
    for (const id of ['1', '2']) story.sfo(sfoOf(id, { leafId: 'a:1' }))
    story.until('challenging').challenged('a:1', 'proven')
    expect(story.effect('keepPair')?.pair.leafId).toBe('a:1')
    story.until('forwarding')
    expect(story.effect('forward')?.deliveries.map(({ sfoIds }) => sfoIds)).toEqual([[], []])
    story.until('emptying')
    expect(story.effect('emptyBuckets')?.sfoIds).toEqual(['00000001', '00000002'])
    expect(story.context().counters).toMatchObject({ received: 2, proven: 2 })
  })

  test('an answer is taken once, for what was asked, and proven needs a pair about it [RELAY-104.2, INV-003]', () => {
    const story = relay()
    story.sfo(sfoOf('1'))
    story.until('challenging')
    expect(story.challenged('a:9', 'refused')).toMatchObject({ disposition: 'ignored', reason: 'notAsked' })
    const claim = {
      type: 'challenged',
      at: 300,
      round: 1,
      leafId: 'a:1',
      outcome: 'proven',
      breakerOpen: false,
    } as const
    const [asked, other] = sthsOf('a', 100, 200)
    if (asked === undefined || other === undefined) throw new Error('two STHs')
    const proof = { leafIndex: 0, path: [] }
    expect(story.take({ ...claim, pair: null })).toMatchObject({ reason: 'notVerified' })
    expect(story.take({ ...claim, pair: { leafId: 'a:2', sth: asked, proof } })).toMatchObject({
      reason: 'notVerified',
    })
    expect(story.take({ ...claim, pair: { leafId: 'a:1', sth: other, proof } })).toMatchObject({
      reason: 'notVerified',
    })
    for (const sth of [
      { ...asked, root: other.root },
      { ...asked, size: asked.size + 1 },
    ])
      expect(story.take({ ...claim, pair: { leafId: 'a:1', sth, proof } })).toMatchObject({ reason: 'notVerified' })
    expect(story.challenged('a:1', 'refused').disposition).toBe('accepted')
    expect(story.challenged('a:1', 'proven')).toMatchObject({ reason: 'notAsked' })
    expect(story.context().proofs.size).toBe(0)
  })
})

test('a pair beside an answer that is no proof is not kept [RELAY-104.2, INV-003]', () => {
  const story = relay()
  story.sfo(sfoOf('1'))
  story.until('challenging')
  const pair = { leafId: 'a:1', sth: sthsOf('a', 100)[0] as Sth, proof: { leafIndex: 0, path: [] } }
  const answer = {
    type: 'challenged',
    at: 300,
    round: 1,
    leafId: 'a:1',
    outcome: 'refused',
    breakerOpen: false,
  } as const
  expect(story.take({ ...answer, pair }).effects).toEqual([])
  expect(story.context().proofs.size).toBe(0)
})

describe('step 5: proofs of peers', () => {
  test('a pair counts only where it was verified, and once [RELAY-007, INV-003]', () => {
    const story = relay()
    story.sfo(sfoOf('1'))
    story.until('fetching')
    expect(story.pair('a:1', false)).toMatchObject({ disposition: 'ignored', reason: 'notVerified' })
    expect(story.context().proofs.size).toBe(0)
    expect(story.pair('a:1', true).effects).toMatchObject([{ type: 'keepPair' }])
    expect(story.pair('a:1', true)).toMatchObject({ disposition: 'ignored', reason: 'alreadyKnown' })
    story.until('forwarding')
    expect(story.effect('forward')?.deliveries.flatMap(({ sfoIds }) => sfoIds)).toEqual([])
  })

  test('a leaf that a peer proved while its SFO was held back counts as proven when the next round begins [RELAY-104.1, INV-001]', () => {
    const story = relay()
    story.sfo(sfoOf('1', { sctTimestamp: 195 }))
    story.until('fetching').pair('a:1', true)
    story.until('passive').waited()
    expect(story.effect('forgetSfos')?.sfoIds).toEqual(['00000001'])
    expect(story.context().counters.proven).toBe(1)
  })

  test('a full proof set drops its oldest pair [RELAY-020]', () => {
    const story = relay({ proofCapacity: 2 })
    story.until('fetching')
    for (const id of ['1', '2', '3']) story.pair(`a:${id}`, true)
    expect(story.last().effects).toMatchObject([{ type: 'forgetPairs', leafIds: ['a:1'] }, { type: 'keepPair' }])
    expect([...story.context().proofsByAge]).toEqual(['a:2', 'a:3'])
  })
})

describe('order', () => {
  const steps = (policy: Partial<Policy>) => {
    const story = relay({ policy })
    const order: string[] = []
    for (story.waited(); story.value() !== 'passive'; ) {
      const now = story.value()
      order.push(now)
      for (const name of ['connect', 'challenge', 'fetch', 'forward', 'announce', 'rotate', 'empty'] as const)
        if (story.value() === now) story.done(name)
    }
    return order
  }

  test.each<[Policy['order'], string[]]>([
    ['challenge-first', ['connecting', 'challenging', 'fetching', 'forwarding', 'announcing', 'rotating', 'emptying']],
    ['forward-first', ['connecting', 'forwarding', 'challenging', 'fetching', 'announcing', 'rotating', 'emptying']],
  ])('%s goes through %o [RELAY-006]', (order, expected) => expect(steps({ order })).toEqual(expected))
})
