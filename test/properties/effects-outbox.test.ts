// What a log's view wants to be durable, and the writes that make it so.
import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { outboxOf, type Writable } from '../../src/effects/auditor/outbox.ts'
import { auditorScope } from '../../src/effects/auditor/world.ts'
import { pause } from '../../src/effects/deadline.ts'
import type { Consensus } from '../../src/machines/tor/types.ts'
import { auditorWorld, defect, refused, type WorldScript } from './fakes/auditor-world.ts'
import { consensusAt, firstValidAfter, startAt, worlds } from './fakes/ct-world.ts'

const [sth] = worlds[0].sths as [(typeof worlds)[0]['sths'][number]]
const save: Writable = { type: 'saveSth', seen: { sth, seenAt: startAt, status: 'consistent' } }
const nothing = { sfoId: null, sths: [], proof: null, lastOutcome: null, spansGap: false }
const escalate: Writable = {
  type: 'escalate',
  evidence: { kind: 'log-down', logId: sth.logId, since: startAt, ...nothing },
}

function harness(given: WorldScript = {}) {
  const fake = auditorWorld(given)
  let told = 0
  const incidents = { notifySoon: () => void told++, settled: () => Promise.resolve() }
  return { ...fake, outbox: outboxOf(fake.world, incidents), told: () => told }
}

test('effects become durable in their order, and a human hears of an incident once it is [AUD-012, AUD-016]', async () => {
  const { outbox, written, store, told } = harness()
  expect([outbox.isEmpty, await outbox.flush()]).toEqual([true, true])
  outbox.add(save)
  expect([outbox.isEmpty, told()]).toEqual([false, 0])
  outbox.add(escalate)
  expect(await outbox.flush()).toBe(true)
  expect([outbox.isEmpty, told(), written]).toEqual([true, 1, ['saveSth', 'escalate']])
  expect(store.sths(sth.logId)).toEqual([{ sth, seenAt: startAt, status: 'consistent' }])
  expect(store.incidents().map(({ kind, count }) => [kind, count])).toEqual([['log-down', 1]])
})

test('what the store refuses stays for the next flush, and nothing is written before it [AUD-016]', async () => {
  const { outbox, written, said, failing, told } = harness()
  outbox.add(escalate)
  outbox.add(save)
  failing.push('escalate')
  expect(await outbox.flush()).toBe(false)
  expect([outbox.isEmpty, told(), written.splice(0), said]).toEqual([false, 0, ['escalate'], refused('escalate')])
  failing.push('saveSth')
  expect(await outbox.flush()).toBe(false)
  expect([outbox.isEmpty, told(), written.splice(0)]).toEqual([false, 1, ['escalate', 'saveSth']])
  expect(await outbox.flush()).toBe(true)
  expect([outbox.isEmpty, told(), written]).toEqual([true, 1, ['saveSth']])
})

test('two flushes at a time are one [AUD-016]', async () => {
  const { outbox, written } = harness()
  outbox.add(save)
  expect(await Promise.all([outbox.flush(), outbox.flush()])).toEqual([true, true])
  expect(written).toEqual(['saveSth'])
})

test('the number that waits is bounded, and what exceeds it counts as an error of the store [AUD-016]', async () => {
  const { outbox, written, said } = harness({ limits: { mailbox: 2 } })
  for (const effect of [save, save, escalate]) outbox.add(effect)
  expect(said).toEqual([['count', 'auditor_store_errors_total', { write: 'escalate', error: 'storeFull' }]])
  await outbox.flush()
  expect(written).toEqual(['saveSth', 'saveSth'])
})

const done = async () => ({ ok: true, value: 'durable' }) as const
const storeFailed = { ok: false, error: 'storeFailed', detail: expect.stringMatching(/./) }

test('a write answers what the store does; one that throws or takes too long has failed [AUD-012]', async () => {
  const { world, clock, said, written } = auditorWorld({ limits: { storeMs: 100 } })
  const { writes } = world
  expect(await writes.write('apply', done)).toEqual({ ok: true, value: 'durable' })
  expect(said).toEqual([])
  const thrown = new TypeError('an SFO')
  expect(await writes.write('apply', () => Promise.reject(thrown))).toEqual(storeFailed)
  expect(said.splice(0)).toEqual([...defect('portFailed', thrown), ...refused('apply')])
  let isSettled = false
  const late = writes.write('insert', () => new Promise<never>(() => {}))
  const waiting = writes.settled().then(() => {
    isSettled = true
  })
  await clock.advance(99)
  expect([isSettled, said]).toEqual([false, []])
  await clock.advance(1)
  expect(await late).toEqual(storeFailed)
  await waiting
  expect([said, written]).toEqual([refused('insert'), ['apply', 'apply', 'insert']])
  await writes.settled()
})

test('after a crash at a boundary the auditor writes nothing, and claims nothing to be durable [INV-009]', async () => {
  const { world, clock, said, written } = auditorWorld({
    crashAt: 2,
  })
  const { writes } = world
  expect([await writes.write('apply', done), writes.dead]).toEqual([{ ok: true, value: 'durable' }, false])
  const slow = writes.write('apply', () => pause(clock, world.signal, 1).then(done))
  expect([await writes.write('insert', done), writes.dead]).toEqual([storeFailed, true])
  await clock.advance(1)
  expect(await slow).toEqual(storeFailed)
  let begun = false
  const write = () => {
    begun = true
    return done()
  }
  expect(await writes.write('apply', write)).toEqual(storeFailed)
  expect([begun, said, written]).toEqual([false, [], ['apply', 'insert']])
})

test('a round has a circuit of its own for each log, and ends with its end or the stop [AUD-114]', () => {
  let current: Consensus | null = consensusAt(firstValidAfter)
  const { world, stop } = auditorWorld({ consensus: () => current })
  const [first, second] = [auditorScope(world, 1), auditorScope(world, 1)]
  const [a, b] = worlds.map(({ log }) => log)
  const circuits = [first, second].flatMap(({ isolationOf }) => [isolationOf('a'), isolationOf('b')])
  expect(new Set(circuits).size).toBe(4)
  expect([first.isolationOf('a'), first.isolationOf('b')]).toEqual(circuits.slice(0, 2))
  expect([first.startedAt, first.logOf(a?.logId ?? ''), first.logOf(b?.logId ?? '')]).toEqual([startAt, a, b])
  current = consensusAt(firstValidAfter, { logs: worlds.slice(1).map(({ log }) => log) })
  expect(first.logOf(a?.logId ?? '')).toBeUndefined()
  current = null
  expect(first.logOf(b?.logId ?? '')).toBeUndefined()
  first.end()
  expect([first.signal.aborted, second.signal.aborted]).toEqual([true, false])
  expect(getEventListeners(world.signal, 'abort').length).toBe(1)
  stop()
  expect(second.signal.aborted).toBe(true)
  expect(getEventListeners(world.signal, 'abort')).toEqual([])
})
