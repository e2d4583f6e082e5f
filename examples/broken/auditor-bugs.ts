// Bugs of level L1 in the auditor's machines.
import { emptyEntry } from '../../src/machines/auditor/submission.ts'
import type {
  CircuitContext,
  CircuitEffect,
  CircuitEvent,
  IncidentKind,
  Judged,
  LogViewContext,
  LogViewEffect,
  LogViewEvent,
  ReportConfig,
  ReportContext,
  ReportEffect,
  ReportEvent,
  RoundConfig,
  RoundContext,
  RoundEffect,
  RoundEvent,
  SfoContext,
  SfoEffect,
  SfoEvent,
} from '../../src/machines/auditor/types.ts'
import { type Breaks, type Bug, machineBugs } from './bug.ts'

const sfo = machineBugs<SfoContext, SfoEvent, SfoEffect, { graceMs: number }>('sfo')
const round = machineBugs<RoundContext, RoundEvent, RoundEffect, RoundConfig>('round')
const circuit = machineBugs<CircuitContext, CircuitEvent, CircuitEffect, { nonceLifetimeMs: number }>('circuit')
const logView = machineBugs<LogViewContext, LogViewEvent, LogViewEffect, { mmd: number; capacity: number }>('logView')
const report = machineBugs<ReportContext, ReportEvent, ReportEffect, ReportConfig>('report')

const unseen = (kind: IncidentKind): Breaks =>
  logView.effects((effect) => (effect.type === 'escalate' && effect.evidence.kind === kind ? [] : [effect]))

const silentAbout = (kind: IncidentKind): Breaks =>
  sfo.effects((effect) => (effect.type === 'escalate' && effect.evidence.kind === kind ? [] : [effect]))

const judging = (change: (item: Judged) => Judged): Breaks =>
  circuit.event((event) => (event.type === 'submitted' ? { ...event, items: event.items.map(change) } : event))

const without =
  <F extends { readonly type: string }>(type: F['type']) =>
  (effect: F): readonly F[] =>
    effect.type === type ? [] : [effect]

