// What a round takes from the buckets [RELAY-102, RELAY-002, RELAY-021]: everything that is due, or with `notDue: challenge`
// everything. Invariant: each SFO that was held is afterwards taken, held back in the same buckets, proven, or expired.
import { Map as PersistentMap } from 'immutable'
import { compareSth } from '../ct/sth.ts'
import type { LeafId, SfoId, Sth } from '../ct/types.ts'
import { emptyBuckets } from './initial.ts'
import { type RandomSet, setOf } from './random-set.ts'
import { holdIsOver, referenceOf } from './reference.ts'
import type { Challenged, Holding, RelayContext } from './types.ts'

export interface Taken {
  readonly taken: PersistentMap<SfoId, Holding>
  readonly undue: PersistentMap<SfoId, true>
  readonly buckets: readonly RandomSet[]
  /** One challenge a leaf, with the earliest STH that one of its SFOs is owed. */
  readonly asked: PersistentMap<LeafId, Sth>
  /** Leafs that no STH is known for. */
  readonly answered: PersistentMap<LeafId, Challenged>
  readonly back: Pick<RelayContext, 'held' | 'buckets'>
  /** In the order of their IDs. */
  readonly proven: readonly Holding[]
  readonly expired: readonly Holding[]
}

export function takeBuckets(context: RelayContext, at: number): Taken {
  const { policy, holdLimitMs } = context.config
  const sorted: Record<Lot, Holding[]> = { proven: [], expired: [], back: [], taken: [] }
  const undue: SfoId[] = []
  const asked = new Map<LeafId, Sth>()
  const unknown = new Set<LeafId>()
  for (const sfo of inOrder(context.held.values())) {
    const { due, sth } = referenceOf(policy, context.logs, sfo)
    const lot = lotOf(context, sfo, due, holdLimitMs, at)
    sorted[lot].push(sfo)
    if (lot !== 'taken') continue
    if (!due) undue.push(sfo.sfoId)
    if (sth === null) unknown.add(sfo.leafId)
    else asked.set(sfo.leafId, earlier(asked.get(sfo.leafId), sth))
  }
  const taken = byId(sorted.taken)
  const held = byId(sorted.back)
  const notDue: Challenged = { outcome: 'notDue', breakerOpen: false }
  return {
    taken,
    undue: PersistentMap(undue.map((sfoId) => [sfoId, true] as const)),
    buckets: only(context.buckets, taken),
    asked: PersistentMap(asked),
    answered: PersistentMap(
      [...unknown].filter((leafId) => !asked.has(leafId)).map((leafId) => [leafId, notDue] as const),
    ),
    back: { held, buckets: held.size === 0 ? emptyBuckets(context.config.n) : only(context.buckets, held) },
    proven: sorted.proven,
    expired: sorted.expired,
  }
}

type Lot = 'proven' | 'expired' | 'back' | 'taken'

function lotOf(context: RelayContext, sfo: Holding, due: boolean, holdLimitMs: number, at: number): Lot {
  if (context.proofs.has(sfo.leafId)) return 'proven'
  if (due || context.config.policy.notDue === 'challenge') return 'taken'
  return holdIsOver(context.logs, sfo, holdLimitMs, at) ? 'expired' : 'back'
}

function earlier(known: Sth | undefined, sth: Sth): Sth {
  return known === undefined || compareSth(sth, known) < 0 ? sth : known
}

function only(buckets: readonly RandomSet[], held: PersistentMap<SfoId, Holding>): readonly RandomSet[] {
  return buckets.map(({ list }) => setOf(list.filter((sfoId) => held.has(sfoId)).toArray()))
}

function byId(holdings: readonly Holding[]): PersistentMap<SfoId, Holding> {
  return PersistentMap(holdings.map((sfo) => [sfo.sfoId, sfo] as const))
}

/** By ID, so that no result depends on how a map is laid out. */
export function inOrder(holdings: Iterable<Holding>): readonly Holding[] {
  return [...holdings].sort((a, b) => (a.sfoId < b.sfoId ? -1 : 1))
}
