// A relay's SFOs and proof pairs [RELAY-026]: in memory alone, so this file imports no module that can reach a disk.
// Invariant: the bytes accounted for are those of what is held, and never exceed the limit.
import type { RelayStore, StoredSfo } from '../../../effects/ports.ts'
import type { LeafId, ProofPair, SfoId } from '../../../machines/ct/types.ts'

export interface MemoryRelayStoreLimits {
  /** Bytes for SFOs: each counts its body and `bytesPerSfo`. */
  readonly maxBytes: number
  readonly maxPairs: number
}

/** What an SFO's identities and its map entry cost beside its body, rounded up. */
export const bytesPerSfo = 512

export interface MemoryRelayStore extends RelayStore {
  readonly bytes: number
  /** Puts that found the store at its limit, since it was made. */
  readonly refusedSfos: number
  readonly refusedPairs: number
}

/** A put under an identity that is held replaces it. Bodies are copied in; what `getSfo` answers must not be changed. */
export function memoryRelayStore({ maxBytes, maxPairs }: MemoryRelayStoreLimits): MemoryRelayStore {
  const sfos = new Map<SfoId, StoredSfo>()
  const pairs = new Map<LeafId, ProofPair>()
  let bytes = 0
  let refusedSfos = 0
  let refusedPairs = 0

  return {
    putSfo(sfoId, sfo) {
      const after = bytes - costOf(sfos.get(sfoId)) + costOf(sfo)
      if (after > maxBytes) {
        refusedSfos += 1
        return false
      }
      sfos.set(sfoId, { ...sfo, body: Uint8Array.from(sfo.body) })
      bytes = after
      return true
    },
    getSfo: (sfoId) => sfos.get(sfoId),
    deleteSfos(sfoIds) {
      for (const sfoId of sfoIds) {
        bytes -= costOf(sfos.get(sfoId))
        sfos.delete(sfoId)
      }
    },
    putPair(pair) {
      if (pairs.size >= maxPairs && !pairs.has(pair.leafId)) {
        refusedPairs += 1
        return false
      }
      pairs.set(pair.leafId, pair)
      return true
    },
    getPairs: (leafIds) => leafIds.map((leafId) => pairs.get(leafId)).filter((pair) => pair !== undefined),
    deletePairs(leafIds) {
      for (const leafId of leafIds) pairs.delete(leafId)
    },
    get sfoCount() {
      return sfos.size
    },
    get pairCount() {
      return pairs.size
    },
    get bytes() {
      return bytes
    },
    get refusedSfos() {
      return refusedSfos
    },
    get refusedPairs() {
      return refusedPairs
    },
  }
}

/** A copied body owns exactly its bytes: a slice of a larger buffer would keep all of it alive. */
function costOf(sfo: StoredSfo | undefined): number {
  return sfo === undefined ? 0 : sfo.body.byteLength + bytesPerSfo
}
