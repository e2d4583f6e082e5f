// The world of a relay's parts without its engine: virtual time, a context that the test writes, ports that reject. Invariant: every
// event that a part sends, and every word to its operators, is kept in order.
import { memoryRelayStore } from '../../../src/adapters/node/store/memory-relay-store.ts'
import { circuitBreakers } from '../../../src/effects/breaker.ts'
import { liveConsensus } from '../../../src/effects/live-consensus.ts'
import { type RelayLimits, relayLimits } from '../../../src/effects/relay/limits.ts'
import type { RelayWorld } from '../../../src/effects/relay/world.ts'
import { timersOf } from '../../../src/effects/timers.ts'
import type { SfoId } from '../../../src/machines/ct/types.ts'
import { initialRelay } from '../../../src/machines/relay/initial.ts'
import { relayConfig } from '../../../src/machines/relay/profiles.ts'
import type { Holding, RelayConfig, RelayContext, RelayEvent, Round } from '../../../src/machines/relay/types.ts'
import { fakeClock } from './clock.ts'
import { crypto, self, startAt } from './ct-world.ts'
import { fakeRandom } from './random.ts'
import { recorder } from './recorder.ts'

const unasked = () => Promise.reject(new Error('nobody asks this port here'))

/** `ports`: replaces members of the world; what is left out rejects. */
export function relayWorld(ports: Partial<RelayWorld> = {}, limits: Partial<RelayLimits> = {}) {
  const clock = fakeClock(startAt)
  const timers = timersOf(clock)
  const controller = new AbortController()
  const config = configOf()
  const { tools, heard } = recorder()
  const sent: RelayEvent[] = []
  const random = fakeRandom()
  const all = relayLimits(config, limits)
  let context: RelayContext = initialRelay(config).context
  const world: RelayWorld = {
    config,
    limits: all,
    crypto,
    clock: timers,
    random,
    logs: { getInclusion: unasked, getSthConsistency: unasked, getSth: unasked },
    peers: { submitSfo: unasked, connect: unasked, sendAddress: unasked, fetchProofs: unasked },
    auditors: { report: unasked },
    onion: { publish: unasked, retire: unasked },
    store: memoryRelayStore({ maxBytes: 1e6, maxPairs: 100 }),
    breakers: circuitBreakers(timers, random, all.breaker),
    tools,
    signal: controller.signal,
    state: () => ({ value: 'passive', context }),
    consensus: () => liveConsensus(context.consensus, timers.now()),
    dispatch: (event) => void sent.push(event),
    ...ports,
  }
  return {
    world,
    clock,
    heard,
    /** Events since it was last asked. */
    sent: () => sent.splice(0),
    stop: () => controller.abort(),
    /** The machine's context becomes another one. */
    become(change: Partial<RelayContext>) {
      context = { ...context, ...change }
    },
  }
}

function configOf(): RelayConfig {
  const configured = relayConfig({ self })
  if (!configured.ok) throw new Error(configured.detail)
  return configured.value
}

/** A round of which the parts read no more than the SFOs that it took. */
export function roundWith(taken: readonly (readonly [SfoId, Partial<Holding>])[]): Round {
  return { taken: new Map(taken) } as unknown as Round
}
