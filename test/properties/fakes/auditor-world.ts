// The world of the auditor's parts without its engine: virtual time, a store in memory, real breakers and writes. Invariant: what a part
// says to its operators is kept word for word and in order, and so are the names of the writes that it makes.
import { memoryAuditorStore } from '../../../src/adapters/node/store/memory-auditor-store.ts'
import {
  type AuditorConfig,
  type AuditorLimits,
  auditorConfig,
  auditorLimits,
} from '../../../src/effects/auditor/limits.ts'
import { type AuditorWorld, writesOf } from '../../../src/effects/auditor/world.ts'
import { circuitBreakers } from '../../../src/effects/breaker.ts'
import { instruments } from '../../../src/effects/instruments.ts'
import type { AuditorStore } from '../../../src/effects/ports.ts'
import { timersOf } from '../../../src/effects/timers.ts'
import type { Consensus } from '../../../src/machines/tor/types.ts'
import { fakeClock } from './clock.ts'
import { crypto, hour, minute, startAt } from './ct-world.ts'
import { auditorKey } from './ctr.ts'
import { fakeRandom } from './random.ts'

export interface WorldScript {
  readonly startAt?: number
  readonly config?: Partial<AuditorConfig>
  readonly limits?: Partial<AuditorLimits>
  readonly store?: Partial<AuditorStore>
  readonly consensus?: () => Consensus | null
  /** Dies at this effect. */
  readonly crashAt?: number
}

/** `[count, name, labels]`, with the number where it is told; `[gauge, name, value, labels]`; `[level, message or code, fields]`. */
export type Said = readonly unknown[]

function recorder() {
  const said: Said[] = []
  const line = (level: string) => (fields: object, message: string) => {
    const { code = message, ...others } = fields as { readonly code?: string }
    said.push([level, code, others])
  }
  const tools = instruments(
    {
      count: (name, labels = {}, by) => void said.push(['count', name, labels, ...(by === undefined ? [] : [by])]),
      gauge: (name, value, labels = {}) => void said.push(['gauge', name, value, labels]),
    },
    { info: line('info'), warn: line('warn'), error: line('error') },
  )
  return { said, tools }
}

const unasked = () => Promise.reject(new Error('no log is asked here'))

export function auditorWorld(given: WorldScript = {}) {
  const clock = fakeClock(given.startAt ?? startAt)
  const controller = new AbortController()
  const { said, tools } = recorder()
  const written: string[] = []
  const store: AuditorStore = { ...memoryAuditorStore({ now: () => clock.now() }), ...given.store }
  const config = auditorConfig({ auditorKey, round: { deadlineMs: 10 * minute, intervalMs: hour }, ...given.config })
  const limits = auditorLimits(config.round.deadlineMs, given.limits)
  const timers = timersOf(clock)
  const random = fakeRandom()
  const world: AuditorWorld = {
    config,
    limits,
    crypto,
    clock: timers,
    random,
    logs: { getInclusion: unasked, getSthConsistency: unasked, getSth: unasked },
    store,
    breakers: circuitBreakers(timers, random, limits.breaker),
    tools,
    signal: controller.signal,
    writes: writesOf({ clock: timers, tools, storeMs: limits.storeMs }, (number, name) => {
      written.push(name)
      if (number === given.crashAt) throw new Error('crash')
    }),
    consensus: given.consensus ?? (() => null),
  }
  /** What was said since it was last asked. */
  const heard = () => said.splice(0)
  return { world, clock, store, written, heard, stop: () => controller.abort() }
}
