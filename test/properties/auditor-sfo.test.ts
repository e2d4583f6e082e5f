// The life of an SFO: rows A9 to A13 and A24 as tables, INV-004 and INV-005 over random lives.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as invariants from '../../src/machines/auditor/invariants.ts'
import { newSfo, sfoMachine } from '../../src/machines/auditor/sfo.ts'
import type { SfoContext, SfoEffect, SfoEvent } from '../../src/machines/auditor/types.ts'
import type { InclusionProof, Outcome, Sth } from '../../src/machines/ct/types.ts'
import type { State } from '../../src/machines/kernel/machine.ts'
import { step } from '../../src/machines/kernel/step.ts'
import { graceEndsAt, graceMs, mmd, receivedAt, row, rowOf, sfoEvent, sthOf } from './arbitraries/auditor.ts'

const due = sthOf(112, 5)
const later = sthOf(120, 9)
const challengeNow = (at: number, firstDue: Sth | null = due, latest: Sth | null = firstDue): SfoEvent => ({
  type: 'challengeNow',
  firstDue,
  latest,
  spansGap: false,
  at,
})
const answered = (at: number, outcome: Outcome, leafIndex: number | null = null): SfoEvent => ({
  type: 'answered',
  outcome,
  proof: leafIndex === null ? null : ({ leafIndex, path: [] } satisfies InclusionProof),
  spansGap: false,
  at,
})
const proven = (at: number, leafIndex = 3) => answered(at, 'proven', leafIndex)

/** The last step of a life, and everything it emitted. */
function live(events: readonly SfoEvent[], start: State<SfoContext> = rowOf().state) {
  const effects: SfoEffect[] = []
  let last = { state: start } as invariants.SfoStep
  for (const event of events) {
    last = step(sfoMachine, last.state, event)
    effects.push(...last.effects)
  }
  const kinds = effects.flatMap((effect) => (effect.type === 'escalate' ? [effect.evidence.kind] : []))
  return { ...last, value: last.state.value, context: last.state.context, all: effects, kinds }
}

const waiting = { pending: 'waiting' }
const escalated = { resolved: 'escalated' }
const lateProven = { resolved: 'lateProven' }

