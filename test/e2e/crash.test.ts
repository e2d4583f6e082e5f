// An auditor killed between any two effects, and started again on the same files: no acknowledged SFO and no escalation is lost, none
// is repeated [INV-009, AUD-012, AUD-027]. What the killed process held in memory alone is gone: the kill is a real SIGKILL.
import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAuditor } from '../../src/adapters/daemon/auditor.ts'
import type { AuditorDaemonConfig } from '../../src/adapters/daemon/auditor-config.ts'
import { createCa } from '../../src/adapters/dev-log/ca.ts'
import { type DevLog, startDevLog } from '../../src/adapters/dev-log/server.ts'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { sqliteAuditorStore } from '../../src/adapters/node/store/sqlite-auditor-store.ts'
import type { Incident } from '../../src/effects/ports.ts'
import { encodeSfoBody } from '../../src/machines/ct/sfo.ts'
import { sfoIdOf } from '../../src/machines/ct/sfo-id.ts'
import type { Sfo, Sth } from '../../src/machines/ct/types.ts'
import { goodSfo, newParts } from './fixtures/bad-sfos.ts'
import { type Bench, openBench } from './fixtures/bench.ts'

const crypto = nodeCrypto()
const script = new URL('fixtures/auditor-child.ts', import.meta.url)
const mmd = 50
/** Signs SCTs alone: nothing of it can be proven. */
const unreachable = newParts()
let bench: Bench
let log: DevLog
let forked: DevLog
let sths: readonly Sth[]
/** One that is proven, one that is withheld, one whose SCT is from the future. */
let sfos: readonly Sfo[]

beforeAll(async () => {
  bench = await openBench()
  log = await startDevLog({ mmd, mergeDelay: 0, sthInterval: 3_600_000 })
  forked = await startDevLog({ mmd, mergeDelay: 0, sthInterval: 3_600_000 })
  bench.defer(() => Promise.all([log.close(), forked.close()]))
  const ca = await createCa({ keyType: 'p-256', intermediates: 0 })
  const proven = await ca.issue({ log, delivery: 'tls' })
  await ca.issue({ log: forked, delivery: 'tls' })
  log.merge()
  log.setFault({ kind: 'withhold' })
  const withheld = await ca.issue({ log, delivery: 'tls' })
  const future = goodSfo(unreachable, { timestamp: Date.now() + 86_400_000 })
  await new Promise((resolve) => setTimeout(resolve, 2 * mmd))
  forked.merge()
  forked.setFault({ kind: 'split-view' })
  sths = [log.publish(), forked.sth('main'), forked.sth('shadow')]
  sfos = [proven.sfo, withheld.sfo, future]
})

afterAll(() => bench.close())

const publish = (known: readonly Sth[]) =>
  bench.publish({ logs: [log.log, forked.log, unreachable.log.log], sths: known })
const idOf = (sfo: Sfo) => sfoIdOf(crypto, sfo)
const configOf = (name: string) => bench.auditorConfig(name, { timing: { graceMs: 0, roundDeadlineMs: 20_000 } })

interface Life {
  /** Answers false once the process is gone. */
  round(): Promise<boolean>
  submit(sfo: Sfo): Promise<boolean>
  end(): Promise<'killed' | 'lived'>
}

async function live(config: AuditorDaemonConfig, lastEffect: number): Promise<Life> {
  const child = fork(script, [JSON.stringify(config), `${lastEffect}`], { stdio: 'ignore' })
  const gone = new Promise<null>((resolve) => child.once('exit', () => resolve(null)))
  const told = () => Promise.race([gone, new Promise<unknown>((resolve) => child.once('message', resolve))])
  const url = await told()
  const alive = () => child.exitCode === null && child.signalCode === null
  return {
    async round() {
      if (!alive()) return false
      const ended = told()
      child.send('round', () => {})
      return (await ended) !== null
    },
    async submit(sfo) {
      if (url === null || !alive()) return false
      return (await bench.report({ url: String(url) }, encodeSfoBody([sfo]))).status === 200
    },
    async end() {
      const lived = alive()
      if (lived) child.disconnect()
      await gone
      return lived && child.signalCode === null ? 'lived' : 'killed'
    },
  }
}

