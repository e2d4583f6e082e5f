// The auditor's interpreter: circuits, rounds, incidents and crashes, in virtual time.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { memoryAuditorStore } from '../../src/adapters/node/store/memory-auditor-store.ts'
import { knowing, maxKnownLogs, storedLogs } from '../../src/effects/auditor/known-logs.ts'
import { auditorConfig } from '../../src/effects/auditor/limits.ts'
import type { AuditorStore, SfoStatus } from '../../src/effects/ports.ts'
import { roundEffect, roundEvent, sfoContext } from '../../src/effects/vocabulary/auditor.ts'
import { encodeSfoBody } from '../../src/machines/ct/sfo.ts'
import { auditorHarness, settle, sfosOf } from './fakes/auditor-ports.ts'
import { anyBehaviour, type Behaviour } from './fakes/behaviour.ts'
import { fakeClock, settled } from './fakes/clock.ts'
import { allSfos, foreign, hour, minute, proofOf, startAt, unsigned, worlds } from './fakes/ct-world.ts'
import { auditorKey, fakeCtrs, stranger } from './fakes/ctr.ts'

const all = allSfos.map((_, n) => n)
const refusing: readonly Behaviour[] = ['refused']
const sum = (counts: Readonly<Record<SfoStatus, number>>) => Object.values(counts).reduce((a, b) => a + b, 0)

/** Past the first round, which the engine begins by itself. */
async function started(given: Parameters<typeof auditorHarness>[0] = {}) {
  const auditor = auditorHarness(given)
  await auditor.clock.advance(11 * minute)
  return auditor
}

test('a submission by a CTR is answered 200 once it is durable, also where all are duplicates [AUD-027.1, AUD-103]', async () => {
  const auditor = await started()
  expect(await auditor.submit(sfosOf(0, 1))).toEqual({ status: 200, error: null })
  expect(await auditor.submit(sfosOf(0, 1, 2))).toEqual({ status: 200, error: null })
  expect(auditor.engine.counts().pending).toBe(3)
  const entries = auditor.store.entries(fakeCtrs[0]?.ctrId ?? '', 0)
  expect(entries.map(({ valid, duplicate }) => [valid, duplicate])).toEqual([
    [2, 0],
    [1, 2],
  ])
})

test('nobody but a CTR is heard, and a nonce is good once and for a minute [AUD-002.1, AUD-101]', async () => {
  const auditor = await started()
  const { engine, clock, current } = auditor
  const body = encodeSfoBody(sfosOf(0))
  const [ctr] = fakeCtrs
  const prove = (nonce: string | null) => ctr?.prove(nonce ?? '', current().digest)
  const reply = (proof: string | undefined) => settle(clock, engine.submit(proof, body))
  expect(await reply(undefined)).toEqual({ status: 401, error: 'unauthenticated' })
  expect(await reply('no proof')).toEqual({ status: 401, error: 'badProof' })
  expect(await reply(prove('00'.repeat(32)))).toEqual({ status: 401, error: 'nonceUnknown' })
  expect(await auditor.submit(sfosOf(0), stranger)).toEqual({ status: 403, error: 'notCtr' })
  expect(await reply(ctr?.prove(engine.challenge() ?? '', '00'.repeat(32)))).toEqual({ status: 401, error: 'badProof' })
  const nonce = engine.challenge()
  expect(await reply(prove(nonce))).toEqual({ status: 200, error: null })
  expect(await reply(prove(nonce))).toEqual({ status: 401, error: 'nonceUnknown' })
  const late = engine.challenge()
  await clock.advance(minute)
  expect(await reply(prove(late))).toEqual({ status: 401, error: 'nonceExpired' })
  expect(sum(engine.counts())).toBe(1)
})

test('a CTR that has the next consensus before the auditor is heard all the same [AUD-002.2]', async () => {
  const auditor = await started()
  const { engine, clock, current } = auditor
  const before = current().digest
  await clock.advance(current().freshUntil - clock.now())
  const [ctr] = fakeCtrs
  const digest = current().digest
  expect(digest).not.toBe(before)
  const submit = (named: string) =>
    settle(clock, engine.submit(ctr?.prove(engine.challenge() ?? '', named), encodeSfoBody(sfosOf(0))))
  expect(await submit(digest)).toEqual({ status: 200, error: null })
  expect(await submit(before)).toEqual({ status: 200, error: null })
  expect(await submit('11'.repeat(32))).toEqual({ status: 401, error: 'badProof' })
})

