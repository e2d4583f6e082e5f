// Small integers in place of long names: log IDs and CTR identities. Invariant: a number is never given to a second name.
import type { DatabaseSync } from 'node:sqlite'
import type { Undo } from './group-commit.ts'

export interface Names {
  find(name: string): number | undefined
  /** Gives a number to a name that has none. */
  number(name: string, undo: Undo): number
  name(number: number): string
}

/** Names held in memory; beyond it the table is asked again. */
const cacheLimit = 16_384

export function names(db: DatabaseSync, table: 'log' | 'ctr'): Names {
  const selectNumber = db.prepare(`SELECT id FROM ${table} WHERE name = ?`)
  const selectName = db.prepare(`SELECT name FROM ${table} WHERE id = ?`)
  const insert = db.prepare(`INSERT INTO ${table} (name) VALUES (?)`)
  const numbers = new Map<string, number>()
  const known = new Map<number, string>()

  function remember(name: string, number: number): number {
    if (numbers.size >= cacheLimit) {
      numbers.clear()
      known.clear()
    }
    numbers.set(name, number)
    known.set(number, name)
    return number
  }

  function find(name: string): number | undefined {
    const cached = numbers.get(name)
    if (cached !== undefined) return cached
    const row = selectNumber.get(name)
    return row === undefined ? undefined : remember(name, Number(row.id))
  }

  return {
    find,
    number(name, undo) {
      const found = find(name)
      if (found !== undefined) return found
      const number = remember(name, Number(insert.run(name).lastInsertRowid))
      undo.push(() => {
        numbers.delete(name)
        known.delete(number)
      })
      return number
    },
    name(number) {
      const cached = known.get(number)
      if (cached !== undefined) return cached
      const name = String(selectName.get(number)?.name)
      remember(name, number)
      return name
    },
  }
}
