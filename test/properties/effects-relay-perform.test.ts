// Which effect is performed by whom, without the engine: the round's timers and circuits, the store, and what a stale effect does.
import { getEventListeners } from 'node:events'
import { Map as PersistentMap } from 'immutable'
import { expect, test } from 'vitest'
import type { Announcer } from '../../src/effects/relay/announce.ts'
import { performer } from '../../src/effects/relay/perform.ts'
import type { Reporter } from '../../src/effects/relay/report.ts'
import type { RelayWorld } from '../../src/effects/relay/world.ts'
import type { RelayEffect } from '../../src/machines/relay/types.ts'
import { settled } from './fakes/clock.ts'
import { consensusAt, hour, startAt } from './fakes/ct-world.ts'
import { fakeRandom } from './fakes/random.ts'
import { truePair } from './fakes/relay-ports.ts'
import { relayWorld } from './fakes/relay-world.ts'

const rejects = () => Promise.reject(new Error('a port that rejects'))
const stepDone = (step: string, round = 1) => ({ type: 'stepDone', round, step, at: startAt })
const defect = (code: string, thrown = 'Error') => [
  ['count', 'defects_total', { code }],
  ['error', code, { thrown }],
]
const announce: RelayEffect = { type: 'announce', round: 1, ctrs: [], retire: -1 }
const report: RelayEffect = { type: 'report', sfoId: 's', auditorId: 'a' }

/** The reporter rejects. */
function setUp(ports: Partial<RelayWorld> = {}, announce: Announcer['announce'] = rejects) {
  const at = relayWorld(ports)
  const announcing: Announcer = { announce, isOwn: () => false, retireAll: async () => {} }
  const reporting: Reporter = { report: rejects, learn: () => {} }
  const performing = performer(at.world, announcing, reporting)
  return { ...at, performing, perform: performing.perform }
}

/** A store that writes down what it is asked to do. */
function store(putPair = true) {
  const calls: (readonly unknown[])[] = []
  const real = relayWorld().world.store
  const kept: RelayWorld['store'] = {
    ...real,
    deleteSfos: (ids) => void calls.push(['deleteSfos', ids]),
    deletePairs: (ids) => void calls.push(['deletePairs', ids]),
    putPair: (pair) => calls.push(['putPair', pair]) > 0 && putPair,
    getPairs: (ids) => ids.map(() => truePair(0)),
  }
  return { calls, store: kept }
}

test('a wait ends with draws for a round, and only the latest one counts [RELAY-101.1]', async () => {
  const { clock, perform, become, heard, sent } = setUp()
  become({ consensus: consensusAt(startAt) })
  perform({ type: 'startWait', ms: 1000 })
  perform({ type: 'startWait', ms: 1500 })
  await clock.advance(1499)
  expect(sent()).toEqual([])
  await clock.advance(1)
  const draw = { asymmetricMatch: (given: readonly number[]) => given.length === 8 }
  expect([sent(), heard(), clock.pending]).toEqual([[{ type: 'waited', at: startAt + 1500, draw }], [], 0])
})

test('without a live consensus a round that is due is put off by a whole wait, and its operator is told [CONS-001.9]', async () => {
  const { world, clock, perform, become, heard, sent } = setUp()
  const putOff = [
    ['count', 'relay_rounds_postponed_total', {}],
    ['warn', 'noLiveConsensus', {}],
  ]
  perform({ type: 'startWait', ms: 1000 })
  await clock.advance(1000)
  expect([heard(), sent()]).toEqual([putOff, []])
  become({ consensus: consensusAt(startAt - 3 * hour) })
  await clock.advance(world.config.waitMs)
  expect([heard(), sent()]).toEqual([putOff, []])
  become({ consensus: consensusAt(startAt) })
  await clock.advance(world.config.waitMs - 1)
  expect(sent()).toEqual([])
  await clock.advance(1)
  expect([sent().map(({ type }) => type), heard()]).toEqual([['waited'], []])
})

test('a round has one deadline and tells how long it took; the end of another round ends nothing [INV-002.1]', async () => {
  const { world, clock, perform, heard, sent } = setUp()
  perform({ type: 'endRound', round: 1 })
  perform({ type: 'startDeadline', round: 1, ms: 5000 })
  perform({ type: 'endRound', round: 2 })
  await clock.advance(5000)
  expect([sent(), heard()]).toEqual([[{ type: 'deadline', round: 1, at: startAt + 5000 }], []])
  await clock.advance(500)
  perform({ type: 'endRound', round: 1 })
  perform({ type: 'endRound', round: 1 })
  const ended = [
    ['count', 'relay_rounds_total', {}],
    ['gauge', 'relay_round_seconds', 5.5, {}],
    ['info', 'round ended', { round: 1, seconds: 5.5 }],
  ]
  expect(heard()).toEqual(ended)
  perform({ type: 'startDeadline', round: 2, ms: 5000 })
  perform({ type: 'endRound', round: 2 })
  await clock.advance(hour)
  expect([sent(), clock.pending, getEventListeners(world.signal, 'abort')]).toEqual([[], 0, []])
})

