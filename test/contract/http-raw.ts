// A client that sends any bytes, and reads what comes back until the connection ends. Invariant: it fails where the server leaves
// the connection open, so that whoever has a reply knows that it came in time, whatever the machine's load.
import { connect, type Socket } from 'node:net'

export interface RawReply {
  /** Each status line's code, in order; empty where the connection ended without a reply. */
  readonly statuses: readonly number[]
  readonly text: string
  /** What follows the last head. */
  readonly body: string
  /** Of the last reply that has it. */
  readonly header: (name: string) => string | undefined
  readonly ms: number
}

/** Far above every deadline that a test sets, and below what a test may take. */
const patienceMs = 40_000

/** `talk` writes; it may go on writing, and should stop when the socket is gone. @throws Error where the connection does not end. */
export function raw(
  url: string,
  talk: (socket: Socket) => void,
  options: { readonly allowHalfOpen?: boolean } = {},
): Promise<RawReply> {
  const { hostname, port } = new URL(url)
  const began = performance.now()
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect({ host: hostname, port: Number(port), ...options })
    const patience = setTimeout(() => {
      reject(new Error(`the connection is still open after ${patienceMs} ms, with the reply: ${text}`))
      socket.destroy()
    }, patienceMs)
    socket.on('connect', () => talk(socket))
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(patience)
      resolve(replyOf(text, performance.now() - began))
    })
  })
}

function replyOf(text: string, ms: number): RawReply {
  const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]))
  const cut = text.lastIndexOf('\r\n\r\n')
  const head = text.slice(0, cut)
  return {
    statuses,
    text,
    body: cut < 0 ? '' : text.slice(cut + 4),
    header: (name) => [...head.matchAll(new RegExp(`^${name}: (.*)$`, 'gim'))].at(-1)?.[1]?.trim(),
    ms,
  }
}

export interface RequestParts {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** A whole request in one write. Content-Length is added where there is a body and nothing else is said. */
export function request(parts: RequestParts): Buffer {
  const body = Buffer.from(parts.body ?? '')
  const headers: Record<string, string> = { host: 'test', 'content-type': 'application/json', ...parts.headers }
  if (parts.method !== 'GET' && headers['content-length'] === undefined && headers['transfer-encoding'] === undefined)
    headers['content-length'] = String(body.length)
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.concat([
    Buffer.from(`${parts.method ?? 'POST'} ${parts.path} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1'),
    body,
  ])
}

export function send(url: string, parts: RequestParts): Promise<RawReply> {
  return raw(url, (socket) => socket.write(request(parts)))
}
