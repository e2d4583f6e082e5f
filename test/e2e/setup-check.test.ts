// `--check`: a set-up that holds passes, and each thing that is missing is the one line that says so.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { checkAuditor } from '../../src/adapters/daemon/auditor-check.ts'
import { auditorSchema } from '../../src/adapters/daemon/auditor-config.ts'
import { checkRelay } from '../../src/adapters/daemon/relay-check.ts'
import { relaySchema } from '../../src/adapters/daemon/relay-config.ts'
import type { CheckLine } from '../../src/adapters/daemon/setup-check.ts'
import { newAuthority, writeConsensus } from '../../src/adapters/dev-log/consensus.ts'
import { generateKey, writeKey } from '../../src/adapters/node/ctr-key.ts'
import { sqliteAuditorStore } from '../../src/adapters/node/store/sqlite-auditor-store.ts'
import { type FakeTor, fakeTor } from '../contract/fake-tor.ts'

const folder = mkdtempSync(join(tmpdir(), 'ctor-check-'))
const file = (name: string) => join(folder, name)
const authority = newAuthority()
const hour = 3_600_000
const storeModule = fileURLToPath(new URL('../../src/adapters/node/store/sqlite-auditor-store.ts', import.meta.url))
/** Writes one value, durably, and is gone. */
const killedWriter = `
  import { sqliteAuditorStore } from ${JSON.stringify(storeModule)}
  const store = sqliteAuditorStore({ path: process.argv[1] })
  await store.setValue('key', 'value')
  process.kill(process.pid, 'SIGKILL')`
let tor: FakeTor
let busy: ReturnType<typeof createServer>
let socks: ReturnType<typeof createServer>

const portOf = (server: ReturnType<typeof createServer>) => (server.address() as { port: number }).port
const listening = (server: ReturnType<typeof createServer>) =>
  new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

function publish(name: string, validUntil: number) {
  const lists = { logs: [], sths: [], ctrs: [], auditors: [] }
  const times = { validAfter: validUntil - 3 * hour, freshUntil: validUntil - 2 * hour, validUntil }
  return writeConsensus({ path: file(name), authorities: [authority], ...lists, ...times })
}

beforeAll(async () => {
  tor = await fakeTor()
  busy = createServer((socket) => socket.destroy())
  socks = createServer((socket) => socket.once('data', () => socket.end(Buffer.from([5, 2]))))
  await Promise.all([listening(busy), listening(socks)])
  for (const name of ['relay.key', 'auditor.key', 'open.key']) await writeKey(file(name), generateKey())
  chmodSync(file('open.key'), 0o644)
  await publish('consensus', Date.now() + hour)
  await publish('old', Date.now() - hour)
})

afterAll(async () => {
  await tor.close()
  busy.close()
  socks.close()
  rmSync(folder, { recursive: true })
})

const base = () => ({
  listen: { port: 0 },
  operations: { port: 0 },
  consensus: { path: file('consensus'), authorities: [authority.key] },
  socks: { port: portOf(socks) },
  control: { port: tor.port },
})

async function relay(given: object = {}) {
  const least = { ...base(), proofs: { port: 0 }, key: { path: file('relay.key') }, onion: { kind: 'tor' as const } }
  const lines = await checkRelay(relaySchema.parse({ ...least, ...given }))
  // Whether this machine swaps is not this test's.
  return lines.filter(({ name }) => name !== 'swap')
}

async function auditor(given: object = {}) {
  const paths = { store: { path: file('a.sqlite') }, alerts: { path: file('a.jsonl') } }
  return checkAuditor(auditorSchema.parse({ ...base(), key: { path: file('auditor.key') }, ...paths, ...given }))
}

test('a set-up that holds has no line that is wrong', async () => {
  expect((await relay()).map(({ name, ok }) => [name, ok])).toEqual(
    ['identity', 'key file', 'consensus', 'socks', 'control', 'listen', 'proofs', 'operations'].map((name) => [
      name,
      true,
    ]),
  )
  expect((await auditor()).filter(({ ok }) => !ok)).toEqual([])
})

const missing: readonly (readonly [string, () => object, string, RegExp])[] = [
  ['a key file that is not there', () => ({ key: { path: file('none') } }), 'identity', /ENOENT/],
  ['a key that others can read', () => ({ key: { path: file('open.key') } }), 'key file', /mode 644\), wanted 600/],
  [
    "a relay's key folder that is empty",
    () => ({ key: { torKeys: folder } }),
    'identity',
    /signing_secret_key: ENOENT/,
  ],
  [
    'a consensus that is not live',
    () => ({ consensus: { path: file('old'), authorities: [authority.key] } }),
    'consensus',
    /^notLive/,
  ],
  [
    'authorities of another network',
    () => ({ consensus: { path: file('consensus'), authorities: ['ab'.repeat(32)] } }),
    'consensus',
    /^badSignature/,
  ],
  ['a SOCKS port where nothing listens', () => ({ socks: { port: 1 } }), 'socks', /ECONNREFUSED/],
  ['a SOCKS port that closes', () => ({ socks: { port: portOf(busy) } }), 'socks', /closed|ECONNRESET/],
  ['a control port where nothing listens', () => ({ control: { port: 1 } }), 'control', /unreachable/],
  ['a cookie that cannot be read', () => ({ control: { port: tor.port, cookie: file('none') } }), 'control', /badAuth/],
  ['a port that is taken', () => ({ listen: { port: portOf(busy) } }), 'listen', /EADDRINUSE/],
]

