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
  readonly proven: readonly Holding[]
  readonly expired: readonly Holding[]
}

export function takeBuckets(context: RelayContext, at: number): Taken {
  const { policy, holdLimitMs } = context.config
  const lots: Lots = { proven: [], expired: [], back: [], taken: [] }
  const undue: SfoId[] = []
  const asked = new Map<LeafId, Sth>()
  const unknown = new Set<LeafId>()
  for (const sfo of context.held.values()) {
    const { due, sth } = referenceOf(policy, context.logs, sfo)
    const lot = lotOf(context, sfo, due, holdLimitMs, at)
    lots[lot].push(sfo)
    if (lot !== 'taken') continue
    if (!due) undue.push(sfo.sfoId)
    if (sth === null) unknown.add(sfo.leafId)
    else asked.set(sfo.leafId, earlier(asked.get(sfo.leafId), sth))
  }
  const { proven, expired, back } = lots
  const taken = only(context, lots.taken, [...proven, ...expired, ...back])
  const notDue: Challenged = { outcome: 'notDue', breakerOpen: false }
  return {
    taken: taken.held,
    buckets: taken.buckets,
    undue: PersistentMap(undue.map((sfoId) => [sfoId, true] as const)),
    asked: PersistentMap(asked),
    answered: PersistentMap([...unknown].map((leafId) => [leafId, notDue] as const)),
    back: only(context, back, [...proven, ...expired, ...lots.taken]),
    proven,
    expired,
  }
}

type Lot = 'proven' | 'expired' | 'back' | 'taken'
type Lots = Readonly<Record<Lot, Holding[]>>

function lotOf(context: RelayContext, sfo: Holding, due: boolean, holdLimitMs: number, at: number): Lot {
  if (context.proofs.has(sfo.leafId)) return 'proven'
  if (due || context.config.policy.notDue === 'challenge') return 'taken'
  return holdIsOver(context.logs, sfo, holdLimitMs, at) ? 'expired' : 'back'
}

function earlier(known: Sth | undefined, sth: Sth): Sth {
  return known === undefined || compareSth(sth, known) < 0 ? sth : known
}

/** A part of what is held, with its buckets; `others` is the rest. Whichever is less work: to drop those or to add these. */
function only(context: RelayContext, these: readonly Holding[], others: readonly Holding[]): Taken['back'] {
  const { held, buckets, config } = context
  if (others.length === 0) return { held, buckets }
  if (these.length === 0) return { held: PersistentMap(), buckets: emptyBuckets(config.n) }
  const ids = new Set(these.map(({ sfoId }) => sfoId))
  return {
    held: these.length > others.length ? without(held, others) : byId(these),
    buckets: buckets.map(({ list }) => setOf(list.toArray().filter((sfoId) => ids.has(sfoId)))),
  }
}

function without(held: PersistentMap<SfoId, Holding>, leaving: readonly Holding[]): PersistentMap<SfoId, Holding> {
  return held.withMutations((rest) => {
    for (const { sfoId } of leaving) rest.delete(sfoId)
  })
}

function byId(holdings: readonly Holding[]): PersistentMap<SfoId, Holding> {
  return PersistentMap<SfoId, Holding>().withMutations((all) => {
    for (const sfo of holdings) all.set(sfo.sfoId, sfo)
  })
}

/** By ID, so that no result depends on how a map is laid out. */
export function inOrder(holdings: Iterable<Holding>): readonly Holding[] {
  return [...holdings].sort((a, b) => (a.sfoId < b.sfoId ? -1 : 1))
}
