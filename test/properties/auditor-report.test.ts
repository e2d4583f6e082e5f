// A CTR's report window (rows A3, A4, A22), the Poisson tail against values computed to 60 digits, and the null model.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { reportIsSound } from '../../src/machines/auditor/invariants.ts'
import { expectedReports } from '../../src/machines/auditor/null-model.ts'
import { decimal, lnUpperTail } from '../../src/machines/auditor/poisson.ts'
import { initialReport, reportMachine } from '../../src/machines/auditor/report.ts'
import { distinctReporters, isLogDown } from '../../src/machines/auditor/reporters.ts'
import type { ReportContext, ReportEffect, ReportEntry, ReportEvent } from '../../src/machines/auditor/types.ts'
import type { Step } from '../../src/machines/kernel/machine.ts'
import { step } from '../../src/machines/kernel/step.ts'
import { entryOf, reportEvent } from './arbitraries/auditor.ts'

const config = { windowMs: 10, maxEntries: 3, alertP: 1e-6 }
const entry = (one: ReportEntry, at = one.at): ReportEvent => ({ type: 'entry', entry: one, at })
const valid = (circuit: string, at: number, count: number) =>
  entryOf(circuit, at, { valid: count, perLog: { log: count } })
const analyze = (
  expected: number,
  expectedInvalid = 100,
  other: Partial<Extract<ReportEvent, { type: 'analyze' }>> = {},
): ReportEvent => ({ type: 'analyze', expected, expectedInvalid, at: 5, ...other })

function run(...events: readonly ReportEvent[]) {
  let last = { state: initialReport('ctr1', config) } as Step<ReportContext, ReportEffect>
  const all: ReportEffect[] = []
  for (const event of events) {
    last = step(reportMachine, last.state, event)
    all.push(...last.effects)
  }
  return { ...last, all, circuits: last.state.context.entries.map(({ circuit }) => circuit) }
}

describe('the window', () => {
  test('keeps one entry a circuit, which grows, in the order of time [AUD-003, AUD-004]', () => {
    const grown = run(entry(valid('c2', 2, 1)), entry(valid('c1', 1, 1)), entry(valid('c2', 2, 3)))
    expect(grown.circuits).toEqual(['c1', 'c2'])
    expect(grown.state.context).toMatchObject({ entries: [{ valid: 1 }, { valid: 3 }], pruned: 0 })
    expect(run(entry(valid('c2', 2, 3)), entry(valid('c2', 2, 2))).reason).toBe('staleEntry')
  })

  test('drops on each write what is a window old or beyond the count cap, and counts it [AUD-004]', () => {
    const aged = [entry(valid('c1', 1, 1)), entry(valid('c2', 2, 1))]
    expect(run(...aged, entry(valid('c3', 10, 1))).circuits).toEqual(['c1', 'c2', 'c3'])
    const boundary = run(...aged, entry(valid('c3', 11, 1)))
    expect([boundary.circuits, boundary.state.context.pruned]).toEqual([['c2', 'c3'], 1])
    const capped = run(...aged, entry(valid('c3', 3, 1)), entry(valid('c4', 4, 1)))
    expect([capped.circuits, capped.state.context.pruned]).toEqual([['c2', 'c3', 'c4'], 1])
    expect(run(entry(valid('c1', 1, 1), 11)).reason).toBe('staleEntry')
  })

  test('is of one CTR [AUD-003]', () => {
    expect(run(entry({ ...valid('c1', 1, 1), ctrId: 'ctr2' }))).toMatchObject({
      disposition: 'rejected',
      reason: 'otherCtr',
    })
  })

  test('is bounded, in order and one entry a circuit, whatever is written [AUD-004]', () => {
    fc.assert(
      fc.property(fc.array(reportEvent, { maxLength: 60, size: 'max' }), (events) => {
        let state = initialReport('ctr1', config)
        for (const event of events) {
          const after = step(reportMachine, state, event)
          expect(reportIsSound(after.state)).toBe(true)
          const { entries, pruned } = after.state.context
          if (event.type === 'entry' && after.disposition === 'accepted') {
            expect(entries.every(({ at }) => event.at - at < config.windowMs)).toBe(true)
            const isNew = !state.context.entries.some(({ circuit }) => circuit === event.entry.circuit)
            expect(entries.length + pruned).toBe(state.context.entries.length + state.context.pruned + (isNew ? 1 : 0))
          }
          state = after.state
        }
      }),
      { numRuns: 200 },
    )
  })
})

