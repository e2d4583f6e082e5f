// The gate on the specification's coverage [spec/coverage.md]: each kind of fault is seen on a small project that has it, and on none else.
import { expect, test } from 'vitest'
import type { Requirement } from '../../src/adapters/cli/requirements.ts'
import { faultsOf, type Review } from '../../src/adapters/coverage/gate.ts'
import { idsIn, titlesIn } from '../../src/adapters/coverage/identifiers.ts'
import { pageOf } from '../../src/adapters/coverage/page.ts'
import { isRefusal } from '../../src/adapters/coverage/refusal.ts'
import { renewed } from '../../src/adapters/coverage/renew.ts'
import { rowsOf } from '../../src/adapters/coverage/rows.ts'
import { definitionsIn, type Sources } from '../../src/adapters/coverage/sources.ts'

// IDs are put together here, so that the gate does not take them for citations of this test.
const id = (sentence: string): string => `RELAY-${sentence}`
const requirement = (sentence: string, level: Requirement['level'] = 'MUST'): Requirement => ({
  id: id(sentence),
  file: 'spec/relay.md',
  level,
  sentence: `A relay ${level} …`,
  hash: `hash of ${sentence}`,
})

const requirements = [requirement('001.1'), requirement('001.2'), requirement('002.1', 'SHOULD')]
const property = (of: string, file = 'test/properties/a.test.ts') => ({ id: id(of), file, name: `a title of ${of}` })
const vector = (of: string, name: string, refusal = false) => ({ id: id(of), file: 'l1/a.json', name, refusal })

const sound: Sources = {
  model: [],
  transitions: [{ id: id('001'), file: 'relay', name: 'passive waited' }],
  tests: [property('001'), property('001.2')],
  vectors: [vector('001.1', 'V1', true), vector('001', 'V2')],
  caught: { bug: { req: id('001.2'), vectors: ['V2'] } },
  mentions: [],
}
const reviewed = Object.fromEntries(requirements.map(({ id: of, hash }) => [of, hash]))
const noException: Review = { exceptions: {}, reviewed }

const faults = (changed: Partial<Sources>, review: Partial<Review> = {}): readonly string[] => {
  const sources = { ...sound, ...changed }
  return faultsOf(rowsOf(requirements, sources), sources, { ...noException, ...review })
}
const excuse = (sentence: string, test: string, reason = 'no message of either level shows it') => ({
  exceptions: { [id(sentence)]: { reason, test } },
})

test('where all is covered there is no fault', () => {
  expect(faults({})).toEqual([])
})

test('a MUST without a property is a fault, also where only its family has one; a SHOULD without is none', () => {
  expect(faults({ tests: [property('001')] })).toEqual([expect.stringContaining(`${id('001.2')} has no property`)])
  expect(faults({ tests: [property('001.2')] })).toEqual([expect.stringContaining(`${id('001.1')} has no property`)])
})

test('a test of a port or of a daemon is no property', () => {
  const tests = [property('001'), property('001.2', 'test/contract/a.test.ts')]
  expect(faults({ tests })).toEqual([expect.stringContaining(`${id('001.2')} has no property`)])
})

test('a MUST without a negative vector is a fault: one that expects acceptance does not count', () => {
  expect(faults({ caught: {} })).toEqual([expect.stringContaining(`${id('001.2')} has no negative vector`)])
  const vectors = [vector('001.1', 'V1'), vector('001', 'V2')]
  expect(faults({ vectors })).toEqual([expect.stringContaining(`${id('001.1')} has no negative vector`)])
})

test('an exception excuses, and needs a reason and a test that cites the sentence', () => {
  const lacking = { caught: {} }
  expect(faults(lacking, excuse('001.2', 'test/properties/a.test.ts'))).toEqual([])
  expect(faults(lacking, excuse('001.2', 'test/properties/a.test.ts', 'short'))).toEqual([
    expect.stringContaining('gives no reason'),
  ])
  expect(faults(lacking, excuse('001.2', 'test/contract/b.test.ts'))).toEqual([
    expect.stringContaining('test/contract/b.test.ts has no test whose title cites'),
  ])
})

test('an exception without a test is refused: none is owed', () => {
  const reason = 'a test of this is still to be written'
  for (const exception of [{ reason, test: null }, { reason }]) {
    const owed = { [id('001.2')]: exception } as unknown as Review['exceptions']
    expect(faults({ caught: {} }, { exceptions: owed })).toEqual([expect.stringContaining('names no test')])
  }
})

test('an exception that is needed no more is a fault', () => {
  expect(faults({}, excuse('001.2', 'test/properties/a.test.ts'))).toEqual([
    expect.stringContaining('take its exception out'),
  ])
})

