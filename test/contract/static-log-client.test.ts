// The static-ct client beyond its contract: what exactly a log sees, and what a log or an archive that misbehaves gets.
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { agentPool } from '../../src/adapters/node/agents.ts'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { prometheusMetrics } from '../../src/adapters/node/metrics.ts'
import { staticLogClient } from '../../src/adapters/node/static-ct/static-log-client.ts'
import { type TileSource, tileSource } from '../../src/adapters/node/static-ct/tile-source.ts'
import type { Answer, LogClient } from '../../src/effects/ports.ts'
import { verifyConsistency, verifyInclusion } from '../../src/machines/ct/merkle.ts'
import { inclusionTiles } from '../../src/machines/ct/tile-names.ts'
import type { InclusionAnswer, Log, Sth } from '../../src/machines/ct/types.ts'
import { archiveOf, chainNumber, type FilledLog, filledLog, submit, writeInto } from './filled-log.ts'

const crypto = nodeCrypto()
const never = new AbortController().signal
const closers: (() => Promise<void>)[] = []

afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()))
})

/** A client whose requests to the log are on record, each as `<isolation> <path>`. */
function recording(cacheBytes = 1_000_000, change: (source: TileSource) => TileSource = (source) => source) {
  const agents = agentPool({ maxAgents: 8, idleMs: 10_000, connectMs: 20_000, totalMs: 20_000 })
  closers.push(() => agents.close())
  const requests: string[] = []
  const source = change(tileSource(agents))
  const recorded: TileSource = {
    read(url, path, maxBytes, isolation, signal) {
      requests.push(`${isolation} ${path}`)
      return source.read(url, path, maxBytes, isolation, signal)
    },
  }
  const counted = new Map<string, number>()
  const metrics = {
    count: (name: string, labels: Readonly<Record<string, string>> = {}, by = 1) =>
      void counted.set(`${name} ${labels.result}`, (counted.get(`${name} ${labels.result}`) ?? 0) + by),
    gauge: (name: string, value: number) => void counted.set(name, value),
  }
  const client = staticLogClient({ crypto, metrics, cacheBytes, source: recorded })
  const taken = () => requests.splice(0).toSorted()
  return { client, taken, counted }
}

async function filled(sizes: readonly number[], options = {}): Promise<FilledLog & { readonly log: Log }> {
  const made = await filledLog(sizes, { staticCt: true, ...options })
  closers.push(() => made.devLog.close())
  return { ...made, log: made.devLog.log }
}

/** What a challenge of leaf n by the n-th tree head comes to. */
async function judged(
  client: LogClient,
  { log, leaves }: FilledLog & { log: Log },
  index: number,
  sth: Sth,
  token = 't',
) {
  const leaf = leaves[index] ?? expect.fail(`no leaf ${index}`)
  const answer = await client.getInclusion(log, leaf, sth, token, never)
  return answer.kind === 'ok' ? verdict(answer, leaf.leafHash, sth) : answer
}

function verdict(answer: Answer<InclusionAnswer>, leafHash: string, { size, root }: Sth): string {
  if (answer.kind !== 'ok') return answer.kind
  const { leafIndex, path } = answer.value
  return verifyInclusion(crypto, { leafHash, leafIndex, size, root, path }).ok ? 'proven' : 'badProof'
}

test('a log sees the tiles above the leaf and those of the right edge, and nothing else [WIRE-014.1]', async () => {
  const on = await filled([300])
  const [sth] = on.sths as readonly [Sth]
  const { client, taken } = recording(0)
  const edge = ['t tile/0/001.p/44', 't tile/1/000.p/1']
  expect(await judged(client, on, 3, sth)).toBe('proven')
  expect(taken()).toEqual(['t tile/0/000', ...edge])
  for (const neighbour of [0, 200, 255]) {
    await judged(client, on, neighbour, sth)
    expect(taken()).toEqual(['t tile/0/000', ...edge])
  }
  expect(await judged(client, on, 299, sth)).toBe('proven')
  expect(taken()).toEqual(edge)
})

