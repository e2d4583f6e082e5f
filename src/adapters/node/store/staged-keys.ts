// Keys of rows that no index has yet. A row under a random key would change a page of the index by itself, which makes a store
// slower the larger it is; so keys wait in memory, and move into the index a range at a time, many to a page.
// Invariant: a row is either here or in the index: its id is above its bucket's `upto` exactly as long as it is here.
import type { DatabaseSync } from 'node:sqlite'
import type { Undo } from './group-commit.ts'

/** `V`: what the index will hold of a row beside its key. */
export interface StagedKeysOptions<V> {
  /** In the table `staged`. */
  readonly name: string
  /** Keys beyond which a range moves. */
  readonly limit: number
  /** 0..127: the key's range of the index. */
  readonly bucketOf: (key: string) => number
  /** Writes one key into the index. */
  readonly move: (key: string, value: V) => void
  /** The highest id ever given. */
  readonly lastId: () => number
  /** All rows above an id. */
  readonly rowsAfter: (id: number) => Iterable<readonly [id: number, key: string, value: V]>
}

export interface StagedKeys<V> {
  readonly size: number
  get(key: string): V | undefined
  /** Adds the key of a new row, or replaces its value. */
  set(key: string, value: V, undo: Undo): void
  /** Moves ranges, in turn, until no more than the limit is left. */
  settle(undo: Undo): void
  settleBucket(bucket: number, undo: Undo): void
  readonly buckets: readonly ReadonlyMap<string, V>[]
}

export const bucketCount = 128

export function stagedKeys<V>(db: DatabaseSync, options: StagedKeysOptions<V>): StagedKeys<V> {
  const { name, limit, bucketOf, move, lastId, rowsAfter } = options
  const saveUpto = db.prepare('INSERT INTO staged VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET upto = excluded.upto')
  const upto = new Array<number>(bucketCount).fill(0)
  const buckets = Array.from({ length: bucketCount }, () => new Map<string, V>())
  let size = 0
  for (const row of db.prepare('SELECT bucket, upto FROM staged WHERE name = ?').all(name)) {
    upto[Number(row.bucket)] = Number(row.upto)
  }
  for (const [id, key, value] of rowsAfter(Math.min(...upto))) {
    if (id > (upto[bucketOf(key)] ?? 0)) set(key, value, [])
  }
  // The range that waited longest is next, so that restarts do not leave one behind for ever.
  let next = upto.indexOf(Math.min(...upto))

  function set(key: string, value: V, undo: Undo): void {
    const keys = buckets[bucketOf(key)] ?? new Map<string, V>()
    const before = keys.get(key)
    keys.set(key, value)
    if (before === undefined) size += 1
    undo.push(() => {
      if (before !== undefined) keys.set(key, before)
      else if (keys.delete(key)) size -= 1
    })
  }

  function settleBucket(bucket: number, undo: Undo): void {
    const keys = buckets[bucket] ?? new Map<string, V>()
    const before = upto[bucket] ?? 0
    const last = lastId()
    for (const [key, value] of [...keys].sort(byKey)) move(key, value)
    saveUpto.run(name, bucket, last)
    buckets[bucket] = new Map()
    upto[bucket] = last
    size -= keys.size
    undo.push(() => {
      buckets[bucket] = keys
      upto[bucket] = before
      size += keys.size
    })
  }

  return {
    get size() {
      return size
    },
    get: (key) => buckets[bucketOf(key)]?.get(key),
    set,
    settle(undo) {
      while (size > limit) {
        settleBucket(next, undo)
        next = (next + 1) % bucketCount
      }
    },
    settleBucket,
    buckets,
  }
}

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1)
