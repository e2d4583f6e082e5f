// The thread in which one target is fuzzed: its own heap with a limit, and its input where the watcher can read it.
// Invariant: what is executed lies in the shared memory before it is executed.
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'
import type { Target } from '../target.ts'
import { fuzz } from './loop.ts'
import { maxInputBytes } from './mutate.ts'
import { header, type Work } from './shared.ts'
import { literalsOf, wordsIn } from './words.ts'

function sources(): readonly string[] {
  const folder = fileURLToPath(new URL('../../../src/machines', import.meta.url))
  const inside = (part: string) => readdirSync(`${folder}/${part}`).map((name) => `${folder}/${part}/${name}`)
  return ['ct', 'tor'].flatMap(inside)
}

const work = workerData as Work
const { targets } = (await import(work.module)) as { readonly targets: readonly Target[] }
const target = targets.find(({ name }) => name === work.name)
if (target === undefined) throw new Error(`no target ${work.name} in ${work.module}`)

const numbers = new Int32Array(work.shared, 0, 2)
const bytes = new Uint8Array(work.shared, header.bytes)
/** A longer one, such as a vector of a size limit, fits no input; `found.test.ts` runs it all the same. */
const seeds = target.seeds().filter(({ length }) => length <= maxInputBytes)

const ended = fuzz({
  run: target.run,
  seeds,
  words: [...literalsOf(sources()), ...wordsIn(seeds)],
  isUnderTest: (url) => url.includes(work.under),
  seed: work.seed,
  runs: work.runs,
  deadline: performance.now() + work.seconds * 1000,
  before: (input) => {
    bytes.set(input)
    Atomics.store(numbers, header.length, input.length)
    Atomics.add(numbers, header.begun, 1)
  },
})
parentPort?.postMessage(ended)