test('a log sees nothing of a challenge that cannot be one: no leaf index, beyond the tree, or beyond 2^40 [WIRE-013.5]', async () => {
  const on = await filled([5])
  const [sth] = on.sths as readonly [Sth]
  const { client, taken } = recording()
  const ask = (leafIndex: number | null, head: Sth = sth) =>
    client.getInclusion(on.log, { leafHash: '00'.repeat(32), leafIndex }, head, 't', never)
  expect(await ask(null)).toEqual({ kind: 'malformed', detail: 'noLeafIndex' })
  expect(await ask(5)).toEqual({ kind: 'refused', status: 404 })
  expect(await ask(0, { ...sth, size: 2 ** 40 + 1 })).toEqual({ kind: 'malformed', detail: 'numberTooLarge' })
  expect(await client.getSthConsistency(on.log, { ...sth, size: 6 }, sth, 't', never)).toEqual({
    kind: 'malformed',
    detail: 'sizeOrder',
  })
  expect(await client.getSthConsistency(on.log, sth, sth, 't', never)).toEqual({ kind: 'ok', value: [] })
  expect(taken()).toEqual([])
})

test('tiles are kept: those of level 0 for their circuit, the others for all [WIRE-014.4, WIRE-014.6]', async () => {
  const on = await filled([300])
  const [sth] = on.sths as readonly [Sth]
  const { client, taken, counted } = recording()
  await judged(client, on, 3, sth, 'a')
  expect(taken()).toEqual(['a tile/0/000', 'a tile/0/001.p/44', 'a tile/1/000.p/1'])
  await judged(client, on, 7, sth, 'a')
  expect(taken()).toEqual([])
  expect(await judged(client, on, 7, sth, 'b')).toBe('proven')
  expect(taken()).toEqual(['b tile/0/000', 'b tile/0/001.p/44'])
  expect(counted.get('log_tiles_total cached')).toBe(4)
  expect(counted.get('log_tile_cache_bytes')).toBe(2 * (256 + 44) * 32 + 32)
})

test('a full tile that is kept serves as the partial one that it was [WIRE-014.4]', async () => {
  const on = await filled([200, 300])
  const [before, after] = on.sths as readonly [Sth, Sth]
  const { client, taken } = recording()
  await judged(client, on, 3, after)
  taken()
  expect(await judged(client, on, 3, before)).toBe('proven')
  expect(taken()).toEqual([])
})

test('the cache never exceeds its limit, and what was asked for last stays [WIRE-014.6]', async () => {
  const on = await filled([300])
  const [sth] = on.sths as readonly [Sth]
  const { client, taken, counted } = recording(256 * 32 + 32)
  for (const token of ['a', 'b', 'c']) {
    expect(await judged(client, on, 3, sth, token)).toBe('proven')
    expect(counted.get('log_tile_cache_bytes')).toBeLessThanOrEqual(256 * 32 + 32)
  }
  expect(counted.get('log_tiles_total evicted')).toBeGreaterThan(0)
  taken()
  await judged(client, on, 299, sth, 'c')
  expect(taken()).toEqual([])
})

test('who asks at the same time on one circuit shares the request; other circuits ask for themselves [WIRE-014.6]', async () => {
  const on = await filled([5])
  const [sth] = on.sths as readonly [Sth]
  const { client, taken } = recording(0)
  const all = [0, 1, 2, 3].map((index) => judged(client, on, index, sth, index < 3 ? 'a' : 'b'))
  expect(await Promise.all(all)).toEqual(Array(4).fill('proven'))
  expect(taken()).toEqual(['a tile/0/000.p/5', 'b tile/0/000.p/5'])
})

