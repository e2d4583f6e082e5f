// The steps of instrumented code: a loop that a mutant made endless ends by its count.
import { expect, test } from 'vitest'
import { beginSteps, counted, endless, type Steps, tookTooMany } from './runner/steps.ts'

/** The helpers as Stryker writes them, around a loop that its mutant never leaves. */
const instrumented = `
const covered = []
function cover() { covered.push(...arguments) }
function isActive(id) { return ns.activeMutant === id }
const stryMutAct_1 = isActive
let turns = 0
for (let i = 0; i < 3; stryMutAct_1('7') ? i-- : (cover('7'), i++)) turns += 1
return { turns, covered }
`

interface Ran {
  readonly turns: number
  readonly covered: readonly string[]
}

const run = (ns: Steps & { readonly activeMutant?: string }) => new Function('ns', counted(instrumented))(ns) as Ran

test('the code as it is runs to its end, and is recorded only while coverage is', () => {
  const space: Steps = { covering: true }
  beginSteps(space, 3)
  expect(run(space)).toEqual({ turns: 3, covered: ['7', '7', '7'] })
  expect(space.steps).toBe(3)
  expect(tookTooMany(space)).toBe(false)
  beginSteps(space, 3)
  expect(run({ ...space, covering: false })).toEqual({ turns: 3, covered: [] })
})

test('an endless loop is ended by its count', () => {
  const space: Parameters<typeof run>[0] = { activeMutant: '7' }
  beginSteps(space, 1000)
  expect(() => run(space)).toThrow(endless)
  expect(tookTooMany(space)).toBe(true)
})

test('code without mutants is left as it is, and unknown helpers are a fault', () => {
  expect(counted('export const a = 1')).toBe('export const a = 1')
  for (const helper of ['function cover() {', 'function isActive(id) {'])
    expect(() => counted(instrumented.replace(helper, 'function other() {'))).toThrow(`no "${helper}"`)
})
