// The development log's tree against the RFC's own recursive definitions and against the verifier.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MerkleTree, sha256 } from '../../src/adapters/dev-log/tree.ts'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { toHex, uint } from '../../src/machines/ct/bytes.ts'
import { verifyConsistency, verifyInclusion } from '../../src/machines/ct/merkle.ts'

type Leaves = readonly Uint8Array[]
const crypto = nodeCrypto()

/** RFC 6962 2.1, word for word. */
function mth(d: Leaves): Uint8Array {
  if (d.length === 0) return sha256()
  const k = split(d.length)
  return d.length === 1 ? hash(d) : sha256(Uint8Array.of(1), mth(d.slice(0, k)), mth(d.slice(k)))
}
function path(m: number, d: Leaves): Uint8Array[] {
  const k = split(d.length)
  if (d.length === 1) return []
  return m < k ? [...path(m, d.slice(0, k)), mth(d.slice(k))] : [...path(m - k, d.slice(k)), mth(d.slice(0, k))]
}
function subproof(m: number, d: Leaves, whole: boolean): Uint8Array[] {
  if (m === d.length) return whole ? [] : [mth(d)]
  const k = split(d.length)
  if (m <= k) return [...subproof(m, d.slice(0, k), whole), mth(d.slice(k))]
  return [...subproof(m - k, d.slice(k), false), mth(d.slice(0, k))]
}
function split(n: number): number {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}
const hash = ([leaf = new Uint8Array()]: Leaves) => sha256(Uint8Array.of(0), leaf)

function treeOf(count: number): { leaves: Leaves; tree: MerkleTree } {
  const leaves = Array.from({ length: count }, (_, index) => uint(index, 4))
  const tree = new MerkleTree()
  for (const leaf of leaves) tree.append(hash([leaf]))
  return { leaves, tree }
}

test('roots and proofs of every size up to 33 are those of the recursive definitions [WIRE-005]', () => {
  const { leaves, tree } = treeOf(33)
  for (let size = 0; size <= 33; size++) {
    const d = leaves.slice(0, size)
    expect(tree.root(size)).toEqual(mth(d))
    for (let at = 0; at < size; at++) {
      expect(tree.inclusionPath(at, size)).toEqual(path(at, d))
      expect(tree.consistencyPath(at + 1, size)).toEqual(subproof(at + 1, d, true))
    }
  }
})

const { leaves: many, tree: big } = treeOf(3000)
const size = fc.integer({ min: 1, max: 3000 })

test('an inclusion proof at any past size verifies, and for no other leaf [WIRE-005]', () => {
  fc.assert(
    fc.property(size, fc.nat(), fc.nat(), (size, a, b) => {
      const [leafIndex, other] = [a % size, b % size]
      const root = toHex(big.root(size))
      const proof = { leafIndex, size, root, path: big.inclusionPath(leafIndex, size).map(toHex) }
      const leafHash = (at: number) => toHex(hash(many.slice(at, at + 1)))
      expect(verifyInclusion(crypto, { leafHash: leafHash(leafIndex), ...proof }).ok).toBe(true)
      expect(verifyInclusion(crypto, { leafHash: leafHash(other), ...proof }).ok).toBe(other === leafIndex)
    }),
  )
})

test('a consistency proof between any two sizes verifies, and with no other first root [WIRE-005]', () => {
  fc.assert(
    fc.property(size, size, size, (a, b, other) => {
      const [size1, size2] = [Math.min(a, b), Math.max(a, b)]
      const path = big.consistencyPath(size1, size2).map(toHex)
      const pair = { size1, size2, root2: toHex(big.root(size2)), path }
      expect(verifyConsistency(crypto, { ...pair, root1: toHex(big.root(size1)) }).ok).toBe(true)
      expect(verifyConsistency(crypto, { ...pair, root1: toHex(big.root(other)) }).ok).toBe(other === size1)
    }),
  )
})

test('what the tree does not have is a RangeError', () => {
  const { tree } = treeOf(3)
  for (const ask of [
    () => tree.root(4),
    () => tree.root(-1),
    () => tree.root(1.5),
    () => tree.inclusionPath(2, 2),
    () => tree.inclusionPath(0, 4),
    () => tree.consistencyPath(0, 2),
    () => tree.consistencyPath(3, 2),
  ]) {
    expect(ask).toThrow(RangeError)
  }
})
