// What a run amounts to: counts, a row per requirement, the exit status [spec/conformance.md, Verdicts].
// Invariant: every report is made from this, so that none of them disagrees with the exit status.
import { type Outcome, type Run, type Status, statuses } from './runner.ts'

export type Counts = Readonly<Record<Status, number>>

export interface RequirementRow {
  readonly requirement: string
  readonly counts: Counts
}

/** `known`: failures that were expected. `unexpectedPasses`: passed although listed as known failures. */
export interface Summary {
  readonly counts: Counts
  readonly executed: number
  readonly known: number
  readonly unexpectedPasses: readonly string[]
  readonly requirements: readonly RequirementRow[]
  readonly exitCode: 0 | 1 | 2 | 3
  readonly verdict: string
}

/** Where it gave a result; that it skips what it claims is a failure without one. */
export function isExecuted({ status, differences }: Outcome): boolean {
  return status === 'passed' || differences.length > 0
}

/** Makes the run fail: what did not pass and was not expected to fail, and what passed and was. */
export function isMismatch({ status, known }: Outcome): boolean {
  if (status === 'skipped' || status === 'notRun' || status === 'broken') return false
  return (status === 'passed') === known
}

/** What a report tells, wrong answers before none. */
export function toldOutcomes({ outcomes }: Run): readonly Outcome[] {
  const told = outcomes.filter((outcome) => isMismatch(outcome) || outcome.status === 'broken')
  return told.toSorted((a, b) => Number(a.status === 'errored') - Number(b.status === 'errored'))
}

/** Whether an implementation was asked anything about it. */
export function isHeard({ counts }: RequirementRow): boolean {
  return statuses.some((status) => status !== 'skipped' && status !== 'notRun' && counts[status] > 0)
}

export function summarize(run: Run): Summary {
  const { outcomes } = run
  const executed = outcomes.filter(isExecuted).length
  const exitCode = run.faults.length > 0 ? 2 : executed === 0 ? 3 : outcomes.some(isMismatch) ? 1 : 0
  return {
    counts: count(outcomes),
    executed,
    known: outcomes.filter(({ status, known }) => known && (status === 'failed' || status === 'errored')).length,
    unexpectedPasses: outcomes
      .filter(({ status, known }) => known && status === 'passed')
      .map(({ vector }) => vector.id),
    requirements: requirementRows(outcomes),
    exitCode,
    verdict: verdicts[exitCode],
  }
}

const verdicts = {
  0: 'all as expected',
  1: 'not as expected',
  2: 'the protocol was broken',
  3: 'nothing was executed',
} as const

function count(outcomes: readonly Outcome[]): Counts {
  const counts = Object.fromEntries(statuses.map((status) => [status, 0])) as Record<Status, number>
  for (const { status } of outcomes) counts[status]++
  return counts
}

function requirementRows(outcomes: readonly Outcome[]): readonly RequirementRow[] {
  const byRequirement = new Map<string, Outcome[]>()
  for (const outcome of outcomes) {
    for (const requirement of outcome.vector.reqs) {
      const known = byRequirement.get(requirement)
      if (known === undefined) byRequirement.set(requirement, [outcome])
      else known.push(outcome)
    }
  }
  return Array.from(byRequirement, ([requirement, all]) => ({ requirement, counts: count(all) })).sort((a, b) =>
    a.requirement.localeCompare(b.requirement, 'en', { numeric: true }),
  )
}
