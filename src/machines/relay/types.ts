// The relay machine's vocabulary: policy, context, events, effects. zod schemas of events and effects: src/effects/vocabulary.
// Invariant: everything here is plain data or a persistent collection; nothing of an SFO but its identities and times is in
// it: the bytes are the memory store's, under the sfoId.
import type { List, Map as PersistentMap } from 'immutable'
import type { LeafId, LogId, Outcome, ProofPair, SfoId, Sth } from '../ct/types.ts'
import type { AuditorId, Consensus, Ctr, CtrId } from '../tor/types.ts'
import type { RandomSet } from './random-set.ts'

/** The eight policy parameters of `spec/relay.md`; a profile is a named preset of them [RELAY-120]. */
export interface Policy {
  readonly bucketing: 'coin' | 'choose'
  readonly whileActive: 'drop' | 'defer'
  readonly referenceSth: 'latest' | 'first-due'
  readonly notDue: 'challenge' | 'hold'
  readonly order: 'challenge-first' | 'forward-first'
  readonly forwardHops: 'unbounded' | 'one'
  readonly reporting: 'never' | 'auditor'
  readonly bucketFull: 'end-wait' | 'evict'
}

/** Durations in milliseconds, capacities in entries. */
export interface RelayConfig {
  readonly policy: Policy
  /** This relay, left out when peers are sampled; `family` likewise. */
  readonly self: CtrId
  readonly family: readonly CtrId[]
  /** Number of buckets; the number of buckets an SFO enters (on average, with `coin`). 1 <= k <= n <= 30. */
  readonly n: number
  readonly k: number
  readonly waitMs: number
  readonly roundDeadlineMs: number
  readonly bucketCapacity: number
  readonly proofCapacity: number
  readonly proofLifetimeMs: number
  readonly forwardMemoryMs: number
  readonly forwardMemoryCapacity: number
  readonly variantsPerLeaf: number
  readonly addressCapacity: number
  readonly addressLifetimeMs: number
  readonly holdLimitMs: number
  readonly reportCapacity: number
  readonly sthsPerLog: number
  readonly pairsPerFetch: number
}

/** An SFO that the interpreter has validated (size, shape, known log, SCT signature) and stored. */
export interface SfoRef {
  readonly sfoId: SfoId
  readonly leafId: LeafId
  readonly logId: LogId
  readonly sctTimestamp: number
  /** Where a static-ct log promised the leaf; absent for other logs. */
  readonly leafIndex?: number
  /** 0 from a client; 1 from a CTR (`CTor-Hops`). */
  readonly hops: number
}

/** An SFO in some bucket. `buckets`: bit b is set where it is in bucket b. */
export interface Holding extends SfoRef {
  readonly receivedAt: number
  readonly buckets: number
}

/** An SFO that waits for its auditor's acknowledgement. */
export interface Report extends SfoRef {
  readonly auditorId: AuditorId
  readonly forwarded: boolean
}

export interface KnownLog {
  readonly mmd: number
  /** Ordered by (timestamp, size), bounded by `sthsPerLog`, oldest dropped. */
  readonly sths: readonly Sth[]
}

export interface Address {
  readonly address: string
  readonly at: number
}

/** Why a received SFO left without having been proven, forwarded, reported or expired; counted per reason [INV-006]. */
export const dropReasons = [
  'invalid',
  'active',
  'alreadyProven',
  'duplicate',
  'tooManyVariants',
  'noBucket',
  'evicted',
  'bucketFull',
  'forwardFailed',
  'forwardedBefore',
  'reportFailed',
  'reportQueueFull',
  'noAuditor',
] as const
export type DropReason = (typeof dropReasons)[number]

/** received = proven + forwarded + reported + held + expired + dropped, at every instant [INV-006]. */
export interface Counters {
  readonly received: number
  readonly proven: number
  readonly forwarded: number
  readonly reported: number
  readonly expired: number
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>
}

