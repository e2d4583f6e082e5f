// Auditors that are wrong in one place. Invariant: each of them is found on the `minimal` preset.

import type {
  CircuitContext,
  LogViewContext,
  ReportEntry,
  RoundContext,
  SfoContext,
  SfoEvent,
} from '../../machines/auditor/types.ts'
import type { State } from '../../machines/kernel/machine.ts'
import { altered, mutated, type SeededBug, without } from './seeded-bug.ts'
import { circuitModel, logViewModels, reportModel, roundModel, sfoModel } from './worlds/auditor/minimal.ts'

const [growing, forking] = logViewModels as readonly [(typeof logViewModels)[0], (typeof logViewModels)[0]]
type Of<T extends SfoEvent['type']> = Extract<SfoEvent, { type: T }>

const leafIs = ({ value }: State<SfoContext>, parent: string, leaf: string): boolean =>
  typeof value !== 'string' && value[parent] === leaf

const escalations: readonly SeededBug[] = [
  mutated('the inverted condition of the document: escalates at the first failure', sfoModel, {
    guards: { inGrace: (holds) => !holds },
  }),
  mutated('escalates once it is due, without grace', sfoModel, {
    guards: { inGrace: (_, { dueAt }, event) => event.at < dueAt },
  }),
  mutated('escalates one instant late', sfoModel, {
    guards: { inGrace: (_, { graceEndsAt }, event) => event.at <= graceEndsAt },
  }),
  mutated('never escalates', sfoModel, { guards: { inGrace: () => true } }),
  {
    name: 'grace begins with the receipt, before the log owes anything',
    model: {
      ...sfoModel,
      roots: sfoModel.roots.map(({ state: { value, context }, ...root }) => ({
        ...root,
        state: { value, context: { ...context, graceEndsAt: context.receivedAt + 20 } },
      })),
    },
  },
  mutated('the escalation is lost, the status is kept', sfoModel, {
    actions: { escalateWithheld: without('escalate') },
  }),
  mutated('a late merge is taken for a proof', sfoModel, { guards: { provesLateMerge: () => false } }),
  mutated('any later proof is taken for a late merge', sfoModel, {
    guards: {
      provesLateMerge: (_, { refusedBy }, event) =>
        refusedBy !== null && event.type === 'answered' && event.proof !== null && event.outcome === 'proven',
    },
  }),
  mutated('the same contradiction is raised again', sfoModel, {
    guards: { contradictsAnew: (holds, _, event) => holds || (event as Of<'answered'>).outcome === 'contradiction' },
  }),
]

const lives: readonly SeededBug[] = [
  altered('a resubmitted SFO returns to Pending', sfoModel, (taken, before, event) =>
    event.type === 'resubmitted' && leafIs(before, 'resolved', 'proven')
      ? { ...taken, state: { ...taken.state, value: { pending: 'waiting' } } }
      : taken,
  ),
  altered('an answer counts although nothing was asked', sfoModel, (taken, before, event) =>
    event.type === 'answered' && event.outcome === 'proven' && leafIs(before, 'pending', 'waiting')
      ? { ...taken, state: { ...taken.state, value: { resolved: 'proven' } } }
      : taken,
  ),
  altered('after a restart it waits for an answer that nobody gives', sfoModel, (taken, before, event) =>
    event.type === 'restarted' ? { ...taken, state: before } : taken,
  ),
  mutated('a verdict of proven needs no proof', sfoModel, {
    guards: { proven: (_, __, event) => event.type === 'answered' && event.outcome === 'proven' },
  }),
  mutated('a challenge is noted and never sent', sfoModel, { actions: { challengeFirstDue: without('challenge') } }),
  mutated('the chain of a proven SFO is kept', sfoModel, { actions: { prove: without('purgeChain') } }),
  mutated('a probe asks the same tree again', sfoModel, {
    guards: {
      refusedButLaterKnown: (_, { latest }, event) =>
        latest !== null && event.type === 'answered' && event.outcome === 'refused',
    },
  }),
  altered('an SFO of a log that left stays pending', sfoModel, (taken, before, event) =>
    event.type === 'logRemoved' ? { ...taken, state: before } : taken,
  ),
]

