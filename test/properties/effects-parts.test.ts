// The generic parts of the effects layer: deadline, retry, limit, breaker, quota. Each in any order that a scheduler can bring about.
import { getEventListeners } from 'node:events'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { answerOf, ask } from '../../src/effects/ask.ts'
import { circuitBreakers } from '../../src/effects/breaker.ts'
import { pause, withDeadline } from '../../src/effects/deadline.ts'
import { randomDelay } from '../../src/effects/draw.ts'
import { concurrencyLimit } from '../../src/effects/limit.ts'
import type { Answer } from '../../src/effects/ports.ts'
import { tokenBuckets } from '../../src/effects/quota.ts'
import { retry } from '../../src/effects/retry.ts'
import { timersOf } from '../../src/effects/timers.ts'
import { fakeClock, settled } from './fakes/clock.ts'
import { racingClock } from './fakes/racing-clock.ts'
import { fakeRandom } from './fakes/random.ts'

const never = () => new Promise<never>(() => {})
const open = () => new AbortController().signal

type Behaviour = 'answers' | 'rejects' | 'throws' | 'hangs'
const behaviour = fc.constantFrom<Behaviour>('answers', 'rejects', 'throws', 'hangs')

function behave<T>(s: fc.Scheduler, how: Behaviour, value: T): Promise<T> {
  if (how === 'throws') throw new Error('thrown')
  if (how === 'hangs') return never()
  const settling = s.schedule(Promise.resolve(value), how)
  return how === 'answers' ? settling : settling.then(() => Promise.reject(new Error('rejected')))
}

test('a deadline ends a task exactly once, whatever answer, deadline and cancellation do, and leaves no timer [RELAY-104.1]', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), behaviour, fc.boolean(), async (s, how, cancels) => {
      const clock = timersOf(racingClock(s))
      const parent = new AbortController()
      const signals: AbortSignal[] = []
      let late = 0
      let ends = 0
      const running = withDeadline(
        clock,
        parent.signal,
        5,
        (signal) => {
          signals.push(signal)
          return behave(s, how, 7)
        },
        () => late++,
      )
      const ended = running.then((end) => {
        ends++
        return end
      })
      if (cancels) s.schedule(Promise.resolve(), 'cancel').then(() => parent.abort())
      await s.waitFor(ended)
      await s.waitIdle()
      const end = await ended
      expect(ends).toBe(1)
      expect(clock.pending).toBe(0)
      expect(getEventListeners(parent.signal, 'abort')).toEqual([])
      const lost = end.kind === 'expired' || end.kind === 'aborted'
      expect(signals[0]?.aborted).toBe(end.kind !== 'done')
      if (how === 'hangs') expect(lost).toBe(true)
      if (how === 'throws') expect(end.kind).toBe('failed')
      if (!cancels) expect(end.kind).not.toBe('aborted')
      expect(late).toBe(how === 'answers' && lost ? 1 : 0)
    }),
  )
})

test('a task whose parent has aborted is not begun [RELAY-104.1]', async () => {
  const parent = new AbortController()
  parent.abort()
  let begun = false
  const end = await withDeadline(fakeClock(), parent.signal, 5, async () => {
    begun = true
  })
  expect([end.kind, begun]).toEqual(['aborted', false])
})

test('the detail of a failed request is a code and quotes nothing of the port [RELAY-026]', async () => {
  const answer = await ask(fakeClock(), open(), 5, () => Promise.reject(new Error('secret of an SFO')))
  expect(answer).toEqual({ kind: 'unreachable', detail: expect.stringMatching(/^portFailed: /) })
  expect(JSON.stringify(answer)).not.toContain('secret')
  expect(answerOf({ kind: 'expired' })).toEqual({
    kind: 'unreachable',
    detail: expect.stringMatching(/^deadlineExceeded: /),
  })
})

test('a pause ends at its time or at once with its signal, and cancels its timer [RELAY-005.2]', async () => {
  const clock = fakeClock()
  const controller = new AbortController()
  const passed = pause(clock, controller.signal, 10)
  const broken = pause(clock, controller.signal, 1000)
  await clock.advance(10)
  expect(await passed).toBe(true)
  controller.abort()
  expect(await broken).toBe(false)
  expect(clock.pending).toBe(0)
})

