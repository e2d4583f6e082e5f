// What the resident runner calls killed is confirmed by vitest itself: the sample, the mutated source, and a claim that is false.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { confirm, sampleOf } from './confirm.ts'
import { type Killed, killedOf } from './report.ts'

const source = ['const a = [', '  1,', '  2,', '] as const', 'export const b = a'].join('\n')
const mutant = (start: readonly number[], end: readonly number[], replacement: string, more: object = {}) => ({
  mutatorName: 'ArrayDeclaration',
  replacement,
  status: 'Killed',
  killedBy: ['4'],
  location: { start: { line: start[0] ?? 0, column: start[1] ?? 0 }, end: { line: end[0] ?? 0, column: end[1] ?? 0 } },
  ...more,
})
const killed = (mutants: ReturnType<typeof mutant>[]) => {
  const tests = [{ id: '4', name: 'test/one.test.ts#suite > a title' }]
  return killedOf({ files: { 'src/a.ts': { source, mutants } }, testFiles: { '': { tests } } })
}

test('a mutant is laid into the source at its place, over lines too', () => {
  const mutants = [mutant([1, 11], [4, 2], '[]'), mutant([5, 18], [5, 19], 'null')]
  expect(killed(mutants)).toMatchObject([
    { file: 'src/a.ts', testFile: 'test/one.test.ts', mutated: 'const a = [] as const\nexport const b = a' },
    { lineNumber: 5, mutated: source.replace('b = a', 'b = null') },
  ])
})

test('only what was killed, and by a test that is known, can be confirmed', () => {
  const place = [[5, 18], [5, 19], 'null'] as const
  for (const more of [{ status: 'Survived' }, { status: 'Timeout' }, { killedBy: [] }, { killedBy: ['5'] }])
    expect(killed([mutant(...place, more)])).toEqual([])
})

test('a sample is spread over all of them, and is no larger than they are', () => {
  const all = Array.from({ length: 10 }, (_, lineNumber) => ({ lineNumber }) as Killed)
  expect(sampleOf(all, 3).map(({ lineNumber }) => lineNumber)).toEqual([1, 5, 8])
  expect(sampleOf(all, 99)).toEqual(all)
})

test('vitest confirms a kill, and a claim that is none is a fault', () => {
  const file = 'test/mutation/runner/steps.ts'
  const claimed = { file, lineNumber: 1, mutator: 'BooleanLiteral', testFile: 'test/mutation/steps.test.ts' }
  const now = readFileSync(file, 'utf8')
  const other = now.replace('ns.covering !== true', 'ns.covering === true')
  expect(other).not.toBe(now)
  const said: string[] = []
  const faults = confirm(
    [
      { ...claimed, mutated: other },
      { ...claimed, mutated: now },
    ],
    (line) => said.push(line),
  )
  const name = `${file}:1 BooleanLiteral by test/mutation/steps.test.ts`
  expect(said).toEqual([`killed ${name}`, `SURVIVED ${name}`])
  expect(faults).toEqual([`vitest does not kill ${name}`])
  expect(readFileSync(file, 'utf8')).toBe(now)
})

/** Those whose working folder begins like that (Linux only). */
function processesIn(folder: string): readonly string[] {
  const isInside = (pid: string) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder)
    } catch {
      return false
    }
  }
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isInside(name))
}

test('a mutant that never ends does not pass, is waited for no longer than that, and leaves neither process nor file', async () => {
  const file = 'test/mutation/runner/steps.ts'
  const [lineNumber, mutator, testFile] = [1, 'BlockStatement', 'test/mutation/steps.test.ts']
  const mutated = `${readFileSync(file, 'utf8')}\nfor (;;);\n`
  const said: string[] = []
  const faults = confirm(
    [{ file, lineNumber, mutator, testFile, mutated }],
    (line) => said.push(line),
    () => 8_000,
  )
  expect({ said, faults }).toEqual({ said: [`killed ${file}:1 ${mutator} by ${testFile}`], faults: [] })
  await expect.poll(() => processesIn(join(tmpdir(), 'ctor-mutants-'))).toEqual([])
  expect(readdirSync(tmpdir()).filter((name) => /^ctor-(mutants|tests)-/.test(name))).toEqual([])
})
