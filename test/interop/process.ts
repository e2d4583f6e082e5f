// Processes that a test starts, and ends by their own handle. Invariant: `stop` resolves once the process is gone; what it printed
// is kept to the last 16 KiB, for the message of a test that fails.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'

export interface Running {
  stop(signal?: NodeJS.Signals): Promise<void>
  readonly printed: () => string
}

export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly uid?: number
  readonly gid?: number
  readonly cwd?: string
}

const keptCharacters = 16_384

/** Resolves once `ready` answers true. @throws Error with what was printed where the process ends first, or after two minutes. */
export async function start(command: Command, ready: () => Promise<boolean>): Promise<Running> {
  const { file, args, ...options } = command
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      printed = (printed + chunk).slice(-keptCharacters)
    })
  const failure = new Promise<never>((_, reject) => child.on('error', reject))
  failure.catch(() => {})
  const running = { printed: () => printed, stop: (signal: NodeJS.Signals = 'SIGTERM') => end(child, signal) }
  try {
    await Promise.race([failure, until(async () => gone(child) || (await ready()), `${file} to answer`)])
    if (gone(child)) throw new Error(`${file} ended at once`)
  } catch (error) {
    await end(child, 'SIGKILL')
    throw new Error(`${error instanceof Error ? error.message : error}:\n${printed}`)
  }
  return running
}

function gone(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (gone(child) || child.pid === undefined) return
  const ended = once(child, 'exit')
  child.kill(signal)
  const late = setTimeout(() => child.kill('SIGKILL'), 15_000)
  await ended
  clearTimeout(late)
}

/** @throws Error after two minutes. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const endsAt = Date.now() + 120_000
  while (!(await holds())) {
    if (Date.now() > endsAt) throw new Error(`waited two minutes for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** Whether anything answers there over HTTP. */
export async function answers(url: string): Promise<boolean> {
  const reply = await fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => null)
  await reply?.body?.cancel()
  return reply !== null
}
