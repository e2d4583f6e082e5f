// How a connection is opened: directly, or through Tor's SOCKS port with the isolation token as user name and password.
// Invariant: one connector serves one token; host names are resolved behind the proxy, never here (socks5h); a name that ends in .onion
// goes to Tor alone, and only where it is a v3 address [WIRE-007, RFC 7686].
import { EventEmitter } from 'node:events'
import type { ClientRequest } from 'node:http'
import { SocksProxyAgent } from 'socks-proxy-agent'
import { buildConnector } from 'undici'
import type { Isolation } from '../../effects/ports.ts'
import { decodeOnionAddress } from '../../machines/tor/onion-address.ts'

/** Tor's SOCKS port. */
export interface SocksProxy {
  readonly host: string
  readonly port: number
}

export type Connector = buildConnector.connector

/** TLS sessions are cached per connector, so that no resumption links two circuits. */
export function connectorFor(isolation: Isolation, socks: SocksProxy | undefined, timeoutMs: number): Connector {
  const direct = buildConnector({ timeout: timeoutMs, allowH2: false })
  const connector = socks === undefined ? direct : throughSocks(isolation, socks, timeoutMs, direct)
  return (options, callback) => {
    const { hostname } = options
    const isOnion = /\.onion\.?$/i.test(hostname)
    if (!isOnion || (socks !== undefined && decodeOnionAddress(hostname) !== null)) connector(options, callback)
    else
      callback(Object.assign(new Error('no onion address, or no Tor to reach it'), { code: 'badOnionAddress' }), null)
  }
}

/**
 * undici knows no SOCKS agent; a connector asks the agent for the socket and lets undici put its own TLS on it.
 * @throws TypeError where SOCKS5 or Tor cannot take the token: a defect of the caller.
 */
function throughSocks(isolation: Isolation, socks: SocksProxy, timeoutMs: number, direct: Connector): Connector {
  const length = Buffer.byteLength(isolation)
  if (length < 1 || length > 255 || isolation.startsWith('<torS0X>'))
    throw new TypeError('an isolation token is 1 to 255 bytes and does not begin with <torS0X>')
  const secret = encodeURIComponent(isolation)
  const agent = new SocksProxyAgent(`socks5h://${secret}:${secret}@${hostIn(socks)}:${socks.port}`, {
    timeout: timeoutMs,
  })
  return (options, callback) => {
    const secure = options.protocol === 'https:'
    const port = Number(options.port || (secure ? 443 : 80))
    const target = { host: options.hostname, port, secureEndpoint: false } as Parameters<SocksProxyAgent['connect']>[1]
    agent.connect(requestStandIn(), target).then(
      (socket) => {
        if (secure) direct({ ...options, httpSocket: socket }, callback)
        else callback(null, socket.setNoDelay())
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error('SOCKS failed'), null),
    )
  }
}

/** The agent tells its request what happened; there is no request, undici sees to that. */
function requestStandIn(): ClientRequest {
  return Object.assign(new EventEmitter(), { destroy: () => {} }) as unknown as ClientRequest
}

function hostIn({ host }: SocksProxy): string {
  return host.includes(':') ? `[${host}]` : host
}
