// The port `Logger` on pino: JSON lines for the operator, on stderr. Invariant: a field passes only if its key is on the list and its
// value has the form of that key, so that no SFO, and no identity of one, can be printed by mistake [RELAY-026].
import { pino } from 'pino'
import type { Logger } from '../../effects/ports.ts'
import { logLines, type Write } from './log-lines.ts'

type Value = string | number | boolean

/** A code or a name of ours: too short and too plain for a certificate, a hash or a host name's worth of base64. */
const word = (value: Value) =>
  typeof value === 'string' && /^[A-Za-z][A-Za-z0-9 .:_-]{0,63}$/.test(value) && !looksLikeBytes(value)
const looksLikeBytes = (text: string) => /[0-9a-fA-F]{16}|[A-Za-z0-9+/_-]{40}/.test(text)
const number = (value: Value) => typeof value === 'number'
const truth = (value: Value) => typeof value === 'boolean'
const url = (value: Value) =>
  typeof value === 'string' && /^http:\/\/(127\.0\.0\.1|\[::1\]|[0-9a-zA-Z.:[\]-]{1,64}):\d{1,5}$/.test(value)
/** A v3 address as such: nothing before or after it. */
const onion = (value: Value) => typeof value === 'string' && /^http:\/\/[a-z2-7]{56}\.onion$/.test(value)
const id = (value: Value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)

const words = [
  'code',
  'error',
  'event',
  'thrown',
  'step',
  'profile',
  'signal',
  'kind',
  'result',
  'reason',
  'state',
  'version',
]
const numbers = [
  'round',
  'seconds',
  'count',
  'port',
  'status',
  'n',
  'k',
  'logs',
  'sths',
  'ctrs',
  'auditors',
  'ms',
  'incident',
]

/** The keys a relay may print. None of them is an sfoId, a leafId, a log or a peer: those tell what was visited. */
export const relayFields: Fields = fields(
  [words, word],
  [numbers, number],
  [['ok', 'loopbackOnion'], truth],
  [['url', 'proofsUrl', 'operationsUrl'], url],
  [['onionUrl'], onion],
)

/** An auditor also names what an incident, an alert or a gap is about: it keeps them on disk anyway. */
export const auditorFields: Fields = {
  ...relayFields,
  ...fields([['logId', 'ctrId', 'ctr', 'sfoId', 'self'], id], [['from', 'to', 'seen', 'expected', 'p'], number]),
}

type Fields = Readonly<Record<string, (value: Value) => boolean>>

function fields(...groups: readonly (readonly [readonly string[], (value: Value) => boolean])[]): Fields {
  return Object.fromEntries(groups.flatMap(([keys, check]) => keys.map((key) => [key, check])))
}

export interface LogOptions {
  readonly daemon: 'relay' | 'auditor'
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** To standard error unless given. */
  readonly write?: Write
}

/** What does not pass is left out, and counted in `withheld`. */
export function pinoLogger({ daemon, level, write }: LogOptions): Logger {
  // pino's own destination waits without end, signals included, where its file is on a full disk.
  const lost = (count: number) => lines.warn({ count }, 'log lines that could not be written so far')
  const lines = pino({ level, base: { daemon }, timestamp: pino.stdTimeFunctions.isoTime }, logLines(lost, write))
  const allowed = daemon === 'relay' ? relayFields : auditorFields
  const pass = (given: Readonly<Record<string, Value>>): Record<string, Value> => {
    const kept = Object.entries(given).filter(([key, value]) => Object.hasOwn(allowed, key) && allowed[key]?.(value))
    const withheld = Object.keys(given).length - kept.length
    return { ...Object.fromEntries(kept), ...(withheld > 0 && { withheld }) }
  }
  const say = (message: string): string => (looksLikeBytes(message) || message.length > 200 ? 'withheld' : message)
  return {
    info: (given, message) => lines.info(pass(given), say(message)),
    warn: (given, message) => lines.warn(pass(given), say(message)),
    error: (given, message) => lines.error(pass(given), say(message)),
  }
}
