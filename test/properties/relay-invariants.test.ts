// Every invariant of the relay after every event, for both profiles and any mix of policies, in a world that answers badly.
import fc from 'fast-check'
import { List, Map as PersistentMap } from 'immutable'
import { expect, test } from 'vitest'
import { canonicalText } from '../../src/machines/kernel/canonical.ts'
import { conserved, provenOnce, violated } from '../../src/machines/relay/invariants.ts'
import type { RelayContext } from '../../src/machines/relay/types.ts'
import { commands, configs } from './arbitraries/relay.ts'
import { walk } from './oracles/relay-environment.ts'
import { relay, sfoOf } from './oracles/relay-script.ts'
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

test('an SFO that is counted once too often breaks conservation, whatever it is counted as [INV-006.2]', () => {
  const { counters, ...rest } = relay().sfo(sfoOf('1')).state.context
  const holds = (changed: Partial<typeof counters>) => conserved({ ...rest, counters: { ...counters, ...changed } })
  expect(holds({})).toBe(true)
  for (const name of ['received', 'proven', 'forwarded', 'reported', 'expired'] as const)
    expect(holds({ [name]: counters[name] + 1 }), name).toBe(false)
  for (const name of Object.keys(counters.dropped) as (keyof typeof counters.dropped)[])
    expect(holds({ dropped: { ...counters.dropped, [name]: (counters.dropped[name] ?? 0) + 1 } }), name).toBe(false)
})

test('a set and its order that do not name the same leafs, each once, are seen [INV-001]', () => {
  const context = relay().context()
  const times = PersistentMap([
    ['a', 1],
    ['b', 2],
  ])
  const none = { proofs: PersistentMap<string, number>(), proofsByAge: List<string>() }
  const holds = (order: readonly string[]) => {
    const leaves = { times, byAge: List(order) }
    const ofProofs = provenOnce({ ...context, proofs: leaves.times, proofsByAge: leaves.byAge })
    const ofForwarded = provenOnce({ ...context, ...none, forwardedLeaves: leaves.times, forwardedByAge: leaves.byAge })
    expect(ofProofs).toBe(ofForwarded)
    return ofProofs
  }
  expect([holds(['a', 'b']), holds(['b', 'a'])]).toEqual([true, true])
  for (const wrong of [['a'], ['a', 'a'], ['a', 'c'], ['a', 'b', 'b'], ['a', 'b', 'c'], []])
    expect(holds(wrong), wrong.join()).toBe(false)
})
