// Which circuits a relay and an auditor use over whole rounds, as a SOCKS port sees them: none serves two logs, two rounds, two CTRs, two daemons
// or two purposes [RELAY-015, RELAY-104 to RELAY-107, AUD-016]. Invariant: all of them are listed under names that nothing but the SOCKS
// port leads to, so that a connection past it is none.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AuditorDaemon } from '../../src/adapters/daemon/auditor.ts'
import type { RelayDaemon } from '../../src/adapters/daemon/relay.ts'
import { type Ca, createCa } from '../../src/adapters/dev-log/ca.ts'
import { type DevLog, startDevLog } from '../../src/adapters/dev-log/server.ts'
import { onionAddressPath, sctFeedbackPath } from '../../src/adapters/node/http/paths.ts'
import { concat, uint, utf8 } from '../../src/machines/ct/bytes.ts'
import { encodeSfoBody } from '../../src/machines/ct/sfo.ts'
import type { Log, Sfo, Sth } from '../../src/machines/ct/types.ts'
import { encodeOnionAddress } from '../../src/machines/tor/onion-address.ts'
import { type FakeSocks, fakeSocks } from '../contract/fake-socks.ts'
import { type ForbiddenDns, forbidDns } from '../contract/forbid-dns.ts'
import { http, type Misbehaving, misbehaving } from '../contract/http-misbehaving.ts'
import { send } from '../contract/http-raw.ts'
import { type Bench, defectsOf, openBench } from './fixtures/bench.ts'

const mmd = 60
const rounds = 3
const polling = { timeout: 100_000, interval: 20 }
let bench: Bench
let ca: Ca
let dns: ForbiddenDns

beforeAll(async () => {
  dns = forbidDns()
  bench = await openBench()
  ca = await createCa({ keyType: 'p-256', intermediates: 0 })
})

afterAll(async () => {
  await bench.close()
  dns.allow()
})

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function startLog(): Promise<DevLog> {
  const log = await startDevLog({ mmd, mergeDelay: 0, sthInterval: 3_600_000 })
  bench.defer(() => log.close())
  return log
}

/** One SFO a round, all due by the tree head. */
async function dueSfos(log: DevLog): Promise<{ readonly sfos: readonly Sfo[]; readonly sth: Sth }> {
  const sfos: Sfo[] = []
  for (let n = 0; n < rounds; n++) sfos.push((await ca.issue({ log, delivery: 'tls' })).sfo)
  log.merge()
  await pause(2 * mmd)
  return { sfos, sth: log.publish() }
}

async function server(answer: string): Promise<Misbehaving> {
  const started = await misbehaving((socket) => socket.end(http(200, answer)))
  bench.defer(() => started.close())
  return started
}

async function socksPort(note: () => unknown): Promise<FakeSocks> {
  const socks = await fakeSocks(0, 'asked', note)
  bench.defer(() => socks.close())
  return socks
}

async function post(relay: RelayDaemon, path: string, body: string | Uint8Array): Promise<void> {
  expect((await send(relay.url, { path, body })).statuses).toEqual([200])
}

/** As a peer's onion service is named on loopback; another one a round. */
function onionAddress(port: number, round: number): string {
  const key = concat(new Uint8Array(16).fill(round), utf8('ctor-loopback'), new Uint8Array(1), uint(port, 2))
  return JSON.stringify({ address: encodeOnionAddress(key) })
}

/** What was asked for under each token, each once. */
function byToken({ asked }: FakeSocks, of: (one: FakeSocks['asked'][number]) => unknown): readonly number[] {
  const tokens = new Map<string, Set<unknown>>()
  for (const one of asked) tokens.set(one.user, (tokens.get(one.user) ?? new Set()).add(of(one)))
  return [...tokens.values()].map(({ size }) => size)
}

const tokensOf = ({ asked }: FakeSocks, port: number) => [
  ...new Set(asked.filter((one) => one.port === port).map(({ user }) => user)),
]
const portOf = (url: string) => Number(new URL(url).port)
/** A name that no resolver knows [RFC 6761]; the SOCKS port goes by the port alone. */
const named = (name: string, url: string) => `http://${name}.test:${portOf(url)}`
const listed = (name: string, { log }: DevLog): Log => ({ ...log, url: named(name, log.url) })

