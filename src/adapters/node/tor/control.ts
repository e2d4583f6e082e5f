// Tor's control port: connected, authenticated, asked for values [control-spec]. Invariant: what the other side does ends as a value or
// as one of the closed set of errors, within time and bytes.
import { connect, type Socket } from 'node:net'
import type { Result } from '../../../machines/ct/types.ts'
import { authenticate } from './control-auth.ts'
import {
  type ControlConnection,
  type ControlError,
  type ControlLimits,
  controlConnection,
  controlLimits,
  controlRefused,
} from './control-connection.ts'

export interface ControlPort {
  readonly host: string
  readonly port: number
  /** Tor's cookie file; absent: the one that tor names. */
  readonly cookie?: string | undefined
}

/** Connected and authenticated. */
export async function openControl(
  at: ControlPort,
  limits: ControlLimits = controlLimits,
): Promise<Result<ControlConnection, ControlError>> {
  const socket = await connected(at, limits.connectMs)
  if (socket === null) return controlRefused('unreachable')
  const connection = controlConnection(socket, limits)
  const authenticated = await authenticate(connection, at.cookie)
  if (authenticated.ok) return { ok: true, value: connection }
  connection.close()
  return authenticated
}

function connected({ host, port }: ControlPort, ms: number): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, noDelay: true })
    const timer = setTimeout(() => socket.destroy(new Error('timeout')), ms)
    const end = (result: Socket | null) => {
      clearTimeout(timer)
      resolve(result)
    }
    socket.once('connect', () => end(socket))
    // Also what goes wrong later is heard: `close` follows it.
    socket.on('error', () => end(null))
  })
}

/** `GETINFO`: the value of one key as bytes. */
export async function getInfo(
  connection: Pick<ControlConnection, 'ask' | 'close'>,
  key: string,
  maxBytes?: number,
): Promise<Result<Uint8Array, ControlError>> {
  if (!/^[!-~]+$/.test(key)) return controlRefused('refused')
  const asked = await connection.ask(`GETINFO ${key}`, maxBytes)
  if (!asked.ok) return asked
  const line = asked.value.lines[0]
  if (line?.text.startsWith(`${key}=`)) {
    return { ok: true, value: Buffer.from(line.data ?? line.text.slice(key.length + 1), 'latin1') }
  }
  // The answer to something else: from here on no reply can be trusted to be the right one.
  connection.close()
  return controlRefused('malformed')
}
