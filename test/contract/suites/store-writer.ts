// A process to be killed: inserts SFOs from a number on, each alone on its circuit, and prints each number once acknowledged.
import { writeSync } from 'node:fs'
import { sqliteAuditorStore } from '../../../src/adapters/node/store/sqlite-auditor-store.ts'
import { entryOf, rowOf } from './auditor-store-data.ts'

const [, , path = '', from = '0'] = process.argv
const store = sqliteAuditorStore({ path, stagedSfos: 16, stagedEntries: 16 })
let next = Number(from)

async function caller(): Promise<void> {
  while (next < 100_000) {
    const n = next++
    const outcome = await store.insert([rowOf(n)], entryOf(n % 50, n, 1))
    if (outcome.ok) writeSync(1, `${n}\n`)
  }
}

await Promise.all(Array.from({ length: 8 }, caller))
