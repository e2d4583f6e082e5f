// Checkpoints of static-ct logs, the other spelling of get-sth's answer [C2SP tlog-checkpoint, signed-note, static-ct-api].
// Invariant: decoding takes the one signature of the log's RFC 6962 key, told by name and key ID, and ignores all others.
import {
  concat,
  cursor,
  equal,
  fromBase64,
  fromHex,
  fromUtf8,
  takeUint64,
  toBase64,
  toHex,
  uint,
  utf8,
} from './bytes.ts'
import { decodeDigitallySigned } from './sth.ts'
import type { Crypto, LogId, Result, Sth } from './types.ts'

export const checkpointErrors = {
  tooLarge: 'more than 128 KiB',
  notNote: 'not a signed note: not UTF-8, or not text, an empty line, and signature lines',
  badBody: 'not origin, size and root on three lines; extension lines are forbidden here',
  numberTooLarge: 'the size or the timestamp is above 2^53-1',
  otherOrigin: 'the origin is that of another log',
  notSigned: "no signature line bears the log's name and key ID",
  badSignature: "the log's signature line is no RFC6962NoteSignature",
} as const

export type CheckpointError = keyof typeof checkpointErrors

const maxBytes = 128 * 1024
const rfc6962 = new Uint8Array([0x0a, 0x05])

/** `origin`: the log's submission prefix without scheme and trailing slash. The signature is left to `verifySth`. */
export function decodeCheckpoint(
  crypto: Crypto,
  { logId, origin }: { readonly logId: LogId; readonly origin: string },
  bytes: Uint8Array,
): Result<Sth, CheckpointError> {
  if (bytes.length > maxBytes) return refuse('tooLarge')
  const note = splitNote(bytes)
  if (note === null) return refuse('notNote')
  const body = note.text.split('\n')
  if (body.length !== 3) return refuse('badBody')
  const [from, sizeText, rootText] = body as [string, string, string]
  const root = fromBase64(rootText)
  if (!/^(0|[1-9][0-9]*)$/.test(sizeText) || root?.length !== 32) return refuse('badBody')
  if (from !== origin) return refuse('otherOrigin')
  const keyId = keyIdOf(crypto, origin, logId)
  const own = note.lines.find(({ name, blob }) => name === origin && equal(blob.subarray(0, 4), keyId))
  if (own === undefined) return refuse('notSigned')
  const signature = own.blob.subarray(12)
  if (decodeDigitallySigned(signature) === null) return refuse('badSignature')
  // It is there, since a signature is behind it.
  const timestamp = takeUint64(cursor(own.blob.subarray(4))) as number | 'tooLarge'
  const size = Number(sizeText)
  if (timestamp === 'tooLarge' || !Number.isSafeInteger(size)) return refuse('numberTooLarge')
  return { ok: true, value: { logId, timestamp, size, root: toHex(root), signature: toHex(signature) } }
}

/** The checkpoint that this tree head is, with the log's signature alone. */
export function encodeCheckpoint(crypto: Crypto, origin: string, sth: Sth): Uint8Array {
  const blob = concat(keyIdOf(crypto, origin, sth.logId), uint(sth.timestamp, 8), fromHex(sth.signature))
  return utf8(`${origin}\n${sth.size}\n${toBase64(fromHex(sth.root))}\n\n\u2014 ${origin} ${toBase64(blob)}\n`)
}

/** The submission prefix without scheme and trailing slash. */
export function checkpointOrigin(url: string): string {
  return url.replace(/^[a-z]+:\/\//, '').replace(/\/+$/, '')
}

/** The first four bytes of SHA-256 over name, 0A, signature type 05 and log ID. */
function keyIdOf(crypto: Crypto, name: string, logId: LogId): Uint8Array {
  return crypto.sha256(utf8(name), rfc6962, fromHex(logId)).subarray(0, 4)
}

interface SignatureLine {
  readonly name: string
  /** Key ID and signature. */
  readonly blob: Uint8Array
}

/** The text without its last newline, and all signature lines, after the last empty line; null where it is no signed note. */
function splitNote(bytes: Uint8Array): { readonly text: string; readonly lines: readonly SignatureLine[] } | null {
  const note = fromUtf8(bytes)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what a note must not contain.
  if (note === null || !note.endsWith('\n') || /[\0-\x09\x0b-\x1f]/.test(note)) return null
  const end = note.lastIndexOf('\n\n')
  if (end === -1) return null
  const lines = note
    .slice(end + 2, -1)
    .split('\n')
    .map(signatureLine)
  return lines.every((line) => line !== null) ? { text: note.slice(0, end), lines } : null
}

function signatureLine(line: string): SignatureLine | null {
  const parts = /^\u2014 ([^\s+]+) ([^ ]+)$/.exec(line)
  if (parts === null) return null
  const [, name, base64] = parts as readonly string[] as readonly [string, string, string]
  const blob = fromBase64(base64)
  return blob === null || blob.length < 5 ? null : { name, blob }
}

function refuse(error: CheckpointError): Result<never, CheckpointError> {
  return { ok: false, error, detail: checkpointErrors[error] }
}
