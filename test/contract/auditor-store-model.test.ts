// The durable store against the one in memory: every command on both, every answer and then everything readable compared.
// Reopening is a command like any other, keys move after a few rows, and concurrent commands share a commit.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { memoryAuditorStore } from '../../src/adapters/node/store/memory-auditor-store.ts'
import { type SqliteAuditorStore, sqliteAuditorStore } from '../../src/adapters/node/store/sqlite-auditor-store.ts'
import type { AuditorStore } from '../../src/effects/ports.ts'
import { incidentKinds } from '../../src/machines/auditor/types.ts'
import {
  ctrId,
  entryOf,
  evidenceOf,
  logId,
  rowOf,
  seenOf,
  sfoId,
  stateOf,
  type ValueName,
  values,
} from './suites/auditor-store-data.ts'
import { temporaryFolder } from './suites/temporary-folder.ts'

const newPath = temporaryFolder()
const sfos = 24
const ctrs = 70
const start = 1_800_000_000_000

type Write = {
  readonly [fc.toStringMethod]: () => string
  readonly run: (store: AuditorStore, counts: Counts) => Promise<unknown>
}
/** How many SFOs each circuit has brought: an entry only grows. */
type Counts = Map<string, number>
type Command = { readonly op: 'write'; readonly writes: readonly Write[] } | { readonly op: 'reopen' }

const sfo = fc.nat(sfos - 1)
const kind = fc.constantFrom(...incidentKinds)
const since = fc.integer({ min: start - 5, max: start + 55 })
/** A few of them often, so that entries are replaced after their keys have moved. */
const someCtr = fc.oneof({ weight: 3, arbitrary: fc.nat(1) }, fc.nat(ctrs - 1))
/** In pairs that began at the same instant. */
const someCircuit = fc.constantFrom(0, 1, 50, 51)
const write = (label: string, run: Write['run']): Write => ({ run, [fc.toStringMethod]: () => label })

/** The same entry on both stores: the count is looked up once, when the command is made to run. */
function grown(counts: Counts, ctr: number, circuit: number, by: number) {
  const key = `${ctr}/${circuit}`
  const sfosNow = (counts.get(key) ?? 0) + by
  return { entry: entryOf(ctr, circuit, sfosNow), keep: () => counts.set(key, sfosNow) }
}

const insert = fc
  .record({
    ns: fc.array(fc.tuple(sfo, fc.option(kind)), { maxLength: 4 }),
    ctr: someCtr,
    circuit: someCircuit,
    by: fc.nat(3),
  })
  .map(({ ns, ctr, circuit, by }) =>
    write(`insert ${JSON.stringify({ ns, ctr, circuit, by })}`, (store, counts) => {
      const { entry, keep } = grown(counts, ctr, circuit, by)
      keep()
      const rows = ns.map(([n, raised]) => rowOf(n, raised && evidenceOf(logId(n % 3), raised, sfoId(n), n)))
      return store.insert(rows, entry)
    }),
  )

const apply = fc
  .record({
    n: sfo,
    value: fc.constantFrom(...(Object.keys(values) as ValueName[])),
    attempts: fc.nat(3),
    raised: fc.option(kind),
    purgeChain: fc.boolean(),
  })
  .map(({ n, value, attempts, raised, purgeChain }) =>
    write(`apply ${JSON.stringify({ n, value, attempts, raised, purgeChain })}`, (store) => {
      const escalate = raised && evidenceOf(logId(n % 3), raised, sfoId(n), n)
      return store.apply({ state: stateOf(n, value, attempts), escalate, purgeChain })
    }),
  )

