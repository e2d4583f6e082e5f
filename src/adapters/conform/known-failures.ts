// The ratchet: vectors that an implementation is known to fail, one ID a line, `#` begins a comment.
// Invariant: an ID that no vector has is refused, so that the list can only shrink.
import { readFileSync } from 'node:fs'
import type { Result } from '../../machines/ct/types.ts'
import type { Vector } from './vectors.ts'

export function readKnownFailures(
  file: string,
  vectors: readonly Vector[],
): Result<ReadonlySet<string>, 'badKnownFailures'> {
  let content: string
  try {
    content = readFileSync(file, 'utf8')
  } catch {
    return { ok: false, error: 'badKnownFailures', detail: `${file}: cannot be read` }
  }
  const ids = new Set(vectors.map(({ id }) => id))
  const known = new Set<string>()
  for (const [at, line] of content.split('\n').entries()) {
    const id = line.replace(/#.*/, '').trim()
    if (id === '') continue
    if (!ids.has(id)) return { ok: false, error: 'badKnownFailures', detail: `${file}:${at + 1}: no vector ${id}` }
    known.add(id)
  }
  return { ok: true, value: known }
}
