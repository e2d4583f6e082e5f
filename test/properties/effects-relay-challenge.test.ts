// Step 4 without the engine: what a log is asked, and what each way to answer or not to answer becomes.
import { expect, test } from 'vitest'
import type { LogClient } from '../../src/effects/ports.ts'
import { challengeLogs } from '../../src/effects/relay/challenge.ts'
import type { RelayLimits } from '../../src/effects/relay/limits.ts'
import { roundScope } from '../../src/effects/relay/world.ts'
import { leafHashOf } from '../../src/machines/ct/leaf.ts'
import type { Answer, InclusionProof, SfoId, Sth } from '../../src/machines/ct/types.ts'
import type { Holding } from '../../src/machines/relay/types.ts'
import { consensusAt, foreign, type Known, proofOf, startAt, worlds } from './fakes/ct-world.ts'
import { relayWorld, roundWith } from './fakes/relay-world.ts'

type Taken = readonly (readonly [SfoId, Partial<Holding>])[]
type Asked = (leafHash: string, leafIndex: number | null) => Promise<Answer<InclusionProof>>

const [{ log, sths, sfos }] = worlds
const sth = sths[1] as Sth
const [first, second] = sfos as readonly [Known, Known]
const never = () => new Promise<never>(() => {})
const proofFor = ({ leafId }: Known) => proofOf(log.logId, leafHashOf(leafId), sth.size) as InclusionProof
const honest: Asked = async (leafHash) => ({
  kind: 'ok',
  value: proofOf(log.logId, leafHash, sth.size) as InclusionProof,
})
const silent: Asked = async () => ({ kind: 'unreachable', detail: 'fake' })
const challenge = ({ leafId, sfoId }: Known) => ({ leafId, sfoId, sth })
const effect = (...known: readonly Known[]) =>
  ({ type: 'challenge', round: 1, groups: [{ logId: log.logId, challenges: known.map(challenge) }] }) as const
const done = { type: 'stepDone', round: 1, step: 'challenge', at: expect.any(Number) }
const told = (outcome: string, open = 0) => [
  ['count', 'relay_challenges_total', { outcome }],
  ['gauge', 'relay_breakers_open', open, {}],
]

const challenged = ({ leafId }: Known, outcome: string, more: object = {}) => {
  const common = { type: 'challenged', round: 1, leafId, outcome, pair: null, breakerOpen: false }
  return { ...common, at: expect.any(Number), ...more }
}

function setUp(asked: Asked, taken: Taken, limits: Partial<RelayLimits> = {}) {
  const requests: (readonly unknown[])[] = []
  const unasked = () => Promise.reject(new Error('a relay does not ask for it'))
  const getInclusion: LogClient['getInclusion'] = ({ url }, { leafHash, leafIndex }, { size }, isolation) => {
    requests.push([url, leafHash, leafIndex, size, isolation])
    return asked(leafHash, leafIndex)
  }
  const at = relayWorld({ logs: { getInclusion, getSthConsistency: unasked, getSth: unasked } }, limits)
  at.become({ consensus: consensusAt(startAt), round: roundWith(taken) })
  return { ...at, scope: roundScope(at.world, 1), requests }
}

const holdings = (change: Partial<Holding> = {}) =>
  [first, second].map((one) => [one.sfoId, { ...one, ...change }] as const)

test('a leaf that its log proves is answered as proven with its pair, all on the circuit of the log [RELAY-104.2, RELAY-015.1]', async () => {
  const { world, scope, requests, heard, sent } = setUp(honest, holdings())
  await challengeLogs(world, scope, effect(first, second))
  const pairs = [first, second].map((one) => ({ leafId: one.leafId, sth, proof: proofFor(one) }))
  const answers = [first, second].map((one, n) => challenged(one, 'proven', { pair: pairs[n] }))
  expect(sent()).toEqual([...answers, done])
  const circuit = scope.isolationOf(log.logId)
  expect(requests).toEqual([first, second].map((one) => [log.url, leafHashOf(one.leafId), null, sth.size, circuit]))
  expect(heard()).toEqual([...told('proven'), ...told('proven')])
})

test('a proof of what was promised after its tree head makes no pair, nor does one at another place than promised [EVID-001, RELAY-104.2]', async () => {
  const later = setUp(honest, holdings({ sctTimestamp: sth.timestamp + 1 }))
  await challengeLogs(later.world, later.scope, effect(first))
  expect(later.sent()).toEqual([challenged(first, 'contradiction'), done])
  const elsewhere = setUp(honest, holdings({ leafIndex: 77 }))
  await challengeLogs(elsewhere.world, elsewhere.scope, effect(first))
  expect(elsewhere.sent()).toEqual([challenged(first, 'badProof'), done])
  expect(elsewhere.requests.map(([, , leafIndex]) => leafIndex)).toEqual([77])
})

