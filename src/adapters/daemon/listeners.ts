// Opens a daemon's listeners with what they have in common: counted replies, defects without their words, the operator's one.
// Invariant: each listener has a token bucket and connection limit of its own.
import type { Logger } from '../../effects/ports.ts'
import type { Endpoints, ListenerLimits } from '../node/http/endpoint.ts'
import { type Listener, startListener } from '../node/http/listener.ts'
import { type Health, operationsEndpoints } from '../node/http/operations-listener.ts'
import type { PrometheusMetrics } from '../node/metrics.ts'
import type { Opened } from './life.ts'

export interface ListenerParts {
  readonly metrics: PrometheusMetrics
  readonly logger: Logger
  readonly limits: ListenerLimits
}

/** @throws Error where the address cannot be bound. */
export async function listen(
  open: Opened,
  name: string,
  at: { readonly host: string; readonly port: number },
  endpoints: Endpoints,
  { metrics, logger, limits }: ListenerParts,
): Promise<Listener> {
  const listener = await startListener({
    ...at,
    limits,
    endpoints,
    onReply: (status) => metrics.count('http_replies_total', { listener: name, status: String(status) }),
    onDefect: (error) => {
      metrics.count('defects_total', { code: 'listenerFailed' })
      logger.error({ thrown: error instanceof Error ? error.name : typeof error }, 'a listener threw: a defect')
    },
  })
  open.add(() => listener.close())
  return listener
}

export function listenForOperator(
  open: Opened,
  port: number,
  health: () => Health,
  parts: ListenerParts,
  more: Endpoints = {},
): Promise<Listener> {
  const endpoints = { ...operationsEndpoints(() => parts.metrics.exposition(), health), ...more }
  return listen(open, 'operations', { host: '127.0.0.1', port }, endpoints, parts)
}
