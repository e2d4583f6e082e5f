// Many writes, one commit: each is isolated by a savepoint and answered once the group is on the disk [AUD-012, AUD-027].
// Invariant: a write is answered exactly once, ok only if durable, and leaves nothing behind, on disk or in memory, if not.
import type { DatabaseSync } from 'node:sqlite'
import { sqliteCode, sqliteFull } from './database.ts'
import { notStored, type Stored } from './rules.ts'

/** What takes back changes of memory, last first, when the transaction that they belong to is rolled back. */
export type Undo = (() => void)[]

export interface GroupCommitOptions {
  /** How long the first write of a group waits for others; 0: until the event loop's turn ends. */
  readonly windowMs: number
  readonly maxQueued: number
  readonly maxQueuedBytes: number
  /** Runs in each group's transaction, after its writes. */
  readonly tidy: (undo: Undo) => void
}

/** Since the store was opened. `refused`: the queue was at its limit; `full`: no room on disk. */
export interface WriteStatistics {
  commits: number
  written: number
  refused: number
  full: number
  failed: number
}

export interface GroupCommit {
  /** `run` may be run more than once, each time from the same state. It must not throw but for a defect or SQLite's errors. */
  write<T>(bytes: number, run: (undo: Undo) => Stored<T>): Promise<Stored<T>>
  /** Commits all that waits and refuses what comes later. */
  close(): void
  readonly statistics: Readonly<WriteStatistics>
}

interface Write {
  readonly bytes: number
  readonly run: (undo: Undo) => Stored<unknown>
  readonly settle: (outcome: Stored<unknown>) => void
}

/** Bound how long one group holds up the event loop. */
const maxGroup = 1024
const maxGroupBytes = 8 * 1024 * 1024

export function groupCommit(db: DatabaseSync, options: GroupCommitOptions): GroupCommit {
  const { windowMs, maxQueued, maxQueuedBytes, tidy } = options
  const transaction = transactions(db)
  const statistics: WriteStatistics = { commits: 0, written: 0, refused: 0, full: 0, failed: 0 }
  let queue: Write[] = []
  let queuedBytes = 0
  let closed = false
  let cancel: (() => void) | null = null

  function write<T>(bytes: number, run: (undo: Undo) => Stored<T>): Promise<Stored<T>> {
    if (closed) return Promise.resolve(notStored('storeFailed', 'the store is closed'))
    if (queue.length >= maxQueued || (queue.length > 0 && queuedBytes + bytes > maxQueuedBytes)) {
      statistics.refused += 1
      return Promise.resolve(notStored('storeFull', 'too many writes wait for their commit'))
    }
    queuedBytes += bytes
    return new Promise((resolve) => {
      queue.push({ bytes, run, settle: resolve as Write['settle'] })
      if (cancel === null || queue.length === maxGroup) schedule(queue.length >= maxGroup ? 0 : windowMs)
    })
  }

  function schedule(ms: number): void {
    cancel?.()
    const timer = ms > 0 ? setTimeout(flush, ms) : setImmediate(flush)
    cancel = () => (ms > 0 ? clearTimeout(timer as NodeJS.Timeout) : clearImmediate(timer as NodeJS.Immediate))
  }

  function flush(): void {
    cancel = null
    const group = queue.slice(0, groupLength(queue))
    queue = queue.slice(group.length)
    for (const { bytes } of group) queuedBytes -= bytes
    if (queue.length > 0) schedule(0)
    const outcomes = commit(group, true)
    for (const [index, { settle }] of group.entries()) {
      const outcome = outcomes[index] ?? notStored('storeFailed', 'no outcome')
      statistics[outcome.ok ? 'written' : outcome.error === 'storeFull' ? 'full' : 'failed'] += 1
      settle(outcome)
    }
  }

  /** SQLite cannot always say which write of a group found no room, so the group is halved until it is one. */
  function commit(group: readonly Write[], tidies: boolean): readonly Stored<unknown>[] {
    const attempt = transaction(group, tidies ? tidy : () => {})
    if ('outcomes' in attempt) {
      statistics.commits += 1
      return attempt.outcomes
    }
    const { error } = attempt
    if (sqliteCode(error) !== sqliteFull || (group.length <= 1 && !tidies)) return group.map(() => failure(error))
    if (tidies) return commit(group, false)
    const half = group.length >> 1
    return [...commit(group.slice(0, half), false), ...commit(group.slice(half), false)]
  }

  return {
    write,
    close() {
      closed = true
      cancel?.()
      while (queue.length > 0) flush()
      cancel?.()
    },
    statistics,
  }
}

/** As many as the limits allow, at least one. */
function groupLength(queue: readonly Write[]): number {
  let bytes = 0
  const over = queue.findIndex((write, index) => {
    bytes += write.bytes
    return index > 0 && (index >= maxGroup || bytes > maxGroupBytes)
  })
  return over === -1 ? queue.length : over
}

type Attempt = { readonly outcomes: readonly Stored<unknown>[] } | { readonly error: unknown }

function transactions(db: DatabaseSync) {
  const begin = db.prepare('BEGIN IMMEDIATE')
  const commit = db.prepare('COMMIT')
  const rollback = db.prepare('ROLLBACK')
  const savepoint = db.prepare('SAVEPOINT write')
  const release = db.prepare('RELEASE write')
  const rollbackToSavepoint = db.prepare('ROLLBACK TO write')

  /** @throws where the whole transaction is lost: SQLite rolls it back itself on some errors. */
  function isolated({ run }: Write, undo: Undo): Stored<unknown> {
    const mark = undo.length
    let outcome: Stored<unknown>
    savepoint.run()
    try {
      outcome = run(undo)
    } catch (error) {
      if (!db.isTransaction) throw error
      outcome = failure(error)
    }
    if (!outcome.ok) {
      rollbackToSavepoint.run()
      takeBack(undo, mark)
    }
    release.run()
    return outcome
  }

  return (group: readonly Write[], tidy: (undo: Undo) => void): Attempt => {
    const undo: Undo = []
    try {
      if (db.isTransaction) rollback.run()
      begin.run()
      const outcomes = group.map((write) => isolated(write, undo))
      tidy(undo)
      commit.run()
      return { outcomes }
    } catch (error) {
      takeBack(undo, 0)
      return { error: rolledBack(error) }
    }
  }

  /** Where even that fails, the next group tries again before it does anything else. */
  function rolledBack(error: unknown): unknown {
    try {
      if (db.isTransaction) rollback.run()
      return error
    } catch (worse) {
      return worse
    }
  }
}

function takeBack(undo: Undo, mark: number): void {
  while (undo.length > mark) undo.pop()?.()
}

function failure(error: unknown): Stored<never> {
  const full = sqliteCode(error) === sqliteFull
  return notStored(full ? 'storeFull' : 'storeFailed', error instanceof Error ? error.message : 'unknown error')
}
