// The periodic round [AUD-111 to AUD-120, AUD-015]: performs the round machine's effects. Invariant: each step is answered by its
// deadline; a consensus outlives the run only after its gap and its STHs are durable, so that a crash in between does them again.
import { initialRound, roundMachine } from '../../machines/auditor/round.ts'
import type { AuditorStep, RoundContext, RoundEffect, RoundEvent } from '../../machines/auditor/types.ts'
import type { Consensus } from '../../machines/tor/types.ts'
import { bareConsensus } from '../bare-consensus.ts'
import { withDeadline } from '../deadline.ts'
import { type Mailbox, type MailboxParts, mailbox } from '../mailbox.ts'
import type { ConsensusSource } from '../ports.ts'
import type { Analyze } from './analyze.ts'
import type { Consensuses } from './consensuses.ts'
import type { FollowUp } from './follow-up.ts'
import type { AuditorLimits } from './limits.ts'
import type { Views } from './views.ts'
import { type AuditorScope, type AuditorWorld, auditorScope } from './world.ts'

export interface RoundParts {
  readonly source: ConsensusSource
  readonly consensuses: Consensuses
  readonly views: Views
  readonly followUp: FollowUp
  readonly analyze: Analyze
  readonly journal: MailboxParts<RoundContext, RoundEvent, RoundEffect>['journal']
  readonly ended: () => void
}

export interface Rounds {
  /** Begins a round unless one runs; resolves when it has ended, or the auditor stops. */
  run(): Promise<void>
  /** Sets the timer of the first round. */
  start(ms: number): void
}

type Handlers = { readonly [K in RoundEffect['type']]: (effect: Extract<RoundEffect, { type: K }>) => void }

