// The oracle of the Merkle properties against a tree that knows no powers of two, and the verifiers against every claim
// about small trees: levels of pairs, an odd last node is carried up, everything is computed anew each time.
import { expect, test } from 'vitest'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { toHex } from '../../src/machines/ct/bytes.ts'
import { verifyConsistency, verifyInclusion } from '../../src/machines/ct/merkle.ts'
import {
  consistencyProof,
  type Hash,
  hashLeaf,
  inclusionProof,
  sha256,
  treeOf,
} from '../properties/oracles/merkle-tree.ts'

const crypto = nodeCrypto()
const most = 12
const leaves = Array.from({ length: most }, (_, at) => hashLeaf(String(at)))
const node = (left: Hash, right: Hash) => sha256(new Uint8Array([1]), left, right)

function levelAbove(level: readonly Hash[]): readonly Hash[] {
  return level.flatMap((hash, at) => {
    if (at % 2 === 1) return []
    const right = level[at + 1]
    return [right === undefined ? hash : node(hash, right)]
  })
}

function rootOf(size: number): string {
  let level: readonly Hash[] = leaves.slice(0, size)
  while (level.length > 1) level = levelAbove(level)
  return toHex(level[0] as Hash)
}

/** The neighbours on the way up; a node that is carried up has none. */
function pathOf(index: number, size: number): readonly string[] {
  const path: string[] = []
  let level: readonly Hash[] = leaves.slice(0, size)
  for (let at = index; level.length > 1; at >>= 1) {
    const neighbour = level[at ^ 1]
    if (neighbour !== undefined) path.push(toHex(neighbour))
    level = levelAbove(level)
  }
  return path
}

const sizes = Array.from({ length: most }, (_, at) => at + 1)
const hashes = (proof: readonly { readonly hash: Hash }[]) => proof.map(({ hash }) => toHex(hash))

test('roots and inclusion proofs of the oracle are those of the naive tree [WIRE-004]', () => {
  for (const size of sizes) {
    const tree = treeOf(leaves.slice(0, size))
    expect(toHex(tree.range(0, size))).toBe(rootOf(size))
    for (let index = 0; index < size; index++) expect(hashes(inclusionProof(tree, index))).toEqual(pathOf(index, size))
  }
})

test('of all claims that a proof could be about, exactly the true ones verify [WIRE-004]', () => {
  for (const size of sizes)
    for (let index = 0; index < size; index++) {
      const path = pathOf(index, size)
      for (const claimedSize of sizes)
        for (let claimed = 0; claimed < claimedSize; claimed++) {
          const leafHash = toHex(leaves[index] as Hash)
          const claim = { leafHash, leafIndex: claimed, size: claimedSize, root: rootOf(claimedSize), path }
          const isTrue = claimed === index && toHex(leaves[claimed] as Hash) === leafHash
          const samePath = isTrue && pathOf(claimed, claimedSize).join() === path.join()
          expect(verifyInclusion(crypto, claim).ok).toBe(samePath)
        }
    }
})

test('a consistency proof verifies for its two sizes and roots and no others [WIRE-005]', () => {
  for (const size2 of sizes)
    for (const size1 of sizes.slice(0, size2 - 1)) {
      const path = hashes(consistencyProof(treeOf(leaves.slice(0, size2)), size1))
      for (const second of sizes)
        for (const first of sizes.slice(0, second - 1)) {
          const claim = { size1: first, root1: rootOf(first), size2: second, root2: rootOf(second), path }
          const own = hashes(consistencyProof(treeOf(leaves.slice(0, second)), first))
          expect(verifyConsistency(crypto, claim).ok).toBe(own.join() === path.join())
        }
    }
})
