// The sections that relay and auditor have in common. Invariant: every limit of a listener and a client has a default that holds
// for a deployment, and bounds that no typing error leaves.
import type { z } from 'zod'
import { defaultAgentLimits } from '../node/agent-limits.ts'
import { defaultLimits, type ListenerLimits } from '../node/http/endpoint.ts'
import {
  addressUrl,
  choice,
  fingerprint,
  integer,
  ip,
  key,
  list,
  loopbackPort,
  path,
  section,
  shortDuration,
  tcpPort,
} from './fields.ts'

export const shared = (operationsPort: number) => ({
  operations: loopbackPort(operationsPort, 'metrics and health, on 127.0.0.1 alone'),
  key: section({ path: path('the key file that `ctor keys` made') }, "this daemon's key"),
  consensus: section(
    {
      path: path('the signed consensus file, read again at every poll'),
      authorities: list(key('an authority'), 1, 64, 'Ed25519 keys in hex; more than half of them must have signed'),
    },
    'where logs, tree heads, CTRs and auditors come from: one signed file; or `tor` instead',
  ).optional(),
  tor: section(
    {
      authorities: list(fingerprint('an authority'), 1, 64, "directory authorities' identity fingerprints"),
      extension: path('the CT extension document, read again at every poll'),
      directory: addressUrl(
        'a directory port, asked directly, since no exit leads to one; without it the control port is asked',
      ).optional(),
      cachedCerts: path("the file cached-certs of tor's data directory, for the control port").optional(),
      certificates: path('where this daemon keeps key certificates between its runs').optional(),
    },
    'where logs, tree heads, CTRs and auditors come from: the Tor consensus and its CT extension document',
  ).optional(),
  control: section(
    {
      host: ip('127.0.0.1', "address of tor's control port"),
      port: tcpPort('its port'),
      cookie: path("tor's cookie file; without it the one that tor names").optional(),
    },
    "tor's control port: onion services, and the consensus where no directory is given",
  ).optional(),
  socks: section(
    {
      host: ip('127.0.0.1', "address of Tor's SOCKS port"),
      port: tcpPort('its port'),
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

export type SharedConfig = Pick<
  z.output<z.ZodObject<ReturnType<typeof shared>>>,
  'consensus' | 'tor' | 'control' | 'socks' | 'client'
>

/** What one field cannot say of another. */
export function checkShared(
  { consensus, tor, control }: Pick<SharedConfig, 'consensus' | 'tor' | 'control'>,
  context: z.RefinementCtx,
): void {
  const issue = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
  if (consensus === undefined && tor === undefined) issue('consensus', 'an object')
  if (consensus !== undefined && tor !== undefined) issue('consensus', 'nothing, since tor is given')
  if (tor === undefined || tor.directory !== undefined) return
  if (control === undefined || tor.cachedCerts === undefined) issue('tor', 'directory, or cachedCerts and control')
}

/** Listeners by the name of their field: those that want one port of one address cannot all have it. */
export function checkPorts(
  listeners: Readonly<Record<string, { readonly host?: string; readonly port: number }>>,
  context: z.RefinementCtx,
): void {
  const entries = Object.entries(listeners)
  for (const [at, [name, { host = operationsHost, port }]] of entries.entries()) {
    const other = entries.slice(0, at).find(([, before]) => {
      const hosts = [host, before.host ?? operationsHost]
      return before.port === port && (hosts[0] === hosts[1] || hosts.some((one) => everywhere.includes(one)))
    })
    if (other === undefined || port === 0) continue
    context.addIssue({
      code: 'custom',
      path: [name, 'port'],
      message: `another port than ${port}, which is that of ${other[0]}`,
    })
  }
}

const operationsHost = '127.0.0.1'
const everywhere = ['0.0.0.0', '::']

/** Every path of it made absolute. */
export function resolvedShared<T extends SharedConfig>(config: T, resolve: (path: string) => string): T {
  const optional = (path: string | undefined) => path && resolve(path)
  const { consensus, tor, control } = config
  return {
    ...config,
    ...(consensus && { consensus: { ...consensus, path: resolve(consensus.path) } }),
    ...(tor && {
      tor: {
        ...tor,
        extension: resolve(tor.extension),
        cachedCerts: optional(tor.cachedCerts),
        certificates: optional(tor.certificates),
      },
    }),
    ...(control && { control: { ...control, cookie: optional(control.cookie) } }),
  }
}

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
