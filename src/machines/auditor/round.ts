// The auditor's periodic round [AUD-111..120]: consensuses until there is no newer one, then the logs, then the reports.
// Invariant: whatever fails in it, a round is idle again by its deadline, with a timer running for the next.

import { does, ignores, type Listed, rejects } from '../kernel/listed.ts'
import { type Change, defineMachine, type State } from '../kernel/machine.ts'
import type { Consensus } from '../tor/types.ts'
import { gapBetween, waitMs } from './next-round.ts'
import type { AuditorStep, RoundConfig, RoundContext, RoundEffect, RoundEvent, roundReasons } from './types.ts'

type Reason = (typeof roundReasons)[number]
type Of<T extends RoundEvent['type']> = Extract<RoundEvent, { type: T }>
type Turn = Change<RoundContext, RoundEffect>
const skip = ignores<Reason>

/** `consensus`: the newest one that was verified before a restart. The first `due` comes from the environment. */
export function initialRound(config: RoundConfig, consensus: Consensus | null = null): State<RoundContext> {
  return { value: 'idle', context: { config, number: 0, startedAt: null, consensus, draw: 0 } }
}

function begin({ config, number, consensus }: RoundContext, { at, draw }: Of<'due'>): Turn {
  const round = number + 1
  const startDeadline: RoundEffect = { type: 'startDeadline', round, ms: config.deadlineMs }
  const context = { number: round, startedAt: at, draw: draw[0] ?? 0 }
  return { context, effects: [startDeadline, fetch(round, consensus)] }
}

function fetch(round: number, known: Consensus | null): RoundEffect {
  return { type: 'fetchConsensus', round, newerThan: known?.validAfter ?? null }
}

function isNewer({ consensus: known }: RoundContext, { consensus }: Of<'consensus'>): boolean {
  return known === null || consensus.validAfter > known.validAfter
}

function takeConsensus({ number: round, consensus: known }: RoundContext, { consensus }: Of<'consensus'>): Turn {
  return { context: { consensus }, effects: [...gapBetween(known, consensus), { type: 'checkSths', round, consensus }] }
}

function fetchNext({ number, consensus }: RoundContext): Turn {
  return { effects: [fetch(number, consensus)] }
}

/** Nothing connects, challenges or analyzes before there is a consensus. */
const logIds = ({ consensus }: RoundContext) => (consensus as Consensus).logs.map((log) => log.logId)

function connect(context: RoundContext): Turn {
  return { effects: [{ type: 'connect', round: context.number, logIds: logIds(context) }] }
}

function challenge(context: RoundContext): Turn {
  return { effects: [{ type: 'challengePending', round: context.number, logIds: logIds(context) }] }
}

function analyze({ number: round, consensus }: RoundContext): Turn {
  return { effects: [{ type: 'analyze', round, ctrs: (consensus as Consensus).ctrs.length }] }
}

function end(context: RoundContext, { at }: RoundEvent): Turn {
  const ms = waitMs(context.config, context.consensus, context.draw, at)
  const effects: RoundEffect[] = [
    { type: 'endRound', round: context.number },
    { type: 'startTimer', ms: Math.max(1, ms) },
  ]
  return { context: { startedAt: null }, effects }
}

function endLate(context: RoundContext, event: Of<'deadline'>): Turn {
  const draw = event.draw[0] ?? context.draw
  return end({ ...context, draw }, event)
}

const stale = (context: RoundContext, event: Of<'stepDone' | 'deadline'>) => event.round !== context.number
const isStep = (step: AuditorStep) => (_: RoundContext, event: Of<'stepDone'>) => event.step === step

const guards = {
  drawn: (_: RoundContext, event: Of<'due'>) => event.draw.length > 0,
  stale,
  isNewer,
  noConsensus: ({ consensus }: RoundContext) => consensus === null,
  sthsDone: isStep('sths'),
  connectDone: isStep('connect'),
  challengeDone: isStep('challenge'),
  analyzeDone: isStep('analyze'),
}

const actions = { begin, takeConsensus, fetchNext, connect, challenge, analyze, end, endLate }

const deadline: readonly Listed[] = [
  skip('staleRound', ['AUD-120'], 'stale'),
  does('endLate', ['AUD-120', 'AUD-015'], { target: 'idle' }),
]

/** A step's state: what its end leads to, and what else may arrive while it runs. */
function running(stepDone: readonly Listed[]) {
  const late = skip('staleRound', ['AUD-120'], 'stale')
  const other = rejects<Reason>('wrongStep', ['AUD-120'])
  return {
    due: skip('roundRunning', ['AUD-015']),
    consensus: skip('wrongStep', ['AUD-111']),
    noNewerConsensus: skip('wrongStep', ['AUD-111']),
    consensusFailed: skip('wrongStep', ['AUD-111']),
    stepDone: [late, ...stepDone, other],
    deadline,
  }
}

const idle = {
  due: [
    does('begin', ['AUD-111', 'AUD-015'], { guard: 'drawn', target: 'fetchingConsensus', step: 1 }),
    rejects<Reason>('insufficientDraw', ['AUD-015']),
  ],
  consensus: skip('noRound', ['AUD-111']),
  noNewerConsensus: skip('noRound', ['AUD-111']),
  consensusFailed: skip('noRound', ['AUD-111']),
  stepDone: skip('noRound', ['AUD-120']),
  deadline: skip('noRound', ['AUD-120']),
}

/** Without any consensus there is no log to ask; with an old one the pending SFOs are followed up all the same. */
const consensusOver = [
  does('end', ['AUD-111', 'AUD-015'], { guard: 'noConsensus', target: 'idle' }),
  does('connect', ['AUD-114'], { target: 'connecting', step: 2 }),
]

const fetchingConsensus = {
  ...running([]),
  consensus: [
    does('takeConsensus', ['AUD-111', 'AUD-112', 'AUD-113', 'AUD-015'], { guard: 'isNewer', target: 'checkingSths' }),
    skip('oldConsensus', ['AUD-111']),
  ],
  noNewerConsensus: consensusOver,
  consensusFailed: consensusOver,
}

export const roundMachine = defineMachine<RoundContext, RoundEvent, RoundEffect>({
  id: 'round',
  events: ['due', 'consensus', 'noNewerConsensus', 'consensusFailed', 'stepDone', 'deadline'],
  guards,
  actions,
  config: {
    initial: 'idle',
    states: {
      idle: { on: idle },
      fetchingConsensus: { on: fetchingConsensus },
      checkingSths: {
        on: running([does('fetchNext', ['AUD-111'], { guard: 'sthsDone', target: 'fetchingConsensus' })]),
      },
      connecting: {
        on: running([does('challenge', ['AUD-115'], { guard: 'connectDone', target: 'challenging', step: 3 })]),
      },
      challenging: {
        on: running([does('analyze', ['AUD-120'], { guard: 'challengeDone', target: 'analyzing', step: 4 })]),
      },
      analyzing: {
        on: running([does('end', ['AUD-120', 'AUD-015'], { guard: 'analyzeDone', target: 'idle' })]),
      },
    },
  },
})
