// The rounds of an auditor, with scripted steps around them. Invariant: every event of the round machine, and every call of a step, is
// kept in its order.
import { type Consensuses, consensusesOf } from '../../../src/effects/auditor/consensuses.ts'
import { type RoundParts, roundsOf } from '../../../src/effects/auditor/rounds.ts'
import type { ConsensusError } from '../../../src/effects/ports.ts'
import type { RoundEvent } from '../../../src/machines/auditor/types.ts'
import type { Consensus } from '../../../src/machines/tor/types.ts'
import { auditorWorld, type WorldScript } from './auditor-world.ts'
import { consensusAt, firstValidAfter, minute } from './ct-world.ts'

export const first = consensusAt(firstValidAfter)
export const logIds = first.logs.map(({ logId }) => logId)

export type Answer = Consensus | null | ConsensusError | Error

export const limits = { steps: { sths: 2 * minute, challenge: 6 * minute, analyze: minute }, consensusMs: minute }
export const never = () => new Promise<never>(() => {})

interface Script extends WorldScript {
  /** What the source answers, then null for ever. */
  readonly answers?: readonly Answer[]
  readonly check?: RoundParts['views']['check']
  readonly challengePending?: RoundParts['followUp']['challengePending']
  readonly analyze?: RoundParts['analyze']
  readonly newest?: Consensus
}

export function roundHarness({ answers = [first], check, challengePending, analyze, newest, ...given }: Script = {}) {
  const current: { consensus: Consensus | null } = { consensus: newest ?? null }
  const fake = auditorWorld({ limits, ...given, consensus: () => current.consensus })
  const { world, clock, store } = fake
  const events: string[] = []
  const calls: (readonly unknown[])[] = []
  const real = consensusesOf(store, world.tools, clock)
  const consensuses: Consensuses = {
    ...real,
    newest: () => newest ?? null,
    take(consensus) {
      current.consensus = consensus
      real.take(consensus)
    },
  }
  let next = 0
  const rounds = roundsOf(world, {
    source: {
      async newer(newerThan) {
        calls.push(['newer', newerThan])
        const answer = answers[next++] ?? null
        if (answer instanceof Error) throw answer
        return typeof answer === 'string' ? { ok: false, error: answer, detail: '' } : { ok: true, value: answer }
      },
    },
    consensuses,
    views: {
      async check(consensus, signal) {
        calls.push(['check', consensus.validAfter])
        return check === undefined ? true : check(consensus, signal)
      },
      sths: () => [],
      reporters: async () => {},
    },
    followUp: {
      async challengePending(scope, ids, signal) {
        calls.push(['challenge', ids, ids.map((logId) => scope.logOf(logId)?.logId)])
        await challengePending?.(scope, ids, signal)
      },
    },
    async analyze(consensus, ctrs, signal) {
      calls.push(['analyze', consensus.validAfter, ctrs])
      await analyze?.(consensus, ctrs, signal)
    },
    journal: (event) => events.push(nameOf(event)),
    ended: () => void calls.push(['ended']),
  })
  return { ...fake, current, rounds, events, calls, saved: () => store.getValue('consensuses') }
}

function nameOf(event: RoundEvent): string {
  if (event.type === 'stepDone') return event.step
  return event.type === 'consensusFailed' ? `${event.type} ${event.error}` : event.type
}

export const whole = ['due', 'consensus', 'sths', 'noNewerConsensus', 'connect', 'challenge', 'analyze']
export const poll = (result: string) => ['count', 'consensus_polls_total', { result }]
export const taken = ({ validAfter }: Consensus) => ['gauge', 'consensus_valid_after_seconds', validAfter / 1000, {}]
export const idle = (round: number) => [
  ['count', 'auditor_rounds_idle_total', {}],
  ['warn', 'noLiveConsensus', { round }],
]
export const ended = (round: number, seconds: number) => [
  ['count', 'auditor_rounds_total', {}],
  ['gauge', 'auditor_round_seconds', seconds, {}],
  ['info', 'round ended', { round, seconds }],
]

/** Ends a round that takes no time. */
export async function wholeRound({ rounds, clock }: Pick<ReturnType<typeof roundHarness>, 'rounds' | 'clock'>) {
  const running = rounds.run()
  await clock.advance(0)
  await running
}
