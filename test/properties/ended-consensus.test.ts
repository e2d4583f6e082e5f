// What relays and auditors do once their consensus has ended and no other one is there, in virtual time [CONS-001].
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ConsensusSource } from '../../src/effects/ports.ts'
import { encodeSfoBody } from '../../src/machines/ct/sfo.ts'
import type { Consensus } from '../../src/machines/tor/types.ts'
import { auditorHarness, settle, sfosOf } from './fakes/auditor-ports.ts'
import { type FakeClock, fakeClock } from './fakes/clock.ts'
import { allSfos, consensusAt, firstValidAfter, hour, minute, startAt } from './fakes/ct-world.ts'
import { type FakeCtr, fakeCtrs, stranger } from './fakes/ctr.ts'
import { relayHarness, roundDeadlineMs, waitMs } from './fakes/relay-ports.ts'
import { everyRule } from './fakes/relay-rules.ts'

const first = consensusAt(firstValidAfter)
const notLive = { ok: false, error: 'notLive', detail: '' } as const
const body = (n: number) => (allSfos[n % allSfos.length] as (typeof allSfos)[number]).body

/** Serves `first` until it ends, then nothing until `renewedAt`, and from then on a new one by the hour. */
function interrupted(clock: FakeClock, renewedAt: number, change: Partial<Consensus> = {}) {
  const current = (): Consensus | null => {
    const now = clock.now()
    if (now < first.validUntil) return { ...first, ...change }
    if (now < renewedAt) return null
    return consensusAt(renewedAt + Math.floor((now - renewedAt) / hour) * hour, change)
  }
  const source: ConsensusSource = {
    async newer(newerThan) {
      const now = current()
      if (now === null) return notLive
      return { ok: true, value: now.validAfter > (newerThan ?? 0) ? now : null }
    },
  }
  const isLive = (at: number) => at < first.validUntil || at >= renewedAt
  return { source, current, isLive }
}

const someMinutes = fc.integer({ min: 1, max: 6 * 60 }).map((n) => n * minute)
const ctrs = fakeCtrs.map(({ ctrId }) => ({ ctrId, url: 'http://127.0.0.1:1/ctr', family: [] }))

test('a relay whose consensus has ended begins no round, takes no SFO and builds no circuit until it has a live one [CONS-001.2, CONS-001.8, CONS-001.9, CONS-001.10]', async () => {
  const waits = fc.array(fc.integer({ min: 1, max: 45 }), { minLength: 12, maxLength: 24 })
  await fc.assert(
    fc.asyncProperty(someMinutes, waits, fc.nat(), async (outage, minutes, seed) => {
      const clock = fakeClock(startAt)
      const renewedAt = first.validUntil + outage
      const { source, isLive } = interrupted(clock, renewedAt)
      const relay = relayHarness({ seed, logs: ['refused'], parts: { consensus: source } }, clock)
      await clock.advance(1)
      let taken = 0
      for (const [n, wait] of minutes.entries()) {
        const { context } = relay.engine.state()
        const reply = relay.engine.submit(body(n), 0)
        if (reply.ok) taken++
        else expect(reply.error).toBe('noLiveConsensus')
        if (!isLive(clock.now())) expect(reply.ok).toBe(false)
        else if (clock.now() < first.validUntil || context.consensus?.validAfter !== first.validAfter)
          expect(reply.ok).toBe(true)
        await clock.advance(wait * minute)
      }
      expect(relay.engine.state().context.counters.received).toBe(taken)
      const begun = relay.journal.flatMap(({ event }) => (event.type === 'waited' ? [event.at] : []))
      expect(begun.filter((at) => !isLive(at))).toEqual([])
      const others = relay.calls.filter(({ port }) => port !== 'consensus')
      expect(others.filter(({ at }) => at >= first.validUntil + roundDeadlineMs && at < renewedAt)).toEqual([])
      expect(everyRule(relay)).toEqual([])
      await clock.advance(Math.max(0, renewedAt - clock.now()) + 3 * waitMs)
      expect(relay.engine.state().context.consensus?.validAfter).toBeGreaterThanOrEqual(renewedAt)
      expect(relay.journal.some(({ event }) => event.type === 'waited' && event.at >= renewedAt)).toBe(true)
    }),
    { numRuns: 30 },
  )
})

