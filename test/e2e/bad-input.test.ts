// Bad input over HTTP: each row has one exact outcome at a relay and at an auditor, and after each both daemons serve the next
// request [RELAY-012, RELAY-022, AUD-005, AUD-007, WIRE-001].
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { AuditorDaemon } from '../../src/adapters/daemon/auditor.ts'
import type { RelayDaemon } from '../../src/adapters/daemon/relay.ts'
import { ctrIdOf } from '../../src/adapters/node/ctr-key.ts'
import { auditorFeedbackPath, sctFeedbackPath } from '../../src/adapters/node/http/paths.ts'
import { sqliteAuditorStore } from '../../src/adapters/node/store/sqlite-auditor-store.ts'
import type { AuditorStore } from '../../src/effects/ports.ts'
import type { ReportEntry } from '../../src/machines/auditor/types.ts'
import { encodeSfoBody } from '../../src/machines/ct/sfo.ts'
import { heldCount } from '../../src/machines/relay/counters.ts'
import { type RawReply, type RequestParts, raw, request, send } from '../contract/http-raw.ts'
import { goodSfo, newParts, rows } from './fixtures/bad-sfos.ts'
import { type Bench, defectsOf, metricsOf, openBench, statusOf } from './fixtures/bench.ts'

const parts = newParts()
/** Out of reach but for the deadline that is tested, so that no load of the machine decides. */
const http = { ratePerSecond: 100_000, burst: 100_000, headersMs: 60_000, bodyMs: 60_000, lingerMs: 60_000 }
let bench: Bench
let relay: RelayDaemon
let auditor: AuditorDaemon
let store: AuditorStore

beforeAll(async () => {
  bench = await openBench()
  await bench.publish({ logs: [parts.log.log] })
  relay = await bench.startRelay({ http, timing: { waitMs: 3_600_000 } })
  store = sqliteAuditorStore({ path: bench.file('auditor.sqlite') })
  auditor = await bench.startAuditor('auditor', { http }, { store })
  await auditor.api.round()
  await vi.waitFor(() => expect(relay.api.state().context.consensus).not.toBeNull(), { timeout: 30_000 })
})

afterAll(() => bench.close())

const good = () => encodeSfoBody([goodSfo(parts)])
const submit = (url: string, more: Omit<RequestParts, 'path'>) => send(url, { path: sctFeedbackPath, ...more })

function relayCounts() {
  const { context } = relay.api.state()
  const { received, dropped } = context.counters
  return { received, held: heldCount(context), dropped }
}

/** Whatever their status. */
const rowCount = () => Object.values(auditor.api.counts()).reduce((sum, count) => sum + count, 0)

/** A good SFO is taken by both daemons; whatever was submitted before it has been judged by then. */
async function servesTheNext(): Promise<void> {
  const { received, held } = relayCounts()
  const body = good()
  expect((await submit(relay.url, { body })).statuses).toEqual([200])
  await expect.poll(() => relayCounts().received, { interval: 1 }).toBeGreaterThan(received)
  await expect.poll(() => relayCounts().held, { interval: 1 }).toBeGreaterThan(held)
  const { pending } = auditor.api.counts()
  expect(await bench.report(auditor, body)).toEqual({ status: 200, error: null })
  expect(auditor.api.counts().pending).toBe(pending + 1)
}

/** Entries made since the last look. */
function newEntries(): () => ReportEntry[] {
  const known = new Set(store.entries(ctrIdOf(bench.ctr), 0).map(({ circuit }) => circuit))
  return () => store.entries(ctrIdOf(bench.ctr), 0).filter(({ circuit }) => !known.has(circuit))
}

for (const row of rows(parts)) {
  test(`${row.title}: the outcome is exact, and the next SFO is taken [RELAY-012, AUD-005]`, async () => {
    const body = row.body()
    await relayTakes(row.relay, body)
    await auditorTakes(row.auditor, body)
    await servesTheNext()
  })
}

type Row = ReturnType<typeof rows>[number]

