// The periodic round as its interpreter performs it: what each step is answered, counted and logged, and what is made durable when.
import { expect, test } from 'vitest'
import type { ConsensusError } from '../../src/effects/ports.ts'
import type { Consensus } from '../../src/machines/tor/types.ts'
import { refused } from './fakes/auditor-world.ts'
import { consensusAt, firstValidAfter, hour, minute } from './fakes/ct-world.ts'
import {
  type Answer,
  ended,
  first,
  idle,
  logIds,
  poll,
  roundHarness,
  taken,
  whole,
  wholeRound,
} from './fakes/rounds.ts'

test('a round fetches consensuses until there is no newer one, then connects, challenges and analyzes [AUD-111 to AUD-120]', async () => {
  const auditor = roundHarness()
  await wholeRound(auditor)
  expect(auditor.events).toEqual(whole)
  expect(auditor.calls).toEqual([
    ['newer', null],
    ['check', firstValidAfter],
    ['newer', firstValidAfter],
    ['challenge', logIds, logIds],
    ['analyze', firstValidAfter, 12],
    ['ended'],
  ])
  expect(auditor.said).toEqual([poll('newer'), taken(first), poll('same'), ...ended(1, 0)])
  expect(JSON.parse(auditor.saved() ?? '')).toEqual([first])
  expect([auditor.written, auditor.clock.pending]).toEqual([['setValue'], 1])
})

test('the newest consensus of the last run is not fetched again, and one that is no newer ends the step [AUD-111]', async () => {
  const auditor = roundHarness({ newest: first, answers: [first] })
  await wholeRound(auditor)
  expect(auditor.events).toEqual(['due', 'noNewerConsensus', 'connect', 'challenge', 'analyze'])
  expect(auditor.calls[0]).toEqual(['newer', firstValidAfter])
  expect(auditor.said).toEqual([poll('newer'), ...ended(1, 0)])
})

test('a consensus of the year 1970 is newer than none [AUD-111]', async () => {
  const auditor = roundHarness({ answers: [consensusAt(0)] })
  await wholeRound(auditor)
  expect(auditor.events.slice(0, 2)).toEqual(['due', 'consensus'])
})

test('what a source hands over beside a consensus goes no further [CONS-001]', async () => {
  const auditor = roundHarness({ answers: [{ ...first, signatures: [] } as Consensus] })
  await wholeRound(auditor)
  expect(JSON.parse(auditor.saved() ?? '')).toEqual([first])
})

test.each<[string, Answer, ConsensusError]>([
  ['says why', 'badSignature', 'badSignature'],
  ['throws', new Error('away'), 'unavailable'],
])('a source that has none and %s ends the step, and is counted [AUD-111]', async (_, answer, error) => {
  const auditor = roundHarness({ answers: [answer] })
  await wholeRound(auditor)
  expect(auditor.events).toEqual(['due', `consensusFailed ${error}`])
  expect(auditor.said).toEqual([poll(error), ['warn', 'consensusUnavailable', { error }], ...idle(1), ...ended(1, 0)])
})

test('where the source has none but one is live the round goes on with that, and is not idle [AUD-111]', async () => {
  const auditor = roundHarness({ newest: first, answers: ['notLive'] })
  await wholeRound(auditor)
  expect(auditor.events).toEqual(['due', 'consensusFailed notLive', 'connect', 'challenge', 'analyze'])
  expect(auditor.said).toEqual([
    poll('notLive'),
    ['warn', 'consensusUnavailable', { error: 'notLive' }],
    ...ended(1, 0),
  ])
})

test('where no consensus is live nothing goes by one: no challenge, no analysis, and a warning [CONS-001.9]', async () => {
  const auditor = roundHarness({ newest: first, answers: [] })
  auditor.current.consensus = null
  await wholeRound(auditor)
  expect(auditor.events).toEqual(['due', 'noNewerConsensus', 'connect', 'challenge', 'analyze'])
  expect(auditor.calls).toEqual([['newer', firstValidAfter], ['ended']])
  expect(auditor.said).toEqual([poll('same'), ...idle(1), ...ended(1, 0)])
})

const after = ({ validAfter }: Consensus, hours: number) => consensusAt(validAfter + hours * hour)
const later = after(first, 5)
const latest = after(later, 5)
const gapOf = (from: Consensus, to: Consensus) => ({ from: from.freshUntil, to: to.validAfter })

test('a gap is durable before the consensus that came after it, which is not saved where the gap could not be [AUD-015]', async () => {
  const auditor = roundHarness({ newest: first, answers: [later, null, after(later, 1)] })
  auditor.failing.push('recordGap')
  await wholeRound(auditor)
  expect(auditor.said.slice(0, 6)).toEqual([
    poll('newer'),
    taken(later),
    ['count', 'auditor_gaps_total', {}],
    ['info', 'consensuses were missed', gapOf(first, later)],
    ...refused('recordGap'),
  ])
  expect([auditor.written.splice(0), auditor.saved()]).toEqual([['recordGap'], undefined])
  await wholeRound(auditor)
  expect(auditor.store.gapBetween(first.freshUntil, first.freshUntil)).toBe(true)
  expect(auditor.written).toEqual(['recordGap', 'setValue'])
})

test('of two gaps the one that could not be recorded stays, and the other is not recorded twice [AUD-015]', async () => {
  const recorded: { readonly from: number; readonly to: number }[] = []
  const failures = [true, false, true]
  const auditor = roundHarness({
    newest: first,
    answers: [later, null, latest, null, after(latest, 1)],
    store: {
      async recordGap(from, to) {
        recorded.push({ from, to })
        return failures.shift() ? { ok: false, error: 'storeFull', detail: '' } : { ok: true, value: null }
      },
    },
  })
  for (let n = 0; n < 2; n++) await wholeRound(auditor)
  const [one, two] = [gapOf(first, later), gapOf(later, latest)]
  expect([recorded.splice(0), auditor.saved()]).toEqual([[one, one, two], undefined])
  await wholeRound(auditor)
  expect([recorded, JSON.parse(auditor.saved() ?? '').length]).toEqual([[two], 2])
})

test('a consensus is not saved where its STHs are not durable, nor where the step was over before they were [AUD-112]', async () => {
  const auditor = roundHarness({ check: async () => false })
  await wholeRound(auditor)
  expect([auditor.events, auditor.written]).toEqual([whole, []])
  const late = roundHarness({
    check: () => new Promise((resolve) => late.clock.after(3 * minute, () => resolve(true))),
  })
  const running = late.rounds.run()
  await late.clock.advance(4 * minute)
  await running
  expect([late.events, late.written]).toEqual([whole, []])
})
