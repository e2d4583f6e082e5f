// What CI's stages promise: the first failure ends everything, nothing keeps running, output is kept apart.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runStages, table } from '../../tools/stages.ts'

const folder = mkdtempSync(join(tmpdir(), 'stages-'))
afterAll(() => rmSync(folder, { recursive: true }))

const run = (stages: Parameters<typeof runStages>[0]) => runStages(stages, folder, () => process.env, 'failed')
const node = (script: string) => `'${process.execPath}' -e "${script}"`

test('stages are run in order and their output is kept in a log of their own', async () => {
  const outcomes = await run([
    { name: 'one', command: node('console.log(1)'), cores: 64 },
    { name: 'two x', command: node('console.error(2)'), cores: 64 },
  ])
  expect(outcomes.map(({ name, status }) => [name, status])).toEqual([
    ['one', 0],
    ['two x', 0],
  ])
  expect(readFileSync(join(folder, 'two-x.log'), 'utf8')).toBe('2\n')
  expect(table(outcomes, 3)).toMatch(/ s {2}one\n.* s {2}two x\n +3\.0 s {2}total$/)
})

test('the first failure is the last: later stages do not begin', async () => {
  const outcomes = await run([
    { name: 'fails', command: node('process.exitCode = 3'), cores: 64 },
    { name: 'never', command: node('1'), cores: 64 },
  ])
  expect(outcomes.map(({ name, status }) => [name, status])).toEqual([['fails', 3]])
})

test('a stage beyond its minutes is ended and fails', async () => {
  const [outcome] = await run([{ name: 'hangs', command: node('setInterval(() => {}, 1000)'), minutes: 0.005 }])
  expect(outcome?.status).toBe('after 0.005 minutes')
})

test('what a stage leaves running elsewhere, its output held open, delays nothing', async () => {
  const child = "require('node:child_process').spawn('sleep', ['600'], { stdio: 'inherit', detached: true })"
  const [outcome] = await run([{ name: 'holds', command: node(`console.log(${child}.pid); process.exit()`) }])
  process.kill(Number(readFileSync(join(folder, 'holds.log'), 'utf8')), 'SIGKILL')
  expect(outcome?.status).toBe(0)
})

test('what a stage leaves running in its process group is ended with it', async () => {
  const child = "require('node:child_process').spawn('sleep', ['600'], { stdio: 'ignore' })"
  await run([{ name: 'leaves', command: node(`console.log(${child}.pid); process.exit()`) }])
  const pid = Number(readFileSync(join(folder, 'leaves.log'), 'utf8'))
  const state = () => {
    try {
      return readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[2]
    } catch {
      return 'gone'
    }
  }
  await expect.poll(state, { timeout: 30_000 }).toMatch(/^(gone|Z|X)$/)
})
