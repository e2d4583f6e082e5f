// Hash tiles against the recursive definitions: which tiles a proof asks for, and the proof that they make.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { concat, toHex } from '../../src/machines/ct/bytes.ts'
import { verifyConsistency, verifyInclusion } from '../../src/machines/ct/merkle.ts'
import {
  consistencyTiles,
  edgeTiles,
  inclusionTiles,
  type TileName,
  tilePath,
} from '../../src/machines/ct/tile-names.ts'
import { consistencyFromTiles, inclusionFromTiles, largestTree } from '../../src/machines/ct/tile-tree.ts'
import { consistencyProof, hashLeaf, inclusionProof, sparseTree, type Tree, treeOf } from './oracles/merkle-tree.ts'

const crypto = nodeCrypto()
const leaves = Array.from({ length: 70_000 }, (_, n) => hashLeaf(String(n)))
const cached = new Map<string, Uint8Array>()

/** The first `size` leaves; complete subtrees are hashed once. */
function firstLeaves(size: number): Tree {
  const tree = treeOf(leaves)
  const range = (start: number, end: number): Uint8Array => {
    if (end - start === 1) return leaves[start] as Uint8Array
    const key = `${start} ${end}`
    const known = cached.get(key)
    if (known !== undefined) return known
    let k = 1
    while (k * 2 < end - start) k *= 2
    const hash = crypto.sha256(Uint8Array.of(1), range(start, start + k), range(start + k, end))
    if (k * 2 === end - start) cached.set(key, hash)
    return hash
  }
  return { ...tree, size, range }
}

/** MTH(D[(n*256+i)*256^l : (n*256+i+1)*256^l]) for each i below the width. */
function tileOf({ range }: Tree, { level, index, width }: TileName): Uint8Array {
  const unit = 256 ** level
  const hash = (_: unknown, i: number) => range((index * 256 + i) * unit, (index * 256 + i + 1) * unit)
  return concat(...Array.from({ length: width }, hash))
}

const headOf = (tree: Tree) => ({ size: tree.size, root: toHex(tree.range(0, tree.size)) })
const hexOf = (steps: ReturnType<typeof inclusionProof>) => steps.map(({ hash }) => toHex(hash))
const sizes = fc.oneof(
  fc.integer({ min: 1, max: 700 }),
  fc.integer({ min: 1, max: 70_000 }),
  fc.constantFrom(1, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537),
)
const sizeAndLeaf = sizes.chain((size) => fc.tuple(fc.constant(size), fc.integer({ min: 0, max: size - 1 })))

/** PROOF(m, D[n]) lowest first, without the start that the verifier knows. */
function proofBetween(tree: Tree, size1: number): readonly string[] {
  const steps = consistencyProof(tree, size1)
  return hexOf(steps)
}

test('an inclusion proof out of tiles is that of the recursive definition, and it verifies [WIRE-014.2]', () => {
  fc.assert(
    fc.property(sizeAndLeaf, ([size, leafIndex]) => {
      const tree = firstLeaves(size)
      const head = headOf(tree)
      const tiles = inclusionTiles(leafIndex, size).map((name) => tileOf(tree, name))
      const leafHash = toHex(leaves[leafIndex] as Uint8Array)
      const path = hexOf(inclusionProof(tree, leafIndex))
      const made = inclusionFromTiles(crypto, leafIndex, head, tiles)
      expect(made).toEqual({ ok: true, value: { proof: { leafIndex, leafHash, path }, genuine: true } })
      expect(verifyInclusion(crypto, { leafHash, leafIndex, ...head, path }).ok).toBe(true)
    }),
    { numRuns: 60 },
  )
})

test('a consistency proof out of tiles of the second tree is that of the recursive definition [WIRE-014.3]', () => {
  fc.assert(
    fc.property(sizeAndLeaf, ([size2, last]) => {
      const size1 = last + 1
      const tree = firstLeaves(size2)
      const head = headOf(tree)
      const tiles = consistencyTiles(size1, size2).map((name) => tileOf(tree, name))
      const path = proofBetween(tree, size1)
      expect(consistencyFromTiles(crypto, size1, head, tiles)).toEqual({
        ok: true,
        value: { proof: path, genuine: true },
      })
      const root1 = toHex(tree.range(0, size1))
      expect(verifyConsistency(crypto, { size1, root1, size2, root2: head.root, path }).ok).toBe(true)
    }),
    { numRuns: 60 },
  )
})

