// One certificate in PEM [RFC 7468 3, 5.1, as strict as its `stricttextualmsg` but for the line width; WIRE-001].
// Invariant: the DER, the line width, the kind of line end and whether one ends the text determine the text.
import { toBase64 } from './bytes.ts'
import type { SfoError } from './errors.ts'
import type { Result } from './types.ts'

const header = '-----BEGIN CERTIFICATE-----'
const footer = '-----END CERTIFICATE-----'
const lineEnds = { lf: { eol: '\n', first: `${header}\n` }, crlf: { eol: '\r\n', first: `${header}\r\n` } } as const

/**
 * Header, lines of canonical base64, footer; every line but the last equally wide; LF or CRLF throughout; nothing before
 * the header, and after the footer at most one line end. Errors: badPem for another structure, badBase64 within the lines.
 */
export function decodePem(text: string): Result<Uint8Array, SfoError> {
  const { eol, first } = text.charCodeAt(header.length) === 0x0d ? lineEnds.crlf : lineEnds.lf
  const start = first.length
  const end = text.length - footer.length - (text.endsWith(eol) ? eol.length : 0)
  if (end <= start || !text.startsWith(first) || !text.startsWith(footer, end)) return badPem('header or footer')
  const digits = text.indexOf('-', start) === end ? digitCount(text, start, end, eol) : null
  const der = digits === null ? null : decodeDigits(text.slice(start, end), digits)
  if (der !== null) return { ok: true, value: der }
  return evenLines(text.slice(start, end), eol)
    ? { ok: false, error: 'badBase64', detail: 'in the lines' }
    : badPem('lines')
}

/** How many characters are no line ends, if the lines are even; null where a line end is missing, or the last line. */
function digitCount(text: string, start: number, end: number, eol: string): number | null {
  const width = text.indexOf(eol, start) - start
  const step = width + eol.length
  if (width < 1) return null
  for (let at = start + width; at + eol.length < end; at += step) if (!text.startsWith(eol, at)) return null
  const lines = Math.ceil((end - start) / step)
  const last = end - start - (lines - 1) * step
  return last > eol.length && text.startsWith(eol, end - eol.length) ? end - start - lines * eol.length : null
}

/** Whether `body` is lines of one width, of which only the last may be shorter, but not empty. */
function evenLines(body: string, eol: string): boolean {
  const lines = body.split(eol)
  const behind = lines.pop()
  const last = lines.pop() ?? ''
  const width = (lines[0] ?? last).length
  return behind === '' && last.length >= 1 && last.length <= width && lines.every((line) => line.length === width)
}

/** Characters that Buffer reads as the digit in their low byte; in a string of Latin-1 the test costs nothing. */
const wide = /[\u0100-\uffff]/

/**
 * The bytes of `digits` base64 digits and padding that stand in `body` among line ends; null unless that is what they are.
 * Buffer passes over what is no digit, so junk shows as bytes that are missing for that count.
 */
export function decodeDigits(body: string, digits: number): Uint8Array | null {
  if (body.includes('_') || wide.test(body)) return null
  const bytes = Buffer.from(body, 'base64')
  if (4 * Math.ceil(bytes.length / 3) !== digits) return null
  const tail = bytes.toString('base64', bytes.length - (bytes.length % 3 || 3))
  return lastDigits(body) === tail ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length) : null
}

/** The last four digits, which a narrow width spreads over several lines. */
function lastDigits(body: string): string {
  const last = body.trimEnd().slice(-4)
  return last.length === 4 && !/\s/.test(last) ? last : body.replace(/\s/g, '').slice(-4)
}

const columns = 64

/** The PEM text of 64 columns, each line ended by `lineEnd`: LF, or as JSON spells it. */
export function encodePem(der: Uint8Array, lineEnd = '\n'): string {
  const digits = toBase64(der)
  let text = header + lineEnd
  for (let at = 0; at < digits.length; at += columns) text += digits.slice(at, at + columns) + lineEnd
  return text + footer + lineEnd
}

function badPem(detail: string): Result<never, SfoError> {
  return { ok: false, error: 'badPem', detail }
}
