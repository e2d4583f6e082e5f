// An auditor's world, scripted: consensuses by the hour, logs that behave as told, a store that outlives the engine. Invariant: every
// request to a log and every notification is recorded.
import { memoryAuditorStore } from '../../../src/adapters/node/store/memory-auditor-store.ts'
import type { SubmitReply } from '../../../src/effects/api.ts'
import { auditorConfig } from '../../../src/effects/auditor/limits.ts'
import { type AuditorParts, auditorEngine } from '../../../src/effects/auditor-engine.ts'
import type { AuditorStore, Incident } from '../../../src/effects/ports.ts'
import { encodeSfoBody } from '../../../src/machines/ct/sfo.ts'
import type { Sfo } from '../../../src/machines/ct/types.ts'
import type { Consensus } from '../../../src/machines/tor/types.ts'
import { type Behaviour, behave, script } from './behaviour.ts'
import { type FakeClock, fakeClock } from './clock.ts'
import { allSfos, crypto, hour, hourlyConsensus, minute, proofOf, startAt, worldOf } from './ct-world.ts'
import { auditorKey, type FakeCtr, fakeCtrs } from './ctr.ts'
import { keep } from './instruments.ts'
import { fakeRandom } from './random.ts'

export interface AuditorScript {
  readonly logs?: readonly Behaviour[]
  readonly consistency?: readonly Behaviour[]
  readonly consensus?: readonly Behaviour[]
  readonly notify?: readonly Behaviour[]
  /** What changes in the consensus of that hour. */
  readonly change?: (hour: number) => Partial<Consensus>
  readonly seed?: number
  readonly clock?: FakeClock
  readonly store?: AuditorStore
  readonly told?: Map<number, Incident>
  readonly parts?: Partial<AuditorParts>
}

const ctrs = fakeCtrs.map(({ ctrId }) => ({ ctrId, url: 'http://127.0.0.1:1/ctr', family: [] }))

export function auditorHarness(given: AuditorScript = {}) {
  const clock = given.clock ?? fakeClock(startAt)
  const store = given.store ?? memoryAuditorStore({ now: () => clock.now() })
  const kept = keep()
  const asked: { readonly at: number; readonly logId: string; readonly isolation: string; readonly size: number }[] = []
  /** By incident id, as a notifier that knows what it told. */
  const told = given.told ?? new Map<number, Incident>()
  const deliveries: number[] = []
  const next = {
    logs: script(given.logs ?? [], 'ok'),
    consistency: script(given.consistency ?? [], 'ok'),
    consensus: script(given.consensus ?? [], 'ok'),
    notify: script(given.notify ?? [], 'ok'),
  }
  const current = () => hourlyConsensus(clock.now(), (n) => ({ ctrs, ...given.change?.(n) }))
  const engine = auditorEngine({
    config: auditorConfig({ auditorKey, round: { deadlineMs: 10 * minute, intervalMs: hour } }),
    crypto,
    clock,
    random: fakeRandom(given.seed),
    logs: {
      getInclusion(log, { leafHash }, { size }, isolation) {
        asked.push({ at: clock.now(), logId: log.logId, isolation, size })
        const proof = proofOf(log.logId, leafHash, size)
        if (proof === null) return Promise.resolve({ kind: 'refused', status: 404 })
        return behave(clock, next.logs(), () => proof)
      },
      getSthConsistency(log, first, second) {
        const reply = worldOf(log.logId).ct.consistency(first.size, second.size)
        return behave(clock, next.consistency(), () => (reply.ok ? reply.value : []))
      },
      getSth: () => Promise.reject(new Error('an auditor does not ask for it')),
    },
    consensus: {
      async newer(newerThan) {
        const answer = await behave(clock, next.consensus(), current)
        if (answer.kind !== 'ok') return { ok: false, error: 'unavailable', detail: '' }
        return { ok: true, value: answer.value.validAfter > (newerThan ?? 0) ? answer.value : null }
      },
    },
    store,
    notifier: {
      async notify(incident) {
        deliveries.push(incident.id)
        const answer = await behave(clock, next.notify(), () => null)
        if (answer.kind !== 'ok') throw new Error('the notifier is away')
        told.set(incident.id, incident)
      },
    },
    metrics: kept.metrics,
    logger: kept.logger,
    ...given.parts,
  })

  /** Submits as that CTR; the nonce, the proof and the circuit are its own. */
  async function submit(sfos: readonly Sfo[], ctr: FakeCtr = fakeCtrs[0] as FakeCtr): Promise<SubmitReply> {
    return submitBody(encodeSfoBody(sfos), ctr)
  }

  async function submitBody(body: Uint8Array, ctr: FakeCtr = fakeCtrs[0] as FakeCtr): Promise<SubmitReply> {
    const nonce = engine.challenge()
    if (nonce === null) return { status: 503, error: 'noNonce' }
    return settle(clock, engine.submit(ctr.prove(nonce, current().digest), body))
  }

  /** A whole round, from now. */
  async function round(): Promise<void> {
    let ended = false
    const running = engine.round().then(() => {
      ended = true
    })
    for (let steps = 0; !ended && steps < 100; steps++) await clock.advance(minute)
    await running
    await clock.advance(1)
  }

  return { engine, clock, store, kept, asked, told, deliveries, submit, submitBody, round, current }
}

/** Waits for a promise, in virtual time. */
export async function settle<T>(clock: FakeClock, promise: Promise<T>): Promise<T> {
  let done = false
  const watched = promise.finally(() => {
    done = true
  })
  watched.catch(() => {})
  for (let steps = 0; !done && steps < 1000; steps++) await clock.advance(100)
  return watched
}

export const sfosOf = (...numbers: readonly number[]): readonly Sfo[] =>
  numbers.map((n) => (allSfos[n % allSfos.length] as (typeof allSfos)[number]).sfo)

export type AuditorHarness = ReturnType<typeof auditorHarness>
