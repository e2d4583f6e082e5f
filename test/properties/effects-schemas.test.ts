// The alphabets as schemas, member by member: they are the published ones, and tell alternatives by their type alone.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { schemaFiles } from '../../src/adapters/conform/generate/schemas.ts'
import { machines } from '../../src/adapters/conform/machines.ts'
import { judged } from '../../src/effects/vocabulary/auditor.ts'
import { hex32, hexBytes, leafId } from '../../src/effects/vocabulary/nouns.ts'

test.each([...schemaFiles()])('%s is what the kit parses with', (path, made) => {
  expect(JSON.parse(made)).toEqual(JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')))
})

test.each([
  ...Object.entries(machines).flatMap(([name, { event, effect }]) => [
    [`${name} event`, event, 'type'] as const,
    [`${name} effect`, effect, 'type'] as const,
  ]),
  ['judged', judged, 'verdict'] as const,
])('a %s of no known kind is refused by its kind', (_, schema, kind) => {
  const { error } = schema.safeParse({ [kind]: 'unheard-of' })
  expect(error?.issues).toMatchObject([{ code: 'invalid_union', discriminator: kind, path: [kind] }])
})

test('hex is of its exact length, in lower case, with nothing before or after it [WIRE-010]', () => {
  const id = 'ab'.repeat(32)
  expect([hex32, hexBytes].map((schema) => schema.safeParse(id).success)).toEqual([true, true])
  for (const text of [`z${id}`, `${id}z`, id.slice(1), id.toUpperCase()])
    expect(
      [hex32, hexBytes].some((schema) => schema.safeParse(text).success),
      text,
    ).toBe(false)
  expect(hexBytes.safeParse('').success).toBe(true)
  expect(leafId.safeParse(`${id}:${id}`).success).toBe(true)
  for (const text of [`z${id}:${id}`, `${id}:${id}z`, `${id}${id}`]) expect(leafId.safeParse(text).success).toBe(false)
})
