// Inclusion and consistency proofs of SHA-256 Merkle trees [RFC 6962 2.1; RFC 9162 2.1.3.2, 2.1.4.2; WIRE-005].
// Invariant: exact for every size up to 2^53-1 (no 32-bit shifts), and at most 128 hashes whatever a log answers.
import { isHex } from './bytes.ts'
import type { Crypto, Result } from './types.ts'

/** Why a proof is none, in the order in which it is looked for. */
export const merkleErrors = {
  numberTooLarge: 'a size or an index is no integer from 0 to 2^53-1',
  emptyTree: 'a tree of size 0 includes nothing, and nothing is proven against it',
  sizeOrder: 'the first size exceeds the second',
  indexBeyondSize: 'the leaf index is not below the tree size',
  pathLength: 'the path has not as many elements as index and size ask for',
  badHash: 'a hash is not 64 lower-case hex digits',
  rootMismatch: 'the path does not lead to the root',
} as const

export type MerkleError = keyof typeof merkleErrors

/** No tree up to 2^63 entries needs more elements; longer paths are refused before anything is hashed. */
export const longestPath = 64

/** Hashes are 64 lower-case hex digits; `path` from the leaf's sibling upwards. */
export interface Inclusion {
  readonly leafHash: string
  readonly leafIndex: number
  readonly size: number
  readonly root: string
  readonly path: readonly string[]
}

/** Two heads of one log, `size1` <= `size2`, and the path between them as RFC 6962 4.4 answers it. */
export interface Consistency {
  readonly size1: number
  readonly root1: string
  readonly size2: number
  readonly root2: string
  readonly path: readonly string[]
}

const nodePrefix = new Uint8Array([1])

/** SHA-256 over 01, left and right. */
export function hashChildren(crypto: Crypto, left: Uint8Array, right: Uint8Array): Uint8Array {
  return crypto.sha256(nodePrefix, left, right)
}

/** Whether the leaf is at that index of the tree with that size and root. */
export function verifyInclusion(crypto: Crypto, inclusion: Inclusion): Result<null, MerkleError> {
  const found = climb(crypto, inclusion, [inclusion.root])
  if (!found.ok) return found
  return found.value === inclusion.root ? proven : refuse('rootMismatch')
}

/** The root that the path leads to: the one tree head with which it would verify [RFC 9162 2.1.3.2]. */
export function rootFromInclusion(crypto: Crypto, inclusion: Omit<Inclusion, 'root'>): Result<string, MerkleError> {
  return climb(crypto, inclusion, [])
}

/** `roots`: hashes that are read with those of the inclusion. */
function climb(
  crypto: Crypto,
  inclusion: Omit<Inclusion, 'root'>,
  roots: readonly string[],
): Result<string, MerkleError> {
  const { leafHash, leafIndex, size, path } = inclusion
  if (!isCount(leafIndex) || !isCount(size)) return refuse('numberTooLarge')
  if (size === 0) return refuse('emptyTree')
  if (leafIndex >= size) return refuse('indexBeyondSize')
  if (path.length > longestPath) return refuse('pathLength')
  if (!isHash(leafHash) || !roots.every(isHash) || !path.every(isHash)) return refuse('badHash')
  const isLeft = siblingsAbove(leafIndex, size - 1)
  if (path.length !== isLeft.length) return refuse('pathLength')
  let hash = leafHash
  path.forEach((element, at) => {
    hash = isLeft[at] ? crypto.nodeHash(element, hash) : crypto.nodeHash(hash, element)
  })
  return { ok: true, value: hash }
}

/** Whether the sibling is the left one, level by level, upwards from node `index` of `last` + 1; where a last node has none, nothing. */
function siblingsAbove(index: number, last: number): readonly boolean[] {
  const isLeft: boolean[] = []
  for (let [node, end] = [index, last]; end > 0; [node, end] = [half(node), half(end)]) {
    if (node % 2 === 1) isLeft.push(true)
    else if (node < end) isLeft.push(false)
  }
  return isLeft
}

/** Whether the second tree begins with the first [RFC 9162 2.1.4.2; an equal size asks for an equal root and no path]. */
export function verifyConsistency(crypto: Crypto, consistency: Consistency): Result<null, MerkleError> {
  const { size1, root1, size2, root2, path } = consistency
  if (!isCount(size1) || !isCount(size2)) return refuse('numberTooLarge')
  if (size1 === 0) return refuse('emptyTree')
  if (size1 > size2) return refuse('sizeOrder')
  if (path.length > longestPath) return refuse('pathLength')
  if (!isHash(root1) || !isHash(root2) || !path.every(isHash)) return refuse('badHash')
  if (size1 === size2) {
    if (path.length > 0) return refuse('pathLength')
    return root1 === root2 ? proven : refuse('rootMismatch')
  }
  // A first tree that is one whole subtree of the second is its own first node, which no log repeats.
  const nodes = isPowerOfTwo(size1) ? [root1, ...path] : path
  const roots = rootsFromConsistency(crypto, size1 - 1, size2 - 1, nodes)
  if (roots === null) return refuse('pathLength')
  return roots[0] === root1 && roots[1] === root2 ? proven : refuse('rootMismatch')
}

/**
 * The roots of the first tree, whose last node is `index`, and of the second, or null where there are not as many nodes as their sizes
 * ask for: the first is the root of the largest subtree that ends where the first tree does.
 */
function rootsFromConsistency(
  crypto: Crypto,
  index: number,
  last: number,
  nodes: readonly string[],
): readonly [string, string] | null {
  if (index % 2 === 1) return rootsFromConsistency(crypto, half(index), half(last), nodes)
  const [start, ...siblings] = nodes as readonly [string, ...string[]]
  const isLeft = siblingsAbove(index, last)
  if (siblings.length !== isLeft.length) return null
  let [first, second] = [start, start]
  siblings.forEach((node, at) => {
    if (isLeft[at]) first = crypto.nodeHash(node, first)
    second = isLeft[at] ? crypto.nodeHash(node, second) : crypto.nodeHash(second, node)
  })
  return [first, second]
}

const proven = { ok: true, value: null } as const

function refuse(error: MerkleError): { readonly ok: false; readonly error: MerkleError; readonly detail: string } {
  return { ok: false, error, detail: merkleErrors[error] }
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

function isHash(text: string): boolean {
  return isHex(text, 32)
}

function half(value: number): number {
  return Math.floor(value / 2)
}

function isPowerOfTwo(value: number): boolean {
  return value % 2 === 0 ? isPowerOfTwo(value / 2) : value === 1
}
