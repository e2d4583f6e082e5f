// The auditor's and the operator's listeners over real HTTP.
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { auditorBodyBytes, auditorEndpoints } from '../../src/adapters/node/http/auditor-listener.ts'
import { defaultLimits } from '../../src/adapters/node/http/endpoint.ts'
import { type Listener, startListener } from '../../src/adapters/node/http/listener.ts'
import { operationsEndpoints } from '../../src/adapters/node/http/operations-listener.ts'
import { auditorFeedbackPath, challengePath, sctFeedbackPath } from '../../src/adapters/node/http/paths.ts'
import type { SubmitReply } from '../../src/effects/api.ts'
import { raw, request, send } from './http-raw.ts'

const limits = {
  ...defaultLimits,
  requestsPerConnection: 4,
  // Out of reach, so that no load of the machine decides.
  headersMs: 60_000,
  bodyMs: 60_000,
  lingerMs: 60_000,
  ratePerSecond: 1e6,
  burst: 1e6,
}
const nonce = 'ab'.repeat(32)

let given: string | null
let submitted: { proof: string | undefined; body: Uint8Array }[]
let answer: () => SubmitReply | Promise<SubmitReply>
let listener: Listener

const api = {
  challenge: () => given,
  submit: async (proof: string | undefined, body: Uint8Array) => {
    submitted.push({ proof, body })
    return answer()
  },
}

beforeEach(async () => {
  given = nonce
  submitted = []
  answer = () => ({ status: 200, error: null })
  listener = await startListener({ host: '127.0.0.1', port: 0, limits, endpoints: auditorEndpoints(api) })
})

afterEach(() => listener.close())

const authorized = { authorization: 'CTor-CTR cHJvb2Y=' }

async function servesTheNext(at: Listener = listener) {
  const before = submitted.length
  const reply = await send(at.url, { path: sctFeedbackPath, body: '[]', headers: closing })
  expect(reply.statuses).toEqual([200])
  expect(submitted.length).toBe(before + 1)
}

const closing = { connection: 'close' }

test('a challenge is a fresh nonce, with any body or none; 429 where too many circuits are open [AUD-002.1, WIRE-001.12]', async () => {
  for (const body of ['', '{}', 'x'.repeat(1_024)]) {
    const reply = await send(listener.url, { path: challengePath, body, headers: closing })
    expect(reply.statuses).toEqual([200])
    expect(JSON.parse(reply.body)).toEqual({ nonce })
  }
  given = null
  const refused = await send(listener.url, { path: challengePath })
  expect(refused.statuses).toEqual([429])
  expect(refused.body).toBe('{"error":"tooManyCircuits"}')
})

test('challenge and submission go over one connection, on either path [AUD-101, RELAY-023]', async () => {
  const requests = [challengePath, sctFeedbackPath, auditorFeedbackPath].map((path) =>
    request({ path, body: '[1]', headers: { ...authorized, ...(path === auditorFeedbackPath && closing) } }),
  )
  const reply = await raw(listener.url, (socket) => socket.write(Buffer.concat(requests)))
  expect(reply.statuses).toEqual([200, 200, 200])
  expect(submitted).toEqual(Array(2).fill({ proof: 'cHJvb2Y=', body: Buffer.from('[1]') }))
})

test('a connection carries no more requests than it may [AUD-101]', async () => {
  const one = request({ path: sctFeedbackPath, body: '[]' })
  const reply = await raw(listener.url, (socket) => socket.write(Buffer.concat([one, one, one, one, one, one])))
  expect(reply.statuses).toEqual([200, 200, 200, 200])
  expect(reply.header('connection')).toBe('close')
  expect(submitted.length).toBe(4)
})

test.each([
  ['ctor-ctr cHJvb2Y=', 'cHJvb2Y='],
  ['CTor-CTR', undefined],
  ['Bearer cHJvb2Y=', undefined],
  ['CTor-CTR cHJvb2Y= more', undefined],
  ['cHJvb2Y=', undefined],
])('Authorization "%s" is the proof %s [AUD-002.2]', async (authorization, proof) => {
  await send(listener.url, { path: sctFeedbackPath, body: '[]', headers: { authorization, ...closing } })
  expect(submitted[0]?.proof).toBe(proof)
})

test('200 is not sent before the engine says that it is durable [AUD-027.1]', async () => {
  let durable = () => {}
  answer = () =>
    new Promise((resolve) => {
      durable = () => resolve({ status: 200, error: null })
    })
  let replied = false
  const sent = send(listener.url, { path: sctFeedbackPath, body: '[]', headers: closing })
  sent.then(() => {
    replied = true
  })
  await expect.poll(() => submitted.length).toBe(1)
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(replied).toBe(false)
  durable()
  expect((await sent).statuses).toEqual([200])
})

test('draining waits for what the engine has taken, but not beyond its bound [AUD-027]', async () => {
  let finish = () => {}
  answer = () =>
    new Promise((resolve) => {
      finish = () => resolve({ status: 200, error: null })
    })
  const sent = send(listener.url, { path: sctFeedbackPath, body: '[]', headers: closing })
  await expect.poll(() => submitted.length).toBe(1)
  const began = performance.now()
  await listener.drain(100)
  expect(performance.now() - began).toBeGreaterThanOrEqual(95)
  const drained = listener.drain(60_000)
  finish()
  await drained
  expect((await sent).statuses).toEqual([200])
})

