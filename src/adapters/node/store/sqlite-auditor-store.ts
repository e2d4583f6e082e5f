// The auditor's durable store [AUD-007, AUD-012, AUD-027, INV-009]: one SQLite file, written by group commits.
// Invariant: what was acknowledged is on the disk; an operation is there as a whole or not at all.
import type { AuditorStore } from '../../../effects/ports.ts'
import { equivocation } from '../../../machines/auditor/new-sfo.ts'
import { openDatabase } from './database.ts'
import { groupCommit, type Undo, type WriteStatistics } from './group-commit.ts'
import { names } from './names.ts'
import {
  defaultSthsPerLog,
  flawOfEntry,
  flawOfGap,
  flawOfState,
  flawOfSth,
  notStored,
  type Stored,
  stored,
} from './rules.ts'
import { sqliteHistory } from './sqlite-history.ts'
import { sqliteIncidents } from './sqlite-incidents.ts'
import { sqliteReports } from './sqlite-reports.ts'
import { sqliteSfos } from './sqlite-sfos.ts'

export interface SqliteAuditorStoreOptions {
  readonly path: string
  /** Pages of 2 KiB that the file may have; writes beyond are `storeFull`. */
  readonly maxPages?: number
  /** How long a write may wait for others to share its commit; 0, the default: the rest of the event loop's turn. */
  readonly commitWindowMs?: number
  /** Writes, and bytes of them, that may wait; beyond, they are answered `storeFull` at once. */
  readonly maxQueued?: number
  readonly maxQueuedBytes?: number
  readonly sthsPerLog?: number
  /** When an incident is told to the store, milliseconds. */
  readonly now?: () => number
  /** Keys that wait in memory for their index: what a larger file costs per row against memory, 130 bytes each. */
  readonly stagedSfos?: number
  readonly stagedEntries?: number
}

export interface SqliteAuditorStore extends AuditorStore {
  readonly statistics: Readonly<WriteStatistics>
}

/** What a write costs the queue beside its bodies. */
const bytesPerWrite = 1024

/**
 * Bodies that are handed to `insert` must not change before it is answered.
 * @throws StoreOpenError where the file is locked, foreign, of another version, damaged or cannot be opened
 */
export function sqliteAuditorStore(options: SqliteAuditorStoreOptions): SqliteAuditorStore {
  const { path, maxPages, commitWindowMs = 0, maxQueued = 10_000, maxQueuedBytes = 64 * 1024 * 1024 } = options
  const { sthsPerLog = defaultSthsPerLog, now = Date.now, stagedSfos = 65_536, stagedEntries = 16_384 } = options
  const db = openDatabase(path, maxPages)
  const logs = names(db, 'log')
  const sfos = sqliteSfos(db, logs, stagedSfos)
  const incidents = sqliteIncidents(db, logs, sfos.find)
  const reports = sqliteReports(db, logs, names(db, 'ctr'), stagedEntries)
  const history = sqliteHistory(db, logs, sthsPerLog)
  // On a full disk keys can no longer move; beyond twice their limit rows must wait too.
  let isBehind = false
  const tidy = (undo: Undo) => {
    isBehind = sfos.keys.size >= 2 * stagedSfos || reports.keys.size >= 2 * stagedEntries
    sfos.keys.settle(undo)
    reports.keys.settle(undo)
    isBehind = false
  }
  const commits = groupCommit(db, { windowMs: commitWindowMs, maxQueued, maxQueuedBytes, tidy })
  let isOpen = true

  const write = <T>(flaw: string | null, run: (undo: Undo) => Stored<T>, bytes = bytesPerWrite): Promise<Stored<T>> =>
    flaw === null ? commits.write(bytes, run) : Promise.resolve(notStored('storeFailed', flaw))

  /** A write that answers nothing but that it was made. */
  const change = (flaw: string | null, run: (undo: Undo) => void): Promise<Stored<null>> =>
    write(flaw, (undo) => {
      run(undo)
      return stored(null)
    })

  return {
    ...sfos.reads,
    ...history,
    insert(rows, entry) {
      const flaw = rows.reduce<string | null>((found, { state }) => found ?? flawOfState(state), flawOfEntry(entry))
      const at = now()
      const run = (undo: Undo): Stored<{ readonly inserted: number }> => {
        if (isBehind) return notStored('storeFull', 'keys wait for room in their index')
        let inserted = 0
        for (const row of rows) {
          if (!sfos.insert(row, undo)) continue
          inserted += 1
          if (row.escalate !== null) incidents.record(row.escalate, at, undo)
          const rival = sfos.rivalOf(row.state.context)
          if (rival !== undefined) incidents.record(equivocation(row.state.context, rival), at, undo)
        }
        reports.put(entry, undo)
        return stored({ inserted })
      }
      return write(
        flaw,
        run,
        rows.reduce((sum, { body }) => sum + body.byteLength + bytesPerWrite, bytesPerWrite),
      )
    },
    apply({ state, escalate, purgeChain, asked = [] }) {
      const at = now()
      return write(flawOfState(state), (undo) => {
        const id = sfos.find(state.context.sfoId)
        if (id === undefined) return notStored('storeFailed', 'the sfoId was never inserted')
        // First of all, so that a full disk has room for the rest.
        if (purgeChain) sfos.purge(id)
        else sfos.keepAnswers(id, asked)
        sfos.update(id, state)
        if (escalate !== null) incidents.record(escalate, at, undo)
        return stored(null)
      })
    },
    saveSth: (seen) => change(flawOfSth(seen), (undo) => history.saveSth(seen, undo)),
    escalate(evidence) {
      const at = now()
      return change(null, (undo) => incidents.record(evidence, at, undo))
    },
    incidents: incidents.list,
    markNotified: (id) =>
      write(null, () => (incidents.markNotified(id) ? stored(null) : notStored('storeFailed', 'no such incident'))),
    entries: reports.entries,
    reportingCtrs: reports.reportingCtrs,
    reportersByLog: reports.reportersByLog,
    async pruneEntries(before, keepPerCtr) {
      let pruned = 0
      // A bucket a write, so that no one of them holds up the event loop for long.
      for (let bucket = 0; bucket < reports.bucketsInUse(); bucket++) {
        const outcome = await write(null, (undo) => stored(reports.prune(bucket, before, keepPerCtr, undo)))
        if (!outcome.ok) return outcome
        pruned += outcome.value
      }
      const forgotten = await change(null, () => reports.forgetReporters(before))
      return forgotten.ok ? stored({ pruned }) : forgotten
    },
    recordGap: (from, to) => change(flawOfGap(from, to), () => history.recordGap(from, to)),
    setValue: (key, value) => change(null, () => history.setValue(key, value)),
    async close() {
      commits.close()
      if (isOpen) db.close()
      isOpen = false
    },
    statistics: commits.statistics,
  }
}
