// SFO rows, bodies and counts in SQLite [AUD-007, AUD-024]. Invariant: one row per sfoId, and the counts are those of the rows.
import type { DatabaseSync } from 'node:sqlite'
import type { AuditorStore, InsertRow, PageKey, SfoState, SfoStatus } from '../../../effects/ports.ts'
import { sfoStatuses } from '../../../effects/ports.ts'
import type { SfoContext } from '../../../machines/auditor/types.ts'
import { longestTranscript, type TranscriptEntry } from '../../../machines/ct/evidence-bundle.ts'
import type { LogId, SfoId } from '../../../machines/ct/types.ts'
import type { Undo } from './group-commit.ts'
import type { Names } from './names.ts'
import { isHash, noSfos } from './rules.ts'
import { decodeSfo, encodeSfo, prefixOf, statusNumber } from './sfo-row.ts'
import { bucketCount, type StagedKeys, stagedKeys } from './staged-keys.ts'

type Reads = Pick<AuditorStore, 'lookup' | 'getSfo' | 'getBody' | 'transcript' | 'page' | 'counts' | 'countsByLog'>

export interface SqliteSfos {
  readonly reads: Reads
  readonly keys: StagedKeys<number>
  find(sfoId: SfoId): number | undefined
  /** Answers false, and changes nothing, where the sfoId exists. */
  insert(row: InsertRow, undo: Undo): boolean
  /** The row must exist. */
  update(id: number, state: SfoState): void
  /** Not where the chain belongs to an incident. */
  purge(id: number): void
  /** The first SFO, body and all, that has the place of this one and another leaf. */
  rivalOf(context: SfoContext): SfoId | undefined
  keepAnswers(id: number, answers: readonly TranscriptEntry[]): void
}

