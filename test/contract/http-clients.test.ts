// The clients against a server that does what logs, peers and auditors must not do: each ends as one of the four answers, in time.
import { gzipSync } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import { type Agents, agentPool } from '../../src/adapters/node/agents.ts'
import { httpAuditorClient } from '../../src/adapters/node/auditor-client.ts'
import { encodeProofSet } from '../../src/adapters/node/http/proof-set.ts'
import { httpLogClient } from '../../src/adapters/node/log-client.ts'
import { httpPeerClient } from '../../src/adapters/node/peer-client.ts'
import type { Log, ProofPair, Sth } from '../../src/machines/ct/types.ts'
import { type Answerer, http, misbehaving, socksProxy } from './http-misbehaving.ts'

/** Out of reach: a test of one of them sets that one, so that no load of the machine decides. */
const polling = { timeout: 30_000, interval: 10 }
const limits = { maxAgents: 8, idleMs: 60_000, connectMs: 60_000, totalMs: 60_000 }
const hurried = { totalMs: 400 }
const never = new AbortController().signal
const closers: (() => Promise<void>)[] = []

afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()))
})

function pool(changed: Partial<typeof limits> = {}, socksPort?: number): Agents {
  const socks = socksPort === undefined ? undefined : { host: '127.0.0.1', port: socksPort }
  const agents = agentPool({ ...limits, ...changed }, socks)
  closers.push(() => agents.close())
  return agents
}

async function server(answer: Answerer) {
  const started = await misbehaving(answer)
  closers.push(() => started.close())
  return started
}

const logAt = (url: string): Log => ({ logId: 'a'.repeat(64), key: '', mmd: 0, url: `${url}/log` })
const leafHash = `fb${'ef'.repeat(31)}`
const leaf = { leafHash, leafIndex: null }
const sized = (size: number): Sth => ({
  logId: 'a'.repeat(64),
  timestamp: 1,
  size,
  root: '0'.repeat(64),
  signature: '04030000',
})
const head = sized(9)
const node = Buffer.alloc(32, 7)
const base64 = node.toString('base64')
const hex = node.toString('hex')

async function proofFrom(answer: Answerer, agents = pool()) {
  const { url } = await server(answer)
  return httpLogClient(agents).getInclusion(logAt(url), leaf, head, 'token', never)
}

test('get-proof-by-hash asks as RFC 6962 4.5 says and answers hex, whoever asks [WIRE-006.2, AUD-014]', async () => {
  const log = await server((socket) => socket.write(http(200, `{"leaf_index":0,"audit_path":["${base64}"],"more":1}`)))
  const answer = await httpLogClient(pool()).getInclusion(logAt(log.url), leaf, head, 'token', never)
  expect(answer).toEqual({ kind: 'ok', value: { leafIndex: 0, path: [hex] } })
  const [line] = log.requests[0]?.split('\r\n') ?? []
  const asked = new URL(line?.split(' ')[1] ?? '', log.url)
  expect(asked.pathname).toBe('/log/ct/v1/get-proof-by-hash')
  expect(asked.searchParams.get('hash')).toBe(Buffer.from(leafHash, 'hex').toString('base64'))
  expect(asked.searchParams.get('tree_size')).toBe('9')
  expect(log.requests[0]?.toLowerCase()).not.toMatch(/user-agent|cookie|referer|accept-language/)
})

test('get-sth-consistency asks as RFC 6962 4.4 says, and never with first=0 [WIRE-006.1]', async () => {
  const log = await server((socket) => socket.write(http(200, `{"consistency":["${base64}","${base64}"]}`)))
  const client = httpLogClient(pool())
  const answer = await client.getSthConsistency(logAt(log.url), sized(3), head, 'token', never)
  expect(answer).toEqual({ kind: 'ok', value: [hex, hex] })
  expect(log.requests[0]).toMatch(/^GET \/log\/ct\/v1\/get-sth-consistency\?first=3&second=9 /)
  expect(await client.getSthConsistency(logAt(log.url), sized(0), head, 'token', never)).toEqual({
    kind: 'ok',
    value: [],
  })
  expect(log.requests.length).toBe(1)
})

