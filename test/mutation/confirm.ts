// Has vitest itself confirm what the resident runner said: a sample of killed mutants is written into a copy of the project, and the
// test file that killed each must fail there. Invariant: the project's own files are never changed.
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Killed } from './report.ts'

const environment = {
  ...process.env,
  // The runner's seed: another one need not find the same counterexample.
  CTOR_SEED: process.env.CTOR_SEED ?? '1',
  CTOR_REAL_DATA: resolve(process.env.CTOR_REAL_DATA ?? '../shared/data'),
}

/** `count` of them, evenly spaced over the report, so over all folders. */
export function sampleOf(killed: readonly Killed[], count: number): readonly Killed[] {
  const wanted = Math.min(count, killed.length)
  return Array.from({ length: wanted }, (_, i) => killed[Math.floor(((i + 0.5) * killed.length) / wanted)] as Killed)
}

/** `temporary`: for what a run that is killed leaves. */
interface Copy {
  readonly folder: string
  readonly project: string
  readonly temporary: string
}

function copyOfProject(): Copy {
  const folder = mkdtempSync(join(tmpdir(), 'ctor-mutants-'))
  const [project, temporary] = [join(folder, 'project'), join(folder, 'temporary')]
  const files = execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' }).split('\0').filter(Boolean)
  for (const file of files) cpSync(file, join(project, file), { recursive: true })
  symlinkSync(resolve('node_modules'), join(project, 'node_modules'))
  mkdirSync(temporary)
  return { folder, project, temporary }
}

/** A test that waits for ever fails after so long. */
const testMs = 60_000

/** The child's process group, workers in an endless loop among them. */
function endAll(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {}
}

/**
 * Whether the test file passes in the copy; not to end is not to pass: another of its tests may meet the mutant in
 * an endless loop, which no timeout of vitest ends. @throws Error with what it printed where neither a pass nor a failed test came of it.
 */
function passes({ project, temporary }: Copy, testFile: string, limitMs: number): boolean {
  const vitest = join(project, 'node_modules/.bin/vitest')
  const env = { ...environment, TMPDIR: temporary }
  // A group of its own, which is ended whole.
  const options = { cwd: project, env, encoding: 'utf8', detached: true, killSignal: 'SIGKILL' } as const
  const { pid, status, stdout, error } = spawnSync(vitest, ['run', `--testTimeout=${testMs}`, testFile], {
    ...options,
    timeout: limitMs,
  })
  endAll(pid)
  if (status === 0) return true
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ETIMEDOUT') return false
  if (/\d+ failed/.test(stdout)) return false
  throw new Error(`vitest neither passed nor failed ${testFile}:\n${stdout}`)
}

/** What a test file may take without a mutant, on a machine that is busy with others. */
const unmutatedMs = 180_000
const manyTimes = (ms: number) => 30_000 + 5 * Math.ceil(ms)

/**
 * The faults found: each names a mutant that vitest does not kill, or a test file that fails without one. `patience`: after how long a
 * mutant is taken not to end, of what its test file takes without one; milliseconds.
 */
export function confirm(
  sample: readonly Killed[],
  say: (line: string) => void,
  patience: (ms: number) => number = manyTimes,
): readonly string[] {
  const copy = copyOfProject()
  const took = new Map<string, number>()
  try {
    const testFiles = [...new Set(sample.map(({ testFile }) => testFile))]
    const broken = testFiles.filter((testFile) => {
      const began = performance.now()
      const passed = passes(copy, testFile, unmutatedMs)
      took.set(testFile, performance.now() - began)
      return !passed
    })
    if (broken.length > 0) return broken.map((file) => `${file} fails without any mutant`)
    return sample.flatMap((mutant) => {
      const file = join(copy.project, mutant.file)
      const source = readFileSync(file, 'utf8')
      writeFileSync(file, mutant.mutated)
      const survived = passes(copy, mutant.testFile, patience(took.get(mutant.testFile) ?? 0))
      writeFileSync(file, source)
      const name = `${mutant.file}:${mutant.lineNumber} ${mutant.mutator} by ${mutant.testFile}`
      say(`${survived ? 'SURVIVED' : 'killed'} ${name}`)
      return survived ? [`vitest does not kill ${name}`] : []
    })
  } finally {
    rmSync(copy.folder, { recursive: true, maxRetries: 3 })
  }
}
