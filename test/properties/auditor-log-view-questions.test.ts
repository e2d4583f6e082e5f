// A log's view by itself: who is whose neighbour, what leaves with whom, and which of two that disagree goes on being used.
import { describe, expect, test } from 'vitest'
import { inOrder, neighbours } from '../../src/machines/auditor/known-sths.ts'
import { initialLogView, logViewMachine } from '../../src/machines/auditor/log-view.ts'
import { evict } from '../../src/machines/auditor/log-view-questions.ts'
import type {
  Evidence,
  LogViewContext,
  LogViewEffect,
  LogViewEvent,
  SeenSth,
} from '../../src/machines/auditor/types.ts'
import type { Sth } from '../../src/machines/ct/types.ts'
import { step } from '../../src/machines/kernel/step.ts'
import { mmd, sthOf } from './arbitraries/auditor.ts'

const [a, b, c, d] = [sthOf(104, 1), sthOf(112, 3), sthOf(120, 5), sthOf(128, 7)] as const
const [ab, ac, bc, cd] = ['1:r1-3:r3', '1:r1-5:r5', '3:r3-5:r5', '5:r5-7:r7'] as const
const seen = (sth: Sth, status: SeenSth['status'] = 'consistent', seenAt = 100): SeenSth => ({ sth, seenAt, status })
const sth = (one: Sth, at = 100): LogViewEvent => ({ type: 'sth', sth: one, signatureValid: true, at })
type Said = Pick<Extract<LogViewEvent, { type: 'consistency' }>, 'answer' | 'path'>
const answer = (first: Sth, second: Sth, said: Said = { answer: 'consistent' }, at = 101): LogViewEvent => {
  return { type: 'consistency', first, second, at, ...said }
}
const inconsistent: Said = { answer: 'inconsistent' }

/** The last step of a history in a view of that capacity. */
function last(capacity: number, ...events: readonly LogViewEvent[]) {
  const [first, ...more] = events as [LogViewEvent, ...LogViewEvent[]]
  let taken = step(logViewMachine, initialLogView('log', mmd, capacity), first)
  for (const event of more) taken = step(logViewMachine, taken.state, event)
  return { ...taken, context: taken.state.context as LogViewContext }
}
const sthsOf = ({ sths }: LogViewContext) => sths.map((one) => one.sth)
const evidenceOf = (kind: Evidence['kind'], sths: readonly Sth[], since: number): Evidence => {
  return { kind, logId: 'log', sfoId: null, sths, proof: null, lastOutcome: null, since, spansGap: false }
}
const escalate = (evidence: Evidence): LogViewEffect => ({ type: 'escalate', evidence })
const saveSth = (one: SeenSth): LogViewEffect => ({ type: 'saveSth', seen: one })
const prove = (first: Sth, second: Sth): LogViewEffect => ({ type: 'proveConsistency', logId: 'log', first, second })

test('a view begins with nothing, and knows of no problem [AUD-016]', () => {
  const nothing = { sths: [], asked: [], raised: [], unanswered: {}, problemSince: null, problemRaised: false }
  expect(initialLogView('log', mmd, 8)).toEqual({
    value: 'consistent',
    context: { logId: 'log', mmd, capacity: 8, ...nothing },
  })
})

test('STHs are in the order of size, time and root [AUD-016]', () => {
  const ordered = [sthOf(9, 1), sthOf(1, 2), sthOf(2, 2, 'a'), sthOf(2, 2, 'b')].map((one) => seen(one))
  for (const [i, one] of ordered.entries())
    for (const [j, other] of ordered.entries()) expect(Math.sign(inOrder(one, other))).toBe(Math.sign(i - j))
})

test('neighbours are the next of another size that can be used [AUD-016, AUD-113]', () => {
  const sths = [a, b, c, d].map((one) => seen(one))
  expect(neighbours(sths, 3)).toEqual([sths[0], sths[2]])
  expect(neighbours([seen(b)], 3)).toEqual([undefined, undefined])
  expect(neighbours([seen(a, 'inconsistent'), seen(b), seen(c, 'inconsistent')], 3)).toEqual([undefined, undefined])
})

describe('what is too much [AUD-016]', () => {
  const view = (capacity: number, sths: readonly SeenSth[], asked: readonly string[] = []) =>
    evict({ ...initialLogView('log', mmd, capacity).context, sths, asked })

  test('the oldest leaves, however large; of two of one time the smaller', () => {
    const shrunk = sthOf(130, 2)
    expect(sthsOf(view(2, [seen(shrunk), seen(b, 'inconsistent'), seen(sthOf(140, 7))]))).toEqual([
      shrunk,
      sthOf(140, 7),
    ])
    expect(sthsOf(view(2, [seen(sthOf(112, 2)), seen(b), seen(c)]))).toEqual([b, c])
  })

  test('the question stays while its tree is known by another signature', () => {
    const again = sthOf(116, 3)
    const full = last(3, sth(b), sth(c), sth(again), sth(d))
    expect(sthsOf(full.context)).toEqual([again, c, d])
    expect(full.context.asked).toEqual([bc, cd])
  })

  test('one without a question leaves none behind', () => {
    const sths = [seen(sthOf(130, 2)), seen(b, 'inconsistent'), seen(sthOf(140, 5))]
    expect(view(2, sths).asked).toEqual([])
  })

  test('an STH is too old where it is older than all that a full view has', () => {
    const full = [sth(b), sth(c), answer(b, c)]
    expect(last(2, ...full, sth(a)).reason).toBe('tooOld')
    expect(sthsOf(last(2, ...full, sth(sthOf(116, 4))).context)).toEqual([sthOf(116, 4), c])
    expect(sthsOf(last(2, ...full, sth(sthOf(112, 4))).context)).toEqual([sthOf(112, 4), c])
  })
})

