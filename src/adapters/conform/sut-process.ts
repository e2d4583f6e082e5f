// An implementation in a process of its own, over its standard input and output [spec/conformance.md, Protocol].
// Invariant: whatever it writes or does not write, a question ends within its time, and no more than one line of it is kept.
import { spawn } from 'node:child_process'
import { fault, type Implementation, type Reply } from './implementation.ts'
import { lineSplitter } from './lines.ts'
import { maxLineBytes, parseJson, parseLine, type RunnerMessage, runnerMessage, sutMessage } from './protocol.ts'
import { shown } from './verdict.ts'

/** How long the last lines of a process that has ended may take to arrive. */
const drainMs = 500

/** `stderr`: `inherit` passes it through. */
export function spawnSut(
  [program, ...args]: readonly [string, ...string[]],
  stderr: 'inherit' | 'ignore' = 'inherit',
): Implementation {
  // A group of its own, so that what a wrapper (npx, a script) starts ends with it.
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', stderr], detached: true })
  let broken: Reply | null = null
  let waiting: ((reply: Reply) => void) | null = null
  let ended: number | NodeJS.Signals | null = null
  let onEnd: (() => void) | null = null

  function settle(reply: Reply): void {
    const resolve = waiting
    waiting = null
    if (reply.kind === 'fault') broken ??= reply
    resolve?.(reply)
  }

  function fail(reply: Reply): void {
    settle(reply)
    kill()
  }

  function kill(): void {
    child.stdout.destroy()
    child.stdin.destroy()
    if (child.pid === undefined) return
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // The whole group has ended.
    }
  }

  function hear(line: string): void {
    if (broken !== null) return
    const message = parseLine(sutMessage, line)
    if (waiting === null) fail(fault('unsolicited', `nothing was asked, and it said ${shown(line)}`))
    else if (message !== undefined) settle({ kind: 'answer', message })
    else if (runnerMessage.safeParse(parseJson(line)).success) fail(fault('echo'))
    else fail(fault('notMessage', `no message of the protocol: ${shown(line)}`))
  }

  const take = lineSplitter(maxLineBytes, { line: hear, tooLong: () => fail(fault('lineTooLong')) })
  child.stdout.on('data', take)
  child.stdout.on('error', () => {})
  // That it does not read what it is sent shows as a missing answer.
  child.stdin.on('error', () => {})
  child.on('error', (error) => fail(fault('cannotStart', `${program}: ${error.message}`)))
  const end = () => {
    settle(fault('died', `it ended with ${typeof ended === 'number' ? `status ${ended}` : ended}`))
    onEnd?.()
  }
  child.on('exit', (code, signal) => {
    ended = code ?? signal
    // What it started may hold its output open.
    setTimeout(end, drainMs).unref()
  })
  child.on('close', () => {
    if (ended !== null) end()
  })

  return {
    ask(message: RunnerMessage, timeoutMs: number) {
      if (broken !== null) return Promise.resolve(broken)
      return new Promise((resolve) => {
        const timer = setTimeout(() => fail(fault('timeout', `no answer within ${timeoutMs} ms`)), timeoutMs)
        waiting = (reply) => {
          clearTimeout(timer)
          resolve(reply)
        }
        child.stdin.write(`${JSON.stringify(message)}\n`)
      })
    },
    stop(timeoutMs: number) {
      if (broken?.kind === 'fault') return Promise.resolve(broken.fault)
      return new Promise((resolve) => {
        const done = (detail?: string) => {
          clearTimeout(timer)
          kill()
          resolve(detail === undefined ? null : { code: 'badStop', detail })
        }
        const timer = setTimeout(() => done(`still there ${timeoutMs} ms after stop`), timeoutMs)
        onEnd = () => done(ended === 0 ? undefined : `on stop it ended with ${ended}`)
        child.stdin.end('{"type":"stop"}\n')
      })
    },
    kill,
  }
}
