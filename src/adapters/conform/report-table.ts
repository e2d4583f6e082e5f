// The report for a terminal: a row per requirement of which something ran, what did not pass and why, and one line of result.
// Invariant: no line of it depends on the terminal.
import type { Outcome, Run, Status } from './runner.ts'
import { isHeard, type Summary, toldOutcomes } from './summary.ts'
import { subjectOf } from './vectors.ts'
import { sentenceOf } from './verdict.ts'

const columns: readonly (readonly [string, readonly Status[]])[] = [
  ['passed', ['passed']],
  ['failed', ['failed']],
  ['errored', ['errored', 'broken']],
  ['skipped', ['skipped', 'notRun']],
]
/** Failures told in full, wrong answers before none; the reports in files have all of them. */
const most = 20
const mostDifferences = 5

export function tableReport(run: Run, summary: Summary): string {
  const told = toldOutcomes(run)
  const lines = [
    ...requirementTable(summary),
    ...told.slice(0, most).flatMap(story),
    ...(told.length > most ? ['', `and ${told.length - most} more: --report has all, --filter chooses`] : []),
    '',
    ...run.faults.map(({ code, detail }) => `protocol: ${code}: ${detail}`),
    ...(summary.counts.notRun > 0 ? [`given up: ${summary.counts.notRun} vectors were not run`] : []),
    resultLine(run, summary),
  ]
  return `${lines.join('\n')}\n`
}

function requirementTable({ requirements }: Summary): readonly string[] {
  const heard = requirements.filter(isHeard)
  const width = Math.max('requirement'.length, ...heard.map(({ requirement }) => requirement.length))
  const line = (name: string, cells: readonly (string | number)[]) =>
    name.padEnd(width) + cells.map((cell) => String(cell).padStart(9)).join('')
  const rows = heard.map(({ requirement, counts }) =>
    line(
      requirement,
      columns.map(([, statuses]) => statuses.reduce((sum, status) => sum + counts[status], 0)),
    ),
  )
  return [
    line(
      'requirement',
      columns.map(([title]) => title),
    ),
    ...rows,
    ...(heard.length < requirements.length ? [`${requirements.length - heard.length} more of which nothing ran`] : []),
  ]
}

function story({ vector, status, known, note, differences }: Outcome): readonly string[] {
  const about = `${vector.id} ${known ? 'passed, but is listed as a known failure' : status}`
  const lines = [`${about} (${subjectOf(vector)}; ${vector.reqs.join(', ')}): ${vector.comment}`]
  if (note !== '') lines.push(`  ${note}`)
  lines.push(...differences.slice(0, mostDifferences).map((difference) => `  ${sentenceOf(difference)}`))
  if (differences.length > mostDifferences) lines.push(`  and ${differences.length - mostDifferences} more`)
  return ['', ...lines]
}

function resultLine({ sut, ms }: Run, { counts, executed, known, verdict, exitCode }: Summary): string {
  const parts = [
    `${executed} executed`,
    ...Object.entries(counts).map(([status, number]) => `${number} ${status}`),
    `${known} known failures`,
  ]
  const who = sut === null ? 'no implementation' : `${sut.name} ${sut.version}`
  return `${who}: ${parts.join(', ')} in ${(ms / 1000).toFixed(1)} s: ${verdict} (${exitCode})`
}