async function relayTakes(wanted: Row['relay'], body: string | Uint8Array): Promise<void> {
  const before = relayCounts()
  const reply = await submit(relay.url, { body })
  if ('refused' in wanted) {
    expect(statusOf(reply)).toEqual({ status: 400, error: wanted.refused })
    expect(relayCounts()).toEqual(before)
    return
  }
  expect([reply.statuses, reply.body]).toEqual([[200], ''])
  await expect.poll(() => relayCounts().received, { interval: 1 }).toBe(before.received + 1)
  const { held, dropped } = before
  const { counted } = wanted
  const after =
    counted === 'held'
      ? { held: held + 1, dropped }
      : { held, dropped: { ...dropped, [counted]: (dropped[counted] ?? 0) + 1 } }
  expect(relayCounts()).toEqual({ received: before.received + 1, ...after })
}

async function auditorTakes(wanted: Row['auditor'], body: string | Uint8Array): Promise<void> {
  const entries = newEntries()
  const rows = rowCount()
  const reply = await bench.report(auditor, Buffer.from(body as string))
  if ('refused' in wanted) {
    expect(reply).toEqual({ status: 400, error: wanted.refused })
    expect(entries()).toEqual([])
    return
  }
  expect(reply).toEqual({ status: 200, error: null })
  const { valid, duplicate } = 'invalid' in wanted ? { valid: 0, duplicate: 0 } : wanted
  const invalid = 'invalid' in wanted ? { [wanted.invalid]: 1 } : {}
  expect(entries()).toMatchObject([{ valid, duplicate, invalid }])
  const stored = 'invalid' in wanted ? (wanted.stored ?? 0) : valid
  expect(rowCount()).toBe(rows + stored)
}

test('an SCT from the future is an incident of its own, whoever else is judged [AUD-011]', () => {
  expect(auditor.api.incidents().map(({ kind, count }) => ({ kind, count }))).toEqual([
    { kind: 'future-sct', count: 1 },
  ])
})

test('what the relay was sent and what it counted agree [INV-006]', async () => {
  const metrics = await metricsOf(relay)
  const { received, held, dropped } = relayCounts()
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0)
  expect(received).toBe(held + lost)
  expect(metrics.get('relay_sfos_received_total')).toBe(received)
  expect(metrics.get('relay_submissions_total{result="taken"}')).toBe(received)
  expect([await defectsOf(relay), await defectsOf(auditor)]).toEqual([[], []])
  for (const error of ['notJson', 'badDer', 'duplicateExtension', 'oversize'])
    expect(metrics.get(`relay_submissions_total{result="${error}"}`)).toBeGreaterThan(0)
})

interface Asked {
  readonly title: string
  readonly parts?: Partial<RequestParts>
  readonly wanted: readonly [relay: { status: number; error: string | null }, auditor?: object]
}

const requests: readonly Asked[] = [
  {
    title: 'gzip, however good what is inside',
    parts: { body: gzipSync(good()), headers: { 'content-encoding': 'gzip' } },
    wanted: [{ status: 415, error: 'unsupportedEncoding' }],
  },
  {
    title: 'another content type',
    parts: { body: good(), headers: { 'content-type': 'text/plain' } },
    wanted: [{ status: 415, error: 'unsupportedMediaType' }],
  },
  {
    title: 'another method',
    parts: { method: 'PUT', body: good() },
    wanted: [{ status: 405, error: 'methodNotAllowed' }],
  },
  { title: 'another path', parts: { path: '/', body: good() }, wanted: [{ status: 404, error: 'notFound' }] },
  {
    title: 'hops beyond one, which only a relay reads',
    parts: { body: good(), headers: { 'ctor-hops': '2' } },
    wanted: [
      { status: 400, error: 'badHops' },
      { status: 200, error: null },
    ],
  },
  {
    title: '64 KiB and one byte, which an auditor reads to its end',
    parts: { body: Buffer.alloc(65_537, ' ') },
    wanted: [
      { status: 413, error: 'bodyTooLarge' },
      { status: 400, error: 'notJson' },
    ],
  },
  {
    title: '2 MiB and one byte',
    parts: { body: Buffer.alloc(2 * 1024 * 1024 + 1, ' ') },
    wanted: [{ status: 413, error: 'bodyTooLarge' }],
  },
]

