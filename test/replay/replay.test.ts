// A failed property prints the one line that replays it: that line is executed here and must show the same counterexample.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))

function shell(line: string): Promise<string> {
  const { CTOR_SEED: _seed, CTOR_PATH: _path, CTOR_TEST_REPORT: _report, ...env } = process.env
  const options = { cwd: root, env: { ...env, NO_COLOR: '1' } }
  return new Promise((resolve) => execFile('sh', ['-c', line], options, (_error, out, err) => resolve(out + err)))
}

const config = '--config test/replay/fixtures/vitest.config.ts'
const counterexample = (text: string) => /Counterexample: (.*)/.exec(text)?.[1]

test.each([
  ["a (wrong) claim: nobody's sum is above 1000", '1/'],
  ['an asynchronous one', '0/'],
])('the line of "%s" finds the same counterexample again, in that test alone', async (title, path) => {
  const escaped = title.replaceAll(/[()']/g, '.')
  const first = await shell(`npx vitest run ${config} -t "${escaped}"`)
  const line = /Replay: (.*)/.exec(first)?.[1] ?? ''
  expect(line).toMatch(/^CTOR_SEED=-?\d+ CTOR_PATH=\S+ npx vitest run test\/replay\/fixtures\/failing\.ts -t '/)
  expect(line).toContain(`CTOR_PATH=${path}`)
  const again = await shell(`${line} ${config}`)
  expect(counterexample(again)).toBe(counterexample(first))
  expect(counterexample(again)).toBeDefined()
  expect(again).toMatch(/1 failed \| 1 skipped/)
  if (path === '1/') expect(again).toContain('runs: 1\n')
})
