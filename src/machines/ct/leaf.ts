// MerkleTreeLeaf, its hash, and the identity of what a log promised [RFC 6962 3.4, 2.1; WIRE-003, WIRE-010].
// Invariant: the bytes that a log's SCT signs and the bytes that its tree holds are the same, SCT extensions included.
import { concat, toHex, uint, vector } from './bytes.ts'
import type { Entry } from './entry.ts'
import type { Crypto, LeafId, LogId } from './types.ts'

const x509Entry = 0
const precertEntry = 1

/**
 * The MerkleTreeLeaf of version 1, which is also the SCT's signature input (version, signature or leaf type, and entry
 * have the same codes in both). `timestamp`: the SCT's, milliseconds. @throws RangeError above 16 MiB or 65,535 bytes.
 */
export function encodeLeaf(entry: Entry, timestamp: number, extensions: Uint8Array): Uint8Array {
  const head = concat(uint(0, 2), uint(timestamp, 8))
  if (entry.type === 'x509') {
    return concat(head, uint(x509Entry, 2), uint(entry.certificate.length, 3), entry.certificate, vector(extensions, 2))
  }
  const { issuerKeyHash, tbs } = entry
  return concat(head, uint(precertEntry, 2), issuerKeyHash, uint(tbs.length, 3), tbs, vector(extensions, 2))
}

const leafPrefix = new Uint8Array([0])

/** SHA-256 over 00 and the MerkleTreeLeaf: 32 bytes. */
export function leafHash(crypto: Crypto, leaf: Uint8Array): Uint8Array {
  return crypto.sha256(leafPrefix, leaf)
}

export function leafIdOf(logId: LogId, hash: Uint8Array): LeafId {
  return `${logId}:${toHex(hash)}`
}

/** The leaf hash within a leafId, 64 hex digits. */
export function leafHashOf(leafId: LeafId): string {
  return leafId.slice(65)
}
