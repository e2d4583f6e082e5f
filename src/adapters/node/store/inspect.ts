// What `--check` says of an auditor's file [AUD-007, INV-009]: whether this release opens it, and whether it is whole. Invariant: neither
// schema nor rows change, so that an older release still opens it afterwards.
import { DatabaseSync } from 'node:sqlite'
import { explained, identify, StoreOpenError } from './database.ts'

export interface StoreState {
  /** The schema's; 0 for an empty file. */
  readonly version: number
  /** What SQLite's quick check found first, or null. */
  readonly fault: string | null
}

/** @throws StoreOpenError where the store itself would not open it; while this runs, no auditor can */
export function inspectStore(path: string): StoreState {
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(path, { enableForeignKeyConstraints: false })
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA query_only = ON')
    const version = identify(db, path)
    const found = db.prepare('PRAGMA quick_check(1)').get()?.quick_check
    return { version, fault: found === 'ok' ? null : String(found) }
  } catch (error) {
    throw error instanceof StoreOpenError ? error : explained(error, path)
  } finally {
    db?.close()
  }
}
