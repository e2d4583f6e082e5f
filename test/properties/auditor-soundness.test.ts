// What is sound of a tally, a circuit, a round, a log's view and a report is false of each thing that breaks it, and of nothing less.
import { describe, expect, test } from 'vitest'
import { initialCircuit } from '../../src/machines/auditor/circuit.ts'
import {
  circuitIsSound,
  entryMatches,
  isConserved,
  reportIsSound,
  roundIsSound,
  type Status,
  type Tally,
  viewIsSound,
} from '../../src/machines/auditor/invariants.ts'
import { initialLogView } from '../../src/machines/auditor/log-view.ts'
import { initialReport } from '../../src/machines/auditor/report.ts'
import { initialRound } from '../../src/machines/auditor/round.ts'
import type {
  CircuitContext,
  Invalid,
  Judged,
  LogViewContext,
  ReportContext,
  ReportEntry,
  SeenSth,
} from '../../src/machines/auditor/types.ts'
import { entryOf, judgedOf, sthOf } from './arbitraries/auditor.ts'

const classes = ['malformed', 'unknownLog', 'badSct', 'badChain', 'oversize'] as const
const invalid = (kind: Invalid['class']): Judged => ({ verdict: 'invalid', class: kind })

describe('a report entry equals what its circuit submitted [INV-007]', () => {
  const submitted = [judgedOf('a'), judgedOf('b', { logId: 'other' }), judgedOf('b'), invalid('badSct')]
  const entry = entryOf('c1', 1, { valid: 2, duplicate: 1, invalid: { badSct: 1 }, perLog: { log: 1, other: 1 } })
  const matches = (changed: Partial<ReportEntry>, items: readonly Judged[] = submitted) =>
    entryMatches({ ...entry, ...changed }, items)

  test('there is none before the first SFO, and after it there is', () => {
    expect([entryMatches(null, []), entryMatches(null, submitted)]).toEqual([true, false])
    expect([matches({}), matches({}, [])]).toEqual([true, false])
  })

  test('its counts are those of all SFOs, and its valid ones those of the logs', () => {
    expect(matches({ duplicate: 2 })).toBe(false)
    expect(matches({ valid: 1, duplicate: 2 })).toBe(false)
    expect(matches({ perLog: { log: 1 } })).toBe(false)
    expect(matches({ perLog: { log: 1, other: 2 } })).toBe(false)
  })

  test.each(classes)('%s counts as itself', (kind) => {
    const bad = [judgedOf('a'), judgedOf('a'), invalid(kind)]
    const counted = { valid: 1, duplicate: 1, perLog: { log: 1 } }
    expect(matches({ ...counted, invalid: { [kind]: 1 } }, bad)).toBe(true)
    expect(matches({ ...counted, duplicate: 2, invalid: {} }, bad)).toBe(false)
    expect(matches({ ...counted, invalid: { futureSct: 1 } }, bad)).toBe(false)
  })

  test('what is valid but from the future counts as invalid [AUD-011]', () => {
    const future = judgedOf('a', { future: true })
    expect(matches({ valid: 0, duplicate: 0, perLog: {}, invalid: { futureSct: 1 } }, [future])).toBe(true)
  })
})

test('only a CTR is in and has an entry, and a nonce is known while it is asked for [AUD-002, AUD-004, AUD-101]', () => {
  const sound = (value: string, changed: Partial<CircuitContext>) =>
    circuitIsSound({ value, context: { ...initialCircuit('c1').context, ...changed } })
  const ctr = { ctrId: 'ctr1', entry: entryOf('c1', 1) }
  for (const value of ['open', 'closed']) {
    expect([sound(value, {}), sound(value, ctr), sound(value, { nonce: 'n' })]).toEqual([true, true, false])
  }
  for (const value of ['authenticated', 'storing']) {
    expect([sound(value, { ctrId: 'ctr1' }), sound(value, ctr)]).toEqual([true, true])
    expect([sound(value, {}), sound(value, { ...ctr, nonce: 'n' })]).toEqual([false, false])
  }
  expect([sound('challenged', { nonce: 'n' }), sound('challenged', {})]).toEqual([true, false])
  expect(sound('closed', { entry: ctr.entry })).toBe(false)
  expect(sound('closed', { ...ctr, entry: entryOf('c2', 1) })).toBe(false)
})

test('a round runs exactly while it has a beginning [AUD-120]', () => {
  const { context } = initialRound({ deadlineMs: 50, intervalMs: 17 })
  const sound = (value: string, startedAt: number | null) => roundIsSound({ value, context: { ...context, startedAt } })
  expect([sound('idle', null), sound('connecting', 1)]).toEqual([true, true])
  expect([sound('idle', 1), sound('connecting', null)]).toEqual([false, false])
})

