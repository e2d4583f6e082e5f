// The logs' views as their interpreter keeps them: what a log is asked, what is counted, and what becomes durable.
import { expect, test } from 'vitest'
import { viewsOf } from '../../src/effects/auditor/views.ts'
import type { Answer, LogClient } from '../../src/effects/ports.ts'
import type { LogId, Sth } from '../../src/machines/ct/types.ts'
import type { Consensus } from '../../src/machines/tor/types.ts'
import { auditorWorld, defect, refused, type WorldScript } from './fakes/auditor-world.ts'
import { settled } from './fakes/clock.ts'
import { consensusAt, crypto, firstValidAfter, mmd, startAt, worldOf, worlds } from './fakes/ct-world.ts'
import { fakeRandom } from './fakes/random.ts'

const [a, b] = worlds
const [early, sth] = a.sths as [Sth, Sth]
const only = (sths: readonly Sth[]) => consensusAt(firstValidAfter, { logs: [a.log], sths })
const logA = only([early, sth])

type Proof = Answer<readonly string[]>
type Reply = 'proves' | Proof | Promise<Proof>

function harness(replies: readonly Reply[] = [], given: WorldScript = {}) {
  const asked: { readonly logId: LogId; readonly sizes: readonly number[]; readonly isolation: string }[] = []
  const signals: AbortSignal[] = []
  const logs: LogClient = {
    getInclusion: () => Promise.reject(new Error('not asked here')),
    async getSthConsistency({ logId }, first, second, isolation, signal) {
      signals.push(signal)
      const reply = replies[asked.push({ logId, sizes: [first.size, second.size], isolation }) - 1] ?? 'proves'
      if (reply !== 'proves') return reply
      const proof = worldOf(logId).ct.consistency(first.size, second.size)
      return proof.ok ? { kind: 'ok', value: proof.value } : { kind: 'refused', status: 400 }
    },
    getSth: () => Promise.reject(new Error('not asked here')),
  }
  const fake = auditorWorld({ ...given, logs })
  const restored: LogId[] = []
  const sths = (logId: LogId) => {
    restored.push(logId)
    return fake.store.sths(logId)
  }
  let told = 0
  const incidents = { notifySoon: () => void told++, settled: () => Promise.resolve() }
  const views = viewsOf({ ...fake.world, store: { ...fake.store, sths } }, incidents)
  const open = new AbortController()
  const check = (consensus: Consensus = logA) => views.check(consensus, open.signal)
  return { ...fake, views, check, asked, signals, restored, open, told: () => told }
}

const counted = (answer: string, { log } = a) => ['count', 'auditor_consistency_total', { log: log.logId, answer }]
const gauge = ['gauge', 'auditor_breakers_open', 0, {}]
const sizes = [early.size, sth.size]

test('each log is asked whether its STHs fit together, on a circuit of its own, and they are kept [AUD-112, AUD-113]', async () => {
  const { check, asked, said, store, views, told } = harness()
  expect(await check(consensusAt(firstValidAfter))).toBe(true)
  expect(asked.map(({ logId }) => logId)).toEqual([a, b].map(({ log }) => log.logId))
  expect(asked[0]?.sizes).toEqual(sizes)
  expect(new Set(asked.map(({ isolation }) => isolation)).size).toBe(2)
  expect(said).toEqual([gauge, gauge, counted('consistent', a), counted('consistent', b)])
  const kept = [early, sth].map((one) => ({ sth: one, seenAt: startAt, status: 'consistent' }))
  expect([store.sths(a.log.logId), told()]).toEqual([kept, 0])
  expect(worlds.map(({ log }) => views.sths(log))).toEqual(worlds.map((world) => world.sths))
})

test('an STH that its log did not sign is counted and told, and is judged by nowhere [AUD-018]', async () => {
  const { check, said, store, told, views } = harness()
  expect(await check(only([early, { ...sth, root: early.root }]))).toBe(true)
  expect(said).toEqual([['count', 'consensus_bad_sths_total', {}]])
  expect([store.incidents().map(({ kind }) => kind), told()]).toEqual([['bad-sth-signature'], 1])
  expect(views.sths(a.log)).toEqual([early])
})

test('what is no consistency proof is evidence, with the answer itself [AUD-017, EVID-001]', async () => {
  const path = ['11'.repeat(32)]
  const { check, said, store, told } = harness([{ kind: 'ok', value: path }])
  expect(await check()).toBe(true)
  expect(said).toEqual([gauge, counted('inconsistent')])
  expect(store.incidents()).toMatchObject([{ kind: 'inconsistent', samples: [{ path, sths: [early, sth] }] }])
  expect(told()).toBe(1)
})

