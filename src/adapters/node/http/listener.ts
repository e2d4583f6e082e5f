// One HTTP listener: a table of endpoints behind limits that hold while a request is still arriving. Endpoints see bytes, not
// JSON, so that the strict decoders judge what was sent. Invariant: whatever a client does, it gets one status of the closed
// set (or a closed connection) within the limits, and the listener serves the next one.
import { type Server, STATUS_CODES } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type FastifyInstance, type FastifyReply, fastify } from 'fastify'
import { readBody } from './body.ts'
import type { Endpoint, Endpoints, ListenerLimits } from './endpoint.ts'
import type { HttpError } from './errors.ts'
import { gate, type Refusal, refusal } from './gate.ts'
import { limitConnections } from './linger.ts'
import { tokenBucket } from './token-bucket.ts'

export interface ListenerOptions {
  readonly host: string
  /** 0: the kernel chooses. */
  readonly port: number
  readonly limits: ListenerLimits
  readonly endpoints: Endpoints
  /** Told each status that was sent, for a counter. */
  readonly onReply?: (status: number) => void
  /** Told what an endpoint threw: a defect. Its message may hold anything; it is not sent. */
  readonly onDefect?: (error: unknown) => void
}

export interface Listener {
  readonly url: string
  readonly port: number
  /** From now on every new request is answered 503. Resolves once none is under way any more, or after `ms`. */
  drain(ms: number): Promise<void>
  /** Connections that still exist are cut. */
  close(): Promise<void>
}

/** @throws Error where host and port cannot be bound. */
export async function startListener(options: ListenerOptions): Promise<Listener> {
  const state: ListenerState = { refusing: false, underWay: 0, onIdle: () => {} }
  const app = server(options)
  limitConnections(app.server, options.limits)
  refuseExpectations(app.server, options)
  guard(app, options, state)
  const isLast = requestCounter(options.limits.requestsPerConnection)
  for (const [url, endpoint] of Object.entries(options.endpoints))
    serve(app, url, counted(endpoint, state), options.limits, isLast)
  await app.listen({ host: options.host, port: options.port })
  const bound = app.server.address() as AddressInfo
  const host = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address
  return {
    url: `http://${host}:${bound.port}`,
    port: bound.port,
    drain: (ms) => {
      state.refusing = true
      return idle(state, ms)
    },
    close: () => app.close(),
  }
}

interface ListenerState {
  refusing: boolean
  /** Requests whose endpoint has not answered yet. */
  underWay: number
  onIdle: () => void
}

function counted(endpoint: Endpoint, state: ListenerState): Endpoint {
  return {
    ...endpoint,
    async handle(incoming) {
      state.underWay++
      try {
        return await endpoint.handle(incoming)
      } finally {
        state.underWay--
        if (state.underWay === 0) state.onIdle()
      }
    },
  }
}

/** A request that is still being sent does not count: nothing was promised to it. */
function idle(state: ListenerState, ms: number): Promise<void> {
  if (state.underWay === 0) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    state.onIdle = () => {
      clearTimeout(timer)
      resolve()
    }
  })
}

function server({ limits, onReply }: ListenerOptions): FastifyInstance {
  return fastify({
    logger: false,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    forceCloseConnections: true,
    connectionTimeout: limits.connectionMs,
    keepAliveTimeout: limits.headersMs,
    requestTimeout: limits.headersMs + limits.bodyMs,
    maxRequestsPerSocket: limits.requestsPerConnection,
    http: {
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.headersMs,
      connectionsCheckingInterval: Math.min(1_000, Math.ceil(limits.headersMs / 4)),
    },
    clientErrorHandler: (error, socket) => {
      const refused = refusal(clientErrors[error.code ?? ''] ?? 'badRequest')
      if (answerRaw(socket, refused)) onReply?.(refused.status)
    },
    frameworkErrors: (_error, _request, reply) => answer(reply as unknown as FastifyReply, 'badRequest'),
  })
}

/** Node itself would answer with a Date and an empty body, and leave the connection open [WIRE-001.11]. */
function refuseExpectations(http: Server, { onReply }: ListenerOptions): void {
  http.on('checkExpectation', ({ socket }) => {
    const refused = refusal('expectationFailed')
    if (answerRaw(socket, refused)) onReply?.(refused.status)
  })
}

/** What Node's parser found before there was a request. */
const clientErrors: Readonly<Record<string, HttpError>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'timeout',
  HPE_HEADER_OVERFLOW: 'headersTooLarge',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'bodyTooLarge',
}

function guard(app: FastifyInstance, options: ListenerOptions, state: { readonly refusing: boolean }): void {
  const admit = gate(options.endpoints, tokenBucket(options.limits), state)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  app.addHook('onRequest', async (request, reply) => {
    withoutDate(reply)
    const { method = '', url = '', headers } = request.raw
    const refused = admit({ method, url, headers })
    return refused === null ? undefined : refuseWith(reply, refused)
  })
  app.addHook('onResponse', async (_request, reply) => options.onReply?.(reply.statusCode))
  app.setNotFoundHandler((_request, reply) => answer(reply, 'notFound'))
  app.setErrorHandler((error, _request, reply) => {
    options.onDefect?.(error)
    return answer(reply, 'internal')
  })
}

/**
 * Node announces the end of a connection that reached `maxRequestsPerSocket`, but leaves it open until the keep-alive timeout;
 * it closes at once where the reply itself says `Connection: close`.
 */
function requestCounter(requestsPerConnection: number) {
  const requests = new WeakMap<Socket, number>()
  return (socket: Socket): boolean => {
    const count = (requests.get(socket) ?? 0) + 1
    requests.set(socket, count)
    return count >= requestsPerConnection
  }
}

function serve(
  app: FastifyInstance,
  url: string,
  endpoint: Endpoint,
  limits: ListenerLimits,
  isLast: (socket: Socket) => boolean,
): void {
  app.route({
    method: endpoint.method,
    url,
    handler: async (request, reply) => {
      const read = await readBody(request.raw, endpoint.maxBodyBytes, limits.bodyMs)
      if (!read.ok) return answer(reply, read.error === 'aborted' ? 'badRequest' : read.error)
      const { status, body, contentType, close } = await endpoint.handle({ headers: request.headers, body: read.bytes })
      if (isLast(request.raw.socket) || close === true) reply.header('connection', 'close')
      if (contentType !== undefined) reply.type(contentType)
      return reply.code(status).send(body)
    },
  })
}

/** A refused request ends its connection: the rest of its body is not worth reading. */
function answer(reply: FastifyReply, error: HttpError): FastifyReply {
  return refuseWith(reply, refusal(error))
}

/** A Date header would tell this machine's clock, by which an onion service and a relay can be matched. */
function withoutDate(reply: FastifyReply): void {
  reply.raw.sendDate = false
}

/** Hooks do not run for all that is refused. */
function refuseWith(reply: FastifyReply, { status, headers, body }: Refusal): FastifyReply {
  withoutDate(reply)
  return reply.code(status).headers(headers).header('connection', 'close').type('application/json').send(body)
}

/** Answers false where a reply was already begun on this connection: then it is only cut. */
function answerRaw(socket: Socket, { status, body }: Refusal): boolean {
  const begun = (socket as { _httpMessage?: { headersSent: boolean } })._httpMessage?.headersSent === true
  if (!socket.writable || begun) {
    socket.destroy()
    return false
  }
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'connection: close',
    'content-type: application/json',
    `content-length: ${body.length}`,
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
  socket.destroySoon()
  return true
}
