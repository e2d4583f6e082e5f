// Proofs out of hash tiles [C2SP static-ct-api, "Merkle Tree"; RFC 6962 2.1.1, 2.1.2; WIRE-014].
// Invariant: `genuine` means that every hash of every tile is part of the tree with that root; the proof stands or falls without it.
import { toHex } from './bytes.ts'
import { hashChildren } from './merkle.ts'
import { consistencyTiles, edgeTiles, fullWidth, inclusionTiles, type TileName } from './tile-names.ts'
import type { Crypto, InclusionAnswer, Result } from './types.ts'

/** Why tiles make no proof, in the order in which it is looked for. */
export const hashTileErrors = {
  numberTooLarge: 'a size or an index is no integer from 0 to 2^40',
  indexBeyondSize: 'the leaf index is not below the tree size',
  sizeOrder: 'the first size exceeds the second',
  tileCount: 'not as many tiles as the proof asks for',
  tileLength: 'a tile is not as many bytes as its width asks for',
} as const

export type HashTileError = keyof typeof hashTileErrors

/** A leaf index has 40 bits [C2SP static-ct-api, "SCT Extension"]. */
export const largestTree = 2 ** 40

/** The tree that the tiles are said to be of; `root`: 64 hex digits. */
export interface TreeHead {
  readonly size: number
  readonly root: string
}

export interface FromTiles<T> {
  readonly proof: T
  readonly genuine: boolean
}

type Hash = Uint8Array
type Tiles = ReadonlyMap<string, readonly Hash[]>
type Range = readonly [from: number, to: number]

/** `tiles`: the bytes of `inclusionTiles`, in their order. */
export function inclusionFromTiles(
  crypto: Crypto,
  leafIndex: number,
  head: TreeHead,
  tiles: readonly Uint8Array[],
): Result<FromTiles<Required<InclusionAnswer>>, HashTileError> {
  if (!isSize(leafIndex) || !isSize(head.size)) return refuse('numberTooLarge')
  if (leafIndex >= head.size) return refuse('indexBeyondSize')
  const names = inclusionTiles(leafIndex, head.size)
  const read = readTiles(names, tiles)
  if (!read.ok) return read
  const hashOf = rangeHash(crypto, read.value)
  const leafHash = toHex(hashOf([leafIndex, leafIndex + 1]))
  const path = inclusionRanges(leafIndex, [0, head.size]).map((range) => toHex(hashOf(range)))
  return { ok: true, value: { proof: { leafIndex, leafHash, path }, genuine: areOf(crypto, head, names, read.value) } }
}

/** `tiles`: the bytes of `consistencyTiles`, in their order; `head`: the second tree. */
export function consistencyFromTiles(
  crypto: Crypto,
  size1: number,
  head: TreeHead,
  tiles: readonly Uint8Array[],
): Result<FromTiles<readonly string[]>, HashTileError> {
  if (!isSize(size1) || !isSize(head.size)) return refuse('numberTooLarge')
  if (size1 > head.size) return refuse('sizeOrder')
  const names = consistencyTiles(size1, head.size)
  const read = readTiles(names, tiles)
  if (!read.ok) return read
  if (names.length === 0) return { ok: true, value: { proof: [], genuine: true } }
  const path = consistencyRanges(size1, [0, head.size]).map((range) => toHex(rangeHash(crypto, read.value)(range)))
  return { ok: true, value: { proof: path, genuine: areOf(crypto, head, names, read.value) } }
}

/** Whether the edge hashes to the root, and each full tile to its hash in the tile above. */
function areOf(crypto: Crypto, { size, root }: TreeHead, names: readonly TileName[], tiles: Tiles): boolean {
  const full = names.filter(({ width }) => width === fullWidth)
  return (
    edgeHash(crypto, size, tiles) === root &&
    full.every(({ level, index }) => {
      const above = hashesOf(tiles, { level: level + 1, index: Math.floor(index / fullWidth) })[index % fullWidth]
      return toHex(above as Hash) === toHex(treeHash(crypto, hashesOf(tiles, { level, index })))
    })
  )
}

