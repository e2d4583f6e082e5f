// The small parts of the effects layer at their edges: exact answers, limits, and what is left behind.
import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { answerOf, unreachable } from '../../src/effects/ask.ts'
import { withDeadline } from '../../src/effects/deadline.ts'
import { freshIsolation, randomDelay } from '../../src/effects/draw.ts'
import { each } from '../../src/effects/each.ts'
import { effectErrors } from '../../src/effects/errors.ts'
import { instruments } from '../../src/effects/instruments.ts'
import { concurrencyLimit } from '../../src/effects/limit.ts'
import { liveConsensus } from '../../src/effects/live-consensus.ts'
import { logIndex } from '../../src/effects/log-index.ts'
import { metricNames } from '../../src/effects/metrics.ts'
import { tokenBuckets } from '../../src/effects/quota.ts'
import { timersOf } from '../../src/effects/timers.ts'
import type { Consensus } from '../../src/machines/tor/types.ts'
import { fakeClock, settled } from './fakes/clock.ts'
import { usual } from './oracles/relay-script.ts'

const drawing = (draw: number) => ({ u32: () => [draw], bytes: (count: number) => new Uint8Array(count).fill(7) })
const never = () => new Promise<never>(() => {})

test('each end of a task has its answer, with its code and the sentence of that code [RELAY-026]', () => {
  const ok = { kind: 'ok', value: 1 } as const
  expect(answerOf({ kind: 'done', value: ok })).toBe(ok)
  const codes = { expired: 'deadlineExceeded', aborted: 'aborted', failed: 'portFailed' } as const
  for (const [kind, code] of Object.entries(codes)) {
    const answer = answerOf({ kind, error: 'secret' } as Parameters<typeof answerOf>[0])
    expect(answer).toEqual({ kind: 'unreachable', detail: `${code}: ${effectErrors[code]}` })
    expect(answer).toEqual(unreachable(code))
  }
})

test('an isolation token is 128 bits of hex; an empty interval has its least delay [RELAY-015]', () => {
  expect(freshIsolation(drawing(0))).toBe('07'.repeat(16))
  const half = drawing(2 ** 31)
  expect([randomDelay(half, 10, 20), randomDelay(half, 10, 10), randomDelay(half, 10, 0)]).toEqual([15, 10, 10])
})

test('gauges and defects reach the operator, and a defect tells nothing but what kind of thing was thrown [RELAY-026]', () => {
  const heard: unknown[] = []
  const hear =
    (what: string) =>
    (...given: unknown[]) =>
      void heard.push([what, ...given])
  const tools = instruments(
    { count: hear('count'), gauge: hear('gauge') },
    { info: hear('info'), warn: hear('warn'), error: hear('error') },
  )
  tools.gauge('relay_proofs', 3, { a: 'b' })
  tools.info('ready')
  tools.info('ready', { port: 1 })
  tools.defect('portFailed', new TypeError('secret'))
  tools.defect('portFailed', 'secret')
  const failed = (thrown: string) => ['error', { thrown, code: 'portFailed' }, effectErrors.portFailed]
  const counted = ['count', 'defects_total', { code: 'portFailed' }, undefined]
  const gauged = ['gauge', 'relay_proofs', 3, { a: 'b' }]
  const told = [{}, { port: 1 }].map((fields) => ['info', fields, 'ready'])
  expect(heard).toEqual([gauged, ...told, counted, failed('TypeError'), counted, failed('string')])
})

test('operator’s tools that throw harm nothing', () => {
  const broken = () => {
    throw new Error('disk full')
  }
  const tools = instruments({ count: broken, gauge: broken }, { info: broken, warn: broken, error: broken })
  tools.count('defects_total')
  tools.gauge('relay_proofs', 1)
  tools.info('ready')
  tools.warn('portFailed')
  tools.defect('portFailed', null)
})

test('workers begin each item once, in order, no more at a time than they are, and none after the signal [RELAY-103]', async () => {
  const controller = new AbortController()
  const begun: number[] = []
  let running = 0
  let most = 0
  await each([1, 2, 3, 4, 5], 2, controller.signal, async (item) => {
    begun.push(item)
    running += 1
    most = Math.max(most, running)
    await settled()
    running -= 1
    if (item === 3) controller.abort()
  })
  expect([begun, most]).toEqual([[1, 2, 3, 4], 2])
  const all: number[] = []
  await each([1, 2], 9, new AbortController().signal, async (item) => void all.push(item))
  expect(all).toEqual([1, 2])
})

