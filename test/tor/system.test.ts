// The whole system over real tor and its real consensus, which commits to the extension document that lists logs, CTRs and the auditor; one relay
// asks a directory port, the other its tor's control port. Evidence reaches the auditor over onion services, and a tor that dies, an authority
// that restarts, a consensus that ends, an auditor that is cut off and a flag that is lost cost a round and no evidence
// [CONS-002 to CONS-008, RELAY-005, RELAY-018, RELAY-105, RELAY-106, RELAY-107, AUD-002, AUD-027, EVID-001].
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AuditorDaemon } from '../../src/adapters/daemon/auditor.ts'
import type { RelayDaemon } from '../../src/adapters/daemon/relay.ts'
import type { DevLog } from '../../src/adapters/dev-log/server.ts'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { parseTorConsensus } from '../../src/machines/tor/tor-consensus.ts'
import { defectsOf, metricsOf } from '../e2e/fixtures/bench.ts'
import { type System, startSystem } from './system.ts'

const crypto = nodeCrypto()
const polling = { timeout: 200_000, interval: 300 }
let system: System
let first: RelayDaemon
let second: RelayDaemon
let auditor: AuditorDaemon

beforeAll(async () => {
  system = await startSystem((line) => console.log(`tor: ${line}`))
  ;[first, second] = system.relays
  auditor = system.auditor
})

afterAll(() => system?.close())

const sample = async (daemon: RelayDaemon | AuditorDaemon, name: string) => (await metricsOf(daemon)).get(name) ?? 0
const consensusOf = (relay: RelayDaemon) => relay.api.state().context.consensus
const listed = (relay: RelayDaemon) =>
  consensusOf(relay)
    ?.ctrs.map(({ ctrId }) => ctrId)
    .toSorted()
const counters = (relay: RelayDaemon) => relay.api.state().context.counters

/** A circuit may fail: a browser tries again, on another one and with another SFO. */
async function submit(relay: RelayDaemon, log: DevLog): Promise<void> {
  await expect.poll(() => system.submit(relay, log), polling).toBe(true)
}

const escalated = () => auditor.api.counts().escalated
const received = () => {
  const { pending, proven, escalated, lateProven, unjudgeable } = auditor.api.counts()
  return pending + proven + escalated + lateProven + unjudgeable
}

test('relays are who their tor keys say, and both find each other in the consensus of the authorities [CONS-004.2, CONS-008.1, WIRE-008.3]', async () => {
  expect(first.ctrId).toMatch(/^[0-9a-f]{64}$/)
  expect(second.ctrId).not.toBe(first.ctrId)
  expect(first.onionUrl).toMatch(/^http:\/\/[a-z2-7]{56}\.onion$/)
  const both = [first, second].map(({ ctrId }) => ctrId).toSorted()
  for (const relay of [first, second]) await expect.poll(() => listed(relay), polling).toEqual(both)
})

test('an SFO over three hops is proven, and the proof reaches the other CTR over its onion service [RELAY-104, RELAY-105, RELAY-107]', async () => {
  await submit(first, system.logs.honest)
  await expect.poll(() => counters(first).proven, polling).toBeGreaterThan(0)
  // A client's tor skips some consensuses, and a pair with a tree head of one of those proves nothing to who asks it [RELAY-007.1].
  const verified = async () => {
    await system.submit(first, system.logs.honest)
    return sample(second, 'relay_pairs_fetched_total{result="verified"}')
  }
  await expect.poll(verified, { ...polling, interval: 8_000 }).toBeGreaterThan(0)
  expect(second.api.state().context.proofs.size).toBeGreaterThan(0)
})

test('what a log withholds is forwarded, reported to the auditor’s onion service, and escalated with evidence [RELAY-106, RELAY-005, EVID-001]', async () => {
  await submit(first, system.logs.withholding)
  await expect.poll(() => sample(first, 'relay_reports_total{result="acknowledged"}'), polling).toBeGreaterThan(0)
  await expect.poll(escalated, polling).toBeGreaterThan(0)
  const incident = auditor.api.incidents().find(({ kind }) => kind === 'withheld')
  expect(incident?.logId).toBe(system.logs.withholding.log.logId)
  // The other CTR got it by an exit, and reports it too.
  await expect.poll(() => sample(second, 'relay_reports_total{result="acknowledged"}'), polling).toBeGreaterThan(0)
  expect(await sample(auditor, 'auditor_ctr_proofs_total{check="ok"}')).toBeGreaterThan(1)
})

