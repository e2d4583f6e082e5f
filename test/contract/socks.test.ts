// Circuits: a token is a circuit, names go to the proxy as they are, and whatever the proxy answers ends as an outcome [RELAY-015, RELAY-004,
// WIRE-006.2, WIRE-007.1].
import { createServer, type Server } from 'node:http'
import { createServer as createTcpServer, Socket } from 'node:net'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { agentPool } from '../../src/adapters/node/agents.ts'
import { exchange } from '../../src/adapters/node/http/exchange.ts'
import { httpPeerClient, resolveTorOnion } from '../../src/adapters/node/peer-client.ts'
import { encodeOnionAddress } from '../../src/machines/tor/onion-address.ts'
import { type FakeSocks, fakeSocks } from './fake-socks.ts'
import { forbidDns } from './forbid-dns.ts'

const never = new AbortController().signal
const limits = { maxAgents: 64, idleMs: 60_000, connectMs: 50_000, totalMs: 50_000 }
let server: Server
let port: number

beforeAll(async () => {
  server = createServer((_request, response) => response.end('{"version":1,"pairs":[]}'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as { port: number }).port
})

afterAll(() => {
  server.close()
  server.closeAllConnections()
})

const get = (url: string) => ({ method: 'GET', url, maxAnswerBytes: 1_000 }) as const

async function withSocks<T>(reply: number | 'closes' | 'silent', use: (socks: FakeSocks) => Promise<T>): Promise<T> {
  const socks = await fakeSocks(reply, port)
  try {
    return await use(socks)
  } finally {
    await socks.close()
  }
}

const replies = [1, 2, 3, 4, 5, 6, 7, 8, 0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xff, 'closes'] as const

for (const reply of replies) {
  const name = typeof reply === 'number' ? `answers 0x${reply.toString(16).padStart(2, '0')}` : reply
  test(`a SOCKS port that ${name}: unreachable, for a request and for a mere connection [RELAY-004, WIRE-006.2]`, () =>
    withSocks(reply, async (socks) => {
      const agents = agentPool(limits, socks)
      const peers = httpPeerClient(agents, resolveTorOnion)
      expect((await exchange(agents, 'a', get('http://log.test'), never)).kind).toBe('unreachable')
      expect((await peers.connect('http://ctr.test', 'b', never)).kind).toBe('unreachable')
      expect((await peers.submitSfo('https://ctr.test', new Uint8Array(1), 1, 'c', never)).kind).toBe('unreachable')
      await agents.close()
    }))
}

test('a SOCKS port or an onion service that never answers: unreachable within the limit [RELAY-004]', () =>
  withSocks('silent', async (socks) => {
    const agents = agentPool({ ...limits, connectMs: 100, totalMs: 200 }, socks)
    const peers = httpPeerClient(agents, resolveTorOnion)
    const address = encodeOnionAddress(new Uint8Array(32).fill(7))
    expect((await peers.fetchProofs(address, 1, 'a', never)).kind).toBe('unreachable')
    expect((await peers.connect('http://ctr.test', 'b', never)).kind).toBe('unreachable')
    await agents.close()
  }))

test('a SOCKS port where nothing listens: unreachable [RELAY-004]', async () => {
  const gone = await fakeSocks(0, port)
  await gone.close()
  const agents = agentPool(limits, gone)
  expect((await exchange(agents, 'a', get('http://log.test'), never)).kind).toBe('unreachable')
  await agents.close()
})

test('an onion service whose web server never answers is unreachable [RELAY-105]', async () => {
  const silent = createTcpServer(() => {})
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const socks = await fakeSocks(0, (silent.address() as { port: number }).port)
  const agents = agentPool({ ...limits, totalMs: 200 }, socks)
  const address = encodeOnionAddress(new Uint8Array(32).fill(7))
  expect((await httpPeerClient(agents, resolveTorOnion).fetchProofs(address, 1, 'a', never)).kind).toBe('unreachable')
  await agents.close()
  await socks.close()
  silent.close()
})

test('each token has connections of its own, with itself as user and password; names arrive unresolved [RELAY-015]', () =>
  withSocks(0, async (socks) => {
    const agents = agentPool(limits, socks)
    for (const token of ['one', 'two', 'one', 'three']) {
      expect((await exchange(agents, token, get('http://log.test:8080/x'), never)).kind).toBe('ok')
    }
    expect(socks.asked).toEqual(
      ['one', 'two', 'three'].map((token) => ({
        user: token,
        password: token,
        host: 'log.test',
        port: 8080,
        note: null,
      })),
    )
    await agents.close()
  }))

test('a token that SOCKS or tor could not take as it is opens no connection [RELAY-015]', () =>
  withSocks(0, async (socks) => {
    const agents = agentPool(limits, socks)
    for (const token of ['', 'x'.repeat(256), 'é'.repeat(128), '<torS0X>', '<torS0X>1x'])
      expect(await exchange(agents, token, get('http://log.test'), never), token).toEqual({
        kind: 'unreachable',
        detail: 'TypeError',
      })
    const taken = ['x'.repeat(255), 'x<torS0X>', ' ', 'a:b@c/%00']
    for (const token of taken) expect((await exchange(agents, token, get('http://log.test'), never)).kind).toBe('ok')
    expect(socks.asked.map(({ user, password }) => [user, password])).toEqual(taken.map((token) => [token, token]))
    await agents.close()
  }))

test('with Tor configured no DNS query and no connection to anything but its SOCKS port leaves [RELAY-015]', () =>
  withSocks(0, async (socks) => {
    const connections: unknown[] = []
    const original = Socket.prototype.connect
    const watched = function (this: Socket, ...given: unknown[]) {
      const [first] = given.flat() as [{ port?: number; host?: string }]
      connections.push([first.host, first.port])
      return Reflect.apply(original, this, given)
    }
    const connect = vi.spyOn(Socket.prototype, 'connect').mockImplementation(watched as never)
    const queries = forbidDns()
    try {
      const agents = agentPool(limits, socks)
      const peers = httpPeerClient(agents, resolveTorOnion)
      const address = encodeOnionAddress(new Uint8Array(32).fill(9))
      expect((await exchange(agents, 'log', get('http://log.test'), never)).kind).toBe('ok')
      expect((await peers.connect('http://ctr.test', 'ctr', never)).kind).toBe('ok')
      expect((await peers.submitSfo('http://ctr.test', new Uint8Array(1), 1, 'sfo', never)).kind).toBe('ok')
      expect((await peers.fetchProofs(address, 1, 'onion', never)).kind).toBe('ok')
      // The web server speaks no TLS: only the way there is looked at.
      expect((await exchange(agents, 'tls', get('https://tls.test'), never)).kind).toBe('unreachable')
      await agents.close()
      expect(socks.asked.map(({ host, port }) => `${host}:${port}`)).toEqual([
        'log.test:80',
        'ctr.test:80',
        'ctr.test:80',
        `${address}:80`,
        'tls.test:443',
      ])
      expect(queries.made()).toEqual([])
      // The fake's own connections to the web server are the other ones.
      const others = connections.filter((one) => JSON.stringify(one) !== JSON.stringify(['127.0.0.1', port]))
      expect(others).toEqual(Array.from({ length: 5 }, () => [socks.host, socks.port]))
    } finally {
      connect.mockRestore()
      queries.allow()
    }
  }))

test('an onion name that is no v3 address, or without Tor, is never asked for [WIRE-007.1]', () =>
  withSocks(0, async (socks) => {
    const right = encodeOnionAddress(new Uint8Array(32).fill(7))
    const wrong = [`b${right.slice(1)}`, 'expyuzz4wqqyqhjn.onion', 'x.onion', `www.${right}`, `${right}.`]
    const throughTor = agentPool(limits, socks)
    const direct = agentPool(limits)
    // The name of something else.
    expect((await exchange(throughTor, 'c', get('http://log.onion.test'), never)).kind).toBe('ok')
    expect(socks.asked.splice(0)).toHaveLength(1)
    for (const host of wrong) {
      const answer = await exchange(throughTor, 'a', get(`http://${host}`), never)
      expect(answer, host).toEqual({ kind: 'unreachable', detail: 'badOnionAddress' })
    }
    expect(socks.asked).toEqual([])
    for (const host of [right, ...wrong])
      expect(await exchange(direct, 'a', get(`http://${host}`), never), host).toMatchObject({
        detail: 'badOnionAddress',
      })
    expect((await exchange(throughTor, 'b', get(`http://${right.toUpperCase()}`), never)).kind).toBe('ok')
    await Promise.all([throughTor.close(), direct.close()])
  }))
