// The daemons as configured, in this process and over real HTTP: what the file says reaches the machines, a CTR's report becomes a row
// on disk, and a daemon that cannot start or is stopped leaves nothing behind.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type AuditorDaemon, startAuditor } from '../../src/adapters/daemon/auditor.ts'
import { type AuditorDaemonInput, auditorSchema } from '../../src/adapters/daemon/auditor-config.ts'
import { type RelayDaemon, startRelay } from '../../src/adapters/daemon/relay.ts'
import { type RelayDaemonInput, relaySchema } from '../../src/adapters/daemon/relay-config.ts'
import { createCa } from '../../src/adapters/dev-log/ca.ts'
import { newAuthority, writeConsensus } from '../../src/adapters/dev-log/consensus.ts'
import { type DevLog, startDevLog } from '../../src/adapters/dev-log/server.ts'
import { agentPool } from '../../src/adapters/node/agents.ts'
import { httpAuditorClient } from '../../src/adapters/node/auditor-client.ts'
import { systemClock } from '../../src/adapters/node/clock.ts'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { ctrIdOf, ctrProver, type Ed25519Key, generateKey, writeKey } from '../../src/adapters/node/ctr-key.ts'
import { defaultLimits } from '../../src/adapters/node/http/endpoint.ts'
import { startListener } from '../../src/adapters/node/http/listener.ts'
import { onionAddressPath, proofsPath, sctFeedbackPath } from '../../src/adapters/node/http/paths.ts'
import type { Write } from '../../src/adapters/node/log-lines.ts'
import { pinoLogger } from '../../src/adapters/node/logger.ts'
import { toHex } from '../../src/machines/ct/bytes.ts'
import { encodeSfoBody } from '../../src/machines/ct/sfo.ts'
import { parseConsensusDocument } from '../../src/machines/tor/consensus-document.ts'
import { fakeTor } from '../contract/fake-tor.ts'
import { raw, request } from '../contract/http-raw.ts'

const folder = mkdtempSync(join(tmpdir(), 'ctor-daemons-'))
const file = (name: string) => join(folder, name)
const authority = newAuthority()
const consensus = { path: file('consensus'), authorities: [authority.key] }
const base = { listen: { port: 0 }, operations: { port: 0 }, log: { level: 'silent' as const }, consensus }
const daemons: { stop(): Promise<void> }[] = []

let log: DevLog
let ctr: Ed25519Key
let auditorKey: string
let body: Uint8Array

beforeAll(async () => {
  log = await startDevLog({ mmd: 60_000, mergeDelay: 0, sthInterval: 1_000, keyType: 'p-256' })
  const ca = await createCa({ keyType: 'p-256', intermediates: 0 })
  body = encodeSfoBody([(await ca.issue({ log, delivery: 'embedded' })).sfo])
  writeFileSync(file('sfo.json'), body)
  ctr = await keyIn('ctr.key')
  auditorKey = toHex((await keyIn('auditor.key')).publicKey)
  await publish()
})

afterEach(async () => {
  await Promise.all(daemons.splice(0).map((daemon) => daemon.stop()))
})

afterAll(async () => {
  await log.close()
  rmSync(folder, { recursive: true })
})

async function keyIn(name: string): Promise<Ed25519Key> {
  const key = generateKey()
  const written = await writeKey(file(name), key)
  if (!written.ok) throw new Error(written.detail)
  return key
}

function publish(): Promise<string> {
  const validAfter = Date.now()
  const auditorId = toHex(nodeCrypto().sha256(Buffer.from(auditorKey, 'hex')))
  return writeConsensus({
    path: consensus.path,
    authorities: [authority],
    logs: [log.log],
    sths: [log.publish()],
    ctrs: [{ ctrId: ctrIdOf(ctr), url: 'http://127.0.0.1:1', family: [] }],
    auditors: [{ auditorId, key: auditorKey, url: 'http://127.0.0.1:1' }],
    validAfter,
    freshUntil: validAfter + 600_000,
    validUntil: validAfter + 600_000,
  })
}

async function relay(given: Partial<RelayDaemonInput> = {}): Promise<RelayDaemon> {
  const least = { ...base, proofs: { port: 0 }, key: { path: file('ctr.key') }, onion: { kind: 'loopback' as const } }
  const started = await startRelay(relaySchema.parse({ ...least, ...given }))
  daemons.push(started)
  return started
}

async function auditor(name: string, given: Partial<AuditorDaemonInput> = {}): Promise<AuditorDaemon> {
  const store = { path: file(`${name}.sqlite`) }
  const least = { ...base, key: { path: file('auditor.key') }, store, alerts: { path: file(`${name}.jsonl`) } }
  const started = await startAuditor(auditorSchema.parse({ ...least, timing: { startMs: 0 }, ...given }))
  daemons.push(started)
  return started
}

const metricsOf = async ({ operationsUrl }: { operationsUrl: string }) =>
  (await fetch(`${operationsUrl}/metrics`)).text()

