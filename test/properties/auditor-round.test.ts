// The periodic round: steps 1 to 4, row A15, and that whatever happens it is idle again with a timer running.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { roundIsSound } from '../../src/machines/auditor/invariants.ts'
import { waitMs } from '../../src/machines/auditor/next-round.ts'
import { initialRound, roundMachine } from '../../src/machines/auditor/round.ts'
import type { AuditorStep, RoundContext, RoundEffect, RoundEvent } from '../../src/machines/auditor/types.ts'
import type { Step } from '../../src/machines/kernel/machine.ts'
import { step } from '../../src/machines/kernel/step.ts'
import { consensusOf, roundEvent } from './arbitraries/auditor.ts'

type RoundStep = Step<RoundContext, RoundEffect>
const config = { deadlineMs: 50, intervalMs: 17 }
const half = 2 ** 31
const due = (at: number): RoundEvent => ({ type: 'due', draw: [half], at })
const consensus = (hour: number, at: number): RoundEvent => ({ type: 'consensus', consensus: consensusOf(hour), at })
const noNewer = (at: number): RoundEvent => ({ type: 'noNewerConsensus', at })
const done = (name: AuditorStep, at: number, round = 1): RoundEvent => ({ type: 'stepDone', round, step: name, at })
const deadline = (round: number, at: number, draw: readonly number[] = [0]): RoundEvent => ({
  type: 'deadline',
  round,
  draw,
  at,
})

function run(...events: readonly RoundEvent[]): RoundStep {
  let last = { state: initialRound(config) } as RoundStep
  for (const event of events) last = step(roundMachine, last.state, event)
  return last
}

const known = [due(70), consensus(1, 71), done('sths', 72)]

describe('the steps, in order', () => {
  test('1.1 asks for a consensus newer than the one known [AUD-111]', () => {
    expect(run(due(70))).toMatchObject({
      state: { value: 'fetchingConsensus', context: { number: 1, startedAt: 70 } },
      effects: [
        { type: 'startDeadline', round: 1, ms: 50 },
        { type: 'fetchConsensus', round: 1, newerThan: null },
      ],
    })
  })

  test('1.2 and 1.3 check its STHs, and then 1.1 again until there is no newer one [AUD-111, AUD-112, AUD-113]', () => {
    expect(run(due(70), consensus(1, 71))).toMatchObject({
      state: { value: 'checkingSths' },
      effects: [{ type: 'checkSths', round: 1, consensus: consensusOf(1) }],
    })
    const again = run(...known)
    expect(again.state.value).toBe('fetchingConsensus')
    expect(again.effects).toEqual([{ type: 'fetchConsensus', round: 1, newerThan: 60 }])
  })

  test('2, 3 and 4 follow, and the round ends with a timer [AUD-114, AUD-115, AUD-120]', () => {
    const connecting = [...known, noNewer(73)]
    expect(run(...connecting).effects).toEqual([{ type: 'connect', round: 1, logIds: ['log'] }])
    const challenging = [...connecting, done('connect', 74)]
    expect(run(...challenging).effects).toEqual([{ type: 'challengePending', round: 1, logIds: ['log'] }])
    const analyzing = [...challenging, done('challenge', 75)]
    expect(run(...analyzing).effects).toEqual([{ type: 'analyze', round: 1, ctrs: 1 }])
    expect(run(...analyzing, done('analyze', 76))).toMatchObject({
      state: { value: 'idle', context: { startedAt: null, number: 1 } },
      effects: [
        { type: 'endRound', round: 1 },
        { type: 'startTimer', ms: 120 - 76 + 30 },
      ],
    })
  })

  test('without any consensus there is nothing to do until the next round [AUD-111]', () => {
    for (const over of [noNewer(71), { type: 'consensusFailed', error: 'unavailable', at: 71 } as const]) {
      expect(run(due(70), over)).toMatchObject({
        state: { value: 'idle' },
        effects: [{ type: 'endRound' }, { type: 'startTimer', ms: 17 }],
      })
    }
  })

  test('where fetching fails, pending SFOs are followed up with the consensus that is known [AUD-115]', () => {
    expect(run(...known, { type: 'consensusFailed', error: 'unavailable', at: 73 }).state.value).toBe('connecting')
  })

  test('a consensus that is not newer is no consensus [AUD-111]', () => {
    for (const hour of [0, 1]) expect(run(...known, consensus(hour, 73)).reason).toBe('oldConsensus')
  })

  test('late and foreign events change nothing [AUD-120]', () => {
    expect(run(due(70), due(71)).reason).toBe('roundRunning')
    expect(run(due(70), done('sths', 71, 0)).reason).toBe('staleRound')
    expect(run(due(70), done('analyze', 71)).reason).toBe('wrongStep')
    expect(run(due(70), consensus(1, 71), done('connect', 72)).reason).toBe('wrongStep')
    expect(run(...known, noNewer(73), done('sths', 74)).reason).toBe('wrongStep')
    expect(run(due(70), deadline(0, 71)).reason).toBe('staleRound')
    expect(run(noNewer(71)).reason).toBe('noRound')
    expect(run({ type: 'due', draw: [], at: 70 })).toMatchObject({
      state: { value: 'idle' },
      disposition: 'rejected',
      reason: 'insufficientDraw',
    })
  })
})

