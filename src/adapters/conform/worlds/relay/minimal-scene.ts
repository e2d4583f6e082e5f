// What there is in the minimal world of a relay: few SFOs, one or two logs, two other CTRs, two instants.
// Invariant: instants lie further apart than every lifetime of the `minimal` preset, so that each runs out between them.
import type { LeafId, ProofPair, Sth } from '../../../../machines/ct/types.ts'
import type { Choice, Node } from '../../../../machines/kernel/explore.ts'
import type { RelayConfig, RelayContext, RelayEvent, SfoRef, StepName } from '../../../../machines/relay/types.ts'
import { encodeOnionAddress } from '../../../../machines/tor/onion-address.ts'
import type { Consensus } from '../../../../machines/tor/types.ts'

/** What the environment remembers beside the relay. `now`: index of the instant; `step`: whose answers are awaited. */
export interface RelayWorld {
  readonly now: number
  readonly waiting: boolean
  readonly deadline: boolean
  readonly step: StepName | null
  /** Reports under way, sorted. */
  readonly reports: readonly string[]
}

export type RelayNode = Node<RelayContext, RelayWorld>
export type RelayChoice = Choice<RelayEvent, RelayWorld>

export interface Scene {
  readonly name: string
  /** Milliseconds, ascending. */
  readonly instants: readonly number[]
  readonly sfos: readonly SfoRef[]
  /** Ascending; each may arrive at any time after the one before. */
  readonly consensuses: readonly Consensus[]
  readonly addresses: readonly string[]
  /** Also, at any time: what is late, repeated, never asked for or too short of draws, and what only reads. */
  readonly noise: boolean
  readonly config?: Partial<Omit<RelayConfig, 'policy'>>
}

/** 32 bytes that say no more than that they differ. */
const idOf = (number: number): string => number.toString(16).padStart(64, '0')

/** Received at 1000 they are due then, by an STH of 1000; one of 995 does not show it. */
const early = 1000
const late = 1100
const mmd = 10
const logA = idOf(0xa)
const logB = idOf(0xb)
const sfoA: SfoRef = { sfoId: idOf(1), leafId: `${logA}:${idOf(1)}`, logId: logA, sctTimestamp: early - mmd, hops: 0 }
/** Another chain for the same leaf. */
const sfoA2: SfoRef = { ...sfoA, sfoId: idOf(2) }
const sfoB: SfoRef = { ...sfoA, sfoId: idOf(3), leafId: `${logB}:${idOf(1)}`, logId: logB }
const fromCtr = (sfo: SfoRef): SfoRef => ({ ...sfo, hops: 1 })
const onion = (number: number): string => encodeOnionAddress(new Uint8Array(32).fill(number))
const url = 'http://127.0.0.1/'

/** `number` tells consensuses apart by time; each log has one STH, of `sthTime`. This relay is CTR 0. */
function consensusAt(number: number, sthTime: number, logIds: readonly string[]): Consensus {
  return {
    digest: idOf(number),
    validAfter: number,
    freshUntil: number + 1,
    validUntil: number + 3,
    logs: logIds.map((logId) => ({ logId, key: '', mmd, url })),
    sths: logIds.map((logId) => sthAt(logId, sthTime)),
    ctrs: [0, 1, 2].map((ctr) => ({ ctrId: idOf(ctr), url, family: [] })),
    auditors: [{ auditorId, key: idOf(1), url }],
  }
}

export const auditorId = idOf(1)
export const stranger = idOf(9)

export function sthAt(logId: string, timestamp: number): Sth {
  return { logId, timestamp, size: timestamp, root: idOf(timestamp), signature: '' }
}

export function pairOf(leafId: LeafId, sth: Sth): ProofPair {
  return { leafId, sth, proof: { leafIndex: 0, path: [] } }
}

const nothing = { instants: [early], sfos: [sfoA], consensuses: [], addresses: [], noise: false }
const twoHeads = [consensusAt(1, early - 5, [logA]), consensusAt(2, early, [logA])]

const laterHeads = [consensusAt(2, early, [logA]), consensusAt(3, early + 5, [logA])]
const twoLogs = { ...nothing, sfos: [sfoA, sfoB], consensuses: [consensusAt(2, early, [logA, logB])] }

export const scenes = {
  /** One SFO and everything that can go wrong with it. */
  one: { ...nothing, name: 'one SFO', instants: [early, late], consensuses: twoHeads, noise: true },
  /** From a client and from a CTR, and two STHs that show it is due. */
  hops: { ...nothing, name: 'hops', sfos: [sfoA, fromCtr(sfoA)], consensuses: laterHeads },
  /** Two SFOs of one leaf, and a proof set that peers offer. */
  variants: {
    ...nothing,
    name: 'two variants of a leaf',
    sfos: [sfoA, sfoA2],
    consensuses: [consensusAt(2, early, [logA])],
    addresses: [onion(0)],
  },
  /** Two leaves in two logs, of which one may fail wholesale, in one bucket. */
  logs: { ...twoLogs, name: 'two logs', config: { n: 1, proofCapacity: 1, forwardMemoryCapacity: 1 } },
  /** Buckets that hold one SFO only; no log is known. */
  full: {
    ...nothing,
    name: 'full buckets',
    sfos: [sfoA, sfoA2, sfoB],
    config: { bucketCapacity: 1, variantsPerLeaf: 1 },
  },
  /** One bucket of two, into which three SFOs want. */
  crowd: {
    ...nothing,
    name: 'a crowded bucket',
    sfos: [sfoA, sfoA2, sfoB],
    consensuses: [consensusAt(1, early - 5, [logA, logB])],
    config: { n: 1 },
  },
} as const satisfies Record<string, Scene>

/** For a long search. */
export const largeScenes = {
  logsAndBuckets: { ...twoLogs, name: 'two logs, two buckets' },
} as const satisfies Record<string, Scene>
