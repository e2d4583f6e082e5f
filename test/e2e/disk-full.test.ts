// A store without room: submissions are refused with 503, nothing is half written, and what was acknowledged stays [AUD-007, AUD-027].
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ctrIdOf } from '../../src/adapters/node/ctr-key.ts'
import { sqliteAuditorStore } from '../../src/adapters/node/store/sqlite-auditor-store.ts'
import { encodeSfoBody } from '../../src/machines/ct/sfo.ts'
import { goodSfo, newParts } from './fixtures/bad-sfos.ts'
import { type Bench, metricsOf, openBench } from './fixtures/bench.ts'

const parts = newParts()
const full = { status: 503, error: 'storeFull' }
const taken = { status: 200, error: null }
const store = { maxMegabytes: 1 } as never
let bench: Bench

beforeAll(async () => {
  bench = await openBench()
  await bench.publish({ logs: [parts.log.log] })
})

afterAll(() => bench.close())

const bodyOf = (count: number, pad: number) =>
  encodeSfoBody(Array.from({ length: count }, () => goodSfo(parts, { pad, embedded: false })))

test('a full store refuses with 503, keeps what it acknowledged, and knows it after a restart [AUD-007, AUD-027]', async () => {
  const auditor = await bench.startAuditor('full', { store })
  await auditor.api.round()
  const acknowledged: Uint8Array[] = []
  let reply = taken
  for (let n = 0; n < 200 && reply.status === 200; n++) {
    const body = bodyOf(1, 12_000)
    reply = (await bench.report(auditor, body)) as typeof taken
    if (reply.status === 200) acknowledged.push(body)
  }
  expect(reply).toEqual(full)
  expect(acknowledged.length).toBeGreaterThan(20)
  expect(auditor.api.counts().pending).toBe(acknowledged.length)

  // Of several in one submission none is kept, though one of them alone would find room.
  expect(await bench.report(auditor, bodyOf(8, 12_000))).toEqual(full)
  expect(auditor.api.counts().pending).toBe(acknowledged.length)

  const [first = new Uint8Array()] = acknowledged
  expect(await bench.report(auditor, first)).toEqual(taken)
  const metrics = await metricsOf(auditor)
  expect(metrics.get('auditor_submissions_total{status="503",error="storeFull"}')).toBe(2)
  expect(metrics.get('auditor_store_errors_total{write="insert",error="storeFull"}')).toBe(2)
  await auditor.stop()

  const again = await bench.startAuditor('full', { store })
  expect(again.api.counts().pending).toBe(acknowledged.length)
  for (const body of acknowledged) expect(await bench.report(again, body)).toEqual(taken)
  expect(again.api.counts().pending).toBe(acknowledged.length)
  await again.stop()

  const file = sqliteAuditorStore({ path: bench.file('full.sqlite') })
  const entries = file.entries(ctrIdOf(bench.ctr), 0)
  await file.close()
  const sum = (count: 'valid' | 'duplicate') => entries.reduce((total, entry) => total + entry[count], 0)
  expect([sum('valid'), sum('duplicate')]).toEqual([acknowledged.length, acknowledged.length + 1])
})

test('with more room given, the store that was full takes SFOs again [AUD-007]', async () => {
  const auditor = await bench.startAuditor('full')
  const { pending } = auditor.api.counts()
  expect(await bench.report(auditor, bodyOf(8, 12_000))).toEqual(taken)
  expect(auditor.api.counts().pending).toBe(pending + 8)
  await auditor.stop()
})
