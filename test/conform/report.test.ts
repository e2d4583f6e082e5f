// What the reports tell first, and what they leave out: nothing of it is lost in the reports for machines.
import { expect, test } from 'vitest'
import { htmlReport } from '../../src/adapters/conform/report-html.ts'
import { tableReport } from '../../src/adapters/conform/report-table.ts'
import type { Outcome, Run } from '../../src/adapters/conform/runner.ts'
import { summarize } from '../../src/adapters/conform/summary.ts'
import { fixtures } from './fixtures/read.ts'

const outcome = (at: number, status: Outcome['status'], requirement: string): Outcome => {
  const vector = fixtures[at]
  if (vector === undefined) throw new Error(`no fixture ${at}`)
  const differences = status === 'failed' ? [{ path: 'ok', expected: 'a', given: 'b' }] : []
  return { vector: { ...vector, reqs: [requirement] }, status, known: false, note: `<${status}>`, differences, ms: 1 }
}

const run = (...outcomes: readonly Outcome[]): Run => ({ sut: null, outcomes, faults: [], ms: 1 })

test('wrong answers are told before none, and requirements of which nothing ran are only counted', () => {
  const told = run(
    outcome(0, 'errored', 'WIRE-001'),
    outcome(1, 'failed', 'WIRE-002'),
    outcome(2, 'skipped', 'WIRE-003'),
  )
  const [first = '', second = ''] = [1, 0].map((at) => fixtures[at]?.id)
  for (const text of [tableReport(told, summarize(told)), htmlReport(told, summarize(told))]) {
    expect(text.indexOf(first)).toBeGreaterThan(0)
    expect(text.indexOf(second)).toBeGreaterThan(text.indexOf(first))
  }
  const table = tableReport(told, summarize(told)).split('\n')
  expect(table.slice(0, 4).map((line) => line.split(' ')[0])).toEqual(['requirement', 'WIRE-001', 'WIRE-002', '1'])
  expect(htmlReport(told, summarize(told))).toContain('<p>Nothing ran of 1 more: WIRE-003.</p>')
})

test('what was not run any more is counted in a line of its own', () => {
  const given = run(
    outcome(0, 'broken', 'WIRE-001'),
    outcome(1, 'notRun', 'WIRE-002'),
    outcome(2, 'notRun', 'WIRE-002'),
  )
  expect(tableReport(given, summarize(given))).toContain('\ngiven up: 2 vectors were not run\n')
})
