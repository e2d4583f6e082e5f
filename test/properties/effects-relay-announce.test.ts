// Step 7 without the engine: what is published, sent and retired, and what becomes of what fails or comes too late.
import { expect, test } from 'vitest'
import { announcer } from '../../src/effects/relay/announce.ts'
import { roundScope } from '../../src/effects/relay/world.ts'
import { settled } from './fakes/clock.ts'
import { consensusAt, startAt } from './fakes/ct-world.ts'
import { relayWorld } from './fakes/relay-world.ts'

const never = () => new Promise<never>(() => {})
const rejects = () => Promise.reject(new Error('a port that rejects'))
const ctrs = consensusAt(startAt).ctrs.slice(0, 2)
const effect = (round: number, to = ctrs) => ({ type: 'announce', round, ctrs: to, retire: round - 2 }) as const
const failure = ['count', 'relay_onion_failures_total', {}]
const unpublished = (round: number) => [failure, ['warn', 'publishFailed', { round }]]
const done = (round: number) => ({ type: 'stepDone', round, step: 'announce', at: expect.any(Number) })

/** `services`: what `publish` does in each round. */
function setUp(services: readonly (() => Promise<string | null>)[], retire: () => Promise<void> = async () => {}) {
  const retired: string[] = []
  const addressed: (readonly string[])[] = []
  const left = [...services]
  const at = relayWorld(
    {
      onion: {
        publish: () => (left.shift() ?? never)(),
        retire(address) {
          retired.push(address)
          return retire()
        },
      },
      peers: {
        connect: rejects,
        submitSfo: rejects,
        fetchProofs: rejects,
        async sendAddress(url, address, isolation) {
          addressed.push([url, address, isolation])
          return url === ctrs[0]?.url ? { kind: 'ok', value: null } : { kind: 'refused', status: 400 }
        },
      },
    },
    { publishMs: 100 },
  )
  const announcing = announcer(at.world)
  const announce = (round: number, to = ctrs) => announcing.announce(roundScope(at.world, round), effect(round, to))
  return { ...at, announcing, announce, retired, addressed }
}

test('a fresh service is sent to each CTR on a circuit of its own, and is retired once, two rounds later [RELAY-107, RELAY-018.1]', async () => {
  const { announcing, announce, heard, sent, retired, addressed } = setUp(
    ['one', 'two', 'three', 'four'].map((name) => async () => name),
  )
  await announce(1)
  const [first, second] = addressed
  expect([first, second]).toEqual(ctrs.map(({ url }) => [url, 'one', expect.stringMatching(/^[0-9a-f]{32}$/)]))
  expect(first?.[2]).not.toBe(second?.[2])
  expect(heard()).toEqual(['ok', 'refused'].map((answer) => ['count', 'relay_addresses_sent_total', { answer }]))
  expect(sent()).toEqual([done(1)])
  await announce(2, [])
  expect(retired).toEqual([])
  await announce(3, [])
  await announce(4, [])
  expect([retired, heard(), addressed.length]).toEqual([['one', 'two'], [], 2])
  expect(['one', 'two', 'three', 'four', 'five'].map(announcing.isOwn)).toEqual([false, false, true, true, false])
  await announcing.retireAll(new AbortController().signal)
  await announcing.retireAll(new AbortController().signal)
  expect([retired, announcing.isOwn('three')]).toEqual([['one', 'two', 'three', 'four'], false])
})

test('where no service can be had nothing is sent, the operator is told, and the step ends [RELAY-107.1]', async () => {
  const { announcing, announce, clock, heard, sent, retired, addressed } = setUp([async () => null, rejects, never])
  for (const round of [1, 2, 3]) {
    const announcing = announce(round)
    await clock.advance(100)
    await announcing
    expect([heard(), sent()]).toEqual([unpublished(round), [done(round)]])
  }
  await announcing.retireAll(new AbortController().signal)
  expect([addressed, retired, announcing.isOwn('one'), clock.pending]).toEqual([[], [], false, 0])
})

test('a service that comes up after its round gave it up is retired at once, within a deadline [RELAY-018.1]', async () => {
  const up: ((address: string | null) => void)[] = []
  const late = () => new Promise<string | null>((resolve) => up.push(resolve))
  const { announcing, announce, clock, heard, retired } = setUp([late, late], never)
  for (const round of [1, 2]) {
    const announcing = announce(round)
    await clock.advance(100)
    await announcing
    expect(heard()).toEqual(unpublished(round))
  }
  up[0]?.('late')
  up[1]?.(null)
  await settled()
  expect([retired, announcing.isOwn('late'), clock.pending]).toEqual([['late'], false, 1])
  await clock.advance(100)
  expect([heard(), clock.pending]).toEqual([[], 0])
})

test('a service that cannot be retired is counted and holds up nothing [RELAY-018.1]', async () => {
  for (const retire of [rejects, never]) {
    const { announcing, announce, clock, heard, sent } = setUp([async () => 'one', async () => 'three'], retire)
    await announce(1, [])
    const announced = announce(3, [])
    await clock.advance(100)
    await announced
    expect([heard(), sent()]).toEqual([[failure], [done(1), done(3)]])
    const ended = announcing.retireAll(new AbortController().signal)
    await clock.advance(100)
    await ended
    expect([heard(), clock.pending]).toEqual([[failure], 0])
  }
})
