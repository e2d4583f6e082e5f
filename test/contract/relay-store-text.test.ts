// The relay's memory store cannot reach a disk [RELAY-026]: its source says so.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

test('the store imports nothing but types, so that no SFO can reach a disk through it [RELAY-026]', () => {
  const source = readFileSync(new URL('../../src/adapters/node/store/memory-relay-store.ts', import.meta.url), 'utf8')
  const imports = source.split('\n').filter((line) => /\bimport\b/.test(line) && !line.startsWith('//'))
  expect(imports).not.toEqual([])
  expect(imports.filter((line) => !line.startsWith('import type '))).toEqual([])
  expect(source).not.toMatch(/\b(process|require|console|globalThis)\b/)
})
