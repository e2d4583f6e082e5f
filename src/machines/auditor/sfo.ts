// The life of one SFO, from Pending to Resolved [spec/auditor.md, AUD-115..119]: one row of the store, one machine.
// Invariant: nothing leads from `resolved` back to `pending` [INV-005], and a status and its escalation leave one step [AUD-012].

import { does, ignores } from '../kernel/listed.ts'
import { defineMachine } from '../kernel/machine.ts'
import * as verdict from './sfo-verdict.ts'
import type { SfoContext, SfoEffect, SfoEvent, sfoReasons } from './types.ts'

export { newSfo, type Received } from './new-sfo.ts'

type Reason = (typeof sfoReasons)[number]
const skip = ignores<Reason>
const resolved = (leaf: string) => `#sfo.resolved.${leaf}`

const guards = {
  notYetDue: (context: SfoContext, event: verdict.ChallengeNow) =>
    verdict.judgedBy(context, event) === null && verdict.inGrace(context, event),
  noSthInTime: (context: SfoContext, event: verdict.ChallengeNow) => verdict.judgedBy(context, event) === null,
  showsOmission: verdict.showsOmission,
  showsOmissionAnew: (context: SfoContext, event: verdict.ChallengeNow) =>
    verdict.showsOmission(context, event) && !context.raised.includes('omission'),
  noSthKnown: (context: SfoContext, event: verdict.ChallengeNow) => !verdict.reaches(context, event.latest),
  proven: (context: SfoContext, event: verdict.Answered) => verdict.outcomeOf(context, event) === 'proven',
  provesLateMerge: verdict.provesLateMerge,
  contradicts: (context: SfoContext, event: verdict.Answered) => verdict.outcomeOf(context, event) === 'contradiction',
  contradictsAnew: (context: SfoContext, event: verdict.Answered) =>
    verdict.outcomeOf(context, event) === 'contradiction' && !context.raised.includes(verdict.contradictionOf(event)),
  refusedButLaterKnown: (context: SfoContext, event: verdict.Answered) =>
    event.outcome === 'refused' && verdict.canProbe(context),
  inGrace: verdict.inGrace,
}

const actions = {
  hold: verdict.hold,
  challengeFirstDue: verdict.challengeFirstDue,
  probeLatest: verdict.probeLatest,
  reprobe: verdict.reprobe,
  prove: verdict.prove,
  proveLate: verdict.proveLate,
  fail: verdict.fail,
  forgetChallenge: verdict.forgetChallenge,
  escalateNoSth: verdict.escalateNoSth,
  escalateWithheld: verdict.escalateWithheld,
  escalateOmission: verdict.escalateOmission,
  escalateContradiction: verdict.escalateContradiction,
  escalateLateMerge: verdict.escalateLateMerge,
}

const known = skip('alreadyKnown', ['AUD-006', 'AUD-027'])
const unasked = skip('notChallenging', ['AUD-012'])
const running = skip('alreadyChallenging', ['AUD-115'])
const atRest = skip('atRest', ['INV-009'])

/** The chain stays: what was never judged may be what someone wants to hide. */
const logGone = does('forgetChallenge', ['AUD-013'], { target: resolved('unjudgeable') })
const contradiction = does('escalateContradiction', ['AUD-119', 'INV-004'], {
  guard: 'contradicts',
  target: resolved('escalated'),
})
const failure = [
  does('fail', ['AUD-009', 'AUD-116'], { guard: 'inGrace', target: '#sfo.pending.waiting' }),
  does('escalateWithheld', ['AUD-009', 'AUD-012', 'AUD-119'], { target: resolved('escalated') }),
]
const proof = does('prove', ['AUD-117', 'AUD-118', 'AUD-024'], { guard: 'proven', target: resolved('proven') })
const lateMerge = does('escalateLateMerge', ['AUD-119', 'AUD-013', 'EVID-001'], {
  guard: 'provesLateMerge',
  target: resolved('lateProven'),
})

const waiting = {
  on: {
    challengeNow: [
      does('hold', ['AUD-010'], { guard: 'notYetDue' }),
      does('escalateNoSth', ['AUD-009', 'AUD-012'], { guard: 'noSthInTime', target: resolved('escalated') }),
      does('escalateOmission', ['AUD-115', 'INV-004', 'EVID-008'], {
        guard: 'showsOmission',
        target: resolved('escalated'),
      }),
      does('challengeFirstDue', ['AUD-115'], { target: 'challenging' }),
    ],
    answered: unasked,
    resubmitted: known,
    logRemoved: logGone,
    restarted: atRest,
  },
}

const challenging = {
  on: {
    challengeNow: running,
    answered: [
      proof,
      contradiction,
      does('probeLatest', ['AUD-119'], { guard: 'refusedButLaterKnown', target: 'probing' }),
      ...failure,
    ],
    resubmitted: known,
    logRemoved: logGone,
    restarted: does('forgetChallenge', ['INV-009'], { target: 'waiting' }),
  },
}

const probing = {
  on: {
    challengeNow: running,
    answered: [lateMerge, proof, contradiction, ...failure],
    resubmitted: known,
    logRemoved: logGone,
    restarted: does('forgetChallenge', ['INV-009'], { target: 'waiting' }),
  },
}

const escalated = {
  on: {
    challengeNow: [
      does('escalateOmission', ['AUD-013', 'INV-009'], { guard: 'showsOmissionAnew' }),
      skip('atRest', ['AUD-013'], 'noSthKnown'),
      does('reprobe', ['AUD-013'], { target: 'reprobing' }),
    ],
    answered: unasked,
    resubmitted: known,
    logRemoved: skip('alreadyResolved', ['AUD-013']),
    restarted: atRest,
  },
}

const reprobing = {
  on: {
    challengeNow: running,
    answered: [
      lateMerge,
      does('proveLate', ['AUD-013'], { guard: 'proven', target: 'lateProven' }),
      does('escalateContradiction', ['AUD-119', 'INV-009'], { guard: 'contradictsAnew', target: 'escalated' }),
      does('fail', ['AUD-013'], { target: 'escalated' }),
    ],
    resubmitted: known,
    logRemoved: skip('alreadyResolved', ['AUD-013']),
    restarted: does('forgetChallenge', ['INV-009'], { target: 'escalated' }),
  },
}

const final = {
  on: {
    challengeNow: skip('alreadyResolved', ['INV-005']),
    answered: unasked,
    resubmitted: known,
    logRemoved: skip('alreadyResolved', ['INV-005']),
    restarted: atRest,
  },
}

export const sfoMachine = defineMachine<SfoContext, SfoEvent, SfoEffect>({
  id: 'sfo',
  events: ['challengeNow', 'answered', 'resubmitted', 'logRemoved', 'restarted'],
  guards,
  actions,
  config: {
    initial: 'pending',
    states: {
      pending: { initial: 'waiting', states: { waiting, challenging, probing } },
      resolved: {
        initial: 'proven',
        states: { proven: final, escalated, reprobing, lateProven: final, unjudgeable: final },
      },
    },
  },
})
