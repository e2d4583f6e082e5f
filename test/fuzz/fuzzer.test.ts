// The fuzzer itself: planted defects of each kind are found, and the same seed does the same.
import { expect, test } from 'vitest'
import { judge } from './engine/judge.ts'
import { fuzzWatched } from './engine/watch.ts'
import { accepted, must } from './target.ts'

const module = new URL('./planted/targets.ts', import.meta.url).href
const work = (name: string, runs: number) => ({
  module,
  name,
  seed: 1,
  runs,
  seconds: 600,
  under: '/test/fuzz/planted/',
})

test('a crash behind six magic bytes is found, by coverage and not by chance', async () => {
  const { defect } = await fuzzWatched(work('magic', 2_000_000))
  expect(defect).toMatchObject({ kind: 'crash', detail: expect.stringContaining('planted') })
  expect(Buffer.from(defect?.input.subarray(0, 6) ?? []).toString('hex')).toBe('43546f7200ff')
}, 600_000)

test('without coverage to guide it, as many executions do not find it', async () => {
  const { defect, runs } = await fuzzWatched({ ...work('magic', 100_000), under: '/nothing/' })
  expect({ defect, enough: runs >= 100_000 }).toEqual({ defect: null, enough: true })
}, 600_000)

test('an input on which a decoder never ends is found', async () => {
  const { defect } = await fuzzWatched(work('endless', 2_000_000), 5)
  expect(defect?.kind).toBe('hang')
}, 600_000)

test('a decoder of quadratic time is found', async () => {
  const { defect } = await fuzzWatched(work('quadratic', 2_000_000), 60)
  expect(defect).toMatchObject({ kind: 'slow', detail: expect.stringMatching(/ms of CPU time/) })
}, 600_000)

test('a decoder that takes 100 MiB is found', async () => {
  const { defect } = await fuzzWatched(work('large', 2_000_000), 60)
  expect(defect).toMatchObject({ kind: 'memory', detail: expect.stringMatching(/MiB/) })
}, 600_000)

test('a decoder that keeps 64 KiB of each execution is found, and one that only uses them is not', async () => {
  const { defect } = await fuzzWatched(work('leaking', 100_000), 60)
  expect(defect).toMatchObject({
    kind: 'leak',
    detail: expect.stringMatching(/^\d+ MiB are still held after \d+ exec/),
  })
  expect((await fuzzWatched(work('wasteful', 20_000), 60)).defect).toBe(null)
}, 600_000)

test('a code outside of the closed set, and a value that is encoded otherwise than it was, are defects', () => {
  const judged = (run: () => void) => judge(run, new Uint8Array(0))
  const refusal = { ok: false, error: 'unheardOf' } as const
  expect(judged(() => accepted(refusal, ['known']))).toMatchObject({
    kind: 'crash',
    detail: expect.stringMatching(/unheardOf/),
  })
  expect(judged(() => accepted(refusal, ['unheardOf']))).toBe(null)
  expect(judged(() => must(false, 're-encoded otherwise'))).toMatchObject({
    kind: 'crash',
    detail: expect.stringMatching(/re-encoded otherwise/),
  })
})

test('the same seed and number of runs do the same', async () => {
  const one = await fuzzWatched(work('magic', 10_000))
  expect(one.corpus).toBeGreaterThan(1)
  expect(await fuzzWatched(work('magic', 10_000))).toEqual(one)
}, 600_000)