test('a round that is put off is counted and said, and so is each SFO that is refused [CONS-001.8, CONS-001.9]', async () => {
  const clock = fakeClock(startAt)
  const { source } = interrupted(clock, Number.MAX_SAFE_INTEGER)
  const relay = relayHarness({ parts: { consensus: source } }, clock)
  await clock.advance(first.validUntil - clock.now())
  const [rounds, lines] = [relay.engine.state().context.roundNumber, relay.kept.lines.length]
  expect(relay.kept.total('relay_rounds_postponed_total')).toBe(0)
  await clock.advance(3 * waitMs)
  expect(relay.engine.state()).toMatchObject({ value: 'passive', context: { roundNumber: rounds } })
  expect(relay.kept.total('relay_rounds_postponed_total')).toBe(3)
  expect(relay.kept.lines.slice(lines).filter((line) => line.includes('noLiveConsensus')).length).toBe(3)
  relay.submit([0, 1])
  expect(relay.kept.total('relay_submissions_total', { result: 'noLiveConsensus' })).toBe(2)
  expect(relay.engine.submit(new Uint8Array(), 0)).toMatchObject({ ok: false, error: 'notJson' })
})

test('a consensus serves from its valid-after to the last millisecond before its valid-until [CONS-001.2]', async () => {
  for (const [at, isLive] of [
    [first.validAfter - 1, false],
    [first.validAfter, true],
    [first.validUntil - 1, true],
    [first.validUntil, false],
  ] as const) {
    const relay = relayHarness(
      { parts: { consensus: { newer: async () => ({ ok: true, value: first }) } } },
      fakeClock(at),
    )
    await relay.clock.advance(0)
    expect([at - first.validAfter, relay.engine.submit(body(0), 0).ok]).toEqual([at - first.validAfter, isLive])
  }
})

test('a report goes to no auditor of an ended consensus, and to one of the next [CONS-001.2, RELAY-005.2]', async () => {
  const clock = fakeClock(first.validUntil - waitMs - 5_000)
  const renewedAt = first.validUntil + 5 * minute
  const { source } = interrupted(clock, renewedAt)
  const limits = { reportRetry: { attempts: 20, minDelayMs: minute, maxDelayMs: minute } }
  const config = { policy: { ...relayHarness().config.policy, reporting: 'auditor', notDue: 'challenge' } } as const
  const relay = relayHarness(
    { logs: ['refused'], report: ['unreachable', 'ok'], config, parts: { consensus: source, limits } },
    clock,
  )
  await clock.advance(1)
  relay.submit([0])
  await clock.advance(hour)
  const reports = relay.calls.filter(({ port }) => port === 'report').map(({ at }) => at)
  expect(reports.length).toBe(2)
  expect(reports[0]).toBeLessThan(first.validUntil)
  expect(reports[1]).toBeGreaterThanOrEqual(renewedAt)
  expect(relay.engine.state().context.counters.reported).toBe(1)
})

test('an auditor whose consensus has ended answers a CTR 503, keeps nothing of it, asks no log and raises nothing until it has a live one [CONS-001.2, CONS-001.8, CONS-001.9]', async () => {
  const shorter = fc.integer({ min: 1, max: 170 }).map((n) => n * minute)
  await fc.assert(
    fc.asyncProperty(shorter, fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 6 }), async (outage, minutes) => {
      const clock = fakeClock(startAt)
      const renewedAt = first.validUntil + outage
      const { source, isLive } = interrupted(clock, renewedAt, { ctrs })
      const auditor = auditorHarness({ clock, parts: { consensus: source } })
      const submit = submission(auditor, first.digest)
      await clock.advance(11 * minute)
      await clock.advance(first.validUntil - minute - clock.now())
      expect(await submit(0)).toEqual({ status: 200, error: null })
      await clock.advance(minute)
      const [before, asked] = [auditor.engine.counts(), auditor.asked.length]
      for (const [n, wait] of minutes.entries()) {
        if (!isLive(clock.now() + minute)) {
          expect(await submit(n + 1)).toEqual({ status: 503, error: 'noLiveConsensus' })
          expect(await submit(n + 1, stranger)).toEqual({ status: 403, error: 'notCtr' })
        }
        await clock.advance(Math.min(wait * minute, Math.max(0, renewedAt - 1 - clock.now())))
      }
      expect(auditor.engine.counts()).toEqual(before)
      expect(auditor.asked.length).toBe(asked)
      expect(auditor.told.size).toBe(0)
      await clock.advance(Math.max(0, renewedAt - clock.now()) + 3 * hour)
      expect(auditor.engine.counts()).toMatchObject({ pending: 0, proven: 1 })
    }),
    { numRuns: 20 },
  )
})

