// What the auditor is configured with, and what its interpreter may take of time and memory [AUD-007, AUD-021, AUD-120].
// Invariant: the steps' deadlines add up to less than the round's, and nothing grows with the number of SFOs.
import type { NullModel } from '../../machines/auditor/null-model.ts'
import { defaultReportConfig } from '../../machines/auditor/report.ts'
import type { ReportConfig, RoundConfig } from '../../machines/auditor/types.ts'
import type { BreakerLimits } from '../breaker.ts'
import type { LimitSize } from '../limit.ts'
import type { QuotaLimits } from '../quota.ts'

/** Durations in milliseconds. */
export interface AuditorConfig {
  /** This auditor's Ed25519 key, 64 hex digits: what CTRs sign. */
  readonly auditorKey: string
  readonly round: RoundConfig
  readonly report: ReportConfig
  /** Network-wide means of the null model; the consensus gives CTRs and auditors. */
  readonly nullModel: Omit<NullModel, 'ctrs' | 'auditors' | 'windowMs'>
  /** 24 h: an SFO is escalated max(MMD, this) after it was both received and due [AUD-009]. */
  readonly graceMs: number
  /** 60 s [AUD-002]. */
  readonly nonceLifetimeMs: number
  /** STHs of a log's view. */
  readonly sthsPerLog: number
  /** SFOs in one submission. */
  readonly maxObjects: number
}

export interface AuditorLimits {
  readonly mailbox: number
  /** Circuits whose nonce is out. */
  readonly circuits: number
  readonly issuerCache: number
  /** Submissions that are judged and stored at a time, and those that wait for it. */
  readonly submissions: LimitSize
  readonly quota: QuotaLimits
  /** Deadlines of the round's steps, and of one request, write and notification. */
  readonly steps: Readonly<Record<'sths' | 'challenge' | 'analyze', number>>
  readonly challengeMs: number
  readonly consistencyMs: number
  readonly consensusMs: number
  /** Between two looks for a consensus that a CTR may have before this auditor. */
  readonly aheadMs: number
  readonly storeMs: number
  readonly notifyMs: number
  readonly notifyRetryMs: number
  /** How many logs, and challenges to one log, at a time. */
  readonly concurrentLogs: number
  readonly challengesPerLog: number
  /** Rows that are read from the store at a time. */
  readonly page: number
  /** Escalated SFOs of one log that a round probes [AUD-013]. */
  readonly probesPerRound: number
  readonly breaker: BreakerLimits
  /** From the start to the first round, and between canaries. */
  readonly startMs: number
  readonly canaryMs: number
  readonly canaryTimeoutMs: number
}

const second = 1000
const minute = 60 * second
const hour = 60 * minute

/** `given` replaces defaults; means are those of Dahlberg et al., PoPETs 2021. */
export function auditorConfig(given: Partial<AuditorConfig> & Pick<AuditorConfig, 'auditorKey'>): AuditorConfig {
  return {
    round: { deadlineMs: 40 * minute, intervalMs: hour },
    report: defaultReportConfig,
    nullModel: { visitsPerDay: 140e6, sfosPerVisit: 7, submitPr: 1000, failurePr: 50, invalidPr: 1 },
    graceMs: 24 * hour,
    nonceLifetimeMs: minute,
    sthsPerLog: 1024,
    maxObjects: 64,
    ...given,
  }
}

/** `given` replaces defaults, which follow from the round's deadline. */
export function auditorLimits(deadlineMs: number, given: Partial<AuditorLimits> = {}): AuditorLimits {
  const share = (percent: number) => Math.floor((deadlineMs * percent) / 100)
  return {
    mailbox: 1024,
    circuits: 16_384,
    issuerCache: 16_384,
    submissions: { concurrent: 16, queued: 1024 },
    quota: { capacity: 4096, refillMs: 2 * second, keys: 16_384 },
    steps: { sths: share(20), challenge: share(60), analyze: share(10) },
    challengeMs: 10 * second,
    consistencyMs: 10 * second,
    consensusMs: minute,
    aheadMs: second,
    storeMs: 30 * second,
    notifyMs: 30 * second,
    notifyRetryMs: 5 * minute,
    concurrentLogs: 16,
    challengesPerLog: 4,
    page: 256,
    probesPerRound: 64,
    breaker: { failures: 5, backoffMs: 3 * minute, maxBackoffMs: hour, keys: 1024 },
    startMs: second,
    canaryMs: hour,
    canaryTimeoutMs: 2 * minute,
    ...given,
  }
}
