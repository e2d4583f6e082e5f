// Closes a connection so that the last reply arrives although the client is still sending (nginx: lingering_close).
// Node destroys the socket as soon as the reply is written; with unread bytes the kernel then sends a reset, and a client
// that is still writing sees the reset instead of the 413. Invariant: a connection ends within its lifetime, whatever comes.
import type { Server } from 'node:http'
import type { Socket } from 'node:net'

export interface ConnectionLimits {
  readonly maxConnections: number
  /** Longest life of a connection, from accept to destruction. */
  readonly connectionMs: number
  /** How long after the last reply the client's remaining bytes are read and thrown away. */
  readonly lingerMs: number
}

export function limitConnections(server: Server, limits: ConnectionLimits): void {
  server.maxConnections = limits.maxConnections
  server.on('connection', (socket: Socket) => {
    const life = setTimeout(() => socket.destroy(), limits.connectionMs)
    let linger: NodeJS.Timeout | undefined
    socket.destroySoon = () => {
      socket.end()
      linger ??= setTimeout(() => socket.destroy(), limits.lingerMs)
    }
    socket.once('close', () => {
      clearTimeout(life)
      clearTimeout(linger)
    })
  })
}