test('an auditor without a live consensus polls once a round and does no more; the round is counted and said [CONS-001.9]', async () => {
  const clock = fakeClock(startAt)
  const { source } = interrupted(clock, Number.MAX_SAFE_INTEGER, { ctrs })
  const auditor = auditorHarness({ clock, logs: ['refused'], parts: { consensus: source } })
  const submit = submission(auditor, first.digest)
  await clock.advance(11 * minute)
  expect(await submit(0)).toEqual({ status: 200, error: null })
  await clock.advance(first.validUntil - clock.now())
  const [asked, polls] = [auditor.asked.length, auditor.kept.total('consensus_polls_total', { result: 'notLive' })]
  expect(auditor.kept.total('auditor_rounds_idle_total')).toBe(0)
  await clock.advance(30 * hour)
  expect(auditor.asked.length).toBe(asked)
  expect(auditor.engine.counts()).toMatchObject({ pending: 1, escalated: 0 })
  const idle = auditor.kept.total('auditor_rounds_idle_total')
  expect(idle).toBeGreaterThan(25)
  expect(auditor.kept.total('consensus_polls_total', { result: 'notLive' })).toBe(polls + idle)
  expect(auditor.kept.lines.filter((line) => line.includes('noLiveConsensus')).length).toBe(idle)
})

test('an auditor that has had no consensus yet counts and says its rounds as one whose consensus has ended does [CONS-001.9]', async () => {
  const auditor = auditorHarness({ parts: { consensus: { newer: async () => notLive } } })
  await auditor.clock.advance(5 * hour)
  const idle = auditor.kept.total('auditor_rounds_idle_total')
  expect(idle).toBe(auditor.kept.total('auditor_rounds_total'))
  expect(idle).toBe(auditor.kept.total('consensus_polls_total', { result: 'notLive' }))
  expect(idle).toBeGreaterThan(3)
  expect(auditor.kept.lines.filter((line) => line.includes('noLiveConsensus')).length).toBe(idle)
})

test('a consensus that ends amid a submission loses no SFO of it: all are judged by the one it began with [CONS-001.10, AUD-027.1]', async () => {
  const clock = fakeClock(startAt)
  const { source } = interrupted(clock, Number.MAX_SAFE_INTEGER, { ctrs })
  // Whenever work pauses for other work, an hour goes by.
  const auditor = auditorHarness({
    clock: { ...clock, pending: 0, after: (ms, fire) => clock.after(ms === 0 ? hour : ms, fire) },
    parts: { consensus: source },
  })
  await clock.advance(11 * minute)
  await clock.advance(first.validUntil - 20 * minute - clock.now())
  const nonce = auditor.engine.challenge() ?? ''
  const sfos = sfosOf(...allSfos.keys())
  const reply = auditor.engine.submit((fakeCtrs[0] as FakeCtr).prove(nonce, first.digest), encodeSfoBody(sfos))
  await clock.advance(2 * hour)
  expect(clock.now()).toBeGreaterThan(first.validUntil)
  expect(await reply).toEqual({ status: 200, error: null })
  expect(auditor.kept.total('auditor_sfos_total', { verdict: 'valid' })).toBe(sfos.length)
})

/** Submits the SFO of that number, under a proof over that consensus. */
function submission({ engine, clock }: ReturnType<typeof auditorHarness>, digest: string) {
  return (n: number, ctr: FakeCtr = fakeCtrs[0] as FakeCtr) =>
    settle(clock, engine.submit(ctr.prove(engine.challenge() ?? '', digest), encodeSfoBody(sfosOf(n))))
}
