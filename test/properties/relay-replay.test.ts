// Determinism: the journal of events and draws is the relay [INV-008].

import fc from 'fast-check'
import { Map as PersistentMap } from 'immutable'
import { expect, test } from 'vitest'
import { canonicalText } from '../../src/machines/kernel/canonical.ts'
import type { State } from '../../src/machines/kernel/machine.ts'
import { step } from '../../src/machines/kernel/step.ts'
import { drawsNeeded } from '../../src/machines/relay/draws.ts'
import { initialRelay } from '../../src/machines/relay/initial.ts'
import { relayMachine } from '../../src/machines/relay/machine.ts'
import type { RelayContext, RelayEvent } from '../../src/machines/relay/types.ts'
import { commands, configs } from './arbitraries/relay.ts'
import { walk } from './oracles/relay-environment.ts'

test('replaying a journal from JSON gives the same states and the same effects [INV-008.1, INV-008.2]', () => {
  fc.assert(
    fc.property(configs, commands, (config, script) => {
      const seen: string[] = []
      const { events, state } = walk(config, script, (observed) => seen.push(canonicalText(observed.step)))
      const journal = JSON.parse(JSON.stringify(events)) as RelayEvent[]
      let again = initialRelay(config)
      const replayed = journal.map((event) => {
        const taken = step(relayMachine, again, event)
        again = taken.state
        return canonicalText(taken)
      })
      expect(replayed.join('\n')).toBe(seen.join('\n'))
      expect(canonicalText(again)).toBe(canonicalText(state))
    }),
    { numRuns: 60 },
  )
})

test('a step depends on what a state says, not on how its collections are laid out [INV-008.1]', () => {
  fc.assert(
    fc.property(configs, commands, (config, script) => {
      walk(config, script, ({ before, event, step: taken }) => {
        expect(canonicalText(step(relayMachine, laidOutAnew(before), event))).toBe(canonicalText(taken))
      })
    }),
    { numRuns: 60 },
  )
})

test('draws beyond those needed change nothing, and one too few is refused [INV-008.1]', () => {
  fc.assert(
    fc.property(configs, commands, fc.array(fc.nat()), (config, script, more) => {
      walk(config, script, ({ before, event, step: taken }) => {
        if (!('draw' in event) || taken.reason === 'insufficientDraw') return
        expect(canonicalText(step(relayMachine, before, { ...event, draw: [...event.draw, ...more] }))).toBe(
          canonicalText(taken),
        )
        const needed = drawsNeeded(before.context, event.type)
        if (needed === 0 || taken.reason === 'active' || taken.reason === 'wrongStep') return
        const fewer = step(relayMachine, before, { ...event, draw: event.draw.slice(0, needed - 1) })
        expect(fewer).toMatchObject({ disposition: 'rejected', reason: 'insufficientDraw' })
      })
    }),
    { numRuns: 60 },
  )
})

/** The same state with every map filled in the opposite order, so that small ones iterate in the opposite order. */
function laidOutAnew({ value, context }: State<RelayContext>): State<RelayContext> {
  return { value, context: { ...anew(context), round: context.round === null ? null : anew(context.round) } }
}

function anew<T extends object>(record: T): T {
  const members = Object.entries(record).map(([name, member]) => [name, isMap(member) ? reversed(member) : member])
  return Object.fromEntries(members)
}

const isMap = (member: unknown): member is PersistentMap<string, unknown> => PersistentMap.isMap(member)
const reversed = (map: PersistentMap<string, unknown>) => PersistentMap([...map].reverse())
