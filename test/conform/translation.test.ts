// The JSON subset and the projections [spec/conformance.md]: nothing is lost, nothing is guessed, and each state fits its schema.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { configOf, presetNames } from '../../src/adapters/conform/configs.ts'
import { call, functions } from '../../src/adapters/conform/functions.ts'
import { fromWire, toWire, toWireObject, type WireObject } from '../../src/adapters/conform/json.ts'
import { machines } from '../../src/adapters/conform/machines.ts'
import { isWire } from '../../src/adapters/conform/protocol.ts'
import { runTrace } from '../../src/adapters/conform/trace.ts'
import { relayConfig } from '../../src/machines/relay/profiles.ts'
import { arbitraryOf } from './shapes.ts'

describe.each(Object.entries(machines))('%s', (name, machine) => {
  test('an event or effect comes back from the JSON subset as it was', () => {
    for (const schema of [machine.event, machine.effect])
      fc.assert(
        fc.property(arbitraryOf(schema), (value) => {
          const wire = toWire(value)
          expect(isWire(JSON.parse(JSON.stringify(wire)))).toBe(true)
          expect(fromWire(schema, wire)).toEqual({ ok: true, value })
        }),
        { numRuns: 50 },
      )
  })

  test('a member more, a member less or a number that is none is no event', () => {
    fc.assert(
      fc.property(arbitraryOf(machine.event), (event) => {
        const wire = toWireObject(event as object)
        const { at, ...less } = wire
        expect(fromWire(machine.event, { ...wire, more: 'x' })).toMatchObject({ ok: false, error: 'badWire' })
        expect(fromWire(machine.event, less)).toEqual({ ok: false, error: 'badWire', detail: '.at: missing' })
        for (const wrong of [`0${at}`, `+${at}`, `${at}.0`, '-1', '1e3', '', ' 1', '9007199254740992', true, null, 1])
          expect(fromWire(machine.event, { ...wire, at: wrong })).toMatchObject({ ok: false, error: 'badWire' })
      }),
      { numRuns: 50 },
    )
  })

  test('every state that a trace reaches is one of its schema, and the same trace gives the same steps [INV-008]', () => {
    const shape = z.strictObject({ leaf: z.string(), ...shapeOf(machine.state) })
    fc.assert(
      fc.property(
        fc.constantFrom(...presetNames),
        fc.array(arbitraryOf(machine.event), { maxLength: 12 }),
        (preset, all) => {
          const events = all.map((event) => toWireObject(event as object))
          const trace = { machine: name, preset, config: {}, events }
          const run = runTrace(machines, trace)
          if (!run.ok) throw new Error(run.detail)
          expect(runTrace(machines, trace)).toEqual(run)
          for (const { state: reached, effects, disposition, reason } of run.value) {
            const parsed = fromWire(shape, reached)
            if (!parsed.ok) throw new Error(parsed.detail)
            expect(toWire(parsed.value)).toEqual(reached)
            for (const effect of effects) expect(fromWire(machine.effect, effect).ok).toBe(true)
            expect(reason === undefined).toBe(disposition === 'accepted')
          }
        },
      ),
      { numRuns: 100 },
    )
  })
})

function shapeOf(schema: z.ZodType): z.ZodRawShape {
  const { def } = (schema as z.ZodType & { _zod: { def: { type: string; innerType?: z.ZodType } } })._zod
  return def.innerType === undefined ? (schema as z.ZodObject).shape : shapeOf(def.innerType)
}

