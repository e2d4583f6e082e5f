// Wires a relay: ports of Node around the engine, listeners in front of it [RELAY-101 to RELAY-113]. The CLI, the demo and the tests
// start it by this one function. Invariant: it stops in order: refuse (503), stop the engine, close what it used.
import type { RelayApi } from '../../effects/api.ts'
import type { ConsensusSource, Logger, Metrics } from '../../effects/ports.ts'
import { reportRetry } from '../../effects/relay/limits.ts'
import { type RelayParts, relayEngine } from '../../effects/relay-engine.ts'
import { relayConfig } from '../../machines/relay/profiles.ts'
import type { CtrId } from '../../machines/tor/types.ts'
import { agentPool } from '../node/agents.ts'
import { httpAuditorClient } from '../node/auditor-client.ts'
import { systemClock } from '../node/clock.ts'
import { nodeCrypto } from '../node/crypto.ts'
import { type CtrIdentity, ctrIdentity } from '../node/ctr-identity.ts'
import { proofEndpoints, relayEndpoints } from '../node/http/relay-listener.ts'
import { logClients } from '../node/log-clients.ts'
import { pinoLogger } from '../node/logger.ts'
import { prometheusMetrics } from '../node/metrics.ts'
import { httpPeerClient, type OnionResolver } from '../node/peer-client.ts'
import { systemRandom } from '../node/random.ts'
import { memoryRelayStore } from '../node/store/memory-relay-store.ts'
import { remembering } from './consensus-digest.ts'
import { consensusSourceOf } from './consensus-source.ts'
import { type Opened, once, startWith } from './life.ts'
import { listen, listenForOperator } from './listeners.ts'
import { onionOf, standing } from './onion.ts'
import type { RelayDaemonConfig } from './relay-config.ts'
import { agentLimits, listenerLimits } from './shared-config.ts'

export interface RelayDaemon {
  /** Base of the SFO and address API, of the proof set behind the onion service, and of metrics and health. */
  readonly url: string
  readonly proofsUrl: string
  readonly operationsUrl: string
  /** Where Tor leads to the same API while this runs, or null. */
  readonly onionUrl: string | null
  /** This relay's identity, as a consensus lists it. */
  readonly ctrId: CtrId
  readonly api: RelayApi
  /** Resolves once everything is closed; may be called more than once. */
  stop(): Promise<void>
}

/** What a test or the demo puts in place of Node's own. */
export interface RelayOverrides
  extends Partial<Pick<RelayParts, 'clock' | 'random' | 'logs' | 'peers' | 'auditors' | 'journal' | 'afterEffect'>> {
  readonly consensus?: ConsensusSource
  readonly logger?: Logger
  readonly limits?: RelayParts['limits']
}

/**
 * Paths of `config` are taken as they are.
 * @throws Error where the key cannot be read, the machine refuses the configuration or an address cannot be bound.
 */
export function startRelay(config: RelayDaemonConfig, overrides: RelayOverrides = {}): Promise<RelayDaemon> {
  return startWith(async (open) => {
    const crypto = nodeCrypto()
    const { clock = systemClock, random = systemRandom } = overrides
    const identity = await ctrIdentity(config.key, crypto, clock)
    if (!identity.ok) throw new Error(`key: ${identity.detail}`)
    const logger = overrides.logger ?? pinoLogger({ daemon: 'relay', level: config.log.level })
    const metrics = prometheusMetrics()
    const served = { port: config.proofs.port }
    const place = { kind: config.onion.kind, control: config.control }
    const uploadMs = config.timing.publishMs
    const onion = onionOf(open, place, { random, port: () => served.port, logger, uploadMs })

    const own = { identity: identity.value, crypto, metrics, resolve: onion.resolve }
    const parts = { ...portsOf(open, config, own, overrides), onion: onion.services, metrics, logger }
    const api = relayEngine(parts)
    open.add(() => api.stop())

    const shared = { metrics, logger, limits: listenerLimits(config.http, 1) }
    const state = { stopping: false }
    const proofs = await listen(open, 'proofs', config.proofs, proofEndpoints(api, onion.serves), shared)
    served.port = proofs.port
    const operations = await listenForOperator(open, config.operations.port, () => health(api, state.stopping), shared)
    const relay = await listen(open, 'relay', config.listen, relayEndpoints(api), shared)
    const onionUrl = config.onion.listener ? await standing(onion, relay.port) : null
    const urls = { url: relay.url, proofsUrl: proofs.url, operationsUrl: operations.url }
    logger.info({ ...urls, ...(onionUrl !== null && { onionUrl }), profile: config.profile }, 'relay is ready')

    const stop = once(async () => {
      state.stopping = true
      await Promise.all([relay.drain(config.stopMs / 4), proofs.drain(config.stopMs / 4)])
      await api.stop()
      await open.close()
      logger.info({}, 'relay has stopped')
    })
    return { ...urls, onionUrl, ctrId: parts.config.self, api, stop }
  })
}

