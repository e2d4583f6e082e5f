// What the steps of a relay's round share, without the engine: its scope, the end of a step, and the limits.
import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { relayLimits } from '../../src/effects/relay/limits.ts'
import { roundScope, runStep } from '../../src/effects/relay/world.ts'
import { consensusAt, startAt, worlds } from './fakes/ct-world.ts'
import { relayWorld } from './fakes/relay-world.ts'

test('a work that rejects ends its step, and is told as a defect by its kind alone [INV-002.1, RELAY-026.1]', async () => {
  const { world, heard, sent } = relayWorld()
  const scope = roundScope(world, 1)
  const defect = [
    ['count', 'defects_total', { code: 'handlerFailed' }],
    ['error', 'handlerFailed', { thrown: 'TypeError' }],
  ]
  await runStep(world, scope, 'fetch', () => Promise.reject(new TypeError('secret')))
  expect([sent(), heard()]).toEqual([[{ type: 'stepDone', round: 1, step: 'fetch', at: startAt }], defect])
})

test("a round's signal fires with its end or with the relay's, and then nothing of it is sent nor listened for [RELAY-021.1]", () => {
  const { world, become, stop, sent } = relayWorld()
  expect(roundScope(world, 1).logOf('log')).toBeUndefined()
  const [{ log }] = worlds
  become({ consensus: consensusAt(startAt) })
  const first = roundScope(world, 1)
  const second = roundScope(world, 2)
  expect([first.logOf(log.logId), first.number, first.startedAt]).toEqual([log, 1, startAt])
  const event = { type: 'deadline', round: 1, at: startAt } as const
  first.send(event)
  first.end()
  first.send(event)
  expect([sent(), first.signal.aborted, second.signal.aborted]).toEqual([[event], true, false])
  expect(getEventListeners(world.signal, 'abort').length).toBe(2)
  stop()
  second.send(event)
  expect([sent(), second.signal.aborted, getEventListeners(world.signal, 'abort').length]).toEqual([[], true, 0])
})

test('a log keeps its circuit for the round, and no other log nor round has it [RELAY-015.1]', () => {
  const { world } = relayWorld()
  const [first, second] = [roundScope(world, 1), roundScope(world, 2)]
  const circuits = [first, second].flatMap(({ isolationOf }) => ['a', 'b'].map(isolationOf))
  expect(new Set(circuits).size).toBe(4)
  expect([first, second].flatMap(({ isolationOf }) => ['a', 'b'].map(isolationOf))).toEqual(circuits)
})

test('the limits of a relay follow from its configuration, and each can be replaced [RELAY-001.2, RELAY-006.1]', () => {
  const given = { roundDeadlineMs: 299_999, reportCapacity: 7 }
  const limits = {
    mailbox: 4096,
    backlog: 256,
    issuerCache: 4096,
    steps: { challenge: 104_999, fetch: 59_999, forward: 44_999, announce: 29_999 },
    challengeMs: 10_000,
    fetchMs: 30_000,
    submitMs: 10_000,
    publishMs: 20_000,
    reportMs: 30_000,
    consensusMs: 60_000,
    concurrentLogs: 8,
    challengesPerLog: 4,
    concurrentFetches: 4,
    concurrentPeers: 8,
    reports: { concurrent: 4, queued: 7 },
    reportRetry: { attempts: 6, minDelayMs: 30_000, maxDelayMs: 600_000 },
    breaker: { failures: 5, backoffMs: 180_000, maxBackoffMs: 3_600_000, keys: 1024 },
    consensusRetryMs: 60_000,
  }
  expect(relayLimits(given)).toEqual(limits)
  expect(relayLimits(given, { mailbox: 1 })).toEqual({ ...limits, mailbox: 1 })
})
