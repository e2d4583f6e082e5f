// Verdicts: equal is equal member by member; permitted alternatives; the command's words; lines.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { splitCommand } from '../../src/adapters/conform/command-line.ts'
import { lineSplitter } from '../../src/adapters/conform/lines.ts'
import type { SutMessage } from '../../src/adapters/conform/protocol.ts'
import { type Vector, vector } from '../../src/adapters/conform/vectors.ts'
import { differencesOf } from '../../src/adapters/conform/verdict.ts'

type TraceSteps = Extract<SutMessage, { steps: unknown }>['steps']

const about = { since: '0', reqs: ['WIRE-001'], comment: '', provenance: '' }
const l0 = (more: object): Vector => vector.parse({ id: 'a', level: 'L0', function: 'f', input: {}, ...about, ...more })
const l1 = (...steps: readonly object[]): Vector =>
  vector.parse({
    id: 'a',
    level: 'L1',
    machine: 'm',
    preset: 'p',
    steps: steps.map((step) => ({ event: {}, ...step })),
    ...about,
  })
const wire = fc.letrec((tie) => ({
  value: fc.oneof(fc.string(), fc.boolean(), fc.array(tie('value'), { maxLength: 3 }), tie('object')),
  object: fc.dictionary(fc.string({ maxLength: 3 }), tie('value'), { maxKeys: 3 }),
})).object as fc.Arbitrary<Record<string, never>>

test('what equals the expectation passes, in whatever order its members are; anything else does not', () => {
  fc.assert(
    fc.property(wire, wire, (expected, given) => {
      const turned = Object.fromEntries(Object.entries(expected).reverse())
      const judge = (ok: Record<string, never>) =>
        differencesOf(l0({ expect: { ok: expected } }), { type: 'result', id: 'a', ok }, [])
      expect(judge(turned)).toEqual([])
      const same = JSON.stringify(sorted(expected)) === JSON.stringify(sorted(given))
      expect(judge(given).length === 0).toBe(same)
    }),
  )
})

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return members.map(([name, member]) => [name, sorted(member)])
}

test('a difference says where, what was expected and what was given', () => {
  const expected = l0({ expect: { ok: { list: ['1', '2'], deep: { a: 'x' }, same: true } } })
  const given = { type: 'result', id: 'a', ok: { list: ['1', '3', '4'], deep: {}, same: true, more: 'y' } } as const
  expect(differencesOf(expected, given, [])).toEqual([
    { path: 'ok.list[1]', expected: '2', given: '3' },
    { path: 'ok.list[2]', given: '4' },
    { path: 'ok.deep.a', expected: 'x' },
    { path: 'ok.more', given: 'y' },
  ])
  const wrongCode = differencesOf(l0({ expect: { error: 'badSct' } }), { type: 'result', id: 'a', error: 'badDer' }, [])
  expect(wrongCode).toEqual([{ path: 'error', expected: 'badSct', given: 'badDer' }])
})

test('of a trace the first step that differs is told, and a state that is not expected is not compared', () => {
  const step = { disposition: 'accepted' as const, effects: [] }
  const expected = l1(
    { expect: step },
    { expect: { ...step, state: { n: '1' } } },
    { expect: { ...step, state: { n: '2' } } },
  )
  const steps: TraceSteps = [
    { ...step, state: { x: '9' } },
    { ...step, state: { n: '5' } },
    { ...step, state: { n: '6' } },
  ]
  expect(differencesOf(expected, { type: 'result', id: 'a', steps }, [])).toEqual([
    { path: 'steps[1].state.n', expected: '1', given: '5' },
  ])
  const short = differencesOf(expected, { type: 'result', id: 'a', steps: steps.slice(0, 1) }, [])
  expect(short).toEqual([{ path: 'steps.length', expected: '3', given: '1' }])
  expect(differencesOf(expected, { type: 'result', id: 'a', ok: {} }, [])).toHaveLength(1)
  const ignored = { ...step, disposition: 'ignored' as const, reason: 'duplicate', state: {} }
  const silent = differencesOf(l1({ expect: step }), { type: 'result', id: 'a', steps: [ignored] }, [])
  expect(silent.map(({ path }) => path)).toEqual(['steps[0].disposition', 'steps[0].reason'])
})

test('an alternative that asks for a feature counts only for who declares it', () => {
  const either = l0({ anyOf: [{ expect: { ok: { a: '1' } } }, { feature: 'f', expect: { ok: { a: '2' } } }] })
  const two = { type: 'result', id: 'a', ok: { a: '2' } } as const
  expect(differencesOf(either, two, [])).toEqual([{ path: 'ok.a', expected: '1', given: '2' }])
  expect(differencesOf(either, two, ['f'])).toEqual([])
  const only = l0({ anyOf: [{ feature: 'f', expect: { ok: { a: '2' } } }] })
  expect(differencesOf(only, two, [])).toHaveLength(1)
})

test('a vector has either expect or anyOf, at least one requirement and one step', () => {
  for (const wrong of [{}, { expect: { ok: {} }, anyOf: [{ expect: { ok: {} } }] }, { expect: { ok: {} }, reqs: [] }])
    expect(() => l0(wrong)).toThrow()
  expect(() => l0({ expect: { ok: { n: 1 } } })).toThrow()
  expect(() => l1()).toThrow()
})

test.each([
  ['a b  c', ['a', 'b', 'c']],
  [`'a b' "c d"e f\\ g`, ['a b', 'c de', 'f g']],
  [`a '' "\\"x\\\\" '\\'`, ['a', '', '"x\\', '\\']],
  ['a $HOME *', ['a', '$HOME', '*']],
  ['"a\\n"', ['a\\n']],
])('the command %s is these words', (text, words) => {
  expect(splitCommand(text)).toEqual({ ok: true, value: words })
})

test('lines come out as they went in, however they were cut; one too long ends it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme' })),
      fc.infiniteStream(fc.integer({ min: 1, max: 7 })),
      (texts, cuts) => {
        const lines = texts.map((text) => text.replaceAll('\n', ''))
        const heard: string[] = []
        const take = lineSplitter(1000, { line: (line) => heard.push(line), tooLong: () => heard.push('!') })
        let bytes: Uint8Array = Buffer.from(`${lines.map((line) => `${line}\n`).join('')}no line`)
        while (bytes.length > 0) {
          const cut = cuts.next().value
          take(bytes.subarray(0, cut))
          bytes = bytes.subarray(cut)
        }
        expect(heard).toEqual(lines.map((line) => line.toWellFormed()))
      },
    ),
  )
  const heard: string[] = []
  const take = lineSplitter(4, { line: (line) => heard.push(line), tooLong: () => heard.push('!') })
  for (const chunk of ['ab\nabcd\nab', 'cde', 'f\nok\n']) take(Buffer.from(chunk))
  expect(heard).toEqual(['ab', 'abcd', '!'])
})
