// The one way in which an engine calls a network port: with a deadline, as an answer [RELAY-004]. Invariant: it always answers, never
// rejects; the detail of a failure is a code of `errors.ts`, never a port's own words (which could quote an SFO).
import { type Ended, withDeadline } from './deadline.ts'
import { type EffectError, effectErrors } from './errors.ts'
import type { Answer, Clock } from './ports.ts'

export function ask<T>(
  clock: Clock,
  signal: AbortSignal,
  ms: number,
  request: (signal: AbortSignal) => Promise<Answer<T>>,
): Promise<Answer<T>> {
  return withDeadline(clock, signal, ms, request).then(answerOf)
}

export function answerOf<T>(ended: Ended<Answer<T>>): Answer<T> {
  switch (ended.kind) {
    case 'done':
      return ended.value
    case 'expired':
      return unreachable('deadlineExceeded')
    case 'aborted':
      return unreachable('aborted')
    case 'failed':
      return unreachable('portFailed')
  }
}

export function unreachable(code: EffectError): Answer<never> {
  return { kind: 'unreachable', detail: `${code}: ${effectErrors[code]}` }
}
