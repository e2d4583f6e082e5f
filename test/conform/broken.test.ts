// Do the vectors bite? Every bug of examples/broken must be caught by a vector that claims the requirement that the bug violates, and the
// right implementation must pass them all.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { bugs } from '../../examples/broken/bugs.ts'
import { failedBy } from '../../examples/broken/caught.ts'
import { localSut } from '../../src/adapters/conform/local-sut.ts'
import { ownSut } from '../../src/adapters/conform/own-sut.ts'
import { runVectors } from '../../src/adapters/conform/runner.ts'
import { summarize } from '../../src/adapters/conform/summary.ts'
import type { SutParts } from '../../src/adapters/conform/sut.ts'
import { readVectors } from '../../src/adapters/conform/vectors.ts'
import { familyOf } from '../../src/adapters/coverage/identifiers.ts'
import type { Sources } from '../../src/adapters/coverage/sources.ts'
import { fixtures } from './fixtures/read.ts'

const read = readVectors(fileURLToPath(new URL('../vectors', import.meta.url)))
const vectors = read.ok ? read.value : []
if (vectors.length === 0) console.warn('no vectors in test/vectors: that they catch each bug cannot be tested')

const caught = JSON.parse(
  readFileSync(new URL('../../examples/broken/caught.json', import.meta.url), 'utf8'),
) as Sources['caught']

const run = (parts: SutParts, filter?: string, among = vectors) =>
  runVectors({ vectors: among, known: new Set(), timeoutMs: 1, start: () => localSut(parts), filter })

test('there are bugs for at least 25 families, each name a word for a command line', () => {
  expect(new Set(Object.values(bugs).map(({ req }) => familyOf(req))).size).toBeGreaterThanOrEqual(25)
  for (const name of Object.keys(bugs)) expect(name).toMatch(/^[a-z0-9-]+$/)
})

test.each(Object.entries(bugs))('%s still answers whatever it is asked', async (_, bug) => {
  const { outcomes } = await run(bug.breaks(ownSut()), undefined, fixtures)
  expect(outcomes.map(({ status, note }) => [status, note])).not.toContainEqual(['errored', expect.anything()])
})

describe.skipIf(vectors.length === 0)('the vectors of the package', () => {
  test('the right implementation passes all of them', async () => {
    const { exitCode, counts } = summarize(await run(ownSut()))
    expect({ exitCode, passed: counts.passed }).toEqual({
      exitCode: 0,
      passed: vectors.filter(({ flags }) => !flags.includes('retired')).length,
    })
  })

  test.each(Object.entries(bugs).map(([name, bug]) => [name, bug.req, bug] as const))(
    '%s is caught by a vector that claims %s, as caught.json says',
    async (name, req, bug) => {
      const failed = await failedBy(bug, vectors)
      expect(failed).not.toEqual([])
      expect(caught[name]?.req).toBe(req)
      expect(caught[name]?.vectors.filter((id) => !failed.includes(id))).toEqual([])
    },
  )

  test('caught.json names the bugs that there are', () => {
    expect(Object.keys(caught)).toEqual(Object.keys(bugs))
  })
})
