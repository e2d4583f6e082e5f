// SerializedSCT and SignedCertificateTimestampList [RFC 6962 3.2, 3.3; WIRE-002].
// Invariant: each byte string has at most one reading, so encoding what was decoded gives the same bytes.
import {
  atEnd,
  type Cursor,
  concat,
  cursor,
  fromHex,
  take,
  takeUint,
  takeUint64,
  takeVector,
  toHex,
  uint,
  vector,
} from './bytes.ts'
import type { SfoError } from './errors.ts'
import type { Result, Sct, SignatureScheme } from './types.ts'

/** The fields of an SCT, without the bytes that they encode to. */
export type SctFields = Omit<Sct, 'bytes'>

/** Decodes one SerializedSCT. Errors: badSct, numberTooLarge. The fields are views of `bytes`, which must not change. */
export function decodeSct(bytes: Uint8Array): Result<Sct, SfoError> {
  const from = cursor(bytes)
  const version = takeUint(from, 1)
  if (version !== 0) return badSct(version === null ? 'empty' : `version ${version}`)
  const logId = take(from, 32)
  const timestamp = takeUint64(from)
  if (logId === null || timestamp === null) return badSct('truncated')
  if (timestamp === 'tooLarge') return { ok: false, error: 'numberTooLarge', detail: 'timestamp' }
  const extensions = takeVector(from, 2)
  if (extensions === null) return badSct('truncated')
  const signed = digitallySigned(from)
  if (typeof signed === 'string') return badSct(signed)
  return { ok: true, value: { logId: toHex(logId), timestamp, extensions, ...signed, bytes } }
}

type DigitallySigned = Pick<Sct, 'hashAlgorithm' | 'signatureAlgorithm' | 'signature'>

/** All that is left, or what is wrong with it. A log signs with SHA-256, and with RSA or ECDSA [RFC 6962 2.1.4]. */
export function digitallySigned(from: Cursor): DigitallySigned | string {
  // Where an algorithm is missing, the signature is too.
  const hashAlgorithm = takeUint(from, 1) as number
  const signatureAlgorithm = takeUint(from, 1) as number
  const signature = takeVector(from, 2)
  if (signature === null) return 'truncated'
  if (logScheme({ hashAlgorithm, signatureAlgorithm }) === null) {
    return `hash algorithm ${hashAlgorithm} with signature algorithm ${signatureAlgorithm}`
  }
  return atEnd(from) ? { hashAlgorithm, signatureAlgorithm, signature } : 'trailing bytes'
}

/** How a log signs [RFC 6962 2.1.4]; null for what it must not sign with. */
export function logScheme(algorithms: Pick<Sct, 'hashAlgorithm' | 'signatureAlgorithm'>): SignatureScheme | null {
  if (algorithms.hashAlgorithm !== 4) return null
  if (algorithms.signatureAlgorithm === 3) return 'ecdsa-p256-sha256'
  return algorithms.signatureAlgorithm === 1 ? 'rsa-pkcs1-sha256' : null
}

/** Encodes a SerializedSCT. @throws RangeError when extensions or signature exceed 65,535 bytes. */
export function encodeSct(fields: SctFields): Uint8Array {
  return concat(encodeUnsigned(fields), vector(fields.signature, 2))
}

/** What comes before the signature's own bytes: that, unlike an ECDSA signature, nobody but the log can vary [WIRE-011]. */
export function encodeUnsigned(fields: SctFields): Uint8Array {
  return concat(
    uint(0, 1),
    fromHex(fields.logId),
    uint(fields.timestamp, 8),
    vector(fields.extensions, 2),
    uint(fields.hashAlgorithm, 1),
    uint(fields.signatureAlgorithm, 1),
  )
}

type SctList = readonly [Uint8Array, ...Uint8Array[]]

/** The SerializedSCTs of a list, one or more, none of them decoded. Error: badSctList. */
export function decodeSctList(bytes: Uint8Array): Result<SctList, SfoError> {
  const outer = cursor(bytes)
  const list = takeVector(outer, 2)
  if (list === null) return badSctList('truncated')
  if (!atEnd(outer)) return badSctList('trailing bytes')
  const from = cursor(list)
  const scts: Uint8Array[] = []
  while (!atEnd(from)) {
    const sct = takeVector(from, 2)
    if (sct === null) return badSctList('an SCT is truncated')
    if (sct.length === 0) return badSctList('an SCT is empty')
    scts.push(sct)
  }
  return scts.length > 0 ? { ok: true, value: scts as [Uint8Array, ...Uint8Array[]] } : badSctList('empty')
}

/** Encodes one or more SerializedSCTs. @throws RangeError when they exceed 65,535 bytes. */
export function encodeSctList(scts: readonly Uint8Array[]): Uint8Array {
  return vector(concat(...scts.map((sct) => vector(sct, 2))), 2)
}

function badSct(detail: string): Result<never, SfoError> {
  return { ok: false, error: 'badSct', detail }
}

function badSctList(detail: string): Result<never, SfoError> {
  return { ok: false, error: 'badSctList', detail }
}
