// Which vectors are run: all but the retired ones, or those of a level or of a name.
// Invariant: a filter is one pattern over the ID and each requirement; what matches none of them is not run.
import type { Level } from './protocol.ts'
import type { Vector } from './vectors.ts'

export interface Selection {
  readonly level?: Level | undefined
  /** `*` stands for any characters; a requirement also stands for its parts: RELAY-012 for RELAY-012.1. */
  readonly filter?: string | undefined
}

export type Chosen = Vector

export function choose(vectors: readonly Vector[], { level, filter }: Selection): readonly Chosen[] {
  const matches = filter === undefined ? () => true : matcher(filter)
  return vectors.filter(
    (vector) =>
      !vector.flags.includes('retired') &&
      (level === undefined || vector.level === level) &&
      (matches(vector.id) || vector.reqs.some(matches)),
  )
}

function matcher(filter: string): (name: string) => boolean {
  const pattern = filter.split('*').map((part) => part.replace(/[^A-Za-z0-9]/g, '\\$&'))
  const whole = new RegExp(`^${pattern.join('.*')}$`, 's')
  return (name) => whole.test(name) || whole.test(name.replace(/\.[0-9]+$/, ''))
}
