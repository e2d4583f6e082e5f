// The relay's interpreter with ports that hang, throw, lie and dawdle, in virtual time.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { step } from '../../src/machines/kernel/step.ts'
import { initialRelay } from '../../src/machines/relay/initial.ts'
import { relayMachine } from '../../src/machines/relay/machine.ts'
import { anyBehaviour, type Behaviour } from './fakes/behaviour.ts'
import { settled } from './fakes/clock.ts'
import { allSfos, consensusAt, foreign, hour, minute, startAt, unsigned, worlds } from './fakes/ct-world.ts'
import { addressOf, type RelayScript, relayHarness, roundDeadlineMs, truePair, waitMs } from './fakes/relay-ports.ts'
import { everyRule, onlyTruePairs } from './fakes/relay-rules.ts'

const all = allSfos.map((_, n) => n)
const dead: readonly Behaviour[] = ['unreachable']

/** Past the first poll, so that SFOs are taken [CONS-001.8]. */
async function started(given: RelayScript = {}) {
  const relay = relayHarness(given)
  await settled()
  return relay
}

test('a round with answering logs proves everything, serves the pairs and keeps no SFO [RELAY-104.2, RELAY-109]', async () => {
  const relay = await started()
  relay.submit(all)
  await relay.clock.advance(waitMs + minute)
  expect(everyRule(relay)).toEqual([])
  const { context, value } = relay.engine.state()
  expect(value).toBe('passive')
  expect(context.counters).toMatchObject({ received: all.length, proven: all.length })
  expect([relay.store.sfoCount, relay.engine.proofs().length]).toEqual([0, all.length])
  expect(relay.calls.filter(({ port }) => port === 'logs').length).toBe(all.length)
  expect(relay.published.size).toBe(1)
})

test('each log of a round has one circuit, and each CTR is connected to, also with nothing to send [RELAY-015, RELAY-025]', async () => {
  const relay = await started()
  relay.submit(all)
  await relay.clock.advance(waitMs + minute)
  const circuits = new Set(relay.calls.filter(({ port }) => port === 'logs').map(({ isolation }) => isolation))
  expect(circuits.size).toBe(worlds.length)
  expect(relay.calls.filter(({ port }) => port === 'connect').length).toBe(relay.config.n)
  expect(relay.calls.filter(({ port }) => port === 'submit').length).toBe(0)
})

test('whatever ports do, the relay is passive within the deadline, answers each question once and loses no SFO [INV-002, INV-006.2]', async () => {
  const behaviours = fc.array(anyBehaviour, { minLength: 1, maxLength: 6 })
  const world = fc.record({
    logs: behaviours,
    connect: behaviours,
    submit: behaviours,
    send: behaviours,
    fetch: behaviours,
    report: behaviours,
    publish: behaviours,
    seed: fc.nat(),
    patient: fc.boolean(),
  })
  const sent = fc.array(fc.nat(allSfos.length - 1), { maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(world, fc.array(sent, { minLength: 1, maxLength: 3 }), async (given, rounds) => {
      // Patient steps are ended by the round's deadline, others by their own.
      const limits = given.patient ? { steps: { challenge: hour, fetch: hour, forward: hour, announce: hour } } : {}
      const relay = await started({
        ...given,
        pairs: [truePair(0), truePair(5)],
        config: { waitMs: minute, roundDeadlineMs: 20_000 },
        parts: { limits },
      })
      relay.engine.offerAddress('pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion')
      for (const numbers of rounds) {
        relay.submit(numbers, numbers.length % 2)
        await relay.clock.advance(minute + 1)
        relay.submit(numbers)
        await relay.clock.advance(minute)
        expect(everyRule(relay)).toEqual([])
      }
      await relay.clock.advance(3 * hour)
      expect(relay.engine.state().context.reports.size).toBe(0)
      expect(everyRule(relay)).toEqual([])
      const replay = relay.journal.reduce(
        (state, { event }) => step(relayMachine, state, event).state,
        initialRelay(relay.config),
      )
      expect(replay.context.counters).toEqual(relay.engine.state().context.counters)
      const stopped = relay.engine.stop()
      await relay.clock.advance(minute)
      await stopped
      await relay.clock.advance(hour)
      expect([relay.clock.pending, relay.published.size]).toEqual([0, 0])
    }),
    { numRuns: 25 },
  )
})

test('a pair that a peer made up, spoilt or borrowed never enters the proof set [INV-003, RELAY-007]', async () => {
  const [honest, other] = [truePair(0), truePair(8)]
  const spoilt = fc.constantFrom<unknown>(
    { ...honest, leafId: other.leafId },
    { ...honest, leafId: `${honest.sth.logId}:${'0'.repeat(64)}` },
    { ...honest, sth: { ...honest.sth, root: '0'.repeat(64) } },
    { ...honest, sth: { ...honest.sth, size: honest.sth.size + 1 } },
    { ...honest, sth: { ...honest.sth, timestamp: honest.sth.timestamp + 1 } },
    { ...honest, sth: { ...honest.sth, logId: other.sth.logId } },
    { ...honest, proof: { ...honest.proof, leafIndex: honest.proof.leafIndex + 1 } },
    { ...honest, proof: { ...honest.proof, path: honest.proof.path.slice(1) } },
    { ...honest, proof: { ...honest.proof, path: Array(1000).fill('0'.repeat(64)) } },
    { ...honest, extra: 'member' },
    { ...honest, sth: null },
    null,
    42,
    'text',
    {},
  )
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(spoilt, fc.constant(other)), { maxLength: 12 }), async (pairs) => {
      const relay = await started({ pairs })
      relay.engine.offerAddress('pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion')
      await relay.clock.advance(waitMs + minute)
      expect(relay.calls.filter(({ port }) => port === 'fetch').length).toBe(1)
      expect(onlyTruePairs(relay)).toEqual([])
      expect([...relay.engine.state().context.proofs.keys()]).toEqual(pairs.includes(other) ? [other.leafId] : [])
    }),
    { numRuns: 60 },
  )
})