test('the number of circuits is bounded, and expired ones make room [AUD-002.1]', async () => {
  const auditor = await started({ parts: { limits: { circuits: 3 } } })
  const nonces = [1, 2, 3, 4].map(() => auditor.engine.challenge())
  expect(nonces.map((nonce) => nonce !== null)).toEqual([true, true, true, false])
  await auditor.clock.advance(minute)
  expect(auditor.engine.challenge()).not.toBeNull()
})

test('a body that is not the format is 400; objects that are not valid are counted by class [AUD-005]', async () => {
  const auditor = await started()
  const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))
  expect(await auditor.submitBody(text({}))).toEqual({ status: 400, error: 'notSfoList' })
  expect(await auditor.submitBody(text(Array(65).fill({})))).toEqual({ status: 400, error: 'notSfoList' })
  const objects = [unsigned, foreign.body, encodeSfoBody(sfosOf(3))].flatMap((body) =>
    JSON.parse(new TextDecoder().decode(body)),
  )
  expect(await auditor.submitBody(text([...objects, {}]))).toEqual({ status: 200, error: null })
  const [entry] = auditor.store.entries(fakeCtrs[0]?.ctrId ?? '', 0)
  expect(entry).toMatchObject({ valid: 1, duplicate: 0, invalid: { badSct: 1, unknownLog: 1, malformed: 1 } })
  expect(auditor.kept.unknown).toEqual([])
})

test('a CTR over its quota is answered 429 and changes nothing; time refills it [AUD-007]', async () => {
  const auditor = await started({ parts: { limits: { quota: { capacity: 3, refillMs: 1000, keys: 10 } } } })
  expect((await auditor.submit(sfosOf(0, 1))).status).toBe(200)
  expect(await auditor.submit(sfosOf(2, 3, 4))).toEqual({ status: 429, error: 'overQuota' })
  expect((await auditor.submit(sfosOf(0, 1, 2), fakeCtrs[1])).status).toBe(200)
  expect(auditor.engine.counts().pending).toBe(3)
  await auditor.clock.advance(3000)
  expect((await auditor.submit(sfosOf(3, 4))).status).toBe(200)
})

test('what a log proves is resolved and its chain purged [AUD-115, AUD-117, AUD-024]', async () => {
  const auditor = await started()
  await auditor.submit(sfosOf(...all))
  await auditor.round()
  expect(auditor.engine.counts()).toMatchObject({ pending: 0, proven: all.length })
  for (const { sfoId } of allSfos) expect(auditor.store.getBody(sfoId)).toBeUndefined()
  expect(new Set(auditor.asked.map(({ isolation }) => isolation)).size).toBe(worlds.length)
  expect(
    auditor.asked.every(({ logId, size }) =>
      worlds.some(({ log, sths }) => log.logId === logId && sths[1]?.size === size),
    ),
  ).toBe(true)
  await auditor.round()
  expect(auditor.asked.length).toBe(all.length)
})

test('what a log refuses is escalated at the first round after its grace, told once, and kept [AUD-009.1, AUD-012, AUD-023]', async () => {
  const auditor = await started({ logs: refusing })
  await auditor.submit(sfosOf(...all))
  await auditor.clock.advance(23 * hour)
  expect(auditor.engine.counts()).toMatchObject({ pending: all.length, escalated: 0 })
  expect(auditor.told.size).toBe(0)
  await auditor.clock.advance(3 * hour)
  expect(auditor.engine.counts()).toMatchObject({ pending: 0, escalated: all.length })
  expect([...auditor.told.values()].map(({ kind, count }) => [kind, count]).sort()).toEqual([
    ['withheld', expect.any(Number)],
    ['withheld', expect.any(Number)],
  ])
  expect(auditor.engine.incidents().reduce((total, { count }) => total + count, 0)).toBe(all.length)
  expect(auditor.deliveries.length).toBe(2)
  for (const { sfoId } of allSfos) expect(auditor.store.getBody(sfoId)).toBeDefined()
})