for (const { title, parts, wanted } of requests) {
  test(`${title}: refused by a status of its own, and the next SFO is taken [RELAY-012]`, async () => {
    const [atRelay, atAuditor = atRelay] = wanted
    expect(statusOf(await send(relay.url, { path: sctFeedbackPath, ...parts }))).toEqual(atRelay)
    const headers = { ...(await bench.proof(auditor)), ...parts?.headers }
    expect(statusOf(await send(auditor.url, { path: sctFeedbackPath, ...parts, headers }))).toEqual(atAuditor)
    await servesTheNext()
  })
}

/** The head of a request whose body is still to come. */
const head = (headers: Readonly<Record<string, string>>) =>
  request({ path: sctFeedbackPath, headers: { 'transfer-encoding': 'chunked', ...headers } })

async function atBoth(
  talk: (url: string, headers: Readonly<Record<string, string>>) => Promise<RawReply>,
  daemons = { relay, auditor },
) {
  const atAuditor = talk(daemons.auditor.url, await bench.proof(daemons.auditor))
  return [await talk(daemons.relay.url, {}), await atAuditor]
}

test('a body without end is cut off at its limit, whether its length is named or not [RELAY-012, AUD-007]', async () => {
  const chunk = Buffer.from(`8000\r\n${' '.repeat(0x8000)}\r\n`)
  const replies = await atBoth((url, headers) =>
    raw(url, (socket) => {
      socket.write(head(headers))
      const more = setInterval(() => socket.write(chunk), 2)
      socket.on('close', () => clearInterval(more))
    }),
  )
  for (const reply of replies) expect(statusOf(reply)).toEqual({ status: 413, error: 'bodyTooLarge' })
  await servesTheNext()
})

test('a body that arrives a byte at a time is cut off at its deadline [RELAY-012, AUD-007]', async () => {
  const hurried = { ...http, bodyMs: 300 }
  const daemons = {
    relay: await bench.startRelay({ http: hurried }),
    auditor: await bench.startAuditor('hurried', { http: hurried }),
  }
  await daemons.auditor.api.round()
  const talk = (url: string, headers: Readonly<Record<string, string>>) =>
    raw(url, (socket) => {
      socket.write(request({ path: sctFeedbackPath, headers: { ...headers, 'content-length': '4096' } }))
      const more = setInterval(() => socket.write(' '), 50)
      socket.on('close', () => clearInterval(more))
    })
  for (const reply of await atBoth(talk, daemons)) {
    expect(statusOf(reply)).toEqual({ status: 408, error: 'timeout' })
    expect(reply.ms).toBeGreaterThan(hurried.bodyMs - 20)
  }
  await servesTheNext()
})

test('a body that ends before its length leaves no trace [RELAY-012, AUD-027]', async () => {
  const before = [relayCounts(), auditor.api.counts()]
  await atBoth((url, headers) =>
    raw(url, (socket) => {
      const whole = request({ path: sctFeedbackPath, headers, body: good() })
      socket.write(whole.subarray(0, -1), () => socket.destroy())
    }),
  )
  await raw(relay.url, (socket) => socket.end('\x16\x03\x01\x02\x00\x01'))
  expect([relayCounts(), auditor.api.counts()]).toEqual(before)
  await servesTheNext()
})

test('who is no CTR, and a proof that was used, get nothing stored [AUD-002, AUD-101]', async () => {
  const { pending } = auditor.api.counts()
  const proof = await bench.proof(auditor)
  const reply = async (headers: Readonly<Record<string, string>>) =>
    statusOf(await send(auditor.url, { path: auditorFeedbackPath, headers, body: good() }))
  expect(await reply({})).toEqual({ status: 401, error: 'unauthenticated' })
  expect(await reply({ authorization: 'CTor-CTR AAAA' })).toEqual({ status: 401, error: 'badProof' })
  expect(await reply(proof)).toEqual({ status: 200, error: null })
  expect(await reply(proof)).toEqual({ status: 401, error: 'nonceUnknown' })
  expect(auditor.api.counts().pending).toBe(pending + 1)
  await servesTheNext()
})