describe('while pending', () => {
  test('a new SFO is due by the earlier of SCT and receipt, and its grace runs from receipt or due, the later [AUD-011, AUD-009.1]', () => {
    const received = { sfoId: 's', leafId: 'log:s', logId: 'log', receivedAt, mmd, graceMs, future: false }
    const late = newSfo({ ...received, sctTimestamp: 40 }).state.context
    expect([late.dueAt, late.graceEndsAt]).toEqual([50, 130])
    const early = newSfo({ ...received, sctTimestamp: 105 }).state.context
    expect([early.dueAt, early.graceEndsAt]).toEqual([110, 140])
    expect(newSfo({ ...received, sctTimestamp: 1, graceMs: 2 }).state.context.graceEndsAt).toBe(110)
  })

  test('no first-due STH is no failure, but at the end of grace it escalates as no-sth [AUD-010, AUD-009.2]', () => {
    const held = live([challengeNow(graceEndsAt - 1, null, due)])
    expect(held).toMatchObject({ value: waiting, kinds: [], context: { attempts: 0, lastOutcome: 'notDue' } })
    const late = live([challengeNow(graceEndsAt, null, due)])
    expect(late).toMatchObject({ value: escalated, kinds: ['no-sth'] })
    expect(late.effects[0]).toMatchObject({ evidence: { sths: [due], lastOutcome: 'notDue', since: receivedAt } })
    expect(live([challengeNow(graceEndsAt, null, null)]).effects[0]).toMatchObject({ evidence: { sths: [] } })
  })

  test('it is challenged with the first-due STH, not the latest [AUD-115]', () => {
    const { value, effects } = live([challengeNow(115, due, later)])
    expect(value).toEqual({ pending: 'challenging' })
    expect(effects).toEqual([{ type: 'challenge', sfoId: 'sfo', leafId: 'log:sfo', sth: due }])
  })

  test('a proof resolves it and purges the chain [AUD-117, AUD-118, AUD-024]', () => {
    const { value, all } = live([challengeNow(115), proven(116)])
    expect(value).toEqual({ resolved: 'proven' })
    expect(all.map(({ type }) => type)).toEqual(['challenge', 'purgeChain'])
  })

  const failures: readonly Outcome[] = ['unreachable', 'refused', 'badProof', 'notDue']
  test.each(failures)(
    '%s keeps trying before the end of grace and escalates from that instant on [AUD-009.1, AUD-116]',
    (outcome) => {
      const before = live([challengeNow(115), answered(graceEndsAt - 1, outcome)])
      expect(before).toMatchObject({ value: waiting, kinds: [], context: { attempts: 1, lastOutcome: outcome } })
      const at = live([challengeNow(115), answered(graceEndsAt, outcome)])
      expect(at).toMatchObject({ value: escalated, kinds: ['withheld'] })
      expect(at.effects).toEqual([
        {
          type: 'escalate',
          evidence: {
            kind: 'withheld',
            logId: 'log',
            sfoId: 'sfo',
            sths: [due],
            proof: null,
            lastOutcome: outcome,
            since: receivedAt,
            spansGap: false,
          },
        },
      ])
    },
  )

  test('a verdict without its proof counts as an answer that does not verify [AUD-116]', () => {
    for (const outcome of ['proven', 'contradiction'] as const) {
      const { value, context } = live([challengeNow(115), answered(116, outcome)])
      expect([value, context.lastOutcome]).toEqual([waiting, 'badProof'])
    }
  })

  test('a contradiction proves itself and is escalated at once as backdated [AUD-119.4, INV-004]', () => {
    const { value, effects } = live([challengeNow(115), answered(116, 'contradiction', 2)])
    expect(value).toEqual(escalated)
    expect(effects).toMatchObject([{ evidence: { kind: 'backdated', sths: [due], proof: { leafIndex: 2 } } }])
  })

  test('a gap in the consensus history is said in the verdict that spans it [AUD-015]', () => {
    const { effects } = live([{ type: 'challengeNow', firstDue: null, latest: null, spansGap: true, at: graceEndsAt }])
    expect(effects).toMatchObject([{ evidence: { spansGap: true } }])
  })

  test('a removed log leaves it unjudgeable, without losing its chain [AUD-013.2]', () => {
    const gone: SfoEvent = { type: 'logRemoved', at: 116 }
    for (const before of [[], [challengeNow(115)], [challengeNow(115, due, later), answered(116, 'refused')]]) {
      const { value, effects } = live([...before, gone])
      expect([value, effects]).toEqual([{ resolved: 'unjudgeable' }, []])
    }
  })
})

describe('a refusal by the first-due STH', () => {
  const refused = [challengeNow(115, due, later), answered(116, 'refused')]

  test('is put to a later and larger tree [AUD-119.1]', () => {
    const { value, effects, context } = live(refused)
    expect(value).toEqual({ pending: 'probing' })
    expect(effects).toEqual([{ type: 'challenge', sfoId: 'sfo', leafId: 'log:sfo', sth: later }])
    expect(context.refusedBy).toEqual(due)
    const larger = sthOf(due.timestamp, 9)
    expect(live([challengeNow(115, due, larger), answered(116, 'refused')]).effects).toMatchObject([{ sth: larger }])
  })

  test('is a failure where no larger tree is known, and so is any other failure [AUD-119.1]', () => {
    for (const latest of [null, due, sthOf(120, 5), sthOf(111, 9)]) {
      expect(live([challengeNow(115, due, latest), answered(116, 'refused')]).value).toEqual(waiting)
    }
    expect(live([challengeNow(115, due, later), answered(116, 'unreachable')]).value).toEqual(waiting)
  })

  test('and a proof beyond the refusing tree is a late merge, whatever the grace [AUD-119.2, EVID-001.1]', () => {
    const { value, effects } = live([...refused, proven(117, 5)])
    expect(value).toEqual(lateProven)
    expect(effects).toMatchObject([{ evidence: { kind: 'late-merge', sths: [due, later], proof: { leafIndex: 5 } } }])
  })

  test('and a proof within the refusing tree proves the SFO [AUD-119.3]', () => {
    const { value, effects } = live([...refused, proven(117, 4)])
    expect([value, effects]).toEqual([{ resolved: 'proven' }, [{ type: 'purgeChain', sfoId: 'sfo' }]])
  })

  test("accuses nobody where the SCT's own date leaves the log more time than ours did [EVID-001.1]", () => {
    const skewed = rowOf('sfo', 5).state
    const firstDue = sthOf(110, 5)
    const { value, kinds } = live(
      [challengeNow(115, firstDue, later), answered(116, 'refused'), proven(117, 7)],
      skewed,
    )
    expect([value, kinds]).toEqual([{ resolved: 'proven' }, []])
  })

  test('and a failing probe is a failure of the challenge, shown with both trees [AUD-119.1, AUD-009.1]', () => {
    expect(live([...refused, answered(117, 'unreachable')])).toMatchObject({ value: waiting, context: { attempts: 2 } })
    const late = live([...refused, answered(graceEndsAt, 'unreachable')])
    expect(late.effects).toMatchObject([{ evidence: { kind: 'withheld', sths: [due, later] } }])
  })
})

