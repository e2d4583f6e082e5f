// A log's view: rows A16 to A18 and A22 as tables, soundness over random histories.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { viewIsSound } from '../../src/machines/auditor/invariants.ts'
import { initialLogView, logViewMachine, viewOf } from '../../src/machines/auditor/log-view.ts'
import {
  type Evidence,
  type IncidentKind,
  type LogViewContext,
  type LogViewEffect,
  type LogViewEvent,
  type SeenSth,
  selfProving,
} from '../../src/machines/auditor/types.ts'
import { compareSth } from '../../src/machines/ct/sth.ts'
import type { Sth } from '../../src/machines/ct/types.ts'
import type { State } from '../../src/machines/kernel/machine.ts'
import { step } from '../../src/machines/kernel/step.ts'
import { honestSth, logViewEvent, mmd, sthOf } from './arbitraries/auditor.ts'

const [a, b, c, d] = [sthOf(104, 1), sthOf(112, 3), sthOf(120, 5), sthOf(128, 7)] as const
const sth = (one: Sth, at = 100, signatureValid = true): LogViewEvent => ({ type: 'sth', sth: one, signatureValid, at })
type Answer = Extract<LogViewEvent, { type: 'consistency' }>['answer']
const answer = (first: Sth, second: Sth, said: Answer = 'consistent', at = 101): LogViewEvent => ({
  type: 'consistency',
  first,
  second,
  answer: said,
  at,
})
const recheck = (at: number): LogViewEvent => ({ type: 'recheck', at })
const reporters = (distinct: number, ctrs: number): LogViewEvent => ({ type: 'reporters', distinct, ctrs, at: 100 })

/** The last step of a history, and everything it emitted. */
function run(events: readonly LogViewEvent[], start: State<LogViewContext> = initialLogView('log', mmd, 8)) {
  let last: ReturnType<typeof step<LogViewContext, LogViewEvent, LogViewEffect>> | undefined
  const effects: LogViewEffect[] = []
  let state = start
  for (const event of events) {
    last = step(logViewMachine, state, event)
    state = last.state
    effects.push(...last.effects)
  }
  const told = effects.flatMap((effect) => (effect.type === 'escalate' ? [effect.evidence] : []))
  const kinds = told.map(({ kind }) => kind)
  const asked = (last?.effects ?? []).flatMap((one) =>
    one.type === 'proveConsistency' ? [[one.first, one.second]] : [],
  )
  const statuses = state.context.sths.map(({ status }) => status)
  return { ...last, state, value: state.value, context: state.context, told, kinds, asked, statuses }
}

describe('a log that grows', () => {
  test('the first STH has nothing to contradict it [AUD-016]', () => {
    const { value, effects, statuses } = run([sth(a)])
    expect([value, statuses]).toEqual(['consistent', ['consistent']])
    expect(effects).toEqual([{ type: 'saveSth', seen: { sth: a, seenAt: 100, status: 'consistent' } }])
  })

  test('each further one is proven to both its neighbours by size [AUD-017, AUD-113]', () => {
    const between = [sth(a), sth(c), answer(a, c), sth(b)]
    expect(run(between)).toMatchObject({ value: 'checking', statuses: ['consistent', 'unchecked', 'consistent'] })
    expect(run(between).asked).toEqual([
      [a, b],
      [b, c],
    ])
    const half = run([...between, answer(a, b)])
    expect([half.value, half.statuses[1]]).toEqual(['checking', 'unchecked'])
    const whole = run([...between, answer(a, b), answer(b, c)])
    expect([whole.value, whole.statuses[1]]).toEqual(['consistent', 'consistent'])
    expect(whole.effects).toEqual([{ type: 'saveSth', seen: { sth: b, seenAt: 100, status: 'consistent' } }])
  })

  test('the empty tree needs no proof, nor does a known tree that is signed again [AUD-016]', () => {
    const empty = sthOf(100, 0)
    expect(run([sth(empty), sth(b)])).toMatchObject({ value: 'consistent', asked: [] })
    expect(run([sth(b), sth(empty)])).toMatchObject({ value: 'consistent', asked: [] })
    const again = sthOf(116, 3)
    expect(run([sth(a), sth(b), answer(a, b), sth(again)])).toMatchObject({ value: 'consistent', asked: [] })
    const unchecked = run([sth(a), sth(b), sth(again)])
    expect([unchecked.statuses, unchecked.asked]).toEqual([['consistent', 'unchecked', 'unchecked'], []])
    expect(run([sth(a), sth(b), sth(again), answer(a, b)]).statuses).toEqual(Array(3).fill('consistent'))
  })

  test('a repeated STH, a stray answer and one of another log change nothing [AUD-016]', () => {
    expect(run([sth(a), sth({ ...a, signature: '01' })]).reason).toBe('alreadyKnown')
    expect(run([sth(a), answer(a, b)]).reason).toBe('notAsked')
    expect(run([sth(a), sth(b), answer(b, a)]).reason).toBe('notAsked')
    expect(run([sth({ ...a, logId: 'other' })])).toMatchObject({ disposition: 'rejected', reason: 'otherLog' })
    expect(run([sth(a), recheck(110)]).reason).toBe('nothingToDo')
  })

  test('the oldest leave first, with their questions, and one older than all is not taken [AUD-016]', () => {
    const small = initialLogView('log', mmd, 2)
    const three = run([sth(a), sth(b), sth(c)], small)
    expect(three.context.sths.map((seen) => seen.sth)).toEqual([b, c])
    expect(three.context.asked).toEqual(['3:r3-5:r5'])
    expect(run([sth(b), sth(c), sth(a)], small).reason).toBe('tooOld')
  })

  test('SFOs are judged by what is not known to be inconsistent, in the order of time [AUD-016, AUD-010]', () => {
    const seen = (one: Sth, status: SeenSth['status']): SeenSth => ({ sth: one, seenAt: 1, status })
    const sths = [seen(c, 'unchecked'), seen(a, 'consistent'), seen(b, 'inconsistent')]
    expect(viewOf(sths)).toEqual([a, c])
  })
})

