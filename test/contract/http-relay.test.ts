// The relay's listeners over real HTTP: each kind of bad input of spec/wire.md has its exact status and body, within its limit,
// and the listener serves the next request.
import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { defaultLimits, type ListenerLimits } from '../../src/adapters/node/http/endpoint.ts'
import { type Listener, startListener } from '../../src/adapters/node/http/listener.ts'
import { onionAddressPath, proofsPath, sctFeedbackPath } from '../../src/adapters/node/http/paths.ts'
import { decodeProofSet, encodeProofSet } from '../../src/adapters/node/http/proof-set.ts'
import { proofEndpoints, proofSetBytes, relayEndpoints } from '../../src/adapters/node/http/relay-listener.ts'
import type { RelayApi } from '../../src/effects/api.ts'
import { type SfoError, sfoErrors } from '../../src/machines/ct/errors.ts'
import type { ProofPair } from '../../src/machines/ct/types.ts'
import { raw, request, send } from './http-raw.ts'

/** Out of reach: a test of one deadline sets that one alone, so that no load of the machine decides. */
const limits: ListenerLimits = {
  ...defaultLimits,
  bodyMs: 60_000,
  headersMs: 60_000,
  lingerMs: 60_000,
  connectionMs: 60_000,
  ratePerSecond: 1e6,
  burst: 1e6,
}
const cap = 64 * 1024

let submitted: { body: Uint8Array; hops: number }[]
let offered: string[]
let verdict: ReturnType<RelayApi['submit']>
let pairs: ProofPair[]
let statuses: number[]
let listener: Listener
const opened: Listener[] = []

const api = {
  submit: (body: Uint8Array, hops: number) => {
    submitted.push({ body, hops })
    return verdict
  },
  offerAddress: (address: string) => {
    offered.push(address)
    return address.endsWith('.onion')
  },
  proofs: () => pairs,
}

async function start(changed: Partial<ListenerLimits> = {}, onDefect: (error: unknown) => void = () => {}) {
  const started = await startListener({
    host: '127.0.0.1',
    port: 0,
    limits: { ...limits, ...changed },
    endpoints: { ...relayEndpoints(api), ...proofEndpoints(api, (host) => host !== 'dead.onion') },
    onReply: (status) => statuses.push(status),
    onDefect,
  })
  opened.push(started)
  return started
}

beforeEach(async () => {
  submitted = []
  offered = []
  pairs = []
  statuses = []
  verdict = { ok: true, value: null }
  listener = await start()
})

afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()))
})

const sfo = '[{"x509_chain":[],"sct_data_v1":[]}]'
const path = sctFeedbackPath

async function servesTheNext(at: Listener = listener) {
  const before = submitted.length
  const reply = await send(at.url, { path, body: sfo })
  expect(reply.statuses).toEqual([200])
  expect(submitted.length).toBe(before + 1)
}

test('an SFO is answered 200 with an empty body, and the connection is closed [WIRE-001.8, WIRE-001.9]', async () => {
  const reply = await send(listener.url, { path, body: sfo })
  expect(reply.statuses).toEqual([200])
  expect(reply.body).toBe('')
  expect(reply.header('content-length')).toBe('0')
  expect(reply.header('connection')).toBe('close')
  expect(reply.header('date')).toBeUndefined()
  expect(submitted).toEqual([{ body: Buffer.from(sfo), hops: 0 }])
  expect(statuses).toEqual([200])
})

test('the endpoint sees the bytes as sent, not JSON that was parsed and printed again [WIRE-001.1]', async () => {
  const bytes = Buffer.from([0xff, 0x00, 0x5b, 0x20, 0x31])
  await send(listener.url, { path, body: bytes })
  expect(submitted[0]?.body).toEqual(bytes)
})

test('content type may be absent, and may name the charset that JSON has [WIRE-001.7]', async () => {
  const absent = `POST ${path} HTTP/1.1\r\nhost: t\r\ncontent-length: ${sfo.length}\r\n\r\n${sfo}`
  expect((await raw(listener.url, (socket) => socket.write(absent))).statuses).toEqual([200])
  for (const type of ['Application/JSON', 'application/json; charset=utf-8', 'application/json;charset="UTF-8"'])
    expect((await send(listener.url, { path, body: sfo, headers: { 'content-type': type } })).statuses).toEqual([200])
  expect(submitted.length).toBe(4)
})