test('an escalated SFO is probed on, and one that is proven later is late [AUD-013.1]', async () => {
  const auditor = await started({
    logs: [...Array<Behaviour>(27 * all.length).fill('refused'), ...Array<Behaviour>(1e4).fill('ok')],
  })
  await auditor.submit(sfosOf(...all))
  await auditor.clock.advance(26 * hour)
  expect(auditor.engine.counts().escalated).toBe(all.length)
  await auditor.clock.advance(6 * hour)
  expect(auditor.engine.counts()).toMatchObject({ escalated: 0, lateProven: all.length })
  expect(auditor.deliveries.length).toBe(2)
})

test('a dead log is probed by one SFO a round, not all; the other log is heard, and grace runs out all the same [AUD-021, AUD-009.1]', async () => {
  const [hanging, fine] = worlds
  let calls = 0
  const auditor = await started({
    parts: {
      logs: {
        getInclusion(log, { leafHash }, { size }) {
          if (log.logId !== hanging.log.logId)
            return Promise.resolve({ kind: 'ok', value: proof(log.logId, leafHash, size) })
          calls++
          return new Promise(() => {})
        },
        getSthConsistency: () => Promise.resolve({ kind: 'refused', status: 404 }),
        getSth: never.getSth,
      },
      limits: { breaker: { failures: 2, backoffMs: minute, maxBackoffMs: minute, keys: 10 }, challengesPerLog: 1 },
    },
  })
  await auditor.submit(sfosOf(...all))
  await auditor.round()
  expect(calls).toBe(2)
  expect(auditor.engine.counts()).toMatchObject({ proven: fine.sfos.length, pending: hanging.sfos.length })
  await auditor.clock.advance(5 * minute)
  await auditor.round()
  expect(calls).toBe(3)
  await auditor.clock.advance(26 * hour)
  expect(auditor.engine.counts()).toMatchObject({ escalated: hanging.sfos.length, pending: 0 })
})

test('whatever logs, consensus and notifier do, a round ends by its deadline and every SFO is accounted for [AUD-120, INV-006.3]', async () => {
  const behaviours = fc.array(anyBehaviour, { minLength: 1, maxLength: 6 })
  const world = fc.record({
    logs: behaviours,
    consistency: behaviours,
    consensus: behaviours,
    notify: behaviours,
    seed: fc.nat(),
  })
  const submissions = fc.array(fc.array(fc.nat(allSfos.length - 1), { minLength: 1, maxLength: 6 }), {
    minLength: 1,
    maxLength: 4,
  })
  await fc.assert(
    fc.asyncProperty(world, submissions, async (given, batches) => {
      let running: number | null = null
      let longest = 0
      const auditor = auditorHarness({
        ...given,
        parts: {
          journal(event, { effects }) {
            expect(roundEvent.safeParse(event).error).toBeUndefined()
            for (const effect of effects) expect(roundEffect.safeParse(effect).error).toBeUndefined()
            if (effects.some(({ type }) => type === 'startDeadline')) running = event.at
            if (!effects.some(({ type }) => type === 'endRound')) return
            longest = Math.max(longest, event.at - (running ?? 0))
            running = null
          },
        },
      })
      await auditor.clock.advance(11 * minute)
      const acknowledged = new Set<number>()
      for (const numbers of batches) {
        const { status } = await auditor.submit(sfosOf(...numbers))
        if (status === 200) for (const n of numbers) acknowledged.add(n)
        await auditor.clock.advance(7 * hour)
      }
      const known = auditor.engine.counts()
      for (const n of acknowledged) expect(auditor.store.lookup(allSfos[n]?.sfoId ?? '')).not.toBe('new')
      expect(longest).toBeLessThanOrEqual(10 * minute)
      const entries = fakeCtrs.flatMap(({ ctrId }) => auditor.store.entries(ctrId, 0))
      expect(entries.reduce((total, { valid }) => total + valid, 0)).toBe(sum(known))
      expect(auditor.kept.unknown).toEqual([])
      for (const { sfoId } of allSfos) {
        const row = auditor.store.getSfo(sfoId)
        if (row !== undefined) expect(sfoContext.safeParse(row.context).error).toBeUndefined()
      }
      const escalated = auditor.engine.incidents().filter(({ kind }) => kind === 'withheld' || kind === 'no-sth')
      expect(escalated.reduce((total, { count }) => total + count, 0)).toBeGreaterThanOrEqual(known.escalated)
      const stopped = auditor.engine.stop()
      await auditor.clock.advance(minute)
      await stopped
      await auditor.clock.advance(hour)
      expect(auditor.clock.pending).toBe(0)
    }),
    { numRuns: 15 },
  )
})