test('who no longer waits does not take a shared request from the others; the last one to leave ends it [WIRE-014.6]', async () => {
  const on = await filled([5])
  const [sth] = on.sths as readonly [Sth]
  let ended = 0
  let free = () => {}
  const gate = new Promise<void>((resolve) => {
    free = resolve
  })
  const { client } = recording(0, (source) => ({
    async read(url, path, maxBytes, isolation, signal) {
      signal.addEventListener('abort', () => ended++)
      await Promise.race([gate, new Promise((resolve) => signal.addEventListener('abort', resolve))])
      return source.read(url, path, maxBytes, isolation, signal)
    },
  }))
  const leaf = on.leaves[0] ?? expect.fail()
  const leaving = new AbortController()
  const first = client.getInclusion(on.log, leaf, sth, 't', leaving.signal)
  const second = client.getInclusion(on.log, leaf, sth, 't', never)
  leaving.abort()
  await expect(first).rejects.toMatchObject({ name: 'AbortError' })
  expect(ended).toBe(0)
  free()
  expect(verdict(await second, leaf.leafHash, sth)).toBe('proven')
  const alone = new AbortController()
  const third = client.getInclusion(on.log, leaf, { ...sth, size: 4 }, 't', alone.signal)
  alone.abort()
  await expect(third).rejects.toMatchObject({ name: 'AbortError' })
  expect(ended).toBe(1)
})

test('where a partial tile has vanished the full one serves, and its first hashes prove [WIRE-014.5]', async () => {
  const on = await filled([200, 300], { fault: { kind: 'no-partials' } })
  const [before] = on.sths as readonly [Sth]
  const { client, taken, counted } = recording()
  expect(await judged(client, on, 3, before)).toBe('proven')
  expect(taken()).toEqual(['t tile/0/000', 't tile/0/000.p/200'])
  expect(counted.get('log_tiles_total fallback')).toBe(1)
})

test.each([
  // Of the tile above, the hash over the leaf's own tile is not part of the path.
  [0, 'badProof'],
  [1, 'proven'],
])('flipped tiles of level %i: %s; they are not kept and do no harm later [WIRE-014.4]', async (level, outcome) => {
  const on = await filled([300], { fault: { kind: 'tile-flip', level } })
  const [sth] = on.sths as readonly [Sth]
  const { client, taken, counted } = recording()
  expect(await judged(client, on, 3, sth)).toBe(outcome)
  expect(counted.get('log_tiles_total false')).toBe(1)
  expect(counted.get('log_tile_cache_bytes')).toBeUndefined()
  on.devLog.setFault([])
  taken()
  expect(await judged(client, on, 3, sth)).toBe('proven')
  expect(taken()).toHaveLength(3)
})

test('a flipped tile makes a consistency proof that does not verify, so that the view learns of it [WIRE-014.3]', async () => {
  const on = await filled([5, 300], { fault: { kind: 'tile-flip', level: 0 } })
  const [first, second] = on.sths as readonly [Sth, Sth]
  const { client } = recording()
  const answer = await client.getSthConsistency(on.log, first, second, 't', never)
  if (answer.kind !== 'ok') return expect.fail(answer.kind)
  const sizes = { size1: first.size, root1: first.root, size2: second.size, root2: second.root }
  expect(verifyConsistency(crypto, { ...sizes, path: answer.value }).ok).toBe(false)
})

test('a log that shows two trees is not judged by kept tiles of the other one: all are asked for anew, once [WIRE-014.4]', async () => {
  const on = await filled([5])
  const [sth] = on.sths as readonly [Sth]
  const { client, taken } = recording()
  await judged(client, on, 3, sth)
  on.devLog.setFault({ kind: 'split-view', serve: 'shadow' })
  const other = on.devLog.sth('shadow')
  taken()
  const answer = await client.getInclusion(on.log, on.leaves[3] ?? expect.fail(), other, 't', never)
  expect(taken()).toEqual(['t tile/0/000.p/5'])
  if (answer.kind !== 'ok') return expect.fail(answer.kind)
  const { leafHash = '', leafIndex, path } = answer.value
  expect(leafHash).not.toBe(on.leaves[3]?.leafHash)
  expect(verifyInclusion(crypto, { leafHash, leafIndex, size: 5, root: other.root, path }).ok).toBe(true)
})

