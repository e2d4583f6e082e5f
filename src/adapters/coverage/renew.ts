// `npm run coverage:renew -- ID...`: says that somebody has looked at what covers these sentences as they now read.
// Invariant: nothing of spec/coverage.json changes but the hashes that were named and those of withdrawn sentences.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Requirement, requirementsIn } from '../cli/requirements.ts'
import { type Review, reviewFile } from './gate.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** @throws Error where an ID is no requirement. */
export function renewed(review: Review, requirements: readonly Requirement[], ids: readonly string[]): Review {
  const hashes = new Map(requirements.map(({ id, hash }) => [id, hash]))
  const stranger = ids.find((id) => !hashes.has(id))
  if (stranger !== undefined) throw new Error(`${stranger} is no sentence of spec/`)
  const reviewed = requirements.flatMap(({ id, hash }) => {
    const known = ids.includes(id) ? hash : review.reviewed[id]
    return known === undefined ? [] : [[id, known] as const]
  })
  return { exceptions: review.exceptions, reviewed: Object.fromEntries(reviewed) }
}

if (import.meta.main) {
  const ids = process.argv.slice(2)
  try {
    if (ids.length === 0) throw new Error('which sentences? npm run coverage:renew -- RELAY-012.1 …')
    const review = JSON.parse(readFileSync(root + reviewFile, 'utf8')) as Review
    writeFileSync(root + reviewFile, `${JSON.stringify(renewed(review, requirementsIn(root), ids), null, 2)}\n`)
    console.log(`${ids.length} sentences renewed; now npm run generate`)
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 2
  }
}
