// A small machine for the explorer: a counter whose whole graph fits a page. Invariant: it is right; its mutants are not.
import type { Liveness, Model } from '../../../src/machines/kernel/explore.ts'
import { mutant } from '../../../src/machines/kernel/explore-mutant.ts'
import { does, ignores } from '../../../src/machines/kernel/listed.ts'
import { defineMachine, type Effect } from '../../../src/machines/kernel/machine.ts'
import { step } from '../../../src/machines/kernel/step.ts'

export interface Count {
  readonly count: number
  /** Grows for ever and decides nothing. */
  readonly steps: number
}
export type CountEvent = { readonly type: 'up' | 'reset' | 'end'; readonly at: number }

/** Counts up to 3; it can be reset, and ended at 3. */
export const counter = defineMachine<Count, CountEvent, Effect>({
  id: 'counter',
  events: ['up', 'reset', 'end'],
  guards: { full: ({ count }: Count) => count >= 3 },
  actions: {
    up: ({ count, steps }: Count) => ({
      context: { count: count + 1, steps: steps + 1 },
      effects: [{ type: 'upped' }],
    }),
    reset: () => ({ context: { count: 0 } }),
    end: () => ({}),
  },
  config: {
    initial: 'on',
    states: {
      on: {
        on: {
          up: [ignores('full', ['C-1'], 'full'), does('up', ['C-1'])],
          reset: does('reset', ['C-2']),
          end: [does('end', ['C-3'], { guard: 'full', target: 'off' }), ignores('early', ['C-3'])],
        },
      },
      off: { on: { up: ignores('over', ['C-4']), reset: ignores('over', ['C-4']), end: ignores('over', ['C-4']) } },
    },
  },
})

export type World = { readonly now: number }
export type CountModel = Model<Count, CountEvent, Effect, World>

const isOff: Liveness<Count, CountEvent, World>['until'] = ({ state }) => state.value === 'off'
/** It must come to its end. */
export const ends: Liveness<Count, CountEvent, World> = {
  name: 'L-1: ends',
  kind: 'must',
  from: () => true,
  until: isOff,
}

/** Anything may come at any time, and time passes once. */
export function modelOf(machine = counter, more: Partial<CountModel> = {}): CountModel {
  return {
    kind: 'counter',
    id: 'counter',
    machine,
    take: (state, event) => step(machine, state, event),
    roots: [{ config: { start: 0 }, state: { value: 'on', context: { count: 0, steps: 0 } }, world: { now: 0 } }],
    choices: (_, world) => [
      ...(['up', 'reset', 'end'] as const).map((type) => ({ event: { type, at: world.now }, world })),
      ...(world.now < 1 ? [{ event: null, world: { now: world.now + 1 } }] : []),
    ],
    hear: (world) => world,
    essence: ({ value, context: { count } }) => [value, count],
    invariants: { 'C-1: at most three': ({ step: { state } }) => state.context.count <= 3 },
    liveness: [],
    ...more,
  }
}

/** It counts to 5. Made anew: while modules load, no code may run that mutation tests change. */
export const endless = () =>
  mutant<typeof counter, Count, CountEvent>(counter, {
    guards: { full: (holds, { count }) => holds && count > 4 },
  })
