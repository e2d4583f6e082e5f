// Which rows a round's step 3 meets, of which logs, and in which order.
import { expect, test } from 'vitest'
import type { InsertRow } from '../../src/effects/ports.ts'
import { leafHashOf } from '../../src/machines/ct/leaf.ts'
import { settled } from './fakes/clock.ts'
import { consensusAt, firstValidAfter, startAt, worlds } from './fakes/ct-world.ts'
import { at, followUpHarness, logIds, notThere, one, three, two } from './fakes/follow-up.ts'
import { rowOf } from './fakes/sfo-rows.ts'

const [a, b] = worlds
const waiting = { pending: 'waiting' } as const
const escalated = (row: InsertRow): InsertRow => ({
  ...row,
  state: at({ resolved: 'escalated' }, row, { raised: ['withheld'], lastOutcome: 'refused' }),
})
const leafOf = ({ state }: InsertRow) => leafHashOf(state.context.leafId)
const rowsOf = ({ sfos }: typeof a, ...times: readonly number[]) =>
  times.map((time, n) => rowOf(sfos[n] as (typeof sfos)[number], startAt + time))
const leavesOf = (asked: readonly { readonly leaf: { readonly leafHash: string } }[]) =>
  asked.map(({ leaf }) => leaf.leafHash)

test('of a log every Pending row is asked about, and of its Escalated ones so many a round, in turn [AUD-013.1, AUD-114]', async () => {
  const pending = rowsOf(a, 0, 1)
  const probed = [2, 3].map((n) => escalated(rowOf(a.sfos[n] as (typeof a.sfos)[number], startAt + n)))
  const elsewhere = rowsOf(b, 0, 5).map(escalated)
  const { follow, asked, scope } = await followUpHarness({
    rows: [...pending, ...probed, ...elsewhere],
    replies: Array(9).fill(notThere),
    limits: { probesPerRound: 1, concurrentLogs: 1, page: 1 },
  })
  const [firstProbed, secondProbed] = probed as [InsertRow, InsertRow]
  const [f1, f2] = elsewhere as [InsertRow, InsertRow]
  await follow()
  expect(leavesOf(asked)).toEqual([...pending, firstProbed, f1].map(leafOf))
  const circuits = logIds.map((logId) => scope.isolationOf(logId))
  expect(asked.map(({ isolation }) => circuits.indexOf(isolation))).toEqual([0, 0, 0, 1])
  asked.length = 0
  await follow()
  expect(leavesOf(asked)).toEqual([...pending, secondProbed, f2].map(leafOf))
})

test('a sweep that was broken off goes on where it stopped [AUD-021]', async () => {
  const { follow, asked, controller } = await followUpHarness({
    rows: [one, two, three],
    replies: [notThere, 'hangs', notThere, notThere, notThere],
    limits: { page: 1 },
  })
  const following = follow()
  await settled()
  expect(leavesOf(asked.splice(0))).toEqual([one, two].map(leafOf))
  controller.abort()
  await following
  await follow(logIds, new AbortController().signal)
  expect(leavesOf(asked)).toEqual([two, three, one].map(leafOf))
})

test('what is pending of a log that left the consensus cannot be judged; nobody is asked, and its chain stays [AUD-013.2]', async () => {
  const [first, second] = rowsOf(b, 0, 1) as [InsertRow, InsertRow]
  const { follow, applied, asked, store } = await followUpHarness({ rows: [first, escalated(second)] })
  await follow([a.log.logId])
  const state = at({ resolved: 'unjudgeable' }, first, {})
  expect(applied).toEqual([{ state, escalate: null, purgeChain: false, asked: [] }])
  expect([asked, store.getBody(first.state.context.sfoId)]).toEqual([[], first.body])
  await follow([a.log.logId])
  expect(applied.length).toBe(1)
})

test('a log that the round lists and the consensus has no more is left alone [CONS-001.9]', async () => {
  const row = rowsOf(b, 0)[0] as InsertRow
  const { follow, applied, asked, current, store } = await followUpHarness({ rows: [row] })
  current.consensus = consensusAt(firstValidAfter, { logs: [a.log] })
  await follow()
  expect([applied, asked, store.getSfo(row.state.context.sfoId)?.value]).toEqual([[], [], waiting])
})
