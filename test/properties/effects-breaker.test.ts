// The circuit breaker at its edges: when exactly a probe may go, and what is remembered [RELAY-010, AUD-021].
import { expect, test } from 'vitest'
import { type BreakerLimits, circuitBreakers } from '../../src/effects/breaker.ts'
import { fakeClock } from './fakes/clock.ts'

const usual: BreakerLimits = { failures: 1, backoffMs: 100, maxBackoffMs: 300, keys: 9 }

/** Every delay is the longest, or with `draw` 0 the shortest. */
function breakersOf(limits: Partial<BreakerLimits> = {}, draw = 2 ** 32 - 1) {
  const clock = fakeClock()
  const random = { u32: () => [draw], bytes: () => new Uint8Array() }
  return { clock, breakers: circuitBreakers(clock, random, { ...usual, ...limits }) }
}

test.each([
  [0, 100],
  [2 ** 32 - 1, 149],
])('with a draw of %i the first back-off is %i ms, and one probe passes at its end', async (draw, ms) => {
  const { clock, breakers } = breakersOf({}, draw)
  breakers.report('a', false)
  await clock.advance(ms - 1)
  expect(breakers.pass('a')).toBe('open')
  await clock.advance(1)
  expect([breakers.pass('a'), breakers.pass('a')]).toEqual(['probe', 'open'])
})

test('each failed probe doubles the back-off, up to its limit', async () => {
  const { clock, breakers } = breakersOf({}, 0)
  breakers.report('a', false)
  for (const ms of [100, 200, 300, 300]) {
    await clock.advance(ms - 1)
    expect(breakers.pass('a')).toBe('open')
    await clock.advance(1)
    expect(breakers.pass('a')).toBe('probe')
    breakers.report('a', false)
  }
})

test('it opens at that many failures in a row, counts only those that are open, and closes with an answer', () => {
  const { breakers } = breakersOf({ failures: 2 })
  breakers.report('a', false)
  breakers.report('b', false)
  expect([breakers.pass('a'), breakers.isOpen('a'), breakers.open]).toEqual(['closed', false, 0])
  breakers.report('a', true)
  breakers.report('a', false)
  expect(breakers.isOpen('a')).toBe(false)
  breakers.report('a', false)
  expect([breakers.pass('a'), breakers.isOpen('a'), breakers.open]).toEqual(['open', true, 1])
  breakers.report('a', true)
  expect([breakers.pass('a'), breakers.isOpen('a'), breakers.open]).toEqual(['closed', false, 0])
})

test('a straggler neither prolongs the back-off nor doubles it', async () => {
  const { clock, breakers } = breakersOf({}, 0)
  breakers.report('a', false)
  await clock.advance(50)
  breakers.report('a', false)
  await clock.advance(50)
  expect(breakers.pass('a')).toBe('probe')
})

test('a probe that was called off may be made again, and its failure still doubles the back-off', async () => {
  const { clock, breakers } = breakersOf({}, 0)
  breakers.report('a', false)
  await clock.advance(100)
  expect(breakers.pass('a')).toBe('probe')
  breakers.release('a')
  expect([breakers.isOpen('a'), breakers.pass('a')]).toEqual([true, 'probe'])
  breakers.report('a', false)
  await clock.advance(199)
  expect(breakers.pass('a')).toBe('open')
  await clock.advance(1)
  expect(breakers.pass('a')).toBe('probe')
})

test('what was called off of a log that is closed, or unknown, tells nothing', () => {
  const { breakers } = breakersOf({ failures: 2 })
  breakers.report('a', false)
  for (const key of ['a', 'b']) {
    breakers.release(key)
    expect([breakers.pass(key), breakers.isOpen(key)]).toEqual(['closed', false])
  }
  breakers.report('a', false)
  expect(breakers.isOpen('a')).toBe(true)
})

test('beyond its limit it forgets the log that failed longest ago', () => {
  const { breakers } = breakersOf({ keys: 2 })
  for (const key of ['a', 'b', 'a']) breakers.report(key, false)
  expect(breakers.open).toBe(2)
  breakers.report('c', false)
  expect(['a', 'b', 'c'].map((key) => breakers.isOpen(key))).toEqual([true, false, true])
})