export function sqliteSfos(db: DatabaseSync, logs: Names, stagedLimit: number): SqliteSfos {
  const keys = sfoKeys(db, stagedLimit)
  const findById = db.prepare(
    'SELECT k.id FROM sfo_key k JOIN sfo s ON s.id = k.id WHERE k.prefix = ? AND s.sfo_id = ?',
  )
  const insertRow = db.prepare(
    'INSERT INTO sfo (sfo_id, log, leaf_hash, status, received_at, value, context) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const insertBody = db.prepare('INSERT INTO body VALUES (?, ?)')
  const select = db.prepare('SELECT * FROM sfo WHERE id = ?')
  const selectStatus = db.prepare('SELECT status FROM sfo WHERE id = ?')
  const selectBody = db.prepare('SELECT body FROM body WHERE id = ?')
  // Only the second touches the index of pages and the counts.
  const update = db.prepare('UPDATE sfo SET value = ?, context = ? WHERE id = ?')
  const move = db.prepare('UPDATE sfo SET value = ?, context = ?, status = ? WHERE id = ?')
  const insertPlace = db.prepare('INSERT INTO place VALUES (?, ?, ?)')
  const selectRival = db.prepare(
    `SELECT s.sfo_id FROM place p JOIN sfo s ON s.id = p.id JOIN body b ON b.id = p.id
     WHERE p.log = ? AND p.leaf_index = ? AND s.leaf_hash <> ? ORDER BY p.id LIMIT 1`,
  )
  const selectAnswers = db.prepare('SELECT entries FROM transcript WHERE id = ?')
  const saveAnswers = db.prepare('INSERT OR REPLACE INTO transcript VALUES (?, ?)')
  const deleteAnswers = db.prepare('DELETE FROM transcript WHERE id = ?')
  const deleteBody = db.prepare(
    'DELETE FROM body WHERE id = ? AND NOT EXISTS (SELECT 1 FROM escalation e WHERE e.sfo = body.id)',
  )
  const selectCounts = db.prepare('SELECT log, status, n FROM sfo_count')
  const pages = { pending: pageStatement(db, 'pending'), escalated: pageStatement(db, 'escalated') }

  function find(sfoId: SfoId): number | undefined {
    const staged = keys.get(sfoId)
    if (staged !== undefined || !isHash(sfoId)) return staged
    const row = findById.get(prefixOf(sfoId), Buffer.from(sfoId, 'hex'))
    return row === undefined ? undefined : Number(row.id)
  }

  function answersOf(id: number): readonly TranscriptEntry[] {
    const row = selectAnswers.get(id)
    return row === undefined ? [] : (JSON.parse(String(row.entries)) as readonly TranscriptEntry[])
  }

  function statusOfRow(id: number): SfoStatus | undefined {
    return sfoStatuses[Number(selectStatus.get(id)?.status)]
  }

  return {
    keys,
    find,
    insert({ state, body }, undo) {
      const { sfoId, logId, leafIndex } = state.context
      if (find(sfoId) !== undefined) return false
      const row = encodeSfo(state)
      const log = logs.number(logId, undo)
      const inserted = insertRow.run(row.sfoId, log, row.leafHash, row.status, row.receivedAt, row.value, row.context)
      const id = Number(inserted.lastInsertRowid)
      insertBody.run(id, body)
      if (leafIndex !== undefined) insertPlace.run(log, leafIndex, id)
      keys.set(sfoId, id, undo)
      return true
    },
    update(id, state) {
      const { value, context, status } = encodeSfo(state)
      if (sfoStatuses[status] === statusOfRow(id)) update.run(value, context, id)
      else move.run(value, context, status, id)
    },
    purge(id) {
      deleteBody.run(id)
      deleteAnswers.run(id)
    },
    rivalOf({ logId, leafIndex, leafId }) {
      const log = logs.find(logId)
      if (log === undefined || leafIndex === undefined) return undefined
      const row = selectRival.get(log, leafIndex, Buffer.from(leafId.slice(65), 'hex'))
      return row === undefined ? undefined : Buffer.from(row.sfo_id as Uint8Array).toString('hex')
    },
    keepAnswers(id, answers) {
      if (answers.length === 0) return
      saveAnswers.run(id, JSON.stringify([...answersOf(id), ...answers].slice(-longestTranscript)))
    },
    reads: {
      lookup(sfoId) {
        const id = find(sfoId)
        if (id === undefined) return 'new'
        return statusOfRow(id) === 'pending' ? 'pending' : 'resolved'
      },
      getSfo(sfoId) {
        const id = find(sfoId)
        const row = id === undefined ? undefined : select.get(id)
        return row === undefined ? undefined : decodeSfo(row, logs.name(Number(row.log)))
      },
      getBody(sfoId) {
        const id = find(sfoId)
        return id === undefined ? undefined : (selectBody.get(id)?.body as Uint8Array | undefined)
      },
      transcript(sfoId) {
        const id = find(sfoId)
        return id === undefined ? [] : answersOf(id)
      },
      page(logId, status, after, limit) {
        const log = logs.find(logId)
        if (log === undefined) return []
        const { receivedAt, sfoId } = after ?? beforeAll
        const rows = pages[status].all(log, receivedAt, Buffer.from(sfoId, 'hex'), limit)
        return rows.map((row) => decodeSfo(row, logId))
      },
      counts() {
        const total = { ...noSfos }
        for (const { status, n } of selectCounts.iterate()) total[sfoStatuses[Number(status)] ?? 'pending'] += Number(n)
        return total
      },
      countsByLog() {
        const counts = new Map<LogId, Record<SfoStatus, number>>()
        for (const { log, status, n } of selectCounts.iterate()) {
          const logId = logs.name(Number(log))
          const known = counts.get(logId) ?? { ...noSfos }
          counts.set(logId, { ...known, [sfoStatuses[Number(status)] ?? 'pending']: Number(n) })
        }
        return counts
      },
    },
  }
}

const beforeAll: PageKey = { receivedAt: Number.MIN_SAFE_INTEGER, sfoId: '' }

/** The second condition on `status` is the index's own, which SQLite wants to see literally. */
function pageStatement(db: DatabaseSync, status: 'pending' | 'escalated') {
  return db.prepare(
    `SELECT * FROM sfo WHERE log = ? AND status = ${statusNumber(status)} AND status IN (0, 2)
     AND (received_at, sfo_id) > (?, ?) ORDER BY received_at, sfo_id LIMIT ?`,
  )
}

/** Ranges of sfoIds by their first 7 bits. */
function sfoKeys(db: DatabaseSync, limit: number): StagedKeys<number> {
  const insertKey = db.prepare('INSERT INTO sfo_key VALUES (?, ?)')
  const lastId = db.prepare('SELECT MAX(id) AS id FROM sfo')
  const rowsAfter = db.prepare('SELECT id, sfo_id FROM sfo WHERE id > ?')
  return stagedKeys<number>(db, {
    name: 'sfo',
    limit,
    bucketOf: (sfoId) => (Number.parseInt(sfoId.slice(0, 2), 16) * bucketCount) >> 8,
    move: (sfoId, id) => void insertKey.run(prefixOf(sfoId), id),
    lastId: () => Number(lastId.get()?.id ?? 0),
    *rowsAfter(after) {
      for (const { id, sfo_id } of rowsAfter.iterate(after)) {
        yield [Number(id), Buffer.from(sfo_id as Uint8Array).toString('hex'), Number(id)]
      }
    },
  })
}
