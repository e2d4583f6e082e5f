// The relay's interpreter: it feeds the machine and performs its effects through the ports [RELAY-021, RELAY-101 to RELAY-113].
// Invariant: it decides nothing that the protocol decides; every effect of a round is answered by its deadline, whatever ports do.

import type { Crypto } from '../machines/ct/types.ts'
import type { Step } from '../machines/kernel/machine.ts'
import { drawsNeeded } from '../machines/relay/draws.ts'
import { initialEffects, initialRelay } from '../machines/relay/initial.ts'
import { relayMachine } from '../machines/relay/machine.ts'
import type { RelayConfig, RelayContext, RelayEffect, RelayEvent } from '../machines/relay/types.ts'
import type { RelayApi } from './api.ts'
import { circuitBreakers } from './breaker.ts'
import { instruments } from './instruments.ts'
import { liveConsensus } from './live-consensus.ts'
import { type Mailbox, type MailboxParts, mailbox } from './mailbox.ts'
import type {
  AuditorClient,
  Clock,
  ConsensusSource,
  LogClient,
  Logger,
  Metrics,
  OnionServices,
  PeerClient,
  Random,
  RelayStore,
} from './ports.ts'
import { announcer } from './relay/announce.ts'
import { pollConsensus } from './relay/consensus.ts'
import { countChanges } from './relay/counts.ts'
import { intake } from './relay/intake.ts'
import { type RelayLimits, relayLimits } from './relay/limits.ts'
import { performer } from './relay/perform.ts'
import { reporter } from './relay/report.ts'
import type { RelayWorld } from './relay/world.ts'
import { timersOf } from './timers.ts'

export interface RelayParts
  extends Pick<MailboxParts<RelayContext, RelayEvent, RelayEffect>, 'journal' | 'afterEffect'> {
  readonly config: RelayConfig
  readonly crypto: Crypto
  readonly clock: Clock
  readonly random: Random
  readonly logs: LogClient
  readonly peers: PeerClient
  readonly auditors: AuditorClient
  readonly onion: OnionServices
  readonly consensus: ConsensusSource
  readonly store: RelayStore
  readonly metrics: Metrics
  readonly logger: Logger
  /** Replaces defaults of `relayLimits`. */
  readonly limits?: Partial<RelayLimits>
}

/** Starts at once: polls the consensus and begins the first wait. `config`: one that `checkConfig` accepts. */
export function relayEngine(parts: RelayParts): RelayApi {
  const stopping = new AbortController()
  const limits = relayLimits(parts.config, parts.limits)
  const clock = timersOf(parts.clock)
  const tools = instruments(parts.metrics, parts.logger)
  const breakers = circuitBreakers(clock, parts.random, limits.breaker)
  const state = () => box.state()
  const consensus = () => liveConsensus(state().context.consensus, clock.now())
  const signal = stopping.signal
  const world: RelayWorld = { ...parts, clock, limits, tools, breakers, signal, state, consensus, dispatch }
  const announcing = announcer(world)
  const reporting = reporter(world)
  const performing = performer(world, announcing, reporting)
  const box: Mailbox<RelayContext, RelayEvent> = mailbox<RelayContext, RelayEvent, RelayEffect>({
    machine: relayMachine,
    initial: initialRelay(parts.config),
    perform: performing.perform,
    capacity: limits.mailbox,
    journal: parts.journal,
    afterEffect: parts.afterEffect,
    defect: tools.defect,
  })
  const entrance = intake(world, dispatch)
  let counted = state().context

  function dispatch(event: RelayEvent, taken: (step: RelayStep) => void = () => {}) {
    const dispatched = box.dispatch(event, (step) => {
      countChanges(tools, counted, step.state.context)
      counted = step.state.context
      taken(step)
    })
    if (dispatched === 'full') tools.error('mailboxFull', { event: event.type })
  }

  for (const effect of initialEffects(parts.config)) performing.perform(effect)
  pollConsensus(world, parts.consensus, reporting.learn)

  return {
    submit: entrance.submit,
    offerAddress(address) {
      if (announcing.isOwn(address)) return true
      let stored = false
      const draw = parts.random.u32(drawsNeeded(state().context, 'address'))
      dispatch({ type: 'address', address, at: clock.now(), draw }, ({ disposition }) => {
        stored = disposition !== 'rejected'
      })
      return stored
    },
    proofs: performing.proofs,
    state,
    async stop() {
      stopping.abort()
      box.close()
      await announcing.retireAll(new AbortController().signal)
      clock.cancelAll()
    },
  }
}

type RelayStep = Step<RelayContext, RelayEffect>