describe('once escalated', () => {
  const withheld = [challengeNow(115), answered(graceEndsAt, 'refused')]

  test('it is probed on with the latest STH, and failures raise nothing more [AUD-013.1, INV-009]', () => {
    const { value, kinds, all } = live([...withheld, challengeNow(140, due, later), answered(141, 'refused')])
    expect([value, kinds]).toEqual([escalated, ['withheld']])
    expect(all.at(-1)).toMatchObject({ type: 'challenge', sth: later })
  })

  test('a later proof makes it lateProven and, beyond the first-due tree, a proof of the violation [AUD-013.1]', () => {
    const late = live([...withheld, challengeNow(140, due, later), proven(141, 8)])
    expect([late.value, late.kinds]).toEqual([lateProven, ['withheld', 'late-merge']])
    expect(late.effects).toMatchObject([{ evidence: { sths: [due, later] } }])
    const within = live([...withheld, challengeNow(140, due, later), proven(141, 2)])
    expect([within.value, within.kinds]).toEqual([lateProven, ['withheld']])
    expect(within.all.some(({ type }) => type === 'purgeChain')).toBe(false)
  })

  test('an SFO from the future is escalated from its first row on, and backdated is raised once [AUD-011, INV-009]', () => {
    const { state, escalate } = rowOf('sfo', 1_000, true)
    expect([state.value, state.context.raised, escalate?.kind]).toEqual([escalated, ['future-sct'], 'future-sct'])
    const again = [challengeNow(140, due, later), answered(141, 'contradiction', 3)]
    const { value, kinds } = live([...again, ...again], state)
    expect([value, kinds]).toEqual([escalated, ['backdated']])
  })

  test('nothing is probed while no STH is known [AUD-013.1]', () => {
    expect(live([...withheld, challengeNow(140, null, null)])).toMatchObject({
      disposition: 'ignored',
      reason: 'atRest',
    })
  })
})

test('a row says how often its log failed, how it ended and what it raised, and forgets what it was asked [AUD-012, AUD-116]', () => {
  const refused = [challengeNow(115, due, later), answered(116, 'refused')]
  const withheld = [...refused, answered(graceEndsAt, 'unreachable')]
  const rowOfLife = (...events: readonly SfoEvent[]) => {
    const { attempts, lastOutcome, refusedBy, latest, raised } = live(events).context
    expect([refusedBy, latest]).toEqual([null, null])
    return [attempts, lastOutcome, ...raised]
  }
  expect(rowOfLife(challengeNow(115, due, later), proven(116))).toEqual([0, 'proven'])
  expect(rowOfLife(...refused, proven(117, 5))).toEqual([1, 'proven', 'late-merge'])
  expect(rowOfLife(...refused, answered(117, 'contradiction', 2))).toEqual([2, 'contradiction', 'backdated'])
  expect(rowOfLife(...withheld)).toEqual([2, 'unreachable', 'withheld'])
  expect(rowOfLife(...withheld, challengeNow(140, due, later), proven(141, 2))).toEqual([2, 'proven', 'withheld'])
})

test('a restart forgets the challenge that ran, and nothing else [INV-009]', () => {
  const restarted: SfoEvent = { type: 'restarted', at: 150 }
  const refused = [challengeNow(115, due, later), answered(116, 'refused')]
  expect(live([challengeNow(115), restarted]).value).toEqual(waiting)
  expect(live([...refused, restarted])).toMatchObject({ value: waiting, context: { refusedBy: null, attempts: 1 } })
  const withheld = [challengeNow(115), answered(graceEndsAt, 'refused'), challengeNow(140)]
  expect(live([...withheld, restarted]).value).toEqual(escalated)
})