interface RelayOwn {
  readonly identity: CtrIdentity
  readonly crypto: RelayParts['crypto']
  readonly metrics: Metrics
  readonly resolve: OnionResolver
}

function portsOf(
  open: Opened,
  config: RelayDaemonConfig,
  { identity, crypto, metrics, resolve }: RelayOwn,
  overrides: RelayOverrides,
): Omit<RelayParts, 'onion' | 'metrics' | 'logger'> {
  const { clock = systemClock, random = systemRandom, journal, afterEffect } = overrides
  const agents = agentPool(agentLimits(config.client), config.socks)
  open.add(() => agents.close())
  const source = overrides.consensus ?? consensusSourceOf(open, config, { crypto, clock })
  const { consensus, digest } = remembering(source)
  return {
    config: protocolConfig(config, identity.ctrId),
    crypto,
    clock,
    random,
    logs: overrides.logs ?? logClients(agents, { crypto, metrics }),
    peers: overrides.peers ?? httpPeerClient(agents, resolve),
    auditors: overrides.auditors ?? httpAuditorClient(agents, identity.prover(digest)),
    consensus,
    store: memoryRelayStore({ maxBytes: config.limits.memoryBytes, maxPairs: config.limits.proofCapacity }),
    limits: { ...engineLimits(config), ...overrides.limits },
    ...(journal && { journal }),
    ...(afterEffect && { afterEffect }),
  }
}

function protocolConfig({ profile, policy, family, n, k, timing, limits }: RelayDaemonConfig, self: CtrId) {
  const { waitMs, roundDeadlineMs, proofLifetimeMs, forwardMemoryMs, addressLifetimeMs, holdLimitMs } = timing
  const { memoryBytes: _memory, backlog: _backlog, ...capacities } = limits
  const durations = { waitMs, roundDeadlineMs, proofLifetimeMs, forwardMemoryMs, addressLifetimeMs, holdLimitMs }
  const checked = relayConfig({ self, family, n, k, ...durations, ...capacities, policy: defined(policy) }, profile)
  if (!checked.ok) throw new Error(checked.detail)
  return checked.value
}

/** Absent and undefined are the same to zod, but not to a spread. */
function defined<T extends object>(given: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as never
}

function engineLimits({ timing, limits }: RelayDaemonConfig): RelayParts['limits'] & object {
  const { challengeMs, fetchMs, submitMs, publishMs, reportMs, reportRetryMs, consensusMs, consensusRetryMs } = timing
  const requests = { challengeMs, fetchMs, submitMs, publishMs, reportMs, consensusMs, consensusRetryMs }
  return { ...requests, reportRetry: reportRetry(reportRetryMs), backlog: limits.backlog }
}

function health(api: RelayApi, stopping: boolean) {
  const { value, context } = api.state()
  const validUntil = context.consensus?.validUntil ?? null
  return {
    ok: !stopping,
    state: typeof value === 'string' ? value : JSON.stringify(value),
    round: context.roundNumber,
    consensusValidUntil: validUntil,
  }
}
