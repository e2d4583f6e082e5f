// Step 6 without the engine: who is connected to, what is sent on which circuit, and what each way to fail becomes.
import { expect, test } from 'vitest'
import type { Answer } from '../../src/effects/ports.ts'
import { forwardSfos } from '../../src/effects/relay/forward.ts'
import { roundScope } from '../../src/effects/relay/world.ts'
import type { Round } from '../../src/machines/relay/types.ts'
import type { Ctr } from '../../src/machines/tor/types.ts'
import { allSfos, consensusAt, type Known, startAt } from './fakes/ct-world.ts'
import { relayWorld, roundWith } from './fakes/relay-world.ts'

type Port = (url: string) => Promise<Answer<null>>

const [here, there] = consensusAt(startAt).ctrs as readonly [Ctr, Ctr]
const sfos = allSfos.slice(0, 3) as readonly Known[] as readonly [Known, Known, Known]
const ok: Port = async () => ({ kind: 'ok', value: null })
const refuses: Port = async () => ({ kind: 'refused', status: 400 })
const unreachable: Port = async () => ({ kind: 'unreachable', detail: 'fake' })
const never: Port = () => new Promise(() => {})

const connected = (answer: string) => ['count', 'relay_connects_total', { answer }]
const told = (answer: string) => ['count', 'relay_deliveries_total', { answer }]
const delivered = ({ ctrId }: Ctr, { sfoId }: Known, ok: boolean) => {
  return { type: 'delivered', round: 1, ctrId, sfoId, ok, at: expect.any(Number) }
}
const done = { type: 'stepDone', round: 1, step: 'forward', at: expect.any(Number) }
const forward = (...deliveries: readonly (readonly [Ctr, ...Known[]])[]) =>
  ({
    type: 'forward',
    round: 1,
    deliveries: deliveries.map(([ctr, ...known]) => ({ ctr, sfoIds: known.map(({ sfoId }) => sfoId) })),
  }) as const

/** The store has every SFO, and the round took it with as many hops as its number says. */
function setUp(connect: Port, submit: Port) {
  const calls: (readonly unknown[])[] = []
  const rejects = () => Promise.reject(new Error('a port that rejects'))
  const at = relayWorld(
    {
      peers: {
        fetchProofs: rejects,
        sendAddress: rejects,
        connect(url, isolation) {
          calls.push(['connect', url, isolation])
          return connect(url)
        },
        submitSfo(url, body, hops, isolation) {
          calls.push(['submit', url, body, hops, isolation])
          return submit(url)
        },
      },
    },
    { submitMs: 100, concurrentPeers: 1, steps: { challenge: 150, fetch: 150, forward: 150, announce: 150 } },
  )
  for (const { sfoId, leafId, logId, body } of sfos) at.world.store.putSfo(sfoId, { leafId, logId, body })
  at.become({ round: roundWith(sfos.map((one, hops) => [one.sfoId, { ...one, hops }])) })
  return { ...at, scope: roundScope(at.world, 1), calls }
}

test('each SFO of a CTR goes out on a circuit of its own with one hop more, and a CTR without one is connected to [RELAY-025.1, RELAY-106.1]', async () => {
  const { world, scope, calls, heard, sent } = setUp(ok, async (url) => (url === here.url ? ok(url) : refuses(url)))
  await forwardSfos(world, scope, forward([here, sfos[0], sfos[1]], [there, sfos[2]], [here]))
  const token = expect.stringMatching(/^[0-9a-f]{32}$/)
  expect(calls).toEqual([
    ['connect', here.url, token],
    ['submit', here.url, sfos[0].body, 1, token],
    ['submit', here.url, sfos[1].body, 2, token],
    ['connect', there.url, token],
    ['submit', there.url, sfos[2].body, 3, token],
    ['connect', here.url, token],
  ])
  expect(new Set(calls.map((call) => call.at(-1))).size).toBe(calls.length)
  expect(sent()).toEqual([
    delivered(here, sfos[0], true),
    delivered(here, sfos[1], true),
    delivered(there, sfos[2], false),
    done,
  ])
  const [first, second] = [connected('ok'), told('ok')]
  expect(heard()).toEqual([first, second, second, first, told('refused'), first])
})

