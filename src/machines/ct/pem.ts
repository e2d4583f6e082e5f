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
  const dash = text.indexOf('-', start)
  if (dash !== end) return text.startsWith('-----', dash) ? badPem('more than one part') : badBase64('a hyphen')
  const width = text.indexOf(eol, start) - start
  const lines = lineCount(text, start, end, width, eol)
  if (lines === null) return badPem('lines')
  const der = decodeDigits(text.slice(start, end), end - start - lines * eol.length)
  return der === null ? badBase64('in the lines') : { ok: true, value: der }
}

/** How many lines lie between `start` and `end`, or null where a line end is missing or the lines differ in width. */
function lineCount(text: string, start: number, end: number, width: number, eol: string): number | null {
  const step = width + eol.length
  const lines = Math.ceil((end - start) / step)
  if (width < 1 || end - start - (lines - 1) * step <= eol.length) return null
  for (let at = start + width; at + eol.length < end; at += step) if (!text.startsWith(eol, at)) return null
  return text.startsWith(eol, end - eol.length) ? lines : null
}

/** Characters that Buffer reads as the digit in their low byte; in a string of Latin-1 the test costs nothing. */
const wide = /[\u0100-\uffff]/

/**
 * The bytes of `digits` base64 digits and padding that stand in `body` among line ends; null unless that is what they are.
 * Buffer passes over what is no digit, so junk shows as bytes that are missing for that count.
 */
function decodeDigits(body: string, digits: number): Uint8Array | null {
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

/** The PEM text of 64 columns, LF, ended by a line end. */
export function encodePem(der: Uint8Array): string {
  return `${header}\n${toBase64(der).replace(/.{1,64}/g, '$&\n')}${footer}\n`
}

function badPem(detail: string): Result<never, SfoError> {
  return { ok: false, error: 'badPem', detail }
}

function badBase64(detail: string): Result<never, SfoError> {
  return { ok: false, error: 'badBase64', detail }
}
