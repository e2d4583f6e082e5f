// The mutation gate on reports that are bad in one way each: it must see every one of them, and pass the good one.
import { expect, test } from 'vitest'
import { judge, type Rules } from './gate.ts'
import { filesOf } from './report.ts'

const source = ['export function least(a: number, b: number) {', '  return a < b ? a : b', '}', ''].join('\n')
const start = { line: 2, column: 10 }
const place = { start, end: { line: 2, column: 15 } }
const killed = {
  mutatorName: 'EqualityOperator',
  replacement: 'a >= b',
  status: 'Killed',
  static: false,
  testsCompleted: 3,
  location: place,
}
const survivor = { ...killed, replacement: 'a <= b', status: 'Survived' }
const machine = 'src/machines/least.ts'
const effect = 'src/effects/least.ts'

type Reported = typeof killed
const report = (machines: readonly Reported[], effects: readonly Reported[] = [killed], code = source) =>
  filesOf({
    files: {
      [machine]: { source: code, mutants: [...machines] },
      [effect]: { source, mutants: [...effects] },
    },
    testFiles: {},
  })

const good = report([killed, killed])
const equal = { file: machine, mutator: 'EqualityOperator', original: 'a < b', line: 'return a < b ? a : b', nth: 1 }
const equivalent = { ...equal, replacement: 'a <= b', reason: 'the lesser of two equal numbers is either' }

function countsOf(files: typeof good) {
  return Object.fromEntries(
    files.map(({ file, mutants, lines, hash }) => [file, { mutants: mutants.length, lines, hash }]),
  )
}

const rules: Rules = {
  targets: { 'src/machines': 100, 'src/effects': 90 },
  equivalents: [],
  counts: countsOf(good),
  ratchet: {},
  sources: [machine, effect],
}

const faults = (files: typeof good, changed: Partial<Rules> = {}) => judge(files, { ...rules, ...changed }).faults

const many = (count: number, one: Reported) => Array.from({ length: count }, () => one)

test('a report in which all mutants were killed passes', () => expect(faults(good)).toEqual([]))

test('a survivor is a fault, unless it is listed as equivalent', () => {
  expect(faults(report([killed, survivor]))).toEqual(['src/machines: the score is 50, and 100 is wanted'])
  expect(faults(report([killed, survivor]), { equivalents: [equivalent] })).toEqual([])
})

test('an entry that matches no mutant, one that was killed, and one listed twice are faults', () => {
  const moved = { ...equivalent, line: 'return a < b ? b : a' }
  expect(faults(good, { equivalents: [moved] })).toEqual([expect.stringContaining('matches no mutant')])
  const dead = report([killed, { ...survivor, status: 'Killed' }])
  expect(faults(dead, { equivalents: [equivalent] })).toEqual([expect.stringContaining('was killed')])
  const twice = faults(report([killed, survivor]), { equivalents: [equivalent, equivalent] })
  expect(twice).toEqual([expect.stringContaining('listed twice')])
})

test('an entry names one of several mutants that look alike', () => {
  const line = 'return a < b ? a : a < b ? b : b'
  const twins = [survivor, { ...survivor, location: { start: { line: 2, column: 22 }, end: { line: 2, column: 27 } } }]
  const files = report(twins, [killed], source.replace('return a < b ? a : b', line))
  expect(files[0]?.mutants.map(({ original, nth }) => [original, nth])).toEqual([
    ['a < b', 1],
    ['a < b', 2],
  ])
  expect(faults(files, { equivalents: [{ ...equivalent, line }] })).toEqual([expect.stringContaining('score is 0')])
})

test('a survivor that no test met is a fault, though the score is as it has to be', () => {
  const files = report(many(20, killed), [...many(19, killed), { ...survivor, testsCompleted: 0 }])
  expect(faults(files)).toEqual([expect.stringContaining('1 mutants survived without a test run')])
  expect(
    faults(report(many(20, killed), [...many(19, killed), { ...survivor, static: true, testsCompleted: 0 }])),
  ).toEqual([])
})

test('timeouts pass up to 2 % and no further', () => {
  const slow = { ...killed, status: 'Timeout' }
  expect(faults(report([...many(48, killed), slow]))).toEqual([])
  expect(faults(report([...many(47, killed), slow]))).toEqual([expect.stringContaining('timed out')])
})

test('a mutant that was switched off, or could not run, is a fault', () => {
  for (const status of ['Ignored', 'RuntimeError', 'CompileError', 'Pending']) {
    expect(faults(report([killed, killed, { ...killed, status }]))).toContainEqual(
      expect.stringContaining(`was not tested: ${status}`),
    )
  }
})

test('mutants that vanished while their code stayed are a fault, and those that left with their code are not', () => {
  expect(faults(report([killed]))).toEqual([expect.stringContaining('renew the counts')])
  const longer = report([killed], [killed], `${source}\n// more\n`)
  expect(faults(longer)).toEqual([expect.stringContaining('renew the counts')])
  expect(faults(report([killed], [killed], source.replace('\n}', ' }')))).toEqual([])
})

test('a file that is no longer mutated is a fault while it exists', () => {
  const files = good.filter(({ file }) => file !== effect)
  expect(faults(files)).toContain(`${effect} has 1 mutants and was not mutated`)
  expect(faults(files, { sources: [machine] })).toEqual(['src/effects has no mutants'])
})

test('an empty report is a fault', () => {
  expect(faults([], { counts: {}, sources: [] })).toEqual(['src/machines has no mutants', 'src/effects has no mutants'])
})

test('what was reached is the least of a target that is not met, and never raises the target', () => {
  const half = report([killed, survivor])
  expect(faults(half, { ratchet: { 'src/machines': { score: 50, uncovered: 0 } } })).toEqual([])
  expect(faults(half, { ratchet: { 'src/machines': { score: 51, uncovered: 0 } } })).toHaveLength(1)
  const effects = report([killed, killed], [...many(19, killed), survivor])
  expect(faults(effects, { ratchet: { 'src/effects': { score: 99, uncovered: 0 } } })).toEqual([])
})

test('99.999 % is not shown as 100 %', () => {
  const files = report([...many(29_999, killed), survivor])
  expect(judge(files, rules).folders[0]?.score).toBe(99.99)
})
