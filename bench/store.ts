// The auditor's durable store [AUD-007, AUD-027]: durable inserts a second, and whether a store of a million SFOs is slower or
// needs more memory than one of ten thousand. Both sizes are measured in turns in one process: the ratios are what counts.
// `node bench/store.ts [rows [bodyBytes]]` measures another size, or bodies as they really are (8 GB for a million of 6 KiB).
import { hash } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type SqliteAuditorStore, sqliteAuditorStore } from '../src/adapters/node/store/sqlite-auditor-store.ts'
import type { InsertRow } from '../src/effects/ports.ts'
import type { ReportEntry } from '../src/machines/auditor/types.ts'

/** The mean SFO. */
const realBody = new Uint8Array(6 * 1024).fill(7)
const callers = 512
const smallRows = 10_000
/** SFOs of one timed turn. */
const turn = 10_000
const turns = 5

const sha256 = (text: string) => hash('sha256', text)
const logIds = Array.from({ length: 66 }, (_, n) => sha256(`log ${n}`))
const ctrIds = Array.from({ length: 4000 }, (_, n) => sha256(`ctr ${n}`))

interface Submission {
  readonly row: InsertRow
  readonly entry: ReportEntry
}

/** The `n`th SFO, alone on its circuit, of a random CTR: what costs the most. Some 3,000 a second arrive. */
function submission(n: number, body: Uint8Array): Submission {
  const sfoId = sha256(`sfo ${n}`)
  const draw = Number.parseInt(sfoId.slice(0, 8), 16)
  const logId = logIds[n % logIds.length] ?? ''
  const at = 1_800_000_000_000 + Math.trunc(n / 3)
  const times = { sctTimestamp: at - 5000, receivedAt: at, dueAt: at, graceEndsAt: at + 86_400_000 }
  const context = { sfoId, leafId: `${logId}:${sha256(`leaf ${n}`)}`, logId, ...times }
  const state = {
    value: { pending: 'waiting' },
    context: { ...context, attempts: 0, lastOutcome: null, sth: null, refusedBy: null, latest: null, raised: [] },
  }
  const ctrId = ctrIds[draw % ctrIds.length] ?? ''
  const entry = { ctrId, circuit: sfoId.slice(32), at, valid: 1, duplicate: 0, invalid: {}, perLog: { [logId]: 1 } }
  return { row: { state, escalate: null, body }, entry }
}

/** SFOs a second by the clock, and by the processor time that they took, which other processes do not disturb. */
interface Speed {
  readonly clock: number
  readonly processor: number
}

