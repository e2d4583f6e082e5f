// Every invariant of the relay after every event, for both profiles and any mix of policies, in a world that answers badly.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalText } from '../../src/machines/kernel/canonical.ts'
import { violated } from '../../src/machines/relay/invariants.ts'
import type { RelayContext } from '../../src/machines/relay/types.ts'
import { commands, configs } from './arbitraries/relay.ts'
import { walk } from './oracles/relay-environment.ts'
import { newStore } from './oracles/relay-store.ts'

const numRuns = 200

test('all invariants hold after every event [INV-001, INV-002, INV-003, INV-006.2]', () => {
  fc.assert(
    fc.property(configs, commands, (config, script) => {
      walk(config, script, (observed) => {
        const names = violated(observed)
        if (names.length > 0) expect.fail(`${names.join('; ')} after ${JSON.stringify(observed.event)}`)
      })
    }),
    { numRuns },
  )
})

test('a store that obeys the effects holds the bytes of exactly what the relay holds, and no proof too many [RELAY-109, RELAY-108]', () => {
  fc.assert(
    fc.property(configs, commands, (config, script) => {
      const store = newStore()
      walk(config, script, (observed) => {
        store.obey(observed)
        const { context } = observed.step.state
        expect([...store.sfos].sort().join()).toBe(heldIds(context).join())
        expect([...store.pairs].sort().join()).toBe([...context.proofs.keys()].sort().join())
      })
    }),
    { numRuns },
  )
})

test('an event that was rejected, or ignored for another reason than a drop, leaves the state as it was [RELAY-021]', () => {
  fc.assert(
    fc.property(configs, commands, (config, script) => {
      walk(config, script, ({ before, event, step }) => {
        if (step.disposition === 'accepted' || event.type === 'sfo' || event.type === 'invalidSfo') {
          if (step.disposition !== 'rejected') return
        }
        expect(step.effects).toHaveLength(0)
        expect(canonicalText(step.state)).toBe(canonicalText(before))
      })
    }),
    { numRuns: 100 },
  )
})

test('the relay is never stuck: from anywhere the expected ends of steps lead back to passive [INV-002, RELAY-110]', () => {
  const end = (seed: number) =>
    ({ do: 'stepDone', twist: 'none', other: 'empty', wait: 0, seed, fewDraws: false }) as const
  fc.assert(
    fc.property(configs, commands, (config, script) => {
      const { state } = walk(config, [...script, ...Array.from({ length: 8 }, (_, i) => end(i))])
      expect(state.value).toBe('passive')
    }),
    { numRuns: 100 },
  )
})

function heldIds({ held, round, reports }: RelayContext): readonly string[] {
  return [...held.keys(), ...(round?.taken.keys() ?? []), ...reports.keys()].sort()
}
