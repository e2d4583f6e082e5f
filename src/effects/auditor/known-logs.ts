// The logs that an auditor has known, so that what it holds against one can still be shown when the consensus lists it no more [AUD-023.2,
// AUD-023.3]. Invariant: bounded; those that are listed stay, and of the others those that were listed last; what leaves is counted.
import { z } from 'zod'
import type { Log } from '../../machines/ct/types.ts'
import type { AuditorStore } from '../ports.ts'
import { log as logSchema, whole } from '../vocabulary/nouns.ts'

const key = 'logs'
export const maxKnownLogs = 4096

export interface KnownLogs {
  /** Listed last first. */
  readonly logs: readonly Log[]
  /** How often a log had to leave since the store was made. */
  readonly dropped: number
}

const logs = z.array(logSchema).max(maxKnownLogs)
/** Stores of before the count have the logs alone. */
const known = z.union([
  z.strictObject({ dropped: whole, logs }),
  logs.transform((only): KnownLogs => ({ dropped: 0, logs: only })),
])

/** None where what is stored is damaged. */
export function storedLogs(store: Pick<AuditorStore, 'getValue'>): KnownLogs {
  try {
    return known.parse(JSON.parse(String(store.getValue(key))))
  } catch {
    return { dropped: 0, logs: [] }
  }
}

/** The write that makes `listed` known, or null where they already are; `dropped`: how many logs leave with it. */
export function knowing(
  store: Pick<AuditorStore, 'getValue'>,
  listed: readonly Log[],
): { readonly key: string; readonly value: string; readonly dropped: number } | null {
  const before = storedLogs(store)
  const ids = new Set(listed.map(({ logId }) => logId))
  const all = [...listed, ...before.logs.filter(({ logId }) => !ids.has(logId))]
  const dropped = Math.max(0, all.length - maxKnownLogs)
  const after: KnownLogs = { dropped: before.dropped + dropped, logs: all.slice(0, maxKnownLogs) }
  const value = JSON.stringify(after)
  return value === store.getValue(key) ? null : { key, value, dropped }
}
