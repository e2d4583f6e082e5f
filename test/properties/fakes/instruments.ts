// Metrics and log lines, kept. Invariant: a name or a label that `metricNames` does not list fails the test at once.
import { type Metric, metricNames } from '../../../src/effects/metrics.ts'
import type { Logger, Metrics } from '../../../src/effects/ports.ts'

export interface Kept {
  readonly metrics: Metrics
  readonly logger: Logger
  readonly lines: string[]
  /** Names outside the table. */
  readonly unknown: string[]
  total(name: string, labels?: Readonly<Record<string, string>>): number
  /** Everything that an operator could read. */
  text(): string
}

export function keep(): Kept {
  const counts = new Map<string, number>()
  const gauges = new Map<string, number>()
  const lines: string[] = []
  const unknown: string[] = []
  const table: Readonly<Record<string, Metric>> = metricNames
  const keyOf = (name: string, labels: Readonly<Record<string, string>> = {}) => {
    const wanted = [...(table[name]?.labels ?? [])].sort().join()
    if (table[name] === undefined || wanted !== Object.keys(labels).sort().join())
      unknown.push(`${name} ${Object.keys(labels)}`)
    return `${name} ${JSON.stringify(Object.entries(labels).sort())}`
  }
  const line = (level: string) => (fields: object, message: string) => {
    lines.push(`${level} ${message} ${JSON.stringify(fields)}`)
  }
  return {
    metrics: {
      count(name, labels, by = 1) {
        const key = keyOf(name, labels)
        counts.set(key, (counts.get(key) ?? 0) + by)
      },
      gauge: (name, value, labels) => void gauges.set(keyOf(name, labels), value),
    },
    logger: { info: line('info'), warn: line('warn'), error: line('error') },
    lines,
    unknown,
    total(name, labels) {
      if (labels !== undefined) return counts.get(keyOf(name, labels)) ?? 0
      let sum = 0
      for (const [key, value] of counts) if (key.startsWith(`${name} `)) sum += value
      return sum
    },
    text: () => [...lines, ...counts.keys(), ...gauges.keys()].join('\n'),
  }
}
