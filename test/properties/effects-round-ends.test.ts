// How the steps of an auditor's round, the round and its interpreter end.
import { expect, test } from 'vitest'
import { defect } from './fakes/auditor-world.ts'
import type { FakeClock } from './fakes/clock.ts'
import { settled } from './fakes/clock.ts'
import { hour, minute } from './fakes/ct-world.ts'
import { fakeRandom } from './fakes/random.ts'
import { ended, limits, never, roundHarness, whole, wholeRound } from './fakes/rounds.ts'

test('a step that takes too long is called off, counted by its name, and the next one begins [AUD-120]', async () => {
  const signals: AbortSignal[] = []
  const hang = (signal: AbortSignal) => {
    signals.push(signal)
    return never()
  }
  const auditor = roundHarness({
    check: (_, signal) => hang(signal),
    challengePending: (_, __, signal) => hang(signal),
    analyze: (_, __, signal) => hang(signal),
  })
  const running = auditor.rounds.run()
  for (const { step, ms } of [
    { step: 'sths', ms: 2 * minute },
    { step: 'challenge', ms: 6 * minute },
    { step: 'analyze', ms: minute },
  ]) {
    await auditor.clock.advance(ms - 1)
    expect(auditor.events).not.toContain(step)
    await auditor.clock.advance(1)
    expect(auditor.events).toContain(step)
    expect(auditor.said).toContainEqual(['count', 'auditor_step_expired_total', { step }])
  }
  await running
  expect([auditor.events, signals.map(({ aborted }) => aborted)]).toEqual([whole, [true, true, true]])
  expect(auditor.said.slice(-3)).toEqual(ended(1, 540))
  expect(auditor.saved()).toBeUndefined()
})

test('a step that throws is a defect, and is done [AUD-120]', async () => {
  const thrown = new RangeError('broken')
  const auditor = roundHarness({ challengePending: () => Promise.reject(thrown) })
  await wholeRound(auditor)
  expect(auditor.events).toEqual(whole)
  expect(auditor.said).toEqual(expect.arrayContaining([...defect('handlerFailed', thrown)]))
  expect(auditor.said.filter(([, name]) => name === 'auditor_step_expired_total')).toEqual([])
})

test('a step that cannot even begin is a defect, and the deadline ends the round [AUD-120, AUD-114]', async () => {
  const thrown = new RangeError('no randomness')
  const bytes = () => {
    throw thrown
  }
  const auditor = roundHarness({ random: { ...fakeRandom(), bytes } })
  const running = auditor.rounds.run()
  await auditor.clock.advance(10 * minute - 1)
  expect(auditor.events).toEqual(['due', 'consensus', 'sths', 'noNewerConsensus'])
  expect(auditor.said.slice(-2)).toEqual(defect('handlerFailed', thrown))
  await auditor.clock.advance(1)
  await running
  expect(auditor.events.at(-1)).toBe('deadline')
  expect(auditor.said.slice(-3)).toEqual(ended(1, 600))
  expect(auditor.clock.pending).toBe(1)
})

test('a round is over by its deadline, and what its steps come to later is nothing to the next one [AUD-120]', async () => {
  const auditor = roundHarness({
    limits: { ...limits, steps: { ...limits.steps, challenge: hour } },
    challengePending: never,
  })
  const running = auditor.rounds.run()
  await auditor.clock.advance(10 * minute)
  await running
  expect(auditor.events).toEqual([...whole.slice(0, 5), 'deadline'])
  expect([auditor.said.slice(-3), auditor.calls.at(-1)]).toEqual([ended(1, 600), ['ended']])
  expect(auditor.clock.pending).toBe(1)
})

test('who asks for a round while one runs waits for that one; who asks after it gets another [AUD-111]', async () => {
  const auditor = roundHarness({ check: () => pauseOf(auditor).then(() => true) })
  let waiters = 0
  const runs = [auditor.rounds.run(), auditor.rounds.run()].map((run) => run.then(() => waiters++))
  await settled()
  expect(auditor.events).toEqual(['due', 'consensus'])
  await auditor.clock.advance(1)
  await Promise.all(runs)
  expect([auditor.events, waiters]).toEqual([whole, 2])
  await wholeRound(auditor)
  expect(auditor.events.slice(whole.length)).toEqual(['due', 'noNewerConsensus', 'connect', 'challenge', 'analyze'])
  expect(auditor.said.slice(-3)).toEqual(ended(2, 0))
})

function pauseOf({ clock }: { readonly clock: FakeClock }) {
  return new Promise<void>((resolve) => clock.after(1, resolve))
}

test('there is one timer for the next round, and it begins one [AUD-015]', async () => {
  const auditor = roundHarness()
  auditor.rounds.start(1000)
  auditor.rounds.start(500)
  expect(auditor.clock.pending).toBe(1)
  await auditor.clock.advance(499)
  expect(auditor.events).toEqual([])
  await auditor.clock.advance(1)
  expect([auditor.events, auditor.clock.pending]).toEqual([whole, 1])
  await wholeRound(auditor)
  expect(auditor.clock.pending).toBe(1)
  await auditor.clock.advance(2 * hour)
  expect(auditor.said.slice(-1)).toMatchObject([['info', 'round ended', { round: expect.any(Number) }]])
  expect(auditor.events.filter((event) => event === 'due').length).toBeGreaterThan(2)
})

test('with the stop who waits for a round is released, and nothing is taken any more [AUD-120]', async () => {
  const auditor = roundHarness({ challengePending: never })
  const running = auditor.rounds.run()
  await settled()
  auditor.rounds.start(1)
  auditor.stop()
  await running
  const before = [...auditor.events]
  expect(before).toEqual(whole.slice(0, 5))
  await auditor.clock.advance(hour)
  await auditor.rounds.run()
  expect([auditor.events, auditor.calls.filter(([call]) => call === 'ended')]).toEqual([before, []])
})

test('after a crash at a boundary no step is answered [INV-009]', async () => {
  const auditor = roundHarness({
    crashAt: 1,
  })
  auditor.rounds.run()
  await auditor.clock.advance(0)
  expect([auditor.events, auditor.written]).toEqual([['due', 'consensus'], ['setValue']])
})
