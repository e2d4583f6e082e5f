// A report entry as columns and back; logs by their numbers. Invariant: reading what was written gives the same entry.
import type { ReportEntry } from '../../../machines/auditor/types.ts'
import type { CtrId } from '../../../machines/tor/types.ts'
import type { Names } from './names.ts'
import { bucketCount } from './staged-keys.ts'

export interface EntryRow {
  readonly id: number
  readonly ctr: number
  readonly circuit: string
  readonly at: number
  readonly valid: number
  readonly duplicate: number
  readonly invalid: string
  readonly per_log: string
}

/** `logs`: those of which the entry has SFOs. */
export interface StagedEntry {
  readonly id: number
  readonly at: number
  readonly logs: readonly number[]
}

type PerLog = readonly (readonly [log: number, sfos: number])[]

export const entryKey = (ctr: number, circuit: string): string => `${ctr}:${circuit}`
export const ctrOfKey = (key: string): number => Number.parseInt(key, 10)

/** 32 neighbours share a bucket, so that what moves together lies together. */
export const bucketOfCtr = (ctr: number): number => Math.trunc(ctr / 32) % bucketCount

/** In the table's order, without `id`. */
export function entryColumns({ circuit, at, valid, duplicate, invalid }: ReportEntry, ctr: number, perLog: PerLog) {
  return [ctr, circuit, at, valid, duplicate, JSON.stringify(invalid), JSON.stringify(perLog)] as const
}

export function readEntry(row: EntryRow, ctrId: CtrId, logs: Names): ReportEntry {
  const { circuit, at, valid, duplicate } = row
  const perLog = Object.fromEntries(perLogOf(row).map(([log, n]) => [logs.name(log), n]))
  return { ctrId, circuit, at, valid, duplicate, invalid: JSON.parse(row.invalid), perLog }
}

export const perLogOf = (row: EntryRow): PerLog => JSON.parse(row.per_log)
