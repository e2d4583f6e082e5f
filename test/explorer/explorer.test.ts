// The explorer itself, on a counter whose whole graph fits a page; its keys against the canonical text.
import fc from 'fast-check'
import { List, Map as PersistentMap } from 'immutable'
import { describe, expect, test } from 'vitest'
import { canonicalText } from '../../src/machines/kernel/canonical.ts'
import { eventsTo, explore, type Liveness, type Model } from '../../src/machines/kernel/explore.ts'
import { check } from '../../src/machines/kernel/explore-check.ts'
import { numbering } from '../../src/machines/kernel/explore-key.ts'
import { eventsOf, stuck } from '../../src/machines/kernel/explore-liveness.ts'
import { mutant } from '../../src/machines/kernel/explore-mutant.ts'
import { tour } from '../../src/machines/kernel/explore-tour.ts'
import { replay, spell } from '../../src/machines/kernel/explore-vector.ts'
import { does, ignores } from '../../src/machines/kernel/listed.ts'
import { defineMachine, type Effect } from '../../src/machines/kernel/machine.ts'
import { step } from '../../src/machines/kernel/step.ts'

interface Count {
  readonly count: number
  /** Grows for ever and decides nothing. */
  readonly steps: number
}
type CountEvent = { readonly type: 'up' | 'reset' | 'end'; readonly at: number }

