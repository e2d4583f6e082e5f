// `auditor.json` [AUD-002, AUD-007, AUD-009, AUD-022, AUD-026]. Invariant: every limit has a default that holds for a deployment.
import type { z } from 'zod'
import { auditorConfig, auditorLimits } from '../../effects/auditor/limits.ts'
import type { Result } from '../../machines/ct/types.ts'
import { loadConfig } from './config.ts'
import { choice, duration, endpoint, integer, path, section, url } from './fields.ts'
import { checkPorts, checkShared, resolvedShared, shared } from './shared-config.ts'

const protocol = auditorConfig({ auditorKey: '' })
const limits = auditorLimits(protocol.round.deadlineMs)
const { nullModel } = protocol

export const auditorSchema = section({
  listen: endpoint(8280, 'where CTRs submit'),
  ...shared(8289),
  onion: section(
    { kind: choice(['tor'], 'tor: through `control`') },
    'publish this auditor as an onion service while it runs; its address is printed',
  ).optional(),
  store: section(
    {
      path: path('the SQLite file with everything that must survive; the next start resumes it'),
      maxMegabytes: integer(1, 2 ** 22, 65_536, 'size of that file, beyond it submissions are answered 503'),
    },
    'durable state',
  ),
  alerts: section({ path: path('one JSON line an incident is appended here') }, 'where a human is told'),
  canary: section(
    {
      sfo: path('a JSON file with one valid SFO, as it would be submitted'),
      key: path("the key file of a CTR that the consensus lists: the canary's own"),
      url: url('base URL under which the network reaches this auditor'),
    },
    'an SFO that this auditor submits to itself over a fresh circuit, to notice that it is cut off',
  ).optional(),
  timing: section(
    {
      graceMs: duration(
        0,
        protocol.graceMs,
        "an SFO not proven in this time, or its log's MMD if longer, is escalated",
      ),
      roundIntervalMs: duration(1, protocol.round.intervalMs, 'wait between rounds where no consensus says'),
      roundDeadlineMs: duration(1, protocol.round.deadlineMs, 'a round ends at the latest then'),
      startMs: duration(0, limits.startMs, 'from the start to the first round'),
      nonceLifetimeMs: duration(1, protocol.nonceLifetimeMs, "how long a submission circuit's nonce is valid"),
      challengeMs: duration(1, limits.challengeMs, 'time for one challenge (step 3.1)'),
      consistencyMs: duration(1, limits.consistencyMs, 'time for one consistency question (step 1.3)'),
      consensusMs: duration(1, limits.consensusMs, 'time for one consensus poll (step 1.1)'),
      canaryMs: duration(1, limits.canaryMs, 'between canaries'),
    },
    'durations in milliseconds',
  ).prefault({}),
  limits: section(
    {
      maxObjects: integer(1, 64, protocol.maxObjects, 'SFOs in one submission'),
      quotaSfos: integer(1, 1_000_000, limits.quota.capacity, 'SFOs at once from one CTR, beyond it 429'),
      quotaRefillMs: duration(1, limits.quota.refillMs, 'time in which one CTR may submit one more'),
      circuits: integer(1, 1_000_000, limits.circuits, 'submission circuits whose nonce is out'),
      concurrentSubmissions: integer(1, 1_024, limits.submissions.concurrent, 'submissions judged at a time'),
      queuedSubmissions: integer(0, 65_536, limits.submissions.queued, 'submissions that wait for it'),
      sthsPerLog: integer(2, 100_000, protocol.sthsPerLog, 'tree heads in the view of a log'),
      concurrentLogs: integer(1, 1_024, limits.concurrentLogs, 'logs challenged at a time'),
      challengesPerLog: integer(1, 1_024, limits.challengesPerLog, 'challenges to one log at a time'),
      probesPerRound: integer(0, 65_536, limits.probesPerRound, 'escalated SFOs of one log probed a round'),
    },
    'capacities',
  ).prefault({}),
  nullModel: section(
    {
      visitsPerDay: integer(0, 10 ** 12, nullModel.visitsPerDay, 'site visits of the whole network a day'),
      sfosPerVisit: integer(0, 1_000, nullModel.sfosPerVisit, 'SFOs a visit'),
      submitPr: integer(0, 10_000, nullModel.submitPr, 'share of SFOs that is submitted, in 1/10000'),
      failurePr: integer(0, 10_000, nullModel.failurePr, 'share of proof queries that fail by chance, in 1/10000'),
      invalidPr: integer(
        0,
        10_000,
        nullModel.invalidPr,
        'share of SFOs that an honest CTR reports as invalid, in 1/10000',
      ),
    },
    'what honest CTRs report by chance; more than that is an alert',
  ).prefault({}),
}).superRefine((config, context) => {
  checkShared(config, context)
  checkPorts({ listen: config.listen, operations: config.operations }, context)
  if (config.onion !== undefined && (config.control === undefined || config.socks === undefined))
    context.addIssue({ code: 'custom', path: ['onion'], message: 'control and socks beside it' })
})

export type AuditorDaemonConfig = z.output<typeof auditorSchema>
export type AuditorDaemonInput = z.input<typeof auditorSchema>

/** Paths become absolute: they are relative to the file's folder. */
export function loadAuditorConfig(file: string): Result<AuditorDaemonConfig, 'badConfig'> {
  const loaded = loadConfig(file, auditorSchema)
  if (!loaded.ok) return loaded
  const { config, resolve } = loaded.value
  const { key, store, alerts, canary } = config
  return {
    ok: true,
    value: {
      ...resolvedShared(config, resolve),
      key: { ...key, path: resolve(key.path) },
      store: { ...store, path: resolve(store.path) },
      alerts: { ...alerts, path: resolve(alerts.path) },
      ...(canary && { canary: { ...canary, sfo: resolve(canary.sfo), key: resolve(canary.key) } }),
    },
  }
}