const ok = `{"leaf_index":0,"audit_path":[]}`
const path = (count: number) => JSON.stringify({ leaf_index: 0, audit_path: Array(count).fill(base64) })

test.each([
  ['404', http(404, 'not found'), { kind: 'refused', status: 404 }],
  ['400', http(400, 'bad'), { kind: 'refused', status: 400 }],
  ['403 with an endless explanation', http(403, 'x'.repeat(70_000)), { kind: 'refused', status: 403 }],
  ['429', http(429, ''), { kind: 'unreachable', detail: 'status 429' }],
  ['500', http(500, ''), { kind: 'unreachable', detail: 'status 500' }],
  ['503', http(503, ok), { kind: 'unreachable', detail: 'status 503' }],
  ['302', http(302, '', 'location: /elsewhere\r\n'), { kind: 'malformed', detail: 'status 302' }],
  ['204', Buffer.from('HTTP/1.1 204 None\r\n\r\n'), { kind: 'malformed', detail: 'status 204' }],
  ['no JSON', http(200, 'not found'), { kind: 'malformed' }],
  ['nothing', http(200, ''), { kind: 'malformed' }],
  ['no UTF-8', http(200, Buffer.from([0x22, 0xff, 0x22])), { kind: 'malformed' }],
  ['gzip that nobody asked for', http(200, gzipSync(ok), 'content-encoding: gzip\r\n'), { kind: 'malformed' }],
  ['null', http(200, 'null'), { kind: 'malformed' }],
  ['a list', http(200, '[]'), { kind: 'malformed' }],
  ['no index', http(200, '{"audit_path":[]}'), { kind: 'malformed' }],
  ['an index that is text', http(200, '{"leaf_index":"0","audit_path":[]}'), { kind: 'malformed' }],
  ['a negative index', http(200, '{"leaf_index":-1,"audit_path":[]}'), { kind: 'malformed' }],
  ['a fractional index', http(200, '{"leaf_index":0.5,"audit_path":[]}'), { kind: 'malformed' }],
  ['an index of 2^53', http(200, '{"leaf_index":9007199254740992,"audit_path":[]}'), { kind: 'malformed' }],
  ['a path of null', http(200, '{"leaf_index":0,"audit_path":null}'), { kind: 'malformed' }],
  ['a hash in base64url', http(200, path(1).replaceAll('B', '_')), { kind: 'malformed' }],
  ['a hash without padding', http(200, path(1).replaceAll('=', '')), { kind: 'malformed' }],
  ['a hash with stray bits', http(200, path(1).replaceAll('c=', 'd=')), { kind: 'malformed' }],
  [
    'a hash of 31 bytes',
    http(200, path(1).replaceAll(base64, Buffer.alloc(31).toString('base64'))),
    { kind: 'malformed' },
  ],
  ['a path of 65', http(200, path(65)), { kind: 'malformed' }],
  ['64 KiB + 1', http(200, ok.padEnd(65_537)), { kind: 'malformed', detail: 'bodyTooLarge' }],
  ['no HTTP', Buffer.from('SSH-2.0-x\r\n\r\n'), { kind: 'malformed' }],
  ['headers of 1 MiB', http(200, ok, `x: ${'x'.repeat(1 << 20)}\r\n`), { kind: 'malformed' }],
  [
    'chunks that are none',
    Buffer.from('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'),
    { kind: 'malformed' },
  ],
])('a log that answers %s [WIRE-006.2]', async (_name, bytes, expected) => {
  expect(await proofFrom((socket) => socket.write(bytes))).toMatchObject(expected)
})

test('a path of 64 and exactly 64 KiB are within the limit [WIRE-006.2]', async () => {
  const answer = await proofFrom((socket) => socket.write(http(200, path(64).padEnd(65_536))))
  expect(answer.kind === 'ok' && answer.value.path.length).toBe(64)
})

