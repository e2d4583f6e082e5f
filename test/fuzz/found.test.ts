// Every target on its seeds and on the inputs that the fuzzer found once, frozen in `found/TARGET/`.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { noRealData } from '../data.ts'
import { targets } from './targets.ts'

const folder = fileURLToPath(new URL('./found', import.meta.url))
const onlyRealSeeds = ['certificate', 'data-tile']

function found(name: string): readonly Uint8Array[] {
  const own = `${folder}/${name}`
  return existsSync(own) ? readdirSync(own).map((file) => readFileSync(`${own}/${file}`)) : []
}

test.each(targets.map((target) => [target.name, target] as const))(
  'the seeds and frozen inputs of %s are decoded or refused with a code of the closed set',
  (name, { seeds, run }) => {
    const inputs = [...seeds(), ...found(name)]
    if (!(noRealData && onlyRealSeeds.includes(name))) expect(inputs.length).toBeGreaterThan(0)
    for (const input of inputs) run(input)
  },
)

test('every folder of frozen inputs belongs to a target', () => {
  const names = targets.map(({ name }) => name)
  expect((existsSync(folder) ? readdirSync(folder) : []).filter((name) => !names.includes(name))).toEqual([])
  expect(new Set(names).size).toBe(names.length)
})
