// What `--check` and `ctor incidents` ask of an auditor's file [AUD-007, INV-009]: whether this release opens it, and whether it is whole. Invariant: neither
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
  return reading(path, (db) => {
    const version = identify(db, path)
    const found = db.prepare('PRAGMA quick_check(1)').get()?.quick_check
    return { version, fault: found === 'ok' ? null : String(found) }
  })
}

/**
 * The schema's version alone; 0 for an empty file.
 * @throws StoreOpenError
 */
export function storeVersion(path: string): number {
  return reading(path, (db) => identify(db, path))
}

function reading<T>(path: string, read: (db: DatabaseSync) => T): T {
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(path, { enableForeignKeyConstraints: false })
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA query_only = ON')
    return read(db)
  } catch (error) {
    throw error instanceof StoreOpenError ? error : explained(error, path)
  } finally {
    db?.close()
  }
}