describe('the analysis', () => {
  test('alerts where so many SFOs are improbable, once until it ends [AUD-022.2, AUD-120]', () => {
    const many = [entry(valid('c1', 1, 10))]
    const alert = run(...many, analyze(1))
    expect(alert.state.value).toBe('alerting')
    expect(alert.effects).toEqual([
      { type: 'alert', ctrId: 'ctr1', kind: 'excess', seen: 10, expected: 1, p: '1.114e-7' },
    ])
    expect(run(...many, analyze(1), analyze(1))).toMatchObject({ reason: 'nothingToDo', state: { value: 'alerting' } })
    const ended = run(...many, analyze(1), analyze(1, 100, { at: 11 }))
    expect([ended.state.value, ended.effects]).toEqual(['normal', [{ type: 'alertEnded', ctrId: 'ctr1' }]])
    expect(run(entry(valid('c1', 1, 9)), analyze(1)).reason).toBe('nothingToDo')
  })

  test('counts the four classes as invalid, and neither oversize, future nor duplicate ones [AUD-005, AUD-006]', () => {
    const invalid = { malformed: 3, unknownLog: 3, badSct: 2, badChain: 2, oversize: 50, futureSct: 50 }
    const one = entryOf('c1', 1, { invalid, duplicate: 1_000 })
    expect(run(entry(one), analyze(0, 1)).effects).toMatchObject([{ kind: 'invalid', seen: 10, p: '1.114e-7' }])
  })

  test('a second kind is alerted of its own, and the end is that of both [AUD-022.2]', () => {
    const both = [entry(valid('c1', 1, 10)), analyze(1), entry(entryOf('c2', 4, { invalid: { badSct: 10 } }))]
    const second = run(...both, analyze(1, 1))
    expect(second.all.map((effect) => (effect.type === 'alert' ? effect.kind : effect.type))).toEqual([
      'excess',
      'invalid',
    ])
    expect(run(...both, analyze(1, 1), analyze(1, 1, { at: 12 }))).toMatchObject({
      effects: [],
      disposition: 'accepted',
      state: { value: 'alerting', context: { alerting: ['invalid'] } },
    })
  })

  test("SFOs of a log that is down are no CTR's excess [AUD-022.2]", () => {
    const one = entryOf('c1', 1, { valid: 12, perLog: { log: 10, other: 2 } })
    expect(run(entry(one), analyze(1)).state.value).toBe('alerting')
    expect(run(entry(one), analyze(1, 100, { downLogs: ['log'] })).state.value).toBe('normal')
  })

  test('a mean that is none is refused [AUD-022.2]', () => {
    for (const mean of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
      expect(run(analyze(mean))).toMatchObject({ disposition: 'rejected', reason: 'badExpectation' })
      expect(run(analyze(1, mean)).reason).toBe('badExpectation')
    }
  })

  test('an alert of a kind is never repeated before it ended [AUD-022.2]', () => {
    fc.assert(
      fc.property(fc.array(reportEvent, { maxLength: 60, size: 'max' }), (events) => {
        let state = initialReport('ctr1', { ...config, alertP: 0.1 })
        for (const event of events) {
          const after = step(reportMachine, state, event)
          for (const effect of after.effects) {
            if (effect.type === 'alert') expect(state.context.alerting).not.toContain(effect.kind)
            else expect([state.value, after.state.value]).toEqual(['alerting', 'normal'])
          }
          state = after.state
        }
      }),
      { numRuns: 200 },
    )
  })
})