/** The root, of a tree that is not empty: each partial tile with the hash of all that is right of it and below. */
function edgeHash(crypto: Crypto, size: number, tiles: Tiles): string {
  let below: readonly Hash[] = []
  for (const name of edgeTiles(size)) below = [treeHash(crypto, [...hashesOf(tiles, name), ...below])]
  return below.map(toHex).join()
}

/** PATH(leafIndex, D[from:to]) as the ranges of leaves that are hashed, lowest first. */
function inclusionRanges(leafIndex: number, [from, to]: Range): readonly Range[] {
  if (to - from === 1) return []
  const middle = from + powerBelow(to - from)
  return leafIndex < middle
    ? [...inclusionRanges(leafIndex, [from, middle]), [middle, to]]
    : [...inclusionRanges(leafIndex, [middle, to]), [from, middle]]
}

/** PROOF(size1, D[from:to]) likewise; a first tree that is one subtree of the second is left out. */
function consistencyRanges(size1: number, [from, to]: Range): readonly Range[] {
  if (to === size1) return from === 0 ? [] : [[from, to]]
  const middle = from + powerBelow(to - from)
  return size1 <= middle
    ? [...consistencyRanges(size1, [from, middle]), [middle, to]]
    : [...consistencyRanges(size1, [middle, to]), [from, middle]]
}

/** The hash of a range that the RFC's recursion reaches, whose whole subtrees lie in tiles. */
function rangeHash(crypto: Crypto, tiles: Tiles): (range: Range) => Hash {
  const hashOf = ([from, to]: Range): Hash => {
    const middle = from + powerBelow(to - from)
    if (to - middle === middle - from || to - from === 1) return subtreeHash(crypto, tiles, 0, from, to - from)
    return hashChildren(crypto, hashOf([from, middle]), hashOf([middle, to]))
  }
  return hashOf
}

/** `count`, a power of two: how many hashes of that level the subtree has, from `start` on. */
function subtreeHash(crypto: Crypto, tiles: Tiles, level: number, start: number, count: number): Hash {
  if (count >= fullWidth) return subtreeHash(crypto, tiles, level + 1, start / fullWidth, count / fullWidth)
  const at = start % fullWidth
  const hashes = hashesOf(tiles, { level, index: Math.floor(start / fullWidth) })
  return treeHash(crypto, hashes.slice(at, at + count))
}

/** MTH of subtrees of one size, but for the last, which may be smaller. */
function treeHash(crypto: Crypto, hashes: readonly Hash[]): Hash {
  if (hashes.length === 1) return hashes[0] as Hash
  const middle = powerBelow(hashes.length)
  return hashChildren(crypto, treeHash(crypto, hashes.slice(0, middle)), treeHash(crypto, hashes.slice(middle)))
}

function readTiles(names: readonly TileName[], tiles: readonly Uint8Array[]): Result<Tiles, HashTileError> {
  if (tiles.length !== names.length) return refuse('tileCount')
  if (names.some(({ width }, at) => (tiles[at] as Uint8Array).length !== width * 32)) return refuse('tileLength')
  return { ok: true, value: new Map(names.map((name, at) => [keyOf(name), hashesIn(tiles[at] as Uint8Array)])) }
}

function hashesIn(tile: Uint8Array): readonly Hash[] {
  return Array.from({ length: tile.length / 32 }, (_, at) => tile.subarray(at * 32, at * 32 + 32))
}

type Place = Pick<TileName, 'level' | 'index'>

function hashesOf(tiles: Tiles, place: Place): readonly Hash[] {
  return tiles.get(keyOf(place)) as readonly Hash[]
}

function keyOf({ level, index }: Place): string {
  return `${level}/${index}`
}

/** The largest power of two below `n`, at least 1. */
function powerBelow(n: number): number {
  return n <= 2 ? 1 : 2 * powerBelow(n / 2)
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value <= largestTree
}

function refuse(error: HashTileError): Result<never, HashTileError> {
  return { ok: false, error, detail: hashTileErrors[error] }
}
