// Reads Stryker's JSON report. Invariant: a mutant is known by what it changes and the line it stands in, never by a line's number.
import { createHash } from 'node:crypto'
import { z } from 'zod'

const position = z.object({ line: z.number(), column: z.number() })

const reported = z.object({
  mutatorName: z.string(),
  replacement: z.string(),
  status: z.string(),
  static: z.boolean().optional(),
  testsCompleted: z.number().optional(),
  killedBy: z.array(z.string()).optional(),
  location: z.object({ start: position, end: position }),
})

export const reportSchema = z.object({
  files: z.record(z.string(), z.object({ source: z.string(), mutants: z.array(reported) })),
  /** Stryker gathers them under one name; a test's own name begins with its file. */
  testFiles: z
    .record(z.string(), z.object({ tests: z.array(z.object({ id: z.string(), name: z.string() })) }))
    .default({}),
})

export interface Mutant {
  readonly file: string
  readonly mutator: string
  readonly original: string
  readonly replacement: string
  /** The whole line that it begins in, without indentation. */
  readonly line: string
  /** Which of several mutants that are alike in all of the above: 1 is the first. */
  readonly nth: number
  readonly status: string
  readonly static: boolean
  readonly testsCompleted: number
  readonly lineNumber: number
}

export interface MutatedFile {
  readonly file: string
  readonly lines: number
  readonly hash: string
  readonly mutants: readonly Mutant[]
}

export const squeezed = (text: string) => text.replaceAll(/\s+/g, ' ').trim()

export function textAt(lines: readonly string[], { start, end }: z.infer<typeof reported>['location']): string {
  const cut = lines.slice(start.line - 1, end.line)
  const last = cut.length - 1
  const ends = cut.map((line, index) => (index === last ? line.slice(0, end.column - 1) : line))
  return squeezed(ends.map((line, index) => (index === 0 ? line.slice(start.column - 1) : line)).join('\n'))
}

function fileOf(file: string, source: string, found: readonly z.infer<typeof reported>[]): MutatedFile {
  const lines = source.split('\n')
  const alike = new Map<string, number>()
  const ordered = found.toSorted(
    (a, b) => a.location.start.line - b.location.start.line || a.location.start.column - b.location.start.column,
  )
  const mutants = ordered.map((mutant): Mutant => {
    const known = {
      file,
      mutator: mutant.mutatorName,
      original: textAt(lines, mutant.location),
      replacement: squeezed(mutant.replacement),
      line: (lines[mutant.location.start.line - 1] ?? '').trim(),
    }
    const key = JSON.stringify(known)
    const nth = (alike.get(key) ?? 0) + 1
    alike.set(key, nth)
    return {
      ...known,
      nth,
      status: mutant.status,
      static: mutant.static ?? false,
      testsCompleted: mutant.testsCompleted ?? 0,
      lineNumber: mutant.location.start.line,
    }
  })
  const hash = createHash('sha256').update(source).digest('hex').slice(0, 16)
  return { file, lines: lines.filter((line) => line.trim() !== '').length, hash, mutants }
}

export const filesOf = (report: z.infer<typeof reportSchema>): readonly MutatedFile[] =>
  Object.entries(report.files).map(([file, { source, mutants }]) => fileOf(file, source, mutants))

/** A killed mutant as source, and the file of the test that killed it. */
export interface Killed {
  readonly file: string
  readonly lineNumber: number
  readonly mutator: string
  readonly mutated: string
  readonly testFile: string
}

function mutatedBy({ location: { start, end }, replacement }: z.infer<typeof reported>, source: string): string {
  const lines = source.split('\n')
  const before = [...lines.slice(0, start.line - 1), lines[start.line - 1]?.slice(0, start.column - 1)]
  const after = [lines[end.line - 1]?.slice(end.column - 1), ...lines.slice(end.line)]
  return before.join('\n') + replacement + after.join('\n')
}

export function killedOf({ files, testFiles }: z.infer<typeof reportSchema>): readonly Killed[] {
  const tests = Object.values(testFiles).flatMap((each) => each.tests)
  const fileOfTest = new Map(tests.map(({ id, name }) => [id, name.slice(0, name.indexOf('#'))]))
  return Object.entries(files).flatMap(([file, { source, mutants }]) =>
    mutants.flatMap((mutant) => {
      const testFile = fileOfTest.get(mutant.killedBy?.[0] ?? '')
      if (mutant.status !== 'Killed' || testFile === undefined) return []
      const mutated = mutatedBy(mutant, source)
      return [{ file, lineNumber: mutant.location.start.line, mutator: mutant.mutatorName, mutated, testFile }]
    }),
  )
}