/** Rows are made beforehand; each is awaited by its caller until it is durable. */
async function insert(store: SqliteAuditorStore, from: number, count: number, body: Uint8Array): Promise<Speed> {
  const list = Array.from({ length: count }, (_, i) => submission(from + i, body))
  const stop = stopwatch()
  const caller = async () => {
    for (let next = list.pop(); next !== undefined; next = list.pop()) {
      const outcome = await store.insert([next.row], next.entry)
      if (!outcome.ok) throw new Error(outcome.detail)
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  return stop(count)
}

function stopwatch(): (count: number) => Speed {
  const start = performance.now()
  const used = process.cpuUsage()
  return (count) => {
    const { user, system } = process.cpuUsage(used)
    return { clock: (count / (performance.now() - start)) * 1e3, processor: (count / (user + system)) * 1e6 }
  }
}

/** One page of pending SFOs, each written back as challenged. */
async function challenge(store: SqliteAuditorStore, page: number): Promise<Speed> {
  const logId = logIds[page % logIds.length] ?? ''
  const stop = stopwatch()
  const rows = store.page(logId, 'pending', null, 100)
  const changes = rows.map(({ value, context }) => ({ value, context: { ...context, attempts: context.attempts + 1 } }))
  await Promise.all(changes.map((state) => store.apply({ state, escalate: null, purgeChain: false })))
  return stop(rows.length)
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`

/** Without what only waits to be collected: that is the benchmark's own litter. */
function rss(): string {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return `${megabytes(process.memoryUsage.rss())} resident, ${megabytes(process.memoryUsage().heapUsed)} of it heap in use`
}

/** `bodyBytes`: of the rows that only fill the large store; the timed ones have bodies as they really are. */
export async function bench(rows = 1_000_000, bodyBytes = 256): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ctor-bench-'))
  try {
    await throughput(join(folder, 'real'))
    await growth(folder, rows, new Uint8Array(bodyBytes).fill(7))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function throughput(path: string): Promise<void> {
  const store = sqliteAuditorStore({ path })
  const speeds: Speed[] = []
  for (let i = 0; i < 3; i++) speeds.push(await insert(store, i * turn, turn, realBody))
  const { commits, written } = store.statistics
  console.log(`bodies of ${realBody.length} bytes, ${callers} callers, one SFO a circuit: ${written} SFOs`)
  console.log(`  ${rounded(speeds, 'clock')} durable SFOs/s, ${Math.round(written / commits)} a commit`)
  await store.close()
}

async function growth(folder: string, rows: number, body: Uint8Array): Promise<void> {
  console.log(`${smallRows} SFOs against ${rows}, filled with bodies of ${body.length} bytes:`)
  const path = join(folder, 'large')
  const large = sqliteAuditorStore({ path })
  await insert(large, 0, smallRows, body)
  console.log(`  at ${smallRows}: ${rss()}`)
  const start = performance.now()
  for (let n = smallRows; n < rows; n += turn) {
    await insert(large, n, Math.min(turn, rows - n), body)
    if (n % 100_000 === 0)
      console.log(`  filled to ${n} after ${Math.round((performance.now() - start) / 1000)} s, ${rss()}`)
  }
  await compare(folder, large, rows)
  await large.close()
  const opening = performance.now()
  const again = sqliteAuditorStore({ path })
  const opened = Math.round(performance.now() - opening)
  console.log(`  reopened in ${opened} ms: ${again.counts().pending} SFOs, ${megabytes(statSync(path).size)} on disk`)
  await again.close()
}

/** In turns with real bodies; each turn's small store is new, so that it stays small. */
async function compare(folder: string, large: SqliteAuditorStore, rows: number): Promise<void> {
  const samples = { inserts: [] as Pair[], challenges: [] as Pair[] }
  for (let i = 0; i < turns; i++) {
    const path = join(folder, 'small')
    const small = sqliteAuditorStore({ path })
    await insert(small, 0, smallRows, realBody)
    const inserted = await insert(small, smallRows, turn, realBody)
    samples.inserts.push([inserted, await insert(large, rows + i * turn, turn, realBody)])
    for (let page = 0; page < 10; page++) {
      samples.challenges.push([await challenge(small, page), await challenge(large, page)])
    }
    await small.close()
    rmSync(path)
  }
  for (const [name, pairs] of Object.entries(samples)) {
    for (const by of ['clock', 'processor'] as const) {
      const [small, great] = [0, 1].map((size) =>
        rounded(
          pairs.map((pair) => pair[size as 0 | 1]),
          by,
        ),
      )
      const ratio = median(pairs.map(([a, b]) => b[by] / a[by])).toFixed(2)
      console.log(`  ${name} by the ${by}: ${small}/s small, ${great}/s large, ratio ${ratio}`)
    }
  }
}

type Pair = readonly [small: Speed, large: Speed]

function rounded(speeds: readonly Speed[], by: keyof Speed): number {
  return Math.round(median(speeds.map((speed) => speed[by])))
}

function median(samples: readonly number[]): number {
  return samples.toSorted((a, b) => a - b)[samples.length >> 1] ?? Number.NaN
}

if (import.meta.main) await bench(...process.argv.slice(2).map(Number))