describe('a log that contradicts itself', () => {
  test('equal size and other root is a split view at once [AUD-017.1]', () => {
    const fork = sthOf(113, 3, 'other')
    const { value, kinds, effects, statuses } = run([sth(b), sth(fork)])
    expect([value, kinds, statuses]).toEqual(['broken', ['split-view'], ['consistent', 'inconsistent']])
    expect(effects?.map(({ type }) => type)).toEqual(['escalate', 'saveSth'])
    expect(effects?.[0]).toMatchObject({ evidence: { sths: [b, fork], sfoId: null, logId: 'log' } })
  })

  test('a later timestamp with a smaller size is a rollback at once, in whichever order they come [AUD-017.2]', () => {
    const shrunk = sthOf(130, 2)
    for (const events of [
      [sth(b), sth(shrunk)],
      [sth(shrunk), sth(b)],
    ]) {
      const { value, kinds, effects } = run(events)
      expect([value, kinds]).toEqual(['broken', ['rollback']])
      expect(effects?.[0]).toMatchObject({ evidence: { sths: [b, shrunk] } })
    }
    expect(run([sth(b), sth(sthOf(112, 2))]).kinds).toEqual([])
  })

  test('an answer that is no consistency proof is inconsistent at once, and what was checked stays [AUD-017.3]', () => {
    const { value, kinds, effects, statuses } = run([sth(a), sth(b), answer(a, b, 'inconsistent')])
    expect([value, kinds, statuses]).toEqual(['broken', ['inconsistent'], ['consistent', 'inconsistent']])
    expect(effects?.[0]).toMatchObject({ evidence: { sths: [a, b], lastOutcome: 'badProof', since: 101 } })
  })

  test('those that were neighbours through it are asked about each other [AUD-017]', () => {
    const checked = [sth(a), sth(b), sth(c), answer(b, c)]
    const { asked, statuses } = run([...checked, answer(a, b, 'inconsistent')])
    expect([asked, statuses]).toEqual([[[a, c]], ['consistent', 'inconsistent', 'consistent']])
  })

  test('of two that are alike the one seen later is not used [AUD-016]', () => {
    const both = run([sth(a), sth(c, 100), sth(b, 105), answer(b, c, 'inconsistent')])
    expect(both.statuses).toEqual(['consistent', 'inconsistent', 'unchecked'])
  })

  test('broken stays broken, raises each kind once, and goes on checking [AUD-017]', () => {
    const broken = [sth(b), sth(sthOf(113, 3, 'x')), sth(sthOf(114, 3, 'y'))]
    expect(run(broken)).toMatchObject({ value: 'broken', kinds: ['split-view'] })
    const on = run([...broken, sth(c), answer(b, c)])
    expect([on.value, on.statuses.at(-1)]).toEqual(['broken', 'consistent'])
    expect(run([...broken, sth(c), answer(b, c, 'inconsistent')]).kinds).toEqual(['split-view', 'inconsistent'])
  })

  test('a tree that is known to be inconsistent is not used when it is signed again [AUD-016]', () => {
    const again = run([sth(a), sth(b), answer(a, b, 'inconsistent'), sth(sthOf(116, 3))])
    expect([again.statuses, again.asked]).toEqual([['consistent', 'inconsistent', 'inconsistent'], []])
  })

  test('what only contradicts the unusable is used itself [AUD-016]', () => {
    const huge = sthOf(121, 9)
    const spoiled = [sth(a), sth(huge), answer(a, huge, 'inconsistent'), sth(sthOf(122, 5))]
    expect(run(spoiled)).toMatchObject({
      kinds: ['inconsistent', 'rollback'],
      statuses: ['consistent', 'unchecked', 'inconsistent'],
    })
  })
})

