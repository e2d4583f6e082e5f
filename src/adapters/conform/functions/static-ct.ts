// L0 functions about static-ct logs [WIRE-013, WIRE-014]. Invariant: each one is the kernel's own function behind a schema.
import { z } from 'zod'
import { hex32, whole } from '../../../effects/vocabulary/nouns.ts'
import { decodeCheckpoint } from '../../../machines/ct/checkpoint.ts'
import { decodeSctExtensions } from '../../../machines/ct/extensions.ts'
import { consistencyTiles, inclusionTiles, type TileName, tilePath } from '../../../machines/ct/tile-names.ts'
import { consistencyFromTiles, type HashTileError, inclusionFromTiles } from '../../../machines/ct/tile-tree.ts'
import type { Result } from '../../../machines/ct/types.ts'
import { nodeCrypto } from '../../node/crypto.ts'
import { answer, anyNumber, bytes, type ConformFunction, define, type Outcome } from './define.ts'

const crypto = nodeCrypto()
const tiles = z.array(bytes)
const noRoot = '0'.repeat(64)

/** Whether there is such a proof is asked of its maker, without tiles. */
function named(asked: Result<unknown, HashTileError>, names: () => readonly TileName[]): Outcome {
  if (!asked.ok && asked.error !== 'tileCount') return { error: asked.error }
  return { ok: { paths: names().map(tilePath) } }
}

export const staticCtFunctions: Readonly<Record<string, ConformFunction>> = {
  decodeSctExtensions: define(z.strictObject({ bytes }), (given) =>
    answer(decodeSctExtensions(given.bytes), (value) => value),
  ),
  decodeCheckpoint: define(z.strictObject({ logId: hex32, origin: z.string(), bytes }), ({ bytes: note, ...log }) =>
    answer(decodeCheckpoint(crypto, log, note), (value) => value),
  ),
  tilePath: define(
    z.strictObject({ level: z.int().min(0).max(5), index: whole, width: z.int().min(1).max(256) }),
    (name) => ({ ok: { path: tilePath(name) } }),
  ),
  inclusionTiles: define(z.strictObject({ leafIndex: anyNumber, size: anyNumber }), ({ leafIndex, size }) =>
    named(inclusionFromTiles(crypto, leafIndex, { size, root: noRoot }, []), () => inclusionTiles(leafIndex, size)),
  ),
  consistencyTiles: define(z.strictObject({ size1: anyNumber, size2: anyNumber }), ({ size1, size2 }) =>
    named(consistencyFromTiles(crypto, size1, { size: size2, root: noRoot }, []), () => consistencyTiles(size1, size2)),
  ),
  inclusionFromTiles: define(
    z.strictObject({ leafIndex: anyNumber, size: anyNumber, root: hex32, tiles }),
    ({ leafIndex, tiles: given, ...head }) =>
      answer(inclusionFromTiles(crypto, leafIndex, head, given), ({ proof, genuine }) => ({ ...proof, genuine })),
  ),
  consistencyFromTiles: define(
    z.strictObject({ size1: anyNumber, size2: anyNumber, root2: hex32, tiles }),
    ({ size1, size2: size, root2: root, tiles: given }) =>
      answer(consistencyFromTiles(crypto, size1, { size, root }, given), ({ proof: path, genuine }) => ({
        path,
        genuine,
      })),
  ),
}
