// The lines of a consensus document's body, keyword by keyword [dir-spec 1.2, CONS-001].
// Invariant: a line that is read says nothing that another line contradicts: no log, head, CTR or auditor occurs twice, and
// each head's log is listed before it.
import { fromBase64, fromHex, isHex, toHex } from '../ct/bytes.ts'
import type { Crypto, Log, Sth } from '../ct/types.ts'
import { readParams } from './consensus-params.ts'
import type { Auditor, Ctr } from './types.ts'

export const itemErrors = {
  badLine: 'a keyword with arguments that are missing or of another form',
  duplicate: 'an item that may occur once occurs twice',
  unknownLog: 'a tree head of a log that no line before it lists',
  tooMany: 'more logs, tree heads, CTRs or auditors than the limits allow',
} as const

export type ItemError = keyof typeof itemErrors

export const itemLimits = { logs: 256, sths: 1024, ctrs: 10_000, auditors: 64, family: 256, params: 256 } as const

/** What the lines read so far say; keyed by what must not occur twice. Times in milliseconds. */
export interface Items {
  readonly times: Map<TimeKeyword, number>
  torConsensus: string | null
  params: Readonly<Record<string, number>> | null
  readonly logs: Map<string, Log>
  readonly sths: Map<string, Sth>
  readonly ctrs: Map<string, Ctr>
  readonly auditors: Map<string, Auditor>
}

export type TimeKeyword = 'valid-after' | 'fresh-until' | 'valid-until'

export function noItems(): Items {
  return {
    times: new Map(),
    torConsensus: null,
    params: null,
    logs: new Map(),
    sths: new Map(),
    ctrs: new Map(),
    auditors: new Map(),
  }
}

type ReadItem = (crypto: Crypto, args: readonly string[], items: Items) => ItemError | null

/** How a line of a document of ours begins [dir-spec 1.2]. */
export const keywordStart = /^[A-Za-z0-9-]+( |$)/

/** Reads one line into `items`. Unknown keywords, and arguments beyond those it knows, are ignored. */
export function readItem(crypto: Crypto, line: string, items: Items): ItemError | null {
  if (!keywordStart.test(line)) return 'badLine'
  const [keyword, ...args] = line.split(' ') as [string, ...string[]]
  const read = readers.get(keyword)
  return read === undefined ? null : read(crypto, args, items)
}

const readers: ReadonlyMap<string, ReadItem> = new Map<string, ReadItem>([
  ['valid-after', time('valid-after')],
  ['fresh-until', time('fresh-until')],
  ['valid-until', time('valid-until')],
  ['tor-consensus', readTorConsensus],
  ['params', readParamsLine],
  ['log', readLog],
  ['sth', readSth],
  ['ctr', readCtr],
  ['auditor', readAuditor],
])

function time(keyword: TimeKeyword): ReadItem {
  return (_crypto, [text], { times }) => {
    const at = decimal(text)
    if (at === null) return 'badLine'
    if (times.has(keyword)) return 'duplicate'
    times.set(keyword, at)
    return null
  }
}

function readTorConsensus(_crypto: Crypto, [digest]: readonly string[], items: Items): ItemError | null {
  if (!isHash(digest)) return 'badLine'
  if (items.torConsensus !== null) return 'duplicate'
  items.torConsensus = digest
  return null
}

function readParamsLine(_crypto: Crypto, args: readonly string[], items: Items): ItemError | null {
  if (items.params !== null) return 'duplicate'
  const params = readParams(args, itemLimits.params)
  if (typeof params === 'string') return params
  items.params = params
  return null
}

/** log ID, MMD in milliseconds, URL, key, and of a static-ct log `static=` with its monitoring URL. */
function readLog(crypto: Crypto, args: readonly string[], { logs }: Items): ItemError | null {
  const [logId, mmdText, url, key, ...options] = args
  const mmd = decimal(mmdText)
  if (!isHash(logId) || mmd === null || !isUrl(url) || key === undefined) return 'badLine'
  const spki = fromBase64(key)
  if (spki === null || toHex(crypto.sha256(spki)) !== logId) return 'badLine'
  const log = { logId, key, mmd, url }
  const named = options.find((option) => option.startsWith('static='))
  if (named === undefined) return add(logs, logId, log, itemLimits.logs)
  const monitoringUrl = named.slice('static='.length)
  return isUrl(monitoringUrl) ? add(logs, logId, { ...log, monitoringUrl }, itemLimits.logs) : 'badLine'
}

/** log ID, timestamp in milliseconds, size, root, DigitallySigned. */
function readSth(_crypto: Crypto, args: readonly string[], { logs, sths }: Items): ItemError | null {
  const [logId, timestampText, sizeText, root, signature] = args
  const timestamp = decimal(timestampText)
  const size = decimal(sizeText)
  if (!isHash(logId) || timestamp === null || size === null || !isHash(root)) return 'badLine'
  if (signature === undefined || signature.length > 2200 || !/^([0-9a-f]{2})+$/.test(signature)) return 'badLine'
  if (!logs.has(logId)) return 'unknownLog'
  const sth = { logId, timestamp, size, root, signature }
  return add(sths, `${logId} ${timestamp} ${size} ${root}`, sth, itemLimits.sths)
}

/** identity, URL, and `family=` with identities. */
function readCtr(_crypto: Crypto, [ctrId, url, ...options]: readonly string[], { ctrs }: Items): ItemError | null {
  const named = options.find((option) => option.startsWith('family='))
  const family = named?.slice('family='.length).split(',') ?? []
  if (!isHash(ctrId) || !isUrl(url) || !family.every(isHash)) return 'badLine'
  if (family.length > itemLimits.family) return 'tooMany'
  return add(ctrs, ctrId, { ctrId, url, family }, itemLimits.ctrs)
}

/** key and URL. */
function readAuditor(crypto: Crypto, [key, url]: readonly string[], { auditors }: Items): ItemError | null {
  if (!isHash(key) || !isUrl(url)) return 'badLine'
  const auditorId = toHex(crypto.sha256(fromHex(key)))
  return add(auditors, key, { auditorId, key, url }, itemLimits.auditors)
}

function add<T>(known: Map<string, T>, id: string, value: T, limit: number): ItemError | null {
  if (known.has(id)) return 'duplicate'
  if (known.size === limit) return 'tooMany'
  known.set(id, value)
  return null
}

/** 0 to 2^53-1, in its only spelling. */
function decimal(text: string | undefined): number | null {
  const value = Number(text)
  return String(value) === text && Number.isSafeInteger(value) && value >= 0 ? value : null
}

/** 32 bytes in lower-case hex. */
function isHash(text: string | undefined): text is string {
  return text !== undefined && isHex(text, 32)
}

const label = '[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?'
const octet = '(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'
/** No number is the last label of a name, so that no other address is spelt as one. */
const host = `(?:(?:${label}\\.)*(?![0-9])${label}|(?:${octet}\\.){3}${octet}|\\[[0-9A-Fa-f:.]+\\])`
const url = new RegExp(`^https?://${host}(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~-]+)*$`)

/** A base URL: scheme, host, port and path, without trailing slash, query and user. */
function isUrl(text: string | undefined): text is string {
  return text !== undefined && text.length <= 255 && url.test(text) && URL.canParse(text)
}
