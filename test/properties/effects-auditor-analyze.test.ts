// Step 4 of a round: whom it judges by what, whom it tells, and where it gives way.
import { expect, test } from 'vitest'
import { analyzeOf } from '../../src/effects/auditor/analyze.ts'
import { auditorConfig } from '../../src/effects/auditor/limits.ts'
import type { AuditorStore } from '../../src/effects/ports.ts'
import type { ReportEntry } from '../../src/machines/auditor/types.ts'
import { auditorWorld, type WorldScript } from './fakes/auditor-world.ts'
import { settled } from './fakes/clock.ts'
import { consensusAt, hour, startAt, worlds } from './fakes/ct-world.ts'

const [logA, logB] = worlds.map(({ log }) => log.logId) as [string, string]
const consensus = consensusAt(startAt)
const ctr = (n: number) => n.toString(16).padStart(64, '0')

/** One SFO of the first log, none invalid. */
function entryOf(ctrId: string, given: Partial<ReportEntry> = {}): ReportEntry {
  return { ctrId, circuit: 'c', at: startAt - 1, valid: 1, duplicate: 0, invalid: {}, perLog: { [logA]: 1 }, ...given }
}

/** By whose null model any SFO is one too many; `tables` is what the store has, and may change. */
function analyst(given: WorldScript & { readonly distinct?: ReadonlyMap<string, number> } = {}) {
  const tables = { entries: new Map<string, readonly ReportEntry[]>() }
  const asked: (readonly [string, number])[] = []
  const pruned: (readonly [number, number])[] = []
  const told: unknown[] = []
  const store: Partial<AuditorStore> = {
    entries(ctrId, since) {
      asked.push([ctrId, since])
      return tables.entries.get(ctrId) ?? []
    },
    reportingCtrs: () => [...tables.entries.keys()],
    reportersByLog: (since) => new Map([...(given.distinct ?? []), ['since', since]]),
    async pruneEntries(before, keep) {
      pruned.push([before, keep])
      return { ok: true, value: { pruned: 0 } }
    },
    counts: () => ({ pending: 1, proven: 2, escalated: 3, lateProven: 4, unjudgeable: 5 }),
  }
  const report = { windowMs: 7 * hour, maxEntries: 2, alertP: 0.01 }
  const { nullModel } = auditorConfig({ auditorKey: '' })
  const config = { report, nullModel: { ...nullModel, visitsPerDay: 0 }, ...given.config }
  const made = auditorWorld({ ...given, config, store })
  const analyze = analyzeOf(made.world, {
    async reporters(logs, distinct, ctrs) {
      told.push([logs, distinct, ctrs])
    },
  })
  return {
    ...made,
    tables,
    asked,
    pruned,
    told,
    analyze: (signal = made.world.signal) => analyze(consensus, 12, signal),
  }
}

const rows = Object.entries({ pending: 1, proven: 2, escalated: 3, lateProven: 4, unjudgeable: 5 }).map(
  ([status, count]) => ['gauge', 'auditor_rows', count, { status }],
)
const alert = (kind: string, n: number, seen: number) => [
  ['count', 'auditor_alerts_total', { kind }],
  ['warn', 'ctrAlert', { ctr: ctr(n), kind, seen, expected: 0, p: '0' }],
]

test('a CTR is alerted once of each kind until its alert ends, also where its last entry has left [AUD-022.2, AUD-004.1]', async () => {
  const { tables, asked, heard, analyze } = analyst()
  tables.entries.set(ctr(1), [entryOf(ctr(1))])
  tables.entries.set(ctr(2), [entryOf(ctr(2), { valid: 0, perLog: {} })])
  await analyze()
  expect(heard()).toEqual([...alert('excess', 1, 1), ...rows])
  tables.entries.set(ctr(1), [entryOf(ctr(1), { invalid: { badSct: 2 } })])
  await analyze()
  expect(heard()).toEqual([...alert('invalid', 1, 2), ...rows])
  await analyze()
  expect(heard()).toEqual(rows)
  tables.entries.clear()
  await analyze()
  expect(heard()).toEqual([['info', 'alert ended', { ctr: ctr(1) }], ...rows])
  asked.length = 0
  await analyze()
  expect([heard(), asked]).toEqual([rows, []])
})

test('what is judged is the last entries of the window, and the null model of as many CTRs and auditors [AUD-004.1, AUD-120.1]', async () => {
  const nullModel = { visitsPerDay: 24, sfosPerVisit: 12, submitPr: 10_000, failurePr: 10_000, invalidPr: 0 }
  const { tables, asked, pruned, written, heard, analyze } = analyst({ config: { nullModel } })
  const many = [900, 20, 10].map((n) => entryOf(ctr(1), { circuit: `${n}`, perLog: { [logA]: n } }))
  tables.entries.set(ctr(1), many)
  await analyze()
  const fields = { ctr: ctr(1), kind: 'excess', seen: 30, expected: 7, p: expect.stringMatching(/^\d\.\d+e-\d+$/) }
  expect(heard().slice(0, 2)).toEqual([
    ['count', 'auditor_alerts_total', { kind: 'excess' }],
    ['warn', 'ctrAlert', fields],
  ])
  expect([asked, pruned, written]).toEqual([
    [[ctr(1), startAt - 7 * hour]],
    [[startAt - 7 * hour, 2]],
    ['pruneEntries'],
  ])
})

test('SFOs of a log that is down are no excess of the CTR, and the views hear who reports of which [AUD-022.1, AUD-022.2]', async () => {
  const { tables, told, heard, analyze } = analyst({ distinct: new Map([[logA, 4]]) })
  tables.entries.set(ctr(1), [entryOf(ctr(1))])
  tables.entries.set(ctr(2), [entryOf(ctr(2), { perLog: { [logA]: 1, [logB]: 3 } })])
  await analyze()
  expect(heard()).toEqual([...alert('excess', 2, 3), ...rows])
  const distinct = new Map([
    [logA, 4],
    ['since', startAt - hour],
  ])
  expect(told).toEqual([[consensus.logs, distinct, 12]])
})

test('before each 32nd CTR other work gets its turn, and a round that has ended ends the step there [AUD-120.1]', async () => {
  const { tables, asked, clock, heard, analyze } = analyst()
  for (let n = 0; n < 95; n++) tables.entries.set(ctr(n), [])
  const turns: number[] = []
  const { after } = clock
  clock.after = (ms, fire) => {
    if (ms === 0) turns.push(asked.length)
    return after(ms, fire)
  }
  const analyzing = analyze()
  await clock.advance(0)
  await analyzing
  expect([turns, asked.length, heard()]).toEqual([[31, 63], 95, rows])
  asked.length = 0
  const ending = new AbortController()
  const broken = analyze(ending.signal)
  await settled()
  ending.abort()
  await broken
  expect([turns, asked.length, heard()]).toEqual([[31, 63, 31], 31, []])
})
