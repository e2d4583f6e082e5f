// The relay under profile seed in each of its finite worlds: every invariant on every edge, and what it always comes to.
import { expect, test } from 'vitest'
import { relayModels } from '../../src/adapters/conform/explore-models.ts'
import { expectSound } from './expect-sound.ts'

const leastStates: Readonly<Record<string, number>> = {
  'one SFO': 7000,
  hops: 3000,
  'two variants of a leaf': 30_000,
  'two logs': 5000,
  'full buckets': 390,
  'a crowded bucket': 13_000,
}

test.each(relayModels('seed').map((model) => ({ id: model.id, model })))(
  '$id: explored to the last state, nothing wrong in any [RELAY-120.1, INV-001, INV-002, INV-003, INV-006.2]',
  ({ id, model }) => {
    const least = leastStates[id.slice(id.indexOf(': ') + 2)]
    expect(least).toBeDefined()
    expectSound(model, least ?? 0)
  },
)
