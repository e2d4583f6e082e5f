// The relay's small functions at their edges, each by itself: what they do where a whole round seldom leads.
import { Map as PersistentMap } from 'immutable'
import { describe, expect, test } from 'vitest'
import { tableOf } from '../../src/machines/kernel/structure.ts'
import { liveAddresses } from '../../src/machines/relay/addresses.ts'
import { insert } from '../../src/machines/relay/bucketing.ts'
import { drawsNeeded } from '../../src/machines/relay/draws.ts'
import { oneLess, oneMore } from '../../src/machines/relay/holdings.ts'
import { relayMachine } from '../../src/machines/relay/machine.ts'
import { relayConfig, relayDefaults } from '../../src/machines/relay/profiles.ts'
import { referenceOf } from '../../src/machines/relay/reference.ts'
import { auditorOf } from '../../src/machines/relay/reports.ts'
import { takeBuckets } from '../../src/machines/relay/take.ts'
import { type RelayContext, steps } from '../../src/machines/relay/types.ts'
import { relay, sfoOf, sthsOf, usual } from './oracles/relay-script.ts'

const ids = (buckets: RelayContext['buckets']) => buckets.map(({ list }) => list.toArray())
const fresh = { sctTimestamp: 9e12 }

test('an SFO that no bucket takes is not held [RELAY-011.2]', () => {
  const story = relay({ policy: { bucketFull: 'end-wait' }, bucketCapacity: 1 })
  story.sfo(sfoOf('9'))
  const context = story.context()
  const inserted = insert(context, { ...sfoOf('1'), receivedAt: 1 }, 0b11, [])
  expect(inserted).toMatchObject({ entered: 0, evicted: [], filled: false })
  expect(inserted.held).toBe(context.held)
})

test('variants count per leaf, and are forgotten with the last [RELAY-013]', () => {
  const none = PersistentMap<string, number>()
  const two = oneMore(oneMore(none, 'a:1'), 'a:1')
  expect(two.toObject()).toEqual({ 'a:1': 2 })
  expect(oneLess(two, 'a:1').toObject()).toEqual({ 'a:1': 1 })
  expect(oneLess(oneLess(two, 'a:1'), 'a:1').toObject()).toEqual({})
})

test('each type of event needs its own number of draws [INV-008.1]', () => {
  const context = relay({ n: 3, k: 1 }).context()
  const needed = (['sfo', 'address', 'waited', 'deadline', 'consensus'] as const).map((type) =>
    drawsNeeded(context, type),
  )
  expect(needed).toEqual([6, 1, 5, 0, 0])
})

test('an address is live until its lifetime is over [RELAY-019.2]', () => {
  const context = relay({ addressLifetimeMs: 100 }).context()
  const known = [300, 301].map((at) => ({ address: String(at), at }))
  expect(liveAddresses({ ...context, addresses: known }, 401)).toEqual([{ address: '301', at: 301 }])
})

test('the guard against another step’s end is named after the step that it guards', () => {
  const guards = tableOf(relayMachine).filter(({ event, guard }) => event === 'stepDone' && guard !== null)
  const names = steps.map((step) => `otherThan${step.replace(/^./, (first) => first.toUpperCase())}`)
  expect(guards.map(({ guard }) => guard)).toEqual(expect.arrayContaining(names))
})

test('a relay without a family has an empty one, and the defaults [RELAY-120.1]', () => {
  const config = relayConfig({ self: 'me' })
  expect(config).toMatchObject({ ok: true, value: { self: 'me', family: [], ...relayDefaults } })
  const wrong = { ok: false, error: 'kExceedsN', detail: 'k = 3 exceeds n = 2' }
  expect(relayConfig({ self: 'me', n: 2, k: 3 })).toEqual(wrong)
})

test('the auditor follows from 32 bits and from no more of the sfoId [RELAY-005.1]', () => {
  expect(auditorOf(['x', 'y', 'z'], `00000004${'ff'.repeat(28)}`)).toBe('y')
})

describe('the reference STH', () => {
  const { config, logs } = relay({ policy: { referenceSth: 'latest' } }).context()
  const sfo = { ...sfoOf('1', fresh), receivedAt: 300, buckets: 1 }

  test('what is not due has none with hold, and the latest with challenge [RELAY-002.1, RELAY-003.1]', () => {
    expect(referenceOf(config.policy, logs, sfo)).toEqual({ due: false, sth: null })
    expect(referenceOf(config.policy, logs, { ...sfo, logId: 'z' })).toEqual({ due: false, sth: null })
    const challenge = { ...config.policy, notDue: 'challenge' } as const
    expect(referenceOf(challenge, logs, sfo)).toEqual({ due: false, sth: sthsOf('a', 200)[0] })
  })
})

