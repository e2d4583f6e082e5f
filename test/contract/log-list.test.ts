// Log lists of version 3: real keys in the published shape, and everything in it that has broken other readers.
import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { logsTable } from '../../src/adapters/cli/logs-command.ts'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { decodeLogList, type ListedLog } from '../../src/adapters/node/log-list.ts'
import { fromBase64, toBase64, toHex, utf8 } from '../../src/machines/ct/bytes.ts'
import { noRealData, realJson } from '../data.ts'

const crypto = nodeCrypto()

function newKey(): { readonly key: string; readonly log_id: string } {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }))
  return { key: toBase64(spki), log_id: toBase64(crypto.sha256(spki)) }
}

const plain = {
  description: "Example 'Plain2026h2' log",
  ...newKey(),
  url: 'https://ct.example/plain2026h2/',
  mmd: 86_400,
  state: { usable: { timestamp: '2025-06-01T00:00:00Z' } },
  temporal_interval: { start_inclusive: '2026-07-01T00:00:00Z', end_exclusive: '2027-01-01T00:00:00Z' },
}
const tiled = {
  description: "Example 'Tiled2027h1'",
  ...newKey(),
  submission_url: 'https://tiled2027h1.log.example/',
  monitoring_url: 'https://tiled2027h1.mon.example/',
  mmd: 60,
  state: { qualified: { timestamp: '2026-01-02T03:04:05.678Z' } },
}

function listOf(...operators: readonly unknown[]): Uint8Array {
  return utf8(JSON.stringify({ version: '90.1', log_list_timestamp: '2026-11-20T12:00:00Z', operators }))
}

function decoded(file: Uint8Array): readonly ListedLog[] {
  const list = decodeLogList(crypto, file)
  return list.ok ? list.value : expect.fail(list.detail)
}

const one = (entry: object) => decoded(listOf({ name: 'Example', logs: [entry] }))[0] ?? expect.fail('no entry')
const oneTiled = (entry: object) =>
  decoded(listOf({ name: 'Example', tiled_logs: [entry] }))[0] ?? expect.fail('no entry')

test('both kinds are read: the MMD in milliseconds, URLs without trailing slash, times in milliseconds', () => {
  const list = decoded(listOf({ name: 'Example', email: ['ct@example'], logs: [plain], tiled_logs: [tiled] }))
  expect(list).toEqual([
    {
      operator: 'Example',
      description: plain.description,
      kind: 'rfc6962',
      state: 'usable',
      stateSince: Date.UTC(2025, 5, 1),
      interval: { start: Date.UTC(2026, 6, 1), end: Date.UTC(2027, 0, 1) },
      log: {
        logId: toHex(fromBase64(plain.log_id) as Uint8Array),
        key: plain.key,
        mmd: 86_400_000,
        url: 'https://ct.example/plain2026h2',
      },
      problem: null,
    },
    {
      operator: 'Example',
      description: tiled.description,
      kind: 'static-ct',
      state: 'qualified',
      stateSince: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
      interval: null,
      log: {
        logId: toHex(fromBase64(tiled.log_id) as Uint8Array),
        key: tiled.key,
        mmd: 60_000,
        url: 'https://tiled2027h1.log.example',
        monitoringUrl: 'https://tiled2027h1.mon.example',
      },
      problem: null,
    },
  ])
})

test('operators without logs, with empty lists or without a name, and entries that are no logs break nothing', () => {
  const list = decoded(
    listOf(
      { name: 'Retired' },
      { logs: [], tiled_logs: [] },
      { name: 7, logs: [{}, plain] },
      { name: 'T', tiled_logs: [tiled] },
    ),
  )
  expect(list.map(({ operator, problem }) => [operator, problem])).toEqual([
    ['', 'noKey'],
    ['', null],
    ['T', null],
  ])
})

test.each<[string, object, ListedLog['problem']]>([
  ['no key', { key: undefined }, 'noKey'],
  ['an empty key', { key: '' }, 'noKey'],
  ['a key in PEM', { key: `-----BEGIN PUBLIC KEY-----\n${plain.key}` }, 'noKey'],
  ['a log ID in hex', { log_id: '00'.repeat(32) }, 'noKey'],
  ['a log ID of 31 bytes', { log_id: toBase64(new Uint8Array(31)) }, 'noKey'],
  ['the log ID of another key', { log_id: tiled.log_id }, 'otherKey'],
  ['no MMD', { mmd: undefined }, 'noMmd'],
  ['an MMD of 0', { mmd: 0 }, 'noMmd'],
  ['an MMD of 1.5 s', { mmd: 1.5 }, 'noMmd'],
  ['an MMD of more than a year', { mmd: 31_536_001 }, 'noMmd'],
  ['no URL', { url: undefined }, 'noUrl'],
  ['a URL that is a file', { url: 'file:///etc/passwd' }, 'noUrl'],
  ['a URL that is text', { url: 'ct.example' }, 'noUrl'],
])('an entry with %s is a placeholder with its reason', (_name, changed, problem) => {
  expect(one({ ...plain, ...changed })).toMatchObject({ log: null, problem, description: plain.description })
})

