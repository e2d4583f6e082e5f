// What one submission adds to its circuit's report entry and to Pending [AUD-005, AUD-006, AUD-007, AUD-103].
// Invariant: each SFO is counted exactly once: valid, duplicate, or one class of invalid [INV-007].
import type { SfoErrorClass } from '../ct/errors.ts'
import type { SfoId } from '../ct/types.ts'
import type { CtrId } from '../tor/types.ts'
import { newSfo } from './new-sfo.ts'
import type { Judged, NewSfo, ReportEntry } from './types.ts'

type Valid = Extract<Judged, { verdict: 'valid' }>

/** A circuit's entry, made with its first SFO [AUD-004]. */
export function emptyEntry(ctrId: CtrId, circuit: string, at: number): ReportEntry {
  return { ctrId, circuit, at, valid: 0, duplicate: 0, invalid: {}, perLog: {} }
}

export interface Sorted {
  readonly rows: readonly NewSfo[]
  readonly entry: ReportEntry
}

/** An SFO that occurs twice in one submission is new once. */
export function sort(entry: ReportEntry, items: readonly Judged[], at: number): Sorted {
  const seen = new Set<SfoId>()
  const rows: NewSfo[] = []
  let counted = entry
  for (const item of items) {
    if (item.verdict === 'invalid') counted = addInvalid(counted, item.class)
    else if (item.known !== 'new' || seen.has(item.sfoId)) counted = { ...counted, duplicate: counted.duplicate + 1 }
    else {
      seen.add(item.sfoId)
      rows.push(newSfo({ ...item, receivedAt: at }))
      counted = addNew(counted, item)
    }
  }
  return { rows, entry: counted }
}

/** How many rows a submission would add. */
export function countNew(items: readonly Judged[]): number {
  return new Set(items.filter(isNew).map(({ sfoId }) => sfoId)).size
}

/** What is invalid is not known to be anything. */
const isNew = (item: Judged): item is Valid => (item as Valid).known === 'new'

/** One from the future is kept as evidence, but it says nothing about whether its log answers: not valid [AUD-011]. */
function addNew(entry: ReportEntry, { future, logId }: Valid): ReportEntry {
  if (future) return addInvalid(entry, 'futureSct')
  const perLog = { ...entry.perLog, [logId]: (entry.perLog[logId] ?? 0) + 1 }
  return { ...entry, valid: entry.valid + 1, perLog }
}

function addInvalid(entry: ReportEntry, kind: SfoErrorClass): ReportEntry {
  return { ...entry, invalid: { ...entry.invalid, [kind]: (entry.invalid[kind] ?? 0) + 1 } }
}
