// Circuits and onion services on real tor: isolation by token, names that Tor alone resolves, services that come, go, and survive tor's
// restart [RELAY-015, RELAY-018, RELAY-107, WIRE-007].
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join, relative } from 'node:path'
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

/** Notes the secret keys that tor hands out, in base64. */
async function openNotingKeys(keys: string[]) {
  const opened = await openControl(host.control)
  if (!opened.ok) return opened
  const { value: connection } = opened
  const ask: typeof connection.ask = async (...given) => {
    const asked = await connection.ask(...given)
    for (const { text } of asked.ok ? asked.value.lines : [])
      keys.push(...(/^PrivateKey=ED25519-V3:(.*)$/.exec(text)?.slice(1) ?? []))
    return asked
  }
  return { ok: true, value: { ...connection, ask } } as const
}

/** Files below this folder that hold one of these, by their names within it. */
function filesWith(needles: readonly Buffer[], folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => needles.some((needle) => readFileSync(path).includes(needle)))
    .map((path) => relative(folder, path))
}

onionServicesSuite('on real tor', async () => onionAt(host))

test('an onion service is reached through Tor, and no longer once it is retired, while another one still is [RELAY-018]', async () => {
  const onion = onionAt(host)
  const address = (await onion.services.publish()) ?? ''
  const other = (await onion.services.publish()) ?? ''
  expect(await get(`http://${address}`, 'alive')).toBe(`hello ${address}`)
  await onion.services.retire(address)
  const control = await connectTo(client)
  await control.ask('SIGNAL NEWNYM')
  control.close()
  const agents = agentPool(limits, client.socks)
  const outgoing = { method: 'GET', url: `http://${address}`, maxAnswerBytes: 1_000 } as const
  const [gone, still] = await Promise.all([
    exchange(agents, 'retired', outgoing, never),
    get(`http://${other}`, 'not retired'),
  ])
  expect(gone.kind).toBe('unreachable')
  expect(still).toBe(`hello ${other}`)
  await agents.close()
  await onion.close()
})

test('equal tokens share a circuit, different ones never do, and names are resolved by Tor alone [RELAY-015]', async () => {
  const control = await connectTo(client)
  expect((await control.ask('MAPADDRESS log.test=127.0.0.1')).ok).toBe(true)
  const watched = await watchStreams(client)
  const agents = agentPool({ ...limits, idleMs: 0 }, client.socks)
  // Tor's own streams, for consensus and descriptors, are told beside them.
  const streams = () => watched.streams.filter(({ target }) => target.startsWith('log.test:'))
  const outgoing = { method: 'GET', url: `http://log.test:${port}`, maxAnswerBytes: 1_000 } as const
  let seen = 0
  const circuits: string[] = []
  for (const token of ['one', 'two', 'three', 'one']) {
    await expect.poll(async () => (await exchange(agents, token, outgoing, never)).kind, polling).toBe('ok')
    await expect.poll(() => streams().length, polling).toBeGreaterThan(seen)
    seen = streams().length
    circuits.push(streams().at(-1)?.circuit ?? '')
  }
  expect(new Set(circuits.slice(0, 3)).size).toBe(3)
  expect(circuits[3]).toBe(circuits[0])
  watched.close()
  control.close()
  await agents.close()
})

test('a standing service is reached under its address again after tor ended and came back, and no key is on disk [RELAY-018]', async () => {
  const changes: (string | null)[] = []
  const keys: string[] = []
  const options = { open: () => openNotingKeys(keys), port: () => port, ...torOnionDefaults }
  const onion = torOnion({ ...options, onChange: (error) => changes.push(error) })
  const address = (await onion.stand(port)) ?? ''
  expect(await get(`http://${address}`, 'before')).toBe(`hello ${address}`)
  const round = (await onion.services.publish()) ?? ''
  // Orderly, since a tor that ends so writes down what it wants to keep.
  await host.kill('SIGTERM')
  await expect.poll(() => onion.serves(round), polling).toBe(false)
  host.start()
  await expect.poll(() => changes.at(-1), polling).toBeNull()
  expect(await get(`http://${address}`, 'after')).toBe(`hello ${address}`)
  await expect.poll(() => onion.services.publish(), polling).not.toBeNull()
  await onion.close()
  await host.kill('SIGTERM')
  const [key = ''] = keys
  expect(keys).toEqual([key])
  const secrets = [Buffer.from(key), Buffer.from(key, 'base64'), Buffer.from(key, 'base64').subarray(0, 32)]
  expect(secrets.map(({ length }) => length)).toEqual([88, 64, 32])
  const services = [address, round].map((one) => Buffer.from(one.slice(0, 56)))
  expect(filesWith([...secrets, ...services], host.folder)).toEqual([])
  // Where something is on disk, it is found.
  expect(filesWith([Buffer.from('ControlPort')], host.folder)).toEqual(['torrc'])
})
