// Clock, randomness, log lines, metrics, alerts and the loopback stand-in for onion services.
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../src/adapters/node/clock.ts'
import { tokenBucket } from '../../src/adapters/node/http/token-bucket.ts'
import type { Write } from '../../src/adapters/node/log-lines.ts'
import { pinoLogger } from '../../src/adapters/node/logger.ts'
import { prometheusMetrics } from '../../src/adapters/node/metrics.ts'
import { alertsFile } from '../../src/adapters/node/notifier.ts'
import { loopbackOnion, resolveLoopbackOnion } from '../../src/adapters/node/onion-loopback.ts'
import { systemRandom } from '../../src/adapters/node/random.ts'
import { metricNames } from '../../src/effects/metrics.ts'
import type { Incident } from '../../src/effects/ports.ts'
import { encodeOnionAddress } from '../../src/machines/tor/onion-address.ts'

test('a timer fires once and not early, also beyond the longest that Node knows, and can be cancelled', () => {
  vi.useFakeTimers()
  try {
    const days40 = 40 * 86_400_000
    let fired = 0
    systemClock.after(days40, () => fired++)
    const cancel = systemClock.after(days40, () => fired++)
    vi.advanceTimersByTime(days40 - 1)
    expect(fired).toBe(0)
    cancel()
    vi.advanceTimersByTime(1)
    expect(fired).toBe(1)
    vi.advanceTimersByTime(days40)
    expect(fired).toBe(1)
  } finally {
    vi.useRealTimers()
  }
})

test('draws are as many as asked for, 32 bits each, and differ', () => {
  const draws = systemRandom.u32(1_000)
  expect(draws.length).toBe(1_000)
  expect(draws.every((draw) => Number.isInteger(draw) && draw >= 0 && draw < 2 ** 32)).toBe(true)
  expect(new Set(draws).size).toBeGreaterThan(990)
  expect(Math.max(...draws)).toBeGreaterThan(2 ** 31)
  expect(systemRandom.bytes(33).length).toBe(33)
})

test('a token bucket never gives more than burst + rate * t in any t seconds, and what was refused comes later [RELAY-012]', () => {
  const steps = fc.array(fc.record({ ms: fc.integer({ min: 0, max: 2_000 }), takes: fc.integer({ min: 0, max: 20 }) }))
  const limit = fc.record({ ratePerSecond: fc.integer({ min: 1, max: 50 }), burst: fc.integer({ min: 1, max: 20 }) })
  fc.assert(
    fc.property(limit, steps, ({ ratePerSecond, burst }, plan) => {
      let now = 0
      const takenAt: number[] = []
      const take = tokenBucket({ ratePerSecond, burst }, () => now)
      for (const { ms, takes } of plan) {
        now += ms
        for (let index = 0; index < takes; index++) if (take()) takenAt.push(now)
      }
      for (const [from, since] of takenAt.entries()) {
        const inInterval = takenAt.length - from
        expect(inInterval).toBeLessThanOrEqual(burst + ((now - since) / 1_000) * ratePerSecond + 1e-6)
      }
      while (take());
      now += Math.ceil(1_000 / ratePerSecond) + 1
      expect(take()).toBe(true)
    }),
  )
})

function lines(daemon: 'relay' | 'auditor') {
  const written: string[] = []
  const write: Write = (line, done) => {
    written.push(line.toString())
    done(null, line.length)
  }
  const logger = pinoLogger({ daemon, level: 'info', write })
  return { logger, written, last: () => JSON.parse(written.at(-1) ?? 'null') }
}

const hash = 'ab'.repeat(32)

test('a log line has time, level, daemon and the fields that are on the list [RELAY-026]', () => {
  const { logger, last } = lines('relay')
  logger.warn({ code: 'publishFailed', round: 7, ok: true, url: 'http://127.0.0.1:80' }, 'no onion service')
  expect(last()).toMatchObject({
    level: 40,
    daemon: 'relay',
    code: 'publishFailed',
    round: 7,
    ok: true,
    url: 'http://127.0.0.1:80',
    msg: 'no onion service',
  })
  expect(Object.keys(last())).not.toContain('withheld')
  expect(last().time).toMatch(/^\d{4}-\d\d-\d\dT/)
})