/** What an auditor sees of the world in one life; answers the SFOs that it acknowledged. */
async function course(life: Life): Promise<readonly Sfo[]> {
  const acknowledged: Sfo[] = []
  await publish(sths.slice(0, 1))
  if (!(await life.round())) return acknowledged
  for (const sfo of sfos) if (await life.submit(sfo)) acknowledged.push(sfo)
  await new Promise((resolve) => setTimeout(resolve, 2.5 * mmd))
  await publish(sths)
  await life.round()
  return acknowledged
}

function stored(config: AuditorDaemonConfig) {
  const store = sqliteAuditorStore({ path: config.store.path })
  const found = {
    known: sfos.map((sfo) => store.lookup(idOf(sfo))),
    incidents: store.incidents(),
    counts: store.counts(),
  }
  return store.close().then(() => found)
}

const alertsOf = (config: AuditorDaemonConfig) =>
  readFileSync(config.alerts.path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { id: number; kind: string })

/**
 * An SFO counts once in an incident, and so does a log's own misdeed, although it is recorded before the tree head that shows it and a
 * restart finds it again.
 */
async function expectWhole(config: AuditorDaemonConfig): Promise<void> {
  const { known, incidents, counts } = await stored(config)
  expect(known).toEqual(['resolved', 'resolved', 'resolved'])
  expect(counts).toMatchObject({ pending: 0, proven: 1, escalated: 2 })
  const told = (kind: string) => incidents.filter((incident) => incident.kind === kind)
  const [future, split, withheld] = ['future-sct', 'split-view', 'withheld'].map(told) as Incident[][]
  expect([future, withheld]).toMatchObject([[{ count: 1, notified: true }], [{ count: 1, notified: true }]])
  expect(split).toMatchObject([{ count: 1, notified: true }])
  expect(incidents.length).toBe(3)
  const alerts = alertsOf(config)
  expect(alerts.map(({ id, kind }) => ({ id, kind }))).toEqual(
    expect.arrayContaining(incidents.map(({ id, kind }) => ({ id, kind }))),
  )
  expect(alerts.length).toBe(3)
}

/** The next start, in this process and with no kill: CTRs submit again what was not acknowledged, and the rounds go on. */
async function finish(config: AuditorDaemonConfig): Promise<void> {
  const auditor = await startAuditor(config)
  await course({
    round: () => auditor.api.round().then(() => true),
    submit: async (sfo) => (await bench.report(auditor, encodeSfoBody([sfo]))).status === 200,
    end: async () => 'lived',
  })
  await auditor.stop()
}

/** The number of effects of a course without a crash is what it takes to get through it. */
const mostEffects = 40

test('killed after any one effect, it loses and repeats nothing [INV-009, AUD-012, AUD-027]', async () => {
  let killed = 0
  for (let n = 1; n <= mostEffects; n++) {
    const config = configOf(`kill-${n}`)
    const life = await live(config, n)
    const acknowledged = await course(life)
    const end = await life.end()
    const { known } = await stored(config)
    for (const [index, sfo] of sfos.entries()) if (acknowledged.includes(sfo)) expect(known[index]).not.toBe('new')
    await finish(config)
    await expectWhole(config)
    if (end === 'lived') break
    killed++
  }
  // Three submissions, four tree heads and their escalation, three incidents told and marked, three rows, two consensuses.
  expect(killed).toBeGreaterThan(12)
  expect(killed).toBeLessThan(mostEffects)
})

test('killed eight times in a row, early or late in a life, it still loses and repeats nothing [INV-009, AUD-012]', async () => {
  const config = configOf('again')
  const acknowledged = new Set<Sfo>()
  // Each life has at least two effects: a newer consensus is recorded at each of its two rounds.
  const lives = [2, 3, 4, 5, 2, 3, 4, 2]
  const ends = new Set<string>()
  for (const lastEffect of lives) {
    const life = await live(config, lastEffect)
    for (const sfo of await course(life)) acknowledged.add(sfo)
    ends.add(await life.end())
    const { known } = await stored(config)
    for (const [index, sfo] of sfos.entries()) if (acknowledged.has(sfo)) expect(known[index]).not.toBe('new')
  }
  expect(ends).toContain('killed')
  await finish(config)
  await expectWhole(config)
})