export const auditorBugs: Readonly<Record<string, Bug>> = {
  'long-lived-nonce': {
    req: 'AUD-002.1',
    does: 'takes a nonce after its 60 s',
    breaks: circuit.config((config) => ({ ...config, nonceLifetimeMs: config.nonceLifetimeMs * 10 })),
  },
  'anyone-is-a-ctr': {
    req: 'AUD-101.1',
    does: 'takes any proof for that of a CTR',
    breaks: circuit.event((event) => (event.type === 'authenticate' ? { ...event, verdict: 'ctr' } : event)),
  },
  'entry-before-sfo': {
    req: 'AUD-102.1',
    does: 'makes a report entry before there is an SFO, as the document says',
    breaks: circuit.step(({ step, event }) => {
      const { context } = step.state
      if (event.type !== 'authenticate' || context.ctrId === null || context.entry !== null) return step
      const entry = emptyEntry(context.ctrId, context.circuit, event.at)
      return { ...step, state: { ...step.state, context: { ...context, entry } } }
    }),
  },
  'one-entry-a-ctr': {
    req: 'AUD-003.1',
    does: 'shares an entry between the circuits of a CTR',
    breaks: report.event((event) =>
      event.type === 'entry' ? { ...event, entry: { ...event.entry, circuit: 'shared' } } : event,
    ),
  },
  'endless-window': {
    req: 'AUD-004.1',
    does: 'keeps entries beyond the window',
    breaks: report.config((config) => ({ ...config, windowMs: config.windowMs * 1000 })),
  },
  'invalid-is-malformed': {
    req: 'AUD-005.1',
    does: 'counts all that is invalid as malformed',
    breaks: judging((item) => (item.verdict === 'invalid' ? { ...item, class: 'malformed' } : item)),
  },
  'duplicates-are-valid': {
    req: 'AUD-006.1',
    does: 'counts what it knows already as valid',
    breaks: judging((item) => (item.verdict === 'valid' ? { ...item, known: 'new' } : item)),
  },
  'no-quota': {
    req: 'AUD-007.1',
    does: 'takes more than the quota',
    breaks: circuit.event((event) => (event.type === 'submitted' ? { ...event, quota: 1_000_000 } : event)),
  },
  'inserts-nothing': {
    req: 'AUD-103.1',
    does: 'does not insert valid SFOs into Pending',
    breaks: circuit.effects((effect) => [effect.type === 'store' ? { ...effect, rows: [] } : effect]),
  },
  'acknowledges-early': {
    req: 'AUD-027.1',
    does: 'answers 200 before anything is durable',
    breaks: circuit.effects((effect) =>
      effect.type === 'store' ? [effect, { type: 'reply', status: 200, error: null }] : [effect],
    ),
  },
  'acknowledges-what-failed': {
    req: 'AUD-027.2',
    does: 'answers 200 where the store took nothing',
    breaks: circuit.event((event) => (event.type === 'stored' ? { ...event, ok: true } : event)),
  },
  'future-unnoticed': {
    req: 'AUD-011.1',
    does: 'takes an SCT from the future for any other',
    breaks: judging((item) => (item.verdict === 'valid' ? { ...item, future: false } : item)),
  },
  'first-hiccup': {
    req: 'AUD-116.1',
    does: 'escalates a failure in its grace, as the document says',
    breaks: sfo.event((event, { graceEndsAt }) =>
      event.type === 'answered' ? { ...event, at: Math.max(event.at, graceEndsAt) } : event,
    ),
  },
  'an-instant-late': {
    req: 'AUD-009.1',
    does: 'does not escalate at the instant at which the grace ends',
    breaks: sfo.event((event) => ({ ...event, at: Math.max(0, event.at - 1) })),
  },
  'no-sth-escalates': {
    req: 'AUD-010.1',
    does: 'takes a missing tree head for a failure at once',
    breaks: sfo.event((event, { graceEndsAt }) =>
      event.type === 'challengeNow' && event.firstDue === null
        ? { ...event, at: Math.max(event.at, graceEndsAt) }
        : event,
    ),
  },
  'no-sth-unescalated': {
    req: 'AUD-009.2',
    does: 'never tells that no tree head became due',
    breaks: silentAbout('no-sth'),
  },
  'backdated-unseen': {
    req: 'AUD-119.4',
    does: 'does not tell of a tree head that is older than the SCT it includes',
    breaks: silentAbout('backdated'),
  },
  'omission-unseen': { req: 'AUD-115.2', does: 'does not tell of an omission', breaks: silentAbout('omission') },
  'substitution-unseen': {
    req: 'AUD-119.5',
    does: 'does not tell of a substitution',
    breaks: silentAbout('substitution'),
  },
  'place-forgotten': {
    req: 'AUD-115.4',
    does: 'challenges with trees that end before the leaf index',
    breaks: sfo.context(({ leafIndex, ...context }) => context as SfoContext),
  },
  'evidence-of-another-kind': {
    req: 'EVID-001.1',
    does: 'calls what a log withholds an outage',
    breaks: sfo.effects((effect) => [
      effect.type === 'escalate' && effect.evidence.kind === 'withheld'
        ? { ...effect, evidence: { ...effect.evidence, kind: 'log-down' } }
        : effect,
    ]),
  },
  'an-instant-early': {
    req: 'INV-004.1',
    does: 'escalates an instant before the grace ends',
    breaks: sfo.event((event) => (event.type === 'answered' ? { ...event, at: event.at + 1 } : event)),
  },
  'escalated-is-forgotten': {
    req: 'AUD-013.1',
    does: 'never looks at an escalated SFO again',
    breaks: sfo.event((event, { raised }) =>
      event.type === 'challengeNow' && raised.length > 0 ? { ...event, firstDue: null, latest: null } : event,
    ),
  },
  'escalated-once-for-all': {
    req: 'AUD-013.3',
    does: 'tells of one incident of an SFO and of no other',
    breaks: sfo.step(({ step, before: { raised } }) =>
      raised.length > 0 ? { ...step, effects: step.effects.filter(({ type }) => type !== 'escalate') } : step,
    ),
  },
  'latest-passed-over': {
    req: 'AUD-115.3',
    does: 'waits where the first-due tree head shows nothing, though the latest one would do',
    breaks: sfo.event((event, { leafIndex = -1 }) =>
      event.type === 'challengeNow' && event.firstDue !== null && event.firstDue.size <= leafIndex
        ? { ...event, latest: event.firstDue }
        : event,
    ),
  },
  'challenges-with-latest': {
    req: 'AUD-115.1',
    does: 'challenges with the latest tree head',
    breaks: sfo.event((event) =>
      event.type === 'challengeNow' && event.firstDue !== null ? { ...event, firstDue: event.latest } : event,
    ),
  },
  'never-probes': {
    req: 'AUD-119.1',
    does: 'does not ask the latest tree after a refusal',
    breaks: sfo.event((event) => (event.type === 'challengeNow' ? { ...event, latest: event.firstDue } : event)),
  },
  'late-merge-unseen': {
    req: 'AUD-119.2',
    does: 'does not look at the index of a late proof',
    breaks: sfo.event((event) =>
      event.type === 'answered' && event.proof !== null ? { ...event, proof: { ...event.proof, leafIndex: 0 } } : event,
    ),
  },
  'keeps-chains': {
    req: 'AUD-024.1',
    does: 'keeps the chain of a proven SFO',
    breaks: sfo.effects(without('purgeChain')),
  },
  'gaps-unrecorded': {
    req: 'AUD-015.1',
    does: 'does not record which consensuses it missed',
    breaks: round.effects(without('recordGap')),
  },
  'one-consensus': {
    req: 'AUD-111.1',
    does: 'asks for whatever consensus there is instead of a newer one',
    breaks: round.effects((effect) => [effect.type === 'fetchConsensus' ? { ...effect, newerThan: null } : effect]),
  },
  'round-without-end': {
    req: 'AUD-120.1',
    does: 'starts no deadline',
    breaks: round.effects(without('startDeadline')),
  },
  'connects-to-one-log': {
    req: 'AUD-114.1',
    does: 'connects to one log alone',
    breaks: round.effects((effect) => [
      effect.type === 'connect' ? { ...effect, logIds: effect.logIds.slice(0, 1) } : effect,
    ]),
  },
  'lower-neighbour-alone': {
    req: 'AUD-113.1',
    does: 'proves an STH consistent with one neighbour alone',
    breaks: logView.step(({ step }) => {
      const [first] = step.effects.filter(({ type }) => type === 'proveConsistency')
      return { ...step, effects: step.effects.filter((one) => one.type !== 'proveConsistency' || one === first) }
    }),
  },
  'all-is-consistent': {
    req: 'AUD-016.1',
    does: 'stores unchecked tree heads as consistent',
    breaks: logView.effects((effect) => [
      effect.type === 'saveSth' ? { ...effect, seen: { ...effect.seen, status: 'consistent' } } : effect,
    ]),
  },
  'split-view-unseen': { req: 'AUD-017.1', does: 'does not notice a split view', breaks: unseen('split-view') },
  'rollback-unseen': { req: 'AUD-017.2', does: 'does not notice a rollback', breaks: unseen('rollback') },
  'inconsistency-unseen': {
    req: 'AUD-017.3',
    does: 'does not notice that two tree heads stay unproven',
    breaks: unseen('inconsistent'),
  },
  'signatures-unchecked': {
    req: 'AUD-018.1',
    does: 'uses tree heads whose signature is bad',
    breaks: logView.event((event) => (event.type === 'sth' ? { ...event, signatureValid: true } : event)),
  },
  'alarms-at-once': {
    req: 'AUD-022.2',
    does: 'alerts at a probability of 1 in 1000',
    breaks: report.config((config) => ({ ...config, alertP: Math.max(config.alertP, 1e-3) })),
  },
  'outage-unseen': { req: 'AUD-022.1', does: 'does not notice that a log is down', breaks: unseen('log-down') },
}
