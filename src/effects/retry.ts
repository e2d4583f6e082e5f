// Bounded repetition on fresh circuits [RELAY-004, RELAY-005]. Invariant: at most `attempts` attempts, no two on one isolation token,
// a random delay between two of them, and none after the signal fired.
import { pause } from './deadline.ts'
import { freshIsolation, randomDelay } from './draw.ts'
import type { Answer, Clock, Isolation, Random } from './ports.ts'

export interface RetryPolicy {
  /** At least 1; the first one counts. */
  readonly attempts: number
  /** Milliseconds; the delay is uniform in [minDelayMs, maxDelayMs). */
  readonly minDelayMs: number
  readonly maxDelayMs: number
}

export interface RetryWorld {
  readonly clock: Clock
  readonly random: Random
}

/** Answers the last attempt's answer. `worth`: whether an answer is worth another attempt; by default only `unreachable` is. */
export async function retry<T>(
  { clock, random }: RetryWorld,
  signal: AbortSignal,
  policy: RetryPolicy,
  attempt: (isolation: Isolation, number: number) => Promise<Answer<T>>,
  worth: (answer: Answer<T>) => boolean = isUnreachable,
): Promise<Answer<T>> {
  for (let number = 1; ; number++) {
    const answer = await attempt(freshIsolation(random), number)
    if (number >= policy.attempts || !worth(answer)) return answer
    const delay = randomDelay(random, policy.minDelayMs, policy.maxDelayMs)
    if (!(await pause(clock, signal, delay))) return answer
  }
}

export function isUnreachable(answer: Answer<unknown>): boolean {
  return answer.kind === 'unreachable'
}
