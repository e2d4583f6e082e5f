// Ed25519 keys in PKCS #8 PEM files, and the proof to be a CTR that is made with them [WIRE-008, AUD-002].
// Invariant: a key file is written once, for its owner alone, and never replaced.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import type { Clock } from '../../effects/ports.ts'
import { toHex } from '../../machines/ct/bytes.ts'
import type { Result } from '../../machines/ct/types.ts'
import { ctrProofMessage, encodeCtrProof } from '../../machines/tor/ctr-proof.ts'
import { encodeSigningKeyCert } from '../../machines/tor/ed25519-cert.ts'
import type { Auditor, CtrId } from '../../machines/tor/types.ts'
import { readBounded } from './bounded-file.ts'

export interface Ed25519Key {
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  /** 64 bytes. */
  readonly sign: (message: Uint8Array) => Uint8Array
  /** PKCS #8 PEM. */
  readonly pem: string
}

export type KeyFileError = 'unreadable' | 'notEd25519' | 'unwritable'

/** As written it has about 120. */
const maxKeyFileBytes = 64 * 1024

export function generateKey(): Ed25519Key {
  return keyOf(generateKeyPairSync('ed25519').privateKey)
}

export async function readKey(path: string): Promise<Result<Ed25519Key, KeyFileError>> {
  const read = await readBounded(path, maxKeyFileBytes)
  if (read.kind === 'unreachable') return { ok: false, error: 'unreadable', detail: `${path}: ${read.detail}` }
  try {
    const key = createPrivateKey(read.kind === 'ok' ? Buffer.from(read.value) : '')
    if (key.asymmetricKeyType === 'ed25519') return { ok: true, value: keyOf(key) }
  } catch {
    // What OpenSSL says of a broken key file helps nobody, and may quote it.
  }
  return { ok: false, error: 'notEd25519', detail: `${path} is no PKCS #8 PEM file with an Ed25519 key` }
}

/** Fails where the file exists already. */
export async function writeKey(path: string, key: Ed25519Key): Promise<Result<null, KeyFileError>> {
  try {
    await writeFile(path, key.pem, { mode: 0o600, flag: 'wx', flush: true })
    return { ok: true, value: null }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const detail = code === 'EEXIST' ? 'exists already, and no key is ever replaced' : message
    return { ok: false, error: 'unwritable', detail }
  }
}

/** `identity` signs a fresh key's certificate once in half a `lifetime`; milliseconds. */
export interface CtrProverOptions {
  readonly identity: Ed25519Key
  readonly clock: Pick<Clock, 'now'>
  readonly lifetime?: number
  /** Digest of the consensus that this relay goes by, or null while it has none. */
  readonly consensusDigest: () => string | null
}

/** As tor does by default: 30 days. */
const defaultLifetime = 30 * 24 * 3_600_000

/** Answers an auditor's nonce (64 hex digits) with the proof in base64; null while there is no consensus to name. */
export function ctrProver(options: CtrProverOptions): (auditor: Auditor, nonce: string) => string | null {
  const { identity, clock, consensusDigest, lifetime = defaultLifetime } = options
  const ctrId = ctrIdOf(identity)
  let signing = certify(identity, clock.now(), lifetime)
  return (auditor, nonce) => {
    const digest = consensusDigest()
    if (digest === null) return null
    const now = clock.now()
    if (now < signing.since || now > signing.since + lifetime / 2) signing = certify(identity, now, lifetime)
    const signature = signing.key.sign(ctrProofMessage(auditor.key, nonce, digest))
    return encodeCtrProof({ nonce, ctrId, certificate: signing.certificate, signature })
  }
}

export function ctrIdOf(identity: Ed25519Key): CtrId {
  return toHex(identity.publicKey)
}

function certify(identity: Ed25519Key, since: number, lifetime: number) {
  const key = generateKey()
  const cert = { signingKey: key.publicKey, expiresAt: since + lifetime }
  return { key, since, certificate: encodeSigningKeyCert(cert, identity.publicKey, identity.sign) }
}

function keyOf(key: KeyObject): Ed25519Key {
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  return {
    publicKey: new Uint8Array(spki.subarray(-32)),
    sign: (message) => new Uint8Array(sign(null, message, key)),
    pem: key.export({ format: 'pem', type: 'pkcs8' }).toString(),
  }
}