test('over whole rounds no circuit is used for two logs, rounds, CTRs or auditors, nor by two daemons, and no name is resolved here [RELAY-015, AUD-016]', {
  timeout: 300_000,
}, async () => {
  const logs = { honest: await startLog(), refusing: await startLog() }
  const due = { honest: await dueSfos(logs.honest), refusing: await dueSfos(logs.refusing) }
  logs.refusing.setFault({ kind: 'refusing', status: 404 })
  const peers = [await server(''), await server('')]
  const proofs = await server('{"version":1,"pairs":[]}')

  let auditorRound = 0
  const auditorSocks = await socksPort(() => auditorRound)
  const auditor: AuditorDaemon = await bench.startAuditor('circuits', {
    socks: { port: auditorSocks.port },
    timing: { graceMs: 0 },
  })
  const published = {
    logs: [listed('honest', logs.honest), listed('refusing', logs.refusing)],
    ctrs: peers.map(({ url }, n) => ({ ctrId: `a${n}`.repeat(32), url: named(`peer${n}`, url), family: [] })),
    auditorUrl: named('auditor', auditor.url),
  }
  await bench.publish({ ...published, sths: [due.honest.sth, due.refusing.sth] })
  await auditor.api.round()

  let relay: RelayDaemon | null = null
  const relaySocks = await socksPort(() => relay?.api.state().context.roundNumber)
  const timing = { waitMs: 200, roundDeadlineMs: 60_000 }
  relay = await bench.startRelay({ n: 2, k: 2, socks: { port: relaySocks.port }, timing })
  const { api } = relay
  await expect.poll(() => api.state().context.consensus, polling).not.toBeNull()

  const destinations = [logs.honest.log.url, logs.refusing.log.url, auditor.url, proofs.url]
  const ports = [...destinations, ...peers.map(({ url }) => url)].map(portOf)
  for (let round = 0; round < rounds; round++) {
    await post(relay, onionAddressPath, onionAddress(proofs.port, round + 1))
    for (const { sfos } of [due.honest, due.refusing])
      await post(relay, sctFeedbackPath, encodeSfoBody(sfos.slice(round, round + 1)))
    await expect.poll(() => api.state().context.counters.proven, polling).toBe(round + 1)
    await expect.poll(() => api.state().context.counters.reported, polling).toBe(round + 1)
    await expect.poll(() => proofs.requests.length, polling).toBe(round + 1)
    const after = api.state().context.roundNumber
    await expect.poll(() => api.state().context.roundNumber > after, polling).toBe(true)
  }

  expect(relaySocks.asked.every(({ user, password }) => user === password && user.length >= 16)).toBe(true)
  for (const port of ports) expect(tokensOf(relaySocks, port).length, `${port}`).toBeGreaterThanOrEqual(rounds)
  expect(Math.max(...byToken(relaySocks, ({ port }) => port))).toBe(1)
  expect(Math.max(...byToken(relaySocks, ({ note }) => note))).toBe(1)
  // Of peers and their onion services, each request has its own.
  const ofPeers = relaySocks.asked.filter(({ port }) => [...peers, proofs].some((peer) => peer.port === port))
  expect(new Set(ofPeers.map(({ user }) => user)).size).toBe(ofPeers.length)

  const [newHonest, newRefusing] = [await dueSfos(logs.honest), await dueSfos(logs.refusing)]
  logs.refusing.setFault({ kind: 'honest' })
  await bench.publish({ ...published, sths: [newHonest.sth, newRefusing.sth] })
  const before = auditorSocks.asked.length
  auditorRound++
  await auditor.api.round()
  const inRound = auditorSocks.asked.slice(before)
  expect(new Set(inRound.map(({ port }) => port))).toEqual(
    new Set([logs.honest.log.url, logs.refusing.log.url].map(portOf)),
  )
  expect(auditor.api.counts().proven).toBe(rounds)
  expect(Math.max(...byToken(auditorSocks, ({ port }) => port))).toBe(1)
  expect(Math.max(...byToken(auditorSocks, ({ note }) => note))).toBe(1)
  const shared = auditorSocks.asked.filter(({ user }) => relaySocks.asked.some((other) => other.user === user))
  expect(shared).toEqual([])

  const names = new Set([...relaySocks.asked, ...auditorSocks.asked].map(({ host }) => host))
  // What is asked for by its address is the peer's stand-in for an onion service.
  expect([...names].toSorted()).toEqual([
    'address type 1',
    'auditor.test',
    'honest.test',
    'peer0.test',
    'peer1.test',
    'refusing.test',
  ])
  expect(dns.made()).toEqual([])
  for (const daemon of [relay, auditor]) expect(await defectsOf(daemon)).toEqual([])
})
