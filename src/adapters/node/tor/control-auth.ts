// Authentication at the control port: SAFECOOKIE, else COOKIE, else none where tor asks for none [control-spec 3.5, 3.24].
// Invariant: with SAFECOOKIE the cookie is not sent, and tor has proven to know it before this daemon proves the same.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { open } from 'node:fs/promises'
import type { Result } from '../../../machines/ct/types.ts'
import { type ControlConnection, type ControlError, controlRefused } from './control-connection.ts'
import type { ControlReply } from './control-reply.ts'

const cookieBytes = 32
const serverKey = 'Tor safe cookie authentication server-to-controller hash'
const controllerKey = 'Tor safe cookie authentication controller-to-server hash'

/** `cookiePath`: instead of the file that tor names. */
export async function authenticate(
  connection: Pick<ControlConnection, 'ask'>,
  cookiePath: string | undefined,
): Promise<Result<ControlReply, ControlError>> {
  const asked = await connection.ask('PROTOCOLINFO 1')
  if (!asked.ok) return asked
  const offer = authOffer(asked.value)
  if (offer === null) return controlRefused('malformed')
  const { methods, cookieFile } = offer
  if (methods.includes('NULL')) return accepted(await connection.ask('AUTHENTICATE'))
  const safe = methods.includes('SAFECOOKIE')
  if (!safe && !methods.includes('COOKIE'))
    return controlRefused('badAuth', `tor offers ${methods.join()}, wanted SAFECOOKIE or COOKIE`)
  const path = cookiePath ?? cookieFile
  const cookie = await readCookie(path)
  if (cookie === null) return controlRefused('badAuth', `${path} is no readable file of ${cookieBytes} bytes`)
  return safe
    ? safeCookie(connection, cookie)
    : accepted(await connection.ask(`AUTHENTICATE ${cookie.toString('hex')}`))
}

export interface AuthOffer {
  readonly methods: readonly string[]
  /** Empty where tor names none. */
  readonly cookieFile: string
}

/** What a reply to `PROTOCOLINFO` offers, or null where it offers nothing. */
export function authOffer({ lines }: ControlReply): AuthOffer | null {
  const auth = lines.find(({ text }) => text.startsWith('AUTH METHODS='))
  if (auth === undefined) return null
  const [, list = '', file = ''] = /^AUTH METHODS=(\S+)(?: COOKIEFILE="((?:[^"\\]|\\.)*)")?/.exec(auth.text) ?? []
  return { methods: list.split(','), cookieFile: file.replaceAll(/\\(.)/g, '$1') }
}

async function safeCookie(
  connection: Pick<ControlConnection, 'ask'>,
  cookie: Buffer,
): Promise<Result<ControlReply, ControlError>> {
  const clientNonce = randomBytes(32)
  const challenged = await connection.ask(`AUTHCHALLENGE SAFECOOKIE ${clientNonce.toString('hex')}`)
  if (!challenged.ok) return accepted(challenged)
  const pattern = /^AUTHCHALLENGE SERVERHASH=([0-9A-Fa-f]{64}) SERVERNONCE=([0-9A-Fa-f]{64})$/
  const [, hash, nonce] = pattern.exec(challenged.value.lines[0]?.text ?? '') ?? []
  if (hash === undefined || nonce === undefined) return controlRefused('malformed')
  const message = Buffer.concat([cookie, clientNonce, Buffer.from(nonce, 'hex')])
  if (!timingSafeEqual(hmac(serverKey, message), Buffer.from(hash, 'hex')))
    return controlRefused('badAuth', 'what answers at the control port does not know the cookie')
  return accepted(await connection.ask(`AUTHENTICATE ${hmac(controllerKey, message).toString('hex')}`))
}

/** Tor's refusal of a proof is about authentication. */
function accepted(asked: Result<ControlReply, ControlError>): Result<ControlReply, ControlError> {
  return !asked.ok && asked.error === 'refused' ? controlRefused('badAuth', asked.detail) : asked
}

function hmac(key: string, message: Uint8Array): Buffer {
  return createHmac('sha256', key).update(message).digest()
}

/** Whatever the file is, only a cookie's bytes and one more are read. */
async function readCookie(path: string): Promise<Buffer | null> {
  try {
    await using file = await open(path)
    const { bytesRead, buffer } = await file.read(Buffer.alloc(cookieBytes + 1), 0, cookieBytes + 1, 0)
    return bytesRead === cookieBytes ? buffer.subarray(0, cookieBytes) : null
  } catch {
    return null
  }
}
