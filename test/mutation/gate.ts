// The gate of the mutation tests: what in a report is not as it has to be. Invariant: a report that tests less than the code holds
// never passes, whatever its score.
import { z } from 'zod'
import type { Mutant, MutatedFile } from './report.ts'

/** A mutant that no test can kill, since it does what the code does. */
export const equivalentsSchema = z.array(
  z.strictObject({
    file: z.string(),
    mutator: z.string(),
    original: z.string(),
    replacement: z.string(),
    line: z.string(),
    nth: z.int().min(1).default(1),
    reason: z.string().min(20),
    /** The title of the property that shows it, where one can be stated. */
    property: z.string().optional(),
  }),
)

/** How many mutants a file had, and of how much code. */
export const countsSchema = z.record(z.string(), z.strictObject({ mutants: z.int(), lines: z.int(), hash: z.string() }))

/** What has been reached by folder: a score never falls below it, and no more mutants may be without a test. */
export const ratchetSchema = z.record(z.string(), z.strictObject({ score: z.number(), uncovered: z.int() }))

export interface Rules {
  /** The scores wanted, by folder. */
  readonly targets: Readonly<Record<string, number>>
  readonly equivalents: z.infer<typeof equivalentsSchema>
  readonly counts: z.infer<typeof countsSchema>
  readonly ratchet: z.infer<typeof ratchetSchema>
  /** Every source file that there is under the folders. */
  readonly sources: readonly string[]
}

export interface Folder {
  readonly folder: string
  readonly mutants: number
  readonly killed: number
  readonly timeouts: number
  readonly equivalent: number
  readonly score: number
  readonly target: number
  readonly uncovered: number
  readonly survivors: readonly Mutant[]
}

export interface Verdict {
  readonly folders: readonly Folder[]
  readonly faults: readonly string[]
}

const timeoutShare = 0.02

type Known = Pick<Mutant, 'file' | 'mutator' | 'original' | 'replacement' | 'line' | 'nth'>
const keyOf = ({ file, mutator, original, replacement, line, nth }: Known) =>
  JSON.stringify([file, mutator, original, replacement, line, nth])

const at = ({ file, lineNumber, mutator, replacement }: Mutant) => `${file}:${lineNumber} ${mutator}: ${replacement}`

/** Rounded down: 100 is said of nothing less. */
const share = (part: number, whole: number) => (whole === 0 ? 100 : Math.floor((10_000 * part) / whole) / 100)

function folderOf(folder: string, mutants: readonly Mutant[], rules: Rules): Folder {
  const equivalent = new Set(rules.equivalents.map(keyOf))
  const counted = mutants.filter((mutant) => !equivalent.has(keyOf(mutant)))
  const timeouts = counted.filter(({ status }) => status === 'Timeout').length
  const killed = counted.filter(({ status }) => status === 'Killed').length
  const survivors = counted.filter(({ status }) => status !== 'Killed' && status !== 'Timeout')
  return {
    folder,
    mutants: mutants.length,
    killed,
    timeouts,
    equivalent: mutants.length - counted.length,
    score: share(killed + timeouts, counted.length),
    target: rules.targets[folder] ?? 0,
    uncovered: survivors.filter(untested).length,
    survivors,
  }
}

const untested = (mutant: Mutant) => !mutant.static && mutant.testsCompleted === 0

function faultsOfFolder(folder: Folder, { ratchet }: Rules): readonly string[] {
  const reached = ratchet[folder.folder]
  const wanted = Math.min(folder.target, reached?.score ?? folder.target)
  const faults: string[] = []
  if (folder.mutants === 0) faults.push(`${folder.folder} has no mutants`)
  if (folder.score < wanted) faults.push(`${folder.folder}: the score is ${folder.score}, and ${wanted} is wanted`)
  if (folder.uncovered > (reached?.uncovered ?? 0)) {
    const some = folder.survivors.filter(untested).slice(0, 5).map(at).join('; ')
    faults.push(
      `${folder.folder}: ${folder.uncovered} mutants survived without a test run, allowed ${reached?.uncovered ?? 0}: ${some}`,
    )
  }
  return faults
}

function faultsOfMutants(mutants: readonly Mutant[]): readonly string[] {
  const faults: string[] = []
  const timeouts = mutants.filter(({ status }) => status === 'Timeout').length
  if (timeouts > timeoutShare * mutants.length) {
    faults.push(`${timeouts} of ${mutants.length} mutants timed out: more than ${100 * timeoutShare} %`)
  }
  const known = ['Killed', 'Timeout', 'Survived', 'NoCoverage']
  for (const mutant of mutants.filter(({ status }) => !known.includes(status))) {
    faults.push(`${at(mutant)} was not tested: ${mutant.status}`)
  }
  return faults
}

function faultsOfEquivalents(mutants: readonly Mutant[], { equivalents }: Rules): readonly string[] {
  const byKey = new Map(mutants.map((mutant) => [keyOf(mutant), mutant]))
  const met = new Set<string>()
  return equivalents.flatMap((entry) => {
    const mutant = byKey.get(keyOf(entry))
    const name = `the equivalent mutant in ${entry.file}, "${entry.line}" with ${entry.replacement}`
    if (met.has(keyOf(entry))) return [`${name} is listed twice`]
    met.add(keyOf(entry))
    if (mutant === undefined) return [`${name} matches no mutant`]
    return mutant.status === 'Killed' ? [`${name} was killed: it is none`] : []
  })
}

function faultsOfCounts(files: readonly MutatedFile[], { counts, sources }: Rules): readonly string[] {
  const byName = new Map(files.map((file) => [file.file, file]))
  return Object.entries(counts).flatMap(([name, before]) => {
    const now = byName.get(name)
    if (now === undefined)
      return sources.includes(name) ? [`${name} has ${before.mutants} mutants and was not mutated`] : []
    if (now.mutants.length >= before.mutants) return []
    const shrank = now.hash !== before.hash && now.lines < before.lines
    const less = `${name} had ${before.mutants} mutants in ${before.lines} lines, and has ${now.mutants.length} in ${now.lines}`
    return shrank ? [] : [`${less}: if that is right, renew the counts`]
  })
}

export function judge(files: readonly MutatedFile[], rules: Rules): Verdict {
  const mutants = files.flatMap((file) => file.mutants)
  const folders = Object.keys(rules.targets).map((folder) =>
    folderOf(
      folder,
      mutants.filter(({ file }) => file.startsWith(`${folder}/`)),
      rules,
    ),
  )
  return {
    folders,
    faults: [
      ...folders.flatMap((folder) => faultsOfFolder(folder, rules)),
      ...faultsOfMutants(mutants),
      ...faultsOfEquivalents(mutants, rules),
      ...faultsOfCounts(files, rules),
    ],
  }
}
