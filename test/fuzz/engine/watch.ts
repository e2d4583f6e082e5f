// Fuzzes one target in a thread and watches it: an input that never ends or that exhausts the heap is a defect as well.
// Invariant: the thread has ended when this returns.
import { Worker } from 'node:worker_threads'
import type { Ended } from './loop.ts'
import { maxInputBytes } from './mutate.ts'
import { header, type Work } from './shared.ts'

/** While the whole machine stands still, no look is taken, and afterwards one: so one alone accuses nobody. */
const looks = 4

/** `hangSeconds` is far above the limit that is judged: other processes may have the core meanwhile. */
export function fuzzWatched(work: Omit<Work, 'shared'>, hangSeconds = 20): Promise<Ended> {
  const shared = new SharedArrayBuffer(header.bytes + maxInputBytes)
  const numbers = new Int32Array(shared, 0, 2)
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: { ...work, shared } satisfies Work,
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  })
  const current = () => Uint8Array.from(new Uint8Array(shared, header.bytes, numbers[header.length]))
  const fault = (kind: 'hang' | 'memory' | 'crash', detail: string): Ended => ({
    runs: numbers[header.begun] ?? 0,
    blocks: 0,
    corpus: 0,
    defect: { kind, detail, input: current() },
  })
  return new Promise((resolve) => {
    let [last, unchanged] = [0, 0]
    const watch = setInterval(
      () => {
        const begun = Atomics.load(numbers, header.begun)
        unchanged = begun === last && begun > 0 ? unchanged + 1 : 0
        last = begun
        if (unchanged === looks) end(fault('hang', `no end within ${hangSeconds} s`))
      },
      (hangSeconds * 1000) / looks,
    )
    const end = async (ended: Ended) => {
      clearInterval(watch)
      worker.removeAllListeners()
      await worker.terminate()
      resolve(ended)
    }
    worker.once('message', end)
    worker.once('error', (error: NodeJS.ErrnoException) =>
      end(fault(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : 'crash', error.stack ?? error.message)),
    )
  })
}
