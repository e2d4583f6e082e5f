// A log's view in a finite world: STHs of a log that grows, forks and shrinks, and every answer to every question [AUD-113, AUD-017].
// Invariant: two instants lie further apart than the MMD; there are more STHs than the view may keep.

import { viewIsSound } from '../../../../machines/auditor/invariants.ts'
import { pairOf, treeOf } from '../../../../machines/auditor/known-sths.ts'
import { initialLogView, logViewMachine } from '../../../../machines/auditor/log-view.ts'
import type { Evidence, LogViewContext, LogViewEffect, LogViewEvent } from '../../../../machines/auditor/types.ts'
import type { Sth } from '../../../../machines/ct/types.ts'
import type { Choice, Observed as Edge, Model, Node } from '../../../../machines/kernel/explore.ts'
import { step } from '../../../../machines/kernel/step.ts'
import { idOf, logId, otherLogId } from './minimal-nouns.ts'

export interface LogViewWorld {
  readonly now: number
}

type Observed = Edge<LogViewContext, LogViewEvent, LogViewEffect, LogViewWorld>
type LogViewNode = Node<LogViewContext, LogViewWorld>
export type LogViewModel = Model<LogViewContext, LogViewEvent, LogViewEffect, LogViewWorld>

const mmd = 10
const twoInstants = [100, 111] as const

const sthAt = (timestamp: number, size: number, root = size, of = logId): Sth => ({
  logId: of,
  timestamp,
  size,
  root: idOf(root),
  signature: '',
})
const grows = [sthAt(10, 1), sthAt(20, 2), sthAt(30, 3)]

/** `capacity` 3: with four trees one has to go. `forks` brings a root that contradicts, `shrinks` a size. */
export const logViewModels: readonly LogViewModel[] = [
  modelOf('a log that grows', [...grows, sthAt(40, 4)], [100]),
  modelOf('a log that forks', [...grows, sthAt(25, 2, 9)]),
  modelOf('a log that shrinks', [sthAt(10, 1), sthAt(20, 3), sthAt(30, 2), sthAt(40, 3)]),
  modelOf('a tree that is signed again', [sthAt(10, 1), sthAt(20, 2), sthAt(30, 2), sthAt(40, 2)]),
  modelOf('a log that rests', [...grows, sthAt(40, 3)]),
  modelOf('the empty tree', [sthAt(10, 0), sthAt(20, 1), sthAt(30, 1)]),
]

function modelOf(name: string, sths: readonly Sth[], instants: readonly number[] = twoInstants): LogViewModel {
  return {
    kind: 'logView',
    id: `log view: ${name}`,
    machine: logViewMachine,
    take: (state, event) => step(logViewMachine, state, event),
    roots: [{ config: {}, state: initialLogView(logId, mmd, 3), world: { now: 0 } }],
    choices: (state, world) => choices(sths, instants, state, world),
    hear: (world) => world,
    essence: ({ value, context }) => [value, ...Object.values(context)],
    invariants: {
      'AUD-016: a view is in order, bounded, and nothing is unchecked without a question': ({ step: { state } }) =>
        viewIsSound(state),
      'AUD-018: an STH whose signature does not verify is not used': ({ before, event, step: { state } }) =>
        event.type !== 'sth' || event.signatureValid || state.context.sths === before.context.sths,
      'AUD-017: what contradicts what is known is raised at once': raisesConflicts,
      'AUD-017: what was raised proves what it says': (observed) => escalations(observed).every(provesItself),
      'AUD-017: an inconsistency without an answer is raised after an MMD, not before': raisesOverdue,
      'AUD-017: the same is not raised twice': ({ before, step: { state, effects } }) => {
        const fresh = state.context.raised.filter((kind) => !before.context.raised.includes(kind))
        const told = effects.filter(({ type }) => type === 'escalate').length
        const overdue = state.context.problemRaised && !before.context.problemRaised ? 1 : 0
        return told === fresh.length + overdue
      },
      'AUD-113: a question that opens is put to the log': (observed) => {
        const { before, step: taken } = observed
        const opened = taken.state.context.asked.filter((one) => !before.context.asked.includes(one))
        const put = taken.effects.flatMap((one) =>
          one.type === 'proveConsistency' ? [`${treeOf(one.first)}-${treeOf(one.second)}`] : [],
        )
        return opened.every((one) => put.includes(one))
      },
      'AUD-016: what is inconsistent stays so': ({ before, step: { state } }) =>
        before.context.sths.every(
          ({ sth, status }) =>
            status !== 'inconsistent' ||
            state.context.sths.every((seen) => seen.sth !== sth || seen.status === 'inconsistent'),
        ),
      'AUD-016: each change of an STH is stored': ({ before, step: { state, effects } }) => {
        const changed = state.context.sths.filter((seen) => !before.context.sths.includes(seen))
        const saved = effects.flatMap((one) => (one.type === 'saveSth' ? [one.seen] : []))
        return changed.length === saved.length && changed.every((seen) => saved.includes(seen))
      },
    },
    liveness: [
      {
        name: 'AUD-113: with a log that answers, every question is closed',
        kind: 'must',
        from: isOpen,
        until: (node) => !isOpen(node),
        fair: (event, { state }) =>
          event?.type === 'consistency' &&
          event.answer === 'consistent' &&
          state.context.asked.includes(`${treeOf(event.first)}-${treeOf(event.second)}`),
      },
      {
        name: 'AUD-113: a view that is not broken can be consistent again',
        kind: 'can',
        from: ({ state }) => state.value !== 'broken',
        until: ({ state }) => state.value === 'consistent',
      },
    ],
  }
}

