// How an auditor asks a log: within a deadline, through the log's breaker [AUD-014, AUD-021]. Invariant: behind an open breaker one
// request at a time goes out, and a request that was called off tells nothing of the log.
import type { LogId } from '../../machines/ct/types.ts'
import { ask, unreachable } from '../ask.ts'
import type { Answer } from '../ports.ts'
import type { AuditorWorld } from './world.ts'

export interface Asked<T> {
  readonly answer: Answer<T>
  /** No request went out. */
  readonly skipped: boolean
}

export async function askLog<T>(
  { breakers, clock, tools }: AuditorWorld,
  logId: LogId,
  ms: number,
  signal: AbortSignal,
  request: (signal: AbortSignal) => Promise<Answer<T>>,
): Promise<Asked<T>> {
  if (breakers.pass(logId) === 'open') return { answer: unreachable('breakerOpen'), skipped: true }
  const answer = await ask(clock, signal, ms, request)
  if (signal.aborted) breakers.release(logId)
  else breakers.report(logId, answer.kind !== 'unreachable')
  tools.gauge('auditor_breakers_open', breakers.open)
  return { answer, skipped: false }
}
