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
  const end = text.length - footer.length - (text.endsWith(eol) ? eol.length : 0)
  if (!text.startsWith(first) || !text.startsWith(footer, end)) return badPem('header or footer')
  const body = text.slice(first.length, end)
  const digits = digitCount(body, eol)
  const der = body.includes('-') ? null : decodeDigits(body, digits)
  if (der !== null) return { ok: true, value: der }
  // Where a line is broken by one line end more, the lines are uneven.
  const isEven = body.replaceAll(eol, '').length === digits
  return isEven ? { ok: false, error: 'badBase64', detail: 'in the lines' } : badPem('lines')
}

/** How many characters stand between line ends as wide apart as the first; null where one is missing, or a line is empty. */
function digitCount(body: string, eol: string): number | null {
  const width = body.indexOf(eol)
  let [at, lines] = [0, 0]
  do {
    const lineEnd = Math.min(at + width, body.length - eol.length)
    if (lineEnd <= at || !body.startsWith(eol, lineEnd)) return null
    at += width + eol.length
    lines++
  } while (at < body.length)
  return body.length - lines * eol.length
}

/** Characters that Buffer reads as the digit in their low byte; in a string of Latin-1 the test costs nothing. */
const wide = /[\u0100-\uffff]/

/**
 * The bytes of `digits` base64 digits and padding that stand in `body` among line ends; null unless that is what they are.
 * Buffer passes over what is no digit, so junk shows as bytes that are missing for that count. `body` has no hyphen, which is one to Buffer;
 * no bytes have null digits.
 */
export function decodeDigits(body: string, digits: number | null): Uint8Array | null {
  if (body.includes('_') || wide.test(body)) return null
  const bytes = Buffer.from(body, 'base64')
  if (4 * Math.ceil(bytes.length / 3) !== digits) return null
  const tail = bytes.toString('base64', bytes.length - (bytes.length % 3 || 3))
  return lastDigits(body) === tail ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length) : null
}

/** The last four digits, which a narrow width spreads over several lines: at most with a CRLF behind each. */
function lastDigits(body: string): string {
  return body.slice(-12).replace(/\s/g, '').slice(-4)
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