test('an onion service of the daemon is its address; where it cannot be had the daemon does not start [RELAY-107]', async () => {
  const tor = await fakeTor()
  const onion = { socks: { port: 1 }, control: { port: tor.port } }
  const started = [
    await relay({ ...onion, onion: { kind: 'tor', listener: true } }),
    await auditor('onion', { ...onion, onion: { kind: 'tor' } }),
  ]
  const wanted = [...tor.services].map((id) => `http://${id}.onion`)
  expect(wanted).toHaveLength(2)
  expect(started.map(({ onionUrl }) => onionUrl)).toEqual(wanted)
  const { onionUrl } = await relay({ ...onion, onion: { kind: 'tor' } })
  expect([onionUrl, tor.services.size]).toEqual([null, 2])
  await tor.close()
  const message = "onion: no onion service could be published through tor's control port"
  await expect(relay({ ...onion, onion: { kind: 'tor', listener: true } })).rejects.toThrow(message)
  await expect(auditor('none', { ...onion, onion: { kind: 'tor' } })).rejects.toThrow(message)
})

test('a daemon logs that tor went, why, and that it is back, with every field [RELAY-107]', async () => {
  const tor = await fakeTor()
  const written: Record<string, unknown>[] = []
  const write: Write = (bytes, done) => {
    for (const line of bytes.toString().trim().split('\n')) written.push(JSON.parse(line))
    done(null, bytes.length)
  }
  const daemon = await startAuditor(
    auditorSchema.parse({
      ...base,
      key: { path: file('auditor.key') },
      store: { path: file('logging.sqlite') },
      alerts: { path: file('logging.jsonl') },
      onion: { kind: 'tor' },
      control: { port: tor.port },
      socks: { port: 1 },
      timing: { startMs: 3_600_000 },
    }),
    { logger: pinoLogger({ daemon: 'auditor', level: 'info', write }) },
  )
  daemons.push(daemon)
  tor.cut()
  const messages = () => written.map(({ msg }) => msg)
  const back = "tor's control port is back, and with it the onion services"
  await expect.poll(messages, { timeout: 30_000 }).toContain(back)
  const gone = "tor's control port is gone, and with it the onion services"
  expect(messages()).toEqual(['auditor is ready', gone, back])
  expect(written[0]).toMatchObject({ onionUrl: daemon.onionUrl })
  expect(written[1]).toMatchObject({ level: 40, error: 'closed' })
  expect(written.filter((line) => 'withheld' in line)).toEqual([])
  await tor.close()
})

test('profile, overrides and limits of the file are what the machine runs with [RELAY-120]', async () => {
  const started = await relay({
    profile: 'seed',
    policy: { bucketing: 'choose' },
    n: 5,
    k: 3,
    family: ['cd'.repeat(32)],
    timing: { waitMs: 77_000 },
    limits: { bucketCapacity: 11 },
  })
  expect(started.ctrId).toBe(ctrIdOf(ctr))
  expect(started.api.state().context.config).toMatchObject({
    policy: { bucketing: 'choose', whileActive: 'drop', reporting: 'never' },
    self: ctrIdOf(ctr),
    family: ['cd'.repeat(32)],
    n: 5,
    k: 3,
    waitMs: 77_000,
    roundDeadlineMs: 300_000,
    bucketCapacity: 11,
  })
})

test('an SFO enters a bucket by HTTP, and the same one again is answered alike and counted as a duplicate [RELAY-111, RELAY-012]', async () => {
  const { url, api } = await relay()
  await expect.poll(() => api.state().context.consensus).not.toBeNull()
  const replies = []
  for (let index = 0; index < 2; index++)
    replies.push(await raw(url, (socket) => socket.write(request({ path: sctFeedbackPath, body }))))
  expect(replies.map(({ text }) => text)).toEqual([replies[0]?.text, replies[0]?.text])
  expect(replies[0]?.statuses).toEqual([200])
  await expect.poll(() => api.state().context.counters).toMatchObject({ received: 2, dropped: { duplicate: 1 } })
  expect(api.state().context.held.size).toBe(1)
})

test('nothing of an SFO reaches the log lines, whatever the relay does with it [RELAY-026]', async () => {
  const lines: string[] = []
  const say = (fields: object, message: string) => lines.push(JSON.stringify(fields) + message)
  const config = relaySchema.parse({
    ...base,
    proofs: { port: 0 },
    key: { path: file('ctr.key') },
    onion: { kind: 'loopback' },
    timing: { waitMs: 50, roundDeadlineMs: 400 },
  })
  const started = await startRelay(config, { logger: { info: say, warn: say, error: say } })
  daemons.push(started)
  await expect.poll(() => started.api.state().context.consensus).not.toBeNull()
  await raw(started.url, (socket) => socket.write(request({ path: sctFeedbackPath, body })))
  await expect.poll(() => started.api.state().context.roundNumber).toBeGreaterThan(2)
  expect(lines.length).toBeGreaterThan(2)
  for (const line of lines) expect(line).not.toMatch(/[0-9a-f]{32}|BEGIN CERTIFICATE|MII/)
})