describe('what a round takes', () => {
  test('what is due is taken, the rest stays where it was, and is neither asked about nor undue [RELAY-102, RELAY-002.1]', () => {
    const story = relay({ n: 2, k: 2 })
    for (const id of ['1', '2', '3', '4', '5']) story.sfo(sfoOf(id, id > '3' ? fresh : {}))
    const { taken, back, buckets, undue, asked, answered, proven, expired } = takeBuckets(story.context(), 300)
    const [due, held] = [['1', '2', '3'].map((id) => sfoOf(id).sfoId), ['4', '5'].map((id) => sfoOf(id).sfoId)]
    expect([...taken.keys()].sort()).toEqual(due)
    expect([...back.held.keys()].sort()).toEqual(held)
    expect(ids(buckets)).toEqual([due, due])
    expect(ids(back.buckets)).toEqual([held, held])
    expect([undue.size, answered.size, proven.length, expired.length]).toEqual([0, 0, 0, 0])
    expect([...asked.keys()].sort()).toEqual(['a:1', 'a:2', 'a:3'])
  })

  test('where fewer are taken than stay it is the same [RELAY-102]', () => {
    const story = relay({ n: 1, k: 1 })
    for (const id of ['1', '2', '3', '4']) story.sfo(sfoOf(id, id > '1' ? fresh : {}))
    const { taken, back } = takeBuckets(story.context(), 300)
    expect([...taken.keys()]).toEqual([sfoOf('1').sfoId])
    expect([...back.held.keys()].sort()).toEqual(['2', '3', '4'].map((id) => sfoOf(id).sfoId))
    expect(ids(back.buckets)).toEqual([['2', '3', '4'].map((id) => sfoOf(id).sfoId)])
  })

  test('all that is undue is known as such, and only that [RELAY-005.1]', () => {
    const story = relay({ policy: { notDue: 'challenge' } })
    story.sfo(sfoOf('1'))
    story.sfo(sfoOf('2', fresh))
    expect([...takeBuckets(story.context(), 300).undue.keys()]).toEqual([sfoOf('2').sfoId])
  })

  test('of a log without STHs nothing can be asked: its leafs are answered as not due [RELAY-004.1]', () => {
    const story = relay({ profile: 'seed', k: 2 }, { ...usual, sths: [] })
    story.sfo(sfoOf('1'))
    const { asked, answered } = takeBuckets(story.context(), 300)
    expect(asked.size).toBe(0)
    expect([...answered]).toEqual([['a:1', { outcome: 'notDue', breakerOpen: false }]])
  })

  test.each([
    [50, 150],
    [150, 50],
  ])('the earlier of two owed STHs is asked for, whichever chain is met first: %i, %i [RELAY-003.1]', (...times) => {
    const story = relay({ policy: { referenceSth: 'first-due' } })
    for (const [i, at] of times.entries()) story.at(at).sfo(sfoOf(`${i + 1}`, { leafId: 'a:1', ...fresh }))
    expect([...takeBuckets(story.context(), 300).asked]).toEqual([['a:1', sthsOf('a', 100)[0]]])
  })

  test('what was proven or expired in a bucket leaves, counted per leaf, its bytes in order of ID [RELAY-104.1, RELAY-002.2]', () => {
    const story = relay({ n: 1, k: 1, holdLimitMs: 0 })
    const chains = ['5', '4', '3', '2', '1'].map((id) => sfoOf(id, { leafId: 'a:1', ...fresh }))
    for (const sfo of chains.slice(0, 3)) story.sfo(sfo)
    for (const sfo of chains.slice(3)) story.sfo({ ...sfo, leafId: `a:${sfo.sfoId}` })
    expect(story.context().variants.get('a:1')).toBe(3)
    story.at(9e12).waited()
    expect(story.context().counters.expired).toBe(5)
    expect(story.context().variants.size).toBe(0)
    expect(story.effect('forgetSfos')?.sfoIds).toEqual(chains.map(({ sfoId }) => sfoId).reverse())
  })
})