describe('time', () => {
  test('the next round is uniform in the window in which the next consensus is current [AUD-015]', () => {
    const old = consensusOf(1)
    const last = 2 ** 32 - 1
    expect([0, half, last].map((draw) => waitMs(config, old, draw, 100))).toEqual([20, 50, 79])
    fc.assert(
      fc.property(fc.integer({ min: 0, max: last }), fc.integer({ min: 60, max: 119 }), (draw, at) => {
        const start = at + waitMs(config, old, draw, at)
        expect(start).toBeGreaterThanOrEqual(old.freshUntil)
        expect(start).toBeLessThan(old.freshUntil + 60)
      }),
    )
  })

  test('an interval is waited where the next consensus is overdue, or the window is empty [AUD-015]', () => {
    expect(waitMs(config, consensusOf(1), 0, 120)).toBe(17)
    expect(waitMs(config, { ...consensusOf(1), validAfter: 120 }, 0, 100)).toBe(17)
    expect(waitMs(config, null, 0, 100)).toBe(17)
  })

  test('a consensus that was missed is a gap, two that touch are none [AUD-015]', () => {
    expect(run(...known, consensus(2, 130)).effects.map(({ type }) => type)).toEqual(['checkSths'])
    expect(run(...known, consensus(3, 190)).effects[0]).toEqual({ type: 'recordGap', from: 120, to: 180 })
  })

  test("the deadline ends a round in any step, and the next one starts by the deadline's own draw [AUD-120]", () => {
    const steps = [known, [...known, noNewer(73)], [...known, noNewer(73), done('connect', 74)]]
    for (const events of steps) {
      expect(run(...events, deadline(1, 80))).toMatchObject({
        state: { value: 'idle' },
        effects: [{ type: 'endRound' }, { type: 'startTimer', ms: 40 }],
      })
    }
    expect(run(...known, deadline(1, 80, [])).effects[1]).toEqual({ type: 'startTimer', ms: 70 })
  })
})

test('a round runs between one deadline timer and one round timer, and the deadline always ends it [AUD-120]', () => {
  fc.assert(
    fc.property(fc.array(roundEvent, { maxLength: 60, size: 'max' }), (events) => {
      let state = initialRound(config)
      for (const event of events) {
        const after = step(roundMachine, state, event)
        const count = (type: RoundEffect['type']) => after.effects.filter((effect) => effect.type === type).length
        const begins = state.value === 'idle' && after.state.value !== 'idle'
        const ends = state.value !== 'idle' && after.state.value === 'idle'
        expect([count('startDeadline'), count('endRound'), count('startTimer')]).toEqual([+begins, +ends, +ends])
        expect(roundIsSound(after.state)).toBe(true)
        for (const effect of after.effects)
          if (effect.type === 'startTimer') expect(effect.ms).toBeGreaterThanOrEqual(1)
        const forced = step(roundMachine, after.state, deadline(after.state.context.number, event.at))
        expect(forced.state.value).toBe('idle')
        state = after.state
      }
    }),
    { numRuns: 200 },
  )
})

test('consensuses are taken in the order of time, each once [AUD-111]', () => {
  fc.assert(
    fc.property(fc.array(roundEvent, { maxLength: 60, size: 'max' }), (events) => {
      let state = initialRound(config)
      const taken: number[] = []
      for (const event of events) {
        const after = step(roundMachine, state, event)
        for (const effect of after.effects) if (effect.type === 'checkSths') taken.push(effect.consensus.validAfter)
        state = after.state
      }
      expect(taken).toEqual([...new Set(taken)].sort((a, b) => a - b))
    }),
    { numRuns: 200 },
  )
})