test.each([
  [400, 'notSfoList'],
  [401, 'unauthenticated'],
  [403, 'notCtr'],
  [429, 'overQuota'],
  [503, 'storeFailed'],
] as const)('status %i with code %s is passed on, and the connection is closed [AUD-101]', async (status, error) => {
  answer = () => ({ status, error })
  const reply = await send(listener.url, { path: sctFeedbackPath, body: '[]', headers: authorized })
  expect(reply.statuses).toEqual([status])
  expect(reply.body).toBe(JSON.stringify({ error }))
  expect(reply.header('connection')).toBe('close')
  answer = () => ({ status: 200, error: null })
  await servesTheNext()
})

test('exactly 2 MiB pass, one byte more does not, with a length or in chunks [WIRE-001.7]', async () => {
  const send2 = (length: number) =>
    send(listener.url, { path: sctFeedbackPath, body: 'x'.repeat(length), headers: closing })
  expect((await send2(auditorBodyBytes)).statuses).toEqual([200])
  expect((await send2(auditorBodyBytes + 1)).statuses).toEqual([413])
  const chunked = request({ path: sctFeedbackPath, headers: { 'transfer-encoding': 'chunked' } })
  const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`
  const reply = await raw(listener.url, (socket) => socket.write(`${chunked}${chunk.repeat(33)}0\r\n\r\n`))
  expect(reply.statuses).toEqual([413])
  expect(submitted.length).toBe(1)
  await servesTheNext()
})

test.each([
  ['another path', { path: '/.well-known/ctor/v1/onion-address', body: '{}' }, 404, 'notFound'],
  ['GET', { method: 'GET', path: sctFeedbackPath }, 405, 'methodNotAllowed'],
  ['GET for a challenge', { method: 'GET', path: challengePath }, 405, 'methodNotAllowed'],
  ['a challenge of more than 1 KiB', { path: challengePath, body: 'x'.repeat(1_025) }, 413, 'bodyTooLarge'],
  [
    'text',
    { path: sctFeedbackPath, body: '[]', headers: { 'content-type': 'text/plain' } },
    415,
    'unsupportedMediaType',
  ],
  [
    'gzip',
    { path: sctFeedbackPath, body: gzipSync('[]'), headers: { 'content-encoding': 'gzip' } },
    415,
    'unsupportedEncoding',
  ],
  [
    'a proof of 9 KiB',
    { path: sctFeedbackPath, body: '[]', headers: { authorization: `CTor-CTR ${'x'.repeat(9_216)}` } },
    431,
    'headersTooLarge',
  ],
] as const)(
  '%s is answered exactly, and the next request is served [AUD-101, WIRE-001.7, WIRE-001.11]',
  async (_name, parts, status, error) => {
    const reply = await send(listener.url, parts)
    expect(reply.statuses).toEqual([status])
    expect(reply.body).toBe(JSON.stringify({ error }))
    expect(submitted).toEqual([])
    await servesTheNext()
  },
)

test('a body that never comes is answered 408 at its deadline, and the next request is served [AUD-101, WIRE-001.13]', async () => {
  const hurried = { ...limits, bodyMs: 300 }
  const other = await startListener({ host: '127.0.0.1', port: 0, limits: hurried, endpoints: auditorEndpoints(api) })
  const reply = await send(other.url, { path: sctFeedbackPath, headers: { 'content-length': '9' } })
  expect(reply.statuses).toEqual([408])
  expect(reply.body).toBe('{"error":"timeout"}')
  expect(submitted).toEqual([])
  await servesTheNext(other)
  await other.close()
})

test('an engine that throws is answered 500 without a word of it [AUD-027]', async () => {
  answer = () => {
    throw new Error('secret')
  }
  const reply = await send(listener.url, { path: sctFeedbackPath, body: '[]' })
  expect(reply.statuses).toEqual([500])
  expect(reply.body).toBe('{"error":"internal"}')
  answer = () => ({ status: 200, error: null })
  await servesTheNext()
})

test('the operator sees metrics and health, and nothing else', async () => {
  let ok = true
  const endpoints = operationsEndpoints(
    async () => 'ctor_x 1\n',
    () => ({ ok, round: 3 }),
  )
  const operations = await startListener({ host: '127.0.0.1', port: 0, limits, endpoints })
  const get = (path: string) => send(operations.url, { method: 'GET', path, headers: closing })
  const metrics = await get('/metrics')
  expect(metrics.body).toBe('ctor_x 1\n')
  expect(metrics.header('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect((await get('/healthz')).body).toBe('{"ok":true,"round":3}')
  ok = false
  expect((await get('/healthz')).statuses).toEqual([503])
  expect((await get('/')).statuses).toEqual([404])
  expect((await send(operations.url, { path: '/metrics' })).statuses).toEqual([405])
  await operations.close()
})