test('the hops of an SFO end at what one octet holds, and begin at one where the round does not know them [WIRE-001, RELAY-106.1]', async () => {
  const [one] = sfos
  const hopsOf = async (round: Round | null) => {
    const { world, scope, calls, become } = setUp(ok, ok)
    become({ round })
    await forwardSfos(world, scope, forward([here, one]))
    return calls[1]?.[3]
  }
  const known = (hops: number) => roundWith([[one.sfoId, { hops }]])
  expect(await Promise.all([known(253), known(254), known(255), roundWith([]), null].map(hopsOf))).toEqual([
    254, 255, 255, 1, 1,
  ])
})

test('a CTR that is unreachable is connected to once more on another circuit, one that refuses is not [RELAY-017.1, RELAY-025.1]', async () => {
  const dead = setUp(unreachable, ok)
  await forwardSfos(dead.world, dead.scope, forward([here, sfos[0], sfos[1]]))
  expect(dead.calls.map(([port]) => port)).toEqual(['connect', 'connect'])
  expect(dead.calls[0]?.[2]).not.toBe(dead.calls[1]?.[2])
  expect(dead.sent()).toEqual([delivered(here, sfos[0], false), delivered(here, sfos[1], false), done])
  const silence = ['unreachable', 'unreachable']
  expect(dead.heard()).toEqual([...silence.map(connected), ...silence.map(told)])
  const refusing = setUp(refuses, ok)
  await forwardSfos(refusing.world, refusing.scope, forward([here, sfos[0]]))
  expect(refusing.calls.map(([port]) => port)).toEqual(['connect'])
  expect(refusing.sent()).toEqual([delivered(here, sfos[0], false), done])
  expect(refusing.heard()).toEqual([connected('refused'), told('unreachable')])
})

test('an SFO whose bytes the store does not have is not delivered [RELAY-106.1]', async () => {
  const { world, scope, calls, heard, sent } = setUp(ok, ok)
  world.store.deleteSfos([sfos[0].sfoId])
  await forwardSfos(world, scope, forward([here, sfos[0], sfos[1]]))
  expect(calls.map(([port]) => port)).toEqual(['connect', 'submit'])
  expect(sent()).toEqual([delivered(here, sfos[0], false), delivered(here, sfos[1], true), done])
  expect(heard()).toEqual([connected('ok'), told('unreachable'), told('ok')])
})

test('what is under way at the deadline of the step is not delivered, and nothing more is begun [RELAY-017.1, INV-002.1]', async () => {
  const expired = ['count', 'relay_step_expired_total', { step: 'forward' }]
  const submitting = setUp(ok, never)
  const running = forwardSfos(submitting.world, submitting.scope, forward([here, sfos[0], sfos[1], sfos[2]], [there]))
  await submitting.clock.advance(150)
  await running
  await submitting.clock.advance(1000)
  const late = sfos.map((one) => delivered(here, one, false))
  expect(submitting.sent()).toEqual([...late, done])
  expect(submitting.calls.map(([port]) => port)).toEqual(['connect', 'submit', 'submit'])
  expect(submitting.heard()).toEqual([connected('ok'), told('unreachable'), expired, told('unreachable')])
  const connecting = setUp(never, ok)
  const waiting = forwardSfos(connecting.world, connecting.scope, forward([here, sfos[0]], [there, sfos[1]]))
  await connecting.clock.advance(150)
  await waiting
  await connecting.clock.advance(1000)
  expect(connecting.sent()).toEqual([delivered(here, sfos[0], false), delivered(there, sfos[1], false), done])
  expect(connecting.calls.map(([port]) => port)).toEqual(['connect', 'connect'])
  expect(connecting.heard()).toEqual([connected('unreachable'), expired, connected('unreachable')])
})
