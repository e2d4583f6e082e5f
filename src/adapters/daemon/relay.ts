// Wires a relay: ports of Node around the engine, listeners in front of it [RELAY-101 to RELAY-113]. The CLI, the demo and the tests
// start it by this one function. Invariant: it stops in order: refuse (503), stop the engine, close what it used.
import type { RelayApi } from '../../effects/api.ts'
import type { ConsensusSource, Logger, Metrics } from '../../effects/ports.ts'
import { type RelayParts, relayEngine } from '../../effects/relay-engine.ts'
import { relayConfig } from '../../machines/relay/profiles.ts'
import type { CtrId } from '../../machines/tor/types.ts'
import { agentPool } from '../node/agents.ts'
import { httpAuditorClient } from '../node/auditor-client.ts'
import { systemClock } from '../node/clock.ts'
import { consensusFile } from '../node/consensus-file.ts'
import { nodeCrypto } from '../node/crypto.ts'
import { ctrIdOf, ctrProver, type Ed25519Key, readKey } from '../node/ctr-key.ts'
import { proofEndpoints, relayEndpoints } from '../node/http/relay-listener.ts'
import { logClients } from '../node/log-clients.ts'
import { pinoLogger } from '../node/logger.ts'
import { prometheusMetrics } from '../node/metrics.ts'
import { loopbackOnion, resolveLoopbackOnion } from '../node/onion-loopback.ts'
import { httpPeerClient } from '../node/peer-client.ts'
import { systemRandom } from '../node/random.ts'
import { memoryRelayStore } from '../node/store/memory-relay-store.ts'
import { remembering } from './consensus-digest.ts'
import { type Opened, once, startWith } from './life.ts'
import { listen, listenForOperator } from './listeners.ts'
import type { RelayDaemonConfig } from './relay-config.ts'
import { agentLimits, listenerLimits } from './shared-config.ts'

export interface RelayDaemon {
  /** Base of the SFO and address API, of the proof set behind the onion service, and of metrics and health. */
  readonly url: string
  readonly proofsUrl: string
  readonly operationsUrl: string
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
    const key = await readKey(config.key.path)
    if (!key.ok) throw new Error(`key: ${key.detail}`)
    const logger = overrides.logger ?? pinoLogger({ daemon: 'relay', level: config.log.level })
    const metrics = prometheusMetrics()
    const served = { port: config.proofs.port }
    const onion = loopbackOnion(overrides.random ?? systemRandom, () => served.port)
    logger.warn(
      { loopbackOnion: true },
      'DEVELOPMENT ONLY: the proof set is served on loopback, not by an onion service',
    )

    const parts = { ...portsOf(open, config, key.value, metrics, overrides), onion: onion.services, metrics, logger }
    const api = relayEngine(parts)
    open.add(() => api.stop())

    const shared = { metrics, logger, limits: listenerLimits(config.http, 1) }
    const state = { stopping: false }
    const proofs = await listen(open, 'proofs', config.proofs, proofEndpoints(api, onion.serves), shared)
    served.port = proofs.port
    const operations = await listenForOperator(open, config.operations.port, () => health(api, state.stopping), shared)
    const relay = await listen(open, 'relay', config.listen, relayEndpoints(api), shared)
    const urls = { url: relay.url, proofsUrl: proofs.url, operationsUrl: operations.url }
    logger.info({ ...urls, profile: config.profile }, 'relay is ready')

    const stop = once(async () => {
      state.stopping = true
      await Promise.all([relay.drain(config.stopMs / 4), proofs.drain(config.stopMs / 4)])
      await api.stop()
      await open.close()
      logger.info({}, 'relay has stopped')
    })
    return { ...urls, ctrId: parts.config.self, api, stop }
  })
}

function portsOf(
  open: Opened,
  config: RelayDaemonConfig,
  identity: Ed25519Key,
  metrics: Metrics,
  overrides: RelayOverrides,
): Omit<RelayParts, 'onion' | 'metrics' | 'logger'> {
  const { clock = systemClock, random = systemRandom, journal, afterEffect } = overrides
  const crypto = nodeCrypto()
  const agents = agentPool(agentLimits(config.client), config.socks)
  open.add(() => agents.close())
  const source = overrides.consensus ?? consensusFile({ ...config.consensus, crypto, clock })
  const { consensus, digest } = remembering(source)
  const prove = ctrProver({ identity, clock, consensusDigest: digest })
  return {
    config: protocolConfig(config, ctrIdOf(identity)),
    crypto,
    clock,
    random,
    logs: overrides.logs ?? logClients(agents, { crypto, metrics }),
    peers: overrides.peers ?? httpPeerClient(agents, resolveLoopbackOnion),
    auditors: overrides.auditors ?? httpAuditorClient(agents, prove),
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
  const { challengeMs, fetchMs, submitMs, publishMs, reportMs, consensusMs, consensusRetryMs } = timing
  const { backlog } = limits
  return { challengeMs, fetchMs, submitMs, publishMs, reportMs, consensusMs, consensusRetryMs, backlog }
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