test('a checkpoint ahead of its tiles is refused [WIRE-013.5]', async () => {
  const on = await filled([5], { fault: { kind: 'tiles-behind' } })
  expect(await judged(recording().client, on, 0, on.sths[0] as Sth)).toEqual({ kind: 'refused', status: 404 })
})

test('a wrong leaf index shows which leaf is there; without one there is no request [WIRE-014.2, WIRE-013.5]', async () => {
  const on = await filled([5], { fault: { kind: 'wrong-index', by: 2 } })
  const [sth] = on.sths as readonly [Sth]
  const { client } = recording()
  const leaf = on.leaves[0] ?? expect.fail()
  expect(leaf.leafIndex).toBe(2)
  const answer = await client.getInclusion(on.log, leaf, sth, 't', never)
  if (answer.kind !== 'ok') return expect.fail(answer.kind)
  const { leafHash: found = '', ...proof } = answer.value
  expect(found).toBe(on.leaves[2]?.leafHash)
  expect(verifyInclusion(crypto, { leafHash: found, ...proof, size: sth.size, root: sth.root }).ok).toBe(true)
  expect(verifyInclusion(crypto, { leafHash: leaf.leafHash, ...proof, size: sth.size, root: sth.root }).ok).toBe(false)
})

test('two SCTs with one index, and SCTs with none, are what the faults say [WIRE-013.1]', async () => {
  const same = await filled([3], { fault: { kind: 'same-index' } })
  expect(same.leaves.map(({ leafIndex }) => leafIndex)).toEqual([0, 0, 1])
  const none = await filled([2], { fault: { kind: 'no-index' } })
  expect(none.leaves.map(({ leafIndex }) => leafIndex)).toEqual([null, null])
})

test('a withheld leaf has its place taken once there are others behind it, which have theirs [WIRE-014.2]', async () => {
  const on = await filled([2])
  const { devLog } = on
  devLog.setFault({ kind: 'withhold', leaves: 'all' })
  const withheld = submit(devLog, await chainNumber(2))
  devLog.merge()
  expect(devLog.publish().size).toBe(2)
  devLog.setFault({ kind: 'withhold', leaves: { hashes: [withheld.leafHash] } })
  const behind = submit(devLog, await chainNumber(3))
  devLog.merge()
  const sth = devLog.publish()
  expect([withheld.leafIndex, behind.leafIndex, sth.size]).toEqual([2, 3, 4])
  const { client } = recording()
  expect(verdict(await client.getInclusion(on.log, behind, sth, 't', never), behind.leafHash, sth)).toBe('proven')
  expect(verdict(await client.getInclusion(on.log, withheld, sth, 't', never), withheld.leafHash, sth)).toBe('badProof')
})

