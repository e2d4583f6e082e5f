// SFO API without the engine: what is answered at once, what waits, and what becomes of it.
import { expect, test } from 'vitest'
import { effectErrors } from '../../src/effects/errors.ts'
import { intake } from '../../src/effects/relay/intake.ts'
import type { RelayLimits } from '../../src/effects/relay/limits.ts'
import type { RelayWorld } from '../../src/effects/relay/world.ts'
import { utf8 } from '../../src/machines/ct/bytes.ts'
import type { Step } from '../../src/machines/kernel/machine.ts'
import { allSfos, consensusAt, crypto, foreign, hour, type Known, startAt, unsigned } from './fakes/ct-world.ts'
import { relayWorld } from './fakes/relay-world.ts'

const [first, second, third] = allSfos as readonly [Known, Known, Known]
const submitted = (result: string) => ['count', 'relay_submissions_total', { result }]
const dropped = ['count', 'relay_backlog_dropped_total', {}]
const taken = { ok: true, value: null }
const limited = (backlog: number) => ({ backlog })
const draws = { asymmetricMatch: (draw: readonly number[]) => draw.length === 16 }

const told = ({ sfoId, leafId, logId, sctTimestamp }: Known, hops: number, at = startAt) => {
  return { type: 'sfo', sfo: { sfoId, leafId, logId, sctTimestamp, hops }, at, draw: draws }
}

/** The machine accepts what it is told, unless it is said to do something else. */
function setUp(limits: Partial<RelayLimits> = {}, ports: Partial<RelayWorld> = {}, disposition = 'accepted') {
  const at = relayWorld(ports, limits)
  const entrance = intake(at.world, (event, after) => {
    at.world.dispatch(event)
    after({ disposition } as Step<never, never>)
  })
  at.become({ consensus: consensusAt(startAt) })
  return { ...at, entrance }
}

test('a body in the format is taken at once, and one after the other is judged later, each in a turn of its own [RELAY-012.2]', async () => {
  const { world, clock, entrance, heard, sent } = setUp()
  expect([entrance.submit(first.body, 0), entrance.submit(second.body, 3)]).toEqual([taken, taken])
  expect([sent(), clock.pending]).toEqual([[], 1])
  await clock.advance(0)
  expect(sent()).toEqual([told(first, 0), told(second, 3)])
  expect(heard()).toEqual([submitted('taken'), submitted('taken')])
  expect([clock.pending, world.store.sfoCount]).toEqual([0, 2])
  expect(world.store.getSfo(second.sfoId)).toEqual({ leafId: second.leafId, logId: second.logId, body: second.body })
  entrance.submit(third.body, 0)
  await clock.advance(0)
  expect([sent(), clock.pending]).toEqual([[told(third, 0)], 0])
})

test('what is no SFO of a known log is invalid, by its error, and its bytes are not kept [RELAY-012.1]', async () => {
  const { world, clock, entrance, heard, sent } = setUp()
  for (const body of [unsigned, foreign.body]) expect(entrance.submit(body, 0)).toEqual(taken)
  await clock.advance(0)
  expect(sent()).toEqual(['badSctSignature', 'unknownLog'].map((error) => ({ type: 'invalidSfo', error, at: startAt })))
  expect([heard(), world.store.sfoCount]).toEqual([[submitted('taken'), submitted('taken')], 0])
})

test('a body that is not the format is answered as such whether or not there is a consensus, an SFO only with one [RELAY-022.1, CONS-001.8]', async () => {
  const bad = [
    ['{', 'notJson', 'not JSON'],
    ['[]', 'notSfoList', '0 objects'],
    ['[{},{}]', 'notSfoList', '2 objects'],
    ['[{}]', 'sctCount', 'not one list'],
  ] as const
  const { clock, entrance, heard, sent, become } = setUp()
  for (const ends of [startAt + hour, startAt]) {
    become({ consensus: consensusAt(startAt - 1, { validUntil: ends }) })
    for (const [body, error, detail] of bad) {
      expect(entrance.submit(utf8(body), 0)).toEqual({ ok: false, error, detail })
      expect(heard()).toEqual([submitted(error)])
    }
  }
  const error = 'noLiveConsensus'
  expect(entrance.submit(first.body, 0)).toEqual({ ok: false, error, detail: effectErrors.noLiveConsensus })
  expect([heard(), sent(), clock.pending]).toEqual([[submitted(error)], [], 0])
})

test('the backlog has its limit; what exceeds it is counted, and told once until it is worked off [RELAY-012.1, INV-006.2]', async () => {
  const { clock, entrance, heard, sent } = setUp(limited(2))
  for (const flood of [1, 2]) {
    for (const { body } of [first, second, third, third]) expect(entrance.submit(body, 0)).toEqual(taken)
    const full = [submitted('taken'), dropped]
    const warned = [submitted('taken'), submitted('taken'), ...full, ['warn', 'backlogFull', {}], ...full]
    expect([flood, heard()]).toEqual([flood, warned])
    await clock.advance(0)
    expect([flood, sent()]).toEqual([flood, [told(first, 0), told(second, 0)]])
  }
})

test('a flood that goes on while the backlog is worked off is not told again [RELAY-012.1]', async () => {
  const { world, heard } = relayWorld({}, limited(2))
  const turns: (() => void)[] = []
  const after = (_: number, fire: () => void) => {
    turns.push(fire)
    return () => {}
  }
  const clock = { ...world.clock, after }
  const consensus = () => consensusAt(startAt)
  const entrance = intake({ ...world, clock, consensus }, () => {})
  const warnings = () => heard().filter(([level]) => level === 'warn').length
  const flood = () => {
    for (const { body } of [first, second, third]) entrance.submit(body, 0)
    return warnings()
  }
  expect(flood()).toBe(1)
  turns.shift()?.()
  expect([flood(), turns.length]).toEqual([0, 1])
  turns.shift()?.()
  turns.shift()?.()
  expect([flood(), turns.length]).toEqual([1, 1])
})

test('only an accepted SFO is kept, and one for which there is no room is counted [RELAY-012.1]', async () => {
  for (const disposition of ['rejected', 'ignored'] as const) {
    const { world, clock, entrance, sent } = setUp({}, {}, disposition)
    entrance.submit(first.body, 0)
    await clock.advance(0)
    expect([sent(), world.store.sfoCount]).toEqual([[told(first, 0)], 0])
  }
  const { store } = relayWorld().world
  const full = setUp({}, { store: { ...store, putSfo: () => false } })
  full.entrance.submit(first.body, 0)
  await full.clock.advance(0)
  expect(full.heard()).toEqual([submitted('taken'), ['count', 'relay_store_full_total', {}]])
})

test('the signatures of issuers that are remembered have their limit [RELAY-012.1]', async () => {
  const verifications = async (issuerCache: number) => {
    let count = 0
    const verify: typeof crypto.verify = (...given) => {
      count++
      return crypto.verify(...given)
    }
    const { clock, entrance } = setUp({ issuerCache }, { crypto: { ...crypto, verify } })
    for (const { body } of [first, third]) entrance.submit(body, 0)
    await clock.advance(0)
    return count
  }
  const [none, one] = [await verifications(0), await verifications(100)]
  expect(none).toBeGreaterThan(one)
})