test('an auditor that is cut off gets the report once it is back [RELAY-005, AUD-027]', async () => {
  await system.tor.auditor.kill()
  const failed = await sample(first, 'relay_report_attempts_total{answer="unreachable"}')
  const before = received()
  await submit(first, system.logs.withholding)
  const unreachable = () => sample(first, 'relay_report_attempts_total{answer="unreachable"}')
  await expect.poll(unreachable, polling).toBeGreaterThan(failed)
  expect(received()).toBe(before)
  system.tor.auditor.start()
  await expect.poll(received, polling).toBeGreaterThan(before)
})

test('the client’s tor is killed in mid-round: the round ends, the address is the same, and the next SFO is proven [INV-002, RELAY-018]', async () => {
  const isActive = () => first.api.state().value !== 'passive'
  await expect.poll(isActive, { ...polling, interval: 20 }).toBe(true)
  const round = first.api.state().context.roundNumber
  await system.tor.relays.kill()
  await expect.poll(() => first.api.state().context.roundNumber > round || !isActive(), polling).toBe(true)
  system.tor.relays.start()
  const before = counters(first).proven
  await submit(first, system.logs.honest)
  await expect.poll(() => counters(first).proven, polling).toBeGreaterThan(before)
})

test('an authority restarts: the network goes on, and it signs and serves the consensuses that follow [CONS-002.5, CONS-008.1]', async () => {
  const [authority] = system.network.authorities
  if (authority === undefined) throw new Error('no authority')
  await authority.kill('SIGTERM')
  const restarted = Date.now()
  authority.start()
  const signedSince = async () => {
    const consensus = parseTorConsensus(
      crypto,
      Buffer.from((await system.network.consensus(authority)) ?? '', 'latin1'),
    )
    if (!consensus.ok || consensus.value.validAfter < restarted) return false
    return consensus.value.signatures.some(({ identity }) => identity === authority.v3ident.toLowerCase())
  }
  await expect.poll(signedSince, polling).toBe(true)
  const before = counters(first).proven
  await submit(first, system.logs.honest)
  await expect.poll(() => counters(first).proven, polling).toBeGreaterThan(before)
})

test('a CTR that the next content no longer lists is refused by the auditor with its own code [CONS-004.2, AUD-002.2, WIRE-008.5]', async () => {
  system.list([first])
  await expect.poll(() => listed(second), polling).toEqual([first.ctrId])
  const refused = () => sample(auditor, 'auditor_ctr_proofs_total{check="notListed"}')
  const before = await refused()
  await submit(second, system.logs.withholding)
  await expect.poll(refused, polling).toBeGreaterThan(before)
  system.list([first, second])
})

test('without a majority that votes the consensus ends: rounds are put off and SFOs refused until the next is taken [CONS-001.2, CONS-001.8, CONS-001.9, CONS-002.7]', async () => {
  const notLive = () => sample(first, 'consensus_polls_total{result="notLive"}')
  const postponed = () => sample(first, 'relay_rounds_postponed_total')
  const idle = () => sample(auditor, 'auditor_rounds_idle_total')
  const refused = () => sample(first, 'relay_submissions_total{result="noLiveConsensus"}')
  await expect.poll(() => listed(first)?.length ?? 0, polling).toBeGreaterThan(0)
  const before = await notLive()
  const [, ...others] = system.network.authorities
  for (const authority of others) await authority.kill('SIGTERM')
  await expect.poll(notLive, polling).toBeGreaterThan(before)
  const ended = consensusOf(first)?.validUntil ?? 0
  await expect.poll(() => Date.now(), polling).toBeGreaterThanOrEqual(ended)
  const [rounds, idleRounds, refusals] = [await postponed(), await idle(), await refused()]
  const { received } = counters(first)
  // Not over Tor, whose guards are the authorities that are gone.
  expect(await system.submitNearby(first, system.logs.honest)).toBe(503)
  expect(await refused()).toBe(refusals + 1)
  await expect.poll(postponed, polling).toBeGreaterThan(rounds)
  await expect.poll(idle, polling).toBeGreaterThan(idleRounds)
  expect(counters(first).received).toBe(received)
  for (const authority of others) authority.start()
  await expect.poll(() => consensusOf(first)?.validAfter ?? 0, polling).toBeGreaterThanOrEqual(ended)
  await expect.poll(() => system.submitNearby(first, system.logs.honest), polling).toBe(200)
  await expect.poll(() => counters(first).received, polling).toBeGreaterThan(received)
})

test('after all of it no handler, machine or port has thrown', async () => {
  for (const daemon of [first, second, auditor]) expect(await defectsOf(daemon)).toEqual([])
})
