// Bytes, and their spellings as hex, base64 and big-endian integers [RFC 6962 1.2: TLS presentation language].
// Invariant: a reader either yields exactly what the format says or null; it never reads beyond its bytes.

/** Lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  return view(bytes).toString('hex')
}

/**
 * For hex that has passed its decoder, either case; text from outside goes through `isHex` first.
 * @throws RangeError when it is no hex of whole bytes: a defect of the caller.
 */
export function fromHex(hex: string): Uint8Array {
  const bytes = plain(Buffer.from(hex, 'hex'))
  if (bytes.length * 2 !== hex.length) throw new RangeError('not hex of whole bytes')
  return bytes
}

/** Whether `text` is the lower-case hex of exactly `byteCount` bytes. */
export function isHex(text: string, byteCount: number): boolean {
  if (text.length !== byteCount * 2) return false
  for (let at = 0; at < text.length; at++) if (hexDigits[text.charCodeAt(at)] !== 1) return false
  return true
}

/** By character code. A table, since a processor cannot guess whether the next digit is a letter. */
const hexDigits = Uint8Array.from({ length: 0x80 }, (_, code) =>
  '0123456789abcdef'.includes(String.fromCharCode(code)) ? 1 : 0,
)

/** A copy. It may share a larger ArrayBuffer with others, as Buffers do: allocating one for each costs more than copying. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const whole = plain(Buffer.allocUnsafe(length))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return view(a).equals(b)
}

/** Where `needle`, bytes or one byte, first begins at or after `start`, or -1. */
export function indexOf(bytes: Uint8Array, needle: Uint8Array | number, start = 0): number {
  return view(bytes).indexOf(needle, start)
}

/** The bytes of a text in UTF-8. */
export function utf8(text: string): Uint8Array {
  return plain(Buffer.from(text))
}

/** A character for each byte. */
export function latin1(bytes: Uint8Array): string {
  return view(bytes).toString('latin1')
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text, or null where it is not UTF-8. A byte order mark stays in the text. */
export function fromUtf8(bytes: Uint8Array): string | null {
  try {
    return strictUtf8.decode(bytes)
  } catch {
    return null
  }
}

/** Canonical base64 of RFC 4648 4, padded, on one line. */
export function toBase64(bytes: Uint8Array): string {
  return view(bytes).toString('base64')
}

/** Null unless `text` is what `toBase64` gives for these bytes: no junk, line ends, URL alphabet or stray bits. */
export function fromBase64(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? plain(bytes) : null
}

/** Big endian. `value` is a safe integer >= 0, `byteCount` 1 to 8. @throws RangeError when it does not fit. */
export function uint(value: number, byteCount: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`not an unsigned safe integer: ${value}`)
  const bytes = new Uint8Array(byteCount)
  let rest = value
  for (let at = byteCount - 1; at >= 0; at--) {
    bytes[at] = rest % 256
    rest = Math.floor(rest / 256)
  }
  if (rest !== 0) throw new RangeError(`${value} does not fit into ${byteCount} bytes`)
  return bytes
}

/** Reads forward; `take` and its kin move `at` only when they succeed. */
export interface Cursor {
  readonly bytes: Uint8Array
  at: number
}

export function cursor(bytes: Uint8Array): Cursor {
  return { bytes, at: 0 }
}

export function atEnd(from: Cursor): boolean {
  return from.at === from.bytes.length
}

/** The next `count` bytes, a view and no copy; null where there are fewer. */
export function take(from: Cursor, count: number): Uint8Array | null {
  if (count > from.bytes.length - from.at) return null
  const taken = from.bytes.subarray(from.at, from.at + count)
  from.at += count
  return taken
}

/** Big-endian integer of 1 to 6 bytes; null where there are fewer. */
export function takeUint(from: Cursor, byteCount: number): number | null {
  if (byteCount > from.bytes.length - from.at) return null
  let value = 0
  for (let i = 0; i < byteCount; i++) value = value * 256 + (from.bytes[from.at + i] as number)
  from.at += byteCount
  return value
}

/** Eight bytes, exact to 2^53-1; 'tooLarge' above (the bytes are consumed), null where there are fewer. */
export function takeUint64(from: Cursor): number | 'tooLarge' | null {
  if (from.bytes.length - from.at < 8) return null
  const high = takeUint(from, 4) as number
  const low = takeUint(from, 4) as number
  return high > 0x1fffff ? 'tooLarge' : high * 2 ** 32 + low
}

/** A TLS vector: a length of `lengthBytes` bytes, then so many; null, and nothing consumed, where they are not there. */
export function takeVector(from: Cursor, lengthBytes: number): Uint8Array | null {
  const start = from.at
  const length = takeUint(from, lengthBytes)
  const content = length === null ? null : take(from, length)
  if (content === null) from.at = start
  return content
}

/** The TLS vector of `content`. @throws RangeError when it is longer than `lengthBytes` can say. */
export function vector(content: Uint8Array, lengthBytes: number): Uint8Array {
  return concat(uint(content.length, lengthBytes), content)
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** Buffer answers some methods differently from Uint8Array (`slice` above all), so none leaves this file. */
function plain(bytes: Buffer): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
}