test('an unreachable log is asked twice, on two circuits; one that refuses once, and it does not count as dead [RELAY-004.2, RELAY-010.1]', async () => {
  const { world, scope, requests, heard, sent } = setUp(silent, holdings())
  await challengeLogs(world, scope, effect(first))
  expect([sent(), heard()]).toEqual([[challenged(first, 'unreachable'), done], told('unreachable')])
  const circuits = requests.map(([, , , , isolation]) => isolation)
  expect([circuits.length, circuits[0]]).toEqual([2, scope.isolationOf(log.logId)])
  expect(circuits[1]).not.toBe(circuits[0])
  const breaker = { failures: 1, backoffMs: 1000, maxBackoffMs: 1000, keys: 4 }
  const refusing = setUp(async () => ({ kind: 'refused', status: 404 }), holdings(), { breaker })
  await challengeLogs(refusing.world, refusing.scope, effect(first))
  expect([refusing.sent(), refusing.requests.length]).toEqual([[challenged(first, 'refused'), done], 1])
  expect(refusing.world.breakers.isOpen(log.logId)).toBe(false)
})

test('behind an open breaker nothing is asked, also not the second time, and the answer says so [RELAY-010.1]', async () => {
  const breaker = { failures: 1, backoffMs: 1000, maxBackoffMs: 1000, keys: 4 }
  const { world, scope, requests, heard, sent } = setUp(silent, holdings(), { breaker, challengesPerLog: 1 })
  await challengeLogs(world, scope, effect(first, second))
  const open = { breakerOpen: true }
  expect(sent()).toEqual([challenged(first, 'unreachable', open), challenged(second, 'unreachable', open), done])
  expect([heard(), requests.length]).toEqual([[...told('unreachable', 1), ...told('unreachable', 1)], 1])
})

test('what is unanswered at the deadline of the step is unreachable, and a late answer of a log is not heard [RELAY-104.1, INV-002.1]', async () => {
  let late = (_: Answer<InclusionProof>) => {}
  const slow: Asked = () => new Promise((resolve) => (late = resolve))
  const steps = { challenge: 50, fetch: 50, forward: 50, announce: 50 }
  const { world, scope, clock, requests, heard, sent } = setUp(slow, holdings(), { steps, challengesPerLog: 1 })
  const running = challengeLogs(world, scope, effect(first, second))
  await clock.advance(50)
  await running
  late({ kind: 'ok', value: proofFor(first) })
  await clock.advance(100)
  expect(sent()).toEqual([challenged(first, 'unreachable'), challenged(second, 'unreachable'), done])
  const expired = ['count', 'relay_step_expired_total', { step: 'challenge' }]
  expect(heard()).toEqual([expired, ...told('unreachable'), ...told('unreachable')])
  expect([requests.length, clock.pending]).toEqual([1, 0])
})

test('a probe that the deadline of the step called off lets another one pass [RELAY-010.1]', async () => {
  const breaker = { failures: 1, backoffMs: 10, maxBackoffMs: 10, keys: 4 }
  const steps = { challenge: 50, fetch: 50, forward: 50, announce: 50 }
  const { world, scope, clock, sent } = setUp(never, holdings(), { breaker, steps })
  world.breakers.report(log.logId, false)
  await clock.advance(20)
  const running = challengeLogs(world, scope, effect(first))
  await clock.advance(50)
  await running
  expect(sent()).toEqual([challenged(first, 'unreachable', { breakerOpen: true }), done])
  expect(world.breakers.pass(log.logId)).toBe('probe')
})

test('a challenge of a log that the consensus does not list, or of an SFO that the round has not, is unreachable [RELAY-004.1]', async () => {
  const unlisted = setUp(honest, [[foreign.sfoId, foreign]])
  const { leafId, logId, sfoId } = foreign
  const silence = told('unreachable')
  await challengeLogs(unlisted.world, unlisted.scope, {
    type: 'challenge',
    round: 1,
    groups: [{ logId, challenges: [{ leafId, sfoId, sth }] }],
  })
  expect([unlisted.sent(), unlisted.requests]).toEqual([[challenged(foreign, 'unreachable'), done], []])
  expect(unlisted.heard()).toEqual(silence)
  for (const round of [roundWith([]), null]) {
    const { world, scope, become, heard, sent } = setUp(honest, [])
    become({ round })
    await challengeLogs(world, scope, effect(first))
    expect([sent(), heard()]).toEqual([[challenged(first, 'unreachable'), done], silence])
  }
})