describe('a view is bounded, in order, and nothing is unchecked without a question [AUD-016, AUD-017]', () => {
  const seen = (size: number, status: SeenSth['status']): SeenSth => ({
    sth: sthOf(100 + size, size),
    seenAt: 1,
    status,
  })
  const [a, b, c] = [seen(1, 'consistent'), seen(3, 'unchecked'), seen(5, 'consistent')] as const
  const [ab, bc] = ['1:r1-3:r3', '3:r3-5:r5'] as const
  const { context } = initialLogView('log', 10, 3)
  const checking = { ...context, sths: [a, b, c], asked: [ab, bc] }
  const sound = (changed: Partial<LogViewContext>, value = 'checking') =>
    viewIsSound({ value, context: { ...checking, ...changed } })

  test('with and without a problem', () => {
    expect([sound({}), sound({}, 'consistent')]).toEqual([true, false])
    expect(sound({ asked: [bc] })).toBe(true)
    expect(sound({ sths: [a, c], asked: [] }, 'consistent')).toBe(true)
    const problem = { unanswered: { [ab]: 7 }, problemSince: 7 }
    expect([sound(problem, 'unavailable'), sound(problem)]).toEqual([true, false])
  })

  test('there are no more than it may keep, the smaller first', () => {
    expect(sound({ capacity: 2 })).toBe(false)
    expect([sound({ sths: [a, c, b] }), sound({ sths: [b, a, c] })]).toEqual([false, false])
    expect(sound({ sths: [a, b, { ...b, seenAt: 2 }], asked: [ab] })).toBe(true)
  })

  test('a question is put once, about two that are known', () => {
    expect(sound({ asked: [ab, bc, bc] })).toBe(false)
    for (const unknown of ['1:r1-4:r4', '4:r4-5:r5', '4:r4-6:r6']) expect(sound({ asked: [ab, unknown] })).toBe(false)
  })

  test('what is unchecked has a question of its own', () => {
    expect(sound({ asked: [] }, 'consistent')).toBe(false)
    expect(sound({ asked: ['1:r1-5:r5'] })).toBe(false)
    expect(sound({ sths: [a, b, { ...c, status: 'unchecked' }], asked: [ab] })).toBe(false)
  })

  test('what is unanswered was asked, and is the problem', () => {
    expect(sound({ unanswered: { '1:r1-5:r5': 7 }, problemSince: 7 }, 'unavailable')).toBe(false)
    expect(sound({ unanswered: { [ab]: 7, '1:r1-5:r5': 7 }, problemSince: 7 }, 'unavailable')).toBe(false)
    expect([sound({ unanswered: { [ab]: 7 } }), sound({ problemSince: 7 }, 'unavailable')]).toEqual([false, false])
  })
})

test('a report has one entry a circuit, of its CTR, in the order of time and bounded [AUD-003, AUD-004]', () => {
  const { context } = initialReport('ctr1', { windowMs: 10, maxEntries: 3, alertP: 0.1 })
  const entries = [entryOf('c1', 1), entryOf('c2', 1), entryOf('c3', 2)]
  const sound = (changed: Partial<ReportContext>, value = 'normal') =>
    reportIsSound({ value, context: { ...context, entries, ...changed } })
  expect([sound({}), sound({}, 'alerting')]).toEqual([true, false])
  const alerting = ['excess'] as const
  expect([sound({ alerting }, 'alerting'), sound({ alerting })]).toEqual([true, false])
  expect(sound({ entries: [...entries, entryOf('c4', 3)] })).toBe(false)
  expect(sound({ entries: [entryOf('c1', 1), entryOf('c1', 2)] })).toBe(false)
  expect(sound({ entries: [entryOf('c1', 1), entryOf('c2', 2, { ctrId: 'ctr2' })] })).toBe(false)
  expect(sound({ entries: [entryOf('c1', 2), entryOf('c2', 1)] })).toBe(false)
  expect(sound({ entries: [entryOf('c1', 2), entryOf('c2', 1), entryOf('c3', 3)] })).toBe(false)
})

test('received is what is kept, duplicate, invalid, refused or being stored, each once [INV-006]', () => {
  const rows: Record<Status, number> = { pending: 1, proven: 2, escalated: 4, lateProven: 8, unjudgeable: 16 }
  const tally: Tally = { received: 511, rows, duplicate: 32, invalid: 64, refused: 128, storing: 256 }
  expect(isConserved(tally)).toBe(true)
  for (const name of ['received', 'duplicate', 'invalid', 'refused', 'storing'] as const)
    expect(isConserved({ ...tally, [name]: tally[name] + 1 })).toBe(false)
  for (const status of Object.keys(rows) as Status[])
    expect(isConserved({ ...tally, rows: { ...rows, [status]: 0 } })).toBe(false)
})
