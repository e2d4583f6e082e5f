// What a submitted SFO is worth: one verdict an object, in their order.
import { expect, test } from 'vitest'
import { judgeOf } from '../../src/effects/auditor/judge.ts'
import type { SfoError } from '../../src/machines/ct/errors.ts'
import { decodeSfoBody } from '../../src/machines/ct/sfo.ts'
import type { Crypto, Result, Sfo } from '../../src/machines/ct/types.ts'
import { auditorWorld } from './fakes/auditor-world.ts'
import {
  allSfos,
  consensusAt,
  crypto,
  firstValidAfter,
  foreign,
  hour,
  mmd,
  startAt,
  unsigned,
} from './fakes/ct-world.ts'
import { entryAt, rowOf } from './fakes/sfo-rows.ts'

const consensus = consensusAt(firstValidAfter)
const [one, two] = allSfos as [(typeof allSfos)[number], (typeof allSfos)[number]]
const malformed: Result<Sfo, SfoError> = { ok: false, error: 'badBase64', detail: '' }
const object = (sfo: Sfo): Result<Sfo, SfoError> => ({ ok: true, value: sfo })

/** The SCT's signature is spoilt. */
const [spoilt = malformed] = (() => {
  const decoded = decodeSfoBody(unsigned, 1)
  return decoded.ok ? decoded.value : []
})()

test('each object has its verdict, each valid one its body, and the store says what is known [AUD-005, AUD-103]', async () => {
  const { world, store } = auditorWorld()
  await store.insert([rowOf(one)], entryAt(startAt))
  const given = [malformed, ...[one, foreign, two].map(({ sfo }) => object(sfo)), spoilt]
  const { items, bodies } = await judgeOf(world)(given, consensus)
  const valid = ({ sfoId, leafId, logId, sctTimestamp }: typeof one) =>
    ({ verdict: 'valid', sfoId, leafId, logId, sctTimestamp, future: false, mmd, graceMs: 24 * hour }) as const
  expect(items).toEqual([
    { verdict: 'invalid', class: 'malformed' },
    { ...valid(one), known: 'pending' },
    { verdict: 'invalid', class: 'unknownLog' },
    { ...valid(two), known: 'new' },
    { verdict: 'invalid', class: 'badSct' },
  ])
  expect([...bodies]).toEqual([one, two].map(({ sfoId, body }) => [sfoId, body]))
})

test('a log with a longer MMD than the grace gives its SFOs that grace [AUD-009]', async () => {
  const { world } = auditorWorld()
  const logs = consensus.logs.map((log) => ({ ...log, mmd: 25 * hour }))
  const { items } = await judgeOf(world)([object(one.sfo)], { ...consensus, logs })
  expect(items).toMatchObject([{ verdict: 'valid', mmd: 25 * hour, graceMs: 25 * hour }])
})

test('other work gets its turn after every eight SFOs [AUD-103]', async () => {
  const { world, clock } = auditorWorld()
  let turns = 0
  const counting = {
    ...world.clock,
    after(ms: number, fire: () => void) {
      turns++
      return world.clock.after(ms, fire)
    },
  }
  const judge = judgeOf({ ...world, clock: counting })
  for (const [count, pauses] of [
    [0, 0],
    [8, 0],
    [9, 1],
    [16, 1],
    [17, 2],
  ] as const) {
    turns = 0
    const judged = judge(Array(count).fill(malformed), consensus)
    await clock.advance(0)
    expect([(await judged).items.length, turns]).toEqual([count, pauses])
  }
})

test('an issuer that is remembered is not verified again, and no more of them are remembered than said [AUD-005]', async () => {
  async function verified(issuerCache: number) {
    let count = 0
    const verify: Crypto['verify'] = (...given) => {
      count++
      return crypto.verify(...given)
    }
    const counting = { ...crypto, verify }
    const judge = judgeOf(auditorWorld({ crypto: counting, limits: { issuerCache } }).world)
    await judge([object(one.sfo)], consensus)
    const first = count
    await judge([object(one.sfo)], consensus)
    return count - 2 * first
  }
  expect([await verified(0), (await verified(16)) < 0]).toEqual([0, true])
})
