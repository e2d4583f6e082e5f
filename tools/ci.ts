// What `.ci/run` does after the install: every stage that README and CONTRIBUTING promise, timed; the closing line
// counts the tests of all vitest runs. It fails at the first failure, and also where a stage leaves processes or files behind.
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Outcome, runStages, type Stage, table } from './stages.ts'

const chains = `${process.env.CTOR_REAL_DATA ?? '../shared/data'}/sct-cases.json`

/** Limits are three times and more what a stage takes on two cores. */
const all: readonly Stage[] = [
  { name: 'test', command: 'npm test', cores: 2 },
  { name: 'check', command: 'npm run check', cores: 2 },
  { name: 'test:slow', command: 'npm run test:slow', cores: 2, minutes: 25 },
  { name: 'vectors:check', command: 'npm run vectors:check' },
  { name: 'explore', command: 'npm run explore' },
  { name: 'explore --bugs', command: 'npm run explore -- --bugs' },
  { name: 'examples', command: 'npm run examples' },
  { name: 'tutorial', command: 'npm run tutorial' },
  { name: 'spec:check', command: 'npm run spec:check', cores: 2, minutes: 20 },
  { name: 'test:tor', command: 'npm run test:tor', cores: 2, minutes: 25 },
  { name: 'test:interop', command: 'npm run test:interop', cores: 2, minutes: 25 },
  { name: 'fuzz', command: 'npm run fuzz -- --seconds 60 --seed 1', cores: 2, minutes: 45 },
  { name: 'demo', command: 'npm run demo' },
  { name: 'demo --chains', command: `npm run demo -- --chains ${chains}` },
  { name: 'mutate', command: 'npm run mutate', cores: 2, minutes: 45 },
  { name: 'mutate --confirm', command: 'npm run mutate -- --confirm 20', cores: 2, minutes: 30 },
]

/** `.ci/run check demo` runs these alone, in CI's order. */
const names = process.argv.slice(2)
const unknown = names.find((name) => !all.some((stage) => stage.name === name))
if (unknown !== undefined) {
  console.error(`no stage "${unknown}", wanted some of: ${all.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}
const stages = names.length === 0 ? all : all.filter(({ name }) => names.includes(name))

const reports = 'reports/ci'
const runId = `${process.pid}-${Date.now()}`
const temporary = mkdtempSync(join(tmpdir(), 'ctor-ci-'))
// A database server of another account has its files below.
chmodSync(temporary, 0o711)

function env(stage: Stage): NodeJS.ProcessEnv {
  const report = `${reports}/${stage.name.replaceAll(/\W+/g, '-')}.json`
  return { ...process.env, CI: 'true', TMPDIR: temporary, CTOR_CI_RUN: runId, CTOR_TEST_REPORT: report }
}

/** Processes that a stage began and did not end: they carry the run's mark in their environment (Linux only). */
function leftProcesses(): readonly string[] {
  const marked = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`CTOR_CI_RUN=${runId}`)
    } catch {
      return false
    }
  }
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && marked(name))
  } catch {
    return []
  }
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return '(gone by now)'
  }
}

/** node's own compile caches are no leftovers of ours. */
function leftFiles(): readonly string[] {
  return readdirSync(temporary).filter((name) => !/^(node-compile-cache|v8-compile-cache)/.test(name))
}

/** What was killed a moment ago may still be on its way out. */
const dyingMs = 10_000

async function leftovers(): Promise<Outcome | undefined> {
  for (const until = Date.now() + dyingMs; leftProcesses().length > 0 && Date.now() < until; ) await pause(100)
  const processes = leftProcesses()
  const files = leftFiles()
  for (const pid of processes) {
    console.log(`left running: ${pid} ${commandLine(pid)}`)
    try {
      process.kill(Number(pid), 'SIGKILL')
    } catch {}
  }
  for (const file of files) console.log(`left behind: ${join(temporary, file)}`)
  const left = processes.length + files.length
  return left === 0 ? undefined : { name: 'leftovers', seconds: 0, status: `${left} left` }
}

interface Counts {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
}

function closingLine(): string {
  const files = readdirSync(reports).filter((name) => name.endsWith('.json'))
  const counts = files.map((name) => JSON.parse(readFileSync(join(reports, name), 'utf8')) as Counts)
  const sum = (of: (one: Counts) => number) => counts.reduce((total, one) => total + of(one), 0)
  const skipped = sum(({ numPendingTests, numTodoTests }) => numPendingTests + numTodoTests)
  return `${sum((one) => one.numPassedTests)} passed, ${sum((one) => one.numFailedTests)} failed, ${skipped} skipped`
}

rmSync(reports, { recursive: true, force: true })
mkdirSync(reports, { recursive: true })
const outcomes = [...(await runStages(stages, `${reports}/logs`, env))]
const left = await leftovers()
if (left !== undefined) outcomes.push(left)
rmSync(temporary, { recursive: true, force: true })
console.log(`\n${table(outcomes, process.uptime() + Number(process.env.CTOR_CI_BEFORE ?? 0))}`)
const ended = new Set(outcomes.map(({ name }) => name))
for (const { name } of stages) if (!ended.has(name)) console.log(`   not run  ${name}`)
console.log(closingLine())
const held = outcomes.length === stages.length && outcomes.every(({ status }) => status === 0)
process.exitCode = held ? 0 : 1
