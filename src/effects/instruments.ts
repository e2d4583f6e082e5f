// Counting and logging by name [docs/operating]. Invariant: names and codes are of the closed tables, and a Metrics or Logger that
// throws harms nothing.
import { type EffectError, effectErrors } from './errors.ts'
import type { MetricName } from './metrics.ts'
import type { Logger, Metrics } from './ports.ts'

export interface Instruments {
  count(name: MetricName, labels?: Readonly<Record<string, string>>, by?: number): void
  gauge(name: MetricName, value: number, labels?: Readonly<Record<string, string>>): void
  info(message: string, fields?: Fields): void
  /** `fields`: nothing of an SFO on a relay [RELAY-026]. */
  warn(code: EffectError, fields?: Fields): void
  error(code: EffectError, fields?: Fields): void
  /** Something threw that must not: what it said stays unsaid, since it could quote an SFO. */
  defect(code: EffectError, thrown: unknown): void
}

type Fields = Readonly<Record<string, string | number | boolean>>

export function instruments(metrics: Metrics, logger: Logger): Instruments {
  const safely = (work: () => void) => {
    try {
      work()
    } catch {
      // An operator's tools failing is no reason to fail what they watch.
    }
  }
  const tools: Instruments = {
    count: (name, labels, by) => safely(() => metrics.count(name, labels, by)),
    gauge: (name, value, labels) => safely(() => metrics.gauge(name, value, labels)),
    info: (message, fields = {}) => safely(() => logger.info(fields, message)),
    warn: (code, fields = {}) => safely(() => logger.warn({ ...fields, code }, effectErrors[code])),
    error: (code, fields = {}) => safely(() => logger.error({ ...fields, code }, effectErrors[code])),
    defect: (code, thrown) => {
      tools.count('defects_total', { code })
      tools.error(code, { thrown: thrown instanceof Error ? thrown.name : typeof thrown })
    },
  }
  return tools
}