test('whatever a field or message holds, a relay prints no byte string of 16 hex digits or 40 letters [RELAY-026]', () => {
  const secret = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 32, maxLength: 128 }),
    fc.uint8Array({ minLength: 40, maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('base64')),
    fc.constant('-----BEGIN CERTIFICATE-----'),
    fc.constant('https://visited.example/secret'),
  )
  const key = fc.constantFrom(
    'code',
    'error',
    'event',
    'thrown',
    'url',
    'round',
    'sfoId',
    'leafId',
    'logId',
    'x',
    '__proto__',
  )
  fc.assert(
    fc.property(key, secret, fc.constantFrom('info', 'warn', 'error'), (name, value, level) => {
      const { logger, written } = lines('relay')
      logger[level as 'info']({ [name]: value }, 'a message')
      logger[level as 'info'](
        {},
        `cannot parse ${value.length > 30 && !value.startsWith('-') && !value.startsWith('h') ? value : hash}`,
      )
      expect(written.join('')).not.toContain(value)
      expect(written.join('')).not.toContain(hash)
    }),
  )
  const { logger, last } = lines('relay')
  logger.info({ sfoId: hash, code: 'x' }, 'y')
  expect(last()).toMatchObject({ code: 'x', withheld: 1 })
})

test('an auditor names log, CTR and SFO, and nothing else that is long [AUD-024]', () => {
  const { logger, last } = lines('auditor')
  logger.error({ logId: hash, sfoId: hash, ctrId: hash, kind: 'withheld', chain: hash }, 'incident')
  expect(last()).toMatchObject({ logId: hash, sfoId: hash, ctrId: hash, kind: 'withheld', withheld: 1 })
})

test('whatever the daemons say of themselves passes whole [AUD-015, AUD-024, RELAY-107]', () => {
  const onionUrl = `http://${encodeOnionAddress(new Uint8Array(32).fill(7))}`
  const said = {
    relay: [
      { url: 'http://127.0.0.1:1', proofsUrl: 'http://127.0.0.1:2', operationsUrl: 'http://127.0.0.1:3', onionUrl },
      { error: 'unreachable' },
      { round: 1, seconds: 2.5 },
    ],
    auditor: [
      { url: 'http://127.0.0.1:1', operationsUrl: 'http://127.0.0.1:3', onionUrl },
      { from: 1_764_000_000_000, to: 1_764_003_600_000 },
      { ctr: hash, kind: 'absent', seen: 3, expected: 0.25, p: -7.5 },
      { incident: 1, kind: 'withheld', logId: hash, count: 2 },
    ],
  }
  for (const daemon of ['relay', 'auditor'] as const) {
    const { logger, last } = lines(daemon)
    for (const fields of said[daemon]) {
      logger.info(fields, 'x')
      expect(last()).toEqual({ ...fields, daemon, level: 30, time: expect.any(String), msg: 'x' })
    }
  }
  const { logger, last } = lines('relay')
  for (const other of [
    'http://x.onion',
    `${onionUrl}/x`,
    `${onionUrl}:80`,
    `see ${onionUrl}`,
    `http://www.${onionUrl.slice(7)}`,
  ]) {
    logger.info({ onionUrl: other }, 'x')
    expect(last()).toMatchObject({ withheld: 1 })
  }
  logger.info({ ctr: hash, from: 1, seen: 1 }, 'x')
  expect(last()).toMatchObject({ withheld: 3 })
})

test('each metric of the table is there under its name, with its labels and help, and no other can be', async () => {
  const metrics = prometheusMetrics()
  for (const [name, { type, labels }] of Object.entries(metricNames)) {
    const given = Object.fromEntries(labels.map((label) => [label, 'x']))
    if (type === 'counter') metrics.count(name, given, 2)
    else metrics.gauge(name, 5, given)
  }
  const text = await metrics.exposition()
  for (const [name, { type, labels, help }] of Object.entries(metricNames)) {
    expect(text).toContain(`# HELP ctor_${name} ${help}\n# TYPE ctor_${name} ${type}\n`)
    const shown = labels.length === 0 ? '' : `{${labels.map((label) => `${label}="x"`).join(',')}}`
    expect(text).toContain(`\nctor_${name}${shown} ${type === 'counter' ? 2 : 5}\n`)
  }
  expect(text).toMatch(/\nctor_process_resident_bytes \d{7,}\n/)
  expect(() => metrics.count('unheard_of')).toThrow(TypeError)
  expect(() => metrics.gauge('relay_rounds_total', 1)).toThrow(TypeError)
  expect(() => metrics.count('relay_rounds_total', { log: 'x' })).toThrow()
})

test('two daemons in one process do not share counts', async () => {
  const [one, other] = [prometheusMetrics(), prometheusMetrics()]
  one.count('relay_rounds_total')
  expect(await one.exposition()).toContain('\nctor_relay_rounds_total 1\n')
  expect(await other.exposition()).toContain('\nctor_relay_rounds_total 0\n')
})

