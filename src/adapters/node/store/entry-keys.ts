// Keys of report entries on their way into `entry_key` and `reporter` [AUD-022]. Invariant: `reporter.at` only grows.
import type { DatabaseSync } from 'node:sqlite'
import { bucketOfCtr, ctrOfKey, type EntryRow, entryKey, perLogOf, type StagedEntry } from './entry-row.ts'
import { bucketCount, type StagedKeys, stagedKeys } from './staged-keys.ts'

export interface EntryKeys {
  readonly keys: StagedKeys<StagedEntry>
  /** Of a new entry no search is needed: those whose keys have moved are older. */
  mayHaveMoved(ctr: number, at: number): boolean
  /** The CTR reported SFOs of these logs at that time. */
  report(ctr: number, at: number, logs: readonly number[]): void
}

export function entryKeys(db: DatabaseSync, limit: number): EntryKeys {
  const insertKey = db.prepare('INSERT INTO entry_key VALUES (?, ?, ?)')
  const saveReport = db.prepare(
    'INSERT INTO reporter VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at = max(at, excluded.at)',
  )
  const lastId = db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'entry'")
  const rowsAfter = db.prepare('SELECT * FROM entry WHERE id > ?')

  const newestMoved = new Array<number>(bucketCount).fill(Number.NEGATIVE_INFINITY)
  for (const { ctr, at } of db.prepare(newestPerCtr).iterate()) sawMove(Number(ctr), at)

  function sawMove(ctr: number, at: unknown): void {
    const bucket = bucketOfCtr(ctr)
    if (typeof at === 'number') newestMoved[bucket] = Math.max(at, newestMoved[bucket] ?? at)
  }

  function report(ctr: number, at: number, logs: readonly number[]): void {
    for (const log of logs) saveReport.run(ctr, log, at)
  }

  const keys = stagedKeys<StagedEntry>(db, {
    name: 'entry',
    limit,
    bucketOf: (key) => bucketOfCtr(ctrOfKey(key)),
    move(key, { id, at, logs }) {
      insertKey.run(ctrOfKey(key), at, id)
      sawMove(ctrOfKey(key), at)
      report(ctrOfKey(key), at, logs)
    },
    lastId: () => Number(lastId.get()?.seq ?? 0),
    *rowsAfter(after) {
      for (const found of rowsAfter.iterate(after)) {
        const row = found as unknown as EntryRow
        const logs = perLogOf(row).filter(([, n]) => n > 0)
        yield [row.id, entryKey(row.ctr, row.circuit), { id: row.id, at: row.at, logs: logs.map(([log]) => log) }]
      }
    },
  })
  return { keys, report, mayHaveMoved: (ctr, at) => at <= (newestMoved[bucketOfCtr(ctr)] ?? at) }
}

const newestPerCtr = 'SELECT c.id AS ctr, (SELECT MAX(k.at) FROM entry_key k WHERE k.ctr = c.id) AS at FROM ctr c'
