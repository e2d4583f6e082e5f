// How a command ends. Invariant: 0 done, 1 failed while running, 2 wrong usage or configuration; what went wrong is one sentence a
// line on stderr, without a stack.
import type { Command } from 'commander'

export const failed = 1
export const misused = 2

/** Ends the process. */
export function end(command: Command, sentence: string, exitCode: number): never {
  return command.error(
    sentence
      .split('\n')
      .map((line) => `error: ${line}`)
      .join('\n'),
    { exitCode },
  )
}

/** Where standard output cannot be written, there is nothing to go on for; who closed it (`| head`) needs no sentence. */
export function endWithOutput(): void {
  process.stderr.on('error', () => {})
  process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE') process.stderr.write(`error: standard output: ${message}\n`)
    process.exit(failed)
  })
}

/** Wrong usage that commander finds itself ends with `misused`; help and version with 0. */
export function withExitCodes(command: Command): Command {
  command.exitOverride(({ exitCode, code }) => {
    process.exit(
      exitCode === failed && code.startsWith('commander.') && code !== 'commander.error' ? misused : exitCode,
    )
  })
  command.configureHelp({ helpWidth: 120 })
  for (const part of command.commands) withExitCodes(part)
  return command
}
