// Pending SFOs are followed up and Escalated ones probed: what a log is asked, and what of it is written.
import { expect, test } from 'vitest'
import type { InsertRow } from '../../src/effects/ports.ts'
import { leafHashOf } from '../../src/machines/ct/leaf.ts'
import { refused } from './fakes/auditor-world.ts'
import { settled } from './fakes/clock.ts'
import { hour, startAt, worlds } from './fakes/ct-world.ts'
import { at, away, early, followUpHarness, later, notThere, one, sth, three, two } from './fakes/follow-up.ts'

const [{ log }] = worlds
const leafOf = ({ state }: InsertRow) => leafHashOf(state.context.leafId)
const challenges = (outcome: string) => ['count', 'auditor_challenges_total', { log: log.logId, outcome }]
const gauge = (open: number) => ['gauge', 'auditor_breakers_open', open, {}]

const waiting = { pending: 'waiting' } as const
const escalated = { resolved: 'escalated' } as const
const nothing = { escalate: null, purgeChain: false, asked: [] }
const failure = { at: startAt, outcome: 'refused', size: sth.size, status: 404 }

test('a proven SFO is resolved and its chain purged, in one write; the proof is no part of a transcript [AUD-117, AUD-024]', async () => {
  const { follow, applied, asked, said, told, scope } = await followUpHarness({ rows: [one] })
  await follow()
  expect(asked).toEqual([
    { leaf: { leafHash: leafOf(one), leafIndex: null }, sth, isolation: scope.isolationOf(log.logId) },
  ])
  const state = at({ resolved: 'proven' }, one, { lastOutcome: 'proven', sth })
  expect(applied).toEqual([{ state, escalate: null, purgeChain: true, asked: [] }])
  expect([said, told()]).toEqual([[gauge(0), challenges('proven')], 0])
})

test('a refusal is probed with the latest tree head; each answer is counted and kept for a transcript [AUD-119, AUD-116]', async () => {
  const grown = { ...later, size: sth.size + 1 }
  const { follow, applied, asked, said, told, store } = await followUpHarness({
    rows: [one],
    replies: [notThere, away],
    sths: () => [early, sth, grown],
  })
  await follow()
  expect(asked.map((question) => question.sth)).toEqual([sth, grown])
  const state = at(waiting, one, { lastOutcome: 'unreachable', sth: grown, attempts: 2 })
  const kept = [failure, { at: startAt, outcome: 'unreachable', size: grown.size }]
  expect(applied).toStrictEqual([{ ...nothing, state, asked: kept }])
  expect(store.transcript(one.state.context.sfoId)).toEqual(kept)
  expect([said, told()]).toEqual([[gauge(0), challenges('refused'), gauge(0), challenges('unreachable')], 0])
})

test('what is refused at the end of its grace escalates, with the gaps since it came, and people are told [AUD-012, AUD-015]', async () => {
  const { follow, applied, clock, store, told, failing, said } = await followUpHarness({
    rows: [one, two],
    replies: [notThere, notThere],
  })
  await store.recordGap(startAt - hour, startAt)
  await clock.advance(25 * hour)
  failing.push('apply')
  await follow()
  const evidence = ({ state }: InsertRow, spansGap: boolean) => {
    const { logId, sfoId, receivedAt } = state.context
    const shown = { kind: 'withheld', logId, sfoId, sths: [sth], proof: null, lastOutcome: 'refused' }
    return { ...shown, since: receivedAt, spansGap }
  }
  const asked = [{ ...failure, at: startAt + 25 * hour }]
  const change = { lastOutcome: 'refused', sth, attempts: 1, raised: ['withheld'] } as const
  const escalate = evidence(two, false)
  expect(applied[0]).toEqual({ state: at(escalated, two, change), escalate, purgeChain: false, asked })
  expect(said.slice(4, 6)).toEqual(refused('apply'))
  expect([applied.length, told()]).toEqual([2, 1])
  await follow()
  expect(applied[2]).toMatchObject({ state: { value: { resolved: 'proven' } } })
})

test('what is not due is not asked, and what changes nothing is not written [AUD-010, AUD-012]', async () => {
  const { follow, applied, asked, said } = await followUpHarness({ rows: [one], sths: () => [] })
  await follow()
  expect(applied).toEqual([{ ...nothing, state: at(waiting, one, { lastOutcome: 'notDue' }) }])
  await follow()
  expect([applied.length, asked, said]).toEqual([1, [], []])
})

test('what an open breaker answers is counted apart, is no part of a transcript and, the second time, not written [AUD-021]', async () => {
  const breaker = { failures: 1, backoffMs: hour, maxBackoffMs: hour, keys: 9 }
  const { follow, applied, asked, said } = await followUpHarness({ rows: [one], replies: [away], limits: { breaker } })
  await follow()
  const unreachable = { at: startAt, outcome: 'unreachable', size: sth.size }
  const state = at(waiting, one, { lastOutcome: 'unreachable', sth, attempts: 1 })
  expect(applied).toEqual([{ ...nothing, state, asked: [unreachable] }])
  await follow()
  expect([applied.length, asked.length]).toEqual([1, 1])
  const skipped = ['count', 'auditor_challenges_skipped_total', { log: log.logId }]
  expect(said).toEqual([gauge(1), challenges('unreachable'), skipped])
})

test('a second failure like the first is written, for its attempt and its answer count [AUD-116]', async () => {
  const { follow, applied } = await followUpHarness({ rows: [one], replies: [notThere, notThere] })
  await follow()
  await follow()
  expect(applied.map(({ state, asked }) => [state.context.attempts, asked])).toEqual([
    [1, [failure]],
    [2, [failure]],
  ])
})

test('a second incident of an SFO is written where nothing else of its row changes [AUD-013.3, EVID-008]', async () => {
  const raised = { lastOutcome: 'contradiction', raised: ['substitution'], leafIndex: sth.size } as const
  const row: InsertRow = { ...one, state: at(escalated, one, raised) }
  const { follow, applied, told, asked } = await followUpHarness({ rows: [row] })
  await follow()
  expect(applied).toMatchObject([{ escalate: { kind: 'omission' }, state: { value: escalated } }])
  expect([told(), asked]).toEqual([1, []])
})

test('a log that promised a place is asked for that place [WIRE-013]', async () => {
  const row: InsertRow = { ...one, state: at(waiting, one, { leafIndex: 1 }) }
  const { follow, asked } = await followUpHarness({ rows: [row] })
  await follow()
  expect(asked.map(({ leaf }) => leaf)).toEqual([{ leafHash: leafOf(one), leafIndex: 1 }])
})

test('a challenge that is called off leaves its row as it was, and none is begun after it [INV-009]', async () => {
  const { follow, applied, asked, controller, said } = await followUpHarness({
    rows: [one, two, { ...three, state: at(escalated, three, { raised: ['withheld'] }) }],
    replies: ['hangs'],
    limits: { challengesPerLog: 1 },
  })
  const following = follow()
  await settled()
  controller.abort()
  await following
  expect([asked.length, applied, said]).toEqual([1, [], [gauge(0), challenges('unreachable')]])
})

test('a row that was stored amid a challenge is asked anew [INV-009]', async () => {
  const row: InsertRow = { ...one, state: at({ pending: 'challenging' }, one, { sth: early, latest: early }) }
  const { follow, asked, applied } = await followUpHarness({ rows: [row] })
  await follow()
  expect([asked.map((question) => question.sth), applied.length]).toEqual([[sth], 1])
})
