// What a static-ct client asks for, takes and keeps, over trees in memory [WIRE-013, WIRE-014].
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { staticLogClient } from '../../src/adapters/node/static-ct/static-log-client.ts'
import type { TileSource } from '../../src/adapters/node/static-ct/tile-source.ts'
import type { Answer } from '../../src/effects/ports.ts'
import { concat, toHex, utf8 } from '../../src/machines/ct/bytes.ts'
import { encodeCheckpoint } from '../../src/machines/ct/checkpoint.ts'
import { verifyInclusion } from '../../src/machines/ct/merkle.ts'
import { inclusionTiles, type TileName, tilePath } from '../../src/machines/ct/tile-names.ts'
import type { InclusionAnswer, Sth } from '../../src/machines/ct/types.ts'
import { hashLeaf, type Tree, treeOf } from './oracles/merkle-tree.ts'

const crypto = nodeCrypto()
const never = new AbortController().signal
const logId = 'ab'.repeat(32)
const log = { logId, key: '', mmd: 0, url: 'http://log.test/a', monitoringUrl: 'http://log.test/tiles' }
const largest = 700
const leaves = Array.from({ length: largest }, (_, n) => hashLeaf(String(n)))
const trees = new Map<number, Tree>()

function treeOfSize(size: number): Tree {
  const tree = trees.get(size) ?? treeOf(leaves.slice(0, size))
  trees.set(size, tree)
  return tree
}

const headOf = (size: number): Sth => ({
  logId,
  timestamp: 1,
  size,
  root: toHex(treeOfSize(size).range(0, size)),
  signature: '04030000',
})

/** The file at a path of a log with `size` leaves; null where it has none. */
function fileOf(size: number, path: string): Uint8Array | null {
  const [, l, n = '', w = '256'] = /^tile\/(\d)\/(\d{3})(?:\.p\/(\d+))?$/.exec(path) ?? []
  if (l === undefined) return null
  const [unit, first, width] = [256 ** Number(l), Number(n) * 256, Number(w)]
  if ((first + width) * unit > size) return null
  const { range } = treeOfSize(size)
  return concat(...Array.from({ length: width }, (_, i) => range((first + i) * unit, (first + i + 1) * unit)))
}

type Serve = (path: string, maxBytes: number) => Uint8Array | null

/** A client, what it asked for as `<isolation> <path>`, and the bytes that it kept. */
function clientOf(serve: Serve, cacheBytes: number) {
  const requests: string[] = []
  const kept: number[] = []
  const source: TileSource = {
    async read(_, path, maxBytes, isolation) {
      requests.push(`${isolation} ${path}`)
      const value = serve(path, maxBytes)
      return value === null ? { kind: 'refused', status: 404 } : { kind: 'ok', value }
    },
  }
  const metrics = { count: () => undefined, gauge: (_: string, bytes: number) => void kept.push(bytes) }
  return { client: staticLogClient({ crypto, source, cacheBytes, metrics }), requests, kept }
}

const leafOf = (index: number) => ({ leafHash: toHex(leaves[index] as Uint8Array), leafIndex: index })

function isProven(answer: Answer<InclusionAnswer>, index: number, { size, root }: Sth): boolean {
  if (answer.kind !== 'ok') return false
  const { leafIndex, path } = answer.value
  return leafIndex === index && verifyInclusion(crypto, { ...leafOf(index), size, root, path }).ok
}

const sizeAndLeaf = fc
  .oneof(fc.integer({ min: 1, max: largest }), fc.constantFrom(255, 256, 257, 511, 512, 513))
  .chain((size) => fc.tuple(fc.constant(size), fc.integer({ min: 0, max: size - 1 })))

test('a checkpoint is asked for with 128 KiB as its limit, and a longer one is refused [WIRE-013.4]', async () => {
  const limit = 128 * 1024
  const text = encodeCheckpoint(crypto, 'log.test/a', headOf(5))
  const witness = (length: number) => utf8(`\u2014 ${'w'.repeat(length - 14)} AAAAAAAA\n`)
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: limit - 9, max: limit + 9 }), async (size) => {
      const asked: number[] = []
      const serve: Serve = (path, maxBytes) => {
        asked.push(maxBytes)
        return path === 'checkpoint' ? concat(text, witness(size - text.length)) : null
      }
      const answer = await clientOf(serve, 0).client.getSth(log, 't', never)
      expect(asked).toEqual([limit])
      expect(answer).toEqual(
        size > limit ? { kind: 'malformed', detail: 'tooLarge' } : { kind: 'ok', value: headOf(5) },
      )
    }),
    { numRuns: 20 },
  )
})

