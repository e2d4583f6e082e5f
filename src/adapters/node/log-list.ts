// The list of known logs, version 3 [www.gstatic.com/ct/log_list/v3/log_list_schema.json]. Invariant: a log that is listed has the ID of
// its key; an entry that is none, as placeholders are, has a code for it and takes nothing from the others.
import { z } from 'zod'
import { fromBase64, fromUtf8, toHex } from '../../machines/ct/bytes.ts'
import type { Crypto, Log, Result } from '../../machines/ct/types.ts'

/** Why a list is refused as a whole. */
export const logListErrors = {
  tooLarge: 'more than 16 MiB',
  notJson: 'not JSON in UTF-8',
  notLogList: 'not an object with operators that have lists of logs',
  tooManyLogs: 'more than 10,000 logs',
} as const

/** Why an entry is no log. */
export const logEntryProblems = {
  noKey: 'no key or log ID in base64',
  otherKey: 'the log ID is not that of the key',
  noMmd: 'no MMD from 1 second to a year',
  noUrl: 'no URL, or a static-ct log without one of its two',
} as const

export type LogListError = keyof typeof logListErrors
export type LogEntryProblem = keyof typeof logEntryProblems

export const logStates = ['pending', 'qualified', 'usable', 'readonly', 'retired', 'rejected'] as const
export type LogState = (typeof logStates)[number]

/** Times in milliseconds; null is what the entry does not say in a way that can be read. */
export interface ListedLog {
  readonly operator: string
  readonly description: string
  readonly kind: 'rfc6962' | 'static-ct'
  readonly state: LogState | null
  readonly stateSince: number | null
  /** Of the certificates' expiry: from `start` to before `end`. */
  readonly interval: { readonly start: number; readonly end: number } | null
  readonly log: Log | null
  readonly problem: LogEntryProblem | null
}

const maxBytes = 16 * 1024 * 1024
const maxLogs = 10_000

const entries = z.array(z.looseObject({})).max(maxLogs).default([])
const listShape = z.looseObject({
  operators: z
    .array(z.looseObject({ name: z.string().max(1000).catch(''), logs: entries, tiled_logs: entries }))
    .max(maxLogs),
})
type Entry = z.output<typeof entries>[number]

const text = z.string().max(4096)
const mmdShape = z.int().min(1).max(31_536_000)
const timeShape = z.iso.datetime({ offset: true }).transform((at) => Date.parse(at))
const stateShape = z.partialRecord(z.enum(logStates), z.looseObject({ timestamp: timeShape.optional() }))
const intervalShape = z.looseObject({ start_inclusive: timeShape, end_exclusive: timeShape })

export function decodeLogList(crypto: Crypto, file: Uint8Array): Result<readonly ListedLog[], LogListError> {
  if (file.length > maxBytes) return refuse('tooLarge')
  const json = parsed(file)
  if (json === undefined) return refuse('notJson')
  const list = listShape.safeParse(json)
  if (!list.success) return refuse('notLogList')
  const logs = list.data.operators.flatMap(({ name, logs, tiled_logs }) => [
    ...logs.map((entry) => listed(crypto, name, 'rfc6962', entry)),
    ...tiled_logs.map((entry) => listed(crypto, name, 'static-ct', entry)),
  ])
  return logs.length > maxLogs ? refuse('tooManyLogs') : { ok: true, value: logs }
}

function parsed(file: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(file) ?? '')
  } catch {
    return undefined
  }
}

function listed(crypto: Crypto, operator: string, kind: ListedLog['kind'], entry: Entry): ListedLog {
  const log = logOf(crypto, kind, entry)
  const interval = intervalShape.safeParse(entry.temporal_interval).data
  return {
    operator,
    description: text.safeParse(entry.description).data ?? '',
    kind,
    ...stateOf(entry.state),
    interval: interval ? { start: interval.start_inclusive, end: interval.end_exclusive } : null,
    log: typeof log === 'string' ? null : log,
    problem: typeof log === 'string' ? log : null,
  }
}

/** One member, named by the state. */
function stateOf(given: unknown): Pick<ListedLog, 'state' | 'stateSince'> {
  const [only, ...more] = Object.entries(stateShape.safeParse(given).data ?? {})
  if (only === undefined || more.length > 0) return { state: null, stateSince: null }
  return { state: only[0] as LogState, stateSince: only[1]?.timestamp ?? null }
}

function logOf(crypto: Crypto, kind: ListedLog['kind'], entry: Entry): Log | LogEntryProblem {
  const key = text.safeParse(entry.key).data
  const spki = key === undefined ? null : fromBase64(key)
  const named = fromBase64(text.safeParse(entry.log_id).data ?? '')
  if (key === undefined || spki === null || spki.length === 0 || named?.length !== 32) return 'noKey'
  const logId = toHex(crypto.sha256(spki))
  if (toHex(named) !== logId) return 'otherKey'
  const mmd = mmdShape.safeParse(entry.mmd).data
  if (mmd === undefined) return 'noMmd'
  const common = { logId, key, mmd: mmd * 1000 }
  const [url, monitoringUrl] =
    kind === 'rfc6962' ? [urlOf(entry.url), null] : [urlOf(entry.submission_url), urlOf(entry.monitoring_url)]
  if (url === null || (kind === 'static-ct' && monitoringUrl === null)) return 'noUrl'
  return monitoringUrl === null ? { ...common, url } : { ...common, url, monitoringUrl }
}

/** Without trailing slash. */
function urlOf(given: unknown): string | null {
  const url = z
    .url({ protocol: /^https?$/ })
    .max(2048)
    .safeParse(given).data
  return url === undefined ? null : url.replace(/\/+$/, '')
}

function refuse(error: LogListError): Result<never, LogListError> {
  return { ok: false, error, detail: logListErrors[error] }
}
