// How an auditor asks others: a log behind its breaker, the source of consensuses ahead of its round, and itself as a canary.
import { expect, test } from 'vitest'
import { aheadOf } from '../../src/effects/auditor/ahead.ts'
import { askLog } from '../../src/effects/auditor/ask-log.ts'
import { startCanary } from '../../src/effects/auditor/canary.ts'
import { effectErrors } from '../../src/effects/errors.ts'
import type { ConsensusError } from '../../src/effects/ports.ts'
import type { Result } from '../../src/machines/ct/types.ts'
import type { Consensus } from '../../src/machines/tor/types.ts'
import { auditorWorld } from './fakes/auditor-world.ts'
import { settled } from './fakes/clock.ts'
import { consensusAt, startAt } from './fakes/ct-world.ts'

const never = () => new Promise<never>(() => {})
const open = (n: number) => ['gauge', 'auditor_breakers_open', n, {}]

test('behind an open breaker no request goes out, and whatever a log answers closes it [AUD-021.1]', async () => {
  const breaker = { failures: 1, backoffMs: 1000, maxBackoffMs: 1000, keys: 4 }
  const { world, clock, heard } = auditorWorld({ limits: { breaker } })
  let requests = 0
  const ask = (how: () => Promise<never> | Promise<{ kind: 'refused'; status: number }>) =>
    askLog(world, 'log', 50, world.signal, () => {
      requests++
      return how()
    })
  const refuses = async () => ({ kind: 'refused', status: 404 }) as const
  expect(await ask(refuses)).toEqual({ answer: { kind: 'refused', status: 404 }, skipped: false })
  expect([heard(), world.breakers.isOpen('log')]).toEqual([[open(0)], false])
  const silent = ask(never)
  await clock.advance(50)
  const late = { kind: 'unreachable', detail: `deadlineExceeded: ${effectErrors.deadlineExceeded}` }
  expect(await silent).toEqual({ answer: late, skipped: false })
  expect([heard(), requests]).toEqual([[open(1)], 2])
  const skipped = { kind: 'unreachable', detail: `breakerOpen: ${effectErrors.breakerOpen}` }
  expect(await ask(refuses)).toEqual({ answer: skipped, skipped: true })
  expect([heard(), requests]).toEqual([[], 2])
  await clock.advance(1500)
  expect((await ask(refuses)).skipped).toBe(false)
  expect([heard(), requests]).toEqual([[open(0)], 3])
})

test('a request that was called off tells nothing of the log, and lets the next one probe it [AUD-021.1]', async () => {
  const breaker = { failures: 1, backoffMs: 1000, maxBackoffMs: 1000, keys: 4 }
  const { world, clock, heard } = auditorWorld({ limits: { breaker } })
  const called = new AbortController()
  const asking = askLog(world, 'log', 50, called.signal, never)
  called.abort()
  const aborted = { kind: 'unreachable', detail: `aborted: ${effectErrors.aborted}` }
  expect(await asking).toEqual({ answer: aborted, skipped: false })
  expect([heard(), world.breakers.open]).toEqual([[open(0)], 0])
  world.breakers.report('log', false)
  await clock.advance(1500)
  const calling = new AbortController()
  const probing = askLog(world, 'log', 50, calling.signal, never)
  expect(world.breakers.pass('log')).toBe('open')
  calling.abort()
  await probing
  expect(world.breakers.pass('log')).toBe('probe')
})

test('a consensus ahead of the round is asked for at most once in its interval, as newer than what is known [AUD-002.2]', async () => {
  const { world, clock } = auditorWorld({ limits: { aheadMs: 1000, consensusMs: 400 } })
  const newer = consensusAt(startAt)
  const rich = { ...newer, text: 'the document' }
  const answers: (() => Promise<Result<Consensus | null, ConsensusError>>)[] = [
    async () => ({ ok: true, value: rich }),
    async () => ({ ok: true, value: null }),
    async () => ({ ok: false, error: 'unavailable', detail: '' }),
    () => Promise.reject(new Error('a port that rejects')),
    never,
  ]
  const known: (number | null)[] = []
  let newest: Consensus | null = null
  const ahead = aheadOf(
    world,
    { newest: () => newest },
    {
      newer(newerThan) {
        known.push(newerThan)
        return (answers[known.length - 1] ?? never)()
      },
    },
  )
  expect(await ahead()).toEqual(newer)
  newest = consensusAt(startAt - 1)
  await clock.advance(999)
  expect([await ahead(), known]).toEqual([newer, [null]])
  for (let asked = 2; asked <= 5; asked++) {
    await clock.advance(asked === 2 ? 1 : 600)
    const asking = ahead()
    await clock.advance(400)
    expect([await asking, known.length]).toEqual([null, asked])
  }
  expect(known).toEqual([null, startAt - 1, startAt - 1, startAt - 1, startAt - 1])
})

test('the canary is sung at its hour, each within its deadline, and whatever but true is a failure [AUD-026.1]', async () => {
  const { world, clock, heard, stop } = auditorWorld({ limits: { canaryMs: 1000, canaryTimeoutMs: 100 } })
  const answers = [
    async () => true,
    async () => false,
    () => Promise.reject(new Error('cut off')),
    never,
    async () => true,
    never,
  ]
  let sung = 0
  startCanary(world, () => (answers[sung++] ?? never)())
  const fine = [['count', 'auditor_canary_total', { result: 'heard' }]]
  const failed = [
    ['count', 'auditor_canary_total', { result: 'failed' }],
    ['error', 'canaryFailed', {}],
  ]
  await clock.advance(999)
  expect([sung, heard()]).toEqual([0, []])
  await clock.advance(1)
  expect([sung, heard()]).toEqual([1, fine])
  for (const n of [2, 3]) {
    await clock.advance(1000)
    expect([sung, heard()]).toEqual([n, failed])
  }
  await clock.advance(1099)
  expect([sung, heard()]).toEqual([4, []])
  await clock.advance(1)
  expect([sung, heard()]).toEqual([4, failed])
  await clock.advance(1000)
  expect([sung, heard()]).toEqual([5, fine])
  await clock.advance(1000)
  stop()
  await settled()
  expect([sung, heard(), clock.pending]).toEqual([6, [], 0])
})