test('every pair of sizes and every leaf around a tile border [WIRE-014.2, WIRE-014.3]', () => {
  const border = [1, 2, 255, 256, 257, 511, 512, 513, 600]
  for (const size of border) {
    const tree = firstLeaves(size)
    const tiles = (names: readonly TileName[]) => names.map((name) => tileOf(tree, name))
    for (const leafIndex of [0, 1, 254, 255, 256, 257, 510, 511, 512, 599].filter((index) => index < size)) {
      const made = inclusionFromTiles(crypto, leafIndex, headOf(tree), tiles(inclusionTiles(leafIndex, size)))
      expect(made).toMatchObject({ value: { proof: { path: hexOf(inclusionProof(tree, leafIndex)) }, genuine: true } })
    }
    for (const size1 of [0, ...border].filter((first) => first <= size)) {
      const made = consistencyFromTiles(crypto, size1, headOf(tree), tiles(consistencyTiles(size1, size)))
      const path = size1 === 0 ? [] : proofBetween(tree, size1)
      expect(made).toEqual({ ok: true, value: { proof: path, genuine: true } })
    }
  }
})

test('trees of up to 2^40 leaves: each tile lies in the tree, and the proofs verify [WIRE-014.2, WIRE-014.3]', () => {
  const huge = fc.integer({ min: 1, max: largestTree })
  fc.assert(
    fc.property(huge, huge, (a, b) => {
      const [smaller, size] = [Math.min(a, b), Math.max(a, b)]
      const leafIndex = smaller - 1
      const tree = sparseTree(size, leafIndex, hashLeaf('special'))
      const head = headOf(tree)
      const names = inclusionTiles(leafIndex, size)
      for (const { level, index, width } of names) {
        const count = Math.floor(size / 256 ** level)
        expect(index * 256 + width).toBeLessThanOrEqual(count)
        expect(level).toBeLessThanOrEqual(5)
        expect([256, count % 256]).toContain(width)
      }
      const tiles = names.map((name) => tileOf(tree, name))
      const path = hexOf(inclusionProof(tree, leafIndex))
      expect(inclusionFromTiles(crypto, leafIndex, head, tiles)).toMatchObject({
        value: { proof: { path }, genuine: true },
      })
      const between = consistencyTiles(smaller, size).map((name) => tileOf(tree, name))
      const proof = proofBetween(tree, smaller)
      expect(consistencyFromTiles(crypto, smaller, head, between)).toEqual({
        ok: true,
        value: { proof, genuine: true },
      })
    }),
    { numRuns: 15 },
  )
})

test('a flipped bit in any tile is never genuine [WIRE-014.4]', () => {
  fc.assert(
    fc.property(
      sizeAndLeaf,
      fc.nat(),
      fc.nat(),
      fc.integer({ min: 0, max: 7 }),
      ([size, leafIndex], which, at, bit) => {
        const tree = firstLeaves(size)
        const flipped = (names: readonly TileName[]) => {
          const tiles = names.map((name) => tileOf(tree, name))
          const tile = tiles[which % tiles.length]
          if (tile !== undefined) tile[at % tile.length] = (tile[at % tile.length] as number) ^ (1 << bit)
          return tiles
        }
        const inclusion = inclusionFromTiles(crypto, leafIndex, headOf(tree), flipped(inclusionTiles(leafIndex, size)))
        expect(inclusion).toMatchObject({ value: { genuine: false } })
        const names = consistencyTiles(leafIndex + 1, size)
        if (names.length === 0) return
        const consistency = consistencyFromTiles(crypto, leafIndex + 1, headOf(tree), flipped(names))
        expect(consistency).toMatchObject({ value: { genuine: false } })
      },
    ),
    { numRuns: 60 },
  )
})

test('of one leaf and its 255 neighbours the log sees the same tiles asked for [WIRE-014.1]', () => {
  fc.assert(
    fc.property(sizeAndLeaf, fc.nat(255), ([size, leafIndex], neighbour) => {
      const other = Math.min(size - 1, leafIndex - (leafIndex % 256) + neighbour)
      expect(inclusionTiles(other, size)).toEqual(inclusionTiles(leafIndex, size))
    }),
  )
})

