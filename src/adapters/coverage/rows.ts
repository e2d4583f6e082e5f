// What covers each requirement, a row each [spec/coverage.md]. Invariant: a row counts what cites the sentence itself; what cites its
// family alone counts for the family's first sentence.
import type { Requirement } from '../cli/requirements.ts'
import { familyOf, sentenceOf } from './identifiers.ts'
import type { Citation, Sources, VectorCitation } from './sources.ts'

/** An implementation that violates the sentence, and the vectors that show it. */
export interface CaughtBug {
  readonly bug: string
  readonly vectors: readonly string[]
}

export interface Row {
  readonly requirement: Requirement
  readonly model: readonly Citation[]
  readonly transitions: readonly Citation[]
  /** Titles of properties, explorer, refinement and conformance tests. */
  readonly properties: readonly Citation[]
  /** Titles of contract and e2e tests. */
  readonly tests: readonly Citation[]
  readonly positive: readonly VectorCitation[]
  readonly refusals: readonly VectorCitation[]
  readonly bugs: readonly CaughtBug[]
}

const propertyFolders = /^test\/(properties|explorer|refinement|conform)\//

export function rowsOf(requirements: readonly Requirement[], sources: Sources): readonly Row[] {
  const model = bySentence(sources.model)
  const transitions = bySentence(sources.transitions)
  const tests = bySentence(sources.tests)
  const vectors = bySentence(sources.vectors)
  return requirements.map((requirement) => {
    const { id } = requirement
    const cited = tests.get(id) ?? []
    const shown = vectors.get(id) ?? []
    return {
      requirement,
      model: model.get(id) ?? [],
      transitions: transitions.get(id) ?? [],
      properties: cited.filter(({ file }) => propertyFolders.test(file)),
      tests: cited.filter(({ file }) => !propertyFolders.test(file)),
      positive: shown.filter(({ refusal }) => !refusal),
      refusals: shown.filter(({ refusal }) => refusal),
      bugs: Object.entries(sources.caught)
        .filter(([, { req }]) => sentenceOf(req) === id)
        .map(([bug, caught]) => ({ bug, vectors: caught.vectors })),
    }
  })
}

/** A vector claims a requirement where it names the sentence or its family. */
export function claims(reqs: readonly string[], id: string): boolean {
  return reqs.includes(id) || reqs.includes(familyOf(id))
}

function bySentence<T extends Citation>(citations: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const map = new Map<string, T[]>()
  for (const citation of citations) {
    const id = sentenceOf(citation.id)
    const list = map.get(id)
    if (list === undefined) map.set(id, [citation])
    else if (!list.some(({ file, name }) => file === citation.file && name === citation.name)) list.push(citation)
  }
  return map
}
