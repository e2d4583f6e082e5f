// Report entries in SQLite [AUD-003, AUD-004, AUD-022]. Invariant: one entry per (ctr, circuit), found by its `at`, which a circuit
// never changes; `reporter` says when each CTR last reported an SFO of each log, for entries whose key is staged no more.
import type { DatabaseSync } from 'node:sqlite'
import type { ReportEntry } from '../../../machines/auditor/types.ts'
import type { LogId } from '../../../machines/ct/types.ts'
import type { CtrId } from '../../../machines/tor/types.ts'
import { entryKeys } from './entry-keys.ts'
import {
  bucketOfCtr,
  ctrOfKey,
  type EntryRow,
  entryColumns,
  entryKey,
  readEntry,
  type StagedEntry,
} from './entry-row.ts'
import type { Undo } from './group-commit.ts'
import type { Names } from './names.ts'
import { compareText } from './rules.ts'
import { bucketCount, type StagedKeys } from './staged-keys.ts'

export interface SqliteReports {
  readonly keys: StagedKeys<StagedEntry>
  put(entry: ReportEntry, undo: Undo): void
  entries(ctrId: CtrId, since: number): readonly ReportEntry[]
  reportingCtrs(): readonly CtrId[]
  reportersByLog(since: number): ReadonlyMap<LogId, number>
  /** Buckets in use: all CTRs are in one below this number. */
  bucketsInUse(): number
  /** Of the CTRs of one bucket; answers how many entries left. */
  prune(bucket: number, before: number, keepPerCtr: number, undo: Undo): number
  forgetReporters(before: number): void
}