test('an effect of a round that is not the running one only clears the store [RELAY-021.1]', async () => {
  let announced = 0
  const { calls, store: kept } = store()
  const { world, clock, perform, heard, sent } = setUp({ store: kept }, async () => void announced++)
  const stale = (round: number) => {
    perform({ type: 'connect', round, logIds: ['log'] })
    perform({ type: 'challenge', round, groups: [] })
    perform({ type: 'fetch', round, addresses: [], limit: 1 })
    perform({ type: 'forward', round, deliveries: [] })
    perform({ ...announce, round })
    perform({ type: 'forgetProofs', round, leafIds: ['leaf'] })
    perform({ type: 'emptyBuckets', round, sfoIds: ['sfo'] })
  }
  stale(1)
  perform({ type: 'startDeadline', round: 2, ms: 5000 })
  stale(1)
  await settled()
  expect([sent(), heard(), announced, world.clock.pending]).toEqual([[], [], 0, 1])
  const cleared = [
    ['deletePairs', ['leaf']],
    ['deleteSfos', ['sfo']],
  ]
  expect(calls).toEqual([...cleared, ...cleared])
  stale(2)
  await settled()
  const steps = ['connect', 'rotate', 'empty', 'challenge', 'fetch', 'forward']
  expect(sent()).toEqual(steps.map((step) => stepDone(step, 2)))
  expect([heard(), announced, clock.now()]).toEqual([[], 1, startAt])
})

test('step 3 draws a circuit for each log [RELAY-103.1]', () => {
  let drawn = 0
  const random = { ...fakeRandom(), bytes: (count: number) => new Uint8Array(count).fill(++drawn) }
  const { perform, sent, heard } = setUp({ random })
  perform({ type: 'startDeadline', round: 1, ms: 5000 })
  perform({ type: 'connect', round: 1, logIds: ['a', 'b'] })
  expect([sent(), heard(), drawn]).toEqual([[stepDone('connect')], [], 2])
})

test('what the store is told outside a round, and a pair for which there is no room is counted [RELAY-020.1]', () => {
  const { calls, store: kept } = store()
  const pair = truePair(0)
  const { perform, heard } = setUp({ store: kept })
  perform({ type: 'forgetSfos', sfoIds: ['sfo'] })
  perform({ type: 'forgetPairs', leafIds: ['leaf'] })
  perform({ type: 'keepPair', pair })
  expect(calls).toEqual([
    ['deleteSfos', ['sfo']],
    ['deletePairs', ['leaf']],
    ['putPair', pair],
  ])
  expect(heard()).toEqual([])
  const full = setUp({ store: store(false).store })
  full.perform({ type: 'keepPair', pair })
  expect(full.heard()).toEqual([['count', 'relay_store_full_total', {}]])
})

test('a store that throws and a handler that rejects are told as defects, and the step is done all the same [INV-002.1]', async () => {
  const broken: RelayWorld['store'] = {
    ...store().store,
    deleteSfos() {
      throw new TypeError('a store that throws')
    },
  }
  const { perform, heard, sent } = setUp({ store: broken })
  perform({ type: 'startDeadline', round: 1, ms: 5000 })
  perform({ type: 'emptyBuckets', round: 1, sfoIds: ['sfo'] })
  expect([sent(), heard()]).toEqual([[stepDone('empty')], defect('portFailed', 'TypeError')])
  for (const effect of [announce, report]) {
    perform(effect)
    await settled()
    expect(heard()).toEqual(defect('handlerFailed'))
  }
})

test('each connection is a request of its own, and gets what the machine serves for it or nothing [RELAY-113.1]', () => {
  const requests: unknown[] = []
  let serves = true
  const pairs = [truePair(0)]
  const { performing, become } = setUp({
    store: store().store,
    dispatch(event) {
      requests.push(event)
      if (event.type === 'proofsRequested' && serves)
        performing.perform({ type: 'serveProofs', request: event.request, leafIds: ['leaf'] })
    },
  })
  expect(performing.proofs()).toEqual(pairs)
  become({ proofs: PersistentMap(pairs.map(({ leafId }) => [leafId, startAt])) })
  serves = false
  expect(performing.proofs()).toEqual([])
  const draws = [[], [expect.any(Number)]]
  expect(requests).toEqual(
    draws.map((draw, n) => ({ type: 'proofsRequested', request: `${n + 1}`, at: startAt, draw })),
  )
})