describe('the Poisson tail', () => {
  /** ln P(X >= seen), by a direct sum in 60 decimal digits. */
  test.each([
    [1, 1, -0.45867514538708187],
    [10, 1, -16.009909825202023],
    [1, 1e-9, -20.723265837446412],
    [20, 5, -14.879102532939179],
    [100, 100, -0.66689715058528942],
    [130, 100, -6.082662250846484],
    [60, 100, -6.341523534786638e-6],
    [857, 857, -0.68410307088621725],
    [2000, 857, -556.08967685677396],
    [400, 0.5, -2278.2583225502985],
    [15, 14.5, -0.72897478843483321],
    [16, 17, -0.46434551632004911],
    [17, 16.5, -0.72666378525993258],
    [10_000, 9_000, -56.835486168752247],
    [30, 90, -6.3926569911377041e-14],
  ])('is known for %d seen and %d expected [AUD-022.2]', (seen, expected, lnP) => {
    expect(Math.abs(lnUpperTail(seen, expected) / lnP - 1)).toBeLessThan(lnP > -1e-6 ? 1e-2 : 1e-11)
  })

  test('is certain for nothing seen, and impossible where nothing is expected [AUD-022.2]', () => {
    expect([lnUpperTail(0, 5), lnUpperTail(0, 0), lnUpperTail(1, 0)]).toEqual([0, 0, Number.NEGATIVE_INFINITY])
  })

  test('equals one minus the sum below, falls with what is seen and rises with what is expected [AUD-022.2]', () => {
    const direct = (seen: number, expected: number) => {
      let mass = Math.exp(-expected)
      let below = 0
      for (let k = 0; k < seen; mass *= expected / ++k) below += mass
      return 1 - below
    }
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 80 }), fc.double({ min: 0.01, max: 50, noNaN: true }), (seen, expected) => {
        const lnP = lnUpperTail(seen, expected)
        expect(Math.exp(lnP)).toBeCloseTo(direct(seen, expected), 12)
        expect(lnUpperTail(seen + 1, expected)).toBeLessThanOrEqual(lnP)
        expect(lnUpperTail(seen, expected * 1.1)).toBeGreaterThanOrEqual(lnP)
      }),
      { numRuns: 300 },
    )
  })

  test('is written as decimal text also where no double is that small [AUD-022.2]', () => {
    const texts = [0, Math.log(0.5), -16.009909825202023, -2278.2583225502985, Math.log(9.9999e-7)].map(decimal)
    expect(texts).toEqual(['1.000e0', '5.000e-1', '1.114e-7', '3.673e-990', '1.000e-6'])
    expect(decimal(Number.NEGATIVE_INFINITY)).toBe('0')
  })
})

describe('the null model', () => {
  const paper = {
    visitsPerDay: 140_000_000,
    sfosPerVisit: 7,
    submitPr: 1_000,
    failurePr: 40,
    invalidPr: 1,
    ctrs: 4_000,
    auditors: 2,
    windowMs: 7 * 86_400_000,
  }

  test("is what the paper's numbers give one CTR: 24,500 SFOs a day, of which 0.4 % go to one of two auditors [AUD-022.2]", () => {
    const { valid: seen, invalid } = expectedReports(paper)
    expect(seen).toBeCloseTo(24_500 * 7 * 0.004 * 0.5, 9)
    expect(invalid).toBeCloseTo(24_500 * 7 * 0.0001 * 0.5, 9)
    expect(expectedReports({ ...paper, ctrs: 0 })).toEqual({ valid: 0, invalid: 0 })
    expect(expectedReports({ ...paper, auditors: 0 })).toEqual({ valid: 0, invalid: 0 })
  })
})

describe('reporters of a log', () => {
  test('count each CTR once, and those of the last hour alone [AUD-022.1]', () => {
    const entries = [
      entryOf('c1', 5, { perLog: { log: 3, other: 1 } }),
      entryOf('c2', 6, { perLog: { log: 1 } }),
      entryOf('c3', 6, { ctrId: 'ctr2', perLog: { log: 1 } }),
      entryOf('c4', 4, { ctrId: 'ctr3', perLog: { log: 1 } }),
    ]
    expect([...distinctReporters(entries, 5)]).toEqual([
      ['log', 2],
      ['other', 1],
    ])
  })

  test('are too many above three and above one in a hundred [AUD-022.1]', () => {
    expect([isLogDown(3, 0), isLogDown(4, 400), isLogDown(4, 399), isLogDown(41, 4_000)]).toEqual([
      false,
      false,
      true,
      true,
    ])
  })
})