async function serving(
  answer: (path: string) => { readonly status: number; readonly body: Uint8Array | string },
): Promise<Log> {
  const server = createServer((request, response) => {
    const { status, body } = answer(request.url ?? '')
    response.writeHead(status).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => new Promise((resolve) => void server.close(() => resolve()).closeAllConnections()))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { logId: 'a'.repeat(64), key: '', mmd: 0, url, monitoringUrl: `${url}/m` }
}

const head: Sth = { logId: 'a'.repeat(64), timestamp: 1, size: 5, root: '0'.repeat(64), signature: '04030000' }

test.each([
  ['a hash too few', 200, new Uint8Array(4 * 32), { kind: 'malformed', detail: 'tileLength' }],
  ['a byte too few', 200, new Uint8Array(5 * 32 - 1), { kind: 'malformed', detail: 'tileLength' }],
  ['a byte too many', 200, new Uint8Array(5 * 32 + 1), { kind: 'malformed', detail: 'bodyTooLarge' }],
  ['a megabyte', 200, new Uint8Array(1_000_000), { kind: 'malformed', detail: 'bodyTooLarge' }],
  ['nothing', 200, '', { kind: 'malformed', detail: 'tileLength' }],
  ['an error', 503, 'busy', { kind: 'unreachable', detail: 'status 503' }],
  ['too many requests', 429, '', { kind: 'unreachable', detail: 'status 429' }],
  ['forbidden, as an object store says of what is not there', 403, '', { kind: 'refused', status: 403 }],
  ['a redirect', 302, '', { kind: 'malformed', detail: 'status 302' }],
])('a tile that is %s [WIRE-014.5, WIRE-006.2]', async (_name, status, body, expected) => {
  const log = await serving(() => ({ status, body }))
  const leaf = { leafHash: '00'.repeat(32), leafIndex: 0 }
  expect(await recording().client.getInclusion(log, leaf, head, 't', never)).toEqual(expected)
})

test('where the partial tile is refused and the full one is of another length, that is malformed [WIRE-014.5]', async () => {
  const log = await serving((path) => (path.includes('.p/') ? { status: 404, body: '' } : { status: 200, body: 'x' }))
  const leaf = { leafHash: '00'.repeat(32), leafIndex: 0 }
  const answer = await recording().client.getInclusion(log, leaf, head, 't', never)
  expect(answer).toEqual({ kind: 'malformed', detail: 'tileLength' })
})

test.each([
  ['of more than 128 KiB', 'x'.repeat(128 * 1024 + 1), 'bodyTooLarge'],
  ['that is no note', 'not found', 'notNote'],
  [
    'of another log',
    'other.example/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— other.example/log AAAAAAA=\n',
    'otherOrigin',
  ],
])('a checkpoint %s is malformed [WIRE-013.3, WIRE-013.4]', async (_name, body, detail) => {
  const log = await serving(() => ({ status: 200, body }))
  expect(await recording().client.getSth(log, 't', never)).toEqual({ kind: 'malformed', detail })
})

test('an archive gives nothing from outside its folder, no pipe or folder, and nothing too large [WIRE-014.1]', async () => {
  const on = await filled([5])
  const archive = await archiveOf(on, inclusionTiles(0, 5))
  closers.push(archive.remove)
  const { log, folder } = archive
  const read = (path: string, maxBytes = 100) =>
    tileSource(agentPool()).read(log.monitoringUrl ?? '', path, maxBytes, 't', never)
  const missing = { kind: 'refused', status: 404 }
  await writeFile(join(folder, '..', 'ctor-outside'), 'secret')
  await symlink('../ctor-outside', join(folder, 'link'))
  await mkdir(join(folder, 'tile', '5'), { recursive: true })
  await writeInto(folder, 'large', new Uint8Array(101))
  expect(await read('../ctor-outside')).toEqual(missing)
  expect(await read('link')).toEqual(missing)
  expect(await read('tile/5')).toEqual(missing)
  expect(await read('nothing')).toEqual(missing)
  expect(await read('checkpoint/more')).toEqual(missing)
  expect(await read('large')).toEqual({ kind: 'malformed', detail: 'bodyTooLarge' })
  expect(await read('large', 101)).toEqual({ kind: 'ok', value: new Uint8Array(101) })
  const elsewhere = { ...log, monitoringUrl: 'file://remote.example/share' }
  expect(await recording().client.getSth(elsewhere, 't', never)).toMatchObject({ kind: 'unreachable' })
})

test('what the client counts is in the table of metrics', async () => {
  const metrics = prometheusMetrics()
  for (const result of ['cached', 'fetched', 'evicted', 'fallback', 'false'])
    metrics.count('log_tiles_total', { result })
  metrics.gauge('log_tile_cache_bytes', 1)
  expect(await metrics.exposition()).toContain('ctor_log_tiles_total{result="cached"} 1')
})
