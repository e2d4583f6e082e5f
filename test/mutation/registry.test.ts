// What a test file declares to the resident runner, and in which order it runs: as vitest would.
import { expect, test } from 'vitest'
import * as inner from './runner/registry.ts'
import { runTest } from './runner/run-test.ts'
import { expect as polling } from './runner/vitest.ts'

test('hooks run around each test of their suite, outer ones first before and last after it, beforeAll once', async () => {
  const log: string[] = []
  const say = (word: string) => () => void log.push(word)
  const { tests } = await inner.declare('x.test.ts', async () => {
    inner.beforeAll(say('all'))
    inner.beforeEach(say('outer'))
    inner.afterEach(say('/outer'))
    inner.describe('within', () => {
      inner.beforeEach(say('inner'))
      inner.afterEach(say('/inner'))
      inner.test('a', say('a'))
      inner.test.each([[1, 'one']])('b is %i', (n, word) => void log.push(`b ${n} ${word}`))
    })
    inner.test('c', say('c'))
    inner.describe.skipIf(true)('never', () => inner.test('d', say('d')))
  })
  expect(tests.map(({ id }) => id)).toEqual(['x.test.ts#within > a', 'x.test.ts#within > b is 1', 'x.test.ts#c'])
  for (const { run } of tests) await run()
  const around = (word: string) => ['outer', 'inner', word, '/inner', '/outer']
  expect(log).toEqual(['all', ...around('a'), ...around('b 1 one'), 'outer', 'c', '/outer'])
})

test('a test that fails is cleaned up after, and fails', async () => {
  let cleaned = 0
  const { tests } = await inner.declare('x.test.ts', async () => {
    inner.afterEach(() => void cleaned++)
    inner.test('fails', () => {
      throw new Error('as it should')
    })
  })
  await expect(tests[0]?.run()).rejects.toThrow('as it should')
  expect(cleaned).toBe(1)
})

test('a test without hooks that answers at once is no promise', async () => {
  const { tests } = await inner.declare('x.test.ts', async () => inner.test('quick', () => {}))
  expect(tests[0]?.run()).toBeUndefined()
})

test('polling asks until the matcher holds, or throws its last failure', async () => {
  let asked = 0
  await polling.poll(() => ++asked, { interval: 1 }).toBe(3)
  expect(asked).toBe(3)
  await expect(polling.poll(() => 1, { timeout: 5, interval: 1 }).toBe(2)).rejects.toThrow('expected 1 to be 2')
})

test('a promise that nothing can settle is a failure of its test', async () => {
  const { tests } = await inner.declare('x.test.ts', async () => {
    inner.test('waits for ever', () => new Promise(() => {}))
    inner.test('passes', async () => {})
  })
  const [endless, passing] = tests as [inner.Declared, inner.Declared]
  expect(await runTest(endless, 60_000)).toEqual({
    type: 'failed',
    message: 'it never ends: nothing is left to wait for',
  })
  expect(await runTest(passing, 60_000)).toEqual({ type: 'passed' })
})
