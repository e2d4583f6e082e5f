// The world of the auditor's parts without its engine: virtual time, a store in memory, real breakers and writes. Invariant: what a part
// says to its operators is kept word for word and in order, and so are the names of the writes that it makes; a write whose name is in
// `failing` is refused as often as it is there.
import { memoryAuditorStore } from '../../../src/adapters/node/store/memory-auditor-store.ts'
import {
  type AuditorConfig,
  type AuditorLimits,
  auditorConfig,
  auditorLimits,
} from '../../../src/effects/auditor/limits.ts'
import { type AuditorWorld, writesOf } from '../../../src/effects/auditor/world.ts'
import { circuitBreakers } from '../../../src/effects/breaker.ts'
import type { AuditorStore } from '../../../src/effects/ports.ts'
import { timersOf } from '../../../src/effects/timers.ts'
import type { Consensus } from '../../../src/machines/tor/types.ts'
import { fakeClock } from './clock.ts'
import { crypto, hour, minute, startAt } from './ct-world.ts'
import { auditorKey } from './ctr.ts'
import { fakeRandom } from './random.ts'
import { recorder, type Said } from './recorder.ts'

export interface WorldScript extends Partial<Pick<AuditorWorld, 'crypto' | 'logs' | 'random'>> {
  readonly startAt?: number
  readonly config?: Partial<AuditorConfig>
  readonly limits?: Partial<AuditorLimits>
  readonly store?: Partial<AuditorStore>
  readonly consensus?: () => Consensus | null
  /** Dies at this effect. */
  readonly crashAt?: number
}

const unasked = () => Promise.reject(new Error('no log is asked here'))

export function auditorWorld(given: WorldScript = {}) {
  const clock = fakeClock(given.startAt ?? startAt)
  const controller = new AbortController()
  const { said, heard, tools } = recorder()
  const written: string[] = []
  const store: AuditorStore = { ...memoryAuditorStore({ now: () => clock.now() }), ...given.store }
  const config = auditorConfig({ auditorKey, round: { deadlineMs: 10 * minute, intervalMs: hour }, ...given.config })
  const limits = auditorLimits(config.round.deadlineMs, given.limits)
  const timers = timersOf(clock)
  const random = given.random ?? fakeRandom()
  const failing: string[] = []
  const writes = writesOf({ clock: timers, tools, storeMs: limits.storeMs }, (number, name) => {
    written.push(name)
    if (number === given.crashAt) throw new Error('crash')
  })
  const world: AuditorWorld = {
    config,
    limits,
    crypto: given.crypto ?? crypto,
    clock: timers,
    random,
    logs: given.logs ?? { getInclusion: unasked, getSthConsistency: unasked, getSth: unasked },
    store,
    breakers: circuitBreakers(timers, random, limits.breaker),
    tools,
    signal: controller.signal,
    writes: {
      write(name, write) {
        const at = failing.indexOf(name)
        if (at === -1) return writes.write(name, write)
        failing.splice(at, 1)
        return writes.write(name, async () => ({ ok: false, error: 'storeFailed', detail: 'fake' }))
      },
      boundary: writes.boundary,
      settled: writes.settled,
      get dead() {
        return writes.dead
      },
    },
    consensus: given.consensus ?? (() => null),
  }
  return { world, clock, store, written, failing, said, heard, stop: () => controller.abort() }
}

/** What is said of a write that was refused. */
export const refused = (write: string): readonly Said[] => [
  ['count', 'auditor_store_errors_total', { write, error: 'storeFailed' }],
  ['error', 'storeFailed', { write }],
]

/** What is said of something that threw. */
export const defect = (code: string, { name }: Error): readonly Said[] => [
  ['count', 'defects_total', { code }],
  ['error', code, { thrown: name }],
]
