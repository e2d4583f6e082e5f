// What every handler of a relay's effects works with, and the scope of one round [RELAY-021]. Invariant: once a round has ended,
// nothing of it reaches the machine, and its signal has fired.
import type { Crypto, Log, LogId } from '../../machines/ct/types.ts'
import type { State } from '../../machines/kernel/machine.ts'
import type { RelayConfig, RelayContext, RelayEvent, StepName } from '../../machines/relay/types.ts'
import type { Consensus } from '../../machines/tor/types.ts'
import type { Breakers } from '../breaker.ts'
import { withDeadline } from '../deadline.ts'
import { freshIsolation } from '../draw.ts'
import type { Instruments } from '../instruments.ts'
import type { AuditorClient, Isolation, LogClient, OnionServices, PeerClient, Random, RelayStore } from '../ports.ts'
import type { Timers } from '../timers.ts'
import type { RelayLimits } from './limits.ts'

export interface RelayWorld {
  readonly config: RelayConfig
  readonly limits: RelayLimits
  readonly crypto: Crypto
  readonly clock: Timers
  readonly random: Random
  readonly logs: LogClient
  readonly peers: PeerClient
  readonly auditors: AuditorClient
  readonly onion: OnionServices
  readonly store: RelayStore
  readonly breakers: Breakers
  readonly tools: Instruments
  /** Fires when the relay stops. */
  readonly signal: AbortSignal
  state(): State<RelayContext>
  /** The one to go by, or null where none is live [CONS-001.2]; a running round keeps what it began with [RELAY-016]. */
  consensus(): Consensus | null
  dispatch(event: RelayEvent): void
}

/** A round as the interpreter sees it: its signal, its circuits, and the logs of the consensus it began with. */
export interface RoundScope {
  readonly number: number
  readonly startedAt: number
  readonly signal: AbortSignal
  logOf(logId: LogId): Log | undefined
  /** One circuit a log and round [RELAY-015]. */
  isolationOf(logId: LogId): Isolation
  /** Hands an event to the machine while the round runs. */
  send(event: RelayEvent): void
  end(): void
}

export function roundScope(world: RelayWorld, number: number): RoundScope {
  const controller = new AbortController()
  const circuits = new Map<LogId, Isolation>()
  const logs = new Map(world.state().context.consensus?.logs.map((log) => [log.logId, log]))
  const end = () => {
    world.signal.removeEventListener('abort', end)
    controller.abort()
  }
  world.signal.addEventListener('abort', end)
  return {
    number,
    startedAt: world.clock.now(),
    signal: controller.signal,
    logOf: (logId) => logs.get(logId),
    isolationOf(logId) {
      const isolation = circuits.get(logId) ?? freshIsolation(world.random)
      circuits.set(logId, isolation)
      return isolation
    },
    send(event) {
      if (!controller.signal.aborted) world.dispatch(event)
    },
    end,
  }
}

/**
 * Runs a step's work within its deadline; then `rest` answers what is left unanswered, and the step is done. Whatever the ports
 * do, the machine gets its `stepDone` by then [INV-002].
 */
export async function runStep(
  world: RelayWorld,
  scope: RoundScope,
  step: StepName & keyof RelayLimits['steps'],
  work: (signal: AbortSignal) => Promise<void>,
  rest: () => void = () => {},
): Promise<void> {
  const ended = await withDeadline(world.clock, scope.signal, world.limits.steps[step], work)
  if (ended.kind === 'failed') world.tools.defect('handlerFailed', ended.error)
  if (ended.kind === 'expired') world.tools.count('relay_step_expired_total', { step })
  rest()
  scope.send({ type: 'stepDone', round: scope.number, step, at: world.clock.now() })
}
