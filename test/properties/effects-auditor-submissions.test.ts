// What becomes of a submission by a CTR: what is stored and counted, of what a human is told, and how it is answered where that fails.
import { expect, test } from 'vitest'
import { createCa } from '../../src/adapters/dev-log/ca.ts'
import { CtLog } from '../../src/adapters/dev-log/log.ts'
import { newPrivateKey } from '../../src/adapters/dev-log/signer.ts'
import { toBase64 } from '../../src/machines/ct/bytes.ts'
import { encodeSfoBody } from '../../src/machines/ct/sfo.ts'
import { answered, auditorDesk, counted, deskConsensus, joined, proof, verdict } from './fakes/auditor-desk.ts'
import { settled } from './fakes/clock.ts'
import { allSfos, foreign, issuedAt, type Known, minute, mmd, unsigned, worlds } from './fakes/ct-world.ts'
import { fakeCtrs } from './fakes/ctr.ts'

const [first, second, third] = allSfos as readonly [Known, Known, Known]
const ok = { status: 200, error: null }
const reply = (status: number, error: string) => ({ status, error })
const ctrId = fakeCtrs[0]?.ctrId ?? ''

test('what is valid and new is stored with its canonical body, the rest is counted by what it is [AUD-103.1, AUD-005.1, AUD-027.1]', async () => {
  const { submit, heard, store, written, calls } = auditorDesk()
  const spaced = new TextEncoder().encode(` ${new TextDecoder().decode(joined(first.body, unsigned, foreign.body))} `)
  expect(await submit(spaced)).toEqual(ok)
  expect(heard()).toEqual([proof('ok'), verdict('valid'), verdict('badSct'), verdict('unknownLog'), answered('200')])
  expect([store.getBody(first.sfoId), store.counts().pending, written]).toEqual([first.body, 1, ['insert']])
  expect(await submit(joined(second.body, first.body))).toEqual(ok)
  expect(heard()).toEqual([proof('ok'), verdict('valid'), verdict('duplicate'), answered('200')])
  const { log } = worlds[0]
  expect(store.entries(ctrId, 0)).toEqual([
    expect.objectContaining({
      valid: 1,
      duplicate: 0,
      invalid: { badSct: 1, unknownLog: 1 },
      perLog: { [log.logId]: 1 },
    }),
    expect.objectContaining({ valid: 1, duplicate: 1, invalid: {}, perLog: { [log.logId]: 1 } }),
  ])
  expect(calls).toEqual({ ahead: 0, notify: 0 })
})

test('a human is told at once of an SFO from the future, and where one may have the place of another [AUD-011.1, AUD-103.2]', async () => {
  const early = issuedAt - 10 * minute
  const key = newPrivateKey('p-256')
  const indexed = new CtLog({ key, mmd, mergeDelay: 0, sthInterval: mmd, now: () => issuedAt, staticCt: true })
  const ca = await createCa({ keyType: 'p-256', intermediates: 0, now: () => issuedAt })
  const { logId, spki } = indexed.signer
  const log = { logId, key: toBase64(spki), mmd, url: 'http://127.0.0.1:1/s', monitoringUrl: 'http://127.0.0.1:1/m' }
  const placed = encodeSfoBody([(await ca.issue({ log: indexed, delivery: 'tls' })).sfo])
  const newest = deskConsensus(early, { logs: [...worlds.map((world) => world.log), log] })
  const { submit, calls, clock, store } = auditorDesk({ startAt: early, live: newest, recent: [newest] })
  const notified: number[] = []
  const told = async (...bodies: readonly Uint8Array[]) => {
    expect(await submit(joined(...bodies), newest.digest)).toEqual(ok)
    notified.push(calls.notify)
  }
  await told(first.body)
  await clock.advance(10 * minute)
  await told(second.body)
  await told(third.body, placed)
  await told(placed)
  expect(notified).toEqual([1, 1, 2, 2])
  expect(store.counts()).toMatchObject({ pending: 3, escalated: 1 })
})

test('of what the store refuses nothing is counted or told, and no more is answered 200 than the quota has [AUD-027.2, AUD-007.1]', async () => {
  const refused = Promise.resolve({ ok: false, error: 'storeFull', detail: '' } as const)
  const early = issuedAt - 10 * minute
  const newest = deskConsensus(early)
  const full = auditorDesk({ startAt: early, live: newest, recent: [newest], store: { insert: () => refused } })
  expect(await full.submit(first.body, newest.digest)).toEqual(reply(503, 'storeFull'))
  const error = { write: 'insert', error: 'storeFull' }
  expect(full.heard()).toEqual([
    proof('ok'),
    counted('auditor_store_errors_total', error),
    ['error', 'storeFull', { write: 'insert' }],
    answered('503', 'storeFull'),
  ])
  expect(full.calls.notify).toBe(0)
  const { submit, heard, store, written } = auditorDesk({
    limits: { quota: { capacity: 2, refillMs: minute, keys: 9 } },
  })
  expect(await submit(first.body)).toEqual(ok)
  expect(await submit(joined(second.body, third.body))).toEqual(reply(429, 'overQuota'))
  expect(heard()).toEqual([proof('ok'), answered('429', 'overQuota')])
  expect([store.counts().pending, written]).toEqual([1, ['insert']])
  expect(await submit(second.body)).toEqual(ok)
})

test('beyond those that wait a submission is busy; one that waits when the auditor stops is stopped [AUD-120.1]', async () => {
  const { submit, heard, stop, challenge, written } = auditorDesk({
    limits: { submissions: { concurrent: 1, queued: 1 } },
  })
  const running = submit(first.body)
  const waiting = submit(second.body)
  expect(await submit(third.body)).toEqual(reply(503, 'busy'))
  expect(heard()).toContainEqual(answered('503', 'busy'))
  stop()
  expect(await waiting).toEqual(reply(503, 'stopped'))
  expect(await running).toEqual(ok)
  await settled()
  expect([challenge(), written]).toEqual([null, ['insert']])
})

test('a port that throws is a defect and answered 503, and a dead auditor answers nothing else [AUD-027.2, INV-009]', async () => {
  const lookup = () => {
    throw new TypeError('disk')
  }
  const broken = auditorDesk({ store: { lookup } })
  expect(await broken.submit(first.body)).toEqual(reply(503, 'busy'))
  const code = 'handlerFailed'
  expect(broken.heard()).toEqual([
    proof('ok'),
    counted('defects_total', { code }),
    ['error', code, { thrown: 'TypeError' }],
    answered('503', 'busy'),
  ])
  const dying = auditorDesk({ crashAt: 1 })
  expect(await dying.submit(first.body)).toEqual(reply(503, 'stopped'))
  expect([dying.heard(), dying.challenge()]).toEqual([[proof('ok'), answered('503', 'stopped')], null])
  expect(await dying.hand(undefined, first.body)).toEqual(reply(503, 'stopped'))
})
