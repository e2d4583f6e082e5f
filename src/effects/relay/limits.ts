// What the relay's interpreter may take of time and memory [RELAY-001, RELAY-006]. Invariant: the steps' deadlines add up to less than
// the round's, so that a slow step never takes the next one's turn.
import type { RelayConfig } from '../../machines/relay/types.ts'
import type { BreakerLimits } from '../breaker.ts'
import type { LimitSize } from '../limit.ts'
import type { RetryPolicy } from '../retry.ts'

/** Durations in milliseconds. */
export interface RelayLimits {
  /** Events that wait for the machine. */
  readonly mailbox: number
  /** Submissions that wait for validation; each is at most 64 KiB. */
  readonly backlog: number
  /** Verified issuer signatures that are remembered. */
  readonly issuerCache: number
  /** Deadline of a whole step; `forward` may run twice. */
  readonly steps: Readonly<Record<'challenge' | 'fetch' | 'forward' | 'announce', number>>
  /** Deadline of one request. */
  readonly challengeMs: number
  readonly fetchMs: number
  readonly submitMs: number
  readonly publishMs: number
  readonly reportMs: number
  readonly consensusMs: number
  /** How many logs, challenges to one log, addresses, and CTRs at a time. */
  readonly concurrentLogs: number
  readonly challengesPerLog: number
  readonly concurrentFetches: number
  readonly concurrentPeers: number
  readonly reports: LimitSize
  readonly reportRetry: RetryPolicy
  readonly breaker: BreakerLimits
  /** Wait after a poll that failed, at least; at most twice that. */
  readonly consensusRetryMs: number
}

const second = 1000
const minute = 60 * second

/** Spread far enough that the reports of one round, refused together, do not come back together. */
export function reportRetry(minDelayMs: number): RetryPolicy {
  return { attempts: 6, minDelayMs, maxDelayMs: 20 * minDelayMs }
}

/** `given` replaces defaults, which follow from the round's deadline. */
export function relayLimits(
  { roundDeadlineMs, reportCapacity }: Pick<RelayConfig, 'roundDeadlineMs' | 'reportCapacity'>,
  given: Partial<RelayLimits> = {},
): RelayLimits {
  const share = (percent: number) => Math.floor((roundDeadlineMs * percent) / 100)
  return {
    mailbox: 4096,
    backlog: 256,
    issuerCache: 4096,
    steps: { challenge: share(35), fetch: share(20), forward: share(15), announce: share(10) },
    challengeMs: 10 * second,
    fetchMs: 30 * second,
    submitMs: 10 * second,
    publishMs: 20 * second,
    reportMs: 30 * second,
    consensusMs: minute,
    concurrentLogs: 8,
    challengesPerLog: 4,
    concurrentFetches: 4,
    concurrentPeers: 8,
    reports: { concurrent: 4, queued: reportCapacity },
    reportRetry: reportRetry(30 * second),
    breaker: { failures: 5, backoffMs: 3 * minute, maxBackoffMs: 60 * minute, keys: 1024 },
    consensusRetryMs: minute,
    ...given,
  }
}
