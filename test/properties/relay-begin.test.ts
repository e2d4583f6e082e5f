// Steps 1 to 3: what a round takes, whom it talks to, and what is due.
import { describe, expect, test } from 'vitest'
import { drawsNeeded } from '../../src/machines/relay/draws.ts'
import { initialEffects } from '../../src/machines/relay/initial.ts'
import { relayConfig } from '../../src/machines/relay/profiles.ts'
import type { Policy, RelayEffect } from '../../src/machines/relay/types.ts'
import { relay, sfoOf, sthsOf, usual } from './oracles/relay-script.ts'

const most = 2 ** 32 - 1
const seed = { profile: 'seed' } as const

test('the first wait is as long as the others, and is all that a relay begins with [RELAY-101.1]', () => {
  const config = relayConfig({ self: 'self', waitMs: 1234 })
  if (!config.ok) expect.unreachable(config.detail)
  expect(initialEffects(config.value)).toEqual([{ type: 'startWait', ms: 1234 }])
})

describe('steps 1 to 3: a round begins', () => {
  test('the buckets are taken in one transition, and n empty ones remain [RELAY-102, RELAY-021]', () => {
    const story = relay()
    for (const id of ['1', '2']) story.sfo(sfoOf(id))
    story.waited()
    expect(story.value()).toBe('connecting')
    expect(story.context().held.size).toBe(0)
    expect(story.context().buckets.map(({ list }) => list.size)).toEqual([0, 0])
    expect(story.context().round?.taken.size).toBe(2)
  })

  test('the deadline is started before anything is asked of the world [RELAY-001.2]', () => {
    const story = relay({ roundDeadlineMs: 77 })
    story.sfo(sfoOf('1'))
    expect(story.waited().effects).toEqual([
      { type: 'startDeadline', round: 1, ms: 77 },
      { type: 'connect', round: 1, logIds: ['a'] },
    ])
  })

  test('logs are connected to one by one, in the order of the draws [RELAY-103, RELAY-015]', () => {
    const order = (draw: number) => {
      const story = relay()
      for (const logId of ['b', 'a']) story.sfo(sfoOf(logId === 'a' ? '2' : '1', { logId }))
      story.waited([0, 0, draw])
      return story.effect('connect')?.logIds
    }
    expect(order(0)).toEqual(['a', 'b'])
    expect(order(most)).toEqual(['b', 'a'])
  })

  test('the draws of a round are min(n, R) for the peers and one a known log [RELAY-015, RELAY-016.1]', () => {
    const needed = (n: number) => drawsNeeded(relay({ n, k: 1 }).context(), 'waited')
    expect([needed(2), needed(6), needed(30)]).toEqual([2 + 2, 6 + 2, 6 + 2])
    expect(drawsNeeded(relay({}, null).context(), 'waited')).toBe(0)
  })

  test('peers are drawn from all CTRs but this relay and its family, ordered by identity, without replacement [RELAY-016.1]', () => {
    const sampled = (draws: readonly number[]) => {
      const story = relay({}, { ...usual, ctrs: usual.ctrs.toReversed() })
      story.waited(draws)
      return story.context().round?.peers.map(({ ctr }) => ctr.ctrId)
    }
    expect(sampled([0, 0])).toEqual(['c1', 'c2'])
    expect(sampled([most, most])).toEqual(['c4', 'c1'])
    const quarter = 2 ** 30
    const pairs = [0, 1, 2, 3].flatMap((i) =>
      [0, 1, 2].map((j) => sampled([i * quarter, Math.ceil((j * 2 ** 32) / 3)])?.join()),
    )
    expect(new Set(pairs).size).toBe(12)
  })

  test('a family that the consensus declares for this relay is left out too [RELAY-016.1]', () => {
    const ctrs = usual.ctrs.map((ctr) => ({
      ...ctr,
      family: ctr.ctrId === 'self' ? ['c1', 'c2', 'c3'] : ['c4'],
    }))
    const story = relay({}, { ...usual, ctrs })
    story.waited()
    expect(story.context().round?.peers.map(({ ctr }) => ctr.ctrId)).toEqual(['c4'])
  })

  test('with fewer CTRs than buckets there are min(n, R-1) peers, and the other buckets go to nobody [RELAY-016.1]', () => {
    const ctrs = usual.ctrs.filter(({ ctrId }) => ['self', 'c1'].includes(ctrId))
    const story = relay({ ...seed, policy: { bucketing: 'choose' }, n: 2, k: 1 }, { ...usual, ctrs })
    story.sfo(sfoOf('1'), [0])
    story.sfo(sfoOf('2'), [most])
    story.until('forwarding')
    expect(story.effect('forward')?.deliveries.map(({ ctr, sfoIds }) => [ctr.ctrId, sfoIds])).toEqual([
      ['c1', ['00000001']],
    ])
    story.delivered('c1', '1', true)
    story.until('passive')
    expect(story.context().counters).toMatchObject({ forwarded: 1, dropped: { forwardFailed: 1 } })
  })

  test('before the first consensus a round has nobody to talk to and still ends [RELAY-101, RELAY-110]', () => {
    const story = relay({}, null)
    story.waited()
    expect(story.context().round?.peers).toEqual([])
    expect(story.context().round?.auditors).toEqual([])
    story.until('passive')
    expect(story.last().effects).toEqual([
      { type: 'endRound', round: 1 },
      { type: 'startWait', ms: story.context().config.waitMs },
    ])
  })

  test('a consensus that arrives in a round changes its peers, STHs and auditors no more [RELAY-016.2]', () => {
    const story = relay()
    story.sfo(sfoOf('1'))
    story.waited()
    const before = story.context().round
    story.learn({ ctrs: [], auditors: [{ auditorId: 'z', key: '', url: '' }], sths: sthsOf('a', 60) })
    expect(story.context().round).toBe(before)
    story.until('challenging')
    expect(story.effect('challenge')?.groups[0]?.challenges[0]?.sth).toEqual(sthsOf('a', 100)[0])
    story.until('passive')
    expect(['x', 'y']).toContain(story.context().reports.get('00000001')?.auditorId)
  })
})

