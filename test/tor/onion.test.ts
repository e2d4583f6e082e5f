// Circuits and onion services on real tor: isolation by token, names that Tor alone resolves, services that come, go, and survive tor's
// restart [RELAY-015, RELAY-018, RELAY-107, WIRE-007].
import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { agentPool } from '../../src/adapters/node/agents.ts'
import { exchange } from '../../src/adapters/node/http/exchange.ts'
import { openControl } from '../../src/adapters/node/tor/control.ts'
import { type TorOnion, torOnion, torOnionDefaults } from '../../src/adapters/node/tor/onion-services.ts'
import { onionServicesSuite } from '../contract/suites/onion-services.ts'
import { startTorNetwork, type TorClient, type TorNetwork } from './network.ts'
import { connectTo, watchStreams } from './streams.ts'

const limits = { maxAgents: 64, idleMs: 60_000, connectMs: 12_000, totalMs: 15_000 }
const polling = { timeout: 90_000, interval: 200 }
const never = new AbortController().signal
let network: TorNetwork
let server: Server
let port: number
let client: TorClient
let host: TorClient

beforeAll(async () => {
  network = await startTorNetwork({ clients: 2, readyMs: 150_000, progress: (line) => console.log(`tor: ${line}`) })
  ;[client, host] = network.clients as [TorClient, TorClient]
  server = createServer((request, response) => response.end(`hello ${request.headers.host}`))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as { port: number }).port
})

afterAll(async () => {
  server?.close()
  server?.closeAllConnections()
  await network?.close()
})

function onionAt(at: TorClient): TorOnion {
  return torOnion({ open: () => openControl(at.control), port: () => port, ...torOnionDefaults })
}

/** A circuit of a young network may fail: one that fails is tried again, each time on a fresh one. */
async function get(url: string, isolation: string): Promise<string> {
  const agents = agentPool(limits, client.socks)
  let said = ''
  const attempt = async (n: number) => {
    const answer = await exchange(agents, `${isolation}-${n}`, { method: 'GET', url, maxAnswerBytes: 1_000 }, never)
    said = answer.kind === 'ok' ? Buffer.from(answer.value).toString() : answer.kind
    return answer.kind
  }
  let tries = 0
  await expect.poll(() => attempt(++tries), polling).toBe('ok')
  await agents.close()
  return said
}

onionServicesSuite('on real tor', async () => onionAt(host))

test('an onion service is reached through Tor, and no longer once it is retired [RELAY-018]', async () => {
  const onion = onionAt(host)
  const address = (await onion.services.publish()) ?? ''
  expect(await get(`http://${address}`, 'alive')).toBe(`hello ${address}`)
  await onion.services.retire(address)
  const control = await connectTo(client)
  await control.ask('SIGNAL NEWNYM')
  control.close()
  const agents = agentPool(limits, client.socks)
  const outgoing = { method: 'GET', url: `http://${address}`, maxAnswerBytes: 1_000 } as const
  expect((await exchange(agents, 'retired', outgoing, never)).kind).toBe('unreachable')
  await agents.close()
  await onion.close()
})

test('equal tokens share a circuit, different ones never do, and names are resolved by Tor alone [RELAY-015]', async () => {
  const control = await connectTo(client)
  expect((await control.ask('MAPADDRESS log.test=127.0.0.1')).ok).toBe(true)
  const watched = await watchStreams(client)
  const agents = agentPool({ ...limits, idleMs: 0 }, client.socks)
  const ask = async (isolation: string) => {
    const outgoing = { method: 'GET', url: `http://log.test:${port}`, maxAnswerBytes: 1_000 } as const
    const kind = async () => (await exchange(agents, isolation, outgoing, never)).kind
    await expect.poll(kind, polling).toBe('ok')
    const seen = watched.streams.filter(({ target }) => target.startsWith('log.test:')).length
    return seen
  }
  let seen = 0
  const circuits: string[] = []
  for (const token of ['one', 'two', 'three', 'one']) {
    await ask(token)
    await expect.poll(() => watched.streams.length, polling).toBeGreaterThan(seen)
    seen = watched.streams.length
    circuits.push(watched.streams.at(-1)?.circuit ?? '')
  }
  expect(new Set(circuits.slice(0, 3)).size).toBe(3)
  expect(circuits[3]).toBe(circuits[0])
  watched.close()
  control.close()
  await agents.close()
})

test('a standing service is reached under its address again after tor was killed and came back [RELAY-018]', async () => {
  const changes: (string | null)[] = []
  const options = { open: () => openControl(host.control), port: () => port, ...torOnionDefaults }
  const onion = torOnion({ ...options, onChange: (error) => changes.push(error) })
  const address = (await onion.stand(port)) ?? ''
  expect(await get(`http://${address}`, 'before')).toBe(`hello ${address}`)
  const round = (await onion.services.publish()) ?? ''
  await host.kill()
  await expect.poll(() => onion.serves(round), polling).toBe(false)
  host.start()
  await expect.poll(() => changes.at(-1), polling).toBeNull()
  expect(await get(`http://${address}`, 'after')).toBe(`hello ${address}`)
  await expect.poll(() => onion.services.publish(), polling).not.toBeNull()
  await onion.close()
})
