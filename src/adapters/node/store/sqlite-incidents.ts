// Incidents in SQLite [AUD-023]. Invariant: an SFO of the store is counted once per kind, however often it is recorded, since
// (sfo, kind) is a key [AUD-012]; so is a finding about tree heads while a sample shows it.
import type { DatabaseSync } from 'node:sqlite'
import type { Incident } from '../../../effects/ports.ts'
import type { Evidence } from '../../../machines/auditor/types.ts'
import type { SfoId } from '../../../machines/ct/types.ts'
import type { Undo } from './group-commit.ts'
import type { Names } from './names.ts'
import { sameFinding, samplesPerIncident } from './rules.ts'

export interface SqliteIncidents {
  record(evidence: Evidence, at: number, undo: Undo): void
  list(): readonly Incident[]
  /** Answers false where there is no such incident. */
  markNotified(id: number): boolean
}

export function sqliteIncidents(
  db: DatabaseSync,
  logs: Names,
  findSfo: (sfoId: SfoId) => number | undefined,
): SqliteIncidents {
  const insertEscalation = db.prepare('INSERT INTO escalation VALUES (?, ?) ON CONFLICT DO NOTHING')
  const count = db.prepare(
    `INSERT INTO incident (log, kind, count, first_at, last_at, notified) VALUES (?, ?, 1, ?, ?, 0)
     ON CONFLICT (log, kind) DO UPDATE SET count = count + 1, last_at = excluded.last_at RETURNING id, count`,
  )
  const insertSample = db.prepare('INSERT INTO sample VALUES (?, ?, ?)')
  const selectIncidents = db.prepare('SELECT * FROM incident ORDER BY id')
  const selectSamples = db.prepare('SELECT evidence FROM sample WHERE incident = ? ORDER BY position')
  const selectSamplesOf = db.prepare(
    'SELECT evidence FROM sample JOIN incident ON incident.id = sample.incident WHERE log = ? AND kind = ?',
  )
  const notified = db.prepare('UPDATE incident SET notified = 1 WHERE id = ?')

  return {
    record(evidence, at, undo) {
      const { sfoId, kind, logId } = evidence
      const other = evidence.otherSfoId === undefined ? undefined : findSfo(evidence.otherSfoId)
      if (other !== undefined) insertEscalation.run(other, kind)
      const sfo = sfoId === null ? undefined : findSfo(sfoId)
      if (sfo !== undefined && insertEscalation.run(sfo, kind).changes === 0) return
      const log = logs.number(logId, undo)
      const samples = sfoId === null ? selectSamplesOf.all(log, kind) : []
      if (samples.some((sample) => sameFinding(JSON.parse(String(sample.evidence)) as Evidence, evidence))) return
      const counted = count.get(log, kind, at, at)
      const position = Number(counted?.count)
      if (position <= samplesPerIncident) insertSample.run(Number(counted?.id), position, JSON.stringify(evidence))
    },
    list() {
      return selectIncidents.all().map((row) => ({
        id: Number(row.id),
        logId: logs.name(Number(row.log)),
        kind: String(row.kind) as Incident['kind'],
        count: Number(row.count),
        firstAt: Number(row.first_at),
        lastAt: Number(row.last_at),
        samples: selectSamples.all(Number(row.id)).map((sample) => JSON.parse(String(sample.evidence)) as Evidence),
        notified: row.notified === 1,
      }))
    },
    markNotified: (id) => notified.run(id).changes === 1,
  }
}
