// `ctor conform` and `ctor sut` [spec/conformance.md].
// Invariant: the help says all that they take; machines and functions are loaded when they run.
import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { ConformOptions } from './conform.ts'
import { type Level, levels } from './protocol.ts'

const packageVectors = fileURLToPath(new URL('../../../test/vectors', import.meta.url))

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
    .addOption(
      new Option('--vectors <folder>', 'the vectors: all .json files below it').default(
        packageVectors,
        "the package's",
      ),
    )
    .addOption(new Option('--level <level>', 'only vectors of this level').choices(levels))
    .option('--filter <pattern>', 'only vectors whose ID or requirement matches; * stands for anything')
    .option('--known-failures <file>', 'IDs, one a line, that are expected to fail; one that passes fails the run')
    .option('--timeout <ms>', 'for each answer, milliseconds; for the first at least 30 s', milliseconds, 10_000)
    .option('--report <folder>', 'also write report.json, report.xml (JUnit) and report.html there')
    .option('--list', 'only list the vectors chosen, without an implementation')
    .addHelpText('after', conformHelp)
    .action(async (options: ConformOptions, command: Command) => {
      const { conform } = await import('./conform.ts')
      await conform(options, command)
    })
}

const conformHelp = `
The implementation reads messages on its standard input and answers on its standard output, one JSON object a line; its
standard error is passed through. One that breaks the protocol is started anew, three times at most.

Examples:
  ctor conform --sut "npx ctor sut"
  ctor conform --sut "python3 sut.py --fast" --filter "RELAY-01*" --report reports/conform
  ctor conform --list --level L0

Exit status: 0 all as expected, 1 something was not, 2 the protocol was broken or the usage wrong, 3 nothing was executed.`

function milliseconds(text: string): number {
  const value = Number(text)
  if (!/^[0-9]+$/.test(text) || value < 1 || value > 3_600_000)
    throw new InvalidArgumentError('An integer from 1 to 3600000 is wanted.')
  return value
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
    .action(async ({ level }: { level?: Level }) => {
      const [{ serveSut }, { ownSut }] = await Promise.all([import('./sut.ts'), import('./own-sut.ts')])
      await serveSut(ownSut(level === undefined ? levels : [level]), process.stdin, process.stdout)
    })
}

const sutHelp = `
Example:
  printf '%s\\n' '{"type":"start","protocol":"1"}' \\
    '{"type":"run","id":"1","level":"L0","function":"coin","input":{"draw":"5","k":"1","n":"2"}}' | ctor sut`
