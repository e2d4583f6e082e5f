// Whether a mutant is one of those that are listed as equivalent. Twins in one line are not told apart: a twin that is not listed and
// survives its shorter test is still a survivor to the gate.
import { readFileSync } from 'node:fs'
import type { Mutant } from '@stryker-mutator/api/core'
import { equivalentsSchema } from '../gate.ts'
import { squeezed, textAt } from '../report.ts'

const equivalents = equivalentsSchema.parse(JSON.parse(readFileSync('test/mutation/equivalents.json', 'utf8')))
const files = new Set(equivalents.map(({ file }) => file))

export function isListed({ fileName, location, mutatorName, replacement }: Mutant, file: string): boolean {
  if (!files.has(file)) return false
  const original = textAt(readFileSync(fileName, 'utf8').split('\n'), {
    start: { line: location.start.line + 1, column: location.start.column + 1 },
    end: { line: location.end.line + 1, column: location.end.column + 1 },
  })
  return equivalents.some(
    (each) =>
      each.file === file &&
      each.mutator === mutatorName &&
      each.replacement === squeezed(replacement) &&
      each.original === original,
  )
}
