// Rows, entries, STHs and evidence for the tests of AuditorStore: named by small numbers, equal for equal numbers.
import { hash } from 'node:crypto'
import type { InsertRow, SfoState } from '../../../src/effects/ports.ts'
import type { Evidence, IncidentKind, ReportEntry, SeenSth } from '../../../src/machines/auditor/types.ts'

export const logId = (n: number): string => hash('sha256', `log ${n}`)
export const ctrId = (n: number): string => hash('sha256', `ctr ${n}`)
export const sfoId = (n: number): string => hash('sha256', `sfo ${n}`)

export const values = {
  waiting: { pending: 'waiting' },
  challenging: { pending: 'challenging' },
  proven: { resolved: 'proven' },
  escalated: { resolved: 'escalated' },
  reprobing: { resolved: 'reprobing' },
  lateProven: { resolved: 'lateProven' },
  unjudgeable: { resolved: 'unjudgeable' },
} as const
export type ValueName = keyof typeof values

/** SFO `n` belongs to log `n % 3`; two in a row share their time of receipt. */
export function stateOf(n: number, value: ValueName = 'waiting', attempts = 0): SfoState & InsertRow['state'] {
  const log = logId(n % 3)
  const receivedAt = 1_800_000_000_000 + Math.trunc(n / 2)
  const ids = { sfoId: sfoId(n), leafId: `${log}:${hash('sha256', `leaf ${n}`)}`, logId: log }
  const times = { sctTimestamp: receivedAt - 60_000, receivedAt, dueAt: receivedAt + 1, graceEndsAt: receivedAt + 2 }
  const sth = attempts === 0 ? null : seenOf(log, attempts, 10).sth
  const challenged = { attempts, lastOutcome: null, sth, refusedBy: null, latest: sth, raised: [] }
  return { value: values[value], context: { ...ids, ...times, ...challenged } }
}

export function rowOf(n: number, escalate: Evidence | null = null, bytes = 100): InsertRow {
  const state = stateOf(n, escalate === null ? 'waiting' : 'escalated')
  return { state, escalate, body: new Uint8Array(bytes).fill((n % 255) + 1) }
}

/** Circuit `circuit` of a CTR after its `sfos`th SFO: counts only grow, and `at` stays. */
export function entryOf(ctr: number, circuit: number, sfos: number): ReportEntry {
  const at = 1_800_000_000_000 + ((circuit * 7) % 50)
  const perLog = Object.fromEntries([0, 1, 2].slice(0, sfos).map((log) => [logId(log), sfos]))
  const invalid = sfos > 2 ? { badSct: sfos } : {}
  return { ctrId: ctrId(ctr), circuit: `circuit ${circuit}`, at, valid: sfos, duplicate: sfos + 1, invalid, perLog }
}

export function seenOf(log: string, timestamp: number, size: number, root = 0): SeenSth {
  const sth = { logId: log, timestamp, size, root: hash('sha256', `root ${root}`), signature: '0403' }
  return { sth, seenAt: timestamp + 5, status: 'unchecked' }
}

export function evidenceOf(log: string, kind: IncidentKind, sfo: string | null, since = 0): Evidence {
  const proof = { leafIndex: since, path: [sfoId(since)] }
  return {
    kind,
    logId: log,
    sfoId: sfo,
    sths: [seenOf(log, since, 1).sth],
    proof,
    lastOutcome: 'refused',
    since,
    spansGap: true,
  }
}
