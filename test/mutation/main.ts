// `npm run mutate`: runs Stryker on the machines and the effects, then judges its report.
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { confirm, sampleOf } from './confirm.ts'
import { countsSchema, equivalentsSchema, judge, type Rules, ratchetSchema, type Verdict } from './gate.ts'
import { filesOf, killedOf, type MutatedFile, reportSchema } from './report.ts'

const help = `npm run mutate [-- options]: mutation tests of src/machines and src/effects

  --only GLOBS    mutate these files alone, separated by commas; the report is shown and not judged
  --tests GLOB    run these property files alone (with --only)
  --judge         judge the report of the last run
  --renew         judge it, then write its counts, and what it reached, as the least of the next runs
  --confirm N     have vitest itself confirm N of the kills of the last run, in a copy of the project
  --adapters      mutate src/adapters/node by the contract tests; the report is shown and not judged
  --help          this text

Exit codes: 0 all is as it has to be, 1 the gate found faults, 2 wrong usage, 3 Stryker failed, or there is no report.`

const reportFile = 'reports/mutation.json'
const files = {
  equivalents: 'test/mutation/equivalents.json',
  counts: 'test/mutation/counts.json',
  ratchet: 'test/mutation/ratchet.json',
}
/** But for what reads a source's text, which is another one with mutants in it. */
const contractTests = 'test/contract/!(*-text).test.ts'
/** The score wanted of each folder; what lies in `src/machines` needs all of it. */
const targets = {
  ...Object.fromEntries(globSync('src/machines/*').map((folder) => [folder, 100])),
  'src/effects': 90,
}

const json = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'))

function given() {
  try {
    return parseArgs({
      options: {
        only: { type: 'string' },
        tests: { type: 'string' },
        judge: { type: 'boolean', default: false },
        renew: { type: 'boolean', default: false },
        confirm: { type: 'string' },
        adapters: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${help}`)
    process.exit(2)
  }
}

/** Stryker would split a glob at each comma, those in braces too. */
function filesOfGlobs(globs: string): readonly string[] {
  const files = globs.split(/,(?![^{]*\})/).flatMap((glob) => globSync(glob))
  if (files.length > 0) return files
  console.error(`no file matches ${globs}`)
  process.exit(2)
}

function countOf(text: string): number {
  const count = Number(text)
  if (Number.isSafeInteger(count) && count > 0) return count
  console.error(`--confirm: a number of mutants is wanted, given ${text}`)
  process.exit(2)
}

function mutate(config: string, only: string | undefined, tests: string | undefined): void {
  const selected = only === undefined ? [] : ['--mutate', filesOfGlobs(only).join(',')]
  const { status } = spawnSync('stryker', ['run', config, ...selected], {
    stdio: 'inherit',
    env: { ...process.env, CTOR_MUTATION_TESTS: tests ?? '' },
  })
  if (status !== 0) {
    console.error(`Stryker failed with ${status}`)
    process.exit(3)
  }
}

function lastReport() {
  if (existsSync(reportFile)) return reportSchema.parse(json(reportFile))
  console.error(`there is no ${reportFile}: no run wrote one`)
  process.exit(3)
}

const rules = (): Rules => ({
  targets,
  equivalents: equivalentsSchema.parse(json(files.equivalents)),
  counts: countsSchema.parse(json(files.counts)),
  ratchet: ratchetSchema.parse(json(files.ratchet)),
  sources: globSync('src/{machines,effects}/**/*.ts'),
})

function show({ folders, faults }: Verdict): void {
  for (const folder of folders) {
    for (const { file, lineNumber, mutator, original, replacement, testsCompleted } of folder.survivors) {
      console.log(`${file}:${lineNumber} ${mutator} (${testsCompleted} tests)\n  - ${original}\n  + ${replacement}`)
    }
  }
  for (const { folder, mutants, killed, timeouts, equivalent, survivors, score, target } of folders) {
    const counts = `${mutants} mutants, ${killed} killed, ${timeouts} timed out, ${equivalent} equivalent, ${survivors.length} survived`
    console.log(`${folder}: ${score} % of ${target} %${score < target ? ', UNMET' : ''} (${counts})`)
  }
  for (const fault of faults) console.error(`FAULT ${fault}`)
}

/** What was reached never falls by itself: a figure that got worse is written by hand, or not at all. */
function renew(mutated: readonly MutatedFile[], { folders }: Verdict): void {
  const counts = mutated
    .toSorted((a, b) => (a.file < b.file ? -1 : 1))
    .map(({ file, mutants, lines, hash }) => [file, { mutants: mutants.length, lines, hash }])
  const before = ratchetSchema.parse(json(files.ratchet))
  const reached = folders.map(({ folder, score, uncovered }) => [
    folder,
    {
      score: Math.max(score, before[folder]?.score ?? 0),
      uncovered: Math.min(uncovered, before[folder]?.uncovered ?? uncovered),
    },
  ])
  writeFileSync(files.counts, `${JSON.stringify(Object.fromEntries(counts), null, 2)}\n`)
  writeFileSync(files.ratchet, `${JSON.stringify(Object.fromEntries(reached), null, 2)}\n`)
}

const options = given()
if (options.help) {
  console.log(help)
  process.exit(0)
}
if (options.adapters) {
  mutate('test/mutation/adapters.conf.json', options.only, options.tests ?? contractTests)
  process.exit(0)
}
if (options.confirm !== undefined) {
  const count = countOf(options.confirm)
  const sample = sampleOf(killedOf(lastReport()), count)
  const faults = confirm(sample, console.log)
  for (const fault of faults) console.error(`FAULT ${fault}`)
  console.log(`${sample.length - faults.length} of ${sample.length} kills confirmed`)
  process.exit(faults.length > 0 ? 1 : 0)
}
if (!options.judge && !options.renew) {
  // Stryker may fail and exit with 0: a report that is older than the run would be judged in its place.
  rmSync(reportFile, { force: true })
  mutate('stryker.conf.json', options.only, options.tests)
}
const mutated = filesOf(lastReport())
const verdict = judge(mutated, rules())
if (options.only !== undefined) {
  show({ ...verdict, faults: [] })
  process.exit(0)
}
show(verdict)
if (options.renew) renew(mutated, verdict)
else if (verdict.faults.length > 0) process.exit(1)