test('an STH that is not signed by its log is told and not used; it ends when the log signs again [AUD-018, AUD-112]', async () => {
  const spoilt = (hours: number) => {
    const [first, second] = worlds
    const sths = [...first.sths, ...second.sths].map((sth, n) =>
      n === 1 && hours < 2 ? { ...sth, size: sth.size + 1 } : sth,
    )
    return { sths }
  }
  const auditor = await started({ change: spoilt })
  await auditor.clock.advance(minute)
  expect([...auditor.told.values()].map(({ kind }) => kind)).toEqual(['bad-sth-signature'])
  expect(auditor.store.sths(worlds[0].log.logId).length).toBe(1)
  await auditor.clock.advance(4 * hour)
  expect(auditor.store.sths(worlds[0].log.logId).length).toBe(2)
  expect(auditor.deliveries.length).toBe(1)
})

test('STHs are asked to be consistent; what does not verify is told, what is unavailable only after an MMD [AUD-113, AUD-017.3]', async () => {
  const honest = await started()
  expect(worlds.flatMap(({ log }) => honest.store.sths(log.logId).map(({ status }) => status))).toEqual(
    Array(4).fill('consistent'),
  )
  const lying = await started({
    parts: { logs: { ...never, getSthConsistency: async () => ({ kind: 'ok', value: ['0'.repeat(64)] }) } },
  })
  await lying.clock.advance(minute)
  expect([...lying.told.values()].map(({ kind }) => kind)).toEqual(['inconsistent', 'inconsistent'])
  const silent = await started({ consistency: ['hang'] })
  await silent.clock.advance(minute)
  expect(silent.told.size).toBe(0)
  await silent.clock.advance(4 * hour)
  expect([...silent.told.values()].map(({ kind }) => kind)).toEqual(['inconsistent', 'inconsistent'])
})

test('an SFO whose log left the consensus is unjudgeable [AUD-013.2]', async () => {
  const auditor = await started({
    logs: refusing,
    change: (hours) => (hours < 2 ? {} : { logs: [worlds[1].log], sths: worlds[1].sths }),
  })
  await auditor.submit(sfosOf(...all))
  await auditor.clock.advance(4 * hour)
  expect(auditor.engine.counts()).toMatchObject({ unjudgeable: worlds[0].sfos.length, pending: worlds[1].sfos.length })
})

test('a log that left the consensus stays known, as it was listed last, and nothing is written anew for it [AUD-023.2]', async () => {
  const both = worlds.map(({ log }) => log)
  const auditor = await started({ change: (hours) => (hours < 2 ? {} : { logs: [worlds[1].log], sths: [] }) })
  expect(storedLogs(auditor.store)).toEqual({ dropped: 0, logs: both })
  await auditor.clock.advance(4 * hour)
  expect(storedLogs(auditor.store)).toEqual({ dropped: 0, logs: [worlds[1].log, worlds[0].log] })
  expect(knowing(auditor.store, [worlds[1].log])).toBe(null)
  const moved = { ...worlds[0].log, url: 'http://127.0.0.1:9' }
  const value = JSON.stringify({ dropped: 0, logs: [moved, worlds[1].log] })
  expect(knowing(auditor.store, [moved])).toEqual({ key: 'logs', value, dropped: 0 })
})

test('of known logs those listed first leave beyond the limit and are counted, and damaged ones are none [AUD-023.2, AUD-023.3]', () => {
  const logs = Array.from({ length: maxKnownLogs + 2 }, (_, n) => ({
    ...worlds[0].log,
    logId: n.toString(16).padStart(64, '0'),
  }))
  const holding = (value: string | undefined) => ({ getValue: (key: string) => (key === 'logs' ? value : undefined) })
  const full = JSON.stringify({ dropped: 3, logs: logs.slice(2) })
  const known = { dropped: 5, logs: logs.slice(0, -2) }
  expect(knowing(holding(full), logs.slice(0, 2))).toEqual({ key: 'logs', value: JSON.stringify(known), dropped: 2 })
  expect(storedLogs(holding(full)).logs.length).toBe(maxKnownLogs)
  const uncounted = JSON.stringify(logs.slice(2))
  expect(storedLogs(holding(uncounted))).toEqual({ dropped: 0, logs: logs.slice(2) })
  for (const damaged of [undefined, '', 'x', '[{}]', '{"dropped":-1,"logs":[]}', JSON.stringify(logs)])
    expect(storedLogs(holding(damaged))).toEqual({ dropped: 0, logs: [] })
})

