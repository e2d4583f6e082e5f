// Runs named commands on as many cores as there are: each timed, output kept apart, ended at the first failure.
// Invariant: when it returns, no process of a stage is left.
import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'

export interface Stage {
  readonly name: string
  readonly command: string
  /** How many cores it keeps busy; 1 unless said. Two stages of one core run side by side. */
  readonly cores?: number
  /** After how many minutes it is ended as failed; 10 unless said. */
  readonly minutes?: number
}

export interface Outcome {
  readonly name: string
  readonly seconds: number
  readonly status: number | string
}

interface Running {
  readonly stage: Stage
  readonly child: ChildProcess
  readonly done: Promise<Outcome>
}

/** Sends a signal to the whole process group of a stage; a group that has ended already is fine. */
function end(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal)
  } catch {}
}

function logFile(folder: string, name: string): string {
  return join(folder, `${name.replaceAll(/[^\w.-]+/g, '-')}.log`)
}

/** How long its last output may take to arrive: what it began outside of its group may hold the output open for ever. */
const drainMs = 5_000

function start(stage: Stage, folder: string, env: NodeJS.ProcessEnv): Running {
  const began = performance.now()
  const child = spawn(stage.command, { shell: true, detached: true, stdio: ['ignore', 'pipe', 'pipe'], env })
  const log = createWriteStream(logFile(folder, stage.name))
  child.stdout?.pipe(log, { end: false })
  child.stderr?.pipe(log, { end: false })
  let late = false
  const limit = setTimeout(
    () => {
      late = true
      end(child, 'SIGKILL')
    },
    (stage.minutes ?? 10) * 60_000,
  )
  const done = new Promise<Outcome>((resolve) => {
    child.on('exit', () => {
      end(child, 'SIGKILL')
      setTimeout(() => {
        child.stdout?.destroy()
        child.stderr?.destroy()
      }, drainMs).unref()
    })
    child.on('close', (code, signal) => {
      clearTimeout(limit)
      const status = late ? `after ${stage.minutes ?? 10} minutes` : (code ?? signal ?? 'unknown')
      log.end(() => resolve({ name: stage.name, seconds: (performance.now() - began) / 1000, status }))
    })
  })
  return { stage, child, done }
}

function show(outcome: Outcome, folder: string, wants: 'all' | 'failed'): void {
  const verdict = outcome.status === 0 ? 'ok' : `FAILED (${outcome.status})`
  console.log(`=== ${outcome.name}: ${verdict} in ${outcome.seconds.toFixed(1)} s`)
  if (wants === 'all' || outcome.status !== 0) process.stdout.write(readFileSync(logFile(folder, outcome.name)))
}

/** Runs the stages in order, as many at a time as the cores allow; what has not begun at the first failure never does. */
export async function runStages(
  stages: readonly Stage[],
  folder: string,
  env: (stage: Stage) => NodeJS.ProcessEnv,
  wants: 'all' | 'failed' = 'all',
): Promise<readonly Outcome[]> {
  mkdirSync(folder, { recursive: true })
  const cores = availableParallelism()
  const waiting = [...stages]
  const running = new Set<Running>()
  const outcomes: Outcome[] = []
  const free = () => cores - [...running].reduce((sum, { stage }) => sum + (stage.cores ?? 1), 0)
  const stop = () => {
    waiting.length = 0
    for (const { child } of running) end(child, 'SIGKILL')
  }
  const heartbeat = setInterval(
    () => console.log(`... running: ${[...running].map(({ stage }) => stage.name).join(', ')}`),
    60_000,
  )
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop)
  while (waiting.length > 0 || running.size > 0) {
    while (waiting[0] !== undefined && (running.size === 0 || (waiting[0].cores ?? 1) <= free())) {
      const stage = waiting.shift() as Stage
      console.log(`--- ${stage.name}: ${stage.command}`)
      running.add(start(stage, folder, env(stage)))
    }
    const [first, outcome] = await Promise.race([...running].map(async (one) => [one, await one.done] as const))
    running.delete(first)
    outcomes.push(outcome)
    show(outcome, folder, wants)
    if (outcome.status !== 0) stop()
  }
  clearInterval(heartbeat)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop)
  return outcomes
}

/** One line a stage and their total, for the end of the output. */
export function table(outcomes: readonly Outcome[], total: number): string {
  const line = (name: string, seconds: number, note: string) => `${seconds.toFixed(1).padStart(8)} s  ${name}${note}`
  const rows = outcomes.map((one) => line(one.name, one.seconds, one.status === 0 ? '' : `  FAILED (${one.status})`))
  return [...rows, line('total', total, '')].join('\n')
}
