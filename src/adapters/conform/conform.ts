// What `ctor conform` does with its options.
// Invariant: the exit status is that of the summary: 0 all as expected, 1 not, 2 protocol broken or wrong usage, 3 nothing executed.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { end, misused } from '../cli/exit.ts'
import { splitCommand } from './command-line.ts'
import type { Implementation } from './implementation.ts'
import { readKnownFailures } from './known-failures.ts'
import { progress } from './progress.ts'
import type { Level } from './protocol.ts'
import { htmlReport } from './report-html.ts'
import { jsonReport } from './report-json.ts'
import { junitReport } from './report-junit.ts'
import { tableReport } from './report-table.ts'
import { type Run, runVectors } from './runner.ts'
import { choose } from './selection.ts'
import { summarize } from './summary.ts'
import { spawnSut } from './sut-process.ts'
import { readVectors, subjectOf, type Vector } from './vectors.ts'

export interface ConformOptions {
  readonly sut?: string
  readonly vectors: string
  readonly level?: Level
  readonly filter?: string
  readonly knownFailures?: string
  readonly timeout: number
  readonly report?: string
  readonly list?: boolean
}

export async function conform(options: ConformOptions, command: Command): Promise<void> {
  const vectors = readVectors(options.vectors)
  if (!vectors.ok) end(command, `--vectors: ${vectors.detail}`, misused)
  if (options.list) {
    process.stdout.write(choose(vectors.value, options).map(listed).join(''))
    return
  }
  if (options.sut === undefined) end(command, '--sut: the command of an implementation is wanted', misused)
  const words = splitCommand(options.sut)
  if (!words.ok) end(command, `--sut: ${words.detail}`, misused)
  const known = options.knownFailures === undefined ? null : readKnownFailures(options.knownFailures, vectors.value)
  if (known?.ok === false) end(command, `--known-failures: ${known.detail}`, misused)
  const guard = killedWithUs(() => spawnSut(words.value))
  const run = await runVectors({
    ...options,
    vectors: vectors.value,
    known: known?.value ?? new Set(),
    timeoutMs: options.timeout,
    start: guard.start,
    onOutcome: progress(process.stderr),
  })
  guard.release()
  report(run, options.report)
}

function listed(vector: Vector): string {
  return `${vector.id}  ${subjectOf(vector)}  ${vector.reqs.join(',')}  ${vector.comment}\n`
}

/** The implementation has a process group of its own: a signal to this process does not reach it. */
function killedWithUs(start: () => Implementation) {
  let current: Implementation | null = null
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const die = (signal: NodeJS.Signals) => {
    current?.kill()
    release()
    process.kill(process.pid, signal)
  }
  const release = () => {
    for (const signal of signals) process.off(signal, die)
  }
  for (const signal of signals) process.on(signal, die)
  const started = () => {
    current = start()
    return current
  }
  return { start: started, release }
}

function report(run: Run, folder: string | undefined): void {
  const summary = summarize(run)
  process.stdout.write(tableReport(run, summary))
  process.exitCode = summary.exitCode
  if (folder === undefined) return
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'report.json'), jsonReport(run, summary))
  writeFileSync(join(folder, 'report.xml'), junitReport(run, summary))
  writeFileSync(join(folder, 'report.html'), htmlReport(run, summary))
}
