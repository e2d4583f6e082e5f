// A relay's world, scripted. Invariant: every call is recorded with its isolation token before anything else happens.

import { memoryRelayStore } from '../../../src/adapters/node/store/memory-relay-store.ts'
import { type RelayParts, relayEngine } from '../../../src/effects/relay-engine.ts'
import { leafHashOf } from '../../../src/machines/ct/leaf.ts'
import type { ProofPair } from '../../../src/machines/ct/types.ts'
import type { Step } from '../../../src/machines/kernel/machine.ts'
import { relayConfig } from '../../../src/machines/relay/profiles.ts'
import type { RelayConfig, RelayContext, RelayEffect, RelayEvent } from '../../../src/machines/relay/types.ts'
import { type Behaviour, behave, script } from './behaviour.ts'
import { type FakeClock, fakeClock } from './clock.ts'
import { allSfos, crypto, hourlyConsensus, minute, proofOf, self, startAt, worldOf } from './ct-world.ts'
import { keep } from './instruments.ts'
import { fakeRandom } from './random.ts'

export interface RelayScript {
  readonly logs?: readonly Behaviour[]
  readonly connect?: readonly Behaviour[]
  readonly submit?: readonly Behaviour[]
  readonly send?: readonly Behaviour[]
  readonly fetch?: readonly Behaviour[]
  readonly report?: readonly Behaviour[]
  readonly publish?: readonly Behaviour[]
  readonly consensus?: readonly Behaviour[]
  /** What peers serve. */
  readonly pairs?: readonly unknown[]
  readonly seed?: number
  readonly config?: Partial<RelayConfig>
  readonly parts?: Partial<RelayParts>
}

export interface Call {
  readonly port: string
  readonly at: number
  readonly isolation: string
  readonly target: string
  readonly detail?: unknown
}

export const roundDeadlineMs = 5 * minute
export const waitMs = 10 * minute
export const addressOf = (n: number) => `${n}`.padStart(56, 'a')

/** The pair that proves the SFO of that number. */
export function truePair(n: number): ProofPair {
  const { leafId, logId } = allSfos[n % allSfos.length] as (typeof allSfos)[number]
  const sth = worldOf(logId).sths[1] as ProofPair['sth']
  const proof = proofOf(logId, leafHashOf(leafId), sth.size) as ProofPair['proof']
  return { leafId, sth, proof }
}

export function relayHarness(given: RelayScript = {}, clock: FakeClock = fakeClock(startAt)) {
  const configured = relayConfig({ self, waitMs, roundDeadlineMs, ...given.config })
  if (!configured.ok) throw new Error(configured.detail)
  const calls: Call[] = []
  const journal: { readonly event: RelayEvent; readonly step: Step<RelayContext, RelayEffect> }[] = []
  const kept = keep()
  const store = memoryRelayStore({ maxBytes: 1e8, maxPairs: 1e4 })
  const published = new Set<string>()
  const next = {
    logs: script(given.logs ?? [], 'ok'),
    connect: script(given.connect ?? [], 'ok'),
    submit: script(given.submit ?? [], 'ok'),
    send: script(given.send ?? [], 'ok'),
    fetch: script(given.fetch ?? [], 'ok'),
    report: script(given.report ?? [], 'ok'),
    publish: script(given.publish ?? [], 'ok'),
    consensus: script(given.consensus ?? [], 'ok'),
  }
  let services = 0
  const call = <T>(port: keyof typeof next, isolation: string, target: string, value: () => T, detail?: unknown) => {
    calls.push({ port, at: clock.now(), isolation, target, detail })
    return behave(clock, next[port](), value)
  }
  const engine = relayEngine({
    config: configured.value,
    crypto,
    clock,
    random: fakeRandom(given.seed),
    logs: {
      getInclusion(log, { leafHash }, { size }, isolation) {
        const proof = proofOf(log.logId, leafHash, size)
        if (proof === null) return Promise.resolve({ kind: 'refused', status: 404 })
        return call('logs', isolation, log.logId, () => proof, leafHash)
      },
      getSthConsistency: () => Promise.reject(new Error('a relay does not ask for it')),
      getSth: () => Promise.reject(new Error('a relay does not ask for it')),
    },
    peers: {
      connect: (url, isolation) => call('connect', isolation, url, () => null),
      submitSfo: (url, body, hops, isolation) => call('submit', isolation, url, () => null, { body, hops }),
      sendAddress: (url, address, isolation) => call('send', isolation, url, () => null, address),
      fetchProofs: (address, _limit, isolation) =>
        call('fetch', isolation, address, () => (given.pairs ?? []) as readonly ProofPair[]),
    },
    auditors: { report: ({ auditorId }, body, isolation) => call('report', isolation, auditorId, () => null, body) },
    onion: {
      async publish() {
        const address = `service${++services}`
        calls.push({ port: 'publish', at: clock.now(), isolation: '', target: address })
        const answer = await behave(clock, next.publish(), () => address)
        if (answer.kind !== 'ok') throw new Error('no onion service')
        published.add(address)
        return address
      },
      async retire(address) {
        if (!published.delete(address)) throw new Error(`retired twice: ${address}`)
      },
    },
    consensus: {
      async newer(newerThan) {
        calls.push({ port: 'consensus', at: clock.now(), isolation: '', target: `${newerThan}` })
        const answer = await behave(clock, next.consensus(), () => hourlyConsensus(clock.now()))
        if (answer.kind !== 'ok') return { ok: false, error: 'unavailable', detail: '' }
        return { ok: true, value: answer.value.validAfter > (newerThan ?? 0) ? answer.value : null }
      },
    },
    store,
    metrics: kept.metrics,
    logger: kept.logger,
    journal: (event, step) => journal.push({ event, step }),
    ...given.parts,
  })
  const submit = (numbers: readonly number[], hops = 0) => {
    for (const n of numbers) engine.submit((allSfos[n % allSfos.length] as (typeof allSfos)[number]).body, hops)
  }
  return { engine, clock, calls, journal, kept, store, published, submit, config: configured.value }
}

export type RelayHarness = ReturnType<typeof relayHarness>
