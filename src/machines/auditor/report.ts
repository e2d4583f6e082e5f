// Report[CTR]: a rolling window of what one CTR submitted, and whether that is more than chance explains [AUD-004, AUD-022].
// Invariant: no entry older than the window, one a circuit, at most `maxEntries`; an alert is raised once until it ends.

import { does, type Listed, rejects } from '../kernel/listed.ts'
import { type Change, defineMachine, type State } from '../kernel/machine.ts'
import type { CtrId } from '../tor/types.ts'
import { decimal, lnUpperTail } from './poisson.ts'
import type {
  AlertKind,
  ReportConfig,
  ReportContext,
  ReportEffect,
  ReportEntry,
  ReportEvent,
  reportReasons,
} from './types.ts'

type Reason = (typeof reportReasons)[number]
type Of<T extends ReportEvent['type']> = Extract<ReportEvent, { type: T }>
type Turn = Change<ReportContext, ReportEffect>

/** 7 days, 4,096 circuits, 1 in a million. */
export const defaultReportConfig: ReportConfig = { windowMs: 7 * 86_400_000, maxEntries: 4_096, alertP: 1e-6 }

export function initialReport(ctrId: CtrId, config: ReportConfig = defaultReportConfig): State<ReportContext> {
  return { value: 'normal', context: { config, ctrId, entries: [], pruned: 0, alerting: [] } }
}

/** An entry exactly one window old is out of it. */
const inWindow = ({ windowMs }: ReportConfig, entry: ReportEntry, at: number): boolean => at - entry.at < windowMs

/** A circuit's entry grows with each submission, and takes the place of what it was. */
function keep(context: ReportContext, { entry, at }: Of<'entry'>): Turn {
  const { config, entries } = context
  if (!inWindow(config, entry, at)) return { ignored: 'staleEntry' satisfies Reason }
  const before = entries.find(({ circuit }) => circuit === entry.circuit)
  if (before !== undefined && total(entry) <= total(before)) return { ignored: 'staleEntry' satisfies Reason }
  const all = [...entries.filter((other) => other !== before), entry].sort(byTime)
  const kept = all.filter((one) => inWindow(config, one, at)).slice(-config.maxEntries)
  return { context: { entries: kept, pruned: context.pruned + all.length - kept.length } }
}

/** By time, then by the circuit's name: the order of the window, in whichever order the entries come. */
export function byTime(a: ReportEntry, b: ReportEntry): number {
  return a.at - b.at || (a.circuit < b.circuit ? -1 : a.circuit > b.circuit ? 1 : 0)
}

function total({ valid, duplicate, invalid }: ReportEntry): number {
  return valid + duplicate + sum(Object.values(invalid))
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)

/** The four classes of the document's `invalid_sfo_count`. */
function countInvalid({ invalid }: ReportEntry): number {
  const { malformed = 0, unknownLog = 0, badSct = 0, badChain = 0 } = invalid
  return malformed + unknownLog + badSct + badChain
}

function countValid({ perLog }: ReportEntry, { downLogs }: Of<'analyze'>): number {
  return sum(Object.entries(perLog).map(([logId, count]) => (downLogs?.includes(logId) ? 0 : count)))
}

type Alert = Extract<ReportEffect, { type: 'alert' }>

/** What is improbable at this time. Duplicates are left out: others can make a CTR submit the same SFO again. */
function findings({ config, ctrId, entries }: ReportContext, event: Of<'analyze'>): readonly Alert[] {
  const recent = entries.filter((entry) => inWindow(config, entry, event.at))
  const valid = sum(recent.map((entry) => countValid(entry, event)))
  const counts: readonly (readonly [AlertKind, number, number])[] = [
    ['excess', valid, event.expected],
    ['invalid', sum(recent.map(countInvalid)), event.expectedInvalid],
  ]
  return counts.flatMap(([kind, seen, expected]) => {
    const lnP = lnUpperTail(seen, expected)
    return lnP < Math.log(config.alertP) ? [{ type: 'alert', ctrId, kind, seen, expected, p: decimal(lnP) }] : []
  })
}

function analyze(context: ReportContext, event: Of<'analyze'>): Turn {
  const found = findings(context, event)
  const alerting = found.map(({ kind }) => kind)
  const fresh = found.filter(({ kind }) => !context.alerting.includes(kind))
  if (fresh.length === 0 && alerting.length === context.alerting.length)
    return { ignored: 'nothingToDo' satisfies Reason }
  const ended: readonly ReportEffect[] = alerting.length === 0 ? [{ type: 'alertEnded', ctrId: context.ctrId }] : []
  return { context: { alerting }, effects: [...fresh, ...ended] }
}

const isMean = (expected: number): boolean => Number.isFinite(expected) && expected >= 0

const guards = {
  otherCtr: ({ ctrId }: ReportContext, { entry }: Of<'entry'>) => entry.ctrId !== ctrId,
  noMean: (_: ReportContext, { expected, expectedInvalid }: Of<'analyze'>) =>
    !isMean(expected) || !isMean(expectedInvalid),
  alarming: (context: ReportContext, event: Of<'analyze'>) => findings(context, event).length > 0,
}

const refuse = rejects<Reason>
const entry: readonly Listed[] = [
  refuse('otherCtr', ['AUD-003'], 'otherCtr'),
  does('keep', ['AUD-003', 'AUD-004', 'AUD-102']),
]
const noMean = refuse('badExpectation', ['AUD-022'], 'noMean')
const req = ['AUD-022', 'AUD-120']

export const reportMachine = defineMachine<ReportContext, ReportEvent, ReportEffect>({
  id: 'report',
  events: ['entry', 'analyze'],
  guards,
  actions: { keep, analyze },
  config: {
    initial: 'normal',
    states: {
      normal: {
        on: {
          entry,
          analyze: [noMean, does('analyze', req, { guard: 'alarming', target: 'alerting' }), does('analyze', req)],
        },
      },
      alerting: {
        on: {
          entry,
          analyze: [noMean, does('analyze', req, { guard: 'alarming' }), does('analyze', req, { target: 'normal' })],
        },
      },
    },
  },
})
