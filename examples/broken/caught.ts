// `npm run coverage:caught`: writes which vectors each broken implementation fails. Invariant: only vectors that claim its requirement count;
// of each bug the first three are named, in the order of the files.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { localSut } from '../../src/adapters/conform/local-sut.ts'
import { ownSut } from '../../src/adapters/conform/own-sut.ts'
import { runVectors } from '../../src/adapters/conform/runner.ts'
import { readVectors, type Vector } from '../../src/adapters/conform/vectors.ts'
import { claims } from '../../src/adapters/coverage/rows.ts'
import { caughtFile } from '../../src/adapters/coverage/sources.ts'
import type { Bug } from './bug.ts'
import { bugs } from './bugs.ts'

/** Those that claim the bug's requirement and that it fails. */
export async function failedBy(bug: Bug, vectors: readonly Vector[]): Promise<readonly string[]> {
  const among = vectors.filter(({ reqs, flags }) => !flags.includes('retired') && claims(reqs, bug.req))
  const start = () => localSut(bug.breaks(ownSut()))
  const { outcomes } = await runVectors({ vectors: among, known: new Set(), timeoutMs: 1, start })
  return outcomes.filter(({ status }) => status === 'failed').map(({ vector }) => vector.id)
}

if (import.meta.main) {
  const root = fileURLToPath(new URL('../../', import.meta.url))
  const read = readVectors(`${root}test/vectors`)
  if (!read.ok) throw new Error(read.detail)
  const caught: Record<string, { req: string; vectors: readonly string[] }> = {}
  for (const [name, bug] of Object.entries(bugs)) {
    const failed = await failedBy(bug, read.value)
    console.log(`${name}: ${bug.req}, ${failed.length} vectors`)
    caught[name] = { req: bug.req, vectors: failed.slice(0, 3) }
  }
  writeFileSync(root + caughtFile, `${JSON.stringify(caught, null, 2)}\n`)
}