test('without a live consensus an SFO is answered 503, with the code alone [CONS-001.8, WIRE-001.8]', async () => {
  verdict = { ok: false, error: 'noLiveConsensus', detail: 'secret.example' }
  const reply = await send(listener.url, { path, body: sfo })
  expect(reply.statuses).toEqual([503])
  expect(reply.body).toBe('{"error":"noLiveConsensus"}')
  expect(reply.header('connection')).toBe('close')
  verdict = { ok: true, value: null }
  await servesTheNext()
})

test.each(Object.keys(sfoErrors) as SfoError[])(
  'what validation alone knows looks like acceptance, what is not the format is 400: %s [RELAY-012.2, WIRE-001.8]',
  async (error) => {
    verdict = { ok: false, error, detail: 'secret.example' }
    const reply = await send(listener.url, { path, body: sfo })
    const silent = ['unknownLog', 'badSctSignature', 'badChainSignature', 'futureSct'].includes(error)
    expect(reply.statuses).toEqual([silent ? 200 : 400])
    expect(reply.body).toBe(silent ? '' : JSON.stringify({ error }))
    verdict = { ok: true, value: null }
    await servesTheNext()
  },
)

test.each([
  ['an empty body reaches the decoder', { path, body: '' }, 200, ''],
  ['another path', { path: '/', body: sfo }, 404, 'notFound'],
  ['the path with a query', { path: `${path}?x=1`, body: sfo }, 404, 'notFound'],
  ['the path with a slash', { path: `${path}/`, body: sfo }, 404, 'notFound'],
  ['an auditor path', { path: '/ct-gossip/v1/sct-feedback', body: sfo }, 404, 'notFound'],
  ['a path that does not decode', { path: '/%zz', body: sfo }, 400, 'badRequest'],
  ['GET', { method: 'GET', path }, 405, 'methodNotAllowed'],
  ['PUT', { method: 'PUT', path, body: sfo }, 405, 'methodNotAllowed'],
  ['PROPFIND', { method: 'PROPFIND', path, body: sfo }, 405, 'methodNotAllowed'],
  ['a method that HTTP does not know', { method: 'NONSENSE', path, body: sfo }, 400, 'badRequest'],
  ['text', { path, body: sfo, headers: { 'content-type': 'text/plain' } }, 415, 'unsupportedMediaType'],
  [
    'another charset',
    { path, body: sfo, headers: { 'content-type': 'application/json; charset=latin1' } },
    415,
    'unsupportedMediaType',
  ],
  ['a content type that is none', { path, body: sfo, headers: { 'content-type': ';' } }, 415, 'unsupportedMediaType'],
  ['gzip', { path, body: gzipSync(sfo), headers: { 'content-encoding': 'gzip' } }, 415, 'unsupportedEncoding'],
  ['hops 2', { path, body: sfo, headers: { 'CTor-Hops': '2' } }, 400, 'badHops'],
  ['hops junk', { path, body: sfo, headers: { 'CTor-Hops': '01' } }, 400, 'badHops'],
  ['64 KiB + 1', { path, body: 'x'.repeat(cap + 1) }, 413, 'bodyTooLarge'],
  ['a length that is no number', { path, headers: { 'content-length': 'x' } }, 400, 'badRequest'],
  ['headers of 9 KiB', { path, body: sfo, headers: { 'x-much': 'x'.repeat(9_216) } }, 431, 'headersTooLarge'],
  ['10,000 header lines', { path, body: sfo, headers: many(10_000) }, 431, 'headersTooLarge'],
  ['another expectation', { path, body: sfo, headers: { expect: 'miracles' } }, 417, 'expectationFailed'],
] as const)(
  '%s is answered exactly, and the next request is served [WIRE-001.7, WIRE-001.8, WIRE-001.11]',
  async (_name, parts, status, error) => {
    const reply = await send(listener.url, parts)
    expect(reply.statuses).toEqual([status])
    expect(reply.body).toBe(error === '' ? '' : JSON.stringify({ error }))
    expect(reply.header('connection')).toBe('close')
    expect(reply.header('date')).toBeUndefined()
    if (status !== 200) expect(submitted).toEqual([])
    await servesTheNext()
  },
)

function many(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`x${index}`, '1']))
}

test('405 names the method that is allowed [WIRE-001.8]', async () => {
  expect((await send(listener.url, { method: 'DELETE', path })).header('allow')).toBe('POST')
  expect((await send(listener.url, { path: proofsPath })).header('allow')).toBe('GET')
})

