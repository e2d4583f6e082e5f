// The transition tour of the relay: where vectors come from [architecture, Conformance kit].
import { beforeAll, describe, expect, test } from 'vitest'
import { configOf } from '../../src/adapters/conform/configs.ts'
import { machines } from '../../src/adapters/conform/machines.ts'
import { runTrace } from '../../src/adapters/conform/trace.ts'
import { type RelayModel, relayModel } from '../../src/adapters/conform/worlds/relay/minimal.ts'
import { type RelayWorld, scenes } from '../../src/adapters/conform/worlds/relay/minimal-scene.ts'
import { explore } from '../../src/machines/kernel/explore.ts'
import { type Tour, tour } from '../../src/machines/kernel/explore-tour.ts'
import { spell } from '../../src/machines/kernel/explore-vector.ts'
import type { RelayContext, RelayEvent } from '../../src/machines/relay/types.ts'

const models: readonly RelayModel[] = [
  relayModel(scenes.one, 'seed'),
  relayModel(scenes.one, 'hardened'),
  relayModel(scenes.hops, 'seed', { order: 'forward-first' }),
]

describe('the tour', () => {
  let found: Tour<RelayContext, RelayEvent, RelayWorld>
  beforeAll(() => {
    const [first, ...others] = models.map((model) => explore(model, { maxStates: 20_000 }))
    if (first !== undefined) found = tour(first, ...others)
  })

  test('takes every transition that the relay lists [RELAY-021]', () => {
    expect(found.missed).toEqual([])
    expect(found.stops.length).toBeGreaterThan(190)
  })

  test('is short: no stop takes more events than two rounds have', () => {
    for (const { events } of found.stops) expect(events.length).toBeLessThanOrEqual(20)
  })

  test('is understood by the conformance kit, which sees the same happen', () => {
    for (const { disposition, reason, root, events } of found.stops) {
      const config = spell(root.config) as never
      expect(configOf('minimal', 'relay', config)).toEqual(spell(root.state.context.config))
      const ran = runTrace(machines, {
        machine: 'relay',
        preset: 'minimal',
        config,
        events: events.map(spell) as never,
      })
      if (!ran.ok) expect.fail(ran.detail)
      const last = ran.value.at(-1)
      expect([last?.disposition, last?.reason ?? null]).toEqual([disposition, reason])
    }
  })
})