/** Counts up to 3; it can be reset, and ended at 3. */
const counter = defineMachine<Count, CountEvent, Effect>({
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

type World = { readonly now: number }
type CountModel = Model<Count, CountEvent, Effect, World>

const isOff: Liveness<Count, CountEvent, World>['until'] = ({ state }) => state.value === 'off'
const ends: Liveness<Count, CountEvent, World> = { name: 'L-1: ends', kind: 'must', from: () => true, until: isOff }

function modelOf(machine = counter, more: Partial<CountModel> = {}): CountModel {
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

const endless = mutant<typeof counter, Count, CountEvent>(counter, {
  guards: { full: (holds, { count }) => holds && count > 4 },
})

describe('breadth first', () => {
  test('every state and every edge is there, once, and what essence leaves out makes no state of its own', () => {
    const graph = explore(modelOf(), { maxStates: 100 })
    // (0 to 3, off) at two times; three events in each, and time passes in the first.
    expect([graph.nodes.length, graph.to.length, graph.complete]).toEqual([10, 5 * 4 + 5 * 3, true])
    expect(graph.violations).toEqual([])
  })

  test('the path to a state is as short as any', () => {
    const graph = explore(modelOf(), { maxStates: 100 })
    const off = graph.nodes.findIndex(({ state, world }) => state.value === 'off' && world.now === 0)
    expect(eventsTo(graph, off).map(({ type }) => type)).toEqual(['up', 'up', 'up', 'end'])
  })

  test('a limit that is reached is told, and judges no liveness', () => {
    const cannot = { ...ends, kind: 'can', until: () => false } as const
    const { graph, findings } = check(modelOf(counter, { liveness: [cannot] }), { maxStates: 3 })
    expect([graph.complete, findings]).toEqual([false, []])
    expect(check(modelOf(counter, { liveness: [cannot] }), { maxStates: 10 }).findings).toHaveLength(1)
  })

  test('progress is told', () => {
    const seen: number[] = []
    explore(modelOf(), { maxStates: 100, onProgress: (states) => seen.push(states) })
    expect(seen).toEqual([3])
  })
})

describe('findings', () => {
  test('a state that breaks an invariant is found by its shortest run, which a replay shows again', () => {
    const { findings, graph } = check(modelOf(endless), { maxStates: 100, stopAtFirst: true })
    expect(findings.map(({ name }) => name)).toEqual(['C-1: at most three'])
    const vector = findings[0]?.counterexample
    expect(vector).toMatchObject({ machine: 'counter', preset: 'minimal', config: { start: '0' }, reqs: ['C-1'] })
    expect(vector?.steps.map(({ event }) => event)).toEqual(Array.from({ length: 4 }, () => ({ type: 'up', at: '0' })))
    expect(vector?.steps.map(({ expect: wanted }) => wanted?.invariant)).toEqual([
      undefined,
      undefined,
      undefined,
      'C-1: at most three',
    ])
    expect(graph.nodes.length).toBeLessThan(14)
    if (vector !== undefined) {
      expect(replay(modelOf(endless), vector)?.violated).toEqual(['C-1: at most three'])
      expect(replay(modelOf(), vector)?.violated).toEqual([])
      expect(replay(modelOf(), { ...vector, config: {} })).toBeNull()
    }
  })

  test('a machine that throws is a finding, and the search goes on', () => {
    const model = modelOf()
    const take: CountModel['take'] = (state, event) => {
      if (event.type === 'reset' && state.context.count === 2) throw new TypeError('no transition')
      return model.take(state, event)
    }
    const { findings, graph } = check({ ...model, take }, { maxStates: 100 })
    expect(findings.map(({ name }) => name)).toEqual(['every step is total: no transition'])
    expect(findings[0]?.counterexample.steps).toHaveLength(3)
    expect(graph.complete).toBe(true)
    const vector = findings[0]?.counterexample
    expect(vector && replay({ ...model, take }, vector)?.violated).toEqual(['every step is total: no transition'])
  })

  test('a mutant is another machine', () => {
    expect(step(endless, { value: 'on', context: { count: 3, steps: 3 } }, { type: 'up', at: 0 }).disposition).toBe(
      'accepted',
    )
    expect(step(counter, { value: 'on', context: { count: 3, steps: 3 } }, { type: 'up', at: 0 }).reason).toBe('full')
    const silent = mutant<typeof counter, Count, CountEvent>(counter, {
      actions: { up: ({ context }) => ({ ...(context && { context }), ignored: 'no' }) },
    })
    const taken = step(silent, { value: 'on', context: { count: 0, steps: 0 } }, { type: 'up', at: 0 })
    expect(taken).toMatchObject({ disposition: 'ignored', reason: 'no', effects: [], state: { context: { count: 1 } } })
    expect(() => mutant(counter, { guards: { none: () => true } })).toThrow(RangeError)
  })
})

describe('liveness', () => {
  const graph = explore(modelOf(), { maxStates: 100 })

  test('what can always happen, and what cannot from somewhere, by the shortest way there', () => {
    expect(stuck(graph, { ...ends, kind: 'can' })).toBeNull()
    const back = stuck(graph, { ...ends, kind: 'can', until: ({ state }) => state.context.count === 1 })
    expect(back && eventsOf(graph, back).map(({ type }) => type)).toEqual(['up', 'up', 'up', 'end'])
    const noReset = stuck(graph, {
      ...ends,
      kind: 'can',
      until: ({ state }) => state.context.count === 1,
      fair: (event) => event?.type !== 'reset',
    })
    expect(noReset && eventsOf(graph, noReset).map(({ type }) => type)).toEqual(['up', 'up'])
  })

  test('what must happen: no cycle and no end of a fair run before it', () => {
    const byUps = stuck(graph, {
      ...ends,
      until: ({ state }) => state.context.count === 3,
      fair: (event) => event?.type === 'up',
    })
    expect(byUps).toBeNull()
    const resets = stuck(graph, { ...ends, fair: (event) => event?.type === 'up' || event?.type === 'reset' })
    expect(resets?.cycle).toBeGreaterThan(0)
    const silence = stuck(graph, { ...ends, fair: () => false })
    expect(silence).toMatchObject({ choices: [], cycle: 0 })
    const waits = stuck(graph, { ...ends, fair: (event) => event === null })
    expect(waits).toMatchObject({ choices: [3], cycle: 0 })
  })

  test('a run for ever is printed with the number of steps that repeat', () => {
    const { findings } = check(
      modelOf(counter, { liveness: [{ ...ends, fair: (event) => event?.type !== 'end' && event !== null }] }),
      {
        maxStates: 100,
      },
    )
    expect(findings[0]?.name).toBe('L-1: ends')
    expect(Number(findings[0]?.counterexample.repeats)).toBeGreaterThan(0)
  })
})

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
  const endsEarly = mutant<typeof counter, Count, CountEvent>(counter, { guards: { full: () => false } })
  const { missed: untaken } = tour(
    explore(
      modelOf(endsEarly, {
        choices: (_, world) =>
          modelOf()
            .choices({ value: 'on', context: { count: 0, steps: 0 } }, world)
            .slice(1, 3),
      }),
      { maxStates: 9 },
    ),
  )
  expect(untaken.map(({ state, event, guard }) => `${state} ${event} ${guard}`)).toContain('on up full')
})

test('two values have one number if and only if they print the same [INV-008]', () => {
  const leaf = fc.oneof(
    fc.integer({ min: 0, max: 2 }),
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom('', 'a', '0', 'null'),
  )
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      tie('list'),
      tie('record'),
      tie('map'),
      tie('persistentList'),
    ),
    list: fc.array(tie('value'), { maxLength: 3 }),
    record: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3 }),
    map: fc
      .dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3 })
      .map((record) => PersistentMap(record)),
    persistentList: fc.array(tie('value'), { maxLength: 3 }).map((list) => List(list)),
  }))
  fc.assert(
    fc.property(fc.array(value, { minLength: 2, maxLength: 12 }), (values) => {
      const identify = numbering()
      const seen = values.map((one) => [identify(one), canonicalText(one)] as const)
      for (const [number, text] of seen)
        for (const [other, otherText] of seen) expect(number === other, `${text} ${otherText}`).toBe(text === otherText)
    }),
    { numRuns: 300 },
  )
})

test('a value is spelled without numbers and without null [spec/conformance.md, JSON subset]', () => {
  expect(spell({ at: 5, none: null, list: [1, 'a', true], map: PersistentMap({ b: 2 }) })).toEqual({
    at: '5',
    list: ['1', 'a', true],
    map: { b: '2' },
  })
})
