// The periodic round in a finite world: three consensuses, of which one may be missed, and every step's end [AUD-111..120].
// Invariant: an answer is awaited only where an effect asked for it, a timer fires only where it was started.

import { roundIsSound } from '../../../../machines/auditor/invariants.ts'
import { initialRound, roundMachine } from '../../../../machines/auditor/round.ts'
import {
  type AuditorStep,
  auditorSteps,
  type RoundContext,
  type RoundEffect,
  type RoundEvent,
} from '../../../../machines/auditor/types.ts'
import type { Choice, Observed as Edge, Model, Node } from '../../../../machines/kernel/explore.ts'
import { step } from '../../../../machines/kernel/step.ts'
import { consensusAt } from './minimal-nouns.ts'

/** `awaited`: what the environment was asked for last. */
export interface RoundWorld {
  readonly now: number
  readonly timer: boolean
  readonly deadline: boolean
  readonly awaited: AuditorStep | null
}

type Observed = Edge<RoundContext, RoundEvent, RoundEffect, RoundWorld>
type RoundNode = Node<RoundContext, RoundWorld>
export type RoundModel = Model<RoundContext, RoundEvent, RoundEffect, RoundWorld>

const config = { deadlineMs: 5, intervalMs: 10 }
const instants = [15, 25, 100] as const
/** The third leaves a gap where the second was missed. */
const consensuses = [consensusAt(10, 20), consensusAt(20, 30), consensusAt(30, 40)] as const
const half = 2 ** 31

const asks: Readonly<Partial<Record<RoundEffect['type'], AuditorStep>>> = {
  fetchConsensus: 'consensus',
  checkSths: 'sths',
  connect: 'connect',
  challengePending: 'challenge',
  analyze: 'analyze',
}

const order: readonly (readonly [string, AuditorStep | null])[] = [
  ['idle', null],
  ['fetchingConsensus', 'consensus'],
  ['checkingSths', 'sths'],
  ['connecting', 'connect'],
  ['challenging', 'challenge'],
  ['analyzing', 'analyze'],
]

export const roundModel: RoundModel = {
  kind: 'round',
  id: 'round',
  machine: roundMachine,
  take: (state, event) => step(roundMachine, state, event),
  roots: [{ config: {}, state: initialRound(config), world: { now: 0, timer: true, deadline: false, awaited: null } }],
  choices,
  hear: (world, event, { effects, disposition }) => {
    const fired = event.type === 'due' && disposition === 'accepted'
    return effects.reduce(hearEffect, fired ? { ...world, timer: false } : world)
  },
  essence: ({ value, context: { number: _, startedAt, ...rest } }) => [
    value,
    startedAt === null,
    ...Object.values(rest),
  ],
  invariants: {
    'AUD-120: a round runs exactly while it has a beginning': ({ step: { state } }) => roundIsSound(state),
    'AUD-120: what runs has its deadline, and else the timer for the next is on': ({ step: { state }, after }) =>
      state.value === 'idle' ? after.timer && !after.deadline : after.deadline,
    'AUD-114: each step asks the world for what it waits for': ({ step: { state }, after }) =>
      order.some(([leaf, awaited]) => leaf === state.value && awaited === after.awaited),
    'AUD-111: a consensus only gives way to a newer one': ({ before, step: { state } }) =>
      (state.context.consensus?.validAfter ?? 0) >= (before.context.consensus?.validAfter ?? 0),
    'AUD-015: a gap is recorded where a consensus was missed, and there only': recordsGaps,
    'AUD-015: the next round is a time away': ({ step: { effects } }) =>
      effects.every((effect) => effect.type !== 'startTimer' || effect.ms >= 1),
    'AUD-120: an event of another round changes nothing': ({ before, event, step: { state, effects } }) =>
      !('round' in event) ||
      event.round === before.context.number ||
      (state.context === before.context && effects.length === 0),
  },
  liveness: [
    {
      name: 'AUD-120: the answers to what it asks lead a round to its end',
      kind: 'must',
      from: isRunning,
      until: isIdle,
      fair: answersAsked,
    },
    {
      name: 'AUD-120: its deadline alone leads a round to its end',
      kind: 'must',
      from: isRunning,
      until: isIdle,
      fair: (event, { state }) => event?.type === 'deadline' && event.round === state.context.number,
    },
    {
      name: 'AUD-111: the timer begins a round',
      kind: 'must',
      from: isIdle,
      until: isRunning,
      fair: (event, { world }) => event?.type === 'due' && world.timer && event.draw.length > 0,
    },
    {
      name: 'AUD-115: SFOs can always be challenged again, once a consensus is known',
      kind: 'can',
      from: () => true,
      until: ({ state }) => state.value === 'challenging',
    },
  ],
}

function isIdle({ state }: RoundNode): boolean {
  return state.value === 'idle'
}

function isRunning(node: RoundNode): boolean {
  return !isIdle(node)
}

function answersAsked(event: RoundEvent | null, { state: { context }, world }: RoundNode): boolean {
  switch (event?.type) {
    case 'stepDone':
      return event.round === context.number && event.step === world.awaited && event.step !== 'consensus'
    case 'consensus':
      return world.awaited === 'consensus' && event.consensus.validAfter > (context.consensus?.validAfter ?? 0)
    case 'noNewerConsensus':
    case 'consensusFailed':
      return world.awaited === 'consensus'
    default:
      return false
  }
}

function hearEffect(world: RoundWorld, effect: RoundEffect): RoundWorld {
  if (effect.type === 'startTimer') return { ...world, timer: true }
  if (effect.type === 'startDeadline') return { ...world, deadline: true }
  if (effect.type === 'endRound') return { ...world, deadline: false, awaited: null }
  const awaited = asks[effect.type]
  return awaited === undefined ? world : { ...world, awaited }
}

function recordsGaps({ before, event, step: { effects } }: Observed): boolean {
  const gaps = effects.filter(({ type }) => type === 'recordGap').length
  if (event.type !== 'consensus' || before.value !== 'fetchingConsensus') return gaps === 0
  const known = before.context.consensus
  const missed = known !== null && event.consensus.validAfter > known.freshUntil
  return gaps === (missed ? 1 : 0)
}

function choices({ context }: RoundNode['state'], world: RoundWorld): readonly Choice<RoundEvent, RoundWorld>[] {
  const at = instants[world.now] as number
  const { number } = context
  const events: RoundEvent[] = [
    { type: 'due', draw: [], at },
    { type: 'noNewerConsensus', at },
    { type: 'consensusFailed', error: 'unavailable', at },
    ...consensuses.map((consensus) => ({ type: 'consensus', consensus, at }) as const),
    ...auditorSteps.map((one) => ({ type: 'stepDone', round: number, step: one, at }) as const),
    { type: 'stepDone', round: number + 1, step: 'analyze', at },
    { type: 'deadline', round: number + 1, draw: [half], at },
  ]
  for (const draw of [0, half]) {
    if (world.timer) events.push({ type: 'due', draw: [draw], at })
    if (world.deadline) events.push({ type: 'deadline', round: number, draw: [draw], at })
  }
  if (world.deadline) events.push({ type: 'deadline', round: number, draw: [], at })
  if (!world.timer) events.push({ type: 'due', draw: [half], at })
  const moves = world.now + 1 < instants.length ? [{ event: null, world: { ...world, now: world.now + 1 } }] : []
  return [...events.map((event) => ({ event, world })), ...moves]
}