for (const [what, given, name, detail] of missing) {
  test(`a relay's set-up with ${what}: ${name} says so`, async () => {
    const wrong = (await relay(given())).filter(({ ok }) => !ok)
    expect(wrong.map((line) => line.name)).toContain(name)
    expect(wrong.find((line) => line.name === name)?.detail).toMatch(detail)
  })
}

test('with the Tor network and no SOCKS port, socks says that connections are direct; on a network without Tor it says nothing', async () => {
  const tor = { authorities: ['ab'.repeat(20)], extension: file('none'), directory: 'http://127.0.0.1:1' }
  const onion = { kind: 'loopback' as const }
  const socksOf = (lines: readonly CheckLine[]) => lines.filter(({ name }) => name === 'socks')
  const detail = 'not configured: connections are direct, and names are resolved here'
  for (const lines of [
    await relay({ consensus: undefined, socks: undefined, tor, onion }),
    await auditor({ consensus: undefined, socks: undefined, tor }),
  ])
    expect(socksOf(lines)).toEqual([{ name: 'socks', ok: false, detail }])
  expect(socksOf(await relay({ socks: undefined, onion }))).toEqual([])
})

describe("an auditor's store", () => {
  const at = file('store.sqlite')
  const check = async (): Promise<CheckLine | undefined> => {
    const lines = await auditor({ store: { path: at } })
    return lines.find(({ name }) => name === 'store')
  }
  /** A store as an auditor leaves it, with one row and a value. */
  const leave = async () => {
    const store = sqliteAuditorStore({ path: at })
    await store.setValue('key', 'v'.repeat(100_000))
    await store.close()
  }
  const change = (sql: string) => {
    const db = new DatabaseSync(at)
    db.exec(sql)
    db.close()
  }
  beforeEach(() => {
    for (const name of [at, `${at}-wal`, `${at}-shm`]) rmSync(name, { force: true })
  })

  test('one that an auditor left is whole, nothing is beside it, and its bytes stay', async () => {
    expect(await check()).toEqual({ name: 'store', ok: true, detail: `${at} can be made` })
    expect(existsSync(at)).toBe(false)
    await leave()
    const before = readFileSync(at)
    expect(await check()).toEqual({ name: 'store', ok: true, detail: `${at} is whole, of schema version 2` })
    expect(readFileSync(at).equals(before)).toBe(true)
    expect(readdirSync(folder).filter((name) => name.startsWith('store.sqlite'))).toEqual(['store.sqlite'])
  })

  test('one of version 1 is said to be renewed at the start, and stays of version 1', async () => {
    await leave()
    change('DROP TABLE place; DROP TABLE transcript; PRAGMA user_version = 1')
    const line = {
      name: 'store',
      ok: true,
      detail: `${at} is whole, of schema version 1, which the start makes version 2`,
    }
    expect([await check(), await check()]).toEqual([line, line])
  })

  test('what was not yet checkpointed when the machine went down is read too', async () => {
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', killedWriter, at], { encoding: 'utf8' })
    expect([child.signal, child.stderr]).toEqual(['SIGKILL', ''])
    expect(existsSync(`${at}-wal`)).toBe(true)
    expect(await check()).toMatchObject({ ok: true, detail: `${at} is whole, of schema version 2` })
    const store = sqliteAuditorStore({ path: at })
    expect(store.getValue('key')).toBe('value')
    await store.close()
  })

  const wrong: readonly (readonly [string, () => unknown, RegExp])[] = [
    ['of a later schema', () => change('PRAGMA user_version = 99'), /schema version 99, this release reads 2$/],
    ['of another program', () => change('PRAGMA application_id = 1'), /not an auditor's store$/],
    ['that is no database', () => writeFileSync(at, 'x'.repeat(10_000)), /not an auditor's store$/],
    ['with a page of zeros', () => zero(0.5), /damaged/],
    ['whose end is missing', () => truncateSync(at, statSync(at).size - 4096), /damaged/],
  ]
  test.each(wrong)('one %s is said to be so', async (_, spoil, detail) => {
    await leave()
    spoil()
    expect(await check()).toMatchObject({ ok: false, detail: expect.stringMatching(detail) })
  })

  test('one that another process has is said to be in use', async () => {
    const store = sqliteAuditorStore({ path: at })
    expect(await check()).toMatchObject({ ok: false, detail: `${at}: in use by another process` })
    expect((await store.setValue('key', 'value')).ok).toBe(true)
    await store.close()
    expect(await check()).toMatchObject({ ok: true })
  })

  /** The page at that share of the file. */
  function zero(share: number) {
    const bytes = readFileSync(at)
    const page = Math.floor((bytes.length / 2048) * share)
    writeFileSync(at, bytes.fill(0, page * 2048, (page + 1) * 2048))
  }
})

test("an auditor's set-up with a store that cannot be written: store says so", async () => {
  const wrong = (await auditor({ store: { path: file('no/such/folder.sqlite') } })).filter(({ ok }) => !ok)
  expect(wrong.map(({ name }) => name)).toEqual(['store'])
  writeFileSync(file('a.jsonl'), '')
  expect((await auditor()).filter(({ ok }) => !ok)).toEqual([])
})
