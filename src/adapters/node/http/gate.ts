// What a listener decides from a request's line and headers alone, before a byte of its body is read.
// Invariant: the answer depends on nothing that the endpoint knows, so it cannot tell what was visited [RELAY-012].
import type { Endpoints, Incoming } from './endpoint.ts'
import { errorBody, type HttpError, httpErrors } from './errors.ts'

export interface GateRequest {
  readonly method: string
  readonly url: string
  readonly headers: Incoming['headers']
}

export interface Refusal {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** `application/json`, with at most the one charset that JSON has. */
const jsonType = /^application\/json[ \t]*(;[ \t]*charset="?utf-8"?[ \t]*)?$/i

export function refusal(error: HttpError, headers: Readonly<Record<string, string>> = {}): Refusal {
  return { status: httpErrors[error], headers, body: errorBody(error) }
}

/** `take` consumes one token of the listener's bucket. The answer is null where the body may be read. */
export function gate(endpoints: Endpoints, take: () => boolean, state: { readonly refusing: boolean }) {
  const paths = new Map(Object.entries(endpoints))
  return ({ method, url, headers }: GateRequest): Refusal | null => {
    if (state.refusing) return refusal('stopping')
    if (!take()) return refusal('rateLimited', { 'retry-after': '1' })
    const endpoint = paths.get(url)
    if (endpoint === undefined) return refusal('notFound')
    if (method !== endpoint.method) return refusal('methodNotAllowed', { allow: endpoint.method })
    if (headers['content-encoding'] !== undefined) return refusal('unsupportedEncoding')
    if (method === 'GET') return null
    const type = headers['content-type']
    if (type !== undefined && !jsonType.test(String(type))) return refusal('unsupportedMediaType')
    if (Number(headers['content-length'] ?? 0) > endpoint.maxBodyBytes) return refusal('bodyTooLarge')
    return null
  }
}