test.each<[string, Answerer, object]>([
  ['hangs up', (socket) => socket.destroy(), { kind: 'unreachable' }],
  [
    'hangs up in the middle',
    (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{'),
    { kind: 'unreachable' },
  ],
  [
    'answers for ever, fast',
    (socket) => pour(socket, 'x'.repeat(8_192), 0),
    { kind: 'malformed', detail: 'bodyTooLarge' },
  ],
])('a log that %s is given up at once [RELAY-004]', async (_name, answer, expected) => {
  expect(await proofFrom(answer, pool({ totalMs: 2 ** 31 - 1 }))).toMatchObject(expected)
})

test.each<[string, Answerer]>([
  ['never answers', () => {}],
  ['answers for ever, a byte at a time', (socket) => pour(socket, 'x', 20)],
  ['sends headers for ever', (socket) => headers(socket)],
])('a log that %s is given up at the deadline [RELAY-004]', async (_name, answer) => {
  expect(await proofFrom(answer, pool(hurried))).toEqual({ kind: 'unreachable', detail: 'timeout' })
})

function pour(socket: Parameters<Answerer>[0], text: string, everyMs: number): void {
  socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
  const timer = setInterval(() => socket.write(`${text.length.toString(16)}\r\n${text}\r\n`), everyMs)
  socket.on('close', () => clearInterval(timer))
}

function headers(socket: Parameters<Answerer>[0]): void {
  socket.write('HTTP/1.1 200 OK\r\n')
  const timer = setInterval(() => socket.write('x: y\r\n'), 20)
  socket.on('close', () => clearInterval(timer))
}

test('a log that is down is unreachable [RELAY-004]', async () => {
  const { url, close } = await misbehaving(() => {})
  await close()
  const answer = await httpLogClient(pool()).getInclusion(logAt(url), leaf, head, 'token', never)
  expect(answer).toEqual({ kind: 'unreachable', detail: 'ECONNREFUSED' })
})

test('a signal that fires ends a request at once with AbortError, and so does one that has fired [RELAY-104]', async () => {
  const { url } = await server(() => {})
  const client = httpLogClient(pool({ totalMs: 2 ** 31 - 1 }))
  const controller = new AbortController()
  const asked = client.getInclusion(logAt(url), leaf, head, 'token', controller.signal)
  setTimeout(() => controller.abort(), 50)
  await expect(asked).rejects.toMatchObject({ name: 'AbortError' })
  const again = client.getSthConsistency(logAt(url), sized(1), sized(2), 'token', controller.signal)
  await expect(again).rejects.toMatchObject({ name: 'AbortError' })
  await expect(httpPeerClient(pool(), () => null).connect(url, 'token', controller.signal)).rejects.toMatchObject({
    name: 'AbortError',
  })
})

test('equal tokens share a connection, others never do [RELAY-015]', async () => {
  const log = await server((socket) => socket.write(http(200, ok)))
  const client = httpLogClient(pool())
  for (const token of ['a', 'a', 'b', 'a', 'b'])
    expect(await client.getInclusion(logAt(log.url), leaf, head, token, never)).toMatchObject({ kind: 'ok' })
  expect(log.accepted()).toBe(2)
})

test('agents are bounded: an unused one makes room, and where all are busy the answer is unreachable [RELAY-015]', async () => {
  const agents = pool({ maxAgents: 2 })
  const client = httpLogClient(agents)
  const quick = await server((socket) => socket.write(http(200, ok)))
  for (const token of ['a', 'b', 'c', 'd'])
    expect(await client.getInclusion(logAt(quick.url), leaf, head, token, never)).toMatchObject({ kind: 'ok' })
  expect(agents.size).toBe(2)
  await expect.poll(quick.open, polling).toBe(2)
  const slow = await server((socket) => setTimeout(() => socket.write(http(200, ok)), 200))
  const answers = await Promise.all(
    ['e', 'f', 'g'].map((token) => client.getInclusion(logAt(slow.url), leaf, head, token, never)),
  )
  expect(answers.map(({ kind }) => kind)).toEqual(['ok', 'ok', 'unreachable'])
  expect(answers[2]).toEqual({ kind: 'unreachable', detail: 'tooManyCircuits' })
})

test('an agent that is no longer used is closed with its sockets [RELAY-015]', async () => {
  const agents = pool({ idleMs: 50 })
  const log = await server((socket) => socket.write(http(200, ok)))
  await httpLogClient(agents).getInclusion(logAt(log.url), leaf, head, 'a', never)
  expect(agents.size).toBe(1)
  await expect.poll(() => [agents.size, log.open()], polling).toEqual([0, 0])
})

test('a pool that is closed cuts what is open and what is under way [RELAY-015]', async () => {
  const agents = pool()
  const log = await server((socket, request) => {
    if (request.includes('get-proof-by-hash')) socket.write(http(200, ok))
  })
  await httpLogClient(agents).getInclusion(logAt(log.url), leaf, head, 'a', never)
  const waiting = httpLogClient(agents).getSthConsistency(logAt(log.url), head, { ...head, size: 9 }, 'b', never)
  await expect.poll(() => log.requests.length, polling).toBe(2)
  expect([agents.size, log.open()]).toEqual([2, 2])
  await agents.close()
  expect((await waiting).kind).toBe('unreachable')
  await expect.poll(() => [agents.size, log.open()], polling).toEqual([0, 0])
})

test('through SOCKS the token is user name and password, and names are resolved behind the proxy [RELAY-015]', async () => {
  const log = await server((socket) => socket.write(http(200, ok)))
  const proxy = await socksProxy(log.port)
  closers.push(() => proxy.close())
  const agents = pool({}, proxy.port)
  const client = httpLogClient(agents)
  const far = logAt('http://log.example:8080')
  for (const token of ['round 1/log:a', 'round 1/log:a', 'other'])
    expect(await client.getInclusion(far, leaf, head, token, never)).toMatchObject({ kind: 'ok' })
  expect(proxy.asked).toEqual(['round 1/log:a:round 1/log:a@log.example:8080', 'other:other@log.example:8080'])
  await httpPeerClient(agents, () => null).connect('http://ctr.example', 'third', never)
  expect(proxy.asked[2]).toBe('third:third@ctr.example:80')
  await expect(client.getInclusion(far, leaf, head, '', never)).resolves.toMatchObject({ kind: 'unreachable' })
  expect(proxy.asked.length).toBe(3)
})

test('an SFO goes to the well-known address with its hops, and only 200 is ok [RELAY-106, WIRE-001.10]', async () => {
  const replies = [http(200, ''), http(400, '{"error":"notJson"}'), http(503, ''), http(201, '')]
  const ctr = await server((socket) => socket.write(replies.shift() ?? ''))
  const client = httpPeerClient(pool(), () => null)
  const kinds = []
  for (const hops of [1, 1, 1, 0])
    kinds.push((await client.submitSfo(ctr.url, Buffer.from('[{}]'), hops, 'token', never)).kind)
  expect(kinds).toEqual(['ok', 'refused', 'unreachable', 'malformed'])
  expect(ctr.requests[0]).toMatch(/^POST \/\.well-known\/ct-gossip\/v1\/sct-feedback HTTP\/1\.1\r\n/)
  expect(ctr.requests[0]).toMatch(/\r\nctor-hops: 1\r\n/i)
  expect(ctr.requests[0]).toMatch(/\r\ncontent-type: application\/json\r\n/i)
  expect(ctr.requests[0]).toMatch(/\r\n\r\n\[\{\}\]$/)
  expect(ctr.requests[3]).toMatch(/\r\nctor-hops: 0\r\n/i)
})

test('an empty bucket connects without a request, and a dead CTR is unreachable [RELAY-025]', async () => {
  const ctr = await server(() => {})
  const client = httpPeerClient(pool(), () => null)
  expect(await client.connect(ctr.url, 'token', never)).toEqual({ kind: 'ok', value: null })
  await expect.poll(() => ctr.accepted()).toBe(1)
  expect(ctr.requests).toEqual([])
  await ctr.close()
  expect(await client.connect(ctr.url, 'token', never)).toEqual({ kind: 'unreachable', detail: 'ECONNREFUSED' })
  expect(await client.connect('nonsense', 'token', never)).toEqual({ kind: 'unreachable', detail: 'ERR_INVALID_URL' })
})

const pair: ProofPair = {
  leafId: `${'a'.repeat(64)}:${'b'.repeat(64)}`,
  sth: { logId: 'a'.repeat(64), timestamp: 1, size: 2, root: 'c'.repeat(64), signature: '04030000' },
  proof: { leafIndex: 1, path: [] },
}

test('a proof set is fetched by the name of the service, at most `limit` pairs of it [RELAY-105]', async () => {
  const service = await server((socket) => socket.write(http(200, encodeProofSet([pair, pair, pair], 1e6))))
  const client = httpPeerClient(pool(), (address) =>
    address === 'x' ? { origin: service.url, host: 'x.onion' } : null,
  )
  expect(await client.fetchProofs('x', 2, 'token', never)).toEqual({ kind: 'ok', value: [pair, pair] })
  expect(service.requests[0]).toMatch(/\r\nhost: x\.onion\r\n/i)
  expect(await client.fetchProofs('y', 2, 'token', never)).toEqual({ kind: 'unreachable', detail: 'noSuchService' })
})

test('a proof set that is none, or has no end, is malformed [RELAY-105]', async () => {
  const answers = [http(200, '{"version":1}'), http(200, 'x'.repeat(1 << 21))]
  const service = await server((socket) => socket.write(answers.shift() ?? ''))
  const client = httpPeerClient(pool(), () => ({ origin: service.url, host: 'x' }))
  for (let index = 0; index < 2; index++)
    expect(await client.fetchProofs('x', 2, `token${index}`, never)).toMatchObject({ kind: 'malformed' })
})

test('a report answers the challenge on the same connection, and is ok with 200 alone [AUD-002, AUD-027]', async () => {
  const nonce = '0f'.repeat(32)
  let status = 200
  const auditor = await server((socket, request) =>
    socket.write(request.includes('/challenge') ? http(200, JSON.stringify({ nonce })) : http(status, '')),
  )
  const asked: string[] = []
  const client = httpAuditorClient(pool(), (_auditor, given) => {
    asked.push(given)
    return 'cHJvb2Y='
  })
  const target = { auditorId: 'd'.repeat(64), key: 'e'.repeat(64), url: auditor.url }
  expect(await client.report(target, Buffer.from('[{}]'), 'token', never)).toEqual({ kind: 'ok', value: null })
  expect(asked).toEqual([nonce])
  expect(auditor.accepted()).toBe(1)
  expect(auditor.requests[1]).toMatch(/\r\nauthorization: CTor-CTR cHJvb2Y=\r\n/i)
  expect(auditor.requests[1]).toMatch(/\r\n\r\n\[\{\}\]$/)
  for (const [given, kind] of [
    [401, 'refused'],
    [403, 'refused'],
    [503, 'unreachable'],
    [429, 'unreachable'],
  ] as const) {
    status = given
    expect((await client.report(target, Buffer.from('[{}]'), `t${given}`, never)).kind).toBe(kind)
  }
})

test('no SFO is sent to an auditor whose challenge is no nonce, nor without a proof [AUD-002]', async () => {
  const auditor = await server((socket) => socket.write(http(200, '{"nonce":"00"}')))
  const target = { auditorId: 'd'.repeat(64), key: 'e'.repeat(64), url: auditor.url }
  const client = httpAuditorClient(pool(), () => 'x')
  expect(await client.report(target, Buffer.from('[{}]'), 'a', never)).toMatchObject({ kind: 'malformed' })
  const good = await server((socket) => socket.write(http(200, `{"nonce":"${'0'.repeat(64)}"}`)))
  const unready = httpAuditorClient(pool(), () => null)
  const answer = await unready.report({ ...target, url: good.url }, Buffer.from('[{}]'), 'b', never)
  expect(answer).toEqual({ kind: 'unreachable', detail: 'noConsensus' })
  expect([auditor.requests.length, good.requests.length]).toEqual([1, 1])
})
