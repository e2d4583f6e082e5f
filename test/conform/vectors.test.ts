// The vectors themselves [spec/conformance.md]: right, enough, described, and made by their generators byte for byte. That the files of
// tour, counterexamples and model are what explorer and simulator find takes a minute: `npm run vectors:check` compares them too.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { generate } from '../../src/adapters/conform/generate/vectors.ts'
import { localSut } from '../../src/adapters/conform/local-sut.ts'
import { ownSut } from '../../src/adapters/conform/own-sut.ts'
import { runVectors } from '../../src/adapters/conform/runner.ts'
import { readVectors } from '../../src/adapters/conform/vectors.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = readVectors(join(root, 'test/vectors'))
if (!read.ok) throw new Error(read.detail)
const vectors = read.value

const jsonIn = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.json'))
const parse = (path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8'))

test('there are at least 1500 vectors, each with an ID of its own, a comment and a provenance', () => {
  expect(vectors.length).toBeGreaterThanOrEqual(1500)
  expect(new Set(vectors.map(({ id }) => id)).size).toBe(vectors.length)
  for (const { comment, provenance } of vectors) expect(comment && provenance).not.toBe('')
})

test('this implementation passes every vector', async () => {
  const run = await runVectors({ vectors, known: new Set(), timeoutMs: 1, start: () => localSut(ownSut()) })
  expect(
    run.outcomes.filter(({ status }) => status !== 'passed').map(({ vector, status }) => [vector.id, status]),
  ).toEqual([])
})

test('every requirement that a vector names is in the specification', () => {
  const text = readdirSync(join(root, 'spec'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => readFileSync(join(root, 'spec', name), 'utf8'))
    .join('\n')
  const dotted = new Set(Array.from(text.matchAll(/\*\*([A-Z]+-\d{3}\.\d+)\*\*/g), ([, id]) => id))
  const known = new Set([...dotted].flatMap((id) => [id, id?.split('.')[0]]))
  expect([...new Set(vectors.flatMap(({ reqs }) => reqs))].filter((req) => !known.has(req))).toEqual([])
})

test('every vector fits spec/schemas, down to configuration, events, effects and states', () => {
  const ajv = new Ajv2020({ strict: false, allErrors: false })
  for (const name of jsonIn('spec/schemas')) ajv.addSchema(parse(`spec/schemas/${name}`) as object, name)
  const isVector = ajv.getSchema('vector.json')
  const misfits: unknown[] = []
  const check = (id: string, path: string, value: unknown) => {
    const fits = ajv.getSchema(path)
    if (fits?.(value) !== true) misfits.push([id, path, fits?.errors?.[0]])
  }
  for (const path of jsonIn('test/vectors').filter((name) => name !== 'manifest.json'))
    for (const one of parse(`test/vectors/${path}`) as readonly Raw[]) {
      if (isVector?.(one) !== true) misfits.push([one.id, isVector?.errors?.[0]])
      for (const { event, expect: expected } of one.steps ?? []) {
        const part = (name: string) => `machine-${one.machine}.json#/$defs/${name}`
        check(one.id, part('event'), event)
        for (const effect of expected.effects) check(one.id, part('effect'), effect)
        if (expected.state !== undefined) check(one.id, part('state'), expected.state)
      }
    }
  expect(misfits.slice(0, 5)).toEqual([])
})

interface Raw {
  readonly id: string
  readonly machine?: string
  readonly steps?: readonly {
    readonly event: object
    readonly expect: { readonly effects: readonly object[]; readonly state?: object }
  }[]
}

test('the generators make every file again, byte for byte', async () => {
  const { files } = await generate(false)
  const differing = [...files].filter(([path, text]) => readFileSync(join(root, path), 'utf8') !== text)
  expect(differing.map(([path]) => path)).toEqual([])
  const made = new Set(files.keys())
  const others = [
    ...jsonIn('test/vectors').map((path) => `test/vectors/${path}`),
    ...jsonIn('spec/schemas').map((path) => `spec/schemas/${path}`),
  ]
  expect(others.filter((path) => !made.has(path) && !/-(tour|counterexamples|model)(-\d+)?\.json$/.test(path))).toEqual(
    [],
  )
})