test('a log that had to leave the record is counted where operators look, and in the store [AUD-023.3]', async () => {
  const clock = fakeClock(startAt)
  const store = memoryAuditorStore({ now: () => clock.now() })
  const others = Array.from({ length: maxKnownLogs - 1 }, (_, n) => ({
    ...worlds[0].log,
    logId: n.toString(16).padStart(64, '0'),
  }))
  await store.setValue('logs', JSON.stringify({ dropped: 0, logs: others }))
  const auditor = await started({ clock, store })
  expect(auditor.kept.total('auditor_logs_dropped_total')).toBe(1)
  expect(storedLogs(store).dropped).toBe(1)
})

test('what the store does not take of known logs leaves the consensus for the next run [AUD-023.2, INV-009]', async () => {
  const clock = fakeClock(startAt)
  const inner = memoryAuditorStore({ now: () => clock.now() })
  const store: AuditorStore = {
    ...inner,
    setValue: async (key, value) =>
      key === 'logs' ? { ok: false, error: 'storeFailed', detail: '' } : inner.setValue(key, value),
  }
  const auditor = await started({ clock, store })
  await auditor.engine.stop()
  expect([inner.getValue('logs'), inner.getValue('consensuses')]).toEqual([undefined, undefined])
})

test('missed consensuses are a gap that outlives the run, and so do the recent ones [AUD-015]', async () => {
  const auditor = await started({ consensus: ['ok', 'ok', 'unreachable', 'unreachable', 'unreachable', 'ok'] })
  await auditor.clock.advance(6 * hour)
  expect(auditor.store.gapBetween(startAt + hour, startAt + 3 * hour)).toBe(true)
  await auditor.engine.stop()
  const { store, clock } = auditor
  const later = auditorHarness({ store, clock, consensus: ['unreachable'] })
  const recent: readonly { digest: string }[] = JSON.parse(store.getValue('consensuses') ?? '[]')
  expect(recent.length).toBe(2)
  for (const { digest } of recent) {
    const proven = fakeCtrs[0]?.prove(later.engine.challenge() ?? '', digest)
    expect(await settle(clock, later.engine.submit(proven, encodeSfoBody(sfosOf(0))))).toMatchObject({ status: 200 })
  }
  await later.engine.stop()
  await store.setValue('consensuses', '[{"digest":7}]')
  const fresh = auditorHarness({ store, clock, consensus: ['unreachable'] })
  expect(fresh.kept.text()).toContain('badStoredConsensus')
  expect((await fresh.submit(sfosOf(1))).status).toBe(401)
})

test('a log of which many CTRs report is down, told once [AUD-022.1]', async () => {
  const auditor = await started({ logs: refusing })
  for (const [n, ctr] of fakeCtrs.slice(0, 3).entries()) await auditor.submit(sfosOf(n), ctr)
  await auditor.round()
  expect(auditor.engine.incidents()).toEqual([])
  await auditor.submit(sfosOf(3), fakeCtrs[3])
  await auditor.round()
  await auditor.round()
  expect(auditor.engine.incidents().map(({ kind, logId, count }) => [kind, logId, count])).toEqual([
    ['log-down', worlds[0].log.logId, 1],
  ])
  expect(auditor.deliveries.length).toBe(1)
})

