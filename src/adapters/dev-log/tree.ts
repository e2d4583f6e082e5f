// Test equipment, not for operators: the development log's Merkle tree in memory [RFC 6962 2.1].
// Invariant: level[h][i] is the hash of the complete subtree over the leaves i*2^h to (i+1)*2^h - 1, so that a root or a proof
// at any past size costs O(log n) hashes.
import { createHash } from 'node:crypto'

const nodePrefix = Uint8Array.of(1)

export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return new Uint8Array(hash.digest())
}

export class MerkleTree {
  readonly #levels: Uint8Array[][] = [[]]

  get size(): number {
    return this.#level(0).length
  }

  /** Answers the index of the new leaf. `leafHash`: SHA-256(00 | MerkleTreeLeaf), 32 bytes. */
  append(leafHash: Uint8Array): number {
    const index = this.size
    let hash = leafHash
    for (let height = 0; ; height++) {
      const level = this.#level(height)
      level.push(hash)
      const left = level.at(-2)
      if (level.length % 2 === 1 || left === undefined) return index
      hash = sha256(nodePrefix, left, hash)
    }
  }

  /** MTH(D[0:size]) [RFC 6962 2.1]. @throws RangeError where the tree is smaller. */
  root(size: number = this.size): Uint8Array {
    this.#check(size)
    return size === 0 ? sha256() : this.#hash(0, size)
  }

  /** PATH(index, D[0:size]) [RFC 6962 2.1.1], lowest sibling first. @throws RangeError unless index < size <= this.size. */
  inclusionPath(index: number, size: number): Uint8Array[] {
    this.#check(size)
    if (!Number.isSafeInteger(index) || index < 0 || index >= size) throw new RangeError(`no leaf ${index} in ${size}`)
    const path: Uint8Array[] = []
    let [from, to] = [0, size]
    while (to - from > 1) {
      const middle = from + largestPowerBelow(to - from)
      path.push(index < middle ? this.#hash(middle, to) : this.#hash(from, middle))
      if (index < middle) to = middle
      else from = middle
    }
    return path.reverse()
  }

  /** PROOF(first, D[0:second]) [RFC 6962 2.1.2]. @throws RangeError unless 0 < first <= second <= this.size. */
  consistencyPath(first: number, second: number): Uint8Array[] {
    this.#check(second)
    if (!Number.isSafeInteger(first) || first < 1 || first > second) throw new RangeError(`no proof from ${first}`)
    const path: Uint8Array[] = []
    let [from, to] = [0, second]
    while (to > first) {
      const middle = from + largestPowerBelow(to - from)
      path.push(first <= middle ? this.#hash(middle, to) : this.#hash(from, middle))
      if (first <= middle) to = middle
      else from = middle
    }
    // The subtree that is the whole old tree is known to the verifier: its hash is left out.
    if (from > 0) path.push(this.#hash(from, to))
    return path.reverse()
  }

  /** Hashes of the complete subtrees `from` to `from + count - 1` of that height. @throws RangeError where there are not as many. */
  nodes(height: number, from: number, count: number): Uint8Array[] {
    const nodes = this.#level(height).slice(from, from + count)
    if (nodes.length < count) throw new RangeError(`no subtrees ${from} to ${from + count - 1}`)
    return nodes
  }

  /** Of a non-empty range that the RFC's recursion can reach: `from` is a multiple of the power of two that covers it. */
  #hash(from: number, to: number): Uint8Array {
    const width = to - from
    if (Number.isInteger(Math.log2(width))) {
      const complete = this.#level(Math.log2(width))[from / width]
      if (complete === undefined) throw new RangeError(`no subtree ${from} to ${to}`)
      return complete
    }
    const middle = from + largestPowerBelow(width)
    return sha256(nodePrefix, this.#hash(from, middle), this.#hash(middle, to))
  }

  #level(height: number): Uint8Array[] {
    let level = this.#levels[height]
    if (level === undefined) {
      level = []
      this.#levels[height] = level
    }
    return level
  }

  #check(size: number): void {
    if (!Number.isSafeInteger(size) || size < 0 || size > this.size) {
      throw new RangeError(`size ${size} is not one of 0 to ${this.size}`)
    }
  }
}

/** The largest power of two smaller than n; n > 1. */
function largestPowerBelow(n: number): number {
  return 2 ** (Math.ceil(Math.log2(n)) - 1)
}