test('a static-ct log needs both of its URLs', () => {
  expect(oneTiled({ ...tiled, submission_url: undefined }).problem).toBe('noUrl')
  expect(oneTiled({ ...tiled, monitoring_url: undefined }).problem).toBe('noUrl')
  expect(oneTiled({ ...tiled, monitoring_url: 'file:///var/log' }).problem).toBe('noUrl')
})

test('each state is read, one that is unknown or twofold is none, and so is an interval that is no time', () => {
  for (const state of ['pending', 'qualified', 'usable', 'readonly', 'retired', 'rejected'])
    expect(one({ ...plain, state: { [state]: { timestamp: '2026-01-01T00:00:00+01:00', more: 1 } } })).toMatchObject({
      state,
      stateSince: Date.UTC(2025, 11, 31, 23),
    })
  expect(one({ ...plain, state: { usable: {} } })).toMatchObject({ state: 'usable', stateSince: null })
  const none = [
    undefined,
    null,
    {},
    { new: {} },
    { usable: {}, retired: {} },
    'usable',
    { usable: { timestamp: 'now' } },
  ]
  for (const state of none) expect(one({ ...plain, state })).toMatchObject({ state: null, problem: null })
  expect(one({ ...plain, temporal_interval: { start_inclusive: '2026', end_exclusive: 1 } }).interval).toBeNull()
})

test('what is no list is refused with its reason, within bounds', () => {
  const error = (file: Uint8Array) => {
    const list = decodeLogList(crypto, file)
    return list.ok ? 'none' : list.error
  }
  expect(error(utf8(''))).toBe('notJson')
  expect(error(utf8('<html>'))).toBe('notJson')
  expect(error(Uint8Array.of(0x22, 0xff, 0x22))).toBe('notJson')
  expect(error(new Uint8Array(16 * 1024 * 1024 + 1))).toBe('tooLarge')
  for (const json of [
    'null',
    '[]',
    '{}',
    '{"operators":{}}',
    '{"operators":[1]}',
    '{"operators":[{"name":"a","logs":[1]}]}',
  ])
    expect(error(utf8(json))).toBe('notLogList')
  const half = Array(5_001).fill({})
  expect(error(listOf({ name: 'a', logs: half }, { name: 'b', tiled_logs: half }))).toBe('tooManyLogs')
  fc.assert(fc.property(fc.json(), (json) => ['none', 'notLogList'].includes(error(utf8(json)))))
})

test('the table has a line a log, and no list can move the cursor', () => {
  const list = decoded(listOf({ name: 'Ex\u001b[2Jample\n', logs: [plain, {}], tiled_logs: [tiled] }))
  const lines = logsTable(list).split('\n')
  expect(lines).toHaveLength(5)
  expect(lines[1]).toMatch(
    /^Ex\?\[2Jample\? {2}Example 'Plain2026h2' log {2}rfc6962 {4}usable {5}2025-06-01 {2}2026-07-01 {2}2027-01-01 {2}24 h {3}https:\/\/ct\.example\/plain2026h2$/,
  )
  expect(lines[2]).toContain('no log: no key or log ID in base64')
  expect(lines[3]).toMatch(
    /static-ct {2}qualified {2}2026-01-02 {2}- {11}- {11}1 min {2}https:\/\/tiled2027h1\.mon\.example$/,
  )
  expect(logsTable([])).toBe('no logs\n')
})

test.skipIf(noRealData)('153 real log keys in the shape of the list are 153 logs', () => {
  const keys: readonly { key: string; mmd: number; url: string; description: string; kind: string }[] =
    realJson('log-keys.json')
  const entries = keys.map(({ url: named, ...rest }) => {
    // The oldest lists leave the scheme out.
    const url = named.includes('://') ? named : `https://${named}`
    const log_id = toBase64(crypto.sha256(fromBase64(rest.key) as Uint8Array))
    return { ...rest, log_id, url, submission_url: url, monitoring_url: url }
  })
  const isTiled = ({ kind }: { readonly kind: string }) => kind !== 'rfc6962'
  const file = listOf({
    name: 'All',
    logs: entries.filter((one) => !isTiled(one)),
    tiled_logs: entries.filter(isTiled),
  })
  const list = decoded(file)
  expect(list).toHaveLength(keys.length)
  expect(list.filter(({ problem }) => problem !== null)).toEqual([])
  expect(list.every(({ log }) => log !== null && log.mmd >= 1000 && !log.url.endsWith('/'))).toBe(true)
})
