// Step 5 and the counters without the engine: what is asked of an address, what each pair is worth, and what is counted.
import { Map as PersistentMap } from 'immutable'
import { expect, test } from 'vitest'
import type { Answer } from '../../src/effects/ports.ts'
import { countChanges } from '../../src/effects/relay/counts.ts'
import { fetchProofs } from '../../src/effects/relay/fetch.ts'
import { roundScope } from '../../src/effects/relay/world.ts'
import type { ProofPair } from '../../src/machines/ct/types.ts'
import { noCounts } from '../../src/machines/relay/counters.ts'
import { initialRelay } from '../../src/machines/relay/initial.ts'
import { startAt, worlds } from './fakes/ct-world.ts'
import { truePair } from './fakes/relay-ports.ts'
import { relayWorld } from './fakes/relay-world.ts'

const [{ log, sths }] = worlds
const answered = (answer: string) => ['count', 'relay_fetches_total', { answer }]
const pairWas = (result: string) => ['count', 'relay_pairs_fetched_total', { result }]
const pairSent = (pair: ProofPair, verified: boolean) => ({ type: 'pair', round: 1, pair, verified, at: startAt })
const done = { type: 'stepDone', round: 1, step: 'fetch', at: startAt }
const fetch = (addresses: readonly string[], limit = 9) => ({ type: 'fetch', round: 1, addresses, limit }) as const

function setUp(serve: (address: string) => Promise<Answer<readonly unknown[]>>) {
  const asked: (readonly unknown[])[] = []
  const rejects = () => Promise.reject(new Error('a port that rejects'))
  const fetchProofs = (address: string, limit: number, isolation: string) => {
    asked.push([address, limit, isolation])
    return serve(address) as Promise<Answer<readonly ProofPair[]>>
  }
  const at = relayWorld({ peers: { connect: rejects, submitSfo: rejects, sendAddress: rejects, fetchProofs } })
  at.become({ logs: PersistentMap([[log.logId, { mmd: log.mmd, sths }]]) })
  return { ...at, scope: roundScope(at.world, 1), asked }
}

test('a pair is verified, false, malformed or known already, and only what is a new pair reaches the machine [RELAY-007.1]', async () => {
  const [honest, known, unheard] = [truePair(0), truePair(1), truePair(8)]
  const spoilt = { ...truePair(2), proof: honest.proof }
  const pairs = [honest, { ...honest, more: 1 }, known, spoilt, unheard, null]
  const { world, scope, clock, become, asked, heard, sent } = setUp(async () => ({ kind: 'ok', value: pairs }))
  become({ proofs: PersistentMap([[known.leafId, startAt]]) })
  const running = fetchProofs(world, scope, fetch(['a', 'b']))
  await clock.advance(0)
  await running
  const all = ['verified', 'malformed', 'known', 'false', 'false', 'malformed'].map(pairWas)
  expect(heard()).toEqual([answered('ok'), ...all, answered('ok'), ...all])
  const three = [pairSent(honest, true), pairSent(spoilt, false), pairSent(unheard, false)]
  expect(sent()).toEqual([...three, ...three, done])
  const token = expect.stringMatching(/^[0-9a-f]{32}$/)
  expect(asked).toEqual(['a', 'b'].map((address) => [address, 9, token]))
  expect(asked[0]?.[2]).not.toBe(asked[1]?.[2])
})

test('of many pairs each is looked at once, no more than were asked for, and none after the round has ended [RELAY-105.1]', async () => {
  const many = Array.from({ length: 100 }, () => null)
  const { world, scope, clock, heard, sent } = setUp(async () => ({ kind: 'ok', value: many }))
  const running = fetchProofs(world, scope, fetch(['a'], 70))
  await clock.advance(0)
  await running
  expect(heard()).toEqual([answered('ok'), ...Array.from({ length: 70 }, () => pairWas('malformed'))])
  expect(sent()).toEqual([done])
  const ended = fetchProofs(world, scope, fetch(['a'], 70))
  await new Promise(setImmediate)
  scope.end()
  await ended
  expect(heard()).toEqual([answered('ok'), ...Array.from({ length: 32 }, () => pairWas('malformed'))])
  expect([sent(), clock.pending]).toEqual([[], 0])
})

test('an address that does not answer leaves the others their turn [RELAY-006.1]', async () => {
  const { world, scope, clock, heard, sent } = setUp(async (address) =>
    address === 'a' ? { kind: 'refused', status: 404 } : { kind: 'ok', value: [] },
  )
  await fetchProofs(world, scope, fetch(['a', 'b']))
  expect([heard(), sent(), clock.pending]).toEqual([[answered('refused'), answered('ok')], [done], 0])
})

test('what changed in the counters is counted, by that much, and nothing else [INV-006.2, RELAY-026.1]', () => {
  const { world, heard } = relayWorld()
  const { context } = initialRelay(world.config)
  const earlier = { ...noCounts, received: 9, proven: 2, reported: 1, dropped: { invalid: 1, duplicate: 3 } }
  const before = { ...context, counters: earlier }
  const gauges = [
    ['gauge', 'relay_sfos_held', 0, {}],
    ['gauge', 'relay_proofs', 1, {}],
  ]
  const proofs = PersistentMap([['leaf', 1]])
  countChanges(world.tools, before, { ...before, proofs })
  expect(heard()).toEqual([])
  const later = { ...earlier, received: 12, proven: 4, dropped: { invalid: 1, duplicate: 4, active: 2 } }
  countChanges(world.tools, before, { ...context, proofs, counters: later })
  const fates = [
    ['proven', 2],
    ['duplicate', 1],
    ['active', 2],
  ].map(([fate, by]) => ['count', 'relay_sfos_total', { fate }, by])
  expect(heard()).toEqual([['count', 'relay_sfos_received_total', {}, 3], ...fates, ...gauges])
  const expired = { ...earlier, forwarded: 1, reported: 2, expired: 1 }
  countChanges(world.tools, before, { ...context, proofs, counters: expired })
  const others = ['forwarded', 'reported', 'expired'].map((fate) => ['count', 'relay_sfos_total', { fate }, 1])
  expect(heard()).toEqual([...others, ...gauges])
})