test('timers end with their owner: none fires after cancelAll and none can be set [RELAY-021]', async () => {
  const clock = fakeClock()
  const timers = timersOf(clock)
  let fired = 0
  timers.after(1, () => fired++)
  timers.after(5, () => fired++)
  await clock.advance(2)
  timers.cancelAll()
  timers.after(1, () => fired++)
  expect([clock.pending, timers.pending]).toEqual([0, 0])
  await clock.advance(100)
  expect(fired).toBe(1)
})

test('a retry makes a bounded number of attempts, each on a circuit of its own, delayed within its interval [RELAY-005.2]', async () => {
  const answers = fc.constantFrom<Answer<number>>(
    { kind: 'ok', value: 1 },
    { kind: 'unreachable', detail: '' },
    { kind: 'refused', status: 400 },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(answers, { minLength: 1, maxLength: 5 }), fc.nat(1000), async (script, seed) => {
      const clock = fakeClock()
      const tokens: string[] = []
      const times: number[] = []
      const policy = { attempts: script.length, minDelayMs: 100, maxDelayMs: 200 }
      const running = retry({ clock, random: fakeRandom(seed) }, open(), policy, async (isolation, number) => {
        tokens.push(isolation)
        times.push(clock.now())
        return script[number - 1] as Answer<number>
      })
      await clock.advance(10_000)
      const decided = script.findIndex((answer) => answer.kind !== 'unreachable')
      const attempts = decided === -1 ? script.length : decided + 1
      expect(await running).toEqual(script[attempts - 1])
      expect(tokens.length).toBe(attempts)
      expect(new Set(tokens).size).toBe(attempts)
      for (let i = 1; i < times.length; i++) {
        const delay = (times[i] ?? 0) - (times[i - 1] ?? 0)
        expect(delay >= 100 && delay < 200).toBe(true)
      }
    }),
  )
})

test('a retry makes no attempt after its signal fired [RELAY-005.2]', async () => {
  const clock = fakeClock()
  const controller = new AbortController()
  let attempts = 0
  const policy = { attempts: 9, minDelayMs: 100, maxDelayMs: 200 }
  const running = retry({ clock, random: fakeRandom() }, controller.signal, policy, async () => {
    attempts++
    return { kind: 'unreachable', detail: '' }
  })
  await clock.advance(50)
  controller.abort()
  await clock.advance(10_000)
  expect((await running).kind).toBe('unreachable')
  expect([attempts, clock.pending]).toEqual([1, 0])
})

test('a random delay lies in its interval [RELAY-005.2]', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(1e6), fc.nat(1e6), (seed, least, span) => {
      const delay = randomDelay(fakeRandom(seed), least, least + span)
      expect(delay >= least && (span === 0 ? delay === least : delay < least + span)).toBe(true)
    }),
  )
})

test('a concurrency limit never runs nor queues more than it may, and each task has one end [RELAY-103]', async () => {
  const task = fc.record({ how: behaviour.filter((how) => how !== 'hangs'), cancelled: fc.boolean() })
  const size = fc.record({ concurrent: fc.integer({ min: 1, max: 3 }), queued: fc.nat(3) })
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), size, fc.array(task, { maxLength: 10 }), async (s, limits, tasks) => {
      const limit = concurrencyLimit(limits)
      let most = 0
      let begun = 0
      const ends = tasks.map(async ({ how, cancelled }, number) => {
        const controller = new AbortController()
        await s.schedule(Promise.resolve(), `start ${number}`)
        if (cancelled) s.schedule(Promise.resolve(), `cancel ${number}`).then(() => controller.abort())
        const running = limit.run(controller.signal, () => {
          begun++
          most = Math.max(most, limit.running)
          return behave(s, how, number)
        })
        expect(limit.waiting).toBeLessThanOrEqual(limits.queued)
        return (await running).kind
      })
      const kinds = await s.waitFor(Promise.all(ends))
      await s.waitIdle()
      expect(most).toBeLessThanOrEqual(limits.concurrent)
      expect(kinds.filter((kind) => kind === 'done' || kind === 'failed').length).toBe(begun)
      expect(kinds.filter((kind) => kind === 'full').length).toBe(limit.refused)
      if (tasks.length <= limits.concurrent + limits.queued) expect(limit.refused).toBe(0)
      kinds.forEach((kind, number) => {
        if (kind === 'aborted') expect(tasks[number]?.cancelled).toBe(true)
      })
      expect([limit.running, limit.waiting]).toEqual([0, 0])
    }),
  )
})

