// Logs and peers that are down, slow, refusing or lying, over HTTP: each fault ends as its own outcome within the round, no evidence is
// lost, and the next round works [RELAY-004, RELAY-006, RELAY-007, INV-002, INV-003, INV-006, AUD-016, AUD-018, EVID-001].
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RelayDaemon } from '../../src/adapters/daemon/relay.ts'
import { type Ca, createCa } from '../../src/adapters/dev-log/ca.ts'
import type { FaultInput } from '../../src/adapters/dev-log/fault.ts'
import { type DevLog, startDevLog } from '../../src/adapters/dev-log/server.ts'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { onionAddressPath, sctFeedbackPath } from '../../src/adapters/node/http/paths.ts'
import { encodeProofSet } from '../../src/adapters/node/http/proof-set.ts'
import type { AuditorClient } from '../../src/effects/ports.ts'
import { concat, uint, utf8 } from '../../src/machines/ct/bytes.ts'
import { leafHashOf } from '../../src/machines/ct/leaf.ts'
import { encodeSfoBody } from '../../src/machines/ct/sfo.ts'
import type { Outcome, ProofPair, Sfo, Sth } from '../../src/machines/ct/types.ts'
import { validateSfo } from '../../src/machines/ct/validate.ts'
import { heldCount } from '../../src/machines/relay/counters.ts'
import { encodeOnionAddress } from '../../src/machines/tor/onion-address.ts'
import { type Answerer, http, misbehaving } from '../contract/http-misbehaving.ts'
import { send } from '../contract/http-raw.ts'
import { type Bench, defectsOf, metricsOf, openBench } from './fixtures/bench.ts'

const mmd = 60
const roundDeadlineMs = 60_000
/** Out of reach: only who never answers meets a deadline, so that no load of the machine decides. */
const requests = { challengeMs: 30_000, fetchMs: 30_000, submitMs: 30_000, reportMs: 30_000 }
const timing = { waitMs: 100, roundDeadlineMs, ...requests }
/** As long as the answer after it may take. */
const deadlineMs = 5_000
const polling = { timeout: 40_000, interval: 20 }
let bench: Bench
let ca: Ca
const peer = { ctrId: 'ab'.repeat(32), family: [] }

beforeAll(async () => {
  bench = await openBench()
  ca = await createCa({ keyType: 'p-256', intermediates: 0 })
})

afterAll(() => bench.close())