test('a tree that is signed again while it is unchecked is not asked about again [AUD-113]', () => {
  const half = [sth(a), sth(c), answer(a, c), sth(b), answer(a, b)]
  const { context, effects } = last(8, ...half, sth(sthOf(116, 3)))
  expect([context.asked, effects]).toEqual([[bc], [saveSth(seen(sthOf(116, 3), 'unchecked'))]])
})

describe('two that disagree [AUD-017.3, AUD-016]', () => {
  const statuses = (...events: readonly LogViewEvent[]) => last(8, ...events).context.sths.map(({ status }) => status)

  test('the one that was checked goes on being used, and else the one that was seen first', () => {
    const checked = [sth(a), sth(c), answer(a, c), sth(b)]
    expect(statuses(...checked, answer(a, b, inconsistent))).toEqual(['consistent', 'inconsistent', 'consistent'])
    expect(statuses(...checked, answer(b, c, inconsistent))).toEqual(['consistent', 'inconsistent', 'consistent'])
    const unchecked = (at: number) => [sth(a), sth(b, 105), sth(c, at), answer(b, c, inconsistent)]
    expect(statuses(...unchecked(104))).toEqual(['consistent', 'inconsistent', 'unchecked'])
    expect(statuses(...unchecked(105))).toEqual(['consistent', 'unchecked', 'inconsistent'])
    expect(statuses(...unchecked(106))).toEqual(['consistent', 'unchecked', 'inconsistent'])
  })

  test('what was answered instead of a proof is shown, and those beside the unusable one are asked about each other', () => {
    const { effects } = last(8, sth(a), sth(c), answer(a, c), sth(b), answer(b, c, { ...inconsistent, path: ['0a'] }))
    expect(effects).toStrictEqual([
      escalate({ ...evidenceOf('inconsistent', [b, c], 101), lastOutcome: 'badProof', path: ['0a'] }),
      saveSth(seen(b, 'inconsistent')),
      prove(a, c),
    ])
  })

  test('nothing is shown where nothing was answered, and the second time nothing is raised', () => {
    const once = [sth(a), sth(b), answer(a, b, inconsistent)]
    expect(last(8, ...once).effects).toStrictEqual([
      escalate({ ...evidenceOf('inconsistent', [a, b], 101), lastOutcome: 'badProof' }),
      saveSth(seen(b, 'inconsistent')),
    ])
    expect(last(8, ...once, sth(c), answer(a, c, inconsistent)).effects).toEqual([saveSth(seen(c, 'inconsistent'))])
  })

  test('a fork asks nothing, its evidence is in the order of time, and a second one is kept without being raised [AUD-017.1]', () => {
    const [fork, another] = [sthOf(111, 3, 'x'), sthOf(113, 3, 'y')]
    const forked = [sth(a), sth(b), answer(a, b), sth(fork)]
    expect(last(8, ...forked).effects).toEqual([
      escalate(evidenceOf('split-view', [fork, b], 100)),
      saveSth(seen(fork, 'inconsistent')),
    ])
    expect(last(8, ...forked, sth(another)).effects).toEqual([saveSth(seen(another, 'inconsistent'))])
  })
})

test('a bad signature is shown with its STH, a log that is down without any [AUD-018, AUD-022.1]', () => {
  const unsigned: LogViewEvent = { type: 'sth', sth: a, signatureValid: false, at: 101 }
  expect(last(8, unsigned).effects).toEqual([escalate(evidenceOf('bad-sth-signature', [a], 101))])
  const reporters: LogViewEvent = { type: 'reporters', distinct: 4, ctrs: 10, at: 102 }
  expect(last(8, reporters).effects).toEqual([escalate(evidenceOf('log-down', [], 102))])
})

test('there is nothing to ask again where nothing is open [AUD-113]', () => {
  const fork = [sth(b), sth(sthOf(113, 3, 'x'))]
  expect(last(8, ...fork, { type: 'recheck', at: 200 })).toMatchObject({
    disposition: 'ignored',
    reason: 'nothingToDo',
  })
})

test('of several questions without an answer the oldest is shown [AUD-017.3]', () => {
  const unavailable: Said = { answer: 'unavailable' }
  const two = [sth(a), sth(b), sth(c), answer(a, b, unavailable, 101), answer(b, c, unavailable, 105)]
  const early = last(8, ...two, { type: 'recheck', at: 101 + mmd })
  expect(early.effects).toEqual([prove(a, b), prove(b, c)])
  const late = last(8, ...two, { type: 'recheck', at: 102 + mmd })
  expect(late.effects).toEqual([
    escalate({ ...evidenceOf('inconsistent', [a, b], 101), lastOutcome: 'unreachable' }),
    prove(a, b),
    prove(b, c),
  ])
})

test('a view is made again in its order, in whichever order its store has the STHs [INV-009, AUD-016]', () => {
  const restored = (...sths: readonly SeenSth[]) => initialLogView('log', mmd, 8, sths).context
  expect(sthsOf(restored(seen(c), seen(a), seen(b)))).toEqual([a, b, c])
  const unchecked = restored(seen(c, 'unchecked'), seen(b, 'unchecked'), seen(a))
  expect([sthsOf(unchecked), unchecked.asked]).toEqual([
    [a, b, c],
    [ab, bc],
  ])
  expect(restored(seen(b, 'inconsistent'), seen(c, 'unchecked'), seen(a)).asked).toEqual([ac])
})