describe('what passes', () => {
  const open = [sth(a), sth(b)]
  const unavailable = (at: number) => answer(a, b, 'unavailable', at)

  test('unavailability is raised once it has persisted for more than an MMD, as a transcript [AUD-017.3, AUD-113]', () => {
    expect(run([...open, unavailable(101), unavailable(101 + mmd)])).toMatchObject({ value: 'unavailable', kinds: [] })
    const over = run([...open, unavailable(101), unavailable(102 + mmd), unavailable(103 + mmd)])
    expect([over.value, over.kinds]).toEqual(['unavailable', ['inconsistent']])
    const first = run([...open, unavailable(101), recheck(102 + mmd)])
    expect(first.effects).toMatchObject([
      { type: 'escalate', evidence: { sths: [a, b], lastOutcome: 'unreachable', since: 101 } },
      { type: 'proveConsistency', first: a, second: b },
    ])
  })

  test('an answer ends it, and the next time counts anew [AUD-017.3]', () => {
    const ended = [...open, unavailable(101), answer(a, b)]
    expect(run(ended)).toMatchObject({ value: 'consistent', context: { problemSince: null } })
    const anew = [...ended, sth(c), answer(b, c, 'unavailable', 150), answer(b, c, 'unavailable', 150 + mmd)]
    expect(run(anew)).toMatchObject({ value: 'unavailable', kinds: [] })
    const twice = [...open, unavailable(101), unavailable(150), answer(a, b), ...anew.slice(-3), recheck(200)]
    expect(run(twice).kinds).toEqual(['inconsistent', 'inconsistent'])
  })

  test('each question has its own clock: answering one does not excuse the other [AUD-017.3]', () => {
    const two = [...open, sth(c), unavailable(101), answer(b, c, 'unavailable', 105)]
    expect(run(two).context.problemSince).toBe(101)
    expect(run([...two, answer(a, b)])).toMatchObject({ value: 'unavailable', context: { problemSince: 105 } })
    expect(run([...two, answer(b, c)]).context.problemSince).toBe(101)
  })

  test('a question leaves with its STH, and takes the problem with it [AUD-016]', () => {
    const small = initialLogView('log', mmd, 2)
    const two = [...open, unavailable(101), sth(c)]
    expect(run(two, small)).toMatchObject({ value: 'checking', context: { problemSince: null } })
    expect(run([sth(a), sth(b), sth(sthOf(100, 0)), sth(sthOf(114, 3))], small).value).toBe('consistent')
  })

  test('a bad signature is raised until a good STH comes, and its STH is not used [AUD-018]', () => {
    const bad = run([sth(a, 100, false), sth(b, 101, false)])
    expect(bad).toMatchObject({ disposition: 'rejected', reason: 'badSignature', kinds: ['bad-sth-signature'] })
    expect(bad.context.sths).toEqual([])
    expect(run([sth(a, 100, false), sth(a), sth(b, 101, false)]).kinds).toEqual(Array(2).fill('bad-sth-signature'))
  })

  test('a log is down above max(3, 1 % of the CTRs), once until it ends [AUD-022.1]', () => {
    expect(run([reporters(3, 10), reporters(4, 400)]).kinds).toEqual([])
    expect(run([reporters(4, 10)]).kinds).toEqual(['log-down'])
    expect(run([reporters(4, 399), reporters(9, 399)])).toMatchObject({ kinds: ['log-down'], reason: 'nothingToDo' })
    expect(run([reporters(4, 10), reporters(3, 10), reporters(4, 10)]).kinds).toEqual(['log-down', 'log-down'])
    expect(run([reporters(4, 10)]).value).toBe('consistent')
  })
})

