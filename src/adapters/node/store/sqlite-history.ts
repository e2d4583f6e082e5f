// STHs, gaps of the consensus history and small values in SQLite [AUD-015, AUD-016]. Invariant: gaps neither overlap nor touch,
// so that one look at the last gap before an instant says whether there is any.
import type { DatabaseSync } from 'node:sqlite'
import type { SeenSth } from '../../../machines/auditor/types.ts'
import type { LogId } from '../../../machines/ct/types.ts'
import type { Undo } from './group-commit.ts'
import type { Names } from './names.ts'

export interface SqliteHistory {
  saveSth(seen: SeenSth, undo: Undo): void
  sths(logId: LogId): readonly SeenSth[]
  recordGap(from: number, to: number): void
  gapBetween(from: number, to: number): boolean
  getValue(key: string): string | undefined
  setValue(key: string, value: string): void
}

export function sqliteHistory(db: DatabaseSync, logs: Names, sthsPerLog: number): SqliteHistory {
  const saveSth = db.prepare('INSERT OR REPLACE INTO sth VALUES (?, ?, ?, ?, ?, ?, ?)')
  const selectSths = db.prepare('SELECT * FROM sth WHERE log = ? ORDER BY timestamp, size, root')
  const dropSths = db.prepare(
    `DELETE FROM sth WHERE log = ? AND (timestamp, size, root) IN (
       SELECT timestamp, size, root FROM sth WHERE log = ? ORDER BY timestamp DESC, size DESC, root DESC LIMIT -1 OFFSET ?)`,
  )
  const uniteGaps = db.prepare(
    'SELECT MIN(from_at) AS first, MAX(to_at) AS last FROM gap WHERE from_at <= ? AND to_at >= ?',
  )
  const deleteGaps = db.prepare('DELETE FROM gap WHERE from_at <= ? AND to_at >= ?')
  const insertGap = db.prepare('INSERT INTO gap VALUES (?, ?)')
  const lastGap = db.prepare('SELECT to_at FROM gap WHERE from_at <= ? ORDER BY from_at DESC LIMIT 1')
  const selectValue = db.prepare('SELECT value FROM value WHERE key = ?')
  const saveValue = db.prepare('INSERT OR REPLACE INTO value VALUES (?, ?)')

  return {
    saveSth({ sth, seenAt, status }, undo) {
      const log = logs.number(sth.logId, undo)
      saveSth.run(log, sth.timestamp, sth.size, sth.root, sth.signature, seenAt, status)
      dropSths.run(log, log, sthsPerLog)
    },
    sths(logId) {
      const log = logs.find(logId)
      return log === undefined ? [] : selectSths.all(log).map((row) => decodeSth(row, logId))
    },
    recordGap(from, to) {
      const united = uniteGaps.get(to, from)
      deleteGaps.run(to, from)
      insertGap.run(Math.min(from, Number(united?.first ?? from)), Math.max(to, Number(united?.last ?? to)))
    },
    gapBetween: (from, to) => Number(lastGap.get(to)?.to_at ?? Number.NEGATIVE_INFINITY) >= from,
    getValue(key) {
      const row = selectValue.get(key)
      return row === undefined ? undefined : String(row.value)
    },
    setValue: (key, value) => void saveValue.run(key, value),
  }
}

function decodeSth(row: Readonly<Record<string, unknown>>, logId: LogId): SeenSth {
  const { timestamp, size, root, signature } = row
  return {
    sth: { logId, timestamp: Number(timestamp), size: Number(size), root: String(root), signature: String(signature) },
    seenAt: Number(row.seen_at),
    status: String(row.status) as SeenSth['status'],
  }
}
