// The file by which a relay's signing key delegates to a daemon's own key [WIRE-008.3, WIRE-008.4]. Invariant: nothing secret is in it, and
// it is replaced as a whole.
import { rename, writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { fromBase64, fromHex, fromUtf8, toBase64, toHex } from '../../../machines/ct/bytes.ts'
import type { Crypto, Result } from '../../../machines/ct/types.ts'
import {
  type CertError,
  encodeDelegation,
  verifyDelegation,
  verifySigningKeyCert,
} from '../../../machines/tor/ed25519-cert.ts'
import type { CtrId } from '../../../machines/tor/types.ts'
import { readBoundedSync } from '../bounded-file.ts'
import type { RelaySigningKey } from './relay-keys.ts'

export interface Delegation {
  readonly ctrId: CtrId
  readonly certificate: Uint8Array
  readonly delegation: Uint8Array
  /** Milliseconds: when the first of the two expires. */
  readonly expiresAt: number
}

export type DelegationError = 'unreadable' | 'badFile' | 'otherKey' | CertError

const base64 = z.string().transform((text, context) => {
  const bytes = fromBase64(text)
  if (bytes !== null) return bytes
  context.addIssue({ code: 'custom', message: 'canonical base64' })
  return z.NEVER
})

const shape = z.object({
  version: z.literal(1),
  ctrId: z.string().regex(/^[0-9a-f]{64}$/),
  certificate: base64,
  delegation: base64,
})

/** As written it has about 600. */
const maxFileBytes = 64 * 1024

/** `daemonKey`: 32 bytes. It ends when the certificate does, or earlier. */
export function delegate(signing: RelaySigningKey, daemonKey: Uint8Array, until: number): Delegation {
  const expiresAt = Math.min(signing.expiresAt, until)
  const delegation = encodeDelegation({ signingKey: daemonKey, expiresAt }, signing.publicKey, signing.sign)
  return { ctrId: signing.ctrId, certificate: signing.certificate, delegation, expiresAt }
}

/** Replaces the file in one step. @throws Error where it cannot be written. */
export async function writeDelegation(path: string, { ctrId, certificate, delegation }: Delegation): Promise<void> {
  const written = { version: 1, ctrId, certificate: toBase64(certificate), delegation: toBase64(delegation) }
  await writeFile(`${path}.new`, `${JSON.stringify(written)}\n`, { mode: 0o644, flush: true })
  await rename(`${path}.new`, path)
}

/** As an auditor would take it, for this daemon's key. */
export function readDelegation(
  crypto: Crypto,
  path: string,
  daemonKey: Uint8Array,
  now: number,
): Result<Delegation, DelegationError> {
  const read = readBoundedSync(path, maxFileBytes)
  if (read.kind === 'unreachable') return { ok: false, error: 'unreadable', detail: `${path}: ${read.detail}` }
  const text = read.kind === 'ok' ? (fromUtf8(read.value) ?? '') : ''
  const decoded = decodeDelegation(crypto, text, daemonKey, now)
  return decoded.ok ? decoded : { ...decoded, detail: `${path}: ${decoded.detail}` }
}

/** The file's text, as `readDelegation` takes it. */
export function decodeDelegation(
  crypto: Crypto,
  text: string,
  daemonKey: Uint8Array,
  now: number,
): Result<Delegation, Exclude<DelegationError, 'unreadable'>> {
  const parsed = shape.safeParse(parse(text))
  if (!parsed.success) return { ok: false, error: 'badFile', detail: 'not a file that `ctor relay delegate` writes' }
  const { ctrId, certificate, delegation } = parsed.data
  const certified = verifySigningKeyCert(crypto, certificate, fromHex(ctrId), now)
  if (!certified.ok) return certified
  const delegated = verifyDelegation(crypto, delegation, certified.value.signingKey, now)
  if (!delegated.ok) return delegated
  if (toHex(delegated.value.signingKey) !== toHex(daemonKey))
    return { ok: false, error: 'otherKey', detail: "it is for another daemon's key" }
  const expiresAt = Math.min(certified.value.expiresAt, delegated.value.expiresAt)
  return { ok: true, value: { ctrId, certificate, delegation, expiresAt } }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
