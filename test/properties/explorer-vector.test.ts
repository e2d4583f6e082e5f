// Counterexamples of the explorer as vectors [spec/conformance.md, L1], and their replay.
import { Map as PersistentMap } from 'immutable'
import { describe, expect, test } from 'vitest'
import { check } from '../../src/machines/kernel/explore-check.ts'
import { type Counterexample, replay, spell } from '../../src/machines/kernel/explore-vector.ts'
import { type CountModel, counter, endless, ends, modelOf } from './fakes/counter.ts'

const up = { type: 'up', at: '0' }
const head = { level: 'L1', machine: 'counter', preset: 'minimal', model: 'counter', config: { start: '0' } } as const
const atMostThree: Counterexample = {
  ...head,
  reqs: ['C-1'],
  comment: 'C-1: at most three',
  steps: [{ event: up }, { event: up }, { event: up }, { event: up, expect: { invariant: 'C-1: at most three' } }],
}

const vectorsOf = (model: CountModel) =>
  check(model, { maxStates: 100 }).findings.map(({ counterexample }) => counterexample)

/** It throws at a reset from 2. */
const fragile = modelOf(counter, {
  take: (state, event) => {
    if (event.type === 'reset' && state.context.count === 2) throw new TypeError('no transition')
    return modelOf().take(state, event)
  },
})

describe('a vector', () => {
  test('of an invariant that does not hold says so at its last step', () => {
    expect(vectorsOf(modelOf(endless()))).toEqual([atMostThree])
  })

  test('leaves out that time passes, and cites no requirement where the name has none', () => {
    const lateStart = { 'never late': ({ event }: { readonly event: { readonly at: number } }) => event.at === 0 }
    expect(vectorsOf(modelOf(counter, { invariants: lateStart }))).toEqual([
      {
        ...head,
        reqs: [],
        comment: 'never late',
        steps: [{ event: { type: 'up', at: '1' }, expect: { invariant: 'never late' } }],
      },
    ])
  })

  test('cites what is an ID to its last character only', () => {
    const names = ['C-1x: no', 'xC-1: no', 'C-12: yes']
    const invariants = Object.fromEntries(names.map((name) => [name, () => false]))
    expect(vectorsOf(modelOf(counter, { invariants })).map(({ reqs }) => reqs)).toEqual([[], [], ['C-12']])
  })

  test('of a machine that throws ends with the event at which it does', () => {
    const name = 'every step is total: no transition'
    const steps = [{ event: up }, { event: up }, { event: { type: 'reset', at: '0' }, expect: { invariant: name } }]
    expect(vectorsOf(fragile)).toEqual([{ ...head, reqs: [], comment: name, steps }])
  })

  test('of a run that ends says what it was, and no more', () => {
    const fair = (event: object | null) => event === null
    const until: CountModel['liveness'][number]['until'] = ({ state }) => state.context.count !== 1
    expect(vectorsOf(modelOf(counter, { liveness: [{ ...ends, until, fair }] }))).toEqual([
      { ...head, reqs: ['L-1'], comment: 'L-1: ends', steps: [{ event: up }] },
    ])
  })

  test('of a run for ever says how many of its steps repeat', () => {
    const fair: CountModel['liveness'][number]['fair'] = (event, { state: { context } }) =>
      context.count === 0 ? event === null || (event.type === 'up' && event.at === 1) : event?.type === 'reset'
    const from: CountModel['liveness'][number]['from'] = ({ state }) => state.context.count === 2
    const steps = [
      { event: up },
      { event: up },
      { event: { type: 'reset', at: '0' } },
      { event: { type: 'up', at: '1' } },
      { event: { type: 'reset', at: '1' } },
    ]
    expect(vectorsOf(modelOf(counter, { liveness: [{ ...ends, from, fair }] }))).toEqual([
      { ...head, reqs: ['L-1'], comment: 'L-1: ends', steps, repeats: '2' },
    ])
  })
})

describe('a replay', () => {
  test('shows the same violation again, and none of the right machine', () => {
    expect(replay(modelOf(endless()), atMostThree)).toMatchObject({
      node: { state: { context: { count: 4 } }, world: { now: 0 } },
      violated: ['C-1: at most three'],
    })
    expect(replay(modelOf(), atMostThree)).toMatchObject({ node: { state: { context: { count: 3 } } }, violated: [] })
  })

  test('lets time pass where an event says a later time', () => {
    const steps = [{ event: up }, { event: { type: 'up', at: '1' } }]
    expect(replay(modelOf(), { ...atMostThree, steps })).toEqual({
      node: { state: { value: 'on', context: { count: 2, steps: 2 } }, world: { now: 1 } },
      violated: [],
    })
    expect(replay(modelOf(), { ...atMostThree, steps: steps.toReversed() })).toBeNull()
  })

  test('ends where the machine throws, in the state before', () => {
    const steps = [up, up, { type: 'reset', at: '0' }, up].map((event) => ({ event }))
    expect(replay(fragile, { ...atMostThree, steps })).toEqual({
      node: { state: { value: 'on', context: { count: 2, steps: 2 } }, world: { now: 0 } },
      violated: ['every step is total: no transition'],
    })
  })

  test('is of no run that the model does not know: another start, another event', () => {
    expect(replay(modelOf(), { ...atMostThree, config: {} })).toBeNull()
    expect(replay(modelOf(), { ...atMostThree, config: {}, steps: [] })).toBeNull()
    expect(replay(modelOf(), { ...atMostThree, steps: [{ event: { type: 'up', at: '2' } }] })).toBeNull()
    expect(replay(modelOf(), { ...atMostThree, steps: [{ event: '' }] })).toBeNull()
  })
})

test('a value is spelled without numbers and without null [spec/conformance.md, JSON subset]', () => {
  expect(spell({ at: 5, none: null, list: [1, 'a', true, null], map: PersistentMap({ b: 2 }) })).toEqual({
    at: '5',
    list: ['1', 'a', true, ''],
    map: { b: '2' },
  })
})
