// The auditor's store in memory: the reference model that the durable one is compared with, and the simulator's store.
// Invariant: written for plainness; every operation is the port's sentence about it, and every set has a limit.
import type { AuditorStore, InsertRow, SfoState, SfoStatus } from '../../../effects/ports.ts'
import { equivocation } from '../../../machines/auditor/new-sfo.ts'
import type { SeenSth } from '../../../machines/auditor/types.ts'
import { longestTranscript, type TranscriptEntry } from '../../../machines/ct/evidence-bundle.ts'
import type { LogId, SfoId } from '../../../machines/ct/types.ts'
import { memoryIncidents } from './memory-incidents.ts'
import { memoryReports } from './memory-reports.ts'
import {
  compareSths,
  compareText,
  defaultSthsPerLog,
  flawOfEntry,
  flawOfGap,
  flawOfState,
  flawOfSth,
  noSfos,
  notStored,
  statusOf,
  stored,
} from './rules.ts'

export interface MemoryAuditorStoreOptions {
  /** When an incident is told to the store, milliseconds. */
  readonly now?: () => number
  /** SFOs; an insert that would exceed it is answered `storeFull`. */
  readonly maxRows?: number
  readonly sthsPerLog?: number
}

export function memoryAuditorStore(options: MemoryAuditorStoreOptions = {}): AuditorStore {
  const { now = Date.now, maxRows = 10_000_000, sthsPerLog = defaultSthsPerLog } = options
  const states = new Map<SfoId, SfoState>()
  const bodies = new Map<SfoId, Uint8Array>()
  const answers = new Map<SfoId, readonly TranscriptEntry[]>()
  /** The same states by log and status: what is paged and counted. */
  const shelves = new Map<LogId, Record<SfoStatus, Map<SfoId, SfoState>>>()
  const sths = new Map<LogId, SeenSth[]>()
  const gaps: { readonly from: number; readonly to: number }[] = []
  const values = new Map<string, string>()
  const incidents = memoryIncidents((sfoId) => states.has(sfoId))
  const reports = memoryReports()
  let closed = false

  function shelve(state: SfoState): void {
    const { sfoId, logId } = state.context
    const shelf = shelves.get(logId) ?? newShelves()
    for (const rows of Object.values(shelf)) rows.delete(sfoId)
    shelf[statusOf(state.value) ?? 'pending'].set(sfoId, state)
    shelves.set(logId, shelf)
    states.set(sfoId, state)
  }

  /** As in the file: the one that came first. */
  function rivalOf({ context }: SfoState): SfoId | undefined {
    const { leafIndex, leafId, logId } = context
    if (leafIndex === undefined) return undefined
    const rivals = [...bodies.keys()].map((sfoId) => states.get(sfoId)?.context)
    return rivals.find((one) => one?.logId === logId && one.leafIndex === leafIndex && one.leafId !== leafId)?.sfoId
  }

  const failed = async (flaw: string) => notStored('storeFailed', flaw)
  const firstFlaw = (...flaws: readonly (string | null)[]) =>
    closed ? 'the store is closed' : (flaws.find((flaw) => flaw !== null) ?? null)

  return {
    async insert(rows, entry) {
      const flaw = firstFlaw(flawOfEntry(entry), ...rows.map(({ state }) => flawOfState(state)))
      if (flaw !== null) return failed(flaw)
      const fresh = new Map<SfoId, InsertRow>()
      for (const row of rows) {
        const { sfoId } = row.state.context
        if (!states.has(sfoId) && !fresh.has(sfoId)) fresh.set(sfoId, row)
      }
      if (states.size + fresh.size > maxRows) return notStored('storeFull', `${maxRows} rows`)
      for (const { state, body, escalate } of fresh.values()) {
        shelve(state)
        bodies.set(state.context.sfoId, Uint8Array.from(body))
        if (escalate !== null) incidents.record(escalate, now())
        const rival = rivalOf(state)
        if (rival !== undefined) incidents.record(equivocation(state.context, rival), now())
      }
      reports.put(entry)
      return stored({ inserted: fresh.size })
    },
    lookup: (sfoId) => lookedUp(states.get(sfoId)),
    getSfo: (sfoId) => states.get(sfoId),
    getBody: (sfoId) => bodies.get(sfoId),
    transcript: (sfoId) => answers.get(sfoId) ?? [],
    async apply({ state, escalate, purgeChain, asked = [] }) {
      const { sfoId } = state.context
      const flaw = firstFlaw(flawOfState(state), states.has(sfoId) ? null : 'the sfoId was never inserted')
      if (flaw !== null) return failed(flaw)
      shelve(state)
      if (!purgeChain) answers.set(sfoId, [...(answers.get(sfoId) ?? []), ...asked].slice(-longestTranscript))
      else {
        answers.delete(sfoId)
        if (!incidents.concerns(sfoId)) bodies.delete(sfoId)
      }
      if (escalate !== null) incidents.record(escalate, now())
      return stored(null)
    },
    page(logId, status, after, limit) {
      const rows = [...(shelves.get(logId)?.[status].values() ?? [])].sort(byKey)
      return rows.filter((row) => after === null || compareKeys(row.context, after) > 0).slice(0, limit)
    },
    counts() {
      const total = { ...noSfos }
      for (const shelf of shelves.values()) for (const status of statuses) total[status] += shelf[status].size
      return total
    },
    countsByLog: () =>
      new Map([...shelves].map(([logId, shelf]) => [logId, mapStatuses((status) => shelf[status].size)])),
    async saveSth(seen) {
      const flaw = firstFlaw(flawOfSth(seen))
      if (flaw !== null) return failed(flaw)
      const others = (sths.get(seen.sth.logId) ?? []).filter(({ sth }) => compareSths(sth, seen.sth) !== 0)
      sths.set(seen.sth.logId, [...others, seen].sort((a, b) => compareSths(a.sth, b.sth)).slice(-sthsPerLog))
      return stored(null)
    },
    sths: (logId) => sths.get(logId) ?? [],
    async escalate(evidence) {
      const flaw = firstFlaw()
      if (flaw !== null) return failed(flaw)
      incidents.record(evidence, now())
      return stored(null)
    },
    incidents: incidents.list,
    async markNotified(id) {
      const flaw = firstFlaw(incidents.has(id) ? null : 'no such incident')
      if (flaw !== null) return failed(flaw)
      incidents.markNotified(id)
      return stored(null)
    },
    entries: reports.entries,
    reportingCtrs: reports.reportingCtrs,
    reportersByLog: reports.reportersByLog,
    async pruneEntries(before, keepPerCtr) {
      const flaw = firstFlaw()
      return flaw === null ? stored({ pruned: reports.prune(before, keepPerCtr) }) : failed(flaw)
    },
    async recordGap(from, to) {
      const flaw = firstFlaw(flawOfGap(from, to))
      if (flaw !== null) return failed(flaw)
      gaps.push({ from, to })
      return stored(null)
    },
    gapBetween: (from, to) => gaps.some((gap) => gap.from <= to && gap.to >= from),
    getValue: (key) => values.get(key),
    async setValue(key, value) {
      const flaw = firstFlaw()
      if (flaw !== null) return failed(flaw)
      values.set(key, value)
      return stored(null)
    },
    async close() {
      closed = true
    },
  }
}

const statuses = Object.keys(noSfos) as readonly SfoStatus[]

function mapStatuses<T>(value: (status: SfoStatus) => T): Record<SfoStatus, T> {
  return Object.fromEntries(statuses.map((status) => [status, value(status)])) as Record<SfoStatus, T>
}

const newShelves = () => mapStatuses(() => new Map<SfoId, SfoState>())

const byKey = (a: SfoState, b: SfoState): number => compareKeys(a.context, b.context)

interface Key {
  readonly receivedAt: number
  readonly sfoId: SfoId
}

const compareKeys = (a: Key, b: Key): number => a.receivedAt - b.receivedAt || compareText(a.sfoId, b.sfoId)

function lookedUp(state: SfoState | undefined): 'new' | 'pending' | 'resolved' {
  if (state === undefined) return 'new'
  return statusOf(state.value) === 'pending' ? 'pending' : 'resolved'
}