const others = fc.oneof(
  fc
    .tuple(fc.nat(2), fc.nat(4), fc.nat(2), fc.nat(1))
    .map(([log, timestamp, size, root]) =>
      write(`saveSth ${[log, timestamp, size, root]}`, (store) =>
        store.saveSth(seenOf(logId(log), timestamp, size, root)),
      ),
    ),
  fc
    .tuple(fc.nat(4), kind, fc.option(sfo))
    .map(([log, raised, n]) =>
      write(`escalate ${[log, raised, n]}`, (store) =>
        store.escalate(evidenceOf(logId(log), raised, n === null ? null : sfoId(n))),
      ),
    ),
  fc.nat(5).map((id) => write(`markNotified ${id}`, (store) => store.markNotified(id))),
  fc
    .tuple(since, fc.nat(3))
    .map(([before, keep]) => write(`prune ${before} ${keep}`, (store) => store.pruneEntries(before, keep))),
  fc
    .array(fc.tuple(fc.nat(50), fc.nat(6)), { minLength: 1, maxLength: 6 })
    .map((gaps) =>
      write(`gaps ${JSON.stringify(gaps)}`, (store) =>
        Promise.all(gaps.map(([from, length]) => store.recordGap(from, from + length))),
      ),
    ),
  fc
    .tuple(fc.nat(2), fc.nat(9))
    .map(([key, value]) => write(`set ${key} ${value}`, (store) => store.setValue(`${key}`, `${value}`))),
)

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .array(fc.oneof({ weight: 3, arbitrary: insert }, apply), { minLength: 1, maxLength: 5 })
      .map((writes): Command => ({ op: 'write', writes })),
  },
  { weight: 4, arbitrary: others.map((one): Command => ({ op: 'write', writes: [one] })) },
  { weight: 1, arbitrary: fc.constant<Command>({ op: 'reopen' }) },
)

/** All that can be read; `limit` and `since` vary with the run. */
function readable(store: AuditorStore, limit: number, from: number) {
  const logs = [0, 1, 2, 3].map(logId)
  const pages = (status: 'pending' | 'escalated') =>
    logs.map((log) => {
      const first = store.page(log, status, null, limit)
      return [first, store.page(log, status, first.at(-1)?.context ?? null, limit)]
    })
  return {
    sfos: Array.from({ length: sfos }, (_, n) => [
      store.lookup(sfoId(n)),
      store.getSfo(sfoId(n)),
      store.getBody(sfoId(n)),
    ]),
    pages: [pages('pending'), pages('escalated')],
    counts: [store.counts(), store.countsByLog()],
    sths: logs.map((log) => store.sths(log)),
    incidents: store.incidents(),
    entries: Array.from({ length: ctrs }, (_, n) => store.entries(ctrId(n), from)),
    reporters: [store.reportingCtrs(), store.reportersByLog(from), store.reportersByLog(0)],
    gaps: Array.from({ length: 60 }, (_, at) => store.gapBetween(at, at)),
    values: ['0', '1', '2'].map((key) => store.getValue(key)),
  }
}

test('the durable store answers as the one in memory, whatever happens in whatever order, restarts included [AUD-007, INV-009]', async () => {
  const options = fc.record({
    crowd: fc.boolean(),
    staged: fc.constantFrom(1, 3, 6, 1000),
    limit: fc.integer({ min: 1, max: 9 }),
    from: since,
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(command, { maxLength: 25 }),
      options,
      async (commands, { crowd, staged, limit, from }) => {
        let clock = 0
        const now = () => clock
        const path = newPath()
        const open = (): SqliteAuditorStore =>
          sqliteAuditorStore({ path, now, sthsPerLog: 3, stagedSfos: staged, stagedEntries: staged })
        const model = memoryAuditorStore({ now, sthsPerLog: 3 })
        const counts: readonly [Counts, Counts] = [new Map(), new Map()]
        let real = open()
        // More CTRs than one range of keys has.
        for (const store of crowd ? [real, model] : []) {
          await Promise.all(Array.from({ length: 40 }, (_, n) => store.insert([], entryOf(n, 9, 1))))
        }
        for (const one of commands) {
          clock += 1
          if (one.op === 'reopen') {
            await real.close()
            real = open()
          } else {
            const answers = await Promise.all(one.writes.map(({ run }) => run(real, counts[0])))
            const expected = await Promise.all(one.writes.map(({ run }) => run(model, counts[1])))
            expect(answers).toEqual(expected)
          }
          expect(readable(real, limit, from)).toEqual(readable(model, limit, from))
        }
        await real.close()
      },
    ),
    { numRuns: 60 },
  )
})
