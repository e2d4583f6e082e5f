// The relay model's integers as the machine's IDs, and back. Invariant: both orders are the same, and a leaf names its log.
import type { LeafId, LogId, ProofPair, SfoId, Sth } from '../../../machines/ct/types.ts'
import { decodeOnionAddress, encodeOnionAddress } from '../../../machines/tor/onion-address.ts'
import type { Consensus } from '../../../machines/tor/types.ts'
import type { Value } from './quint.ts'

export const mmd = 10
const url = 'http://127.0.0.1/'

export const idOf = (number: number): string => number.toString(16).padStart(64, '0')
export const numberOf = (id: string): number => Number.parseInt(id, 16)

/** The first 32 bits choose the auditor [RELAY-005]. */
export const sfoOf = (number: number): SfoId => number.toString(16).padStart(8, '0').padEnd(64, '0')
export const sfoNumber = (sfoId: SfoId): number => Number.parseInt(sfoId.slice(0, 8), 16)

/** Leaf 23 is one of log 2. */
export const leafOf = (number: number): LeafId => `${idOf(Math.floor(number / 10))}:${idOf(number)}`
export const leafNumber = (leafId: LeafId): number => numberOf(leafId.slice(leafId.indexOf(':') + 1))

export const onionOf = (number: number): string => encodeOnionAddress(new Uint8Array(32).fill(number))
export const onionNumber = (address: string): number => decodeOnionAddress(address)?.[0] ?? -1

export interface ModelSth {
  readonly timestamp: number
  readonly size: number
}

/** A log does not fork: its root follows from the size. */
export function sthOf(logId: LogId, { timestamp, size }: ModelSth): Sth {
  return { logId, timestamp, size, root: idOf(size), signature: '' }
}

export const modelSth = ({ timestamp, size }: Sth): Value => ({ timestamp, size })

export function pairOf(leaf: number, size: number): ProofPair {
  const leafId = leafOf(leaf)
  const sth = sthOf(leafId.slice(0, 64), { timestamp: size, size })
  return { leafId, sth, proof: { leafIndex: 0, path: [] } }
}

export interface ModelConsensus {
  readonly validAfter: number
  readonly ctrs: readonly number[]
  readonly auditors: readonly number[]
  readonly sths: readonly (readonly [number, readonly ModelSth[]])[]
}

/** In descending order of everything: a machine has to sort. */
export function consensusOf({ validAfter, ctrs, auditors, sths }: ModelConsensus): Consensus {
  const descending = (numbers: readonly number[]) => numbers.toSorted((a, b) => b - a)
  return {
    digest: idOf(validAfter),
    validAfter,
    freshUntil: validAfter + 1,
    validUntil: validAfter + 3,
    logs: sths.map(([log]) => ({ logId: idOf(log), key: '', mmd, url })).toReversed(),
    sths: sths.flatMap(([log, heads]) => heads.map((head) => sthOf(idOf(log), head))).toReversed(),
    ctrs: descending(ctrs).map((ctr) => ({ ctrId: idOf(ctr), url, family: [] })),
    auditors: descending(auditors).map((auditor) => ({ auditorId: idOf(auditor), key: idOf(auditor), url })),
  }
}