test('an unknown ID is a fault wherever it stands', () => {
  const stranger = { id: id('999'), file: 'somewhere', name: 'x' }
  const message = [expect.stringContaining(`somewhere cites ${id('999')}`)]
  for (const column of ['model', 'transitions', 'tests', 'mentions'] as const)
    expect(faults({ [column]: [...sound[column], stranger] })).toEqual(message)
  expect(faults({ vectors: [...sound.vectors, { ...stranger, refusal: true }] })).toEqual(message)
  expect(faults({ mentions: [{ ...stranger, id: id('001.9') }] })).toEqual([expect.stringContaining(id('001.9'))])
  expect(faults({}, { reviewed: { ...reviewed, [id('003.1')]: 'x' } })).toEqual([expect.stringContaining(id('003.1'))])
  expect(faults({}, excuse('003.1', 'a'))).toEqual([expect.stringContaining(`spec/coverage.json cites ${id('003.1')}`)])
})

test('a sentence that is new or has changed is a fault until it is renewed, and no other is renewed with it', () => {
  const { [id('001.1')]: _, ...others } = reviewed
  expect(faults({}, { reviewed: others })).toEqual([expect.stringContaining(`${id('001.1')} is new`)])
  const old = { ...noException, reviewed: { ...reviewed, [id('001.1')]: 'old', [id('001.2')]: 'old' } }
  expect(faults({}, old)).toEqual([
    expect.stringContaining(`npm run coverage:renew -- ${id('001.1')}`),
    expect.stringContaining(`${id('001.2')} has changed`),
  ])
  expect(faults({}, renewed(old, requirements, [id('001.1')]))).toEqual([
    expect.stringContaining(`${id('001.2')} has changed`),
  ])
  expect(() => renewed(old, requirements, [id('007.1')])).toThrow('no sentence of spec/')
})

test('a bug that names no vector of its requirement is a fault', () => {
  const caught = (vectors: readonly string[]) => ({ caught: { bug: { req: id('001.2'), vectors } } })
  for (const wrong of [[], ['V1'], ['V9'], ['V2', 'V9']])
    expect(faults(caught(wrong))).toEqual([expect.stringContaining('bug is caught by no vector')])
})

test('the page has a row a sentence and marks exceptions', () => {
  const page = pageOf(rowsOf(requirements, sound), { ...noException, ...excuse('001.2', 'test/properties/a.test.ts') })
  expect(page).toContain(`| ${id('001.1')} | MUST | - | 1 | 1: a | - | 1 | 1 |\n`)
  expect(page).toContain(`| ${id('001.2')} * | MUST | - | - | 1: a | - | - | \`bug\` |\n`)
  expect(page).toContain(`| ${id('002.1')} | SHOULD | - | - | - | - | - | - |\n`)
  expect(page).toContain('| no message of either level shows it | `test/properties/a.test.ts` |')
})

test('a vector is negative by its last step or its answer alone', () => {
  const l0 = (expected: object) => isRefusal({ id: 'x', reqs: [], expect: expected })
  for (const answer of [
    { error: 'badSct' },
    { ok: { valid: false } },
    { ok: { heads: false } },
    { ok: { down: false } },
  ])
    expect(l0(answer)).toBe(true)
  expect(l0({ ok: { verdict: 'notCtr' } })).toBe(true)
  expect(l0({ ok: { outcome: 'refused' } })).toBe(true)
  expect(l0({ ok: { objects: [{ ok: {} }, { error: 'badDer' }] } })).toBe(true)
  for (const ok of [
    {},
    { valid: true },
    { heads: true },
    { verdict: 'ctr' },
    { outcome: 'proven' },
    { objects: [{ ok: {} }] },
  ])
    expect(l0({ ok })).toBe(false)
  const l1 = (...dispositions: readonly string[]) =>
    isRefusal({ id: 'x', reqs: [], steps: dispositions.map((disposition) => ({ expect: { disposition } })) })
  expect([l1('accepted', 'ignored'), l1('rejected'), l1('ignored', 'accepted'), l1()]).toEqual([
    true,
    true,
    false,
    false,
  ])
})

test('titles, and the definitions below a comment, are found with their IDs', () => {
  const [one, two] = [id('001.1'), id('002')]
  expect(titlesIn(`// nothing [${one}]\ntest('a b [${one}, ${two}]', () => {})\nexpect([${one}])`)).toEqual([
    { title: 'a b', ids: [one, two] },
    { title: 'expect(', ids: [one] },
  ])
  expect(definitionsIn('a.qnt', `// ${one}\n  /// ${two}\n  pure val grace = 1\n  val other = 2`)).toEqual([
    { id: one, file: 'a.qnt', name: 'grace' },
    { id: two, file: 'a.qnt', name: 'grace' },
  ])
  expect(idsIn(`${one}, x${one} ${two}9`)).toEqual([one])
})
