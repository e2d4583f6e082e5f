// `ctor verify` as a person and as a script meet it [EVID-005], and the schema of what it reads [EVID-002].
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { evidenceCases } from '../../src/adapters/conform/generate/evidence-cases.ts'
import { foreignLog, samples, staticLog, textOf } from '../../src/adapters/conform/generate/evidence-samples.ts'
import { fromHex, toBase64 } from '../../src/machines/ct/bytes.ts'
import type { bundleKinds } from '../../src/machines/ct/evidence-bundle.ts'
import type { Log } from '../../src/machines/ct/types.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'ctor-verify-'))

function file(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

function verify(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'src/adapters/cli/main.ts'), 'verify', ...args],
    { encoding: 'utf8' },
  )
  return { status, stdout, stderr }
}

const entryOf = ({ logId, key, mmd, url, monitoringUrl }: Log) => ({
  description: 'a log',
  log_id: toBase64(fromHex(logId)),
  key,
  mmd: mmd / 1000,
  ...(monitoringUrl === undefined ? { url: `${url}/` } : { submission_url: `${url}/`, monitoring_url: monitoringUrl }),
})
const list = (operator: object) => JSON.stringify({ version: '1', operators: [{ name: 'none' }, operator] })
const listed = file('list.json', list({ tiled_logs: [entryOf(staticLog)], logs: [{ description: 'placeholder' }] }))
const bundle = (kind: (typeof bundleKinds)[number]) => file(`${kind}.json`, textOf(samples[kind]))

test('what the log signed convinces whoever has its key, and exit status and words say so [EVID-005.3]', () => {
  const omission = bundle('omission')
  const { status, stdout } = verify(omission, '--log-list', listed)
  expect(status).toBe(0)
  expect(stdout).toContain('omission: PROVEN.')
  expect(stdout).toContain(`log      ${staticLog.logId}\n         key and MMD (60000 ms) from the log list\n`)
  expect(stdout).toContain('rule     EVID-008.1\n')
  const json = verify(omission, '--log-list', listed, '--json')
  expect(JSON.parse(json.stdout)).toMatchObject({ standing: 'proven', logFrom: 'list', mmd: 60_000 })
})

test('without a log list, and of transcripts, nobody is convinced [EVID-005.3, EVID-005.4]', () => {
  const alone = verify(bundle('split-view'))
  expect([alone.status, alone.stdout.split('.')[0]]).toEqual([3, 'split-view: CONDITIONAL'])
  const transcript = verify(bundle('withheld'), '--log-list', listed)
  expect([transcript.status, transcript.stdout.split('.')[0]]).toEqual([3, 'withheld: NOT SELF-PROVING'])
})

test('what does not hold is refused with its code, and what cannot be read is wrong usage [EVID-005.1]', () => {
  const broken = file('broken.json', textOf(samples.rollback).replace('"version":1', '"version":2'))
  const said = verify(broken, '--log-list', listed)
  expect([said.status, said.stderr]).toEqual([
    1,
    `error: ${broken}: proves nothing: unknownVersion (not an evidence bundle of version 1)\n`,
  ])
  expect(JSON.parse(verify(broken, '--json').stdout)).toMatchObject({ error: 'unknownVersion' })
  expect(verify(join(folder, 'nowhere')).status).toBe(2)
  expect(verify().status).toBe(2)
  const foreign = file('foreign.json', list({ logs: [entryOf(foreignLog)] }))
  expect(verify(bundle('rollback'), '--log-list', foreign).stderr).toContain('unknownLog')
})

test('a log list that is none is wrong usage, and an entry under the ID of another key is no log [EVID-005.2]', () => {
  const rollback = bundle('rollback')
  const wrong = (content: string) => {
    const { status, stderr } = verify(rollback, '--log-list', file('wrong.json', content))
    return [status, /: (\w+)(?:: not | \()/.exec(stderr)?.[1]]
  }
  expect(wrong('x')).toEqual([2, 'notJson'])
  expect(wrong('[]')).toEqual([2, 'notLogList'])
  expect(wrong(list({ logs: [{ ...entryOf(foreignLog), key: staticLog.key }] }))).toEqual([1, 'unknownLog'])
  expect(wrong(list({ tiled_logs: [{ ...entryOf(staticLog), key: foreignLog.key }] }))).toEqual([1, 'unknownLog'])
})

test('the schema takes every bundle that holds and refuses those of another form [EVID-002.1]', () => {
  const ajv = new Ajv2020({ strict: false })
  const fits = ajv.compile(JSON.parse(readFileSync(join(root, 'spec/schemas/evidence.json'), 'utf8')) as object)
  for (const { text, error, kind, name } of evidenceCases) {
    if (error === 'notJson') continue
    const isForm = fits(JSON.parse(text))
    if (error === null || error === 'badDigest') expect(isForm, `${kind} ${name}`).toBe(true)
    if (error === 'notBundle' || error === 'unknownKind') expect(isForm, `${kind} ${name}`).toBe(false)
  }
})
