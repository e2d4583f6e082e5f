// What the parts of the auditor's interpreter share: ports, tools, durable writes, the scope of a round [AUD-012, AUD-120].
// Invariant: `write` answers exactly once and says ok only for what the store called durable; after a crash at a boundary nothing is
// written or told any more.
import type { Crypto, Log, LogId, Result } from '../../machines/ct/types.ts'
import type { Consensus } from '../../machines/tor/types.ts'
import type { Breakers } from '../breaker.ts'
import { withDeadline } from '../deadline.ts'
import { freshIsolation } from '../draw.ts'
import { effectErrors } from '../errors.ts'
import type { Instruments } from '../instruments.ts'
import type { AuditorStore, Isolation, LogClient, Random, StoreError } from '../ports.ts'
import type { Timers } from '../timers.ts'
import type { AuditorConfig, AuditorLimits } from './limits.ts'

export interface AuditorWorld {
  readonly config: AuditorConfig
  readonly limits: AuditorLimits
  readonly crypto: Crypto
  readonly clock: Timers
  readonly random: Random
  readonly logs: LogClient
  readonly store: AuditorStore
  readonly breakers: Breakers
  readonly tools: Instruments
  /** Fires when the auditor stops. */
  readonly signal: AbortSignal
  readonly writes: Writes
  /** The one to go by, or null where none is live [CONS-001.2]. */
  consensus(): Consensus | null
}

export interface Writes {
  write<T>(name: string, write: () => Promise<Result<T, StoreError>>): Promise<Result<T, StoreError>>
  /** An effect other than a write was performed: a boundary too. */
  boundary(name: string): void
  /** Everything that was begun has ended. */
  settled(): Promise<void>
  readonly dead: boolean
}

/** `afterEffect`: called after each effect with a running number from 1; where it throws, the auditor is dead [INV-009]. */
export function writesOf(
  { clock, tools, storeMs }: { readonly clock: Timers; readonly tools: Instruments; readonly storeMs: number },
  afterEffect: (number: number, name: string) => void,
): Writes {
  const running = new Set<Promise<unknown>>()
  const never = new AbortController().signal
  let performed = 0
  let dead = false

  function boundary(name: string) {
    performed++
    try {
      afterEffect(performed, name)
    } catch {
      dead = true
    }
  }

  const failed: Result<never, StoreError> = { ok: false, error: 'storeFailed', detail: effectErrors.storeFailed }

  async function perform<T>(name: string, write: () => Promise<Result<T, StoreError>>) {
    const ended = await withDeadline(clock, never, storeMs, write)
    if (!dead) boundary(name)
    if (dead) return failed
    if (ended.kind === 'failed') tools.defect('portFailed', ended.error)
    const result = ended.kind === 'done' ? ended.value : failed
    if (!result.ok) {
      tools.count('auditor_store_errors_total', { write: name, error: result.error })
      tools.error(result.error, { write: name })
    }
    return result
  }

  return {
    write(name, write) {
      if (dead) return Promise.resolve(failed)
      const writing = perform(name, write)
      running.add(writing)
      return writing.finally(() => running.delete(writing))
    },
    boundary,
    async settled() {
      while (running.size > 0) await Promise.allSettled(running)
    },
    get dead() {
      return dead
    },
  }
}

/** A round as the interpreter sees it. */
export interface AuditorScope {
  readonly number: number
  readonly startedAt: number
  readonly signal: AbortSignal
  logOf(logId: LogId): Log | undefined
  /** One circuit a log and round [AUD-114]. */
  isolationOf(logId: LogId): Isolation
  end(): void
}

export function auditorScope(world: AuditorWorld, number: number): AuditorScope {
  const controller = new AbortController()
  const circuits = new Map<LogId, Isolation>()
  const end = () => {
    world.signal.removeEventListener('abort', end)
    controller.abort()
  }
  world.signal.addEventListener('abort', end)
  return {
    number,
    startedAt: world.clock.now(),
    signal: controller.signal,
    logOf: (logId) => world.consensus()?.logs.find((log) => log.logId === logId),
    isolationOf(logId) {
      const isolation = circuits.get(logId) ?? freshIsolation(world.random)
      circuits.set(logId, isolation)
      return isolation
    },
    end,
  }
}