/** What one challenge was about and how it ended. */
export interface Challenged {
  readonly outcome: Outcome
  /** The log's circuit breaker was open: the log fails wholesale, nothing is forwarded for it [RELAY-010]. */
  readonly breakerOpen: boolean
}

/** One peer of the round: CTR i of step 6, with what bucket i holds for it. */
export interface Peer {
  readonly ctr: Ctr
  readonly bucket: number
}

/** The running round. `taken` are the SFOs it took from the buckets, in one transition. */
export interface Round {
  readonly number: number
  readonly startedAt: number
  readonly taken: PersistentMap<SfoId, Holding>
  /** SFOs per bucket, as taken. */
  readonly buckets: readonly RandomSet[]
  readonly peers: readonly Peer[]
  /** Challenges that have no answer yet, and those that have. */
  readonly asked: PersistentMap<LeafId, Sth>
  readonly answered: PersistentMap<LeafId, Challenged>
  /** Logs that are asked, in the order of their circuits. */
  readonly logOrder: readonly LogId[]
  /** SFOs that were taken although they were not due (`notDue: challenge`): no auditor is told of them. */
  readonly undue: PersistentMap<SfoId, true>
  /** Auditors of the consensus that the peers were sampled from, by ID. */
  readonly auditors: readonly AuditorId[]
  /** Deliveries that were accepted by a peer. */
  readonly delivered: PersistentMap<SfoId, true>
  /** Bit i is set where peer i was asked to take the SFO and has not answered yet, or has refused. */
  readonly pending: PersistentMap<SfoId, number>
  readonly failed: PersistentMap<SfoId, number>
  readonly retrying: boolean
}

export interface RelayContext {
  readonly config: RelayConfig
  readonly consensus: Consensus | null
  readonly logs: PersistentMap<LogId, KnownLog>
  readonly roundNumber: number
  readonly buckets: readonly RandomSet[]
  readonly held: PersistentMap<SfoId, Holding>
  /** Distinct SFOs held per leaf: in buckets, in the running round, in the report queue. */
  readonly variants: PersistentMap<LeafId, number>
  /** Time of insertion. */
  readonly proofs: PersistentMap<LeafId, number>
  /** The same leafs, oldest first. */
  readonly proofsByAge: List<LeafId>
  /** Time of the first accepted delivery; empty where `forwardHops` is unbounded. */
  readonly forwardedLeaves: PersistentMap<LeafId, number>
  readonly forwardedByAge: List<LeafId>
  readonly addresses: readonly Address[]
  readonly reports: PersistentMap<SfoId, Report>
  readonly round: Round | null
  readonly counters: Counters
}

/** Why an event was not accepted; closed. */
export const relayReasons = [
  'staleRound',
  'notAsked',
  'notVerified',
  'alreadyKnown',
  'insufficientDraw',
  'badAddress',
  'oldConsensus',
  'wrongStep',
  'unknownReport',
  ...dropReasons,
] as const
export type RelayReason = (typeof relayReasons)[number]

export const steps = ['connect', 'challenge', 'fetch', 'forward', 'announce', 'rotate', 'empty'] as const
export type StepName = (typeof steps)[number]

/** `draw`: uniform 32-bit unsigned integers, at least `drawsNeeded(context, type)` of them. */
type At = { readonly at: number }
type Draw = { readonly draw: readonly number[] }

