// `auditor.json` [AUD-009, AUD-007]. Invariant: every limit has a default that holds for a deployment.
import type { z } from 'zod'
import type { Result } from '../../machines/ct/types.ts'
import { loadConfig } from './config.ts'
import { duration, endpoint, integer, path, section } from './fields.ts'
import { shared } from './shared-config.ts'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute

export const auditorSchema = section({
  listen: endpoint(8280, 'where CTRs submit'),
  ...shared(8289),
  store: section(
    {
      path: path('the SQLite file with everything that must survive; the next start resumes it'),
      maxMegabytes: integer(1, 16 * 1024 * 1024, 65_536, 'size of that file, beyond it submissions are answered 503'),
    },
    'durable state',
  ),
  alerts: section({ path: path('one JSON line an incident is appended here') }, 'where a human is told'),
  timing: section(
    {
      graceMs: duration(0, 24 * hour, "an SFO not proven within this time, or its log's MMD if longer, is escalated"),
      roundIntervalMs: duration(1, 10 * minute, 'wait between rounds where no consensus says'),
      roundDeadlineMs: duration(1, 30 * minute, 'a round ends at the latest then'),
    },
    'durations in milliseconds',
  ).prefault({}),
})

export type AuditorDaemonConfig = z.output<typeof auditorSchema>
export type AuditorDaemonInput = z.input<typeof auditorSchema>

/** Paths become absolute: they are relative to the file's folder. */
export function loadAuditorConfig(file: string): Result<AuditorDaemonConfig, 'badConfig'> {
  const loaded = loadConfig(file, auditorSchema)
  if (!loaded.ok) return loaded
  const { config, resolve } = loaded.value
  const { key, consensus, store, alerts } = config
  return {
    ok: true,
    value: {
      ...config,
      key: { ...key, path: resolve(key.path) },
      consensus: { ...consensus, path: resolve(consensus.path) },
      store: { ...store, path: resolve(store.path) },
      alerts: { ...alerts, path: resolve(alerts.path) },
    },
  }
}
