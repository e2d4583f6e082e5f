// The kernel's step against xstate itself: the same states and actions as `transition()`, and as the documented API gives.

import fc from 'fast-check'
import { Map as PersistentMap } from 'immutable'
import { describe, expect, test } from 'vitest'
import { type AnyStateMachine, setup, transition } from 'xstate'
import { canonical, canonicalText } from '../../src/machines/kernel/canonical.ts'
import { mermaid } from '../../src/machines/kernel/diagram.ts'
import { does, ignores, rejects } from '../../src/machines/kernel/listed.ts'
import { type Change, defineMachine, type Step } from '../../src/machines/kernel/machine.ts'
import { snapshotOf } from '../../src/machines/kernel/snapshot.ts'
import { step } from '../../src/machines/kernel/step.ts'
import { tableOf } from '../../src/machines/kernel/structure.ts'
import { relayMachine } from '../../src/machines/relay/machine.ts'
import { commands, configs } from './arbitraries/relay.ts'
import { documented } from './oracles/documented-machine.ts'
import { walk } from './oracles/relay-environment.ts'

interface Lamp {
  readonly flashes: number
}
type LampEvent = { readonly type: 'press' | 'flash' | 'lost' | 'odd'; readonly by?: number }
type LampEffect = { readonly type: 'light'; readonly on: boolean }

const flash = ({ flashes }: Lamp, { by = 1 }: LampEvent): Change<Lamp, LampEffect> => {
  if (by > 9) return { rejected: 'tooMany' }
  if (by === 0) return { ignored: 'none' }
  const effects = [true, false].map((on) => ({ type: 'light' as const, on }))
  return { context: { flashes: flashes + by }, effects }
}

const lamp = defineMachine<Lamp, LampEvent, LampEffect>({
  id: 'lamp',
  events: ['press', 'flash', 'lost', 'odd'],
  guards: { worn: ({ flashes }: Lamp) => flashes > 3 },
  actions: { flash, nothing: () => ({}) },
  config: {
    initial: 'off',
    states: {
      off: {
        on: {
          press: does('nothing', ['L-1'], { target: 'on.dim' }),
          flash: rejects('isOff', ['L-2']),
          odd: ignores('isOff', ['L-2']),
        },
      },
      on: {
        initial: 'dim',
        on: {
          flash: does('flash', ['L-3']),
          odd: [does('nothing', ['L-4'], { guard: 'worn', target: 'off' }), ignores('new', ['L-4'])],
        },
        states: {
          dim: { on: { press: does('nothing', ['L-1'], { target: 'bright', step: 2 }) } },
          bright: { on: { press: does('nothing', ['L-1'], { target: '#lamp.off' }) } },
        },
      },
    },
  },
})
const off = { value: 'off', context: { flashes: 0 } }
const dim = { value: { on: 'dim' }, context: { flashes: 0 } }

test('a step equals xstate’s own transition(), of our machine and of one written by its documented API', () => {
  const plain = documented(relayMachine)
  fc.assert(
    fc.property(configs, commands, (config, script) => {
      walk(config, script, ({ before, event, step: taken }) => {
        for (const logic of [relayMachine.logic, plain]) {
          const given = logic.resolveState({ value: before.value as never, context: before.context })
          const [snapshot, executed] = transition(logic, given, event)
          expect(snapshot.value).toEqual(taken.state.value)
          expect(canonicalText(snapshot.context)).toBe(canonicalText(taken.state.context))
          expect(executed.map(({ type, params }) => ({ type, params }))).toEqual(markersOf(taken))
        }
      })
    }),
    { numRuns: 40 },
  )
})

test('a snapshot that is made from a template equals the one that xstate resolves', () => {
  for (const state of [off, dim, { value: { on: 'bright' }, context: { flashes: 7 } }])
    for (let again = 0; again < 2; again++)
      expect({ ...snapshotOf(lamp.logic, state) }).toEqual({ ...lamp.logic.resolveState(state as never) })
})

test('xstate resolves each state of a machine once', () => {
  let resolved = 0
  const counting = Object.assign(Object.create(lamp.logic), {
    resolveState(state: never) {
      resolved += 1
      return lamp.logic.resolveState(state)
    },
  })
  for (let again = 0; again < 3; again++) for (const state of [off, dim]) snapshotOf(counting, structuredClone(state))
  expect(resolved).toBe(2)
})

test('a step changes neither its state nor its event', () => {
  const frozen = Object.freeze({ value: Object.freeze({ on: 'dim' }), context: Object.freeze({ flashes: 1 }) })
  const taken = step(lamp, frozen, Object.freeze({ type: 'flash', by: 2 }))
  expect(taken.state).toEqual({ value: { on: 'dim' }, context: { flashes: 3 } })
  expect(taken).toMatchObject({ disposition: 'accepted', effects: [{ on: true }, { on: false }] })
  expect(frozen.context.flashes).toBe(1)
})

