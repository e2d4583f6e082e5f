// One evidence bundle of each kind, and the parts that others are made of [EVID-002 to EVID-014].
// Invariant: keys, certificates and trees are those of the other vectors; every bundle holds, and at its edges only just.
import { createHash } from 'node:crypto'
import { toHex, utf8 } from '../../../machines/ct/bytes.ts'
import { encodeCheckpoint } from '../../../machines/ct/checkpoint.ts'
import {
  type BundleKind,
  type EvidenceBundle,
  encodeBundle,
  originOf,
  type SfoObject,
} from '../../../machines/ct/evidence-bundle.ts'
import { encodeLeafIndex } from '../../../machines/ct/extensions.ts'
import { encodeTlogProof } from '../../../machines/ct/tlog-proof.ts'
import type { Log } from '../../../machines/ct/types.ts'
import { nodeCrypto } from '../../node/crypto.ts'
import { bodyOf, leafOf, type Made, makeSfo, uint64, vector16 } from './certificates.ts'
import { type Key, logOf } from './keys.ts'
import { joined } from './operators.ts'
import { ecdsaLog, otherLog } from './sfo-samples.ts'
import { consistencyPath, inclusionPath, leavesOf, rootOf } from './trees.ts'

const crypto = nodeCrypto()
export const issuedAt = 1_700_000_000_000
export const mmd = 60_000
export const index = 5

/** A static-ct log, and the same key as an RFC 6962 log's. */
export const staticLog: Log = { ...logOf(ecdsaLog.key, mmd), monitoringUrl: 'http://127.0.0.1/tiles' }
export const plainLog: Log = logOf(ecdsaLog.key, mmd)
export const foreignLog: Log = logOf(otherLog.key, mmd)

export interface SfoParts {
  readonly name?: string
  readonly timestamp?: number
  readonly leafIndex?: number | null
  readonly log?: typeof ecdsaLog
}

export function madeSfo({ name = 'a.test', timestamp = issuedAt, leafIndex = index, log = ecdsaLog }: SfoParts = {}) {
  const extensions = leafIndex === null ? new Uint8Array() : encodeLeafIndex(leafIndex)
  return makeSfo({ log, timestamp, embedded: true, extensions, name })
}

export function leafHashOf({ entry, parts }: Made): Uint8Array {
  const leaf = leafOf(entry, parts.timestamp, parts.extensions)
  return new Uint8Array(
    createHash('sha256')
      .update(joined([0], leaf))
      .digest(),
  )
}

export function sfoObject(made: Pick<Made, 'chain' | 'sct'>): SfoObject {
  const [object] = JSON.parse(Buffer.from(bodyOf(made)).toString()) as readonly SfoObject[]
  return object as SfoObject
}

/** Leaves of a tree in which `made` is the leaf at `at`, or which is all others'. */
export function leavesWith(size: number, made?: Made, at = index, name = 'evidence'): readonly Uint8Array[] {
  return leavesOf(name, size).map((leaf, i) => (made !== undefined && i === at ? leafHashOf(made) : leaf))
}

export function headOf(leaves: readonly Uint8Array[], timestamp: number, key: Key = ecdsaLog.key): string {
  const { logId, url } = logOf(key, mmd)
  const root = rootOf(leaves)
  const signed = key.sign(joined([0, 1], uint64(timestamp), uint64(leaves.length), root))
  const signature = toHex(joined([4, 3], vector16(signed)))
  const sth = { logId, timestamp, size: leaves.length, root: toHex(root), signature }
  return Buffer.from(encodeCheckpoint(crypto, originOf(url), sth)).toString()
}

export function proofOf(leaves: readonly Uint8Array[], leafIndex: number, timestamp: number): string {
  const path = inclusionPath(leaves, leafIndex).map(toHex)
  return encodeTlogProof({ proof: { leafIndex, path }, checkpoint: headOf(leaves, timestamp) })
}

const promised = madeSfo()
const dueAt = issuedAt + mmd
const without = leavesWith(8)
const merged = leavesWith(9, promised)
const owned = [sfoObject(promised)]
const base = { version: 1, log: staticLog, heads: [], sfos: [] } as const
const forked = [headOf(leavesWith(8), dueAt), headOf(leavesWith(8, promised), dueAt)]
const unrelated = leavesOf('unrelated', 9)

export const samples: Readonly<Record<BundleKind, EvidenceBundle>> = {
  'split-view': { ...base, kind: 'split-view', log: plainLog, heads: forked },
  rollback: {
    ...base,
    kind: 'rollback',
    log: plainLog,
    heads: [headOf(leavesWith(8), dueAt), headOf(leavesWith(7), dueAt + 1)],
  },
  omission: { ...base, kind: 'omission', sfos: owned, heads: [headOf(leavesWith(index), dueAt)] },
  substitution: {
    ...base,
    kind: 'substitution',
    sfos: owned,
    inclusion: { proof: proofOf(without, index, issuedAt), leafHash: toHex(without[index] as Uint8Array) },
  },
  equivocation: { ...base, kind: 'equivocation', sfos: [...owned, sfoObject(madeSfo({ name: 'b.test' }))] },
  'late-merge': {
    ...base,
    kind: 'late-merge',
    log: plainLog,
    sfos: owned,
    heads: [headOf(leavesWith(index), dueAt)],
    inclusion: { proof: proofOf(merged, index, dueAt + 1) },
  },
  backdated: {
    ...base,
    kind: 'backdated',
    log: plainLog,
    sfos: owned,
    inclusion: { proof: proofOf(merged, index, issuedAt - 1) },
  },
  inconsistent: {
    ...base,
    kind: 'inconsistent',
    log: plainLog,
    heads: [headOf(leavesWith(8), dueAt), headOf(unrelated, dueAt + 1)],
    transcript: [{ at: dueAt + 2, outcome: 'badProof', path: consistencyPath(unrelated, 8).map(toHex) }],
  },
  withheld: {
    ...base,
    kind: 'withheld',
    log: plainLog,
    sfos: owned,
    heads: [headOf(leavesWith(8), dueAt)],
    receivedAt: issuedAt + 1,
    transcript: [
      { at: dueAt + 1, outcome: 'unreachable', size: 8 },
      { at: dueAt + 2, outcome: 'refused', size: 8, status: 404 },
    ],
  },
}

/** The file's text. */
export function textOf(bundle: object): string {
  return Buffer.from(encodeBundle(crypto, bundle as EvidenceBundle)).toString()
}

export const bytesOf = (text: string): Uint8Array => utf8(text)