describe('after a restart', () => {
  test('the view is what the store kept, and open questions are asked again [INV-009, AUD-016]', () => {
    const { sths } = run([sth(a), sth(c), answer(a, c), sth(b), sth(d)]).context
    const restored = initialLogView('log', mmd, 8, [...sths].reverse())
    expect(restored.value).toBe('checking')
    expect(restored.context.sths).toEqual(sths)
    expect(run([recheck(200)], restored).asked).toHaveLength(3)
  })

  test('what other logs, SFOs and outages were raised for breaks no log [INV-009]', () => {
    const evidence = run([sth(b), sth(sthOf(113, 3, 'other'))]).told[0] as Evidence
    const others: readonly Evidence[] = [
      { ...evidence, logId: 'other' },
      { ...evidence, kind: 'withheld', sfoId: 'sfo' },
      { ...evidence, kind: 'inconsistent', lastOutcome: 'unreachable' },
    ]
    expect(initialLogView('log', mmd, 8, [], others)).toMatchObject({ value: 'consistent', context: { raised: [] } })
  })

  test('what broke the log before is not raised again [INV-009]', () => {
    const fork = sthOf(113, 3, 'other')
    const before = run([sth(b), sth(fork)])
    const restored = initialLogView('log', mmd, 8, [], before.told)
    expect([restored.value, restored.context.raised]).toEqual(['broken', ['split-view']])
    expect(run([sth(b), sth(fork)], restored).kinds).toEqual([])
    expect(initialLogView('log', mmd, 8, before.context.sths).value).toBe('broken')
  })
})

const history = fc.array(logViewEvent, { maxLength: 60, size: 'max' })
const capacity = fc.integer({ min: 2, max: 8 })

test('a view is bounded, in order, and leaves nothing unchecked without a question [AUD-016, AUD-017.1, AUD-017.2]', () => {
  fc.assert(
    fc.property(history, capacity, (events, most) => {
      let state = initialLogView('log', mmd, most)
      for (const event of events) {
        state = step(logViewMachine, state, event).state
        expect(viewIsSound(state)).toBe(true)
        expect(state.context.asked.length).toBeLessThanOrEqual(2 * most)
      }
    }),
    { numRuns: 300 },
  )
})

test('what is used is free of what proves itself: no fork, no rollback [AUD-017.1, AUD-017.2]', () => {
  fc.assert(
    fc.property(history, capacity, (events, most) => {
      const { context } = run(events, initialLogView('log', mmd, most))
      const view = viewOf(context.sths)
      for (const [i, one] of view.entries()) {
        const before = view[i - 1]
        if (before === undefined) continue
        expect(compareSth(before, one)).toBeLessThan(0)
        expect(before.size).toBeLessThanOrEqual(one.size)
        if (before.size === one.size) expect(before.root).toBe(one.root)
      }
    }),
    { numRuns: 300 },
  )
})

test('each kind is raised once until it ends, and the lasting ones once [AUD-017.1, AUD-017.2, AUD-017.3, INV-009]', () => {
  fc.assert(
    fc.property(history, (events) => {
      let state = initialLogView('log', mmd, 8)
      const told = new Map<string, number>()
      for (const event of events) {
        const after = step(logViewMachine, state, event)
        for (const effect of after.effects) {
          if (effect.type !== 'escalate') continue
          const { kind, lastOutcome, sths } = effect.evidence
          expect(
            (kind === 'inconsistent' && lastOutcome === 'unreachable') || !state.context.raised.includes(kind),
          ).toBe(true)
          told.set(`${kind} ${lastOutcome}`, (told.get(`${kind} ${lastOutcome}`) ?? 0) + 1)
          if (selfProving.has(kind)) expect(sths).toHaveLength(2)
        }
        state = after.state
      }
      for (const kind of ['split-view null', 'rollback null', 'inconsistent badProof']) {
        expect(told.get(kind) ?? 0).toBeLessThanOrEqual(1)
      }
      const lasting: readonly IncidentKind[] = ['split-view', 'rollback']
      for (const kind of lasting) expect(state.context.raised.includes(kind)).toBe(told.has(`${kind} null`))
    }),
    { numRuns: 300 },
  )
})

test('an honest log that answers is never accused and always ends consistent [AUD-017.1, AUD-017.2, AUD-017.3, INV-004]', () => {
  fc.assert(
    fc.property(
      fc.array(honestSth, { maxLength: 20, size: 'max' }),
      capacity,
      fc.infiniteStream(fc.boolean()),
      (sths, most, now) => {
        let state = initialLogView('log', 1_000, most)
        const open: { readonly first: Sth; readonly second: Sth }[] = []
        const take = (event: LogViewEvent) => {
          const { state: after, effects } = step(logViewMachine, state, event)
          state = after
          for (const effect of effects) {
            expect(effect.type).not.toBe('escalate')
            if (effect.type === 'proveConsistency') open.push(effect)
          }
        }
        for (const one of sths) {
          take(sth(one))
          while (open.length > 0 && now.next().value) {
            const { first, second } = open.shift() as (typeof open)[number]
            take(answer(first, second, now.next().value ? 'consistent' : 'unavailable'))
          }
        }
        take(recheck(200))
        for (const { first, second } of open) take(answer(first, second))
        expect(state.value).toBe('consistent')
        expect(state.context.sths.every(({ status }) => status === 'consistent')).toBe(true)
      },
    ),
    { numRuns: 300 },
  )
})
