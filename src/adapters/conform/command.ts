// `ctor conform` and `ctor sut` [spec/conformance.md].
// Invariant: the exit status is that of the summary: 0 all as expected, 1 not, 2 protocol broken or wrong usage, 3 nothing executed.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError, Option } from 'commander'
import { end, misused } from '../cli/exit.ts'
import { packageVersion } from '../cli/version.ts'
import { splitCommand } from './command-line.ts'
import { functions } from './functions.ts'
import type { Implementation } from './implementation.ts'
import { readKnownFailures } from './known-failures.ts'
import { machines } from './machines.ts'
import { progress } from './progress.ts'
import { type Level, levels } from './protocol.ts'
import { htmlReport } from './report-html.ts'
import { jsonReport } from './report-json.ts'
import { junitReport } from './report-junit.ts'
import { tableReport } from './report-table.ts'
import { type Run, runVectors } from './runner.ts'
import { choose } from './selection.ts'
import { summarize } from './summary.ts'
import { type SutParts, serveSut } from './sut.ts'
import { spawnSut } from './sut-process.ts'
import { readVectors, subjectOf, type Vector } from './vectors.ts'

const packageVectors = fileURLToPath(new URL('../../../test/vectors', import.meta.url))

interface ConformOptions {
  readonly sut?: string
  readonly vectors: string
  readonly level?: Level
  readonly filter?: string
  readonly knownFailures?: string
  readonly timeout: number
  readonly report?: string
  readonly list?: boolean
}

export function conformCommand(): Command {
  return new Command('conform')
    .summary('run the conformance vectors against an implementation')
    .description(
      'Starts an implementation under test, sends it every vector that it claims, and compares what it answers with what the vector ' +
        'expects, which is never sent. Prints a row per requirement. spec/conformance.md has vectors and protocol.',
    )
    .option(
      '--sut <command>',
      'the implementation: a program and its arguments; quotes as in a shell, but no shell runs',
    )
    .option('--vectors <folder>', 'the vectors: all .json files below it', packageVectors)
    .addOption(new Option('--level <level>', 'only vectors of this level').choices(levels))
    .option('--filter <pattern>', 'only vectors whose ID or requirement matches; * stands for anything')
    .option('--known-failures <file>', 'IDs, one a line, that are expected to fail; one that passes fails the run')
    .option('--timeout <ms>', 'for each answer, milliseconds', milliseconds, 10_000)
    .option('--report <folder>', 'also write report.json, report.xml (JUnit) and report.html there')
    .option('--list', 'only list the vectors chosen, without an implementation')
    .addHelpText('after', conformHelp)
    .action(conform)
}

const conformHelp = `
The implementation reads messages on its standard input and answers on its standard output, one JSON object a line; its
standard error is passed through. One that breaks the protocol is started anew, three times at most.

Examples:
  ctor conform --sut "ctor sut"
  ctor conform --sut "python3 sut.py --fast" --filter "RELAY-01*" --report reports/conform
  ctor conform --list --level L0

Exit status: 0 all as expected, 1 something was not, 2 the protocol was broken or the usage wrong, 3 nothing was executed.`

function milliseconds(text: string): number {
  const value = Number(text)
  if (!/^[0-9]+$/.test(text) || value < 1 || value > 3_600_000)
    throw new InvalidArgumentError('An integer from 1 to 3600000 is wanted.')
  return value
}

async function conform(options: ConformOptions, command: Command): Promise<void> {
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

/** This implementation. */
export function ownSut(only: readonly Level[] = levels): SutParts {
  return { name: 'ctor', version: packageVersion(), levels: only, functions, machines }
}

export function sutCommand(): Command {
  return new Command('sut')
    .summary('this implementation, behind the conformance protocol')
    .description(
      'Serves the conformance protocol on standard input and output: what `ctor conform --sut "ctor sut"` talks to, and an example ' +
        'to compare another implementation with. Ends with status 0 on {"type":"stop"} or at the end of the input.',
    )
    .addOption(new Option('--level <level>', 'claim this level alone').choices(levels))
    .addHelpText('after', sutHelp)
    .action(({ level }: { level?: Level }) =>
      serveSut(ownSut(level === undefined ? levels : [level]), process.stdin, process.stdout),
    )
}

const sutHelp = `
Example:
  printf '%s\\n' '{"type":"start","protocol":"1"}' \\
    '{"type":"run","id":"1","level":"L0","function":"coin","input":{"draw":"5","k":"1","n":"2"}}' | ctor sut`
