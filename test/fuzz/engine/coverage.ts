// Which blocks of the code under test were executed, by V8's own precise coverage.
// Invariant: `taken` answers only for what ran since it was last asked.

import type { Profiler } from 'node:inspector'
import { Session } from 'node:inspector'

/** Blocks are named by script and range. */
export interface Coverage {
  /** Of many executions: the blocks that any of them reached. */
  readonly reached: () => readonly string[]
  /** Of one execution: those, those that it passed by, and how often in orders of magnitude. */
  readonly traced: () => readonly string[]
  readonly stop: () => void
}

export function startCoverage(isUnderTest: (url: string) => boolean): Coverage {
  const session = new Session()
  session.connect()
  session.post('Profiler.enable')
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  const taken = (name: (range: Profiler.CoverageRange) => string): readonly string[] => {
    let scripts: readonly Profiler.ScriptCoverage[] = []
    session.post('Profiler.takePreciseCoverage', (_error, answer) => {
      scripts = answer.result
    })
    return scripts
      .filter(({ url }) => isUnderTest(url))
      .flatMap(({ scriptId, functions }) =>
        functions.filter(wasCalled).flatMap(({ ranges }) => ranges.map((range) => `${scriptId}:${name(range)}`)),
      )
  }
  return {
    reached: () => taken(({ startOffset, endOffset, count }) => `${startOffset}-${endOffset}:${Math.min(count, 1)}`),
    traced: () => taken(({ startOffset, endOffset, count }) => `${startOffset}-${endOffset}:${magnitude(count)}`),
    stop: () => session.disconnect(),
  }
}

/** V8 names a block only where its count differs from that of the block around it, so one passed by is news as well. */
function wasCalled({ ranges: [whole] }: Profiler.FunctionCoverage): boolean {
  return (whole?.count ?? 0) > 0
}

function magnitude(count: number): number {
  return count === 0 ? 0 : 1 + Math.min(8, Math.floor(Math.log2(count)))
}