describe('dispositions', () => {
  test('ignored and rejected carry the listed reason', () => {
    expect(step(lamp, off, { type: 'flash' })).toMatchObject({ disposition: 'rejected', reason: 'isOff', effects: [] })
    expect(step(lamp, off, { type: 'odd' })).toMatchObject({ disposition: 'ignored', reason: 'isOff', effects: [] })
    expect(step(lamp, dim, { type: 'flash', by: 10 })).toMatchObject({ disposition: 'rejected', reason: 'tooMany' })
    expect(step(lamp, dim, { type: 'flash', by: 0 })).toMatchObject({ disposition: 'ignored', reason: 'none' })
  })

  test('a guarded transition is taken where its guard holds, and only there', () => {
    expect(step(lamp, dim, { type: 'odd' })).toMatchObject({ state: dim, disposition: 'ignored', reason: 'new' })
    const worn = { ...dim, context: { flashes: 4 } }
    expect(step(lamp, worn, { type: 'odd' })).toMatchObject({ state: { value: 'off' }, disposition: 'accepted' })
  })

  test('a step that changes nothing keeps the context itself', () => {
    expect(step(lamp, dim, { type: 'flash', by: 10 }).state.context).toBe(dim.context)
  })

  test('an action that changes nothing is still accepted, and bears no reason', () => {
    expect(step(lamp, off, { type: 'press' })).toStrictEqual({ state: dim, effects: [], disposition: 'accepted' })
  })

  test('an event that no state lists is a defect of the machine, and says so', () => {
    expect(() => step(lamp, off, { type: 'lost' })).toThrow('lamp: no transition for lost in "off"')
  })

  test('an action of no kind that a step knows is a defect of the machine, and says so', () => {
    const logic = setup({ actions: { jump: () => {} } }).createMachine({
      id: 'frog',
      on: { wake: { actions: 'jump' } },
    })
    const frog = { id: 'frog', logic: logic as unknown as AnyStateMachine, events: ['wake'] as const }
    const asleep = { value: {}, context: {} }
    expect(() => step(frog, asleep, { type: 'wake' })).toThrow('frog: action jump is none of effect, ignore, reject')
  })

  test('after such a defect the next step is sound', () => {
    expect(() => step(lamp, off, { type: 'lost' })).toThrow(TypeError)
    expect(step(lamp, dim, { type: 'flash' }).effects).toHaveLength(2)
  })
})

test('a listed transition has the members that it was given, and no others', () => {
  expect(does('go', ['L-1'])).toStrictEqual({ actions: 'go', meta: { req: ['L-1'] } })
  const where = { target: 'on', guard: 'worn', step: 2 }
  const moving = { actions: 'go', target: 'on', guard: 'worn', meta: { req: ['L-1'], step: 2 } }
  expect(does('go', ['L-1'], where)).toStrictEqual(moving)
  for (const [list, type] of [
    [ignores, 'ignore'],
    [rejects, 'reject'],
  ] as const) {
    const listed = { actions: { type, params: { reason: 'late' } }, meta: { req: ['L-2'] } }
    expect(list('late', ['L-2'])).toStrictEqual(listed)
    expect(list('late', ['L-2'], 'worn')).toStrictEqual({ ...listed, guard: 'worn' })
  }
})

test('the table lists each transition of a leaf and its parents up to the one that is always taken', () => {
  const rows = tableOf(lamp).filter(({ state, event }) => state === 'on.dim' && event !== 'lost')
  expect(
    rows.map(({ event, listedAt, guard, action, reason, target, step: n }) => [
      event,
      listedAt,
      guard,
      action,
      reason,
      target,
      n,
    ]),
  ).toEqual([
    ['press', 'on.dim', null, 'nothing', null, 'on.bright', 2],
    ['flash', 'on', null, 'flash', null, null, null],
    ['odd', 'on', 'worn', 'nothing', null, 'off', null],
    ['odd', 'on', null, 'ignore', 'new', null, null],
  ])
})

test('the diagram draws what moves a machine, and neither ignored nor rejected events', () => {
  expect(mermaid(lamp)).toBe(`stateDiagram-v2
  off
  state on {
    state "dim" as on_dim
    state "bright" as on_bright
    [*] --> on_dim
  }
  [*] --> off
  off --> on_dim : press
  on_dim --> on_bright : press
  on --> on : flash
  on --> off : odd [worn]
  on_bright --> off : press
`)
})

describe('canonical states', () => {
  test('equal states print equally, however they came about', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(fc.string(), fc.nat()), { selector: ([key]) => key }), (entries) => {
        const there = PersistentMap(entries)
        const back = PersistentMap([...entries].reverse())
        expect(canonicalText({ there, a: 1 })).toBe(canonicalText({ a: 1, there: back }))
        expect(canonical(there)).toEqual(Object.fromEntries(entries))
      }),
    )
  })

  test('different states print differently', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const equal = canonicalText(a) === canonicalText(b)
        expect(equal).toBe(isSame(a, b))
      }),
    )
  })

  test('keys are in code unit order, and undefined members are left out', () => {
    expect(canonicalText({ b: 1, a: undefined, B: [null, true, 'x'] })).toBe('{"B":[null,true,"x"],"b":1}')
  })

  test('what is no data is a defect', () => {
    for (const value of [undefined, () => 1, 1n, Number.NaN, Number.POSITIVE_INFINITY, Symbol('s')])
      expect(() => canonical(value)).toThrow(new TypeError(`no data: ${String(value)}`))
  })
})

function markersOf({ effects, disposition, reason }: Step<unknown, { readonly type: string }>) {
  const emitted = effects.map((params) => ({ type: 'effect', params }))
  if (disposition !== 'accepted')
    return [...emitted, { type: disposition === 'ignored' ? 'ignore' : 'reject', params: { reason } }]
  return emitted.length > 0 ? emitted : [{ type: 'took', params: undefined }]
}

function isSame(a: unknown, b: unknown): boolean {
  try {
    expect(a).toEqual(b)
    return true
  } catch {
    return false
  }
}
