// One connection to tor's control port [control-spec 2]. Invariant: replies belong to commands in their order; a reply to nothing, one
// that is too large or late, or bytes that are none end the connection, and every command that waits is answered with a code.
import type { Socket } from 'node:net'
import type { Result } from '../../../machines/ct/types.ts'
import { type ControlReply, controlReader } from './control-reply.ts'

export const controlErrors = {
  unreachable: 'nothing answers at the control port',
  closed: 'the control port closed the connection',
  timeout: 'the control port did not answer in time',
  malformed: 'the control port sent what is no reply, or a reply to nothing that was asked',
  tooLarge: 'the control port sent more than the limit',
  refused: 'tor refused the command',
  badAuth: 'tor and this daemon cannot authenticate to each other',
} as const

export type ControlError = keyof typeof controlErrors

export interface ControlConnection {
  /** The reply, where its status is 250. One command a line: no newline may be in it. */
  ask(command: string, maxBytes?: number): Promise<Result<ControlReply, ControlError>>
  /** Every event from now on; the answer ends it. */
  onEvent(listener: (event: ControlReply) => void): () => void
  /** Resolves once the connection is gone, whoever ended it. */
  readonly closed: Promise<void>
  close(): void
}

export interface ControlLimits {
  readonly connectMs: number
  readonly replyMs: number
  /** Commands that wait for their reply. */
  readonly pending: number
  readonly replyBytes: number
}

export const controlLimits: ControlLimits = {
  connectMs: 5_000,
  replyMs: 30_000,
  pending: 256,
  replyBytes: 1024 * 1024,
}

type Asked = Result<ControlReply, ControlError>

export function controlRefused(
  error: ControlError,
  detail: string = controlErrors[error],
): Result<never, ControlError> {
  return { ok: false, error, detail }
}

interface Waiting {
  readonly answer: (asked: Asked) => void
  readonly maxBytes: number
  readonly timer: NodeJS.Timeout
}

export function controlConnection(socket: Socket, limits: ControlLimits): ControlConnection {
  const waiting: Waiting[] = []
  const listeners = new Set<(event: ControlReply) => void>()
  let over: ControlError | null = null

  const finish = (error: ControlError) => {
    over ??= error
    socket.destroy()
    for (const { answer, timer } of waiting.splice(0)) {
      clearTimeout(timer)
      answer(controlRefused(over))
    }
  }

  const reader = controlReader({
    maxBytes: () => waiting[0]?.maxBytes ?? limits.replyBytes,
    failed: finish,
    reply(reply) {
      if (reply.status === 650) {
        for (const listener of [...listeners]) listener(reply)
        return
      }
      const asked = waiting.shift()
      if (asked === undefined) return finish('malformed')
      clearTimeout(asked.timer)
      asked.answer(
        reply.status === 250 ? { ok: true, value: reply } : controlRefused('refused', `tor answered ${reply.status}`),
      )
    },
  })
  socket.on('data', (chunk) => reader.push(chunk))
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  closed.then(() => finish('closed'))

  return {
    closed,
    close: () => finish('closed'),
    ask(command, maxBytes = limits.replyBytes) {
      if (over !== null) return Promise.resolve(controlRefused(over))
      if (/[\r\n]/.test(command) || waiting.length >= limits.pending) return Promise.resolve(controlRefused('refused'))
      return new Promise((answer) => {
        const timer = setTimeout(() => finish('timeout'), limits.replyMs)
        waiting.push({ answer, maxBytes, timer })
        socket.write(`${command}\r\n`)
      })
    },
    onEvent(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
