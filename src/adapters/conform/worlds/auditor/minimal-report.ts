// A CTR's report window in a finite world: four circuits, more entries than it may keep, and alarms that come and go [AUD-022].
// Invariant: a circuit's entry only grows; times lie around the boundary of the window.

import { reportIsSound } from '../../../../machines/auditor/invariants.ts'
import { initialReport, reportMachine } from '../../../../machines/auditor/report.ts'
import type { ReportContext, ReportEffect, ReportEntry, ReportEvent } from '../../../../machines/auditor/types.ts'
import type { Choice, Observed as Edge, Model, Node } from '../../../../machines/kernel/explore.ts'
import { step } from '../../../../machines/kernel/step.ts'
import { ctrId, logId, otherCtrId } from './minimal-nouns.ts'

export interface ReportWorld {
  readonly now: number
}

type Observed = Edge<ReportContext, ReportEvent, ReportEffect, ReportWorld>
type ReportNode = Node<ReportContext, ReportWorld>
export type ReportModel = Model<ReportContext, ReportEvent, ReportEffect, ReportWorld>

const config = { windowMs: 20, maxEntries: 3, alertP: 1e-6 }
const instants = [0, 19, 20, 40] as const
const circuits = ['c1', 'c2', 'c3', 'c4'] as const

function entryOf(circuit: string, at: number, size: 'small' | 'large' | 'invalid', of = ctrId): ReportEntry {
  const valid = size === 'small' ? 1 : size === 'large' ? 20 : 0
  const perLog: ReportEntry['perLog'] = valid === 0 ? {} : { [logId]: valid }
  return { ctrId: of, circuit, at, valid, duplicate: 0, invalid: size === 'invalid' ? { badSct: 20 } : {}, perLog }
}

export const reportModel: ReportModel = {
  kind: 'report',
  id: 'report',
  machine: reportMachine,
  take: (state, event) => step(reportMachine, state, event),
  roots: [{ config: {}, state: initialReport(ctrId, config), world: { now: 0 } }],
  choices,
  hear: (world) => world,
  essence: ({ value, context: { pruned: _, config: __, ...rest } }) => [value, ...Object.values(rest)],
  invariants: {
    'AUD-003: one entry a circuit, by time, within its limit': ({ step: { state } }) => reportIsSound(state),
    'AUD-004: what is written is pruned to the window': ({ event, step: { state, disposition } }) =>
      event.type !== 'entry' ||
      disposition !== 'accepted' ||
      state.context.entries.every(({ at }) => event.at - at < config.windowMs),
    'INV-007: an entry that grew is kept as it is, and no other is lost that has room': keepsEntries,
    'AUD-022: an alert is raised once until it ends': alertsOnce,
    'AUD-022: far more than chance explains is alerted': ({ event, step: { state } }) =>
      event.type !== 'analyze' ||
      event.expected !== 1 ||
      (event.downLogs ?? []).length > 0 ||
      many(state, event.at) === state.context.alerting.includes('excess'),
  },
  liveness: [
    {
      name: 'AUD-022: an alert can always end',
      kind: 'can',
      from: () => true,
      until: ({ state }) => state.value === 'normal',
    },
  ],
}

function many({ context }: ReportNode['state'], at: number): boolean {
  return context.entries.some((entry) => at - entry.at < config.windowMs && entry.valid === 20)
}

function keepsEntries({ before, event, step: { state, disposition } }: Observed): boolean {
  const [was, is] = [before.context.entries, state.context.entries]
  if (event.type !== 'entry' || disposition !== 'accepted') return was === is
  const wanted = [...was.filter(({ circuit }) => circuit !== event.entry.circuit), event.entry]
    .filter(({ at }) => event.at - at < config.windowMs)
    .sort((a, b) => a.at - b.at || (a.circuit < b.circuit ? -1 : 1))
  return (
    is.length === Math.min(wanted.length, config.maxEntries) &&
    is.every((entry, i) => entry === wanted.slice(-config.maxEntries)[i])
  )
}

function alertsOnce({ before, step: { state, effects } }: Observed): boolean {
  const raised = effects.flatMap((effect) => (effect.type === 'alert' ? [effect.kind] : []))
  const ended = effects.some(({ type }) => type === 'alertEnded')
  const fresh = state.context.alerting.filter((kind) => !before.context.alerting.includes(kind))
  return raised.join() === fresh.join() && ended === (before.value === 'alerting' && state.value === 'normal')
}

function choices(_: ReportNode['state'], world: ReportWorld): readonly Choice<ReportEvent, ReportWorld>[] {
  const at = instants[world.now] as number
  const events: ReportEvent[] = [
    { type: 'entry', entry: entryOf('c1', at, 'small', otherCtrId), at },
    { type: 'entry', entry: entryOf('c1', Math.max(0, at - config.windowMs), 'large'), at },
    { type: 'analyze', expected: 1, expectedInvalid: 1, at },
    { type: 'analyze', expected: 1, expectedInvalid: 1, downLogs: [logId], at },
    { type: 'analyze', expected: -1, expectedInvalid: 1, at },
    { type: 'analyze', expected: 1000, expectedInvalid: 1000, at },
  ]
  for (const [i, circuit] of circuits.entries())
    for (const size of ['small', i === 1 ? 'invalid' : 'large'] as const)
      events.push({ type: 'entry', entry: entryOf(circuit, at, size), at })
  const moves = world.now + 1 < instants.length ? [{ event: null, world: { now: world.now + 1 } }] : []
  return [...events.map((event) => ({ event, world })), ...moves]
}
