// Test equipment, not for operators: what a static-ct development log serves as files, true or spoilt as its faults say
// [C2SP static-ct-api, "Merkle Tree" and "Log entries"]. Invariant: a tile is served only where every hash of it is in the tree.
import { atEnd, type Cursor, concat, cursor, takeVector, vector } from '../../machines/ct/bytes.ts'
import type { TileName } from '../../machines/ct/tile-names.ts'
import { concerns, type Fault, faultOf, type Leaves } from './fault.ts'
import type { History, LogEntry } from './history.ts'
import { type Reply, refuse } from './submission.ts'
import { sha256 } from './tree.ts'

const notFound = refuse(404, 'no such tile')

export function hashTile(history: History, name: TileName, faults: readonly Fault[]): Reply<Uint8Array> {
  const { level, index, width } = name
  const refusing = faultOf(faults, 'refusing')
  if (refusing !== undefined && hits(history, name, refusing.leaves)) return refuse(refusing.status, 'refused')
  const count = Math.floor(servedSize(history, faults) / 256 ** level)
  if (count < index * 256 + width || isVanished(name, count, faults)) return notFound
  const tile = concat(...history.tree.nodes(level * 8, index * 256, width))
  const wrong = faultOf(faults, 'wrong-proof')
  const spoilt = faultOf(faults, 'tile-flip')?.level === level || (wrong && hits(history, name, wrong.leaves))
  return { ok: true, value: spoilt ? tile.with(0, (tile[0] ?? 0) ^ 1) : tile }
}

export function dataTile(history: History, name: Omit<TileName, 'level'>, faults: readonly Fault[]): Reply<Uint8Array> {
  const start = name.index * 256
  const size = servedSize(history, faults)
  if (size < start + name.width || isVanished({ ...name, level: 0 }, size, faults)) return notFound
  return { ok: true, value: concat(...history.entries.slice(start, start + name.width).map(tileLeaf)) }
}

/** Leaves in tiles: fewer than in the tree where the checkpoint is ahead of them. */
function servedSize(history: History, faults: readonly Fault[]): number {
  return Math.max(0, history.size - (faultOf(faults, 'tiles-behind')?.by ?? 0))
}

/** A partial tile may go once the full one exists. */
function isVanished({ index, width }: TileName, count: number, faults: readonly Fault[]): boolean {
  return width < 256 && count >= (index + 1) * 256 && faultOf(faults, 'no-partials') !== undefined
}

/** Faults of single leaves touch the lowest tiles that hold them. */
function hits(history: History, { level, index }: TileName, leaves: Leaves): boolean {
  if (leaves === 'all' || level > 0) return leaves === 'all'
  const entries = history.entries.slice(index * 256, (index + 1) * 256)
  return entries.some(({ leafHash, leaf }) => concerns(leaves, leafHash, leaf))
}

/** The TimestampedEntry is the MerkleTreeLeaf without version and type. */
function tileLeaf({ leaf, extraData }: LogEntry): Uint8Array {
  const from = cursor(extraData)
  const isPrecert = leaf[11] === 1
  const precertificate = isPrecert ? vector(needed(from), 3) : new Uint8Array()
  const issuers = cursor(needed(from))
  const fingerprints: Uint8Array[] = []
  while (!atEnd(issuers)) fingerprints.push(sha256(needed(issuers)))
  return concat(leaf.subarray(2), precertificate, vector(concat(...fingerprints), 2))
}

/** @throws Error where there is none: a defect of the log. */
function needed(from: Cursor): Uint8Array {
  const content = takeVector(from, 3)
  if (content === null) throw new Error('extra data ends early')
  return content
}
