// Counts the steps of instrumented code, and ends what takes too many: a loop that a mutant made endless is found by its count, the
// same on every machine, where a clock would end the process and every module had to be loaded anew.
// Invariant: code that Stryker did not instrument is left as it is.

export interface Steps {
  /** Whether coverage is recorded: in the dry run alone, since it costs more than most tests. */
  covering?: boolean
  /** Mutated places that were passed since the test began, and how many are allowed. */
  steps?: number
  stepLimit?: number
}

const recorder = 'function cover() {'
const switchOn = 'function isActive(id) {'

export const endless = 'the mutant takes too many steps'

/** The source with its two helpers, as Stryker 10 writes them into every file, made to count. */
export function counted(source: string): string {
  if (!source.includes('stryMutAct_')) return source
  for (const helper of [recorder, switchOn])
    if (!source.includes(helper)) throw new Error(`Stryker's instrumentation has changed: no "${helper}"`)
  return source
    .replace(recorder, `${recorder} if (ns.covering !== true) return;`)
    .replace(switchOn, `${switchOn} if (++ns.steps > ns.stepLimit) throw new Error('${endless}');`)
}

export function beginSteps(space: Steps, limit: number): void {
  space.steps = 0
  space.stepLimit = limit
}

export const tookTooMany = ({ steps = 0, stepLimit = 0 }: Steps): boolean => steps > stepLimit
