// One execution of a target, judged: a throw, too much CPU time, too much memory.
// Invariant: what is slow or large is accused only when it is so again and again, with the collector at rest before.
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { maxInputBytes } from './mutate.ts'

export const limits = { milliseconds: 100, bytes: 64 * 1024 * 1024 } as const

/** `leak`: of many executions; no input shows it alone. */
export type Kind = 'crash' | 'slow' | 'memory' | 'hang' | 'leak'

export interface Defect {
  readonly kind: Kind
  readonly detail: string
}

setFlagsFromString('--expose-gc')
export const collect: () => void = runInNewContext('gc')

const tries = 5

interface Cost {
  readonly milliseconds: number
  readonly bytes: number
}

export function memoryUsed(): number {
  const { used_heap_size, external_memory } = getHeapStatistics()
  return used_heap_size + external_memory
}

/** CPU time of this thread: another process' load is not the decoder's fault. */
function cost(run: () => void): Cost {
  const before = memoryUsed()
  const began = process.threadCpuUsage()
  run()
  const { user, system } = process.threadCpuUsage(began)
  return { milliseconds: (user + system) / 1000, bytes: memoryUsed() - before }
}

function least(run: () => void): Cost {
  const costs = Array.from({ length: tries }, () => {
    collect()
    return cost(run)
  })
  return {
    milliseconds: Math.min(...costs.map(({ milliseconds }) => milliseconds)),
    bytes: Math.min(...costs.map(({ bytes }) => bytes)),
  }
}

/** Inputs are up to 64 KiB; so the limits are the same for all of them. */
export function judge(run: (input: Uint8Array) => void, input: Uint8Array): Defect | null {
  try {
    const first = cost(() => run(input))
    if (first.milliseconds <= limits.milliseconds && first.bytes <= limits.bytes) return null
    const { milliseconds, bytes } = least(() => run(input))
    const about = `for ${input.length} of at most ${maxInputBytes} bytes`
    if (milliseconds > limits.milliseconds)
      return { kind: 'slow', detail: `${milliseconds.toFixed(0)} ms of CPU time ${about}` }
    if (bytes > limits.bytes) return { kind: 'memory', detail: `${(bytes / 1024 / 1024).toFixed(0)} MiB ${about}` }
    return null
  } catch (error) {
    return { kind: 'crash', detail: error instanceof Error ? (error.stack ?? error.message) : `threw ${String(error)}` }
  }
}
