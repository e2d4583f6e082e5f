// Hash tiles of static-ct logs [WIRE-014]: bytes in place of those of a real tree's tiles.
import { leavesOf, rootOf } from '../../../src/adapters/conform/generate/trees.ts'
import { nodeCrypto } from '../../../src/adapters/node/crypto.ts'
import { toHex } from '../../../src/machines/ct/bytes.ts'
import { verifyConsistency, verifyInclusion } from '../../../src/machines/ct/merkle.ts'
import { consistencyTiles, inclusionTiles, type TileName } from '../../../src/machines/ct/tile-names.ts'
import { consistencyFromTiles, hashTileErrors, inclusionFromTiles } from '../../../src/machines/ct/tile-tree.ts'
import { accepted, must, type Target } from '../target.ts'

const crypto = nodeCrypto()
const codes = Object.keys(hashTileErrors)
/** One leaf, no full tile, one at the edge, two levels, three. */
const sizes = [1, 5, 256, 300, 70_000] as const

interface Tree {
  readonly leaves: readonly Uint8Array[]
  readonly roots: ReadonlyMap<number, string>
}

let made: Tree | undefined

/** Made when it is first asked for: other targets have no use for it. */
function tree(): Tree {
  if (made !== undefined) return made
  const leaves = leavesOf('fuzz', Math.max(...sizes))
  made = { leaves, roots: new Map(sizes.map((size) => [size, toHex(rootOf(leaves.slice(0, size)))])) }
  return made
}

function tileOf({ level, index, width }: TileName): Uint8Array {
  const below = 256 ** level
  const { leaves } = tree()
  const hashOf = (at: number) => rootOf(leaves.slice(at * below, (at + 1) * below))
  return Buffer.concat(Array.from({ length: width }, (_, at) => hashOf(index * 256 + at)))
}

/** The tree, the leaf or the smaller tree, and then the tiles' bytes one after the other; what is left over is the last one's. */
function readInput(input: Uint8Array): { readonly size: number; readonly at: number; readonly bytes: Uint8Array } {
  const size = sizes[(input[0] ?? 0) % sizes.length] as number
  const at = ((input[1] ?? 0) << 16) | ((input[2] ?? 0) << 8) | (input[3] ?? 0)
  return { size, at, bytes: input.subarray(4) }
}

function cut(bytes: Uint8Array, names: readonly TileName[]): readonly Uint8Array[] {
  const starts = names.map((_, at) => names.slice(0, at).reduce((sum, { width }) => sum + width * 32, 0))
  return starts.map((start, at) => bytes.subarray(start, starts[at + 1]))
}

function seed(n: number, at: number, names: readonly TileName[]): Uint8Array {
  return Buffer.concat([Uint8Array.of(n, at >> 16, at >> 8, at), ...names.map(tileOf)])
}

export const tileTargets: readonly Target[] = [
  {
    name: 'hash-tiles',
    seeds: () =>
      sizes.flatMap((size, n) => [
        ...[0, size - 1].map((leaf) => seed(n, leaf, inclusionTiles(leaf, size))),
        seed(n, size >> 1, consistencyTiles(size >> 1, size)),
      ]),
    run: (input) => {
      const { size, at, bytes } = readInput(input)
      const { roots } = tree()
      const head = { size, root: roots.get(size) as string }
      const tiles = at < size ? cut(bytes, inclusionTiles(at, size)) : []
      const inclusion = accepted(inclusionFromTiles(crypto, at, head, tiles), codes)
      if (inclusion?.genuine)
        must(verifyInclusion(crypto, { ...inclusion.proof, ...head }).ok, 'a false proof from genuine tiles')
      const between = at <= size ? cut(bytes, consistencyTiles(at, size)) : []
      const consistency = accepted(consistencyFromTiles(crypto, at, head, between), codes)
      const root1 = roots.get(at)
      if (!consistency?.genuine || root1 === undefined) return
      const heads = { size1: at, root1, size2: size, root2: head.root }
      must(verifyConsistency(crypto, { ...heads, path: consistency.proof }).ok, 'no proof from genuine tiles')
    },
  },
]
