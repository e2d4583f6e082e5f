// An oracle: Merkle trees by the recursive definitions of RFC 6962 2.1, 2.1.1 and 2.1.2, which the verifiers do not share.
// Trees are functions of a leaf index, so that trees of 2^53 entries cost as little as their depth.
import { createHash } from 'node:crypto'

export type Hash = Uint8Array

/** `range(start, end)`: the hash of the subtree over leaves start..end-1; `size` leaves in all. */
export interface Tree {
  readonly size: number
  readonly range: (start: number, end: number) => Hash
}

export function sha256(...parts: readonly Uint8Array[]): Hash {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return new Uint8Array(hash.digest())
}

export function hashLeaf(data: string): Hash {
  return sha256(new Uint8Array([0]), Buffer.from(data))
}

/** A tree of the given leaf hashes. */
export function treeOf(leaves: readonly Hash[]): Tree {
  const range = (start: number, end: number): Hash => {
    if (end - start === 1) return leaves[start] as Hash
    const k = split(end - start)
    return sha256(new Uint8Array([1]), range(start, start + k), range(start + k, end))
  }
  return { size: leaves.length, range }
}

/** A tree of `size` equal leaves, but for the one at `index`. */
export function sparseTree(size: number, index: number, special: Hash): Tree {
  const plain = new Map<number, Hash>([[1, hashLeaf('plain')]])
  const range = (start: number, end: number): Hash => {
    const has = start <= index && index < end
    if (has && end - start === 1) return special
    const known = has ? undefined : plain.get(end - start)
    if (known !== undefined) return known
    const k = split(end - start)
    const hash = sha256(new Uint8Array([1]), range(start, start + k), range(start + k, end))
    if (!has) plain.set(end - start, hash)
    return hash
  }
  return { size, range }
}

/** A step of a proof: on which side the other hash stands, and that hash. 'S': the start of a consistency proof. */
export interface ProofStep {
  readonly side: 'L' | 'R' | 'S'
  readonly hash: Hash
}

/** PATH(m, D[n]) of RFC 6962 2.1.1. */
export function inclusionProof(tree: Tree, index: number, start = 0, end = tree.size): readonly ProofStep[] {
  if (end - start === 1) return []
  const middle = start + split(end - start)
  return index < middle
    ? [...inclusionProof(tree, index, start, middle), { side: 'R', hash: tree.range(middle, end) }]
    : [...inclusionProof(tree, index, middle, end), { side: 'L', hash: tree.range(start, middle) }]
}

/** PROOF(m, D[n]) of RFC 6962 2.1.2. */
export function consistencyProof(tree: Tree, size1: number): readonly ProofStep[] {
  return subproof(tree, size1, 0, tree.size, true)
}

function subproof(tree: Tree, m: number, start: number, end: number, whole: boolean): readonly ProofStep[] {
  if (m === end - start) return whole ? [] : [{ side: 'S', hash: tree.range(start, end) }]
  const k = split(end - start)
  return m <= k
    ? [...subproof(tree, m, start, start + k, whole), { side: 'R', hash: tree.range(start + k, end) }]
    : [...subproof(tree, m - k, start + k, end, false), { side: 'L', hash: tree.range(start, start + k) }]
}

/** The largest power of two below `n`. */
function split(n: number): number {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}
