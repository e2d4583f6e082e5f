// Test equipment, not for operators: one history of the development log, that is a Merkle tree and the entries it is made of.
// Invariant: entry i is leaf i of the tree.
import { concat, toHex, uint } from '../../machines/ct/bytes.ts'
import { MerkleTree, sha256 } from './tree.ts'

/**
 * `leaf`: MerkleTreeLeaf; `extraData`: what get-entries answers beside it [RFC 6962 4.6]; `timestamp`: the SCT's; `place`: the index
 * that a static-ct log keeps for it.
 */
export interface LogEntry {
  readonly leaf: Uint8Array
  readonly leafHash: Uint8Array
  readonly extraData: Uint8Array
  readonly timestamp: number
  readonly place?: number
}

export class History {
  readonly tree = new MerkleTree()
  readonly entries: LogEntry[] = []
  readonly #indexes = new Map<string, number>()

  get size(): number {
    return this.entries.length
  }

  append(entry: LogEntry): void {
    this.#indexes.set(toHex(entry.leafHash), this.tree.append(entry.leafHash))
    this.entries.push(entry)
  }

  /** `leafHash`: 64 hex digits. */
  indexOf(leafHash: string): number | undefined {
    return this.#indexes.get(leafHash)
  }
}

export function historyOf(entries: readonly LogEntry[]): History {
  const history = new History()
  for (const entry of entries) history.append(entry)
  return history
}

export function leafHashOf(leaf: Uint8Array): Uint8Array {
  return sha256(Uint8Array.of(0), leaf)
}

/** A well-formed leaf that nobody was promised: the same certificate, a millisecond later. */
export function decoyOf(entry: LogEntry): LogEntry {
  const timestamp = entry.timestamp + 1
  const leaf = concat(entry.leaf.subarray(0, 2), uint(timestamp, 8), entry.leaf.subarray(10))
  return { ...entry, leaf, timestamp, leafHash: leafHashOf(leaf) }
}
