// What is expected of every model that is explored. Invariant: a finding fails the test with its counterexample, ready to be kept.
import { expect } from 'vitest'
import type { AnyModel } from '../../src/machines/kernel/explore.ts'
import { type Checked, check } from '../../src/machines/kernel/explore-check.ts'

/** Explores it to the last state. `leastStates`: a world that shrank below it would prove nothing. */
export function expectSound(model: AnyModel, leastStates: number): Checked['graph'] {
  const { graph, findings } = check(model, { maxStates: 100_000 })
  const [first] = findings
  if (first !== undefined) expect.fail(`${first.name}\n${JSON.stringify(first.counterexample, null, 1)}`)
  expect(graph.complete).toBe(true)
  expect(graph.nodes.length).toBeGreaterThanOrEqual(leastStates)
  return graph
}
