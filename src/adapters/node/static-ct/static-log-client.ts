// The port `LogClient` for static-ct logs: a checkpoint and hash tiles, never a data tile, never a hash [C2SP static-ct-api; WIRE-013,
// WIRE-014]. Invariant: what is asked for depends on the leaf's index and the tree size alone, and on the index only by its tiles.
import type { Answer, LogClient } from '../../../effects/ports.ts'
import { checkpointOrigin, decodeCheckpoint } from '../../../machines/ct/checkpoint.ts'
import { consistencyTiles, inclusionTiles } from '../../../machines/ct/tile-names.ts'
import { consistencyFromTiles, inclusionFromTiles } from '../../../machines/ct/tile-tree.ts'
import type { Crypto, Log } from '../../../machines/ct/types.ts'
import { type Circuit, type TileReaderParts, tileReader } from './tile-reader.ts'

/** Signatures of many witnesses; no longer ones are read [WIRE-013.4]. */
const maxCheckpointBytes = 128 * 1024

export interface StaticLogClientParts extends TileReaderParts {
  readonly crypto: Crypto
}

/** Its logs have a `monitoringUrl`. */
export function staticLogClient(parts: StaticLogClientParts): LogClient {
  const { crypto, source } = parts
  const tiles = tileReader(parts)

  return {
    async getInclusion(log, { leafIndex }, sth, isolation, signal) {
      if (leafIndex === null) return { kind: 'malformed', detail: 'noLeafIndex' }
      const asked = inclusionFromTiles(crypto, leafIndex, sth, [])
      if (!asked.ok && asked.error === 'indexBeyondSize') return { kind: 'refused', status: 404 }
      if (!asked.ok && asked.error !== 'tileCount') return { kind: 'malformed', detail: asked.error }
      return tiles.prove(circuitOf(log, isolation, signal), inclusionTiles(leafIndex, sth.size), (bytes) =>
        inclusionFromTiles(crypto, leafIndex, sth, bytes),
      )
    },

    async getSthConsistency(log, first, second, isolation, signal) {
      const asked = consistencyFromTiles(crypto, first.size, second, [])
      if (asked.ok) return { kind: 'ok', value: asked.value.proof }
      if (asked.error !== 'tileCount') return { kind: 'malformed', detail: asked.error }
      return tiles.prove(circuitOf(log, isolation, signal), consistencyTiles(first.size, second.size), (bytes) =>
        consistencyFromTiles(crypto, first.size, second, bytes),
      )
    },

    async getSth(log, isolation, signal) {
      const { monitoringUrl } = circuitOf(log, isolation, signal).log
      const answer = await source.read(monitoringUrl, 'checkpoint', maxCheckpointBytes, isolation, signal)
      if (answer.kind !== 'ok') return answer
      const sth = decodeCheckpoint(crypto, { logId: log.logId, origin: checkpointOrigin(log.url) }, answer.value)
      return sth.ok
        ? { kind: 'ok', value: sth.value }
        : ({ kind: 'malformed', detail: sth.error } satisfies Answer<never>)
    },
  }
}

/** @throws TypeError for a log that is not static-ct: a defect of the caller. */
function circuitOf(log: Log, isolation: string, signal: AbortSignal): Circuit {
  const { monitoringUrl } = log
  if (monitoringUrl === undefined) throw new TypeError('a log without monitoring URL')
  return { log: { ...log, monitoringUrl }, isolation, signal }
}
