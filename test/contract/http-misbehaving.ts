// A server on loopback that answers as it is told, and a SOCKS5 proxy that remembers what it was asked.

import type { AddressInfo } from 'node:net'
import { createServer, connect as dial, type Server, type Socket } from 'node:net'

export interface Misbehaving {
  readonly url: string
  readonly port: number
  /** The head of each request, in order. */
  readonly requests: string[]
  /** Connections accepted so far. */
  readonly accepted: () => number
  /** Those that are open now. */
  readonly open: () => number
  close(): Promise<void>
}

export type Answerer = (socket: Socket, request: string) => void

/** `answer` is called once a request's head is there. */
export async function misbehaving(answer: Answerer): Promise<Misbehaving> {
  const requests: string[] = []
  let accepted = 0
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    accepted++
    sockets.add(socket)
    let text = ''
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0)
      const end = text.indexOf('\r\n\r\n')
      if (end < 0 || text.length < end + 4 + length) return
      const whole = text
      text = ''
      requests.push(whole)
      answer(socket, whole)
    })
  })
  const port = await listen(server)
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    accepted: () => accepted,
    open: () => sockets.size,
    close: () => shut(server, sockets),
  }
}

export function http(status: number, body: string | Buffer, headers = ''): Buffer {
  const bytes = Buffer.from(body as string)
  return Buffer.concat([
    Buffer.from(`HTTP/1.1 ${status} Status\r\ncontent-length: ${bytes.length}\r\n${headers}\r\n`),
    bytes,
  ])
}

export interface SocksStandIn {
  readonly port: number
  /** `user:password@host:port` of each CONNECT. */
  readonly asked: string[]
  close(): Promise<void>
}

/** RFC 1928 and 1929, user name and password only; whatever the name is, it leads to `target` on loopback. */
export async function socksProxy(target: number): Promise<SocksStandIn> {
  const asked: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    let credentials = ''
    const steps = [
      () => socket.write(Buffer.from([5, 2])),
      (bytes: Buffer) => {
        const nameLength = bytes[1] ?? 0
        const name = bytes.subarray(2, 2 + nameLength)
        credentials = `${name}:${bytes.subarray(3 + nameLength)}`
        socket.write(Buffer.from([1, 0]))
      },
      (bytes: Buffer) => {
        const isName = bytes[3] === 3
        const host = isName ? bytes.subarray(5, 5 + (bytes[4] ?? 0)).toString() : [...bytes.subarray(4, 8)].join('.')
        asked.push(`${credentials}@${host}:${bytes.readUInt16BE(bytes.length - 2)}`)
        const onward = dial(target, '127.0.0.1', () => {
          socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]))
          socket.pipe(onward).pipe(socket)
        })
        onward.on('error', () => socket.destroy())
      },
    ]
    socket.on('data', (bytes) => steps.shift()?.(bytes))
  })
  const port = await listen(server)
  return { port, asked, close: () => shut(server, sockets) }
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

async function shut(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy()
  await new Promise((resolve) => server.close(resolve))
}
