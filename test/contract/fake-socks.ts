// A SOCKS5 port that records who asked for what, and connects everybody to one web server or each to the port of loopback that it asked
// for, or answers with one code [RFC 1928, 1929].
import { connect, createServer, type Socket } from 'node:net'

export interface FakeSocks {
  readonly host: string
  readonly port: number
  /** One entry a connection that was asked for. */
  readonly asked: {
    readonly user: string
    readonly password: string
    readonly host: string
    readonly port: number
    /** What the test's `note` said then. */
    readonly note: unknown
  }[]
  close(): Promise<void>
}

/** `reply`: 0 connects to `target` on loopback; `closes` instead of a reply; `silent`: never any. */
export async function fakeSocks(
  reply: number | 'closes' | 'silent',
  target: number | 'asked',
  note: () => unknown = () => null,
): Promise<FakeSocks> {
  const asked: FakeSocks['asked'] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    serve(socket).catch(() => socket.destroy())
  })

  async function serve(socket: Socket): Promise<void> {
    const greeting = await next(socket)
    if (greeting[0] !== 5 || !greeting.subarray(2).includes(2)) return void socket.destroy()
    socket.write(Buffer.from([5, 2]))
    const auth = await next(socket)
    const userEnd = 2 + (auth[1] ?? 0)
    const user = auth.toString('latin1', 2, userEnd)
    const password = auth.toString('latin1', userEnd + 1)
    socket.write(Buffer.from([1, 0]))
    const request = await next(socket)
    const nameEnd = 5 + (request[4] ?? 0)
    // Type 3: a name. Anything else was resolved before it came here.
    const host = request[3] === 3 ? request.toString('latin1', 5, nameEnd) : `address type ${request[3]}`
    const port = request.readUInt16BE(request.length - 2)
    asked.push({ user, password, host, port, note: note() })
    if (reply === 'silent') return
    if (reply === 'closes') return void socket.destroy()
    socket.write(Buffer.from([5, reply, 0, 1, 0, 0, 0, 0, 0, 0]))
    if (reply !== 0) return void socket.end()
    const other = connect(target === 'asked' ? port : target, '127.0.0.1')
    sockets.add(other)
    other.on('error', () => socket.destroy())
    socket.on('close', () => other.destroy())
    socket.pipe(other).pipe(socket)
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    host: '127.0.0.1',
    port: (server.address() as { port: number }).port,
    asked,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function next(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    socket.once('data', resolve)
    socket.once('close', () => reject(new Error('closed')))
  })
}
