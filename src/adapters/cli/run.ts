// Runs a daemon until SIGTERM or SIGINT. Invariant: once asked to stop, the process ends within the bound, with 0 if everything was
// closed; a second signal ends it at once.
import type { Command } from 'commander'
import { end, failed } from './exit.ts'

export interface Runnable {
  stop(): Promise<void>
}

/** `ready` is printed as one line of JSON on stdout once the daemon listens. */
export async function runUntilSignal<T extends Runnable>(
  command: Command,
  start: () => Promise<T>,
  ready: (daemon: T) => object,
  stopMs: number,
): Promise<void> {
  // Listening for the signal comes first: it may be sent while the daemon is starting.
  const asked = stopSignal()
  const daemon = await start().catch((error: Error) => end(command, error.message, failed))
  process.stdout.write(`${JSON.stringify(ready(daemon))}\n`)
  await asked
  const bound = setTimeout(() => end(command, `not stopped within ${stopMs} ms`, failed), stopMs)
  await daemon.stop().catch((error: Error) => end(command, error.message, failed))
  clearTimeout(bound)
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    const signals = ['SIGTERM', 'SIGINT'] as const
    const stop = () => {
      for (const signal of signals) process.off(signal, stop)
      resolve()
    }
    for (const signal of signals) process.on(signal, stop)
  })
}