test('of an endless answer only as many pairs as were asked for are looked at [RELAY-019, RELAY-105.1]', async () => {
  const pairs = Array.from({ length: 5000 }, () => ({
    ...truePair(0),
    leafId: `${truePair(0).sth.logId}:${'0'.repeat(64)}`,
  }))
  const relay = await started({ pairs, config: { pairsPerFetch: 7 } })
  relay.engine.offerAddress('pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion')
  await relay.clock.advance(waitMs + minute)
  expect(relay.journal.filter(({ event }) => event.type === 'pair').length).toBe(7)
})

test('an address that is no onion address is refused, an own one is not fetched from [RELAY-112]', async () => {
  const relay = await started()
  expect(relay.engine.offerAddress(addressOf(1))).toBe(false)
  expect(relay.engine.offerAddress('pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion')).toBe(true)
  expect(relay.engine.state().context.addresses.length).toBe(1)
})

test('an unreachable challenge is tried once more on a fresh circuit, then the log is left alone [RELAY-004.2, RELAY-010]', async () => {
  const relay = await started({ logs: dead, parts: { limits: { challengesPerLog: 1, concurrentLogs: 1 } } })
  relay.submit(all)
  await relay.clock.advance(waitMs + minute)
  const asked = relay.calls.filter(({ port }) => port === 'logs')
  for (const { log } of worlds) expect(asked.filter(({ target }) => target === log.logId).length).toBe(5)
  expect(new Set(asked.map(({ isolation }) => isolation)).size).toBe(6)
  const open = relay.journal.filter(({ event }) => event.type === 'challenged' && event.breakerOpen)
  expect(open.length).toBe(all.length - 2 * worlds.length)
  expect(everyRule(relay)).toEqual([])
})

test('behind an open breaker the next round probes a dead log with one SFO, not all [RELAY-010]', async () => {
  const relay = await started({
    logs: dead,
    config: { policy: { ...relayHarness().config.policy, reporting: 'never' } },
  })
  relay.submit(all)
  await relay.clock.advance(waitMs + minute)
  const before = relay.calls.filter(({ port }) => port === 'logs').length
  relay.submit(all)
  await relay.clock.advance(waitMs + minute)
  expect(relay.calls.filter(({ port }) => port === 'logs').length - before).toBe(worlds.length)
})

test('what no log proves goes to CTRs one SFO a circuit with one hop more, and to its auditor [RELAY-106, RELAY-005.2]', async () => {
  const relay = await started({ logs: ['refused'] })
  relay.submit(all)
  await relay.clock.advance(waitMs + minute)
  const submitted = relay.calls.filter(({ port }) => port === 'submit')
  expect(submitted.length).toBe(all.length * relay.config.k)
  expect(new Set(submitted.map(({ isolation }) => isolation)).size).toBe(submitted.length)
  expect(submitted.every(({ detail }) => (detail as { hops: number }).hops === 1)).toBe(true)
  expect(relay.calls.filter(({ port }) => port === 'report').length).toBe(all.length)
  expect(relay.engine.state().context.counters.reported).toBe(all.length)
  expect(everyRule(relay)).toEqual([])
})

