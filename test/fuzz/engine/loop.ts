// The coverage-guided loop: mutate, execute, keep what reaches new blocks.
// Invariant: the same seed, corpus and number of runs give the same inputs in the same order, where V8 counts the same (no optimizing).
import { startCoverage } from './coverage.ts'
import { type Defect, judge } from './judge.ts'
import { watchLeaks } from './leak.ts'
import { type Material, mutate } from './mutate.ts'
import { seededBelow } from './random.ts'

/** Coverage is taken once a batch, as it costs more than an execution; a batch with news is executed again one by one. */
const batch = 128

export interface Plan {
  readonly run: (input: Uint8Array) => void
  readonly seeds: readonly Uint8Array[]
  readonly words: readonly Uint8Array[]
  readonly isUnderTest: (url: string) => boolean
  readonly seed: number
  /** The loop ends after so many executions or at the deadline, whichever is first. */
  readonly runs: number
  readonly deadline: number
  /** Told before each execution, so that an input that never ends is known. */
  readonly before: (input: Uint8Array) => void
}

export interface Ended {
  readonly runs: number
  readonly blocks: number
  /** Inputs that reached something new, the seeds among them. */
  readonly corpus: number
  readonly defect: (Defect & { readonly input: Uint8Array }) | null
}

export function fuzz(plan: Plan): Ended {
  const coverage = startCoverage(plan.isUnderTest)
  const traced = new Set<string>()
  const reached = new Set<string>()
  const corpus: Uint8Array[] = []
  const material: Material = { below: seededBelow(plan.seed), words: plan.words, corpus }
  const leaks = watchLeaks()
  let runs = 0
  let last: Uint8Array = new Uint8Array(0)

  const execute = (input: Uint8Array): Defect | null => {
    runs += 1
    last = input
    plan.before(input)
    return judge(plan.run, input)
  }
  const ended = (defect: Defect | null): Ended => {
    coverage.stop()
    const found = defect === null ? null : { ...defect, input: Uint8Array.from(last) }
    return { runs, blocks: reached.size, corpus: corpus.length, defect: found }
  }
  /** Keeps each input that reaches new blocks; answers the first defect. */
  const learn = (inputs: readonly Uint8Array[]): Defect | null => {
    for (const input of inputs) {
      const defect = execute(input)
      if (defect !== null) return defect
      if (adds(traced, coverage.traced())) corpus.push(input)
    }
    return null
  }

  const first = [...plan.seeds, new Uint8Array(0)]
  const known = learn(first)
  if (known !== null) return ended(known)
  if (corpus.length === 0) corpus.push(...first)
  while (runs < plan.runs && performance.now() < plan.deadline) {
    const inputs = Array.from({ length: batch }, () => mutate(parent(material), material))
    for (const input of inputs) {
      const defect = execute(input)
      if (defect !== null) return ended(defect)
    }
    const learned = adds(reached, coverage.reached()) ? learn(inputs) : null
    const defect = learned ?? leaks.look(runs, bytesOf(corpus))
    if (defect !== null) return ended(defect)
  }
  return ended(null)
}

function adds(known: Set<string>, blocks: readonly string[]): boolean {
  const before = known.size
  for (const block of blocks) known.add(block)
  return known.size > before
}

function bytesOf(corpus: readonly Uint8Array[]): number {
  return corpus.reduce((sum, { length }) => sum + length, 0)
}

/** The newest inputs more often: they are where something was reached that nothing reached before. */
function parent({ below, corpus }: Material): Uint8Array {
  const newest = Math.min(corpus.length, 16)
  const at = below(2) === 0 ? corpus.length - 1 - below(newest) : below(corpus.length)
  return corpus[at] as Uint8Array
}
