// Mutants of machines, by which the explorer is tested: one guard or one action is another, and nothing else.
import { expect, test } from 'vitest'
import { mutant } from '../../src/machines/kernel/explore-mutant.ts'
import { does, ignores } from '../../src/machines/kernel/listed.ts'
import { type Change, defineMachine, type Effect } from '../../src/machines/kernel/machine.ts'
import { step } from '../../src/machines/kernel/step.ts'
import { type Count, type CountEvent, counter, endless } from './fakes/counter.ts'

type Taken = { readonly type: 'take'; readonly change: Change<Held, Effect> }
interface Held {
  readonly held: number
}

/** Its action does what the event says. */
const doer = defineMachine<Held, Taken, Effect>({
  id: 'doer',
  events: ['take'],
  guards: { over: ({ held }: Held) => held > 9 },
  actions: { act: (_: Held, { change }: Taken) => change },
  config: { initial: 'on', states: { on: { on: { take: [ignores('over', ['D-1'], 'over'), does('act', ['D-1'])] } } } },
})

const state = { value: 'on', context: { held: 1 } }
const changes: readonly Change<Held, Effect>[] = [
  { effects: [] },
  { context: { held: 2 }, effects: [{ type: 'one' }, { type: 'two' }] },
  { effects: [], ignored: 'late' },
  { effects: [], rejected: 'wrong' },
  { context: { held: 2 }, effects: [{ type: 'one' }], ignored: 'late' },
]

test.each(changes)('a mutated action is given what the right one answers, its context and its event: %j', (change) => {
  const seen: unknown[] = []
  const same = mutant<typeof doer, Held, Taken>(doer, {
    actions: {
      act: (...given) => {
        seen.push(given)
        return given[0]
      },
    },
  })
  const event = { type: 'take', change } as const
  expect(step(same, state, event)).toEqual(step(doer, state, event))
  expect(seen).toStrictEqual([[change, state.context, event]])
})

test('a mutated guard is given what the right one answers, its context and its event', () => {
  const seen: unknown[] = []
  const same = mutant<typeof doer, Held, Taken>(doer, {
    guards: {
      over: (...given) => {
        seen.push(given)
        return !given[0]
      },
    },
  })
  const event = { type: 'take', change: {} } as const
  expect(step(same, state, event)).toMatchObject({ disposition: 'ignored', reason: 'over' })
  expect(seen).toEqual([[false, state.context, event]])
})

test('a mutant is another machine', () => {
  const full = { value: 'on', context: { count: 3, steps: 3 } }
  expect(step(endless(), full, { type: 'up', at: 0 }).disposition).toBe('accepted')
  expect(step(counter, full, { type: 'up', at: 0 }).reason).toBe('full')
  const silent = mutant<typeof counter, Count, CountEvent>(counter, {
    actions: { up: ({ context }) => ({ ...(context && { context }), ignored: 'no' }) },
  })
  const taken = step(silent, { value: 'on', context: { count: 0, steps: 0 } }, { type: 'up', at: 0 })
  expect(taken).toMatchObject({ disposition: 'ignored', reason: 'no', effects: [], state: { context: { count: 1 } } })
})

test('what the machine does not have cannot be mutated', () => {
  expect(() => mutant(counter, { guards: { none: () => true } })).toThrow(new RangeError('nothing to mutate: none'))
  expect(() => mutant(counter, { actions: { no: () => ({}) } })).toThrow(new RangeError('nothing to mutate: no'))
})
