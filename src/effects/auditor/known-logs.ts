// The logs that an auditor has known, so that what it holds against one can still be shown when the consensus lists it no more [AUD-023.2].
// Invariant: bounded; those that are listed stay, and of the others those that were listed last.
import { z } from 'zod'
import type { Log } from '../../machines/ct/types.ts'
import type { AuditorStore } from '../ports.ts'
import { log as logSchema } from '../vocabulary/nouns.ts'

const key = 'logs'
export const maxKnownLogs = 4096
const known = z.array(logSchema).max(maxKnownLogs)

/** Listed last first; none where what is stored is damaged. */
export function storedLogs(store: Pick<AuditorStore, 'getValue'>): readonly Log[] {
  try {
    return known.parse(JSON.parse(String(store.getValue(key))))
  } catch {
    return []
  }
}

/** The write that makes `listed` known, or null where they already are. */
export function knowing(
  store: Pick<AuditorStore, 'getValue'>,
  listed: readonly Log[],
): { readonly key: string; readonly value: string } | null {
  const ids = new Set(listed.map(({ logId }) => logId))
  const others = storedLogs(store).filter(({ logId }) => !ids.has(logId))
  const value = JSON.stringify([...listed, ...others].slice(0, maxKnownLogs))
  return value === store.getValue(key) ? null : { key, value }
}
