// The gate on the specification's coverage [spec/coverage.md]: what is missing, unknown or not reviewed, each fault a sentence that says
// what to do. Invariant: an exception never outlives its reason.
import type { Requirement } from '../cli/requirements.ts'
import { familyOf, sentenceOf } from './identifiers.ts'
import { claims, type Row } from './rows.ts'
import { caughtFile, type Sources } from './sources.ts'

export const reviewFile = 'spec/coverage.json'

/** Why a MUST has no property or no negative vector, and the test that covers it instead. */
export interface Exception {
  readonly reason: string
  readonly test: string
}

export interface Review {
  readonly exceptions: Readonly<Record<string, Exception>>
  /** The hash of each sentence as it was when its coverage was last looked at. */
  readonly reviewed: Readonly<Record<string, string>>
}

/** Sentences, in the order of the specification; empty where all is well. */
export function faultsOf(rows: readonly Row[], sources: Sources, review: Review): readonly string[] {
  const requirements = rows.map(({ requirement }) => requirement)
  return [
    ...rows.flatMap((row) => missing(row, review)),
    ...unreviewed(requirements, review),
    ...unknown(requirements, sources, review),
    ...uncaught(sources),
  ]
}

function missing(row: Row, { exceptions }: Review): readonly string[] {
  const { id, level } = row.requirement
  const exception = exceptions[id]
  const lacks = [
    ...(row.properties.length === 0 ? ['property (a title under test/properties that ends in its ID)'] : []),
    ...(row.refusals.length + row.bugs.length === 0
      ? [`negative vector (one that expects a refusal, or a bug in examples/broken and ${caughtFile})`]
      : []),
  ]
  if (exception !== undefined) return wrongException(row, exception, lacks.length > 0)
  if (level !== 'MUST') return []
  return lacks.map((what) => `${id} has no ${what}; if none is possible, say why in ${reviewFile}`)
}

function wrongException(row: Row, { reason, test }: Exception, needed: boolean): readonly string[] {
  const { id } = row.requirement
  if (!needed) return [`${id} has property and negative vector: take its exception out of ${reviewFile}`]
  if (reason.length < 20) return [`${id}: the exception in ${reviewFile} gives no reason`]
  const covered = [...row.properties, ...row.tests].some(({ file }) => file === test)
  if (typeof test !== 'string') return [`${id}: the exception in ${reviewFile} names no test: write one, none is owed`]
  return covered
    ? []
    : [`${id}: ${test} has no test whose title cites [${id}], though ${reviewFile} says that it covers it`]
}

function unreviewed(requirements: readonly Requirement[], { reviewed }: Review): readonly string[] {
  return requirements.flatMap(({ id, hash }) => {
    const known = reviewed[id]
    if (known === hash) return []
    const what = known === undefined ? 'is new' : 'has changed'
    return [`${id} ${what}: look at what covers it, then npm run coverage:renew -- ${id}`]
  })
}

/** An ID that is cited, excepted or reviewed, but is no requirement. */
function unknown(requirements: readonly Requirement[], sources: Sources, review: Review): readonly string[] {
  const sentences = new Set(requirements.map(({ id }) => id))
  const families = new Set([...sentences].map(familyOf))
  const isUnknown = (id: string): boolean => !sentences.has(id) && !families.has(id)
  const cited = [...sources.model, ...sources.transitions, ...sources.tests, ...sources.vectors, ...sources.mentions]
  const places = [
    ...cited.map(({ id, file }) => ({ id, file })),
    ...Object.values(sources.caught).map(({ req }) => ({ id: req, file: caughtFile })),
    ...[...Object.keys(review.exceptions), ...Object.keys(review.reviewed)].map((id) => ({ id, file: reviewFile })),
  ]
  const faults = places
    .filter(({ id }) => isUnknown(id))
    .map(({ id, file }) => `${file} cites ${id}, which no page of spec/ has`)
  return [...new Set(faults)]
}

/** A bug must name vectors that exist and claim its requirement; that they fail it, test/conform/broken.test.ts sees. */
function uncaught({ caught, vectors }: Sources): readonly string[] {
  const claimed = new Map<string, string[]>()
  for (const { id, name } of vectors) claimed.set(name, [...(claimed.get(name) ?? []), id])
  return Object.entries(caught).flatMap(([bug, { req, vectors: named }]) => {
    const wrong = named.filter((vector) => !claims(claimed.get(vector) ?? [], sentenceOf(req)))
    if (named.length > 0 && wrong.length === 0) return []
    return [
      `${caughtFile}: ${bug} is caught by no vector of ${req} any more (${wrong[0] ?? 'none'}): npm run coverage:caught`,
    ]
  })
}