test('waiting tasks are begun first come, first served [RELAY-103]', async () => {
  const limit = concurrencyLimit({ concurrent: 1, queued: 9 })
  const order: number[] = []
  const ends: (() => void)[] = []
  const runs = [0, 1, 2].map((n) =>
    limit.run(open(), () => {
      order.push(n)
      return new Promise<void>((end) => ends.push(end))
    }),
  )
  for (let n = 0; n < 3; n++) {
    await settled()
    ends[n]?.()
  }
  await Promise.all(runs)
  expect(order).toEqual([0, 1, 2])
})

const breakerLimits = { failures: 3, backoffMs: 1000, maxBackoffMs: 4000, keys: 4 }

test('a breaker opens after N consecutive failures only, and any answer of the log closes it [AUD-021]', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 12 }), (answers) => {
      const breakers = circuitBreakers(fakeClock(), fakeRandom(), breakerLimits)
      let failures = 0
      for (const reachable of answers) {
        expect(breakers.pass('log')).toBe(failures >= 3 ? 'open' : 'closed')
        if (failures >= 3) return
        breakers.report('log', reachable)
        failures = reachable ? 0 : failures + 1
      }
    }),
  )
})

test('behind an open breaker one probe passes after the back-off, not all; the back-off doubles up to its limit [AUD-021]', async () => {
  const clock = fakeClock()
  const breakers = circuitBreakers(clock, fakeRandom(), breakerLimits)
  for (let n = 0; n < 3; n++) breakers.report('dead', false)
  for (const backoff of [1000, 2000, 4000, 4000]) {
    expect(breakers.isOpen('dead')).toBe(true)
    await clock.advance(backoff - 1)
    expect(breakers.pass('dead')).toBe('open')
    await clock.advance(backoff / 2 + 1)
    expect([1, 2, 3, 4].map(() => breakers.pass('dead'))).toEqual(['probe', 'open', 'open', 'open'])
    breakers.report('dead', false)
  }
  await clock.advance(6001)
  expect(breakers.pass('dead')).toBe('probe')
  breakers.report('dead', true)
  expect([breakers.pass('dead'), breakers.isOpen('dead'), breakers.open]).toEqual(['closed', false, 0])
})

test('a probe that was called off lets another one pass, and a straggler does not prolong the back-off [AUD-021]', async () => {
  const clock = fakeClock()
  const breakers = circuitBreakers(clock, fakeRandom(), breakerLimits)
  for (let n = 0; n < 3; n++) breakers.report('dead', false)
  await clock.advance(900)
  breakers.report('dead', false)
  await clock.advance(700)
  expect(breakers.pass('dead')).toBe('probe')
  expect(breakers.pass('dead')).toBe('open')
  breakers.release('dead')
  expect(breakers.pass('dead')).toBe('probe')
})

test('breakers remember a bounded number of logs [AUD-021]', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), (keys) => {
      const breakers = circuitBreakers(fakeClock(), fakeRandom(), { ...breakerLimits, failures: 1 })
      for (const key of keys) breakers.report(`${key}`, false)
      expect(breakers.open).toBe(Math.min(breakerLimits.keys, new Set(keys).size))
    }),
  )
})

test('in any interval a CTR takes at most capacity plus what was refilled, and full buckets are forgotten [AUD-007]', async () => {
  const moves = fc.array(fc.record({ wait: fc.nat(3000), want: fc.nat(20) }), { maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(moves, async (script) => {
      const clock = fakeClock()
      const quotas = tokenBuckets(clock, { capacity: 10, refillMs: 100, keys: 2 })
      const begin = clock.now()
      let taken = 0
      for (const { wait, want } of script) {
        await clock.advance(wait)
        const granted = Math.min(want, quotas.available('ctr'))
        quotas.take('ctr', want)
        taken += granted
        expect(granted).toBeLessThanOrEqual(10)
        expect(taken).toBeLessThanOrEqual(10 + (clock.now() - begin) / 100)
      }
    }),
    { numRuns: 50 },
  )
  const clock = fakeClock()
  const quotas = tokenBuckets(clock, { capacity: 10, refillMs: 100, keys: 2 })
  quotas.take('a', 1)
  quotas.take('b', 10)
  expect(quotas.available('c')).toBe(0)
  await clock.advance(100)
  expect([quotas.available('c'), quotas.available('b'), quotas.size]).toEqual([10, 1, 1])
})
