// Wires an auditor: ports of Node around the engine, listeners in front of it [AUD-101 to AUD-120]. The CLI, the demo and the tests
// start it by this one function. Invariant: it stops in order: refuse (503), finish what is under way, stop the engine, close the store.
import type { AuditorApi } from '../../effects/api.ts'
import { auditorConfig, auditorLimits } from '../../effects/auditor/limits.ts'
import { type AuditorParts, auditorEngine } from '../../effects/auditor-engine.ts'
import type { AuditorStore, ConsensusSource, Logger, Notifier } from '../../effects/ports.ts'
import { toHex } from '../../machines/ct/bytes.ts'
import type { AuditorId } from '../../machines/tor/types.ts'
import { agentPool } from '../node/agents.ts'
import { systemClock } from '../node/clock.ts'
import { nodeCrypto } from '../node/crypto.ts'
import { readKey } from '../node/ctr-key.ts'
import { auditorEndpoints } from '../node/http/auditor-listener.ts'
import { incidentEndpoints } from '../node/http/operations-listener.ts'
import { logClients } from '../node/log-clients.ts'
import { pinoLogger } from '../node/logger.ts'
import { prometheusMetrics } from '../node/metrics.ts'
import { alertsFile } from '../node/notifier.ts'
import { systemRandom } from '../node/random.ts'
import { sqliteAuditorStore } from '../node/store/sqlite-auditor-store.ts'
import type { AuditorDaemonConfig } from './auditor-config.ts'
import { canaryOf } from './canary.ts'
import { remembering } from './consensus-digest.ts'
import { consensusSourceOf } from './consensus-source.ts'
import { type Opened, once, startWith } from './life.ts'
import { listen, listenForOperator } from './listeners.ts'
import { standing, torOnionOf } from './onion.ts'
import { agentLimits, listenerLimits } from './shared-config.ts'

export interface AuditorDaemon {
  /** Base of the submission API; of metrics, health and incidents. */
  readonly url: string
  readonly operationsUrl: string
  /** Where Tor leads to the same API while this runs, or null. */
  readonly onionUrl: string | null
  /** As a consensus lists it: the key, 64 hex digits, and its SHA-256. */
  readonly key: string
  readonly auditorId: AuditorId
  readonly api: AuditorApi
  /** Resolves once everything is closed; may be called more than once. */
  stop(): Promise<void>
}

/** What a test or the demo puts in place of Node's own. */
export interface AuditorOverrides
  extends Partial<
    Pick<AuditorParts, 'clock' | 'random' | 'logs' | 'selfSubmit' | 'limits' | 'journal' | 'afterEffect'>
  > {
  readonly consensus?: ConsensusSource
  /** Closed by the daemon. */
  readonly store?: AuditorStore
  readonly notifier?: Notifier
  readonly logger?: Logger
}

/** Challenge and submission, with room for a few more submissions on the same circuit. */
const requestsPerConnection = 8

/**
 * Paths of `config` are taken as they are.
 * @throws Error where key, store or alerts cannot be opened or an address cannot be bound.
 */
export function startAuditor(config: AuditorDaemonConfig, overrides: AuditorOverrides = {}): Promise<AuditorDaemon> {
  return startWith(async (open) => {
    const read = await readKey(config.key.path)
    if (!read.ok) throw new Error(`key: ${read.detail}`)
    const logger = overrides.logger ?? pinoLogger({ daemon: 'auditor', level: config.log.level })
    const metrics = prometheusMetrics()
    const crypto = nodeCrypto()
    const key = toHex(read.value.publicKey)
    const auditorId = toHex(crypto.sha256(read.value.publicKey))

    const own = { auditorId, key, crypto, metrics, logger }
    const ports = await portsOf(open, config, own, overrides)
    const api = auditorEngine({ ...ports, crypto, metrics, logger, config: protocolConfig(config, key) })
    open.add(() => api.stop())

    const shared = { metrics, logger, limits: listenerLimits(config.http, requestsPerConnection) }
    const state = { stopping: false }
    const health = () => ({ ok: !state.stopping, ...api.counts() })
    const incidents = incidentEndpoints(() => api.incidents())
    const operations = await listenForOperator(open, config.operations.port, health, shared, incidents)
    const auditor = await listen(open, 'auditor', config.listen, auditorEndpoints(api), shared)
    const urls = { url: auditor.url, operationsUrl: operations.url }
    const onionUrl = await onionUrlOf(open, config, auditor.port, logger)
    logger.info({ ...urls, ...(onionUrl !== null && { onionUrl }) }, 'auditor is ready')

    const stop = once(async () => {
      state.stopping = true
      await auditor.drain(config.stopMs / 2)
      await api.stop()
      await open.close()
      logger.info({}, 'auditor has stopped')
    })
    return { ...urls, onionUrl, key, auditorId, api, stop }
  })
}

