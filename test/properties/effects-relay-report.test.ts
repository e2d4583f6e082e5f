// Reports without the engine: to whom, how often, and what each way to end becomes.
import { expect, test } from 'vitest'
import type { Answer } from '../../src/effects/ports.ts'
import type { RelayLimits } from '../../src/effects/relay/limits.ts'
import { reporter } from '../../src/effects/relay/report.ts'
import type { Auditor } from '../../src/machines/tor/types.ts'
import { allSfos, auditorId, consensusAt, hour, type Known, startAt } from './fakes/ct-world.ts'
import { relayWorld } from './fakes/relay-world.ts'

type Port = () => Promise<Answer<null>>

const [one, two] = allSfos as readonly [Known, Known]
const effect = (to = auditorId, { sfoId } = one) => ({ type: 'report', sfoId, auditorId: to }) as const
const ok: Port = async () => ({ kind: 'ok', value: null })
const refuses =
  (status: number): Port =>
  async () => ({ kind: 'refused', status })
const malformed: Port = async () => ({ kind: 'malformed', detail: 'fake' })
const never: Port = () => new Promise(() => {})
const attempted = (answer: string) => ['count', 'relay_report_attempts_total', { answer }]
const ended = (result: string) => ['count', 'relay_reports_total', { result }]
const reported = (ok: boolean, { sfoId } = one) => ({ type: 'reported', sfoId, ok, at: expect.any(Number) })
const auditor = (change: Partial<Auditor>) => ({ ...(consensusAt(startAt).auditors[0] as Auditor), ...change })
const consensusOf = (...auditors: readonly Auditor[]) => consensusAt(startAt, { auditors })

/** `script`: what the auditors do in turn; then they hang. Two attempts, a second apart. */
function setUp(script: readonly Port[], limits: Partial<RelayLimits> = {}) {
  const calls: (readonly unknown[])[] = []
  const report = (to: Auditor, body: Uint8Array, isolation: string) => {
    calls.push([to, body, isolation])
    return (script[calls.length - 1] ?? never)()
  }
  const reportRetry = { attempts: 2, minDelayMs: 1000, maxDelayMs: 1000 }
  const at = relayWorld({ auditors: { report } }, { reportMs: 100, reportRetry, ...limits })
  for (const { sfoId, leafId, logId, body } of [one, two]) at.world.store.putSfo(sfoId, { leafId, logId, body })
  return { ...at, reporting: reporter(at.world), calls }
}

test('an acknowledged report is counted as such, and was sent once, on a circuit of its own [RELAY-005.2]', async () => {
  const { reporting, calls, heard, sent, clock } = setUp([ok])
  reporting.learn(consensusAt(startAt))
  await reporting.report(effect())
  expect(calls).toEqual([[consensusAt(startAt).auditors[0], one.body, expect.stringMatching(/^[0-9a-f]{32}$/)]])
  expect([sent(), heard(), clock.pending]).toEqual([[reported(true)], [attempted('ok'), ended('acknowledged')], 0])
})

test('all but a 400 is worth another attempt, on another circuit, until there are no more [RELAY-005.2]', async () => {
  const cases: readonly (readonly [string, readonly Port[], readonly string[], boolean])[] = [
    ['400', [refuses(400), ok], ['refused'], false],
    ...[401, 403, 429].map((n) => [`${n}`, [refuses(n), ok], ['refused', 'ok'], true] as const),
    ['malformed', [malformed, ok], ['malformed', 'ok'], true],
    ['hangs', [never, malformed], ['unreachable', 'malformed'], false],
    ['hangs twice', [never, never], ['unreachable', 'unreachable'], false],
  ]
  for (const [name, script, answers, acknowledged] of cases) {
    const { reporting, calls, heard, sent, clock } = setUp(script)
    reporting.learn(consensusAt(startAt))
    const reporting1 = reporting.report(effect())
    await clock.advance(2000)
    await reporting1
    expect([name, sent()]).toEqual([name, [reported(acknowledged)]])
    expect(heard()).toEqual([...answers.map(attempted), ended(acknowledged ? 'acknowledged' : 'failed')])
    expect(new Set(calls.map(([, , isolation]) => isolation)).size).toBe(answers.length)
  }
})

test('a report goes to the auditor that is meant, of the newest consensus or the one before, while that is live [RELAY-016.2, CONS-001.2]', async () => {
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((id) => auditor({ auditorId: id })) as readonly Auditor[] as readonly [
    Auditor,
    Auditor,
    Auditor,
    Auditor,
  ]
  const moved = { ...c, url: 'http://127.0.0.1:1/elsewhere' }
  const { reporting, calls, heard, clock } = setUp([ok, ok, ok, ok])
  const to = async (auditorId: string) => {
    const before = calls.length
    const running = reporting.report(effect(auditorId))
    await clock.advance(1000)
    await running
    return calls.slice(before).map(([who]) => who)
  }
  expect(await to('a')).toEqual([])
  expect(heard()).toEqual([attempted('unreachable'), attempted('unreachable'), ended('failed')])
  for (const known of [consensusOf(a), consensusOf(b, c), consensusOf(moved, d)]) reporting.learn(known)
  expect([await to('a'), await to('b'), await to('c'), await to('d')]).toEqual([[], [b], [moved], [d]])
  await clock.advance(3 * hour)
  expect([await to('b'), await to('d')]).toEqual([[], []])
})

test('an SFO whose bytes are gone is not sent, and its report fails [RELAY-005.3]', async () => {
  const { world, reporting, calls, heard, sent, clock } = setUp([ok, ok])
  reporting.learn(consensusAt(startAt))
  world.store.deleteSfos([one.sfoId])
  const running = reporting.report(effect())
  await clock.advance(1000)
  await running
  expect([calls, sent()]).toEqual([[], [reported(false)]])
  expect(heard()).toEqual([attempted('unreachable'), attempted('unreachable'), ended('failed')])
})

test('a report for which there is no place waits for its next attempt [RELAY-005.3]', async () => {
  const { reporting, calls, heard, sent, clock } = setUp([never, ok, ok], { reports: { concurrent: 1, queued: 0 } })
  reporting.learn(consensusAt(startAt))
  const running = [reporting.report(effect()), reporting.report(effect(auditorId, two))]
  await clock.advance(0)
  expect([calls.length, heard()]).toEqual([1, [attempted('unreachable')]])
  await clock.advance(2000)
  await Promise.all(running)
  expect(sent()).toEqual([reported(true, two), reported(true)])
  const acknowledged = [attempted('ok'), ended('acknowledged')]
  expect(heard()).toEqual([attempted('unreachable'), ...acknowledged, ...acknowledged])
})

test('a report that is under way when the relay stops ends without a word to the machine [RELAY-021.1]', async () => {
  const { reporting, calls, heard, sent, stop, clock } = setUp([never])
  reporting.learn(consensusAt(startAt))
  const running = reporting.report(effect())
  await clock.advance(0)
  stop()
  await running
  expect([calls.length, sent(), heard(), clock.pending]).toEqual([1, [], [attempted('unreachable')], 0])
})
