// What a listener serves, and within which limits. Invariant: an endpoint sees bytes that already kept the limits, and answers
// with a status of spec/wire.md.
import type { ConnectionLimits } from './linger.ts'
import type { RateLimit } from './token-bucket.ts'

export interface ListenerLimits extends ConnectionLimits, RateLimit {
  /** Time for a request's headers to arrive, and from there for its body. */
  readonly headersMs: number
  readonly bodyMs: number
  readonly maxHeaderBytes: number
  /** Requests that one connection may carry; the reply to the last says `Connection: close`. */
  readonly requestsPerConnection: number
}

export const defaultLimits: ListenerLimits = {
  maxConnections: 512,
  connectionMs: 60_000,
  lingerMs: 1_000,
  headersMs: 10_000,
  bodyMs: 20_000,
  maxHeaderBytes: 8_192,
  requestsPerConnection: 1,
  ratePerSecond: 200,
  burst: 400,
}

export interface Incoming {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Uint8Array
}

export interface Reply {
  readonly status: number
  readonly contentType?: string
  readonly body?: string
  /** The client gets no second request on this connection. */
  readonly close?: boolean
}

export interface Endpoint {
  readonly method: 'GET' | 'POST'
  readonly maxBodyBytes: number
  handle(incoming: Incoming): Reply | Promise<Reply>
}

/** By exact path. */
export type Endpoints = Readonly<Record<string, Endpoint>>
