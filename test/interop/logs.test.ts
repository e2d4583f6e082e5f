// Real logs on loopback, each by its authors' own program at a pinned version: what our CA submits they promise, merge and prove to our
// clients, and relay and auditor work over them, through a restart and an outage [WIRE-003 to WIRE-006, WIRE-013, RELAY-104, AUD-115].
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Ca, createCa } from '../../src/adapters/dev-log/ca.ts'
import { agentPool } from '../../src/adapters/node/agents.ts'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { sctFeedbackPath } from '../../src/adapters/node/http/paths.ts'
import { logClients } from '../../src/adapters/node/log-clients.ts'
import type { Answer } from '../../src/effects/ports.ts'
import { decodeSctExtensions } from '../../src/machines/ct/extensions.ts'
import { leafHashOf } from '../../src/machines/ct/leaf.ts'
import { verifyConsistency, verifyInclusion } from '../../src/machines/ct/merkle.ts'
import { encodeSfoBody } from '../../src/machines/ct/sfo.ts'
import { verifySth } from '../../src/machines/ct/sth.ts'
import type { Sfo, Sth } from '../../src/machines/ct/types.ts'
import { validateSfo } from '../../src/machines/ct/validate.ts'
import { send } from '../contract/http-raw.ts'
import { type Bench, defectsOf, openBench } from '../e2e/fixtures/bench.ts'
import { ctfePrograms, startCtfe } from './ctfe.ts'
import { built, ifAvailable, tesseract } from './install.ts'
import { until } from './process.ts'
import type { RealLog } from './real-log.ts'
import { startTesseract } from './tesseract.ts'

const crypto = nodeCrypto()
const agents = agentPool()
const client = logClients(agents, { crypto })
const polling = { timeout: 60_000, interval: 100 }
const never = new AbortController().signal
let bench: Bench
let cas: readonly Ca[]

beforeAll(async () => {
  bench = await openBench()
  cas = await Promise.all([
    createCa({ keyType: 'p-256', intermediates: 1 }),
    createCa({ keyType: 'rsa-2048', intermediates: 0 }),
  ])
})

afterAll(async () => {
  await agents.close()
  await bench.close()
})

let circuits = 0
const circuit = () => `circuit-${circuits++}`

function ok<T>(answer: Answer<T>): T {
  if (answer.kind !== 'ok') throw new Error(JSON.stringify(answer))
  return answer.value
}

/** An embedded and a TLS SCT of each CA. */
async function issue(log: RealLog): Promise<readonly Sfo[]> {
  const sfos: Sfo[] = []
  for (const ca of cas)
    for (const delivery of ['embedded', 'tls'] as const) sfos.push((await ca.issue({ log, delivery })).sfo)
  return sfos
}

/** The log's head, once it holds so many entries and is later than `after`. */
async function headOf({ log }: RealLog, size: number, after = 0): Promise<Sth> {
  let head: Sth | undefined
  await until(async () => {
    const answer = await client.getSth(log, circuit(), never)
    head = answer.kind === 'ok' ? answer.value : undefined
    return head !== undefined && head.size >= size && head.timestamp >= after
  }, `a head of ${size} entries, later than ${after}`)
  return head as Sth
}

function validated({ log }: RealLog, sfo: Sfo) {
  const valid = validateSfo(crypto, log, sfo, Date.now())
  if (!valid.ok) throw new Error(`${valid.error}: ${valid.detail}`)
  return valid.value
}

async function inclusionOf(real: RealLog, sfo: Sfo, sth: Sth) {
  const extensions = decodeSctExtensions(sfo.sct.extensions)
  const leafHash = leafHashOf(validated(real, sfo).leafId)
  const leafIndex = extensions.ok ? extensions.value.leafIndex : null
  const answer = await client.getInclusion(real.log, { leafHash, leafIndex }, sth, circuit(), never)
  return { leafHash, leafIndex, answer }
}

const programs = [
  { name: 'TesseraCT', startLog: startTesseract, there: ifAvailable('TesseraCT', () => built(tesseract)) },
  { name: 'ct_server on Trillian', startLog: startCtfe, there: ifAvailable('ct_server on Trillian', ctfePrograms) },
] as const