test('a waiting task that is called off leaves its place and no listener [RELAY-103]', async () => {
  const limit = concurrencyLimit({ concurrent: 1, queued: 1 })
  const controller = new AbortController()
  let begun = 0
  void limit.run(new AbortController().signal, never)
  const waiting = limit.run(controller.signal, async () => {
    begun += 1
  })
  expect([limit.running, limit.waiting]).toEqual([1, 1])
  expect((await limit.run(controller.signal, never)).kind).toBe('full')
  controller.abort()
  expect(await waiting).toEqual({ kind: 'aborted' })
  expect([begun, limit.waiting, limit.refused]).toEqual([0, 0, 1])
  expect(getEventListeners(controller.signal, 'abort')).toEqual([])
  expect(await limit.run(controller.signal, never)).toEqual({ kind: 'aborted' })
})

test('what a task answers or throws after its end changes nothing [RELAY-104.1]', async () => {
  const clock = fakeClock()
  const parent = new AbortController()
  const late: number[] = []
  let fail = (_: Error) => {}
  const expired = withDeadline(clock, parent.signal, 5, () => new Promise<number>((_, reject) => (fail = reject)))
  const slow = withDeadline(
    clock,
    parent.signal,
    5,
    async () => clock.after(9, () => {}) && 1,
    (one) => late.push(one),
  )
  await clock.advance(5)
  fail(new Error('too late'))
  parent.abort()
  await settled()
  expect(await expired).toEqual({ kind: 'expired' })
  expect(await slow).toEqual({ kind: 'done', value: 1 })
  expect([late, getEventListeners(parent.signal, 'abort')]).toEqual([[], []])
})

test('a consensus is used while it is live, and there need be none [CONS-001.2]', () => {
  const consensus = { ...usual, validAfter: 1000, freshUntil: 2000, validUntil: 3000 }
  expect(liveConsensus(null, 1000)).toBeNull()
  expect([1000, 2999].map((now) => liveConsensus(consensus, now))).toEqual([consensus, consensus])
  expect([999, 3000].map((now) => liveConsensus(consensus, now))).toEqual([null, null])
})

test('logs are found by ID in the consensus that is asked about, which is indexed once [CONS-001]', () => {
  const find = logIndex()
  let indexed = 0
  const counting: Consensus = {
    ...usual,
    get logs() {
      indexed += 1
      return usual.logs
    },
  }
  expect(find(null, 'a')).toBeUndefined()
  expect([find(counting, 'a'), find(counting, 'b'), find(counting, 'c')]).toEqual([...usual.logs, undefined])
  expect(indexed).toBe(1)
  expect(find(null, 'a')).toBeUndefined()
  expect(find({ ...usual, logs: [] }, 'a')).toBeUndefined()
})

test('a metric is a counter or a gauge with its labels', () => {
  expect(metricNames.relay_sfos_total).toMatchObject({ type: 'counter', labels: ['fate'] })
  expect(metricNames.relay_proofs).toMatchObject({ type: 'gauge', labels: [] })
})

test('a quota is taken token by token and refilled by time; who takes nothing is not remembered [AUD-007]', async () => {
  const clock = fakeClock()
  const quotas = tokenBuckets(clock, { capacity: 5, refillMs: 10, keys: 1 })
  quotas.take('a', 0)
  expect([quotas.size, quotas.available('a')]).toEqual([0, 5])
  quotas.take('a', 2)
  quotas.take('a', 2)
  expect(quotas.available('a')).toBe(1)
  quotas.take('b', 1)
  expect([quotas.size, quotas.available('b'), quotas.available('a')]).toEqual([1, 0, 1])
  await clock.advance(39)
  expect([quotas.available('a'), quotas.available('b')]).toEqual([4, 0])
  await clock.advance(1)
  expect([quotas.available('b'), quotas.size]).toEqual([5, 0])
})

test('full buckets are looked for only where there is no room', async () => {
  const clock = fakeClock()
  const quotas = tokenBuckets(clock, { capacity: 1, refillMs: 1, keys: 2 })
  quotas.take('a', 1)
  await clock.advance(1)
  expect([quotas.available('b'), quotas.size]).toEqual([1, 1])
})

test('a timer that fired is no longer pending, and none fires after the end, even of a clock that cannot cancel [RELAY-021]', async () => {
  const clock = fakeClock()
  let fired = 0
  const after = (ms: number, fire: () => void) => {
    clock.after(ms, fire)
    return () => {}
  }
  const timers = timersOf({ now: clock.now, after })
  timers.after(1, () => fired++)
  timers.after(5, () => fired++)
  await clock.advance(1)
  expect([fired, timers.pending]).toEqual([1, 1])
  timers.cancelAll()
  await clock.advance(5)
  expect([fired, timers.pending]).toEqual([1, 0])
})