const circuits: readonly SeededBug[] = [
  mutated('200 is sent before the store has answered', circuitModel, {
    actions: {
      store: (change) => ({
        ...change,
        effects: [...(change.effects ?? []), { type: 'reply', status: 200, error: null } as never],
      }),
    },
  }),
  mutated('an entry keeps the counts of what was not stored', circuitModel, {
    actions: { giveBack: ({ context: _, ...rest }) => rest },
  }),
  mutated('a submission is not counted', circuitModel, {
    actions: { store: ({ context: _, ...rest }) => rest },
  }),
  mutated('a nonce lives for ever', circuitModel, { guards: { expired: () => false } }),
  mutated('any nonce will do', circuitModel, { guards: { otherNonce: () => false } }),
  mutated('who is no CTR is admitted', circuitModel, { guards: { notCtr: () => false } }),
  mutated('the quota is ignored', circuitModel, { guards: { overQuota: () => false } }),
  mutated('duplicates inflate the valid count', circuitModel, {
    actions: {
      store: ({ context, effects = [] }) => {
        const inflate = (entry: ReportEntry) => ({ ...entry, valid: entry.valid + entry.duplicate, duplicate: 0 })
        const { entry } = context as Required<Pick<CircuitContext, 'entry'>>
        return { context: { ...context, entry: entry === null ? null : inflate(entry) }, effects }
      },
    },
  }),
]

const rounds: readonly SeededBug[] = [
  mutated('the end of a step of another round counts', roundModel, { guards: { stale: () => false } }),
  mutated('a round starts no timer for the next', roundModel, { actions: { end: without('startTimer') } }),
  mutated('an older consensus is taken', roundModel, { guards: { isNewer: () => true } }),
  mutated('a missed consensus is not recorded', roundModel, { actions: { takeConsensus: without('recordGap') } }),
  mutated('one consensus a round: it does not ask for the next', roundModel, {
    actions: { fetchNext: without<RoundContext>('fetchConsensus') },
  }),
]

const views: readonly SeededBug[] = [
  mutated('a fork is seen and not raised', forking, { actions: { see: without('escalate') } }),
  mutated('an STH whose signature does not verify is used', growing, {
    actions: {
      see: (change, { sths }, event) =>
        event.type === 'sth' && !event.signatureValid
          ? { context: { sths: [{ sth: event.sth, seenAt: event.at, status: 'consistent' as const }, ...sths] } }
          : change,
    },
  }),
  mutated('a consistency question is opened and never asked', growing, {
    actions: { see: without('proveConsistency') },
  }),
  mutated('unavailability is raised at once', growing, {
    actions: {
      weigh: (change, { problemRaised }, event) =>
        problemRaised || event.type !== 'consistency' || change.context?.problemSince == null
          ? change
          : {
              context: { ...change.context, problemRaised: true },
              effects: [
                { type: 'escalate', evidence: { kind: 'inconsistent', sths: [], lastOutcome: 'unreachable' } } as never,
              ],
            },
    },
  }),
  mutated('an answer closes no question', growing, {
    actions: {
      weigh: (change, { asked, sths, unanswered, problemSince }: LogViewContext) =>
        change.context === undefined
          ? change
          : { ...change, context: { ...change.context, asked, sths, unanswered, problemSince }, effects: [] },
    },
  }),
]

const reports: readonly SeededBug[] = [
  mutated('an alert is raised in every round', reportModel, {
    actions: {
      analyze: (change, { alerting }, event) =>
        change.ignored === undefined || alerting.length === 0
          ? change
          : { effects: [{ type: 'alert', kind: 'excess', seen: event.type } as never] },
    },
  }),
  mutated('the window is never pruned', reportModel, {
    actions: {
      keep: (change, { entries }, event) =>
        change.context === undefined || event.type !== 'entry'
          ? change
          : {
              context: { entries: [...entries.filter(({ circuit }) => circuit !== event.entry.circuit), event.entry] },
            },
    },
  }),
  mutated('circuits of one CTR share an entry', reportModel, {
    actions: {
      keep: (change, _, event) =>
        change.context === undefined || event.type !== 'entry' ? change : { context: { entries: [event.entry] } },
    },
  }),
]

export const auditorBugs: readonly SeededBug[] = [
  ...escalations,
  ...lives,
  ...circuits,
  ...rounds,
  ...views,
  ...reports,
]
