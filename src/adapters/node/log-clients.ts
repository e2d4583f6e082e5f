// The port `LogClient` for logs of both kinds: static-ct where the log has a monitoring URL, else RFC 6962 [WIRE-006, WIRE-013].
// Invariant: which one is asked follows from the consensus alone, never from what a log answers.
import type { LogClient, Metrics } from '../../effects/ports.ts'
import type { Crypto, Log } from '../../machines/ct/types.ts'
import type { Agents } from './agents.ts'
import { httpLogClient } from './log-client.ts'
import { staticLogClient } from './static-ct/static-log-client.ts'
import { tileSource } from './static-ct/tile-source.ts'

/** Some two thousand tiles. */
export const defaultTileCacheBytes = 16 * 1024 * 1024

export interface LogClientsParts {
  readonly crypto: Crypto
  readonly metrics?: Pick<Metrics, 'count' | 'gauge'>
  readonly cacheBytes?: number
}

export function logClients(
  agents: Agents,
  { crypto, metrics = unmetered, cacheBytes = defaultTileCacheBytes }: LogClientsParts,
): LogClient {
  const rfc6962 = httpLogClient(agents)
  const tiled = staticLogClient({ crypto, metrics, cacheBytes, source: tileSource(agents) })
  const clientOf = (log: Log): LogClient => (log.monitoringUrl === undefined ? rfc6962 : tiled)
  return {
    getInclusion: (log, ...rest) => clientOf(log).getInclusion(log, ...rest),
    getSthConsistency: (log, ...rest) => clientOf(log).getSthConsistency(log, ...rest),
    getSth: (log, ...rest) => clientOf(log).getSth(log, ...rest),
  }
}

const unmetered = { count() {}, gauge() {} }
