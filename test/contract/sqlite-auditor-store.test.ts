// What only the durable store owes: shared commits, a bounded queue, a full disk, a lock, and files that are not its own.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { StoreOpenError } from '../../src/adapters/node/store/database.ts'
import { sqliteAuditorStore } from '../../src/adapters/node/store/sqlite-auditor-store.ts'
import { ctrId, entryOf, evidenceOf, logId, rowOf, sfoId, stateOf } from './suites/auditor-store-data.ts'
import { temporaryFolder } from './suites/temporary-folder.ts'

const newPath = temporaryFolder()
const range = (length: number): readonly number[] => Array.from({ length }, (_, n) => n)
const entry = entryOf(0, 0, 1)

/** A write that SQLite refuses midway: its first row is good, its log and its CTR are new. */
const unstorable = (n: number) => ({
  rows: [rowOf(n)],
  entry: { ...entryOf(7, 7, 1), circuit: undefined as unknown as string },
})

test('writes of one turn share a commit, and one that fails takes no other with it [AUD-027]', async () => {
  const store = sqliteAuditorStore({ path: newPath() })
  const bad = unstorable(50)
  const outcomes = await Promise.all([
    ...range(50).map((n) => store.insert([rowOf(n)], entryOf(n, 0, 1))),
    store.insert(bad.rows, bad.entry),
    store.insert([rowOf(51)], entry),
  ])
  expect(outcomes.flatMap(({ ok }, n) => (ok ? [] : [n]))).toEqual([50])
  expect(outcomes[50]).toMatchObject({ error: 'storeFailed' })
  expect(store.statistics).toEqual({ commits: 1, written: 51, refused: 0, full: 0, failed: 1 })
  expect([store.lookup(sfoId(50)), store.getBody(sfoId(50)), store.counts().pending]).toEqual(['new', undefined, 51])
  await store.close()
})

test('a write that failed leaves nothing in memory either: its SFO, log and CTR can come again [AUD-027]', async () => {
  const path = newPath()
  const store = sqliteAuditorStore({ path })
  const bad = unstorable(1)
  expect((await store.insert(bad.rows, bad.entry)).ok).toBe(false)
  expect(await store.insert([rowOf(1)], entryOf(7, 7, 1))).toMatchObject({ ok: true, value: { inserted: 1 } })
  await store.close()
  const again = sqliteAuditorStore({ path })
  expect([again.getSfo(sfoId(1)), again.page(logId(1), 'pending', null, 9)]).toEqual([stateOf(1), [stateOf(1)]])
  expect(again.entries(ctrId(7), 0)).toEqual([entryOf(7, 7, 1)])
  await again.close()
})

test('a queue at its limit refuses at once and counts; what it took is still made [AUD-007]', async () => {
  const store = sqliteAuditorStore({ path: newPath(), maxQueued: 3, commitWindowMs: 5 })
  const outcomes = await Promise.all(range(5).map((n) => store.insert([rowOf(n)], entry)))
  expect(outcomes.map((outcome) => outcome.ok || outcome.error)).toEqual([true, true, true, 'storeFull', 'storeFull'])
  expect([store.statistics.refused, store.counts().pending]).toEqual([2, 3])
  await store.close()
  const small = sqliteAuditorStore({ path: newPath(), maxQueuedBytes: 5000 })
  const sized = await Promise.all([9000, 10].map((bytes, n) => small.insert([rowOf(n, null, bytes)], entry)))
  expect(sized.map(({ ok }) => ok)).toEqual([true, false])
  await small.close()
})

test('closing commits what waits [AUD-027]', async () => {
  const path = newPath()
  const store = sqliteAuditorStore({ path, commitWindowMs: 60_000 })
  const outcomes = range(2000).map((n) => store.insert([rowOf(n)], entryOf(n % 50, n, 1)))
  await store.close()
  expect((await Promise.all(outcomes)).every(({ ok }) => ok)).toBe(true)
  const again = sqliteAuditorStore({ path })
  expect(again.counts().pending).toBe(2000)
  await again.close()
})

test('on a full disk each write is made whole or answered storeFull, and freed room is used again [AUD-007, AUD-012]', async () => {
  const path = newPath()
  const store = sqliteAuditorStore({ path, maxPages: 200, stagedSfos: 8, stagedEntries: 8 })
  const sizes = range(120).map((n) => (n % 4 === 0 ? 9000 : 3000))
  const insert = (n: number) => store.insert([rowOf(n, null, sizes[n])], entryOf(n % 40, n, 1))
  const outcomes = await Promise.all(range(120).map(insert))
  const made = outcomes.flatMap(({ ok }, n) => (ok ? [n] : []))
  const refused = outcomes.flatMap((outcome, n) => (outcome.ok ? [] : [{ n, error: outcome.error }]))
  expect([made.length > 10, refused.length > 10]).toEqual([true, true])
  expect(new Set(refused.map(({ error }) => error))).toEqual(new Set(['storeFull']))
  expect([store.counts().pending, store.statistics.full]).toEqual([made.length, refused.length])
  for (const { n } of refused) expect([store.lookup(sfoId(n)), store.getBody(sfoId(n))]).toEqual(['new', undefined])
  for (const n of made) expect(store.getBody(sfoId(n))).toEqual(rowOf(n, null, sizes[n]).body)
  const circuits = range(40).flatMap((ctr) => store.entries(ctrId(ctr), 0).map(({ circuit }) => circuit))
  expect(circuits.sort()).toEqual(made.map((n) => `circuit ${n}`).sort())

  const [first = 0, second = 0, ...rest] = made
  const escalate = evidenceOf(logId(first % 3), 'withheld', sfoId(first))
  expect(await store.apply({ state: stateOf(first, 'proven', 1), escalate: null, purgeChain: true })).toMatchObject({
    ok: true,
  })
  expect(await store.apply({ state: stateOf(second, 'escalated', 1), escalate, purgeChain: true })).toMatchObject({
    ok: true,
  })
  for (const n of rest) await store.apply({ state: stateOf(n, 'proven'), escalate: null, purgeChain: true })
  const again = await Promise.all(refused.slice(0, 10).map(({ n }) => insert(n)))
  expect(again.every(({ ok }) => ok)).toBe(true)
  await store.close()
  const reopened = sqliteAuditorStore({ path })
  expect(reopened.counts().pending).toBe(10)
  for (const { n } of refused.slice(0, 10)) expect(reopened.getSfo(sfoId(n))).toEqual(stateOf(n))
  await reopened.close()
  expect(statSync(path).size).toBeLessThanOrEqual(200 * 2048)
})

