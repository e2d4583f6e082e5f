// The port `Metrics` on prom-client, one registry a daemon [docs/operating]. Invariant: only names and labels of the closed table
// exist, and a metric has at most `maxSeries` label sets, so that no input can grow it.
import { Counter, Gauge, Registry } from 'prom-client'
import { type Metric, metricNames } from '../../effects/metrics.ts'
import type { Metrics } from '../../effects/ports.ts'

/** What the listeners and the process add to the engines' table. */
export const adapterMetrics = {
  http_replies_total: {
    type: 'counter',
    labels: ['listener', 'status'],
    help: 'Replies of the listeners, by status',
  },
  log_tiles_total: {
    type: 'counter',
    labels: ['result'],
    help: 'Hash tiles of static-ct logs: cached, fetched, evicted, fallback (a partial one is gone), false (the tiles of a proof do not hash to the root)',
  },
  log_tile_cache_bytes: { type: 'gauge', labels: [], help: 'Bytes of hash tiles kept' },
  process_resident_bytes: { type: 'gauge', labels: [], help: 'Resident set size of this process' },
  process_start_seconds: { type: 'gauge', labels: [], help: 'When this process started' },
} as const satisfies Readonly<Record<string, Metric>>

/** Some 70 logs times 6 outcomes is the largest that there is. */
const maxSeries = 2_000

export interface PrometheusMetrics extends Metrics {
  /** The text exposition. */
  exposition(): Promise<string>
}

/** @throws TypeError in `count` and `gauge` for a name or label that is not in the table: a defect of the caller. */
export function prometheusMetrics(): PrometheusMetrics {
  const registry = new Registry()
  const table: Readonly<Record<string, Metric>> = { ...metricNames, ...adapterMetrics }
  const counters = new Map<string, Counter>()
  const gauges = new Map<string, Gauge>()
  const series = new Map<string, Set<string>>()
  for (const [name, { type, labels, help }] of Object.entries(table)) {
    const shape = { name: `ctor_${name}`, help, labelNames: [...labels], registers: [registry] }
    if (type === 'counter') counters.set(name, new Counter(shape))
    else gauges.set(name, new Gauge(shape))
    series.set(name, new Set())
  }

  const hasRoom = (name: string, labels: Readonly<Record<string, string>>): boolean => {
    const known = series.get(name) ?? new Set()
    const key = JSON.stringify(labels)
    if (!known.has(key) && known.size >= maxSeries) return false
    known.add(key)
    return true
  }

  return {
    count(name, labels = {}, by = 1) {
      const counter = counters.get(name)
      if (counter === undefined) throw new TypeError(`no counter is named ${name}`)
      if (hasRoom(name, labels)) counter.inc({ ...labels }, by)
    },
    gauge(name, value, labels = {}) {
      const gauge = gauges.get(name)
      if (gauge === undefined) throw new TypeError(`no gauge is named ${name}`)
      if (hasRoom(name, labels)) gauge.set({ ...labels }, value)
    },
    exposition() {
      gauges.get('process_resident_bytes')?.set(process.memoryUsage.rss())
      gauges.get('process_start_seconds')?.set(Math.round(Date.now() / 1000 - process.uptime()))
      return registry.metrics()
    },
  }
}