async function startLog(): Promise<DevLog> {
  const log = await startDevLog({ mmd, mergeDelay: 0, sthInterval: 3_600_000 })
  bench.defer(() => log.close())
  return log
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** SFOs that are due by the STH that is answered beside them. */
async function dueSfos(log: DevLog, count: number): Promise<{ readonly sfos: readonly Sfo[]; readonly sth: Sth }> {
  const sfos: Sfo[] = []
  for (let n = 0; n < count; n++) sfos.push((await ca.issue({ log, delivery: 'tls' })).sfo)
  log.merge()
  await pause(2 * mmd)
  return { sfos, sth: log.publish() }
}

async function submit(relay: RelayDaemon, sfo: Sfo | undefined): Promise<void> {
  const reply = await send(relay.url, { path: sctFeedbackPath, body: encodeSfoBody(sfo === undefined ? [] : [sfo]) })
  expect(reply.statuses).toEqual([200])
}

/** Another relay and an auditor's stand-in, which take everything. */
async function startOthers() {
  const ctr = await misbehaving((socket) => socket.end(http(200, '')))
  bench.defer(() => ctr.close())
  const reports: string[] = []
  const auditors = {
    async report(_: unknown, body: Uint8Array) {
      reports.push(Buffer.from(body).toString())
      return { kind: 'ok', value: null } as const
    },
  }
  const forwarded = () =>
    ctr.requests.filter((text) => text.includes(sctFeedbackPath)).map((text) => text.split('\r\n\r\n')[1])
  return { url: ctr.url, auditors, reports, forwarded }
}

const faults: readonly { readonly fault: FaultInput; readonly outcome: Outcome }[] = [
  { fault: { kind: 'down' }, outcome: 'unreachable' },
  { fault: { kind: 'slow', ms: 600_000 }, outcome: 'unreachable' },
  { fault: { kind: 'refusing', status: 404 }, outcome: 'refused' },
  { fault: { kind: 'refusing', status: 503 }, outcome: 'unreachable' },
  { fault: { kind: 'wrong-proof' }, outcome: 'badProof' },
  { fault: { kind: 'wrong-size' }, outcome: 'badProof' },
  { fault: { kind: 'malformed' }, outcome: 'badProof' },
  { fault: { kind: 'endless' }, outcome: 'badProof' },
]

for (const { fault, outcome } of faults) {
  const name = [fault.kind, ...('status' in fault ? [fault.status] : [])].join(' ')
  test(`a log that is ${name}: ${outcome}, forwarded and reported; the next round works [RELAY-004, RELAY-005, INV-002, INV-006]`, async () => {
    const log = await startLog()
    const { sfos, sth } = await dueSfos(log, 3)
    const others = await startOthers()
    await bench.publish({ logs: [log.log], sths: [sth], ctrs: [{ ...peer, url: others.url }] })
    log.setFault(fault)
    const times = fault.kind === 'slow' ? { ...timing, challengeMs: deadlineMs } : timing
    const relay = await bench.startRelay({ n: 1, k: 1, timing: times }, { auditors: others.auditors })
    const { api } = relay
    await expect.poll(() => api.state().context.consensus, polling).not.toBeNull()

    await submit(relay, sfos[0])
    await expect.poll(() => api.state().context.counters.reported, polling).toBe(1)
    const body = Buffer.from(encodeSfoBody(sfos.slice(0, 1))).toString()
    expect(others.reports).toEqual([body])
    expect(others.forwarded()).toEqual([body])
    await expect.poll(async () => (await metricsOf(relay)).get('relay_round_seconds'), polling).toBeGreaterThan(0)
    const metrics = await metricsOf(relay)
    expect(metrics.get(`relay_challenges_total{outcome="${outcome}"}`)).toBe(1)
    expect(metrics.get('relay_round_seconds')).toBeLessThan(roundDeadlineMs / 1000)
    expect(api.state().context.proofs.size).toBe(0)

    log.setFault({ kind: 'honest' })
    await submit(relay, sfos[1])
    await expect.poll(() => api.state().context.counters.proven, polling).toBe(1)
    expect(api.state().context.counters).toMatchObject({ received: 2, proven: 1, reported: 1, dropped: {} })
    expect(heldCount(api.state().context)).toBe(0)
    expect(await defectsOf(relay)).toEqual([])
    await relay.stop()
  })
}

test('an auditor that refuses a report gets it again after `reportRetryMs`, and it is counted once [RELAY-005.2]', async () => {
  const log = await startLog()
  const { sfos, sth } = await dueSfos(log, 1)
  const others = await startOthers()
  await bench.publish({ logs: [log.log], sths: [sth], ctrs: [{ ...peer, url: others.url }] })
  log.setFault({ kind: 'refusing', status: 404 })
  let refusals = 2
  const report: AuditorClient['report'] = async (auditor, body) =>
    refusals-- > 0 ? { kind: 'refused', status: 401, detail: 'badSignature' } : others.auditors.report(auditor, body)
  const short = { ...timing, reportRetryMs: 10 }
  const relay = await bench.startRelay({ n: 1, k: 1, timing: short }, { auditors: { report } })
  const { api } = relay
  await expect.poll(() => api.state().context.consensus, polling).not.toBeNull()

  await submit(relay, sfos[0])
  await expect.poll(() => api.state().context.counters.reported, polling).toBe(1)
  expect(others.reports).toEqual([Buffer.from(encodeSfoBody(sfos)).toString()])
  const metrics = await metricsOf(relay)
  expect(metrics.get('relay_report_attempts_total{answer="refused"}')).toBe(2)
  expect(metrics.get('relay_report_attempts_total{answer="ok"}')).toBe(1)
  expect(heldCount(api.state().context)).toBe(0)
  await relay.stop()
})

test('a static-ct log proves to a relay what it promised, at the place that the SCT names [RELAY-104, WIRE-013]', async () => {
  const log = await startDevLog({ mmd, mergeDelay: 0, sthInterval: 3_600_000, staticCt: true })
  bench.defer(() => log.close())
  const { sfos, sth } = await dueSfos(log, 3)
  await bench.publish({ logs: [log.log], sths: [sth] })
  const relay = await bench.startRelay({ n: 1, k: 1, timing })
  await expect.poll(() => relay.api.state().context.consensus, polling).not.toBeNull()
  for (const sfo of sfos) await submit(relay, sfo)
  await expect.poll(() => relay.api.state().context.counters.proven, polling).toBe(3)
  expect(await defectsOf(relay)).toEqual([])
  await relay.stop()
})

/** As a peer's onion service is named on loopback. */
function onionAddress(port: number): string {
  return encodeOnionAddress(concat(new Uint8Array(16).fill(7), utf8('ctor-loopback'), new Uint8Array(1), uint(port, 2)))
}

async function truePair(log: DevLog, sfo: Sfo | undefined, sth: Sth): Promise<ProofPair> {
  if (sfo === undefined) throw new Error('no SFO')
  const valid = validateSfo(nodeCrypto(), log.log, sfo, Date.now())
  if (!valid.ok) throw new Error(valid.detail)
  const proof = log.ctLog.proofByHash(leafHashOf(valid.value.leafId), sth.size)
  if (!proof.ok) throw new Error('no proof')
  return { leafId: valid.value.leafId, sth, proof: proof.value }
}

test('what a peer serves enters the proof set only where it proves itself [RELAY-007, RELAY-019, INV-003]', async () => {
  const log = await startLog()
  const { sfos, sth } = await dueSfos(log, 3)
  const pair = await truePair(log, sfos[0], sth)
  const other = await truePair(log, sfos[1], sth)
  const set = (...pairs: readonly ProofPair[]) => http(200, encodeProofSet(pairs, 1_000_000))
  const foreign = await startLog()
  const foreignDue = await dueSfos(foreign, 1)
  const foreignPair = await truePair(foreign, foreignDue.sfos[0], foreignDue.sth)
  const lies: readonly { readonly answer: Answerer; readonly metric: string }[] = [
    {
      answer: (socket) => socket.end(set({ ...pair, proof: other.proof })),
      metric: 'relay_pairs_fetched_total{result="false"}',
    },
    {
      answer: (socket) => socket.end(set({ ...pair, sth: { ...sth, root: '00'.repeat(32) } })),
      metric: 'relay_pairs_fetched_total{result="false"}',
    },
    { answer: (socket) => socket.end(set(foreignPair)), metric: 'relay_pairs_fetched_total{result="false"}' },
    {
      answer: (socket) => socket.end(http(200, '{"version":1,"pairs":[{}]}')),
      metric: 'relay_fetches_total{answer="malformed"}',
    },
    { answer: (socket) => socket.end(http(200, 'no JSON')), metric: 'relay_fetches_total{answer="malformed"}' },
    {
      answer: (socket) => {
        socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
        const more = setInterval(() => socket.write(`10000\r\n${' '.repeat(0x10000)}\r\n`), 1)
        socket.on('close', () => clearInterval(more))
      },
      metric: 'relay_fetches_total{answer="malformed"}',
    },
    { answer: () => {}, metric: 'relay_fetches_total{answer="unreachable"}' },
    { answer: (socket) => socket.destroy(), metric: 'relay_fetches_total{answer="unreachable"}' },
  ]
  await bench.publish({ logs: [log.log], sths: [sth] })
  const relay = await bench.startRelay({ timing: { ...timing, fetchMs: deadlineMs } })
  await expect.poll(() => relay.api.state().context.consensus, polling).not.toBeNull()

  const serve = async (answer: Answerer) => {
    const server = await misbehaving(answer)
    bench.defer(() => server.close())
    const body = JSON.stringify({ address: onionAddress(server.port) })
    expect((await send(relay.url, { path: onionAddressPath, body })).statuses).toEqual([200])
    await expect.poll(() => server.requests.length, polling).toBe(1)
  }
  for (const { answer, metric } of lies) {
    const before = (await metricsOf(relay)).get(metric) ?? 0
    await serve(answer)
    await expect.poll(async () => (await metricsOf(relay)).get(metric), polling).toBe(before + 1)
    expect(relay.api.state().context.proofs.size).toBe(0)
  }
  await serve((socket) => socket.end(set(pair)))
  await expect.poll(() => relay.api.state().context.proofs.has(pair.leafId), polling).toBe(true)
  expect(await defectsOf(relay)).toEqual([])
  await relay.stop()
})

/** Tree heads that a consensus announces, in turn. */
type Heads = (log: DevLog, honest: Sth) => readonly Sth[]

const headFaults: readonly { readonly kind: string; readonly heads: Heads }[] = [
  {
    kind: 'split-view',
    heads: (log) => {
      log.setFault({ kind: 'split-view' })
      return [log.sth('main'), log.sth('shadow')]
    },
  },
  {
    kind: 'rollback',
    heads: (log) => {
      log.setFault({ kind: 'rollback' })
      return [log.sth()]
    },
  },
  {
    kind: 'inconsistent',
    heads: (log) => {
      log.setFault({ kind: 'inconsistent' })
      return [log.sth()]
    },
  },
  {
    kind: 'bad-sth-signature',
    heads: (log) => {
      log.setFault({ kind: 'bad-signature' })
      return [log.sth()]
    },
  },
]

for (const { kind, heads } of headFaults) {
  test(`tree heads that show ${kind}: one incident of that kind, told once, however often they are seen [EVID-001, AUD-016, AUD-018, AUD-023]`, async () => {
    const log = await startLog()
    const { sfos, sth } = await dueSfos(log, 3)
    await bench.publish({ logs: [log.log], sths: [sth] })
    const auditor = await bench.startAuditor(kind)
    await auditor.api.round()
    expect(await bench.report(auditor, encodeSfoBody(sfos))).toEqual({ status: 200, error: null })
    await auditor.api.round()
    expect(auditor.api.counts().proven).toBe(3)
    expect(auditor.api.incidents()).toEqual([])

    const bad = heads(log, sth)
    for (let again = 0; again < 3; again++) {
      await pause(2 * mmd)
      await bench.publish({ logs: [log.log], sths: bad })
      await auditor.api.round()
    }
    await expect.poll(() => auditor.api.incidents().every(({ notified }) => notified), polling).toBe(true)
    expect(auditor.api.incidents().map((incident) => [incident.kind, incident.count])).toEqual([[kind, 1]])
    await auditor.stop()
    const alerts = readFileSync(bench.file(`${kind}.jsonl`), 'utf8')
      .trim()
      .split('\n')
    expect(alerts.map((line) => JSON.parse(line).kind)).toEqual([kind])
  })
}