test('a purged chain is on the disk no more [AUD-024]', async () => {
  const path = newPath()
  const store = sqliteAuditorStore({ path })
  const marker = Buffer.from('browsing data of somebody').toString('hex')
  await store.insert([{ ...rowOf(1), body: Buffer.from(marker.repeat(200)) }], entry)
  await store.apply({ state: stateOf(1, 'proven'), escalate: null, purgeChain: true })
  await store.close()
  expect(readFileSync(path).includes(marker)).toBe(false)
  expect(existsSync(`${path}-wal`)).toBe(false)
})

const opening = (path: string): unknown => {
  try {
    sqliteAuditorStore({ path })
    return 'opened'
  } catch (error) {
    return error instanceof StoreOpenError ? error.code : error
  }
}

test('a file that another process holds, that is foreign, of another release or nowhere is refused with a clear error', async () => {
  const path = newPath()
  const store = sqliteAuditorStore({ path })
  expect(opening(path)).toBe('locked')
  expect(() => sqliteAuditorStore({ path })).toThrow(`${path}: in use by another process`)
  await store.setValue('a', 'b')
  await store.close()
  const altered = new DatabaseSync(path)
  altered.exec('PRAGMA user_version = 3')
  altered.close()
  expect(opening(path)).toBe('version')
  expect(() => sqliteAuditorStore({ path })).toThrow('schema version 3, this release reads 2')

  const foreign = newPath()
  const other = new DatabaseSync(foreign)
  other.exec('CREATE TABLE bookmarks (url TEXT)')
  other.close()
  const text = newPath()
  writeFileSync(text, 'a text, and longer than the sixteen bytes of a header, and then some. '.repeat(20))
  const before = statSync(foreign).size
  expect([opening(foreign), opening(text), opening('/nowhere/at/all.sqlite')]).toEqual([
    'foreign',
    'foreign',
    'unavailable',
  ])
  expect([statSync(foreign).size, existsSync(`${foreign}-wal`)]).toEqual([before, false])
})

test('only its owner may read the file: it holds browsing data', async () => {
  const path = newPath()
  const store = sqliteAuditorStore({ path })
  await store.setValue('a', 'b')
  expect([path, `${path}-wal`].map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600])
  await store.close()
})

test('a killed process loses nothing that it acknowledged, holds no lock, and leaves no half of an insert [AUD-027, INV-009]', async () => {
  const path = newPath()
  const acknowledged = new Set<number>()
  for (const killAfter of [40, 150, 400]) {
    const child = spawn(process.execPath, [
      new URL('./suites/store-writer.ts', import.meta.url).pathname,
      path,
      `${acknowledged.size}`,
    ])
    const lines = createInterface({ input: child.stdout })
    let fresh = 0
    lines.on('line', (line) => {
      acknowledged.add(Number(line))
      fresh += 1
      if (fresh === killAfter) child.kill('SIGKILL')
    })
    await Promise.all([once(child, 'exit'), once(lines, 'close')])
    expect(fresh).toBeGreaterThanOrEqual(killAfter)
    const store = sqliteAuditorStore({ path, stagedSfos: 16, stagedEntries: 16 })
    for (const n of acknowledged)
      expect([store.getSfo(sfoId(n)), store.getBody(sfoId(n))]).toEqual([stateOf(n), rowOf(n).body])
    const entries = range(50).flatMap((ctr) => store.entries(ctrId(ctr), 0))
    expect(entries.length).toBe(store.counts().pending)
    await store.close()
  }
})

test('a file of version 1 is brought to this version, and keeps what it has [AUD-027]', async () => {
  const path = newPath()
  const first = sqliteAuditorStore({ path })
  await first.insert([rowOf(1)], entryOf(1, 1, 1))
  await first.close()
  const old = new DatabaseSync(path)
  old.exec('DROP TABLE place; DROP TABLE transcript; PRAGMA user_version = 1')
  old.close()
  const store = sqliteAuditorStore({ path })
  expect(store.getSfo(sfoId(1))).toEqual(rowOf(1).state)
  const asked = [{ at: 1, outcome: 'refused', size: 2, status: 404 }] as const
  expect((await store.apply({ state: stateOf(1), escalate: null, purgeChain: false, asked })).ok).toBe(true)
  await store.close()
  const again = sqliteAuditorStore({ path })
  expect(again.transcript(sfoId(1))).toEqual(asked)
  await again.close()
})