test('the proof set is served to whoever names a live onion service alone [RELAY-113, RELAY-018]', async () => {
  const { proofsUrl, url } = await relay()
  const named = await raw(proofsUrl, (socket) =>
    socket.write(request({ method: 'GET', path: proofsPath, headers: { host: '127.0.0.1' } })),
  )
  expect(named.statuses).toEqual([404])
  const address = JSON.stringify({ address: 'x.onion' })
  expect(
    (await raw(url, (socket) => socket.write(request({ path: onionAddressPath, body: address })))).statuses,
  ).toEqual([400])
})

/** What a CTR does, with the consensus that is in the file. */
function reporter(started: AuditorDaemon) {
  const document = parseConsensusDocument(nodeCrypto(), readFileSync(consensus.path, 'utf8'), consensus.authorities)
  if (!document.ok) throw new Error(document.detail)
  const { digest } = document.value
  const agents = agentPool()
  daemons.push({ stop: () => agents.close() })
  const client = httpAuditorClient(
    agents,
    ctrProver({ identity: ctr, clock: systemClock, consensusDigest: () => digest }),
  )
  const target = { auditorId: started.auditorId, key: started.key, url: started.url }
  return (what: Uint8Array, token: string) => client.report(target, what, token, new AbortController().signal)
}

test('a CTR is believed by its proof, its SFO is durable with the 200, and the next start knows it [AUD-101, AUD-027]', async () => {
  const first = await auditor('resumed')
  await first.api.round()
  expect(await reporter(first)(body, 'a')).toEqual({ kind: 'ok', value: null })
  expect(first.api.counts()).toMatchObject({ pending: 1 })
  const stranger = await raw(first.url, (socket) => socket.write(request({ path: sctFeedbackPath, body })))
  expect(stranger.statuses).toEqual([401])
  await first.stop()

  const second = await auditor('resumed')
  const { pending, proven } = second.api.counts()
  expect(pending + proven).toBe(1)
  expect(await (await fetch(`${second.operationsUrl}/healthz`)).json()).toMatchObject({ ok: true })
  expect(await (await fetch(`${second.operationsUrl}/incidents`)).json()).toEqual([])
})

test('more SFOs than the file allows in one submission are refused [AUD-007]', async () => {
  const started = await auditor('small', { limits: { maxObjects: 1 } })
  await started.api.round()
  const text = Buffer.from(body).toString()
  const two = Buffer.from(`[${text.slice(1, -1)},${text.slice(1, -1)}]`)
  expect(await reporter(started)(two, 'a')).toEqual({ kind: 'refused', status: 400 })
  expect(await reporter(started)(body, 'b')).toEqual({ kind: 'ok', value: null })
})

test('the canary is heard where the public URL leads back to the auditor, and missed where it does not [AUD-026]', async () => {
  let behind = 0
  const front = createServer((socket) => {
    const onward = connect(behind, '127.0.0.1')
    for (const one of [socket, onward]) one.on('error', () => {})
    socket.pipe(onward).pipe(socket)
    onward.on('close', () => socket.destroy())
  })
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
  daemons.push({ stop: async () => void front.close() })
  const { port } = front.address() as AddressInfo
  const canary = { sfo: file('sfo.json'), key: file('ctr.key'), url: `http://127.0.0.1:${port}` }
  const timing = { startMs: 0, canaryMs: 300 }
  const heard = await auditor('heard', { canary, timing })
  behind = Number(new URL(heard.url).port)
  await expect.poll(() => metricsOf(heard)).toContain('ctor_auditor_canary_total{result="heard"}')
  await heard.stop()
  const cut = await auditor('cut', { canary, timing })
  await expect.poll(() => metricsOf(cut)).toContain('ctor_auditor_canary_total{result="failed"}')
})

test('a start that fails closes what it had opened: ports, store and alerts [AUD-012]', async () => {
  const blocker = await startListener({ host: '127.0.0.1', port: 0, limits: defaultLimits, endpoints: {} })
  daemons.push({ stop: () => blocker.close() })
  const listen = { port: blocker.port }
  await expect(auditor('failed', { listen })).rejects.toThrow('EADDRINUSE')
  const after = await auditor('failed')
  expect(after.api.counts().pending).toBe(0)
  await expect(relay({ listen })).rejects.toThrow('EADDRINUSE')
  await expect(relay({ key: { path: file('none.key') } })).rejects.toThrow(/^key: /)
  await expect(auditor('never', { key: { path: file('sfo.json') } })).rejects.toThrow(/^key: /)
  expect(existsSync(file('never.sqlite'))).toBe(false)
})

test('a stop may be asked for twice, answers within its bound, and closes every port [AUD-027]', async () => {
  const [one, other] = [await relay(), await auditor('stopped')]
  const began = performance.now()
  await Promise.all([one.stop(), one.stop(), other.stop(), other.stop()])
  expect(performance.now() - began).toBeLessThan(30_000)
  for (const url of [one.url, one.proofsUrl, one.operationsUrl, other.url, other.operationsUrl])
    expect((await raw(url, (socket) => socket.write(request({ path: '/' })))).text).toBe('')
})
