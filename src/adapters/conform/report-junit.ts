// The report for CI systems: JUnit's XML. Invariant: its counts are those of its test cases; a known failure is a skipped case.
import { escapeMarkup } from './markup.ts'
import type { Outcome, Run } from './runner.ts'
import { isMismatch, type Summary } from './summary.ts'
import { subjectOf } from './vectors.ts'
import { sentenceOf } from './verdict.ts'

export function junitReport(run: Run, summary: Summary): string {
  const suites = new Map<string, Outcome[]>()
  for (const outcome of run.outcomes) {
    const name = `${outcome.vector.level}.${subjectOf(outcome.vector)}`
    suites.set(name, [...(suites.get(name) ?? []), outcome])
  }
  const faults = run.faults.map(
    ({ code, detail }) =>
      `    <testcase classname="protocol" name="${code}"><error message="${escapeMarkup(detail)}"/></testcase>`,
  )
  const protocol = faults.length === 0 ? [] : [suite('protocol', faults, { errors: faults.length })]
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escapeMarkup(summary.verdict)}" time="${seconds(run.ms)}">`,
    ...Array.from(suites, ([name, outcomes]) => suite(name, outcomes.map(testCase), countKinds(outcomes))),
    ...protocol,
    '</testsuites>',
    '',
  ].join('\n')
}

type Kind = 'failures' | 'errors' | 'skipped' | null

function kindOf(outcome: Outcome): Kind {
  if (outcome.status === 'broken') return 'errors'
  if (isMismatch(outcome)) return outcome.status === 'errored' ? 'errors' : 'failures'
  return outcome.status === 'passed' ? null : 'skipped'
}

function countKinds(outcomes: readonly Outcome[]): Partial<Record<'failures' | 'errors' | 'skipped', number>> {
  const counts = { failures: 0, errors: 0, skipped: 0 }
  for (const outcome of outcomes) {
    const kind = kindOf(outcome)
    if (kind !== null) counts[kind]++
  }
  return counts
}

function suite(name: string, cases: readonly string[], counts: ReturnType<typeof countKinds>): string {
  const { failures = 0, errors = 0, skipped = 0 } = counts
  const numbers = `tests="${cases.length}" failures="${failures}" errors="${errors}" skipped="${skipped}"`
  return [`  <testsuite name="${escapeMarkup(name)}" ${numbers}>`, ...cases, '  </testsuite>'].join('\n')
}

function testCase(outcome: Outcome): string {
  const { vector, ms, note, differences, known, status } = outcome
  const head = `    <testcase classname="${escapeMarkup(subjectOf(vector))}" name="${vector.id}" time="${seconds(ms)}"`
  const kind = kindOf(outcome)
  if (kind === null) return `${head}/>`
  const why = known && status === 'passed' ? 'passed, but is listed as a known failure' : note || status
  const text = escapeMarkup([vector.comment, ...differences.map(sentenceOf)].join('\n'))
  const tag = { failures: 'failure', errors: 'error', skipped: 'skipped' }[kind]
  if (kind === 'skipped')
    return `${head}><skipped message="${escapeMarkup(known ? 'known failure' : why)}"/></testcase>`
  return `${head}><${tag} message="${escapeMarkup(why)}">${text}</${tag}></testcase>`
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(4)
}
