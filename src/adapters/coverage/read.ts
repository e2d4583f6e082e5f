// The coverage of the specification as it stands in a folder. Invariant: page and faults come of the same reading.
import { readFileSync } from 'node:fs'
import type { Requirement } from '../cli/requirements.ts'
import { faultsOf, type Review, reviewFile } from './gate.ts'
import { pageOf } from './page.ts'
import { rowsOf } from './rows.ts'
import { sourcesIn } from './sources.ts'

export function coverageIn(root: string, requirements: readonly Requirement[]) {
  const review = JSON.parse(readFileSync(root + reviewFile, 'utf8')) as Review
  const sources = sourcesIn(root)
  const rows = rowsOf(requirements, sources)
  return { page: pageOf(rows, review), faults: faultsOf(rows, sources, review) }
}
