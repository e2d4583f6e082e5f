// Rows of an auditor's store: SFOs of the scripted logs as they arrive, and the entry of a circuit that brings them.
import type { InsertRow } from '../../../src/effects/ports.ts'
import { newSfo } from '../../../src/machines/auditor/new-sfo.ts'
import type { ReportEntry } from '../../../src/machines/auditor/types.ts'
import { hour, type Known, mmd, startAt } from './ct-world.ts'

export function rowOf(known: Known, receivedAt = startAt): InsertRow {
  const { sfoId, leafId, logId, sctTimestamp, body, future } = known
  const received = { sfoId, leafId, logId, sctTimestamp, receivedAt, mmd, graceMs: 24 * hour, future }
  return { ...newSfo(received), body }
}

export function entryAt(at: number): ReportEntry {
  return { ctrId: '01'.repeat(32), circuit: 'circuit', at, valid: 1, duplicate: 0, invalid: {}, perLog: {} }
}
