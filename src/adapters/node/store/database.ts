// Opens the auditor's file [AUD-007, AUD-027]. Invariant: what it answers is a file of this schema, locked for this process
// alone, every commit of which is on the disk; the lock is the operating system's, so that it ends with the process.
import { closeSync, existsSync, fsyncSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { applicationId, migration, schema, schemaVersion } from './schema.ts'

/** Closed: `foreign` is no file of this program; `version` one of another release; `locked` belongs to a running process. */
export type StoreOpenCode = 'foreign' | 'version' | 'locked' | 'corrupt' | 'unavailable'

export class StoreOpenError extends Error {
  readonly code: StoreOpenCode

  constructor(code: StoreOpenCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause })
    this.name = 'StoreOpenError'
    this.code = code
  }
}

/** SQLite's primary result code of a thrown error; undefined for any other error. */
export function sqliteCode(error: unknown): number | undefined {
  const { errcode } = error as { errcode?: unknown }
  return typeof errcode === 'number' ? errcode & 0xff : undefined
}

export const sqliteFull = 13

/**
 * A small page, since most pages change because of one row in them; bounded memory whatever the file's size; freed pages are
 * zeroed, since a purged chain is browsing data [AUD-024]; no temporary files for the same reason.
 */
const settings = `
  PRAGMA synchronous = FULL;
  PRAGMA cache_size = -16384;
  PRAGMA wal_autocheckpoint = 8192;
  PRAGMA journal_size_limit = 67108864;
  PRAGMA secure_delete = ON;
  PRAGMA temp_store = MEMORY;
  PRAGMA trusted_schema = OFF;`

/** @throws StoreOpenError */
export function openDatabase(path: string, maxPages: number | undefined): DatabaseSync {
  createFile(path)
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(path, { enableForeignKeyConstraints: false })
    db.exec('PRAGMA locking_mode = EXCLUSIVE')
    const version = identify(db, path)
    const isNew = version === 0
    if (isNew) db.exec('PRAGMA page_size = 2048')
    const mode = db.prepare('PRAGMA journal_mode = WAL').get()?.journal_mode
    if (mode !== 'wal') throw new StoreOpenError('unavailable', `${path}: no write-ahead log on this file system`)
    db.exec(settings)
    if (maxPages !== undefined) db.exec(`PRAGMA max_page_count = ${Math.trunc(maxPages)}`)
    const change = isNew ? schema : version === schemaVersion ? '' : migration
    db.exec(`BEGIN IMMEDIATE; ${change}; COMMIT`)
    return db
  } catch (error) {
    db?.close()
    throw error instanceof StoreOpenError ? error : explained(error, path)
  }
}

/** Readable by its owner only; the directory entry is made durable, which SQLite leaves to its caller. */
function createFile(path: string): void {
  try {
    if (existsSync(path)) return
    closeSync(openSync(path, 'a', 0o600))
    const folder = openSync(dirname(path), 'r')
    fsyncSync(folder)
    closeSync(folder)
  } catch (error) {
    throw new StoreOpenError('unavailable', `${path}: cannot be created`, error)
  }
}

/** Answers the schema's version, 0 for an empty file; throws unless it is ours. Changes nothing. */
export function identify(db: DatabaseSync, path: string): number {
  const read = (name: string) => db.prepare(`PRAGMA ${name}`).get()?.[name]
  if (read('application_id') === applicationId) {
    const version = Number(read('user_version'))
    if (version >= 1 && version <= schemaVersion) return version
    throw new StoreOpenError('version', `${path}: schema version ${version}, this release reads ${schemaVersion}`)
  }
  const objects = db.prepare('SELECT COUNT(*) AS n FROM sqlite_schema').get()?.n
  if (objects === 0 && read('application_id') === 0 && read('user_version') === 0) return 0
  throw new StoreOpenError('foreign', `${path}: not an auditor's store`)
}

const reasons: Readonly<Record<number, readonly [StoreOpenCode, string]>> = {
  5: ['locked', 'in use by another process'],
  11: ['corrupt', 'damaged'],
  26: ['foreign', "not an auditor's store"],
}

export function explained(error: unknown, path: string): StoreOpenError {
  const [code, sentence] = reasons[sqliteCode(error) ?? -1] ?? ['unavailable', 'cannot be opened']
  return new StoreOpenError(code, `${path}: ${sentence}`, error)
}
