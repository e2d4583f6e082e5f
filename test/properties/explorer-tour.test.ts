// The explorer's tour of a machine: every transition that its graphs take, each by a shortest run.
import { expect, test } from 'vitest'
import { explore, type Model } from '../../src/machines/kernel/explore.ts'
import { mutant } from '../../src/machines/kernel/explore-mutant.ts'
import { tour } from '../../src/machines/kernel/explore-tour.ts'
import { does, ignores } from '../../src/machines/kernel/listed.ts'
import { type Change, defineMachine, type Effect } from '../../src/machines/kernel/machine.ts'
import { step } from '../../src/machines/kernel/step.ts'
import { type Count, type CountEvent, type CountModel, counter, modelOf } from './fakes/counter.ts'

type Way = 'near' | 'far' | 'late'
type DoorEvent = { readonly type: 'open' | 'pass' | 'knock'; readonly way?: Way }

/** Nested states; an action that may ignore. */
const door = defineMachine<null, DoorEvent, Effect>({
  id: 'door',
  events: ['open', 'pass'],
  guards: {},
  actions: {
    open: () => ({}),
    pass: (_: null, { way }: DoorEvent): Change<null, Effect> => (way === 'late' ? { ignored: 'late' } : {}),
  },
  config: {
    initial: 'shut',
    states: {
      shut: { on: { open: does('open', ['D-1'], { target: 'wide.in' }), pass: ignores('shut', ['D-2']) } },
      wide: {
        initial: 'in',
        on: { open: ignores('wide', ['D-1']) },
        states: { in: { on: { pass: does('pass', ['D-2']) } } },
      },
    },
  },
})

type DoorModel = Model<null, DoorEvent, Effect, null>

function doorModel(events: readonly (DoorEvent | null)[], more: Partial<DoorModel> = {}): DoorModel {
  return {
    kind: 'door',
    id: 'door',
    machine: door,
    take: (state, event) => step(door, state, event),
    roots: [{ config: { is: 'shut' }, state: { value: 'shut', context: null }, world: null }],
    choices: () => events.map((event) => ({ event, world: null })),
    hear: (world) => world,
    essence: ({ value }) => value,
    invariants: {},
    liveness: [],
    ...more,
  }
}

const graphOf = (...given: Parameters<typeof doorModel>) => explore(doorModel(...given), { maxStates: 100 })
type DoorGraph = ReturnType<typeof graphOf>

const open = { type: 'open' } as const
const pass = (way: Way) => ({ type: 'pass', way }) as const

test('the tour takes every transition, each by a shortest run', () => {
  const { stops, missed } = tour(explore(modelOf(), { maxStates: 100 }))
  expect(missed).toEqual([])
  const lengths = stops.map(({ row, events }) => [`${row.state} ${row.event} ${row.guard ?? ''}`.trim(), events.length])
  expect(Object.fromEntries(lengths)).toEqual({
    'on up': 1,
    'on reset': 1,
    'on end': 1,
    'on up full': 4,
    'on end full': 4,
    'off up': 5,
    'off reset': 5,
    'off end': 5,
  })
})

test('what no run takes is missed', () => {
  const neverFull = mutant<typeof counter, Count, CountEvent>(counter, { guards: { full: () => false } })
  const choices: CountModel['choices'] = (_, world) =>
    (['reset', 'end'] as const).map((type) => ({ event: { type, at: world.now }, world }))
  const { stops, missed } = tour(explore(modelOf(neverFull, { choices }), { maxStates: 9 }))
  expect(stops.map(({ row }) => `${row.state} ${row.event} ${row.guard}`)).toEqual(['on reset null', 'on end null'])
  expect(missed.map(({ state, event, guard }) => `${state} ${event} ${guard}`)).toEqual([
    'on up full',
    'on up null',
    'on end full',
    'off up null',
    'off reset null',
    'off end null',
  ])
})

test('a stop says what its last event came to: one for each outcome, the first of those that are as short', () => {
  const { stops, missed } = tour(graphOf([null, pass('near'), pass('far'), pass('late'), open]))
  expect(missed).toEqual([])
  const root = { config: { is: 'shut' }, state: { value: 'shut', context: null }, world: null }
  expect(stops.map(({ row, ...stop }) => ({ ...stop, at: `${row.state} ${row.event}` }))).toEqual([
    { at: 'shut pass', disposition: 'ignored', reason: 'shut', root, events: [pass('near')] },
    { at: 'shut open', disposition: 'accepted', reason: null, root, events: [open] },
    { at: 'wide.in pass', disposition: 'accepted', reason: null, root, events: [open, pass('near')] },
    { at: 'wide.in pass', disposition: 'ignored', reason: 'late', root, events: [open, pass('late')] },
    { at: 'wide.in open', disposition: 'ignored', reason: 'wide', root, events: [open, open] },
  ])
})

test('of several graphs the one with the shortest run is taken, the first of those that are alike', () => {
  const near = graphOf([open, pass('near')])
  const far = graphOf([open, pass('far')])
  const wide = graphOf([pass('late'), pass('far')], {
    roots: [{ config: { is: 'wide' }, state: { value: { wide: 'in' }, context: null }, world: null }],
  })
  const passed = (...graphs: [DoorGraph, ...DoorGraph[]]) =>
    tour(...graphs).stops.flatMap(({ row, disposition, events, root }) =>
      row.state === 'wide.in' && row.event === 'pass' && disposition === 'accepted'
        ? [{ config: root.config, events }]
        : [],
    )
  expect(passed(near, far)).toEqual([{ config: { is: 'shut' }, events: [open, pass('near')] }])
  expect(passed(near, far, wide)).toEqual([{ config: { is: 'wide' }, events: [pass('far')] }])
  expect(passed(wide, near)).toEqual([{ config: { is: 'wide' }, events: [pass('far')] }])
})

test('what throws, or what the machine does not list, is no stop', () => {
  const take: DoorModel['take'] = (state, event) => {
    if (event.type === 'open') throw new TypeError('stuck')
    return { state, effects: [], disposition: 'accepted' }
  }
  const { stops } = tour(graphOf([open, { type: 'knock' }, pass('near')], { take }))
  expect(stops.map(({ row }) => row.event)).toEqual(['pass'])
})
