// SFO API [document: "Event handler: SFO API"; RELAY-111, RELAY-012 to RELAY-014].
// Invariant: every SFO that arrives is counted received, and in the same transition dropped for one reason or held.
import { placeOf } from '../ct/leaf.ts'
import type { Change } from '../kernel/machine.ts'
import { drawnBuckets, insert } from './bucketing.ts'
import { countFate, countReceived } from './counters.ts'
import { holds, oneLess, oneMore } from './holdings.ts'
import type { DropReason, Holding, RelayContext, RelayEffect, RelayEvent, Round } from './types.ts'

type Received = Extract<RelayEvent, { type: 'sfo' }>
type RelayChange = Change<RelayContext, RelayEffect>

/** Step 1 with `whileActive: drop` [RELAY-001]. */
export function dropWhileActive(context: RelayContext, event: Received): RelayChange {
  return drop(context, event, 'active')
}

/** Steps 2 and 3. */
export function receiveSfo(context: RelayContext, event: Received): RelayChange {
  const { sfo, draw } = event
  if (context.proofs.has(sfo.leafId)) return drop(context, event, 'alreadyProven')
  if (holds(context, sfo.sfoId)) return { ...drop(context, event, 'duplicate', fewerHops(context, event)) }
  if ((context.variants.get(sfo.leafId) ?? 0) >= context.config.variantsPerLeaf)
    return drop(context, event, 'tooManyVariants')
  const drawn = drawnBuckets(context.config, draw)
  if (drawn === 0) return drop(context, event, 'noBucket')
  return enterBuckets(context, event, drawn)
}

/** Validation after the reply failed [RELAY-012]. */
export function countInvalid(context: RelayContext): RelayChange {
  return { context: { counters: countFate(countReceived(context.counters), 'invalid') }, ignored: 'invalid' }
}

function enterBuckets(context: RelayContext, { sfo, at, draw }: Received, drawn: number): RelayChange {
  const { sfoId, leafId, logId, sctTimestamp, hops } = sfo
  const ref = { sfoId, leafId, logId, sctTimestamp, ...placeOf(sfo), hops, receivedAt: at }
  const { buckets, held, evicted, entered, filled } = insert(context, ref, drawn, draw)
  if (entered === 0) return drop(context, { sfo }, 'bucketFull')
  let counters = countReceived(context.counters)
  let variants = oneMore(context.variants, leafId)
  const effects: RelayEffect[] = []
  if (evicted.length > 0) {
    counters = countFate(counters, 'evicted', evicted.length)
    for (const gone of evicted) variants = oneLess(variants, gone.leafId)
    effects.push({ type: 'forgetSfos', sfoIds: evicted.map((gone) => gone.sfoId).sort() })
  }
  if (filled && endsWait(context)) effects.push({ type: 'startWait', ms: 0 })
  return { context: { buckets, held, variants, counters }, effects }
}

/** "… or until some bucket is full" [RELAY-011]; while a round runs there is no wait to end. */
function endsWait(context: RelayContext): boolean {
  return context.config.policy.bucketFull === 'end-wait' && context.round === null
}

/** The bytes of an SFO that is not held are of no more use; those of a duplicate still are. */
function drop(
  context: RelayContext,
  { sfo }: Pick<Received, 'sfo'>,
  reason: DropReason,
  more: Partial<RelayContext> = {},
): RelayChange {
  return {
    context: { ...more, counters: countFate(countReceived(context.counters), reason) },
    effects: holds(context, sfo.sfoId) ? [] : [{ type: 'forgetSfos', sfoIds: [sfo.sfoId] }],
    ignored: reason,
  }
}

/** Who sends an SFO first with a high `hops` must not keep it from being forwarded once the true one comes. */
function fewerHops(context: RelayContext, { sfo }: Received): Partial<RelayContext> {
  const { held, round } = context
  const inBucket = held.get(sfo.sfoId)
  if (inBucket !== undefined) return { held: held.set(sfo.sfoId, lower(inBucket, sfo)) }
  const inRound = round?.taken.get(sfo.sfoId)
  if (inRound === undefined) return {}
  return { round: { ...(round as Round), taken: (round as Round).taken.set(sfo.sfoId, lower(inRound, sfo)) } }
}

function lower(holding: Holding, { hops }: { readonly hops: number }): Holding {
  return { ...holding, hops: Math.min(holding.hops, hops) }
}