export function sqliteReports(db: DatabaseSync, logs: Names, ctrs: Names, stagedLimit: number): SqliteReports {
  const insert = db.prepare(
    'INSERT INTO entry (ctr, circuit, at, valid, duplicate, invalid, per_log) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const replace = db.prepare(
    'UPDATE entry SET ctr = ?, circuit = ?, at = ?, valid = ?, duplicate = ?, invalid = ?, per_log = ? WHERE id = ?',
  )
  const select = db.prepare('SELECT * FROM entry WHERE id = ?')
  const selectSince = db.prepare(
    'SELECT e.* FROM entry_key k JOIN entry e ON e.id = k.id WHERE k.ctr = ? AND k.at >= ? ORDER BY k.at, e.circuit',
  )
  const findIndexed = db.prepare(
    'SELECT e.id FROM entry_key k JOIN entry e ON e.id = k.id WHERE k.ctr = ? AND k.at = ? AND e.circuit = ?',
  )
  const deleteEntry = db.prepare('DELETE FROM entry WHERE id = ?')
  const deleteKey = db.prepare('DELETE FROM entry_key WHERE ctr = ? AND at = ? AND id = ?')
  const lastReport = db.prepare('SELECT at FROM reporter WHERE ctr = ? AND log = ?')
  const countReporters = db.prepare('SELECT log, COUNT(*) AS n FROM reporter WHERE at >= ? GROUP BY log')
  const forget = db.prepare('DELETE FROM reporter WHERE at < ?')
  const selectCtrs = db.prepare('SELECT id FROM ctr c WHERE EXISTS (SELECT 1 FROM entry_key k WHERE k.ctr = c.id)')
  const lastCtr = db.prepare('SELECT MAX(id) AS id FROM ctr')
  const bucketCtrs = db.prepare('SELECT id FROM ctr WHERE (id / 32) % 128 = ?')
  const overdue = db.prepare('SELECT at, id FROM entry_key WHERE ctr = ? AND at < ?')
  const nthLast = db.prepare('SELECT at FROM entry_key WHERE ctr = ? ORDER BY at DESC LIMIT 1 OFFSET ?')
  const { keys, report, mayHaveMoved } = entryKeys(db, stagedLimit)

  /** Oldest first, of one CTR, those still staged among them. */
  function rowsOf(ctr: number, since: number): readonly EntryRow[] {
    const indexed = selectSince.all(ctr, since) as unknown as readonly EntryRow[]
    const staged = [...(keys.buckets[bucketOfCtr(ctr)] ?? [])].filter(
      ([key, { at }]) => at >= since && ctrOfKey(key) === ctr,
    )
    if (staged.length === 0) return indexed
    const rows = staged.map(([, { id }]) => select.get(id) as unknown as EntryRow)
    return [...indexed, ...rows].sort((a, b) => a.at - b.at || compareText(a.circuit, b.circuit))
  }

  return {
    keys,
    put(entry, undo) {
      const ctr = ctrs.number(entry.ctrId, undo)
      const perLog = Object.entries(entry.perLog).map(([logId, n]) => [logs.number(logId, undo), n] as const)
      const reported = perLog.filter(([, n]) => n > 0).map(([log]) => log)
      const columns = entryColumns(entry, ctr, perLog)
      const key = entryKey(ctr, entry.circuit)
      const staged = keys.get(key)
      const search = staged === undefined && mayHaveMoved(ctr, entry.at)
      const indexed = search ? findIndexed.get(ctr, entry.at, entry.circuit) : undefined
      if (indexed !== undefined) {
        replace.run(...columns, Number(indexed.id))
        report(ctr, entry.at, reported)
        return
      }
      if (staged !== undefined) replace.run(...columns, staged.id)
      const id = staged?.id ?? Number(insert.run(...columns).lastInsertRowid)
      keys.set(key, { id, at: entry.at, logs: reported }, undo)
    },
    entries(ctrId, since) {
      const ctr = ctrs.find(ctrId)
      return ctr === undefined ? [] : rowsOf(ctr, since).map((row) => readEntry(row, ctrId, logs))
    },
    reportingCtrs() {
      const found = new Set(selectCtrs.all().map(({ id }) => Number(id)))
      for (const bucket of keys.buckets) for (const key of bucket.keys()) found.add(ctrOfKey(key))
      return [...found].map((ctr) => ctrs.name(ctr)).sort()
    },
    reportersByLog(since) {
      const counts = new Map<number, number>()
      for (const { log, n } of countReporters.iterate(since)) counts.set(Number(log), Number(n))
      const counted = new Set<string>()
      for (const [key, { at, logs: reported }] of keys.buckets.flatMap((bucket) => [...bucket])) {
        for (const log of at >= since ? reported : []) {
          const pair = `${ctrOfKey(key)}:${log}`
          if (counted.has(pair) || Number(lastReport.get(ctrOfKey(key), log)?.at ?? -Infinity) >= since) continue
          counted.add(pair)
          counts.set(log, (counts.get(log) ?? 0) + 1)
        }
      }
      return new Map([...counts].map(([log, n]) => [logs.name(log), n]))
    },
    bucketsInUse: () => Math.min(bucketCount, bucketOfCtr(Math.min(Number(lastCtr.get()?.id ?? 0), 4095)) + 1),
    prune(bucket, before, keepPerCtr, undo) {
      keys.settleBucket(bucket, undo)
      let pruned = 0
      const remove = (ctr: number, at: number, id: number) => {
        deleteKey.run(ctr, at, id)
        deleteEntry.run(id)
        pruned += 1
      }
      for (const { id } of bucketCtrs.all(bucket)) {
        const ctr = Number(id)
        for (const row of overdue.all(ctr, before)) remove(ctr, Number(row.at), Number(row.id))
        // The newest entry that must go; entries of the same instant are in the order of their circuits' names.
        const last = nthLast.get(ctr, keepPerCtr)
        if (last === undefined) continue
        for (const row of overdue.all(ctr, Number(last.at))) remove(ctr, Number(row.at), Number(row.id))
        const left = rowsOf(ctr, Number(last.at))
        for (const row of left.slice(0, left.length - keepPerCtr)) remove(ctr, row.at, row.id)
      }
      return pruned
    },
    forgetReporters: (before) => void forget.run(before),
  }
}
