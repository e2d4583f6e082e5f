// MerkleTreeLeaf, its hash, and the identity of what a log promised [RFC 6962 3.4, 2.1; WIRE-003, WIRE-010].
// Invariant: the bytes that a log's SCT signs and the bytes that its tree holds are the same, SCT extensions included.
import { concat, toHex, uint } from './bytes.ts'
import type { Entry } from './entry.ts'
import type { Crypto, LeafId, LogId } from './types.ts'

const x509Entry = 0
const precertEntry = 1
const empty = new Uint8Array(0)

/**
 * The MerkleTreeLeaf of version 1, which is also the SCT's signature input (version, signature or leaf type, and entry
 * have the same codes in both). `timestamp`: the SCT's, milliseconds. @throws RangeError above 16 MiB or 65,535 bytes.
 */
export function encodeLeaf(entry: Entry, timestamp: number, extensions: Uint8Array): Uint8Array {
  const head = new Uint8Array(12)
  head.set(uint(timestamp, 8), 2)
  head[11] = entry.type === 'x509' ? x509Entry : precertEntry
  const [body, before] = entry.type === 'x509' ? [entry.certificate, empty] : [entry.tbs, entry.issuerKeyHash]
  return concat(head, before, uint(body.length, 3), body, uint(extensions.length, 2), extensions)
}

const leafPrefix = new Uint8Array([0])

/** SHA-256 over 00 and the MerkleTreeLeaf: 32 bytes. */
export function leafHash(crypto: Crypto, leaf: Uint8Array): Uint8Array {
  return crypto.sha256(leafPrefix, leaf)
}

export function leafIdOf(logId: LogId, hash: Uint8Array): LeafId {
  return `${logId}:${toHex(hash)}`
}

/** An SFO's leaf index as a member that is absent where its log signed none. */
export function placeOf({ leafIndex }: { readonly leafIndex?: number }): { readonly leafIndex?: number } {
  return leafIndex === undefined ? {} : { leafIndex }
}

/** The leaf hash within a leafId, 64 hex digits. */
export function leafHashOf(leafId: LeafId): string {
  return leafId.slice(65)
}