test('no request goes out without a leaf index or for one that is not below the size [WIRE-013.5]', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: largest }), fc.nat(largest), async (size, beyond) => {
      const { client, requests } = clientOf((path) => fileOf(size, path), 0)
      const ask = (leafIndex: number | null) =>
        client.getInclusion(log, { ...leafOf(0), leafIndex }, headOf(size), 't', never)
      expect(await ask(null)).toEqual({ kind: 'malformed', detail: 'noLeafIndex' })
      expect(await ask(size + beyond)).toEqual({ kind: 'refused', status: 404 })
      expect(requests).toEqual([])
    }),
    { numRuns: 30 },
  )
})

test('a partial tile that is refused is asked for as the full one, whose first hashes prove [WIRE-014.5]', async () => {
  await fc.assert(
    fc.asyncProperty(sizeAndLeaf, async ([size, index]) => {
      const isGone = (path: string) => path.includes('.p/') && fileOf(largest, path.replace(/\.p\/.*/, '')) !== null
      const { client, requests } = clientOf((path) => (isGone(path) ? null : fileOf(largest, path)), 1_000_000)
      const sth = headOf(size)
      expect(isProven(await client.getInclusion(log, leafOf(index), sth, 't', never), index, sth)).toBe(true)
      const wanted = inclusionTiles(index, size).map(tilePath)
      const instead = wanted.filter(isGone).map((path) => path.replace(/\.p\/.*/, ''))
      expect(requests.toSorted()).toEqual([...wanted, ...instead].map((path) => `t ${path}`).toSorted())
    }),
    { numRuns: 60 },
  )
})

test('a tile that is not 32 bytes a hash is malformed, also the full one in place of a partial [WIRE-014.5]', async () => {
  const change = fc.integer({ min: -40, max: 40 }).filter((by) => by !== 0)
  await fc.assert(
    fc.asyncProperty(sizeAndLeaf, fc.nat(), change, fc.boolean(), async ([size, index], which, by, isFull) => {
      const names = inclusionTiles(index, size)
      const name = names[which % names.length] as TileName
      const wrong = isFull ? tilePath({ ...name, width: 256 }) : tilePath(name)
      const resized = (bytes: Uint8Array) =>
        by < 0 ? bytes.subarray(0, Math.max(0, bytes.length + by)) : concat(bytes, new Uint8Array(by))
      const serve: Serve = (path) => {
        if (isFull && path === tilePath(name) && path !== wrong) return null
        return path === wrong ? resized(new Uint8Array((isFull ? 256 : name.width) * 32)) : fileOf(size, path)
      }
      const answer = await clientOf(serve, 0).client.getInclusion(log, leafOf(index), headOf(size), 't', never)
      expect(answer).toEqual({ kind: 'malformed', detail: 'tileLength' })
    }),
    { numRuns: 60 },
  )
})

const ask = fc.record({ circuit: fc.constantFrom('a', 'b', 'c'), index: fc.nat(largest - 1) })

test('tiles kept never exceed their limit, and those of level 0 serve only the circuit that they came by [WIRE-014.6]', async () => {
  const limits = fc.constantFrom(0, 32, 256 * 32, 256 * 32 + 100, 3 * 256 * 32, 1_000_000)
  await fc.assert(
    fc.asyncProperty(limits, fc.array(ask, { maxLength: 12 }), async (limit, asks) => {
      const sth = headOf(largest)
      const { client, requests, kept } = clientOf((path) => fileOf(largest, path), limit)
      for (const { circuit, index } of asks) {
        const before = requests.length
        expect(isProven(await client.getInclusion(log, leafOf(index), sth, circuit, never), index, sth)).toBe(true)
        for (const path of inclusionTiles(index, largest).map(tilePath)) {
          if (path.startsWith('tile/0/')) expect(requests).toContain(`${circuit} ${path}`)
          if (limit === 0) expect(requests.slice(before)).toContain(`${circuit} ${path}`)
        }
      }
      expect(Math.max(0, ...kept)).toBeLessThanOrEqual(limit)
      if (limit === 1_000_000) expect(new Set(requests).size).toBe(requests.length)
    }),
    { numRuns: 60 },
  )
})

test('who asks at one time shares requests on one circuit, and with no other [WIRE-014.6]', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(ask, { minLength: 1, maxLength: 8 }), async (asks) => {
      const sth = headOf(largest)
      const { client, requests } = clientOf((path) => fileOf(largest, path), 0)
      const one = ({ circuit, index }: { circuit: string; index: number }) =>
        client.getInclusion(log, leafOf(index), sth, circuit, never)
      const answers = await Promise.all(asks.map(one))
      for (const [at, { index }] of asks.entries())
        expect(isProven(answers[at] as Answer<InclusionAnswer>, index, sth)).toBe(true)
      const wanted = asks.flatMap(({ circuit, index }) =>
        inclusionTiles(index, largest).map((name) => `${circuit} ${tilePath(name)}`),
      )
      expect(requests.toSorted()).toEqual([...new Set(wanted)].toSorted())
    }),
    { numRuns: 60 },
  )
})