test('in whatever order SFOs arrive, the state tells of them in one order', () => {
  const draw = Array(16).fill('0')
  const received = ['3', '1', '2'].map((digit) => {
    const id = digit.repeat(64)
    const sfo = { sfoId: id, leafId: `${id}:${id}`, logId: id, sctTimestamp: '1', hops: '0' }
    return { type: 'sfo', at: '1', sfo, draw }
  })
  const trace = { machine: 'relay', preset: 'hardened', config: { policy: { notDue: 'challenge' } } }
  const endOf = (events: readonly WireObject[]) => {
    const run = runTrace(machines, { ...trace, events: [...events, { type: 'waited', at: '2', draw }] })
    return run.ok ? run.value.slice(-2).map(({ state }) => state) : run
  }
  const ids = ['1', '2', '3'].map((digit) => ({ sfoId: digit.repeat(64) }))
  const states = endOf(received)
  expect(states).toMatchObject([{ held: ids }, { held: [] }])
  expect(endOf(received.toReversed())).toEqual(states)
})

test('what has no place in the JSON subset is a defect of the caller', () => {
  for (const value of [[null], () => 1, 1e21, 1e-7, Number.NaN, undefined, -0.1e-9])
    expect(() => toWire(value)).toThrow(TypeError)
  expect(toWire({ a: null, b: undefined, c: -1, d: 0.25, e: new Uint8Array([1, 255]) })).toEqual({
    c: '-1',
    d: '0.25',
    e: '01ff',
  })
})

test('the presets seed and hardened are the profiles of the relay document [RELAY-120.2]', () => {
  for (const profile of ['seed', 'hardened'] as const) {
    const config = relayConfig({ self: '0'.repeat(64) }, profile)
    expect(fromWire(machines.relay?.config as z.ZodType, configOf(profile, 'relay', {}))).toEqual(config)
  }
})

test('a member of a vector replaces that of the preset, nested ones likewise; what is wrong is told with its place', () => {
  const changed = configOf('seed', 'relay', { n: '3', policy: { order: 'forward-first' } }) as WireObject
  expect(changed).toMatchObject({ n: '3', k: '2', policy: { order: 'forward-first', bucketing: 'coin' } })
  const run = (trace: object) =>
    runTrace(machines, { machine: 'relay', preset: 'seed', config: {}, events: [], ...trace })
  expect(run({ machine: 'toString' })).toMatchObject({ ok: false, detail: 'no machine toString' })
  expect(run({ preset: 'paper' })).toMatchObject({ ok: false, detail: 'no preset paper' })
  expect(run({ config: { k: '9' } })).toMatchObject({ ok: false, detail: 'config: kExceedsN: k = 9 exceeds n = 8' })
  expect(run({ config: { k: 'x' } })).toMatchObject({ ok: false, detail: 'config: .k: not a decimal string' })
  expect(run({ events: [{ type: 'nap', at: '1' }] })).toMatchObject({
    ok: false,
    detail: 'event 0: .type: given "nap", which is none of the alternatives',
  })
})

test('functions.md has a row for each function, and no other', () => {
  const page = readFileSync(new URL('../../spec/functions.md', import.meta.url), 'utf8')
  const rows = Array.from(page.matchAll(/^\| `([A-Za-z]+)` \|/gm), ([, name]) => name)
  expect(rows.toSorted()).toEqual(Object.keys(functions).sort())
})

test('no function throws, whatever fits its schema or not', () => {
  const anything = fc.dictionary(fc.constantFrom('bytes', 'text', 'draw', 'm', 'sths', 'dueAt', 'body'), fc.string())
  fc.assert(
    fc.property(fc.constantFrom(...Object.values(functions)), anything, (known, input) => {
      const answer = call(known, input)
      expect(Object.keys(answer)).toHaveLength(1)
    }),
  )
})

test('a number beyond 2^53-1 is a code of a function that says so, and else a misfit [conventions: Units]', () => {
  const { verifyInclusion, dueAt } = functions
  if (verifyInclusion === undefined || dueAt === undefined) throw new Error('missing')
  const inclusion = { leafHash: '', leafIndex: '0', size: '18446744073709551615', root: '', path: [] }
  expect(call(verifyInclusion, inclusion)).toEqual({ error: 'numberTooLarge' })
  expect(call(dueAt, { sctTimestamp: '9007199254740992', mmd: '0', receivedAt: '0' })).toHaveProperty('misfit')
})