test('the example of the specification: a tree of 70,000, and one of 256 [WIRE-014.1]', () => {
  expect(edgeTiles(70_000)).toEqual([
    { level: 0, index: 273, width: 112 },
    { level: 1, index: 1, width: 17 },
    { level: 2, index: 0, width: 1 },
  ])
  expect(edgeTiles(256)).toEqual([{ level: 1, index: 0, width: 1 }])
  expect(edgeTiles(0)).toEqual([])
  expect(inclusionTiles(69_999, 70_000)).toEqual(edgeTiles(70_000))
  expect(inclusionTiles(65_535, 70_000)).toEqual([
    { level: 0, index: 255, width: 256 },
    { level: 1, index: 0, width: 256 },
    ...edgeTiles(70_000),
  ])
  expect(consistencyTiles(65_536, 70_000)).toEqual(edgeTiles(70_000))
  expect(consistencyTiles(512, 70_000)).toEqual([{ level: 1, index: 0, width: 256 }, ...edgeTiles(70_000)])
  expect(consistencyTiles(513, 70_000)).toEqual([
    { level: 0, index: 2, width: 256 },
    { level: 1, index: 0, width: 256 },
    ...edgeTiles(70_000),
  ])
})

test('a tile lies where its level, index and width say, each path is that of one tile [WIRE-014.1]', () => {
  const path = (index: number, width = 256, level = 0) => tilePath({ level, index, width })
  expect(path(0)).toBe('tile/0/000')
  expect(path(7, 255)).toBe('tile/0/007.p/255')
  expect(path(67, 1, 5)).toBe('tile/5/067.p/1')
  expect(path(999)).toBe('tile/0/999')
  expect(path(1000)).toBe('tile/0/x001/000')
  expect(path(1_234_067, 256, 2)).toBe('tile/2/x001/x234/067')
  expect(path(123_456_789)).toBe('tile/0/x123/x456/789')
  fc.assert(
    fc.property(fc.nat(5), fc.nat(2 ** 32 - 1), fc.integer({ min: 1, max: 256 }), (level, index, width) => {
      const [, l, n, w = '256'] =
        /^tile\/([0-5])\/((?:x\d{3}\/)*\d{3})(?:\.p\/(\d+))?$/.exec(path(index, width, level)) ?? []
      expect([Number(l), Number(n?.replace(/[x/]/g, '')), Number(w)]).toEqual([level, index, width])
      expect(n?.startsWith('x000')).toBe(false)
    }),
  )
})

test('each fault of the question or of the tiles has its own error, in their order [WIRE-014.2, WIRE-014.3]', () => {
  const tree = firstLeaves(300)
  const head = headOf(tree)
  const tiles = inclusionTiles(5, 300).map((name) => tileOf(tree, name))
  const include = (leafIndex: number, size: number, given: readonly Uint8Array[]) =>
    inclusionFromTiles(crypto, leafIndex, { ...head, size }, given)
  const wrong = [-1, 0.5, largestTree + 1, Number.NaN]
  for (const number of wrong) {
    expect(include(number, 300, tiles)).toMatchObject({ error: 'numberTooLarge' })
    expect(include(5, number, tiles)).toMatchObject({ error: 'numberTooLarge' })
    expect(consistencyFromTiles(crypto, number, head, [])).toMatchObject({ error: 'numberTooLarge' })
    expect(consistencyFromTiles(crypto, 1, { ...head, size: number }, [])).toMatchObject({ error: 'numberTooLarge' })
  }
  expect(include(largestTree, largestTree, [])).toEqual({
    ok: false,
    error: 'indexBeyondSize',
    detail: 'the leaf index is not below the tree size',
  })
  expect(include(300, 300, tiles)).toMatchObject({ error: 'indexBeyondSize' })
  expect(include(0, 0, [])).toMatchObject({ error: 'indexBeyondSize' })
  expect(consistencyFromTiles(crypto, 301, head, [])).toMatchObject({ error: 'sizeOrder' })
  expect(include(5, 300, tiles.slice(1))).toMatchObject({ error: 'tileCount' })
  expect(include(5, 300, [...tiles, new Uint8Array(32)])).toMatchObject({ error: 'tileCount' })
  expect(consistencyFromTiles(crypto, 5, head, [])).toMatchObject({ error: 'tileCount' })
  for (const [at, tile] of tiles.entries()) {
    const cut = tiles.with(at, tile.subarray(1))
    expect(include(5, 300, cut)).toMatchObject({ error: 'tileLength' })
    expect(include(5, 300, tiles.with(at, concat(tile, new Uint8Array(32))))).toMatchObject({ error: 'tileLength' })
    expect(consistencyFromTiles(crypto, 6, head, cut)).toMatchObject({ error: 'tileLength' })
  }
  expect(consistencyFromTiles(crypto, 0, head, [])).toEqual({ ok: true, value: { proof: [], genuine: true } })
  expect(consistencyFromTiles(crypto, 300, head, [])).toEqual({ ok: true, value: { proof: [], genuine: true } })
})