for (const { name, startLog, there } of programs)
  describe.skipIf(there === null)(name, () => {
    const folder = mkdtempSync(join(tmpdir(), 'ctor-interop-'))
    let log: RealLog
    let sfos: readonly Sfo[]
    let first: Sth

    beforeAll(async () => {
      // A database server of another account has its files below.
      chmodSync(folder, 0o711)
      log = await startLog(
        folder,
        cas.map(({ root }) => root),
      )
    }, 1_200_000)

    afterAll(async () => {
      await log?.close()
      rmSync(folder, { recursive: true, force: true })
    }, 60_000)

    test('its SCTs verify, embedded and TLS, of both key types, and only a static-ct log gives each a leaf index [WIRE-002, WIRE-003, WIRE-013]', async () => {
      sfos = await issue(log)
      const indices = sfos.map((sfo) => {
        expect(validated(log, sfo).logId).toBe(log.log.logId)
        const extensions = decodeSctExtensions(sfo.sct.extensions)
        return extensions.ok ? extensions.value.leafIndex : 'malformed'
      })
      expect(new Set(indices).size).toBe(log.log.monitoringUrl === undefined ? 1 : sfos.length)
      if (log.log.monitoringUrl === undefined) expect(indices[0]).toBeNull()
    })

    test('it proves each promise to our client once merged [WIRE-004, WIRE-005, WIRE-006]', async () => {
      first = await headOf(log, sfos.length)
      expect(verifySth(crypto, log.log, first)).toBe(true)
      for (const sfo of sfos) {
        const { leafHash, answer } = await inclusionOf(log, sfo, first)
        const proof = ok(answer)
        const { size, root } = first
        expect(verifyInclusion(crypto, { ...proof, leafHash, size, root })).toEqual({ ok: true, value: null })
      }
    })

    test('a later tree of it is consistent with an earlier one [WIRE-005, AUD-113]', async () => {
      sfos = [...sfos, ...(await issue(log))]
      const second = await headOf(log, sfos.length, first.timestamp + 1)
      const path = ok(await client.getSthConsistency(log.log, first, second, circuit(), never))
      const heads = { size1: first.size, root1: first.root, size2: second.size, root2: second.root }
      expect(verifyConsistency(crypto, { ...heads, path })).toEqual({ ok: true, value: null })
      expect(verifyConsistency(crypto, { ...heads, root2: first.root, path }).ok).toBe(false)
    })

    test('a relay proves what it took, and an auditor what was reported to it [RELAY-104, AUD-103, AUD-117]', async () => {
      const sth = await headOf(log, sfos.length, Date.now() + log.log.mmd)
      await bench.publish({ logs: [log.log], sths: [sth] })
      const relay = await bench.startRelay({ timing: { waitMs: 300, roundDeadlineMs: 30_000 } })
      await expect.poll(() => relay.api.state().context.consensus, polling).not.toBeNull()
      for (const sfo of sfos)
        expect((await send(relay.url, { path: sctFeedbackPath, body: encodeSfoBody([sfo]) })).statuses).toEqual([200])
      await expect.poll(() => relay.api.state().context.counters.proven, polling).toBe(sfos.length)
      expect(await defectsOf(relay)).toEqual([])
      await relay.stop()

      const auditor = await bench.startAuditor(name.replaceAll(' ', '-'))
      await auditor.api.round()
      expect(await bench.report(auditor, encodeSfoBody(sfos))).toEqual({ status: 200, error: null })
      await auditor.api.round()
      expect(auditor.api.counts()).toMatchObject({ pending: 0, proven: sfos.length, escalated: 0 })
      expect(auditor.api.incidents()).toEqual([])
      expect(await defectsOf(auditor)).toEqual([])
      await auditor.stop()
    })

    test('after a restart it is the same log, with a tree that extends the old one [AUD-113]', async () => {
      const before = await headOf(log, sfos.length)
      await log.restart()
      sfos = [...sfos, ...(await issue(log))]
      const after = await headOf(log, sfos.length, before.timestamp + 1)
      const path = ok(await client.getSthConsistency(log.log, before, after, circuit(), never))
      const heads = { size1: before.size, root1: before.root, size2: after.size, root2: after.root }
      expect(verifyConsistency(crypto, { ...heads, path })).toEqual({ ok: true, value: null })
    })

    test('cut off, it is unreachable and nothing is escalated; once it is back, all is proven [RELAY-004, AUD-116, AUD-021]', async () => {
      sfos = await issue(log)
      const sth = await headOf(log, sfos.length, Date.now() + log.log.mmd)
      await bench.publish({ logs: [log.log], sths: [sth] })
      const auditor = await bench.startAuditor(`${name.replaceAll(' ', '-')}-cut`, { timing: { graceMs: 3_600_000 } })
      await auditor.api.round()
      expect(await bench.report(auditor, encodeSfoBody(sfos))).toEqual({ status: 200, error: null })

      await log.cut()
      const [sfo] = sfos
      if (sfo === undefined) throw new Error('no SFO')
      expect((await inclusionOf(log, sfo, sth)).answer.kind).toBe('unreachable')
      await auditor.api.round()
      expect(auditor.api.counts()).toMatchObject({ pending: sfos.length, proven: 0, escalated: 0 })

      await log.mend()
      await expect
        .poll(async () => {
          await auditor.api.round()
          return auditor.api.counts().proven
        }, polling)
        .toBe(sfos.length)
      expect(auditor.api.incidents()).toEqual([])
      await auditor.stop()
    })
  })
