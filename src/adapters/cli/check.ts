// How `--check` prints what it tried. Invariant: one line a check, and status 0 only where all hold.
import type { CheckLine } from '../daemon/setup-check.ts'
import { failed } from './exit.ts'

export function printChecks(file: string, lines: readonly CheckLine[]): void {
  process.stdout.write(`ok    config: ${file}\n`)
  for (const { name, ok, detail } of lines) process.stdout.write(`${ok ? 'ok   ' : 'wrong'} ${name}: ${detail}\n`)
  process.exitCode = lines.every(({ ok }) => ok) ? 0 : failed
}