async function onionUrlOf(open: Opened, { onion, control }: AuditorDaemonConfig, port: number, logger: Logger) {
  if (onion === undefined || control === undefined) return null
  return standing(torOnionOf(open, control, { port: () => port, logger, uploadMs }), port)
}

/** Longest wait for the first upload of this auditor's descriptor. */
const uploadMs = 60_000

async function portsOf(
  open: Opened,
  config: AuditorDaemonConfig,
  {
    auditorId,
    key,
    crypto,
    metrics,
    logger,
  }: Pick<AuditorDaemon, 'auditorId' | 'key'> & Pick<AuditorParts, 'crypto' | 'metrics' | 'logger'>,
  overrides: AuditorOverrides,
): Promise<Omit<AuditorParts, 'crypto' | 'metrics' | 'logger' | 'config'>> {
  const { clock = systemClock, random = systemRandom, journal, afterEffect } = overrides
  const agents = agentPool(agentLimits(config.client), config.socks)
  open.add(() => agents.close())
  const source = overrides.consensus ?? consensusSourceOf(open, config, { crypto, clock })
  const { consensus, digest } = remembering(source)
  const store = overrides.store ?? storeOf(config)
  open.add(() => store.close())
  const notifier = overrides.notifier ?? (await notifierOf(open, config, logger))
  const auditor = { auditorId, key }
  const canary = config.canary && (await canaryOf(config.canary, { agents, clock, consensusDigest: digest, auditor }))
  const selfSubmit = overrides.selfSubmit ?? canary
  return {
    clock,
    random,
    logs: overrides.logs ?? logClients(agents, { crypto, metrics }),
    consensus,
    store,
    notifier,
    limits: { ...engineLimits(config), ...overrides.limits },
    ...(selfSubmit && { selfSubmit }),
    ...(journal && { journal }),
    ...(afterEffect && { afterEffect }),
  }
}

const pagesPerMegabyte = 512

function storeOf({ store: { path, maxMegabytes } }: AuditorDaemonConfig): AuditorStore {
  return sqliteAuditorStore({ path, maxPages: maxMegabytes * pagesPerMegabyte })
}

async function notifierOf(open: Opened, { alerts }: AuditorDaemonConfig, logger: Logger): Promise<Notifier> {
  const file = await alertsFile(alerts.path, logger)
  open.add(() => file.close())
  return file
}

function protocolConfig({ timing, limits, nullModel }: AuditorDaemonConfig, auditorKey: string) {
  const { graceMs, nonceLifetimeMs, roundDeadlineMs: deadlineMs, roundIntervalMs: intervalMs } = timing
  const { sthsPerLog, maxObjects } = limits
  const round = { deadlineMs, intervalMs }
  return auditorConfig({ auditorKey, round, graceMs, nonceLifetimeMs, sthsPerLog, maxObjects, nullModel })
}

function engineLimits({ timing, limits }: AuditorDaemonConfig): Partial<ReturnType<typeof auditorLimits>> {
  const { startMs, challengeMs, consistencyMs, consensusMs, canaryMs } = timing
  const { circuits, concurrentLogs, challengesPerLog, probesPerRound } = limits
  const { concurrentSubmissions: concurrent, queuedSubmissions: queued, quotaSfos, quotaRefillMs } = limits
  const quota = { ...auditorLimits(timing.roundDeadlineMs).quota, capacity: quotaSfos, refillMs: quotaRefillMs }
  const times = { startMs, challengeMs, consistencyMs, consensusMs, canaryMs }
  return {
    ...times,
    circuits,
    concurrentLogs,
    challengesPerLog,
    probesPerRound,
    quota,
    submissions: { concurrent, queued },
  }
}
