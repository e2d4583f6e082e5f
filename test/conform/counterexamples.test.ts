// Frozen counterexamples [spec/conformance.md, Files]: each is failed by the machine whose bug it shows, and passed by the right one.
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { localSut } from '../../src/adapters/conform/local-sut.ts'
import { ownSut } from '../../src/adapters/conform/own-sut.ts'
import { runVectors } from '../../src/adapters/conform/runner.ts'
import { auditorBugs } from '../../src/adapters/conform/seeded-bugs-auditor.ts'
import { relayBugs } from '../../src/adapters/conform/seeded-bugs-relay.ts'
import { seededSut } from '../../src/adapters/conform/seeded-sut.ts'
import type { SutParts } from '../../src/adapters/conform/sut.ts'
import { readVectors, type Vector } from '../../src/adapters/conform/vectors.ts'

const read = readVectors(fileURLToPath(new URL('../vectors', import.meta.url)))
const vectors = read.ok ? read.value : []
const bugs = [...relayBugs, ...auditorBugs]
const frozen = vectors.filter(({ provenance }) => provenance === 'counterexample')
const errata = vectors.filter(({ provenance }) => provenance === 'model:erratum')

const tellingOf = (name: string): readonly Vector[] =>
  frozen.filter(({ comment }) => comment.endsWith(`Told from a machine with one bug: ${name}`))

async function statuses(parts: SutParts, among: readonly Vector[]): Promise<readonly string[]> {
  const run = await runVectors({ vectors: among, known: new Set(), timeoutMs: 1, start: () => localSut(parts) })
  return run.outcomes.map(({ status }) => status)
}

test('there is one for each seeded bug, and for errata A9 and A12', () => {
  expect(frozen).toHaveLength(bugs.length)
  expect(errata.map(({ id }) => id).sort()).toEqual(
    ['a12-crash', 'a9-too-early', 'a9-too-late'].map((name) => `L1-sfo-counterexamples-${name}`),
  )
})

test('the right machines pass them all', async () => {
  const given = await statuses(ownSut(), [...frozen, ...errata])
  expect(given.filter((status) => status !== 'passed')).toEqual([])
})

describe('a machine with one bug fails the vector of that bug', () => {
  test.each(bugs.map((bug) => [bug.name, bug] as const))('%s', async (name, bug) => {
    const telling = tellingOf(name)
    expect(telling).toHaveLength(1)
    expect(await statuses(seededSut(bug), telling)).toEqual(['failed'])
  })
})
