// Going through a log's rows page by page, from where the last sweep left off [AUD-114, AUD-021]. Invariant: no more than one page is in
// memory; each row there at the start is met once; a sweep that is broken off is taken up again where it stopped.
import type { LogId } from '../../machines/ct/types.ts'
import type { AuditorStore, PageKey, SfoState } from '../ports.ts'

export interface SweepOf {
  readonly logId: LogId
  readonly status: 'pending' | 'escalated'
  /** Rows at most, and rows at a time. */
  readonly rows: number
  readonly page: number
}

/** `work` answers whether to go on. The answer is where the next sweep begins: null for the first row. */
export async function sweep(
  store: Pick<AuditorStore, 'page'>,
  { logId, status, rows, page: size }: SweepOf,
  from: PageKey | null,
  work: (rows: readonly SfoState[]) => Promise<boolean>,
): Promise<PageKey | null> {
  let after = from
  let left = rows
  let wrapped = from === null
  while (left > 0) {
    const limit = Math.min(size, left)
    const page = store.page(logId, status, after, limit)
    const due = wrapped && from !== null ? page.filter((row) => !isAfter(keyOf(row), from)) : page
    if (due.length > 0 && !(await work(due))) return after
    left -= due.length
    const last = page.at(-1)
    if (last !== undefined) after = keyOf(last)
    if (due.length < page.length) return from
    if (page.length === limit) continue
    if (wrapped) return null
    wrapped = true
    after = null
  }
  return after
}

function keyOf({ context: { receivedAt, sfoId } }: SfoState): PageKey {
  return { receivedAt, sfoId }
}

/** In the order in which the store pages. */
function isAfter(a: PageKey, b: PageKey): boolean {
  return a.receivedAt > b.receivedAt || (a.receivedAt === b.receivedAt && a.sfoId > b.sfoId)
}
