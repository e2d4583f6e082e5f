// One request of a client and its answer, within bytes and time [WIRE-006]. Invariant: what the other side does ends as one of the
// four answers; a detail is a code or a number, never its words. Redirects are not followed: nobody but the consensus says where to go.
import { setImmediate } from 'node:timers/promises'
import type { Dispatcher } from 'undici'
import type { Answer, Isolation } from '../../../effects/ports.ts'
import type { Agents } from '../agents.ts'
import type { Connector } from '../connector.ts'
import { readBody } from './body.ts'

export interface Outgoing {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  readonly maxAnswerBytes: number
}

/** The body of a 200. @throws AbortError when the signal fired. */
export function exchange(
  agents: Agents,
  isolation: Isolation,
  outgoing: Outgoing,
  signal: AbortSignal,
): Promise<Answer<Uint8Array>> {
  return attempt(agents, isolation, signal, async (dispatcher, _connect, within) => {
    const { origin, pathname, search } = new URL(outgoing.url)
    const { method, headers = {}, body = null, maxAnswerBytes } = outgoing
    const answer = await dispatcher.request({ origin, path: pathname + search, method, headers, body, signal: within })
    const read = await readBody(answer.body, maxAnswerBytes, agents.limits.totalMs)
    // undici frees the socket a tick later: who asked again at once would open a second one beside it.
    if (read.ok) return setImmediate(judge(answer.statusCode, read.bytes))
    answer.body.destroy()
    if (read.error === 'aborted') throw read.cause
    if (answer.statusCode === 200) return { kind: 'malformed', detail: read.error }
    return judge(answer.statusCode, new Uint8Array())
  })
}

/** Runs a task on the token's agent, within the agents' total time. @throws AbortError when the signal fired. */
export async function attempt<T>(
  agents: Agents,
  isolation: Isolation,
  signal: AbortSignal,
  task: (dispatcher: Dispatcher, connect: Connector, within: AbortSignal) => Promise<Answer<T>>,
): Promise<Answer<T>> {
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(), agents.limits.totalMs)
  const within = AbortSignal.any([signal, deadline.signal])
  try {
    within.throwIfAborted()
    const answer = await agents.use(isolation, (dispatcher, connect) => task(dispatcher, connect, within))
    return answer ?? { kind: 'unreachable', detail: 'tooManyCircuits' }
  } catch (error) {
    if (signal.aborted) throw new DOMException('the caller no longer wants an answer', 'AbortError')
    return deadline.signal.aborted ? { kind: 'unreachable', detail: 'timeout' } : failed(error)
  } finally {
    clearTimeout(timer)
  }
}

function judge(status: number, bytes: Uint8Array): Answer<Uint8Array> {
  if (status === 200) return { kind: 'ok', value: bytes }
  if (status === 429 || status >= 500) return { kind: 'unreachable', detail: `status ${status}` }
  if (status >= 400) return { kind: 'refused', status }
  return { kind: 'malformed', detail: `status ${status}` }
}

/** Bytes that are no HTTP are malformed; whatever else happened, nobody answered. */
function failed(error: unknown): Answer<never> {
  const { code, name } = (error ?? {}) as { readonly code?: unknown; readonly name?: unknown }
  const detail = String(code ?? name ?? 'failed')
  return {
    kind: name === 'HTTPParserError' || code === 'UND_ERR_HEADERS_OVERFLOW' ? 'malformed' : 'unreachable',
    detail,
  }
}
