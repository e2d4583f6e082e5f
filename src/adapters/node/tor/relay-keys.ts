// The keys of a tor relay as its key folder holds them [WIRE-008; tor's ed25519 key files]. Invariant: what is signed with verifies under
// the certificate that goes with it, and a key of a relay is never copied anywhere.
import { join } from 'node:path'
import { ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { concat, equal, toHex, utf8 } from '../../../machines/ct/bytes.ts'
import type { Crypto, Result } from '../../../machines/ct/types.ts'
import { identityNamed, verifySigningKeyCert } from '../../../machines/tor/ed25519-cert.ts'
import type { CtrId } from '../../../machines/tor/types.ts'
import { readBoundedSync } from '../bounded-file.ts'

export interface RelaySigningKey {
  readonly ctrId: CtrId
  /** cert-spec type 4, by the relay's identity. */
  readonly certificate: Uint8Array
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  /** Milliseconds: the last instant of the certificate. */
  readonly expiresAt: number
  readonly sign: (message: Uint8Array) => Uint8Array
}

export type RelayKeyError = 'unreadable' | 'badKeyFile' | 'badCertificate' | 'expiredCertificate' | 'otherKey'

const secretFile = 'ed25519_signing_secret_key'
const certificateFile = 'ed25519_signing_cert'
const secretTag = '== ed25519v1-secret: type4 =='
const certificateTag = '== ed25519v1-cert: type4 =='
const tagBytes = 32
/** As tor writes it, with the identity in extension 04. */
const certificateBytes = 140

/** Tor makes a new signing key about monthly: read when it is used. `now` in milliseconds. */
export function readRelaySigningKey(
  crypto: Crypto,
  folder: string,
  now: number,
): Result<RelaySigningKey, RelayKeyError> {
  const secret = readTagged(join(folder, secretFile), secretTag, 64)
  if (!secret.ok) return secret
  const read = readTagged(join(folder, certificateFile), certificateTag, certificateBytes)
  if (!read.ok) return read
  const certificate = read.value
  const identity = identityNamed(certificate) ?? new Uint8Array(32)
  const verified = verifySigningKeyCert(crypto, certificate, identity, now)
  if (!verified.ok) {
    const error = verified.error === 'expiredCertificate' ? 'expiredCertificate' : 'badCertificate'
    return { ok: false, error, detail: `${join(folder, certificateFile)}: ${verified.detail}` }
  }
  const key = expandedKey(secret.value)
  if (!equal(key.publicKey, verified.value.signingKey))
    return { ok: false, error: 'otherKey', detail: `${folder}: the certificate is for another key than the secret one` }
  return { ok: true, value: { ctrId: toHex(identity), certificate, expiresAt: verified.value.expiresAt, ...key } }
}

/** `expanded`: a clamped scalar and a prefix, 32 bytes each: what RFC 8032 makes of a seed, which tor does not keep. */
export function expandedKey(expanded: Uint8Array): Pick<RelaySigningKey, 'publicKey' | 'sign'> {
  const { BASE, Fn } = ed25519.Point
  const scalar = Fn.create(littleEndian(expanded.subarray(0, 32)))
  const prefix = expanded.slice(32)
  const publicKey = BASE.multiply(scalar).toBytes()
  return {
    publicKey,
    sign(message) {
      const r = Fn.create(littleEndian(sha512(concat(prefix, message))))
      const point = BASE.multiply(r).toBytes()
      const k = Fn.create(littleEndian(sha512(concat(point, publicKey, message))))
      return concat(point, toLittleEndian(Fn.create(r + k * scalar)))
    },
  }
}

function readTagged(path: string, tag: string, length: number): Result<Uint8Array, 'unreadable' | 'badKeyFile'> {
  const read = readBoundedSync(path, tagBytes + length)
  if (read.kind === 'unreachable') return { ok: false, error: 'unreadable', detail: `${path}: ${read.detail}` }
  const bytes = read.kind === 'ok' ? read.value : new Uint8Array()
  const wanted = new Uint8Array(tagBytes)
  wanted.set(utf8(tag))
  if (bytes.length !== tagBytes + length || !equal(bytes.subarray(0, tagBytes), wanted))
    return { ok: false, error: 'badKeyFile', detail: `${path} is no file "${tag}" of ${tagBytes + length} bytes` }
  return { ok: true, value: bytes.slice(tagBytes) }
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes.toReversed())}`)
}

function toLittleEndian(value: bigint): Uint8Array {
  return new Uint8Array(Buffer.from(value.toString(16).padStart(64, '0'), 'hex')).toReversed()
}
