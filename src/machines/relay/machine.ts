// The balancing relay as a state machine [document: Core loop and event handlers; RELAY-101 to RELAY-113].
// Invariant: a state for each step that waits for the world, and in it every event is handled, ignored or rejected.
import { does, ignores, type Listed, rejects } from '../kernel/listed.ts'
import { defineMachine } from '../kernel/machine.ts'
import { storeAddress } from './addresses.ts'
import { announce } from './announce.ts'
import { challengeLogs, takeAnswer } from './challenge.ts'
import { learnConsensus } from './consensus.ts'
import { tooFewDraws } from './draws.ts'
import { emptyRound } from './empty.ts'
import { fetchProofs, takePair } from './fetch.ts'
import { forwardSfos, takeDelivery } from './forward.ts'
import { serveProofs } from './proofs.ts'
import { countInvalid, dropWhileActive, receiveSfo } from './receive.ts'
import { canRedeliver, redeliver } from './redeliver.ts'
import { settleReport } from './reports.ts'
import { rotate } from './rotate.ts'
import { abortRound, endRound, startRound } from './round.ts'
import {
  type RelayContext,
  type RelayEffect,
  type RelayEvent,
  type RelayReason,
  type StepName,
  steps,
} from './types.ts'

const events: readonly RelayEvent['type'][] = [
  'consensus',
  'sfo',
  'invalidSfo',
  'address',
  'proofsRequested',
  'waited',
  'deadline',
  'challenged',
  'pair',
  'delivered',
  'stepDone',
  'reported',
]

const guards = {
  tooFewDraws,
  otherRound: ({ roundNumber }: RelayContext, { round }: { readonly round: number }) => round !== roundNumber,
  ...Object.fromEntries(steps.map((step) => [otherThan(step), isOther(step)])),
  dropsWhileActive: ({ config }: RelayContext) => config.policy.whileActive === 'drop',
  forwardsFirst: ({ config }: RelayContext) => config.policy.order === 'forward-first',
  canRedeliver,
}

const actions = {
  learnConsensus,
  receiveSfo,
  dropWhileActive,
  countInvalid,
  storeAddress,
  serveProofs,
  settleReport,
  startRound,
  challengeLogs,
  takeAnswer,
  fetchProofs,
  takePair,
  forwardSfos,
  takeDelivery,
  redeliver,
  announce,
  rotate,
  emptyRound,
  endRound,
  abortRound,
}

/** The guard that keeps a step from being ended by another one's end. */
function otherThan(step: StepName): string {
  return `otherThan${step.charAt(0).toUpperCase()}${step.slice(1)}`
}

function isOther(step: StepName) {
  return (_: RelayContext, event: { readonly step: StepName }) => event.step !== step
}

const ignored = ignores<RelayReason>
const tooFew = rejects<RelayReason>('insufficientDraw', ['INV-008'], 'tooFewDraws')
const stale = ignored('staleRound', ['RELAY-021'])
const ofOtherRound = ignored('staleRound', ['RELAY-021'], 'otherRound')
const early = ignored('wrongStep', ['RELAY-021'])

/** Whatever the relay is doing. */
const anytime = {
  consensus: does('learnConsensus', ['CONS-001', 'RELAY-016']),
  invalidSfo: does('countInvalid', ['RELAY-012']),
  address: [tooFew, does('storeAddress', ['RELAY-112', 'RELAY-019'])],
  proofsRequested: [tooFew, does('serveProofs', ['RELAY-113', 'RELAY-008'])],
  reported: does('settleReport', ['RELAY-005']),
}
const receive = does('receiveSfo', ['RELAY-111', 'RELAY-009', 'RELAY-011', 'RELAY-013', 'RELAY-014'])

const passive = {
  ...anytime,
  sfo: [tooFew, receive],
  waited: [
    tooFew,
    does('startRound', ['RELAY-101', 'RELAY-102', 'RELAY-103', 'RELAY-002', 'RELAY-003', 'RELAY-016'], {
      target: 'active.connecting',
      step: 2,
    }),
  ],
  deadline: stale,
  challenged: stale,
  pair: stale,
  delivered: stale,
  stepDone: stale,
}

const active = {
  ...anytime,
  sfo: [does('dropWhileActive', ['RELAY-001', 'RELAY-111'], { guard: 'dropsWhileActive' }), tooFew, receive],
  waited: early,
  deadline: [ofOtherRound, does('abortRound', ['RELAY-001', 'INV-002'], { target: 'passive', step: 10 })],
  challenged: [ofOtherRound, early],
  pair: [ofOtherRound, early],
  delivered: [ofOtherRound, early],
}

/** The end of a step: of this round and this step, or it is ignored. */
function ends(step: StepName, ...next: readonly Listed[]): readonly Listed[] {
  return [ofOtherRound, ignored('wrongStep', ['RELAY-021'], otherThan(step)), ...next]
}

const first = { guard: 'forwardsFirst' }
const challenge = (where: object = {}) =>
  does('challengeLogs', ['RELAY-104', 'RELAY-015'], { ...where, target: 'challenging', step: 4 })
const fetch = does('fetchProofs', ['RELAY-105', 'RELAY-019'], { target: 'fetching', step: 5 })
const forward = (where: object = {}) =>
  does('forwardSfos', ['RELAY-106', 'RELAY-010', 'RELAY-025'], { ...where, target: 'forwarding', step: 6 })
const tell = (where: object = {}) =>
  does('announce', ['RELAY-107', 'RELAY-018'], { ...where, target: 'announcing', step: 7 })

/** Steps 3 to 9; `order` decides whether 6 comes before 4 [RELAY-006]. */
const states = {
  connecting: { on: { stepDone: ends('connect', forward(first), challenge()) } },
  challenging: {
    on: {
      challenged: [ofOtherRound, does('takeAnswer', ['RELAY-104', 'RELAY-004'])],
      stepDone: ends('challenge', fetch),
    },
  },
  fetching: {
    on: {
      pair: [ofOtherRound, does('takePair', ['RELAY-105', 'RELAY-007', 'INV-003'])],
      stepDone: ends('fetch', tell(first), forward()),
    },
  },
  forwarding: {
    on: {
      delivered: [ofOtherRound, does('takeDelivery', ['RELAY-106', 'RELAY-017'])],
      stepDone: ends(
        'forward',
        does('redeliver', ['RELAY-017'], { guard: 'canRedeliver', step: 6 }),
        challenge(first),
        tell(),
      ),
    },
  },
  announcing: {
    on: { stepDone: ends('announce', does('rotate', ['RELAY-108', 'RELAY-020'], { target: 'rotating', step: 8 })) },
  },
  rotating: {
    on: {
      stepDone: ends(
        'rotate',
        does('emptyRound', ['RELAY-109', 'RELAY-005', 'RELAY-017', 'INV-006'], { target: 'emptying', step: 9 }),
      ),
    },
  },
  emptying: {
    on: { stepDone: ends('empty', does('endRound', ['RELAY-110', 'INV-002'], { target: '#relay.passive', step: 10 })) },
  },
}

export const relayMachine = defineMachine<RelayContext, RelayEvent, RelayEffect>({
  id: 'relay',
  events,
  guards,
  actions,
  config: {
    initial: 'passive',
    states: { passive: { on: passive }, active: { initial: 'connecting', on: active, states } },
  },
})