test('a CTR that submits more than chance explains is alerted once, until that has left its window [AUD-022.2, AUD-120]', async () => {
  const base = auditorConfig({ auditorKey })
  const nullModel = { ...base.nullModel, visitsPerDay: 0 }
  const config = { ...base, nullModel, round: { deadlineMs: 10 * minute, intervalMs: hour } }
  const auditor = await started({ parts: { config } })
  await auditor.submit(sfosOf(0))
  await auditor.submitBody(unsigned, fakeCtrs[1])
  await auditor.round()
  await auditor.round()
  const alerts = () => auditor.kept.lines.filter((line) => line.includes('ctrAlert'))
  expect(
    alerts()
      .map((line) => fakeCtrs.findIndex(({ ctrId }) => line.includes(ctrId)))
      .sort(),
  ).toEqual([0, 1])
  expect(auditor.kept.total('auditor_alerts_total', { kind: 'invalid' })).toBe(1)
  await auditor.clock.advance(8 * 24 * hour)
  expect(auditor.kept.lines.filter((line) => line.includes('alert ended')).length).toBe(2)
  expect(auditor.store.reportingCtrs()).toEqual([])
})

test('a store that fails is answered 503, and nothing is told that is not durable [AUD-027.2, AUD-012]', async () => {
  const clock = fakeClock(startAt)
  const inner = memoryAuditorStore({ now: () => clock.now() })
  const broken = new Set<string>()
  const failed = Promise.resolve({ ok: false, error: 'storeFull', detail: '' } as const)
  const store: AuditorStore = {
    ...inner,
    insert: (rows, entry) => (broken.has('insert') ? failed : inner.insert(rows, entry)),
    apply: (change) => (broken.has('apply') ? new Promise(() => {}) : inner.apply(change)),
    escalate: (evidence) => (broken.has('escalate') ? Promise.reject(new Error('disk')) : inner.escalate(evidence)),
  }
  const sths = (hours: number) => ({
    sths: worlds
      .flatMap((world) => world.sths)
      .map((sth, n) => (n === 1 && hours === 1 ? { ...sth, root: '0'.repeat(64) } : sth)),
  })
  const auditor = await started({ clock, store, logs: refusing, change: sths })
  broken.add('insert')
  expect(await auditor.submit(sfosOf(0))).toEqual({ status: 503, error: 'storeFull' })
  expect(sum(auditor.engine.counts())).toBe(0)
  broken.delete('insert')
  expect((await auditor.submit(sfosOf(0))).status).toBe(200)
  broken.add('apply').add('escalate')
  await clock.advance(30 * hour)
  expect([auditor.told.size, auditor.engine.counts().pending]).toEqual([0, 1])
  broken.clear()
  await clock.advance(3 * hour)
  expect([...auditor.told.values()].map(({ kind }) => kind).sort()).toEqual(['bad-sth-signature', 'withheld'])
})

test('a consensus whose findings are not durable is gone through again by the next run [INV-009, AUD-018]', async () => {
  const clock = fakeClock(startAt)
  const inner = memoryAuditorStore({ now: () => clock.now() })
  const store: AuditorStore = { ...inner, escalate: async () => ({ ok: false, error: 'storeFailed', detail: '' }) }
  const change = () => ({ sths: worlds[0].sths.map((sth) => ({ ...sth, root: '0'.repeat(64) })) })
  const first = await started({ clock, store, change })
  await first.engine.stop()
  expect([first.told.size, inner.getValue('consensuses')]).toEqual([0, undefined])
  const second = await started({ clock, store: inner, change })
  expect([...second.told.values()].map(({ kind }) => kind)).toEqual(['bad-sth-signature'])
})

test('what the last run did not tell is told at the start [INV-009]', async () => {
  const clock = fakeClock(startAt)
  const store = memoryAuditorStore({ now: () => clock.now() })
  const none = { sfoId: null, sths: [], proof: null, lastOutcome: null, spansGap: false }
  await store.escalate({ ...none, kind: 'rollback', logId: worlds[0].log.logId, since: startAt })
  const auditor = auditorHarness({ clock, store })
  await clock.advance(1)
  expect([auditor.told.size, auditor.kept.total('auditor_rounds_total')]).toEqual([1, 0])
})

test('a notifier that fails is asked again until it takes the incident, and then no more [AUD-012]', async () => {
  const auditor = await started({ logs: refusing, notify: ['hang', 'throw', 'reject', 'ok'] })
  await auditor.submit(sfosOf(0))
  await auditor.clock.advance(30 * hour)
  expect([auditor.deliveries.length, auditor.told.size]).toEqual([4, 1])
  expect(auditor.engine.incidents().map(({ notified }) => notified)).toEqual([true])
})

