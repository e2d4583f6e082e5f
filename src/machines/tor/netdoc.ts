// The line format of Tor's directory documents [dir-spec 1.2, CONS-002]: items of a keyword, arguments and at most one object.
// Invariant: what is read is lines of text that each end with a newline, and an object is canonical base64 between its two lines.
import { fromBase64 } from '../ct/bytes.ts'

export interface NetdocItem {
  readonly keyword: string
  readonly args: readonly string[]
  readonly object: NetdocObject | null
  /** Where its line begins, and where the item ends, in characters of the document: one a byte. */
  readonly start: number
  readonly end: number
}

export interface NetdocObject {
  readonly label: string
  readonly bytes: Uint8Array
}

const begin = '-----BEGIN '
const dashes = '-----\n'
const beginLine = /^-----BEGIN [A-Z0-9 -]+-----\n/
const keywordLine = /^[A-Za-z0-9-]+(?=[ \t]|$)/

/**
 * `text`: a character for each byte. Null where there are control characters, blank lines, a last line without newline, a line
 * without keyword, an object that is not whole or stands before the first item, or more than `maxItems` items.
 */
export function readNetdoc(text: string, maxItems: number): readonly NetdocItem[] | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (/[\x00-\x08\x0b-\x1f\x7f]/.test(text) || !text.endsWith('\n')) return null
  const items: NetdocItem[] = []
  for (let at = 0; at < text.length; ) {
    const item = readItem(text, at)
    if (item === null || items.length === maxItems) return null
    items.push(item)
    at = item.end
  }
  return items
}

function readItem(text: string, start: number): NetdocItem | null {
  const lineEnd = text.indexOf('\n', start)
  const line = text.slice(start, lineEnd)
  const keyword = keywordLine.exec(line)?.[0]
  if (keyword === undefined || line.startsWith(begin)) return null
  const args = line.split(/[ \t]/).filter((word, at) => at > 0 && word !== '')
  const next = lineEnd + 1
  if (!text.startsWith(begin, next)) return { keyword, args, object: null, start, end: next }
  const object = readObject(text, next)
  return object === null ? null : { keyword, args, object: object.value, start, end: object.end }
}

/** From the line that begins it through the line that ends it. */
function readObject(text: string, start: number): { readonly value: NetdocObject; readonly end: number } | null {
  const first = text.slice(start, text.indexOf('\n', start) + 1)
  const last = `\n${first.replace('BEGIN', 'END')}`
  const close = text.indexOf(last, start)
  if (close === -1 || !beginLine.test(first)) return null
  const label = first.slice(begin.length, -dashes.length)
  const bytes = fromBase64(text.slice(start + first.length, close).replaceAll('\n', ''))
  return bytes === null ? null : { value: { label, bytes }, end: close + last.length }
}

/** The items of these keywords, if each of them occurs exactly once; null otherwise. Others are ignored. */
export function soleItems<K extends string>(
  items: readonly NetdocItem[],
  keywords: readonly K[],
): Readonly<Record<K, NetdocItem>> | null {
  const found = new Map<string, NetdocItem>()
  const wanted = new Set<string>(keywords)
  for (const item of items) {
    if (!wanted.has(item.keyword)) continue
    if (found.has(item.keyword)) return null
    found.set(item.keyword, item)
  }
  return found.size === wanted.size ? (Object.fromEntries(found) as Record<K, NetdocItem>) : null
}

/** The object's bytes, if the item has one of these labels. */
export function objectOf({ object }: NetdocItem, ...labels: readonly string[]): Uint8Array | null {
  return object !== null && labels.includes(object.label) ? object.bytes : null
}

/** `YYYY-MM-DD HH:MM:SS`, UTC, as milliseconds since the epoch; null for anything else, and before the epoch. */
export function readTime({ args: [date, time] }: Pick<NetdocItem, 'args'>): number | null {
  const text = `${date}T${time}`
  if (text.length !== 19) return null
  const at = Date.parse(`${text}Z`)
  return at >= 0 && new Date(at).toISOString() === `${text}.000Z` ? at : null
}

/** Bytes in base64 without its padding, as digests and identities are written; null unless they are `byteCount`. */
export function readUnpadded(text: string | undefined, byteCount: number): Uint8Array | null {
  if (text === undefined || text.endsWith('=')) return null
  const bytes = fromBase64(text + '='.repeat((4 - (text.length % 4)) % 4))
  return bytes !== null && bytes.length === byteCount ? bytes : null
}