export function roundsOf(world: AuditorWorld, parts: RoundParts): Rounds {
  const { clock, limits, store, tools, writes } = world
  const { consensuses, views } = parts
  /** Of the round that runs, or one that has ended. */
  let scope = auditorScope(world, 0)
  scope.end()
  let waiting: (() => void)[] = []
  let gaps: readonly { readonly from: number; readonly to: number }[] = []
  let cancelTimer = () => {}
  let cancelDeadline = () => {}

  function due() {
    box.dispatch({ type: 'due', draw: world.random.u32(1), at: clock.now() })
  }

  function startTimer(ms: number) {
    cancelTimer()
    cancelTimer = clock.after(ms, due)
  }

  function endRound(round: number) {
    cancelDeadline()
    scope.end()
    const seconds = (clock.now() - scope.startedAt) / 1000
    tools.count('auditor_rounds_total')
    tools.gauge('auditor_round_seconds', seconds)
    tools.info('round ended', { round, seconds })
    release()
    parts.ended()
  }

  function release() {
    const resolved = waiting
    waiting = []
    for (const resolve of resolved) resolve()
  }

  /** Work that is answered by one event, while its round runs. */
  function begin(work: (running: AuditorScope) => Promise<RoundEvent>) {
    const running = scope
    work(running).then(
      (event) => {
        if (running.signal.aborted || writes.dead) return
        if (event.type === 'consensus') consensuses.take(event.consensus)
        box.dispatch(event)
      },
      (error: unknown) => tools.defect('handlerFailed', error),
    )
  }

  function runStep(
    round: number,
    name: AuditorStep & keyof AuditorLimits['steps'],
    work: (running: AuditorScope, signal: AbortSignal) => Promise<void>,
  ) {
    begin(async (running) => {
      const ended = await withDeadline(clock, running.signal, limits.steps[name], (signal) => work(running, signal))
      if (ended.kind === 'failed') tools.defect('handlerFailed', ended.error)
      if (ended.kind === 'expired') tools.count('auditor_step_expired_total', { step: name })
      return { type: 'stepDone', round, step: name, at: clock.now() }
    })
  }

  /** A step that goes by the consensus does nothing where none is live [CONS-001.9]. */
  async function whileLive(work: (consensus: Consensus) => Promise<void>): Promise<void> {
    const consensus = world.consensus()
    if (consensus !== null) await work(consensus)
  }

  /** No newer one was had, so that the round goes by what it has, or by none. */
  function countIdle(round: number) {
    if (world.consensus() !== null) return
    tools.count('auditor_rounds_idle_total')
    tools.warn('noLiveConsensus', { round })
  }

  async function fetchConsensus(running: AuditorScope, newerThan: number | null): Promise<RoundEvent> {
    const ended = await withDeadline(clock, running.signal, limits.consensusMs, (signal) =>
      parts.source.newer(newerThan, signal),
    )
    const result = ended.kind === 'done' ? ended.value : ({ ok: false, error: 'unavailable' } as const)
    const at = clock.now()
    if (!result.ok) {
      tools.count('consensus_polls_total', { result: result.error })
      tools.warn('consensusUnavailable', { error: result.error })
      countIdle(running.number)
      return { type: 'consensusFailed', error: result.error, at }
    }
    tools.count('consensus_polls_total', { result: result.value === null ? 'same' : 'newer' })
    if (result.value === null || result.value.validAfter <= (newerThan ?? Number.NEGATIVE_INFINITY)) {
      countIdle(running.number)
      return { type: 'noNewerConsensus', at }
    }
    return { type: 'consensus', consensus: bareConsensus(result.value), at }
  }

  async function saveGaps(): Promise<void> {
    for (const gap of gaps) {
      const saved = await writes.write('recordGap', () => store.recordGap(gap.from, gap.to))
      if (saved.ok) gaps = gaps.filter((other) => other !== gap)
    }
  }

  const handlers: Handlers = {
    startTimer: ({ ms }) => startTimer(ms),
    startDeadline({ round, ms }) {
      scope = auditorScope(world, round)
      cancelDeadline = clock.after(ms, () => {
        box.dispatch({ type: 'deadline', round, draw: world.random.u32(1), at: clock.now() })
      })
    },
    endRound: ({ round }) => endRound(round),
    fetchConsensus: ({ newerThan }) => begin((running) => fetchConsensus(running, newerThan)),
    recordGap({ from, to }) {
      gaps = [...gaps, { from, to }]
      tools.count('auditor_gaps_total')
      tools.info('consensuses were missed', { from, to })
    },
    checkSths: ({ round, consensus }) =>
      runStep(round, 'sths', async (_, signal) => {
        await saveGaps()
        const durable = await views.check(consensus, signal)
        if (durable && gaps.length === 0 && !signal.aborted) await writes.write('setValue', () => consensuses.save())
      }),
    connect: ({ round, logIds }) =>
      begin(async (running) => {
        for (const logId of logIds) running.isolationOf(logId)
        return { type: 'stepDone', round, step: 'connect', at: clock.now() }
      }),
    challengePending: ({ round, logIds }) =>
      runStep(round, 'challenge', (running, signal) =>
        whileLive(() => parts.followUp.challengePending(running, logIds, signal)),
      ),
    analyze: ({ round, ctrs }) =>
      runStep(round, 'analyze', (_, signal) => whileLive((consensus) => parts.analyze(consensus, ctrs, signal))),
  }

  const box: Mailbox<RoundContext, RoundEvent> = mailbox<RoundContext, RoundEvent, RoundEffect>({
    machine: roundMachine,
    initial: initialRound(world.config.round, consensuses.newest()),
    perform: (effect) => handlers[effect.type](effect as never),
    capacity: limits.mailbox,
    journal: parts.journal,
    defect: tools.defect,
  })

  world.signal.addEventListener('abort', () => {
    box.close()
    release()
  })

  return {
    run() {
      if (world.signal.aborted) return Promise.resolve()
      return new Promise((resolve) => {
        waiting.push(resolve)
        if (scope.signal.aborted) due()
      })
    },
    start: startTimer,
  }
}
