// Signed tree heads: what they sign, their order, and the JSON of get-sth [RFC 6962 3.5, 4.3; WIRE-004].
// Invariant: an Sth from `decodeSthJson` encodes to JSON with the same values; its signature is checked by `verifySth` alone.
import { concat, cursor, fromBase64, fromHex, isHex, toBase64, toHex, uint } from './bytes.ts'
import { digitallySigned, logScheme } from './sct.ts'
import type { Crypto, Log, LogId, Result, SignatureScheme, Sth } from './types.ts'

const version1TreeHash = new Uint8Array([0, 1])

/** 00 01, timestamp, size, root: 50 bytes. */
export function sthSignatureInput(sth: Pick<Sth, 'timestamp' | 'size' | 'root'>): Uint8Array {
  return concat(version1TreeHash, uint(sth.timestamp, 8), uint(sth.size, 8), fromHex(sth.root))
}

/** Whether the log signed this tree head. False also where the STH is another log's or the signature is not well formed. */
export function verifySth(crypto: Crypto, log: Log, sth: Sth): boolean {
  const { logId, timestamp, size, root, signature } = sth
  if (logId !== log.logId || !isCount(timestamp) || !isCount(size) || !isHex(root, 32)) return false
  if (!isHex(signature, Math.floor(signature.length / 2))) return false
  const key = fromBase64(log.key)
  const signed = decodeDigitallySigned(fromHex(signature))
  return key !== null && signed !== null && crypto.verify(key, signed.scheme, sthSignatureInput(sth), signed.signature)
}

/** Orders by timestamp, then size: negative where `a` is earlier. */
export function compareSth(a: Sth, b: Sth): number {
  return a.timestamp - b.timestamp || a.size - b.size
}

/** The same tree head, whoever signed it how often (an ECDSA signature has many forms). */
export function sameHead(a: Sth, b: Sth): boolean {
  return a.logId === b.logId && a.timestamp === b.timestamp && a.size === b.size && a.root === b.root
}

/** DigitallySigned with the algorithms that CT allows [RFC 6962 2.1.4; RFC 5246 4.7]; null where it is none. */
export function decodeDigitallySigned(
  bytes: Uint8Array,
): { readonly scheme: SignatureScheme; readonly signature: Uint8Array } | null {
  const signed = digitallySigned(cursor(bytes))
  if (typeof signed === 'string') return null
  return { scheme: logScheme(signed) as SignatureScheme, signature: signed.signature }
}

/** `json`: the parsed answer to get-sth; members it does not name are ignored. */
export function decodeSthJson(logId: LogId, json: unknown): Result<Sth, 'badSth'> {
  if (typeof json !== 'object' || json === null) return badSth('not an object')
  const { tree_size, timestamp, sha256_root_hash, tree_head_signature } = json as Partial<SthJson>
  if (!isCount(tree_size)) return badSth('tree_size is no integer from 0 to 2^53-1')
  if (!isCount(timestamp)) return badSth('timestamp is no integer from 0 to 2^53-1')
  const root = bytesOf(sha256_root_hash)
  if (root?.length !== 32) return badSth('sha256_root_hash is not canonical base64 of 32 bytes')
  const signature = bytesOf(tree_head_signature)
  if (signature === null || decodeDigitallySigned(signature) === null) {
    return badSth('tree_head_signature is not canonical base64 of a DigitallySigned with SHA-256 and RSA or ECDSA')
  }
  return { ok: true, value: { logId, timestamp, size: tree_size, root: toHex(root), signature: toHex(signature) } }
}

/** The members of get-sth's answer. */
export interface SthJson {
  readonly tree_size: number
  readonly timestamp: number
  readonly sha256_root_hash: string
  readonly tree_head_signature: string
}

export function encodeSthJson(sth: Sth): SthJson {
  return {
    tree_size: sth.size,
    timestamp: sth.timestamp,
    sha256_root_hash: toBase64(fromHex(sth.root)),
    tree_head_signature: toBase64(fromHex(sth.signature)),
  }
}

function bytesOf(value: unknown): Uint8Array | null {
  return typeof value === 'string' ? fromBase64(value) : null
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function badSth(detail: string): Result<never, 'badSth'> {
  return { ok: false, error: 'badSth', detail }
}
