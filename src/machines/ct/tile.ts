// Data tiles of static-ct logs: up to 256 TileLeafs [C2SP static-ct-api, "Log entries"; RFC 6962 3.4].
// Invariant: each byte string has at most one reading, so encoding what was decoded gives the same bytes.
import {
  atEnd,
  type Cursor,
  concat,
  cursor,
  fromHex,
  take,
  takeUint,
  takeUint64,
  takeVector,
  toHex,
  vector,
} from './bytes.ts'
import type { Entry } from './entry.ts'
import { encodeLeaf } from './leaf.ts'
import type { Result } from './types.ts'

export const tileErrors = {
  empty: 'an empty tile must not be served',
  tooManyEntries: 'more than 256 entries',
  truncated: 'an entry ends beyond the tile',
  entryType: 'neither an X.509 entry nor a precertificate entry',
  numberTooLarge: 'a timestamp above 2^53-1',
  badFingerprints: 'the fingerprints are not 32 bytes each',
} as const

export type TileError = keyof typeof tileErrors

export interface TileLeaf {
  /** Milliseconds. */
  readonly timestamp: number
  readonly entry: Entry
  /** The SCT's extensions. */
  readonly extensions: Uint8Array
  /** As it was submitted; null for an X.509 entry. */
  readonly precertificate: Uint8Array | null
  /** SHA-256 of each issuer in the submitted chain, 64 hex digits. */
  readonly fingerprints: readonly string[]
}

const widestTile = 256

/** The entries are views of `bytes`, which must not change. */
export function decodeDataTile(bytes: Uint8Array): Result<readonly TileLeaf[], TileError> {
  if (bytes.length === 0) return refuse('empty')
  const from = cursor(bytes)
  const leaves: TileLeaf[] = []
  while (!atEnd(from)) {
    if (leaves.length === widestTile) return refuse('tooManyEntries')
    const leaf = takeTileLeaf(from)
    if (typeof leaf === 'string') return refuse(leaf)
    leaves.push(leaf)
  }
  return { ok: true, value: leaves }
}

/** @throws RangeError when a part is longer than its length can say. */
export function encodeTileLeaf(leaf: TileLeaf): Uint8Array {
  // A MerkleTreeLeaf is version, leaf type and the TimestampedEntry that a tile holds.
  const timestampedEntry = encodeLeaf(leaf.entry, leaf.timestamp, leaf.extensions).subarray(2)
  const precertificate = leaf.precertificate === null ? new Uint8Array(0) : vector(leaf.precertificate, 3)
  return concat(timestampedEntry, precertificate, vector(concat(...leaf.fingerprints.map(fromHex)), 2))
}

function takeTileLeaf(from: Cursor): TileLeaf | TileError {
  const timestamp = takeUint64(from)
  const type = takeUint(from, 2)
  if (timestamp === null || type === null) return 'truncated'
  if (timestamp === 'tooLarge') return 'numberTooLarge'
  if (type !== 0 && type !== 1) return 'entryType'
  const entry = type === 0 ? takeX509(from) : takePrecert(from)
  const extensions = takeVector(from, 2)
  const precertificate = type === 0 ? null : takeVector(from, 3)
  const fingerprints = takeVector(from, 2)
  if (entry === null || extensions === null || fingerprints === null) return 'truncated'
  if (type === 1 && precertificate === null) return 'truncated'
  if (fingerprints.length % 32 !== 0) return 'badFingerprints'
  return { timestamp, entry, extensions, precertificate, fingerprints: toHex(fingerprints).match(/.{64}/g) ?? [] }
}

function takeX509(from: Cursor): Entry | null {
  const certificate = takeVector(from, 3)
  return certificate && { type: 'x509', certificate }
}

function takePrecert(from: Cursor): Entry | null {
  const issuerKeyHash = take(from, 32)
  const tbs = takeVector(from, 3)
  return issuerKeyHash && tbs && { type: 'precert', issuerKeyHash, tbs }
}

function refuse(error: TileError): Result<never, TileError> {
  return { ok: false, error, detail: tileErrors[error] }
}