describe('what is due', () => {
  const fresh = sfoOf('1', { sctTimestamp: 195 })

  test('with hold a fresh SFO is neither challenged nor forwarded nor reported, and keeps its buckets [RELAY-002.1]', () => {
    const story = relay({ n: 2, k: 1 })
    story.sfo(fresh, [most])
    const heard: RelayEffect[] = []
    story.waited()
    for (const step of ['challenging', 'fetching', 'forwarding', 'announcing', 'rotating', 'emptying', 'passive']) {
      story.until(step)
      heard.push(...story.last().effects)
    }
    expect(JSON.stringify(heard)).not.toContain('00000001')
    expect(story.context().buckets.map(({ list }) => list.toArray())).toEqual([[], ['00000001']])
  })

  test('it is challenged in the first round that knows an STH of its due time, with that STH [RELAY-002.1, RELAY-003.1]', () => {
    const story = relay()
    story.sfo(fresh)
    story.learn({ sths: sthsOf('a', 204, 205, 300) })
    story.until('challenging')
    expect(story.effect('challenge')?.groups).toEqual([
      { logId: 'a', challenges: [{ leafId: 'a:1', sfoId: '00000001', sth: sthsOf('a', 205)[0] }] },
    ])
  })

  test('an SCT from the future is due an MMD after its receipt [RELAY-002.1]', () => {
    const story = relay()
    story.at(150).sfo(sfoOf('1', { sctTimestamp: 9e12 }))
    story.until('challenging')
    expect(story.effect('challenge')?.groups[0]?.challenges[0]?.sth.timestamp).toBe(200)
  })

  test('of two chains of one leaf that are owed different STHs the earlier one is asked for [RELAY-003.1, RELAY-104.1]', () => {
    const story = relay({ policy: { referenceSth: 'first-due' } })
    for (const [id, at] of [
      ['1', 50],
      ['2', 150],
    ] as const)
      story.at(at).sfo(sfoOf(id, { leafId: 'a:1', sctTimestamp: 9e12 }))
    story.until('challenging')
    expect(story.effect('challenge')?.groups[0]?.challenges.map(({ sth }) => sth.timestamp)).toEqual([100])
  })

  test('beyond holdLimitMs it expires; at the limit it does not [RELAY-002.2]', () => {
    const story = relay({ holdLimitMs: 50 })
    story.at(196).sfo(fresh)
    story.at(255).waited()
    story.until('passive')
    expect(story.context().held.size).toBe(1)
    story.at(256).waited()
    expect(story.context().counters).toMatchObject({ received: 1, expired: 1 })
  })

  test.each<[Partial<Policy>, number]>([
    [{ referenceSth: 'latest' }, 200],
    [{ referenceSth: 'first-due' }, 100],
  ])('a due SFO is challenged by %o with the STH of %i [RELAY-003.1, RELAY-003.2]', (policy, time) => {
    const story = relay({ policy })
    story.sfo(sfoOf('1'))
    story.until('challenging')
    expect(story.effect('challenge')?.groups[0]?.challenges[0]?.sth.timestamp).toBe(time)
  })

  test('with challenge a fresh SFO is challenged with the latest STH, and no auditor hears of it [RELAY-002.1, RELAY-003.1, RELAY-005.1]', () => {
    const story = relay({ policy: { notDue: 'challenge' } })
    story.sfo(fresh)
    story.until('challenging')
    expect(story.effect('challenge')?.groups[0]?.challenges[0]?.sth.timestamp).toBe(200)
    story.until('passive')
    expect(story.context().reports.size).toBe(0)
    expect(story.context().counters.dropped).toEqual({ forwardFailed: 1 })
  })

  test('with challenge an SFO of a log without STH cannot be challenged; it goes on as not due [RELAY-004.1]', () => {
    const story = relay(seed, { ...usual, sths: [] })
    story.sfo(sfoOf('1'), [0, 0])
    story.until('challenging')
    expect(story.effect('challenge')?.groups).toEqual([])
    expect(story.context().round?.answered.get('a:1')?.outcome).toBe('notDue')
    story.until('forwarding')
    expect(story.effect('forward')?.deliveries.map(({ sfoIds }) => sfoIds)).toEqual([['00000001'], ['00000001']])
  })
})