export type RelayEvent =
  /** A Tor consensus and its extension document, verified; STHs with a bad log signature are already left out. */
  | ({ readonly type: 'consensus'; readonly consensus: Consensus } & At)
  /** SFO API, after validation. */
  | ({ readonly type: 'sfo'; readonly sfo: SfoRef } & At & Draw)
  /** SFO API: validation after the reply failed. */
  | ({ readonly type: 'invalidSfo'; readonly error: string } & At)
  /** OnionShare address API. */
  | ({ readonly type: 'address'; readonly address: string } & At & Draw)
  /** OnionShare connection API. */
  | ({ readonly type: 'proofsRequested'; readonly request: string } & At & Draw)
  /** Step 1's timer. */
  | ({ readonly type: 'waited' } & At & Draw)
  /** The round's hard deadline. */
  | ({ readonly type: 'deadline'; readonly round: number } & At)
  /** Answer to one challenge of step 4; `pair` exactly where `outcome` is `proven`. */
  | ({
      readonly type: 'challenged'
      readonly round: number
      readonly leafId: LeafId
      readonly outcome: Outcome
      readonly pair: ProofPair | null
      readonly breakerOpen: boolean
    } & At)
  /** A pair that a peer served in step 5, and whether local verification against this relay's own STHs succeeded. */
  | ({ readonly type: 'pair'; readonly round: number; readonly pair: ProofPair; readonly verified: boolean } & At)
  /** A peer's answer in step 6. */
  | ({
      readonly type: 'delivered'
      readonly round: number
      readonly ctrId: CtrId
      readonly sfoId: SfoId
      readonly ok: boolean
    } & At)
  /** All of a step's effects are answered. */
  | ({ readonly type: 'stepDone'; readonly round: number; readonly step: StepName } & At)
  /** An auditor acknowledged, or the interpreter gave up. */
  | ({ readonly type: 'reported'; readonly sfoId: SfoId; readonly ok: boolean } & At)

/** One challenge of step 4. */
export interface Challenge {
  readonly leafId: LeafId
  /** Any one of the SFOs with that leaf: the store has its bytes. */
  readonly sfoId: SfoId
  readonly sth: Sth
}

export interface Delivery {
  readonly ctr: Ctr
  readonly sfoIds: readonly SfoId[]
}

/** Each effect with a `round` is answered by events of that round and ended by `stepDone`. */
export type RelayEffect =
  | { readonly type: 'startWait'; readonly ms: number }
  | { readonly type: 'startDeadline'; readonly round: number; readonly ms: number }
  /** The round is over: stop its timer and whatever of it still runs. */
  | { readonly type: 'endRound'; readonly round: number }
  /** Step 3. */
  | { readonly type: 'connect'; readonly round: number; readonly logIds: readonly LogId[] }
  /** Step 4: one isolated circuit a group. */
  | {
      readonly type: 'challenge'
      readonly round: number
      readonly groups: readonly { readonly logId: LogId; readonly challenges: readonly Challenge[] }[]
    }
  /** Step 5. */
  | { readonly type: 'fetch'; readonly round: number; readonly addresses: readonly string[]; readonly limit: number }
  /** Step 6: connects to every CTR listed, also where there is nothing to send [RELAY-025]. */
  | { readonly type: 'forward'; readonly round: number; readonly deliveries: readonly Delivery[] }
  /** Step 7: publish a fresh onion service and send its address to these CTRs; retire that of round - 2. */
  | { readonly type: 'announce'; readonly round: number; readonly ctrs: readonly Ctr[]; readonly retire: number }
  /** Step 8: proofs whose lifetime is over. */
  | { readonly type: 'forgetProofs'; readonly round: number; readonly leafIds: readonly LeafId[] }
  /** Step 9: SFOs that the round is done with. */
  | { readonly type: 'emptyBuckets'; readonly round: number; readonly sfoIds: readonly SfoId[] }
  /** Outside a round: the memory store may drop these bytes. */
  | { readonly type: 'forgetSfos'; readonly sfoIds: readonly SfoId[] }
  | { readonly type: 'forgetPairs'; readonly leafIds: readonly LeafId[] }
  /** The pair enters what is served to peers. */
  | { readonly type: 'keepPair'; readonly pair: ProofPair }
  | { readonly type: 'serveProofs'; readonly request: string; readonly leafIds: readonly LeafId[] }
  | { readonly type: 'report'; readonly sfoId: SfoId; readonly auditorId: AuditorId }