test('labels that an input could invent do not grow a metric for ever', async () => {
  const metrics = prometheusMetrics()
  for (let index = 0; index < 2_500; index++) metrics.count('relay_sfos_total', { fate: `f${index}` })
  const text = await metrics.exposition()
  expect(text.match(/^ctor_relay_sfos_total/gm)?.length).toBe(2_000)
  metrics.count('relay_sfos_total', { fate: 'f0' })
  expect(await metrics.exposition()).toContain('ctor_relay_sfos_total{fate="f0"} 2')
})

const folder = mkdtempSync(join(tmpdir(), 'ctor-alerts-'))
afterAll(() => rmSync(folder, { recursive: true }))

const incident = (id: number): Incident => ({
  id,
  logId: hash,
  kind: 'withheld',
  count: 3,
  firstAt: 0,
  lastAt: 1_000,
  samples: [
    {
      kind: 'withheld',
      logId: hash,
      sfoId: hash,
      sths: [],
      proof: null,
      lastOutcome: 'refused',
      since: 0,
      spansGap: false,
    },
  ],
  notified: false,
})

let path: string
let count = 0
beforeEach(() => {
  path = join(folder, `${count++}.jsonl`)
})

const idsIn = () =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && line.endsWith('}'))
    .map((line) => JSON.parse(line).id)

test('an incident is one line, once, also by concurrent calls and across restarts [AUD-012, INV-009]', async () => {
  const { logger, written, last } = lines('auditor')
  const first = await alertsFile(path, logger)
  await Promise.all([first.notify(incident(1)), first.notify(incident(1)), first.notify(incident(2))])
  await first.close()
  expect(written.length).toBe(2)
  expect(last()).toMatchObject({ level: 50, incident: 2, kind: 'withheld', logId: hash })
  const second = await alertsFile(path, logger)
  for (const id of [2, 3, 1]) await second.notify(incident(id))
  await second.close()
  expect(idsIn()).toEqual([1, 2, 3])
  expect(JSON.parse(readFileSync(path, 'utf8').split('\n')[0] ?? '')).toEqual({
    id: 1,
    kind: 'withheld',
    logId: hash,
    count: 3,
    firstAt: '1970-01-01T00:00:00.000Z',
    lastAt: '1970-01-01T00:00:01.000Z',
    sfoIds: [hash],
  })
})

test('a line torn by a crash costs no other line, and its incident is told again [AUD-012]', async () => {
  const { logger } = lines('auditor')
  writeFileSync(path, '{"id":1}\n{"id":2,"kin')
  const file = await alertsFile(path, logger)
  for (const id of [1, 2]) await file.notify(incident(id))
  await file.close()
  expect(idsIn()).toEqual([1, 2])
})

test('a long file is not read whole: only its tail is [AUD-012]', async () => {
  const { logger } = lines('auditor')
  writeFileSync(path, '{"id":1}\n')
  appendFileSync(path, `${'x'.repeat(1_023)}\n`.repeat(4_200))
  appendFileSync(path, '{"id":2}\n')
  const file = await alertsFile(path, logger)
  for (const id of [1, 2]) await file.notify(incident(id))
  await file.close()
  expect(idsIn()).toEqual([1, 2, 1])
})

test('a loopback address is a v3 address that leads to its port while the service lives [WIRE-007, RELAY-018]', async () => {
  const onion = loopbackOnion(systemRandom, () => 40_123)
  const [one, other] = [await onion.services.publish(), await onion.services.publish()]
  expect(one).not.toBe(other)
  expect(resolveLoopbackOnion(one)).toEqual({ origin: 'http://127.0.0.1:40123', host: one })
  expect([onion.serves(one), onion.serves(other), onion.serves('127.0.0.1')]).toEqual([true, true, false])
  await onion.services.retire(one)
  expect([onion.serves(one), onion.serves(other)]).toEqual([false, true])
})

test('an address that is no loopback stand-in resolves to nothing [WIRE-007]', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
      expect(resolveLoopbackOnion(encodeOnionAddress(key))).toBeNull()
    }),
  )
  expect(resolveLoopbackOnion('127.0.0.1')).toBeNull()
})

test('live loopback services are bounded: the oldest gives way [RELAY-018]', async () => {
  const onion = loopbackOnion(systemRandom, () => 1, 2)
  const [a, b, c] = [await onion.services.publish(), await onion.services.publish(), await onion.services.publish()]
  expect([a, b, c].map(onion.serves)).toEqual([false, true, true])
})
