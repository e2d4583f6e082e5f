// The sections that relay and auditor have in common. Invariant: every limit of a listener and a client has a default that holds
// for a deployment, and bounds that no typing error leaves.
import { z } from 'zod'
import { defaultAgentLimits } from '../node/agent-limits.ts'
import { defaultLimits, type ListenerLimits } from '../node/http/endpoint.ts'
import { choice, integer, key, list, loopbackPort, path, section, shortDuration } from './fields.ts'

export const shared = (operationsPort: number) => ({
  operations: loopbackPort(operationsPort, 'metrics and health, on 127.0.0.1 alone'),
  key: section({ path: path('the key file that `ctor keys` made') }, "this daemon's key"),
  consensus: section(
    {
      path: path('the signed consensus file, read again at every poll'),
      authorities: list(key('an authority'), 1, 64, 'Ed25519 keys in hex; more than half of them must have signed'),
    },
    'where logs, tree heads, CTRs and auditors come from',
  ),
  socks: section(
    {
      host: z
        .union([z.ipv4(), z.ipv6()], 'an IPv4 or IPv6 address')
        .default('127.0.0.1')
        .describe("address of Tor's SOCKS port"),
      port: z
        .int('a TCP port, 1 to 65535')
        .min(1, 'a TCP port, 1 to 65535')
        .max(65_535, 'a TCP port, 1 to 65535')
        .describe('its port'),
    },
    'send everything through Tor, a circuit an isolation token; without it connections are direct',
  ).optional(),
  http: section(
    {
      maxConnections: integer(1, 65_536, defaultLimits.maxConnections, 'open connections a listener'),
      ratePerSecond: integer(1, 1_000_000, defaultLimits.ratePerSecond, 'requests a second a listener, beyond it 429'),
      burst: integer(1, 1_000_000, defaultLimits.burst, 'requests at once a listener'),
      headersMs: shortDuration(100, defaultLimits.headersMs, "time for a request's headers, beyond it 408"),
      bodyMs: shortDuration(100, defaultLimits.bodyMs, "time for a request's body, beyond it 408"),
      connectionMs: shortDuration(1_000, defaultLimits.connectionMs, 'longest life of a connection'),
      lingerMs: shortDuration(0, defaultLimits.lingerMs, 'how long a refused body is read and thrown away'),
    },
    'limits of each listener',
  ).prefault({}),
  client: section(
    {
      maxCircuits: integer(1, 65_536, defaultAgentLimits.maxAgents, 'isolated connections at once'),
      idleMs: shortDuration(0, defaultAgentLimits.idleMs, 'how long an unused one is kept'),
      connectMs: shortDuration(1, defaultAgentLimits.connectMs, 'time to connect'),
      requestMs: shortDuration(1, defaultAgentLimits.totalMs, 'time from request to the last byte of its answer'),
    },
    'limits of what this daemon asks others',
  ).prefault({}),
  log: section(
    { level: choice(['debug', 'info', 'warn', 'error', 'silent'], 'least important line shown').default('info') },
    'JSON lines on stderr',
  ).prefault({}),
  stopMs: shortDuration(1, 10_000, 'longest orderly stop after SIGTERM or SIGINT; then the process ends all the same'),
})

export function listenerLimits(
  http: Pick<ListenerLimits, Exclude<keyof ListenerLimits, 'maxHeaderBytes' | 'requestsPerConnection'>>,
  requestsPerConnection: number,
): ListenerLimits {
  return { ...defaultLimits, ...http, requestsPerConnection }
}

export function agentLimits(client: { maxCircuits: number; idleMs: number; connectMs: number; requestMs: number }) {
  const { maxCircuits, idleMs, connectMs, requestMs } = client
  return { maxAgents: maxCircuits, idleMs, connectMs, totalMs: requestMs }
}
