// A submission circuit [AUD-101..103, AUD-002, AUD-007, AUD-027]: nobody but a CTR, an entry of its own, 200 only once durable.
// Invariant: the entry's counts are those of this circuit's acknowledged submissions, and the running one's [INV-007].

import { does, ignores, type Listed, rejects, type Where } from '../kernel/listed.ts'
import { type Change, defineMachine, type State } from '../kernel/machine.ts'
import type { CtrId } from '../tor/types.ts'
import { countNew, emptyEntry, sort } from './submission.ts'
import type { CircuitContext, CircuitEffect, CircuitEvent, circuitReasons } from './types.ts'

type Reason = (typeof circuitReasons)[number]
type Of<T extends CircuitEvent['type']> = Extract<CircuitEvent, { type: T }>
type Turn = Change<CircuitContext, CircuitEffect>
const refuse = rejects<Reason>

/** `circuit`: a name unique among all circuits ever. `nonceLifetimeMs`: 60,000 by the specification. */
export function initialCircuit(circuit: string, nonceLifetimeMs = 60_000): State<CircuitContext> {
  const unused = { nonce: null, nonceIssuedAt: 0, ctrId: null, entry: null, saved: null }
  return { value: 'open', context: { circuit, nonceLifetimeMs, ...unused } }
}

/** Valid for less than its lifetime: at the boundary instant it has expired. A clock set back makes no nonce live longer. */
function isLive({ nonceIssuedAt, nonceLifetimeMs }: CircuitContext, at: number): boolean {
  return at >= nonceIssuedAt && at - nonceIssuedAt < nonceLifetimeMs
}

function sendNonce(_: CircuitContext, { nonce, at }: Of<'nonceRequested'>): Turn {
  return { context: { nonce, nonceIssuedAt: at }, effects: [{ type: 'sendNonce', nonce }] }
}

function admit(_: CircuitContext, { ctrId }: Of<'authenticate'>): Turn {
  return { context: { nonce: null, ctrId } }
}

/** "Close circuit unless the submitter can prove it is a CTR." A proof of something else is 403, none at all 401. */
function turnAway(error: Reason): Turn {
  const effects: CircuitEffect[] = [
    { type: 'reply', status: error === 'notCtr' ? 403 : 401, error },
    { type: 'closeCircuit' },
  ]
  return { context: { nonce: null }, effects, rejected: error }
}

function store(context: CircuitContext, { items, at }: Of<'submitted'>): Turn {
  const before = context.entry ?? emptyEntry(context.ctrId as CtrId, context.circuit, at)
  const { rows, entry } = sort(before, items, at)
  return { context: { entry }, effects: [{ type: 'store', rows, entry }] }
}

/** All or nothing, so that a client knows what is still its to keep [AUD-007]. */
function refuseAll(): Turn {
  const error: Reason = 'overQuota'
  return { effects: [{ type: 'reply', status: 429, error }], rejected: error }
}

const acknowledged: CircuitEffect = { type: 'reply', status: 200, error: null }

function acknowledge({ entry }: CircuitContext): Turn {
  return { context: { saved: entry }, effects: [acknowledged] }
}

function acknowledgeNothing(): Turn {
  return { effects: [acknowledged] }
}

function giveBack({ saved }: CircuitContext): Turn {
  return { context: { entry: saved }, effects: [{ type: 'reply', status: 503, error: 'storeFull' }] }
}

const guards = {
  otherNonce: ({ nonce }: CircuitContext, event: Of<'authenticate'>) => event.nonce !== nonce,
  expired: (context: CircuitContext, event: Of<'authenticate'>) => !isLive(context, event.at),
  badProof: (_: CircuitContext, event: Of<'authenticate'>) => event.verdict === 'badProof',
  notCtr: (_: CircuitContext, event: Of<'authenticate'>) => event.verdict === 'notCtr',
  overQuota: (_: CircuitContext, { items, quota }: Of<'submitted'>) => countNew(items) > quota,
  empty: (_: CircuitContext, { items }: Of<'submitted'>) => items.length === 0,
  durable: (_: CircuitContext, event: Of<'stored'>) => event.ok,
}

const actions = {
  sendNonce,
  admit,
  turnAwayUnknownNonce: () => turnAway('nonceUnknown'),
  turnAwayExpiredNonce: () => turnAway('nonceExpired'),
  turnAwayBadProof: () => turnAway('badProof'),
  turnAwayNotCtr: () => turnAway('notCtr'),
  turnAwayUnauthenticated: () => turnAway('unauthenticated'),
  store,
  refuseAll,
  acknowledge,
  acknowledgeNothing,
  giveBack,
  leave: (): Turn => ({ context: { nonce: null } }),
}

const away = (action: string, where?: Where): Listed =>
  does(action, ['AUD-101', 'AUD-002'], { ...where, target: 'closed' })
const unproven = away('turnAwayUnauthenticated')
const notStoring = refuse('notStoring', ['AUD-027'])
const secondNonce = refuse('alreadyChallenged', ['AUD-002'])
const leave = does('leave', ['AUD-101'], { target: 'closed' })

const open = {
  nonceRequested: does('sendNonce', ['AUD-002'], { target: 'challenged' }),
  authenticate: away('turnAwayUnknownNonce'),
  submitted: unproven,
  stored: notStoring,
  closed: leave,
}

const challenged = {
  nonceRequested: secondNonce,
  authenticate: [
    away('turnAwayUnknownNonce', { guard: 'otherNonce' }),
    away('turnAwayExpiredNonce', { guard: 'expired' }),
    away('turnAwayBadProof', { guard: 'badProof' }),
    away('turnAwayNotCtr', { guard: 'notCtr' }),
    does('admit', ['AUD-101', 'AUD-002'], { target: 'authenticated' }),
  ],
  submitted: unproven,
  stored: notStoring,
  closed: leave,
}

const authenticated = {
  nonceRequested: secondNonce,
  authenticate: away('turnAwayUnknownNonce'),
  submitted: [
    does('refuseAll', ['AUD-007'], { guard: 'overQuota' }),
    does('acknowledgeNothing', ['AUD-004', 'AUD-102'], { guard: 'empty' }),
    does('store', ['AUD-102', 'AUD-103', 'AUD-003', 'AUD-005', 'AUD-006', 'AUD-011'], { target: 'storing' }),
  ],
  stored: notStoring,
  closed: leave,
}

/** One submission at a time: a second one waits its turn in the environment, and gets no reply of this one. */
const storing = {
  nonceRequested: secondNonce,
  authenticate: refuse('busy', ['AUD-027']),
  submitted: refuse('busy', ['AUD-027']),
  stored: [
    does('acknowledge', ['AUD-027'], { guard: 'durable', target: 'authenticated' }),
    does('giveBack', ['AUD-027', 'INV-007'], { target: 'authenticated' }),
  ],
  closed: leave,
}

const gone = (event: CircuitEvent['type']): Listed =>
  event === 'stored' || event === 'closed' ? ignores<Reason>('closed', ['AUD-101']) : refuse('closed', ['AUD-101'])

const events: readonly CircuitEvent['type'][] = ['nonceRequested', 'authenticate', 'submitted', 'stored', 'closed']

export const circuitMachine = defineMachine<CircuitContext, CircuitEvent, CircuitEffect>({
  id: 'circuit',
  events,
  guards,
  actions,
  config: {
    initial: 'open',
    states: {
      open: { on: open },
      challenged: { on: challenged },
      authenticated: { on: authenticated },
      storing: { on: storing },
      closed: { on: Object.fromEntries(events.map((event) => [event, gone(event)])) },
    },
  },
})