test('a CTR that cannot be connected to is given up after a second circuit; its SFOs go elsewhere [RELAY-017.1]', async () => {
  const relay = await started({
    logs: ['refused'],
    connect: ['unreachable', 'unreachable', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok'],
  })
  relay.submit(all)
  await relay.clock.advance(waitMs + minute)
  expect(everyRule(relay)).toEqual([])
  expect(relay.journal.some(({ event }) => event.type === 'delivered' && !event.ok)).toBe(true)
  expect(relay.engine.state().context.counters).toMatchObject({ received: all.length, reported: all.length })
})

test('a report is retried after random delays, a bounded number of times, and outlives its round [RELAY-005.2]', async () => {
  const relay = await started({ logs: ['refused'], report: ['unreachable', 'hang', 'ok'] })
  relay.submit([0])
  await relay.clock.advance(waitMs + minute)
  expect(relay.engine.state().context.reports.size).toBe(1)
  await relay.clock.advance(hour)
  const attempts = relay.calls.filter(({ port }) => port === 'report')
  expect([attempts.length, new Set(attempts.map(({ isolation }) => isolation)).size]).toEqual([3, 3])
  expect(relay.engine.state().context.counters.reported).toBe(1)
  const failing = await started({ logs: ['refused'], report: dead })
  failing.submit([0])
  await failing.clock.advance(waitMs + 4 * hour)
  expect(failing.calls.filter(({ port }) => port === 'report').length).toBe(6)
  expect([failing.engine.state().context.reports.size, failing.store.sfoCount]).toEqual([0, 0])
  expect(everyRule(failing)).toEqual([])
})

test('the reply to a submission never tells what it is worth, and validation comes after it [RELAY-012.2]', async () => {
  const relay = await started()
  await relay.clock.advance(1)
  const known = allSfos[0]?.body as Uint8Array
  const replies = [known, known, unsigned, foreign.body].map((body) => relay.engine.submit(body, 0))
  expect(replies).toEqual(replies.map(() => ({ ok: true, value: null })))
  expect(relay.engine.state().context.counters.received).toBe(0)
  await relay.clock.advance(1)
  expect(relay.engine.state().context.counters).toMatchObject({ received: 4, dropped: { invalid: 2, duplicate: 1 } })
  const errors = relay.journal.map(({ event }) => (event.type === 'invalidSfo' ? event.error : null)).filter(Boolean)
  expect(errors).toEqual(['badSctSignature', 'unknownLog'])
  expect(relay.store.sfoCount).toBe(1)
  expect(relay.engine.submit(new TextEncoder().encode('[]'), 0)).toMatchObject({ ok: false, error: 'notSfoList' })
  expect(relay.engine.submit(new TextEncoder().encode('[{}]'), 0)).toMatchObject({ ok: false, error: 'sctCount' })
  expect(everyRule(relay)).toEqual([])
})

test('the backlog of unvalidated submissions is bounded, and what it drops is counted [RELAY-012.1, INV-006.2]', async () => {
  const relay = await started({ parts: { limits: { backlog: 3 } } })
  await relay.clock.advance(1)
  relay.submit([0, 1, 2, 3, 4])
  await relay.clock.advance(1)
  expect(relay.engine.state().context.counters.received).toBe(3)
  expect(relay.kept.total('relay_backlog_dropped_total')).toBe(2)
  expect(relay.kept.lines.filter((line) => line.includes('backlogFull')).length).toBe(1)
  relay.submit([3])
  await relay.clock.advance(1)
  expect(relay.engine.state().context.counters.received).toBe(4)
  expect(everyRule(relay)).toEqual([])
})

test('an STH that its log did not sign is left out and counted [CONS-001.6, RELAY-003.1]', async () => {
  const sths = consensusAt(0).sths.map((sth, n) => (n === 1 ? { ...sth, size: sth.size + 1 } : sth))
  const consensus = { newer: async () => ({ ok: true, value: consensusAt(startAt - minute, { sths }) }) as const }
  const relay = await started({ parts: { consensus } })
  await relay.clock.advance(1)
  const known = relay.engine
    .state()
    .context.logs.toArray()
    .flatMap(([, { sths }]) => sths)
  expect(known.length).toBe(sths.length - 1)
  expect(relay.kept.total('consensus_bad_sths_total')).toBe(1)
})

test('a poll that fails or hangs is followed by another one; an answered one by the next freshness window [CONS-001.2]', async () => {
  const relay = await started({ consensus: ['unreachable', 'hang', 'throw', 'ok'] })
  await relay.clock.advance(15 * minute)
  expect(relay.engine.state().context.consensus).not.toBeNull()
  const before = relay.calls.filter(({ port }) => port === 'consensus')
  expect(before.length).toBe(4)
  await relay.clock.advance(3 * hour)
  const next = relay.calls.filter(({ port }) => port === 'consensus')[4]?.at ?? 0
  const { freshUntil, validAfter } = consensusAt(startAt - minute)
  expect(next).toBeGreaterThanOrEqual(freshUntil)
  expect(next).toBeLessThan(freshUntil + (freshUntil - validAfter))
})

test('an onion service is retired two rounds after it was announced, and one that came up too late at once [RELAY-018]', async () => {
  const relay = await started()
  const seen: string[][] = []
  for (let round = 1; round <= 4; round++) {
    await relay.clock.advance(waitMs + minute)
    seen.push([...relay.published])
  }
  expect(seen).toEqual([['service1'], ['service1', 'service2'], ['service2', 'service3'], ['service3', 'service4']])
  const late = await started({ publish: ['slow'], parts: { limits: { publishMs: 1000 } } })
  await late.clock.advance(waitMs + minute)
  expect([late.published.size, late.engine.state().value]).toEqual([0, 'passive'])
})

test('stop ends at once though every port hangs, and leaves no timer [RELAY-021]', async () => {
  const hang: readonly Behaviour[] = ['hang']
  const relay = await started({ logs: hang, connect: hang, fetch: hang, report: hang, publish: hang, send: hang })
  relay.submit(all)
  await relay.clock.advance(waitMs + 1000)
  expect(relay.engine.state().value).not.toBe('passive')
  await relay.engine.stop()
  await settled()
  const events = relay.journal.length
  await relay.clock.advance(hour)
  expect([relay.clock.pending, relay.journal.length]).toEqual([0, events])
  expect(relay.engine.submit(allSfos[0]?.body as Uint8Array, 0).ok).toBe(true)
})

test('a hanging log holds no round beyond its deadline, and the other log is heard [INV-002]', async () => {
  const hanging = worlds[0].log.logId
  const relay = await started({
    parts: {
      logs: {
        getInclusion: (log) =>
          log.logId === hanging ? new Promise(() => {}) : Promise.resolve({ kind: 'refused', status: 404 }),
        getSthConsistency: () => new Promise(() => {}),
        getSth: () => new Promise(() => {}),
      },
    },
  })
  relay.submit(all)
  await relay.clock.advance(waitMs + roundDeadlineMs)
  expect(relay.engine.state().value).toBe('passive')
  const outcomes = relay.journal.flatMap(({ event }) => (event.type === 'challenged' ? [event.outcome] : []))
  expect(outcomes.filter((outcome) => outcome === 'unreachable').length).toBe(worlds[0].sfos.length)
  expect(outcomes.filter((outcome) => outcome === 'refused').length).toBe(worlds[1].sfos.length)
  expect(everyRule(relay)).toEqual([])
})

test('a probe that its round called off tells nothing of the log, and the next round may probe again [RELAY-010]', async () => {
  const impatient = { challenge: 3_000, fetch: 1_000, forward: 1_000, announce: 1_000 }
  const limits = { challengesPerLog: 1, challengeMs: minute, steps: impatient }
  const relay = await started({
    logs: [...Array<Behaviour>(5).fill('unreachable'), 'hang', 'hang', 'ok'],
    parts: { limits },
  })
  const one = allSfos.findIndex(({ logId }) => logId === worlds[0].log.logId)
  const asked: number[] = []
  for (let round = 0; round < 6; round++) {
    const before = relay.calls.filter(({ port }) => port === 'logs').length
    relay.submit([one + round])
    await relay.clock.advance(waitMs + minute)
    asked.push(relay.calls.filter(({ port }) => port === 'logs').length - before)
  }
  expect(asked).toEqual([2, 2, 1, 1, 1, 1])
  expect(everyRule(relay)).toEqual([])
  const patient = await started({ logs: ['hang'], parts: { limits } })
  for (let round = 0; round < 7; round++) {
    patient.submit([one + round])
    await patient.clock.advance(waitMs + minute)
  }
  expect(patient.calls.filter(({ port }) => port === 'logs').length).toBe(7)
})

test('a full bucket ends the wait and starts one round, not a second one at the old time [RELAY-011.2]', async () => {
  const policy = { ...relayHarness().config.policy, bucketFull: 'end-wait', notDue: 'challenge' } as const
  const relay = await started({ config: { policy, bucketCapacity: 2, n: 2, k: 2 } })
  await relay.clock.advance(waitMs / 2)
  relay.submit([0, 1])
  await relay.clock.advance(minute)
  expect(relay.engine.state().context.roundNumber).toBe(1)
  await relay.clock.advance(waitMs / 2)
  expect(relay.engine.state().context.roundNumber).toBe(1)
  await relay.clock.advance(waitMs / 2)
  expect(relay.engine.state().context.roundNumber).toBe(2)
})
