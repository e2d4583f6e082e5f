// A CTR's report window: rows A3, A4 and A22.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { reportIsSound } from '../../src/machines/auditor/invariants.ts'
import { byTime, initialReport, reportMachine } from '../../src/machines/auditor/report.ts'
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
  test('is 7 days and 4,096 circuits, and alerts below one in a million [AUD-004.1, AUD-022.2]', () => {
    const week = { windowMs: 604_800_000, maxEntries: 4_096, alertP: 0.000_001 }
    const context = { config: week, ctrId: 'ctr1', entries: [], pruned: 0, alerting: [] }
    expect(initialReport('ctr1')).toEqual({ value: 'normal', context })
  })

  test('keeps one entry a circuit, which grows, in the order of time [AUD-003, AUD-004]', () => {
    const grown = run(entry(valid('c2', 2, 1)), entry(valid('c1', 1, 1)), entry(valid('c2', 2, 3)))
    expect(grown.circuits).toEqual(['c1', 'c2'])
    expect(grown.state.context).toMatchObject({ entries: [{ valid: 1 }, { valid: 3 }], pruned: 0 })
    expect(run(entry(valid('c2', 2, 3)), entry(valid('c2', 2, 2))).reason).toBe('staleEntry')
  })

  test('takes an entry again where any of its counts has grown [AUD-003, AUD-006]', () => {
    const again = (before: Partial<ReportEntry>, after: Partial<ReportEntry>) =>
      run(entry(entryOf('c1', 1, before)), entry(entryOf('c1', 1, after))).disposition
    expect(again({ duplicate: 1 }, { duplicate: 2 })).toBe('accepted')
    expect(again({ invalid: { badSct: 1 } }, { invalid: { badSct: 2 } })).toBe('accepted')
    expect(again({ valid: 1, duplicate: 1 }, { valid: 1, duplicate: 2 })).toBe('accepted')
    expect(again({ duplicate: 1 }, { duplicate: 1 })).toBe('ignored')
  })

  test('is in the order of time, and of names where the time is one [AUD-004]', () => {
    const ordered = [entryOf('c9', 1), entryOf('c1', 2), entryOf('c2', 2)]
    for (const [i, one] of ordered.entries())
      for (const [j, other] of ordered.entries()) expect(Math.sign(byTime(one, other))).toBe(Math.sign(i - j))
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

  test('a kind that begins as another ends is alerted [AUD-022.2]', () => {
    const changed = [entry(valid('c1', 1, 10)), analyze(1), entry(entryOf('c2', 4, { invalid: { badSct: 10 } }))]
    expect(run(...changed, analyze(1, 1, { at: 11 }))).toMatchObject({
      effects: [{ type: 'alert', kind: 'invalid' }],
      state: { value: 'alerting', context: { alerting: ['invalid'] } },
    })
  })

  test('a probability that is not below the limit is none to alert of [AUD-022.2]', () => {
    const certain = step(reportMachine, initialReport('ctr1', { ...config, alertP: 1 }), analyze(1))
    expect(certain).toMatchObject({ effects: [], reason: 'nothingToDo' })
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
