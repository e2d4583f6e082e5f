// What an auditor keeps of consensuses, and what it is configured with and limited to where nothing else is said.
import { expect, test } from 'vitest'
import { consensusesOf, storedConsensuses } from '../../src/effects/auditor/consensuses.ts'
import { maxKnownLogs } from '../../src/effects/auditor/known-logs.ts'
import { auditorConfig, auditorLimits } from '../../src/effects/auditor/limits.ts'
import { auditorWorld, type WorldScript } from './fakes/auditor-world.ts'
import { consensusAt, hour, startAt, worlds } from './fakes/ct-world.ts'

const consensuses = (given: WorldScript = {}) => {
  const made = auditorWorld(given)
  return { ...made, kept: consensusesOf(made.store, made.world.tools, made.clock) }
}

test('the newest consensus and those up to 3 h older are kept, eight at most, and live while they are [AUD-002.2, CONS-001.2]', async () => {
  const { kept, clock, heard } = consensuses()
  expect([kept.newest(), kept.live(), kept.recent(), heard()]).toEqual([null, null, [], []])
  const at = [0, 1, 3 * hour + 1].map((ms) => consensusAt(startAt + ms))
  for (const one of at) kept.take(one)
  expect(heard()).toEqual(at.map((one) => ['gauge', 'consensus_valid_after_seconds', one.validAfter / 1000, {}]))
  expect([kept.newest(), kept.recent(), kept.live()]).toEqual([at[2], [at[2], at[1]], null])
  await clock.advance(3 * hour + 1)
  expect(kept.live()).toBe(at[2])
  const many = Array.from({ length: 9 }, (_, n) => consensusAt(startAt + 4 * hour + n))
  for (const one of many) kept.take(one)
  expect(kept.recent()).toEqual(many.toReversed().slice(0, 8))
})

test('what was kept comes back if it parses, and nothing where there was none; what is damaged is said [AUD-015.1]', async () => {
  const first = consensuses()
  const two = [consensusAt(startAt + 1), consensusAt(startAt)]
  for (const one of two.toReversed()) first.kept.take(one)
  expect(await first.kept.save()).toEqual({ ok: true, value: null })
  expect(JSON.parse(first.store.getValue('consensuses') ?? '')).toEqual(two)
  const second = consensuses({ store: first.store })
  expect([second.kept.recent(), second.heard()]).toEqual([two, []])
  for (const value of ['', '{}', '[{"digest":7}]', JSON.stringify(Array(9).fill(two[0]))]) {
    await first.store.setValue('consensuses', value)
    expect(storedConsensuses(first.store)).toBe(null)
    const { kept, heard } = consensuses({ store: first.store })
    expect([kept.recent(), heard()]).toEqual([[], [['error', 'badStoredConsensus', {}]]])
  }
})

test('the logs of the newest are saved first; what the store refuses is answered, and what had to leave is counted [AUD-023.2, AUD-023.3]', async () => {
  const { kept, store, heard } = consensuses()
  const others = Array.from({ length: maxKnownLogs }, (_, n) => ({
    ...worlds[0].log,
    logId: n.toString(16).padStart(64, '0'),
  }))
  await store.setValue('logs', JSON.stringify({ dropped: 0, logs: others }))
  kept.take(consensusAt(startAt, { logs: [] }))
  kept.take(consensusAt(startAt + 1))
  heard()
  await kept.save()
  expect(heard()).toEqual([['count', 'auditor_logs_dropped_total', {}, 2]])
  await kept.save()
  kept.take(consensusAt(startAt + 2, { logs: [worlds[1].log] }))
  heard()
  await kept.save()
  expect(heard()).toEqual([])
  const refused = { ok: false, error: 'storeFull', detail: '' } as const
  const full = consensuses({
    store: { setValue: async (key) => (key === 'logs' ? refused : { ok: true, value: null }) },
  })
  full.kept.take(consensusAt(startAt))
  full.heard()
  expect([await full.kept.save(), full.heard()]).toEqual([refused, []])
})

test("the defaults are those of the specification, and the steps' deadlines shares of the round's [AUD-007.1, AUD-021.1, AUD-120.1]", () => {
  expect(auditorConfig({ auditorKey: 'k', graceMs: 5 })).toEqual({
    auditorKey: 'k',
    round: { deadlineMs: 2_400_000, intervalMs: 3_600_000 },
    report: { windowMs: 604_800_000, maxEntries: 4096, alertP: 1e-6 },
    nullModel: { visitsPerDay: 140e6, sfosPerVisit: 7, submitPr: 1000, failurePr: 50, invalidPr: 1 },
    graceMs: 5,
    nonceLifetimeMs: 60_000,
    sthsPerLog: 1024,
    maxObjects: 64,
  })
  expect(auditorConfig({ auditorKey: 'k' }).graceMs).toBe(86_400_000)
  const limits = auditorLimits(999, { mailbox: 7 })
  expect(limits).toEqual({
    mailbox: 7,
    circuits: 16_384,
    issuerCache: 16_384,
    submissions: { concurrent: 16, queued: 1024 },
    quota: { capacity: 4096, refillMs: 2000, keys: 16_384 },
    steps: { sths: 199, challenge: 599, analyze: 99 },
    challengeMs: 10_000,
    consistencyMs: 10_000,
    consensusMs: 60_000,
    aheadMs: 1000,
    storeMs: 30_000,
    notifyMs: 30_000,
    notifyRetryMs: 300_000,
    concurrentLogs: 16,
    challengesPerLog: 4,
    page: 256,
    probesPerRound: 64,
    breaker: { failures: 5, backoffMs: 180_000, maxBackoffMs: 3_600_000, keys: 1024 },
    startMs: 1000,
    canaryMs: 3_600_000,
    canaryTimeoutMs: 120_000,
  })
  expect(auditorLimits(1).mailbox).toBe(1024)
})