test('a crash at any effect boundary loses no acknowledged SFO and no escalation, and repeats none to a human [INV-009]', async () => {
  const boundaries = fc.integer({ min: 1, max: 60 })
  await fc.assert(
    fc.asyncProperty(fc.array(boundaries, { minLength: 1, maxLength: 4 }), fc.nat(), async (crashes, seed) => {
      const clock = fakeClock(startAt)
      const store = memoryAuditorStore({ now: () => clock.now() })
      const told = new Map()
      const acknowledged = new Set<string>()
      const logs: readonly Behaviour[] = ['refused', 'refused', 'ok', 'unreachable']
      const spoilt = (hours: number) => ({
        sths: worlds
          .flatMap((world) => world.sths)
          .map((sth, n) => (n === 1 && hours < 3 ? { ...sth, root: '1'.repeat(64) } : sth)),
      })
      for (const crash of [...crashes, Number.POSITIVE_INFINITY]) {
        let dead = false
        const afterEffect = (number: number) => {
          if (number >= crash) dead = true
          if (dead) throw new Error('crash')
        }
        const auditor = auditorHarness({
          clock,
          store,
          told,
          logs,
          change: spoilt,
          seed: seed + 1,
          parts: { afterEffect },
        })
        await clock.advance(11 * minute)
        for (const n of all) {
          const { status } = await auditor.submit(sfosOf(n))
          if (status === 200) acknowledged.add(allSfos[n]?.sfoId ?? '')
          if (status === 200) expect(dead).toBe(false)
        }
        for (let hours = 0; hours < 40 && !dead; hours++) await clock.advance(hour)
        const stopped = auditor.engine.stop()
        await clock.advance(minute)
        await stopped
      }
      for (const sfoId of acknowledged) expect(store.lookup(sfoId)).not.toBe('new')
      expect(acknowledged.size).toBe(all.length)
      const { pending, escalated, proven, lateProven } = store.counts()
      expect([pending, escalated + proven + lateProven]).toEqual([0, all.length])
      for (const incident of store.incidents())
        expect([incident.kind, incident.notified, told.has(incident.id)]).toEqual([incident.kind, true, true])
      expect(store.incidents().some(({ kind }) => kind === 'bad-sth-signature')).toBe(true)
    }),
    { numRuns: 25 },
  )
})

test('the canary is sung hourly, and its silence is loud [AUD-026]', async () => {
  const answers = [
    async () => true,
    async () => false,
    () => Promise.reject(new Error('cut off')),
    () => new Promise<never>(() => {}),
  ]
  let sung = 0
  const auditor = await started({ parts: { selfSubmit: () => (answers[sung++] ?? (async () => true))() } })
  await auditor.clock.advance(6 * hour)
  expect(sung).toBeGreaterThanOrEqual(5)
  expect(auditor.kept.total('auditor_canary_total', { result: 'failed' })).toBe(3)
  expect(auditor.kept.lines.filter((line) => line.includes('canaryFailed')).length).toBe(3)
})

test('stop waits for what is being made durable, answers it, and leaves no timer [AUD-027.1]', async () => {
  const clock = fakeClock(startAt)
  const inner = memoryAuditorStore({ now: () => clock.now() })
  const store: AuditorStore = {
    ...inner,
    insert: (rows, entry) => new Promise((resolve) => clock.after(500, () => resolve(inner.insert(rows, entry)))),
  }
  const auditor = await started({ clock, store })
  const nonce = auditor.engine.challenge() ?? ''
  const reply = auditor.engine.submit(fakeCtrs[0]?.prove(nonce, auditor.current().digest), encodeSfoBody(sfosOf(0)))
  await settled()
  const stopped = auditor.engine.stop()
  await clock.advance(1000)
  await stopped
  expect(await reply).toEqual({ status: 200, error: null })
  expect(await auditor.engine.submit('any', new Uint8Array())).toEqual({ status: 503, error: 'stopped' })
  expect([auditor.engine.challenge(), clock.pending]).toEqual([null, 0])
  await auditor.engine.round()
})

const never = { getInclusion: () => new Promise<never>(() => {}), getSth: () => new Promise<never>(() => {}) }

function proof(logId: string, leafHash: string, size: number) {
  const found = proofOf(logId, leafHash, size)
  if (found === null) throw new Error('no such leaf')
  return found
}