test('exactly 64 KiB pass, with a length and in chunks [WIRE-001.7]', async () => {
  expect((await send(listener.url, { path, body: 'x'.repeat(cap) })).statuses).toEqual([200])
  const head = request({ path, headers: { 'transfer-encoding': 'chunked' } })
  const reply = await raw(listener.url, (socket) => {
    socket.write(head)
    for (let sent = 0; sent < cap; sent += 4_096) socket.write(`1000\r\n${'x'.repeat(4_096)}\r\n`)
    socket.write('0\r\n\r\n')
  })
  expect(reply.statuses).toEqual([200])
  expect(submitted.map(({ body }) => body.length)).toEqual([cap, cap])
  const more = await raw(listener.url, (socket) =>
    socket.write(`${head}10000\r\n${'x'.repeat(cap)}\r\n1\r\nx\r\n0\r\n\r\n`),
  )
  expect(more.statuses).toEqual([413])
  expect(submitted.length).toBe(2)
})

test('an endless body is answered 413 while it is still being sent [WIRE-001.7]', async () => {
  const head = request({ path, headers: { 'transfer-encoding': 'chunked' } })
  let sent = 0
  const reply = await raw(listener.url, (socket) => {
    socket.write(head)
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`
    const pour = () => {
      if (socket.destroyed) return
      sent += 0x4000
      if (socket.write(chunk)) setImmediate(pour)
      else socket.once('drain', pour)
    }
    pour()
  })
  expect(reply.statuses).toEqual([413])
  expect(reply.body).toBe('{"error":"bodyTooLarge"}')
  expect(sent).toBeGreaterThan(cap)
  expect(submitted).toEqual([])
  await servesTheNext()
})

test('a body that comes a byte at a time is answered 408 at the deadline, not at its end [WIRE-001.13]', async () => {
  const head = request({ path, headers: { 'content-length': '1000' } })
  const hurried = await start({ bodyMs: 300 })
  const reply = await raw(hurried.url, (socket) => {
    socket.write(head)
    const drip = setInterval(() => (socket.destroyed ? clearInterval(drip) : socket.write('x')), 20)
    socket.on('close', () => clearInterval(drip))
  })
  expect(reply.statuses).toEqual([408])
  expect(reply.body).toBe('{"error":"timeout"}')
  expect(reply.ms).toBeGreaterThanOrEqual(290)
  expect(submitted).toEqual([])
  await servesTheNext(hurried)
})

test('headers that come a byte at a time are answered 408 at their deadline [WIRE-001.13]', async () => {
  const hurried = await start({ headersMs: 300 })
  const reply = await raw(hurried.url, (socket) => {
    socket.write(`POST ${path} HTTP/1.1\r\nhost: t\r\nx: `)
    const drip = setInterval(() => (socket.destroyed ? clearInterval(drip) : socket.write('x')), 20)
    socket.on('close', () => clearInterval(drip))
  })
  expect(reply.statuses).toEqual([408])
  expect(reply.body).toBe('{"error":"timeout"}')
  expect(submitted).toEqual([])
  await servesTheNext()
})

test('a connection that says nothing, or ends in the middle of a body, costs nothing more [WIRE-001.13]', async () => {
  const hurried = await start({ headersMs: 300 })
  expect((await raw(hurried.url, () => {})).statuses).toEqual([408])
  await raw(listener.url, (socket) => {
    socket.write(request({ path, headers: { 'content-length': '1000' } }))
    setTimeout(() => socket.destroy(), 50)
  })
  expect(submitted).toEqual([])
  await servesTheNext()
})

test('what is no HTTP is answered 400 [WIRE-001.8]', async () => {
  const reply = await raw(listener.url, (socket) => socket.write('\x16\x03\x01 hello\r\n\r\n'))
  expect(reply.statuses).toEqual([400])
  expect(reply.body).toBe('{"error":"badRequest"}')
  await servesTheNext()
})

test('a length and chunks together are refused: two readers could disagree where the request ends [WIRE-001.8]', async () => {
  const headers = { 'content-length': '4', 'transfer-encoding': 'chunked' }
  const reply = await send(listener.url, { path, headers, body: '0\r\n\r\n' })
  expect(reply.statuses).toEqual([400])
  await servesTheNext()
})

test('one SFO a circuit: a second one on the same connection is neither taken nor answered 200 [WIRE-001.9]', async () => {
  const one = request({ path, body: sfo })
  const reply = await raw(listener.url, (socket) => socket.write(Buffer.concat([one, one, one])))
  expect(reply.statuses).toEqual([200])
  expect(submitted.length).toBe(1)
  const later = await raw(listener.url, (socket) => {
    socket.write(one)
    socket.once('data', () => socket.write(one))
  })
  expect(later.statuses).toEqual([200])
  expect(submitted.length).toBe(2)
  await servesTheNext()
})

test('a refusal arrives although the client is still sending and reads late [WIRE-001.7]', async () => {
  const reply = await raw(listener.url, (socket) => {
    socket.pause()
    socket.write(request({ path, headers: { 'content-length': '1000000' } }))
    socket.write('x'.repeat(100_000))
    setTimeout(() => socket.write('x'.repeat(1_000)), 60)
    setTimeout(() => socket.resume(), 120)
  })
  expect(reply.statuses).toEqual([413])
  expect(reply.body).toBe('{"error":"bodyTooLarge"}')
})

test('a client that never stops sending what was refused loses the connection [WIRE-001.13]', async () => {
  const talk = (socket: Socket) => {
    socket.write(request({ path, headers: { 'content-length': '1000000000' } }))
    const chat = setInterval(() => socket.write('x'), 20)
    socket.on('close', () => clearInterval(chat))
  }
  const hurried = await start({ lingerMs: 500 })
  const reply = await raw(hurried.url, talk, { allowHalfOpen: true })
  expect(reply.statuses).toEqual([413])
})

test('a declared length that is too large is refused before a byte of the body came [WIRE-001.7]', async () => {
  const reply = await send(listener.url, { path, headers: { 'content-length': String(cap + 1) } })
  expect(reply.statuses).toEqual([413])
})

test('too many connections: the surplus is cut, those within the limit are served [WIRE-001.13]', async () => {
  const small = await start({ maxConnections: 2 })
  const idle: Socket[] = []
  const ended = [0, 1].map(() => raw(small.url, (socket) => idle.push(socket)))
  await expect.poll(() => idle.length).toBe(2)
  const surplus = await send(small.url, { path, body: sfo })
  expect(surplus.statuses).toEqual([])
  expect(submitted).toEqual([])
  for (const socket of idle) socket.destroy()
  await Promise.all(ended)
  await expect.poll(async () => (await send(small.url, { path, body: sfo })).statuses).toEqual([200])
  expect(submitted.length).toBe(1)
})

test('the token bucket answers 429 with Retry-After, and fills again [RELAY-012.3]', async () => {
  const slow = await start({ ratePerSecond: 0.01, burst: 2 })
  const replies = []
  for (let index = 0; index < 3; index++) replies.push(await send(slow.url, { path, body: sfo }))
  expect(replies.map(({ statuses }) => statuses[0])).toEqual([200, 200, 429])
  expect(replies[2]?.body).toBe('{"error":"rateLimited"}')
  expect(replies[2]?.header('retry-after')).toBe('1')
  const quick = await start({ ratePerSecond: 5, burst: 1 })
  const status = async () => (await send(quick.url, { path, body: sfo })).statuses[0]
  await expect.poll(status, { interval: 1 }).toBe(429)
  await expect.poll(status).toBe(200)
})

test('after `drain` new requests are answered 503, one under way is finished [WIRE-001.8]', async () => {
  const head = request({ path, headers: { 'content-length': String(sfo.length), expect: '100-continue' } })
  const taken: Socket[] = []
  const underWay = raw(listener.url, (socket) => {
    socket.write(head)
    socket.once('data', () => taken.push(socket))
  })
  await expect.poll(() => taken.length).toBe(1)
  await listener.drain(1_000)
  const refused = await send(listener.url, { path, body: sfo })
  expect(refused.statuses).toEqual([503])
  expect(refused.body).toBe('{"error":"stopping"}')
  taken[0]?.write(sfo)
  expect((await underWay).statuses).toEqual([100, 200])
})

test('what an endpoint throws is answered 500 without a word of it [RELAY-026]', async () => {
  const defects: unknown[] = []
  const broken = await start({}, (error) => defects.push(error))
  pairs = undefined as never
  const reply = await send(broken.url, { method: 'GET', path: proofsPath })
  expect(reply.statuses).toEqual([500])
  expect(reply.body).toBe('{"error":"internal"}')
  expect(defects.length).toBe(1)
  await servesTheNext(broken)
})

test('CTor-Hops is handed on, absent means 0, and twice is junk [WIRE-001.10]', async () => {
  for (const hops of ['0', '1']) await send(listener.url, { path, body: sfo, headers: { 'CTor-Hops': hops } })
  expect(submitted.map(({ hops }) => hops)).toEqual([0, 1])
  const twice = await send(listener.url, { path, body: sfo, headers: { 'CTor-Hops': '0\r\nCTor-Hops: 0' } })
  expect(twice.statuses).toEqual([400])
})

test.each([
  ['an address', '{"address":"good.onion"}', 200],
  ['no address of ours', '{"address":"bad.example"}', 400],
  ['not JSON', 'good.onion', 400],
  ['not UTF-8', Buffer.from([0x7b, 0xff]), 400],
  ['another shape', '{"address":1}', 400],
  ['one key more', '{"address":"good.onion","x":1}', 400],
  ['128 characters and more', `{"address":"${'a'.repeat(128)}.onion"}`, 400],
  ['more than 1 KiB', 'a'.repeat(1_025), 413],
] as const)('onion address API: %s [RELAY-112, WIRE-001.12]', async (_name, body, status) => {
  const reply = await send(listener.url, { path: onionAddressPath, body })
  expect(reply.statuses).toEqual([status])
  if (status === 200) expect(offered).toEqual(['good.onion'])
  if (status === 400) expect(reply.body).toBe('{"error":"badAddress"}')
  await servesTheNext()
})

const hex = (digit: string) => digit.repeat(64)
const pair: ProofPair = {
  leafId: `${hex('a')}:${hex('b')}`,
  sth: { logId: hex('a'), timestamp: 1_700_000_000_000, size: 9, root: hex('c'), signature: '04030002abcd' },
  proof: { leafIndex: 0, path: [hex('d'), hex('e')] },
}

test('the proof set comes back as it was, without anything else [WIRE-009, RELAY-113]', async () => {
  pairs = [pair, { ...pair, leafId: `${hex('a')}:${hex('f')}` }]
  const reply = await send(listener.url, { method: 'GET', path: proofsPath })
  expect(reply.statuses).toEqual([200])
  expect(reply.header('content-type')).toBe('application/json; charset=utf-8')
  expect(decodeProofSet(Buffer.from(reply.body), 10)).toEqual({ ok: true, value: pairs })
  expect(decodeProofSet(Buffer.from(reply.body), 1)).toEqual({ ok: true, value: [pair] })
})

test('the proof set of a retired onion service is not found [RELAY-018]', async () => {
  const reply = await send(listener.url, { method: 'GET', path: proofsPath, headers: { host: 'dead.onion' } })
  expect(reply.statuses).toEqual([404])
})

test('an encoded proof set never exceeds its bytes, and holds as many pairs as fit [WIRE-009]', () => {
  const one = encodeProofSet([pair], proofSetBytes).length - encodeProofSet([], proofSetBytes).length
  const many = Array.from({ length: 3_000 }, () => pair)
  for (const maxBytes of [25, 24 + one, 25 + one, 26 + 2 * one, proofSetBytes]) {
    const text = encodeProofSet(many, maxBytes)
    const decoded = decodeProofSet(Buffer.from(text), 3_000)
    expect(text.length).toBeLessThanOrEqual(maxBytes)
    expect(text.length + one + 1).toBeGreaterThan(maxBytes)
    expect(decoded.ok && decoded.value.length).toBe(Math.floor((maxBytes - 23) / (one + 1)))
  }
})

test.each([
  ['no JSON', 'x'],
  ['another version', '{"version":2,"pairs":[]}'],
  ['a chain beside the pair', JSON.stringify({ version: 1, pairs: [{ ...pair, chain: [] }] })],
  ['a key more', '{"version":1,"pairs":[],"x":1}'],
  ['an upper-case hash', JSON.stringify({ version: 1, pairs: [{ ...pair, leafId: pair.leafId.toUpperCase() }] })],
  [
    'a path of 65',
    JSON.stringify({ version: 1, pairs: [{ ...pair, proof: { leafIndex: 0, path: Array(65).fill(hex('d')) } }] }),
  ],
  ['a size beyond 2^53-1', JSON.stringify({ version: 1, pairs: [{ ...pair, sth: { ...pair.sth, size: 2 ** 53 } }] })],
])('a proof set with %s is refused [WIRE-009]', (_name, text) => {
  expect(decodeProofSet(Buffer.from(text), 10)).toMatchObject({ ok: false, error: 'badProofSet' })
})