test('where the log does not answer the question stays open, and is asked anew in the next round [AUD-113, AUD-017]', async () => {
  const { check, asked, said, store } = harness([{ kind: 'refused', status: 404 }])
  expect(await check()).toBe(true)
  expect([said.splice(0), store.incidents()]).toEqual([[gauge, counted('unavailable')], []])
  await check()
  expect([asked.map((question) => question.sizes), said]).toEqual([
    [sizes, sizes],
    [gauge, counted('consistent')],
  ])
})

test('a check is over once each question has its answer and what follows is durable [AUD-016]', async () => {
  let answer = (_: Proof) => {}
  const slow = new Promise<Proof>((resolve) => {
    answer = resolve
  })
  const { check, store, signals } = harness([slow])
  let isOver = false
  const checking = check().then((durable) => {
    isOver = true
    return durable
  })
  await settled()
  expect([isOver, signals.map(({ aborted }) => aborted), store.sths(a.log.logId)]).toEqual([false, [false], []])
  answer({ kind: 'refused', status: 404 })
  expect(await checking).toBe(true)
  expect(store.sths(a.log.logId).length).toBe(2)
})

test('the questions of a round end with its signal [AUD-120]', async () => {
  const { check, open, said } = harness([new Promise(() => {})])
  const checking = check()
  await settled()
  open.abort()
  expect(await checking).toBe(true)
  expect(said).toEqual([gauge, counted('unavailable')])
})

test('a question that cannot be put is a defect, and holds up nothing [AUD-113]', async () => {
  const thrown = new RangeError('no randomness')
  const bytes = () => {
    throw thrown
  }
  const { check, said, asked } = harness([], { random: { ...fakeRandom(), bytes } })
  expect(await check()).toBe(true)
  expect([asked, said]).toEqual([[], defect('handlerFailed', thrown)])
})

test('what the store refuses is tried again, also when the log has left; then its view is forgotten [AUD-016]', async () => {
  const { check, failing, written, restored, said, store } = harness()
  failing.push('saveSth')
  expect(await check()).toBe(false)
  expect([written.splice(0), said.slice(2)]).toEqual([['saveSth'], refused('saveSth')])
  const without = consensusAt(firstValidAfter, { logs: [], sths: [] })
  expect(await check(without)).toBe(true)
  expect(written.length).toBeGreaterThan(1)
  expect(store.sths(a.log.logId).length).toBe(2)
  await check()
  expect(restored.length).toBe(1)
  await check(without)
  await check()
  expect(restored.length).toBe(2)
})

test('a view is built from the store anew where the key or the MMD of its log is another [AUD-112]', async () => {
  const { views, restored } = harness()
  for (const [log, times] of [
    [a.log, 1],
    [{ ...a.log, url: b.log.url }, 1],
    [{ ...a.log, mmd: 2 * mmd }, 2],
    [{ ...a.log, mmd: 2 * mmd, key: b.log.key }, 3],
  ] as const) {
    views.sths(log)
    expect(restored.length).toBe(times)
  }
})

test('a question about a log that the consensus has no more is not put [CONS-001.10]', async () => {
  let answer = (_: Proof) => {}
  const slow = new Promise<Proof>((resolve) => {
    answer = resolve
  })
  const grown: Sth = { ...sth, size: sth.size + 1, timestamp: sth.timestamp + 1, root: '22'.repeat(32) }
  const trusting = { ...crypto, verify: () => true }
  const { check, asked, said } = harness([slow, new Promise(() => {})], { crypto: trusting })
  const checks = [check(only([early, sth, grown]))]
  await settled()
  checks.push(check(consensusAt(firstValidAfter, { logs: [], sths: [] })))
  answer({ kind: 'ok', value: [] })
  await settled()
  expect(asked.map((question) => question.sizes)).toEqual([sizes, [sth.size, grown.size]])
  expect(said).toEqual([gauge, counted('inconsistent'), counted('unavailable')])
})

test('a log is down while many CTRs report SFOs of it, and people are told each time that it begins [AUD-022]', async () => {
  const { views, store, told, said } = harness()
  const many = new Map([[a.log.logId, 4]])
  const tellings: number[] = []
  for (const distinct of [many, many, new Map<LogId, number>(), many]) {
    await views.reporters([a.log, b.log], distinct, 12)
    tellings.push(told())
  }
  expect(tellings).toEqual([1, 1, 1, 2])
  expect(store.incidents()).toMatchObject([{ kind: 'log-down', logId: a.log.logId }])
  expect(said).toEqual([])
})