function isOpen({ state }: LogViewNode): boolean {
  return state.context.asked.length > 0
}

function escalations({ step: { effects } }: Observed): readonly Evidence[] {
  return effects.flatMap((effect) => (effect.type === 'escalate' ? [effect.evidence] : []))
}

function contradicts(a: Sth, b: Sth): 'split-view' | 'rollback' | null {
  if (a.size === b.size) return a.root === b.root ? null : 'split-view'
  return a.timestamp !== b.timestamp && a.timestamp < b.timestamp !== a.size < b.size ? 'rollback' : null
}

function raisesConflicts({ before, event, step: { state } }: Observed): boolean {
  if (event.type !== 'sth' || !event.signatureValid || event.sth.logId !== logId) return true
  const found = before.context.sths.map(({ sth }) => contradicts(sth, event.sth)).filter((kind) => kind !== null)
  const known = before.context.sths.some(({ sth }) => sth === event.sth)
  return known || found.length === 0 || found.some((kind) => state.context.raised.includes(kind))
}

function provesItself({ kind, sths }: Evidence): boolean {
  const [a, b] = sths
  if (kind !== 'split-view' && kind !== 'rollback') return true
  return a !== undefined && b !== undefined && contradicts(a, b) === kind
}

function raisesOverdue(observed: Observed): boolean {
  const { before, event, step: taken } = observed
  const since = taken.state.context.problemSince
  const overdue = since !== null && event.at - since > mmd
  const looked = event.type === 'recheck' || (event.type === 'consistency' && event.answer === 'unavailable')
  const told = escalations(observed).some(({ lastOutcome }) => lastOutcome === 'unreachable')
  if (told) return overdue && !before.context.problemRaised
  return !(looked && overdue && taken.disposition === 'accepted') || before.context.problemRaised
}

function choices(
  sths: readonly Sth[],
  instants: readonly number[],
  { context }: LogViewNode['state'],
  world: LogViewWorld,
): readonly Choice<LogViewEvent, LogViewWorld>[] {
  const at = instants[world.now] as number
  const [first, second] = sths as readonly [Sth, Sth]
  const events: LogViewEvent[] = [
    ...sths.map((sth) => ({ type: 'sth', sth, signatureValid: true, at }) as const),
    { type: 'sth', sth: second, signatureValid: false, at },
    { type: 'sth', sth: sthAt(10, 1, 1, otherLogId), signatureValid: true, at },
    { type: 'consistency', first: second, second: first, answer: 'consistent', at },
    { type: 'recheck', at },
    { type: 'reporters', distinct: 4, ctrs: 300, at },
    { type: 'reporters', distinct: 3, ctrs: 300, at },
  ]
  for (const asked of context.asked) {
    const pair = pairOf(context.sths, asked)
    for (const answer of ['consistent', 'inconsistent', 'unavailable'] as const)
      events.push({ type: 'consistency', ...pair, answer, at })
  }
  const moves = world.now + 1 < instants.length ? [{ event: null, world: { now: world.now + 1 } }] : []
  return [...events.map((event) => ({ event, world })), ...moves]
}
