// The auditor's interpreter [AUD-101 to AUD-120]: it feeds the machines, gathers the facts they decide by, and makes what they decide
// durable. Invariant: nothing that must outlive a crash is in memory alone, and memory does not grow with the number of SFOs.
import type { RoundContext, RoundEffect, RoundEvent } from '../machines/auditor/types.ts'
import type { Crypto } from '../machines/ct/types.ts'
import type { AuditorApi } from './api.ts'
import { aheadOf } from './auditor/ahead.ts'
import { analyzeOf } from './auditor/analyze.ts'
import { startCanary } from './auditor/canary.ts'
import { circuitsOf } from './auditor/circuits.ts'
import { consensusesOf } from './auditor/consensuses.ts'
import { followUpOf } from './auditor/follow-up.ts'
import { incidentsOf } from './auditor/incidents.ts'
import { type AuditorConfig, type AuditorLimits, auditorLimits } from './auditor/limits.ts'
import { roundsOf } from './auditor/rounds.ts'
import { viewsOf } from './auditor/views.ts'
import { type AuditorWorld, writesOf } from './auditor/world.ts'
import { circuitBreakers } from './breaker.ts'
import { instruments } from './instruments.ts'
import type { MailboxParts } from './mailbox.ts'
import type { AuditorStore, Clock, ConsensusSource, LogClient, Logger, Metrics, Notifier, Random } from './ports.ts'
import { timersOf } from './timers.ts'

export interface AuditorParts {
  readonly config: AuditorConfig
  readonly crypto: Crypto
  readonly clock: Clock
  readonly random: Random
  readonly logs: LogClient
  readonly consensus: ConsensusSource
  readonly store: AuditorStore
  readonly notifier: Notifier
  /** The canary [AUD-026]: submits an SFO to this auditor over a fresh circuit; false or a rejection is a failure. */
  readonly selfSubmit?: (signal: AbortSignal) => Promise<boolean>
  readonly metrics: Metrics
  readonly logger: Logger
  /** Replaces defaults of `auditorLimits`. */
  readonly limits?: Partial<AuditorLimits>
  /** Events of the round machine. */
  readonly journal?: MailboxParts<RoundContext, RoundEvent, RoundEffect>['journal']
  /** Called after each durable write and each notification with a running number from 1; where it throws, all ends there. */
  readonly afterEffect?: (number: number, name: string) => void
}

/** Starts at once: tells what the last run did not, and sets the timer of the first round. The store stays the caller's. */
export function auditorEngine(parts: AuditorParts): AuditorApi {
  const stopping = new AbortController()
  const limits = auditorLimits(parts.config.round.deadlineMs, parts.limits)
  const clock = timersOf(parts.clock)
  const tools = instruments(parts.metrics, parts.logger)
  const consensuses = consensusesOf(parts.store, tools, clock)
  const world: AuditorWorld = {
    ...parts,
    clock,
    limits,
    tools,
    breakers: circuitBreakers(clock, parts.random, limits.breaker),
    signal: stopping.signal,
    writes: writesOf({ clock, tools, storeMs: limits.storeMs }, parts.afterEffect ?? (() => {})),
    consensus: consensuses.live,
  }
  const incidents = incidentsOf(world, parts.notifier)
  const circuits = circuitsOf(world, consensuses, aheadOf(world, consensuses, parts.consensus), incidents)
  const views = viewsOf(world, incidents)
  const rounds = roundsOf(world, {
    source: parts.consensus,
    consensuses,
    views,
    followUp: followUpOf(world, views, incidents),
    analyze: analyzeOf(world, views),
    journal: parts.journal,
    ended: incidents.notifySoon,
  })

  incidents.notifySoon()
  rounds.start(limits.startMs)
  if (parts.selfSubmit !== undefined) startCanary(world, parts.selfSubmit)

  return {
    challenge: circuits.challenge,
    submit: circuits.submit,
    counts: () => parts.store.counts(),
    incidents: () => parts.store.incidents(),
    round: rounds.run,
    async stop() {
      stopping.abort()
      await incidents.settled()
      await world.writes.settled()
      clock.cancelAll()
    },
  }
}
