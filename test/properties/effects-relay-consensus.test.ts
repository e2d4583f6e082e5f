// The polls of a relay without its engine: what is asked, what the machine is told, and when the next poll comes.
import { expect, test } from 'vitest'
import type { ConsensusError } from '../../src/effects/ports.ts'
import { pollConsensus } from '../../src/effects/relay/consensus.ts'
import type { Result, Sth } from '../../src/machines/ct/types.ts'
import type { Consensus } from '../../src/machines/tor/types.ts'
import { consensusAt, foreign, hour, minute, startAt } from './fakes/ct-world.ts'
import { fakeRandom } from './fakes/random.ts'
import { relayWorld } from './fakes/relay-world.ts'

type Poll = () => Promise<Result<Consensus | null, ConsensusError>>

const validAfter = startAt - minute
const newer: Poll = async () => ({ ok: true, value: consensusAt(validAfter) })
const same: Poll = async () => ({ ok: true, value: null })
const fails: Poll = async () => ({ ok: false, error: 'badSignature', detail: '' })
const rejects: Poll = () => Promise.reject(new Error('a port that rejects'))
const never: Poll = () => new Promise(() => {})

const polled = (result: string) => ['count', 'consensus_polls_total', { result }]
const failed = (error: string) => [polled(error), ['warn', 'consensusUnavailable', { error }]]
const inUse = ['gauge', 'consensus_valid_after_seconds', validAfter / 1000, {}]

/** `u32`: every draw. After the script no poll answers. */
function setUp(script: readonly Poll[], u32 = 0) {
  const asked: (number | null)[] = []
  const learnt: Consensus[] = []
  const random = { ...fakeRandom(), u32: () => [u32] }
  const at = relayWorld({ random }, { consensusMs: 100, consensusRetryMs: 1000 })
  const start = () =>
    pollConsensus(
      at.world,
      {
        newer(newerThan) {
          asked.push(newerThan)
          return (script[asked.length - 1] ?? never)()
        },
      },
      (consensus) => learnt.push(consensus),
    )
  return { ...at, start, asked, learnt }
}

test('a newer consensus reaches the machine with the members that it has and no others, and is told by its time [CONS-001.1]', async () => {
  const consensus = consensusAt(validAfter)
  const rich = { ...consensus, text: 'the document' }
  const { clock, start, asked, learnt, heard, sent } = setUp([async () => ({ ok: true, value: rich })])
  start()
  await clock.advance(0)
  expect(sent()).toEqual([{ type: 'consensus', consensus, at: startAt }])
  expect([learnt, asked]).toEqual([[consensus], [null]])
  expect(heard()).toEqual([polled('newer'), inUse])
})

test('an STH of a log that is not listed, or that its log did not sign, is left out, counted and told [CONS-001.6]', async () => {
  const { sths } = consensusAt(validAfter)
  const [first, ...others] = sths as [Sth, ...Sth[]]
  const bad = [
    { ...first, size: first.size + 1 },
    { ...first, logId: foreign.logId },
  ]
  const given = consensusAt(validAfter, { sths: [...bad, ...others] })
  const { clock, start, learnt, heard, sent } = setUp([async () => ({ ok: true, value: given })])
  start()
  await clock.advance(0)
  expect(sent()).toEqual([{ type: 'consensus', consensus: { ...given, sths: others }, at: startAt }])
  expect(learnt).toEqual([given])
  const counted = ['count', 'consensus_bad_sths_total', {}, 2]
  expect(heard()).toEqual([polled('newer'), counted, ['warn', 'badSthSignature', { count: 2 }], inUse])
})

test('what fails, rejects or hangs is told, and the next poll asks for what is newer than the known one [CONS-001.1]', async () => {
  const { clock, start, asked, heard, sent, become } = setUp([fails, rejects, never, same])
  start()
  await clock.advance(0)
  expect(heard()).toEqual(failed('badSignature'))
  await clock.advance(1000)
  expect(heard()).toEqual(failed('unavailable'))
  become({ consensus: consensusAt(validAfter) })
  await clock.advance(1099)
  expect([heard(), asked.length]).toEqual([[], 3])
  await clock.advance(1)
  expect(heard()).toEqual(failed('unavailable'))
  await clock.advance(1000)
  expect([heard(), sent(), asked]).toEqual([[polled('same')], [], [null, null, validAfter, validAfter]])
})

test('an answered poll is followed by one in the freshness window of the next consensus, drawn at random [CONS-001.2]', async () => {
  const fresh = consensusAt(validAfter)
  const half = 2 ** 31
  // The draw, what is known, the answer to the first poll, and the wait until the second one.
  const cases: readonly (readonly [number, Consensus | null, Poll, number])[] = [
    [0, fresh, same, fresh.freshUntil - startAt],
    [half, fresh, newer, fresh.freshUntil - startAt + hour / 2],
    [0, fresh, fails, 1000],
    [half, fresh, fails, 1500],
    [half, null, same, 1500],
    [half, { ...fresh, freshUntil: startAt + 1 }, same, 1 + (minute + 1) / 2],
    [half, { ...fresh, freshUntil: startAt }, same, 1500],
    [half, { ...fresh, freshUntil: startAt - 1 }, same, 1500],
  ]
  for (const [draw, consensus, poll, wait] of cases) {
    const { clock, start, asked, become } = setUp([poll], draw)
    become({ consensus })
    start()
    await clock.advance(Math.floor(wait) - 1)
    expect([wait, asked.length]).toEqual([wait, 1])
    await clock.advance(1)
    expect([wait, asked.length]).toEqual([wait, 2])
  }
})

test('a poll that is under way when the relay stops says nothing and is followed by none [RELAY-021.1]', async () => {
  const { clock, start, asked, stop, heard, sent } = setUp([never])
  start()
  stop()
  await clock.advance(hour)
  expect([heard(), sent(), asked.length, clock.pending]).toEqual([[], [], 1, 0])
})
