// What the traces rest on: the simulator is deterministic, and a request that it cannot serve says why.
import { expect, test } from 'vitest'
import { counterexampleOf, tracesOf } from '../../src/adapters/conform/refinement/quint.ts'

test('the same seed gives the same traces, another one others [INV-008]', async () => {
  const request = { module: 'sfo_corrected', seed: 5, traces: 10, steps: 10 }
  const [one, again, other] = await Promise.all([
    tracesOf(request),
    tracesOf(request),
    tracesOf({ ...request, seed: 6 }),
  ])
  expect(again).toEqual(one)
  expect(other.map(({ states }) => states)).not.toEqual(one.map(({ states }) => states))
})

test('a module that is not there is an error with what Quint said of it', async () => {
  const request = tracesOf({ module: 'nothing', seed: 1, traces: 1, steps: 1 })
  await expect(request).rejects.toThrow(/nothing\.qnt.*status \d+\n.*does not exist/s)
})

test('a counterexample ends where its invariant does not hold, and none is an error', async () => {
  const { states } = await counterexampleOf({ module: 'erratum_a12', seed: 1, traces: 5000, steps: 3 }, 'sfoKept')
  expect(states.at(-1)).toMatchObject({ pending: false, resolved: false, following: { tag: 'Challenge' } })
  const kept = counterexampleOf({ module: 'erratum_a12', seed: 1, traces: 10, steps: 1 }, 'sfoKept')
  await expect(kept).rejects.toThrow(/status 0/)
})