test('late, repeated and irrelevant events are ignored with their reason [AUD-012, INV-005]', () => {
  const done = [challengeNow(115), proven(116)]
  const reason = (events: readonly SfoEvent[]) => live(events).reason
  expect(reason([proven(116)])).toBe('notChallenging')
  expect(reason([challengeNow(115), challengeNow(115)])).toBe('alreadyChallenging')
  expect(reason([...done, challengeNow(117)])).toBe('alreadyResolved')
  expect(reason([...done, proven(117)])).toBe('notChallenging')
  expect(reason([{ type: 'resubmitted', at: 101 }])).toBe('alreadyKnown')
  expect(reason([...done, { type: 'logRemoved', at: 117 }])).toBe('alreadyResolved')
})

type Check = (before: State<SfoContext>, event: SfoEvent, after: invariants.SfoStep) => boolean

/** Over random lives, with answers that nobody asked for and restarts at any time. */
function always(check: Check) {
  fc.assert(
    fc.property(row, fc.array(sfoEvent, { maxLength: 40, size: 'max' }), ({ state }, events) => {
      let before: State<SfoContext> = state
      for (const event of events) {
        const after = step(sfoMachine, before, event)
        expect(check(before, event, after)).toBe(true)
        before = after.state
      }
    }),
    { numRuns: 400 },
  )
}

test('nothing is escalated before its grace, except what proves itself [INV-004]', () => {
  always(invariants.escalatesNotTooEarly)
})

test('nothing that was looked at after its grace goes on waiting [INV-004]', () => {
  always(invariants.escalatesNotTooLate)
})

test('Resolved never returns to Pending and ends in proof or stays [INV-005]', () => {
  always((before, _, after) => invariants.resolvedStays(before, after))
})

test('a status and what it raises come from one step, each kind once [AUD-012, INV-009]', () => {
  always(
    (before, _, after) => invariants.raisesWhatItSays(before, after) && invariants.escalatedHasIncident(after.state),
  )
})

test('evidence that claims to prove itself does [EVID-001.1, EVID-001.2]', () => {
  always((before, _, after) =>
    invariants.escalations(after).every((evidence) => invariants.provesItself(before.context, evidence)),
  )
})

test('at most one escalation and one challenge a step, and no chain is purged of what is not proven [AUD-012, AUD-024]', () => {
  always((_, __, { effects, state }) => {
    const count = (type: SfoEffect['type']) => effects.filter((effect) => effect.type === type).length
    if (count('purgeChain') > 0 && invariants.statusOf(state) !== 'proven') return false
    return count('escalate') <= 1 && count('challenge') <= 1
  })
})

describe('the inverted condition of the document (A9)', () => {
  /** Step 3.2 to 3.5 to the letter: "If resolve failure and timestamp+MMD < now(): continue", else it is resolved, with an error. */
  const document = (timestamp: number, now: number) => (timestamp + mmd < now ? 'continue' : 'escalate')
  const ours = (at: number) => live([challengeNow(100), answered(at, 'unreachable')]).kinds

  test('escalates the first hiccup of an honest log, where the grace keeps trying [AUD-009.1]', () => {
    const hiccup = receivedAt + 1
    expect(document(receivedAt, hiccup)).toBe('escalate')
    expect(ours(hiccup)).toEqual([])
  })

  test('and never a log that withholds for good, where the grace escalates [AUD-009.1]', () => {
    for (const now of [receivedAt + mmd + 1, graceEndsAt, graceEndsAt + 1_000_000]) {
      expect(document(receivedAt, now)).toBe('continue')
    }
    expect(ours(graceEndsAt + 1_000_000)).toEqual(['withheld'])
  })

  test('fast-check finds the counterexample to INV-004 in the document, and none in the machine [INV-004]', () => {
    const tooEarly = (at: number, kinds: readonly string[]) => kinds.length > 0 && at < graceEndsAt
    const tooLate = (at: number, kinds: readonly string[]) => kinds.length === 0 && at >= graceEndsAt
    const check = (kindsAt: (at: number) => readonly string[], bad: typeof tooEarly) =>
      fc.check(
        fc.property(fc.integer({ min: 100, max: 200 }), (at) => !bad(at, kindsAt(at))),
        { numRuns: 200, endOnFailure: false },
      )
    const letter = (at: number) => (document(receivedAt, at) === 'escalate' ? ['withheld'] : [])
    expect(check(letter, tooEarly)).toMatchObject({ failed: true, counterexample: [receivedAt] })
    expect(check(letter, tooLate)).toMatchObject({ failed: true, counterexample: [graceEndsAt] })
    expect([check(ours, tooEarly).failed, check(ours, tooLate).failed]).toEqual([false, false])
  })
})
