// How a port may behave, all of which an engine has to live with. Invariant: `behave` does what its name says and nothing else; in
// particular a port that hangs pays no attention to its signal.
import fc from 'fast-check'
import type { Answer, Clock } from '../../../src/effects/ports.ts'

export const behaviours = ['ok', 'slow', 'unreachable', 'refused', 'malformed', 'hang', 'throw', 'reject'] as const
export type Behaviour = (typeof behaviours)[number]

export const anyBehaviour: fc.Arbitrary<Behaviour> = fc.constantFrom(...behaviours)

/** Yields the list again and again. */
export function script<T>(list: readonly T[], otherwise: T): () => T {
  let next = 0
  return () => list[next++ % Math.max(1, list.length)] ?? otherwise
}

export function behave<T>(clock: Clock, how: Behaviour, value: () => T): Promise<Answer<T>> {
  switch (how) {
    case 'ok':
      return Promise.resolve({ kind: 'ok', value: value() })
    case 'slow':
      return new Promise((resolve) => clock.after(2_500, () => resolve({ kind: 'ok', value: value() })))
    case 'unreachable':
      return Promise.resolve({ kind: 'unreachable', detail: 'fake' })
    case 'refused':
      return Promise.resolve({ kind: 'refused', status: 404 })
    case 'malformed':
      return Promise.resolve({ kind: 'malformed', detail: 'fake' })
    case 'hang':
      return new Promise(() => {})
    case 'throw':
      throw new Error('a port that throws')
    case 'reject':
      return Promise.reject(new Error('a port that rejects'))
  }
}
