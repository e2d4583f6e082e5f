// The relay model's events, as they happen to the machine. Invariant: draws make the machine choose what the model chose.
import type { State } from '../../../machines/kernel/machine.ts'
import { drawsNeeded, peerDraws } from '../../../machines/relay/draws.ts'
import type { RelayContext, RelayEvent, StepName } from '../../../machines/relay/types.ts'
import { drawOf, drawsOf, heads, tails } from './draws.ts'
import type { Variant } from './quint.ts'
import { consensusOf, idOf, leafOf, onionOf, pairOf, sfoOf } from './relay-words.ts'

export function relayEvent({ tag, value }: Variant, { context }: State<RelayContext>): RelayEvent {
  const { at, round } = value
  switch (tag) {
    case 'ConsensusCame':
      return { type: 'consensus', consensus: consensusOf(value.consensus), at }
    case 'SfoCame': {
      const { sfo, leaf, log, sct, hops } = value.ref
      const ref = { sfoId: sfoOf(sfo), leafId: leafOf(leaf), logId: idOf(log), sctTimestamp: sct, hops }
      return { type: 'sfo', sfo: ref, draw: value.enough ? sfoDraws(context, value) : [], at }
    }
    case 'InvalidSfo':
      return { type: 'invalidSfo', error: 'badSct', at: value }
    case 'AddressCame': {
      const address = value.valid ? onionOf(value.address) : `${'a'.repeat(56)}.onion`
      return {
        type: 'address',
        address,
        draw: value.enough ? [drawOf(value.leaving, context.config.addressCapacity)] : [],
        at,
      }
    }
    case 'ProofsRequested': {
      const order = (value.order as number[]).map((leaf) => context.proofsByAge.indexOf(leafOf(leaf)))
      const draw = value.enough ? drawsOf(order, order.length).slice(0, drawsNeeded(context, 'proofsRequested')) : []
      return { type: 'proofsRequested', request: String(value.request), draw, at }
    }
    case 'Waited':
      return { type: 'waited', draw: value.enough ? roundDraws(context, value) : [], at }
    case 'Deadline':
      return { type: 'deadline', round, at }
    case 'LogAnswered': {
      const { leaf, outcome, size, breakerOpen } = value
      const pair = size < 0 ? null : pairOf(leaf, size)
      return { type: 'challenged', round, leafId: leafOf(leaf), outcome, pair, breakerOpen, at }
    }
    case 'PairCame':
      return { type: 'pair', round, pair: pairOf(value.leaf, 1), verified: value.verified, at }
    case 'Delivered':
      return { type: 'delivered', round, ctrId: idOf(value.ctr), sfoId: sfoOf(value.sfo), ok: value.ok, at }
    case 'StepDone':
      return { type: 'stepDone', round, step: value.step as StepName, at }
    case 'Reported':
      return { type: 'reported', sfoId: sfoOf(value.sfo), ok: value.ok, at }
    default:
      throw new Error(`no such event: ${tag}`)
  }
}

interface Drawn {
  readonly drawn: readonly number[]
  readonly leaving: readonly (readonly [number, number])[]
}

function sfoDraws({ config, buckets }: RelayContext, { drawn, leaving }: Drawn): readonly number[] {
  const { n, policy } = config
  const coins = Array.from({ length: n }, (_, b) => (drawn.includes(b) ? heads : tails))
  const into = policy.bucketing === 'coin' ? coins : drawsOf(drawn, n)
  const evictions = buckets.map(({ list }, b) => {
    const who = leaving.find(([bucket]) => bucket === b)?.[1] ?? -1
    return who < 0 ? 0 : drawOf(list.indexOf(sfoOf(who)), list.size)
  })
  return [...into, ...Array.from({ length: n - into.length }, () => 0), ...evictions]
}

interface RoundChoice {
  readonly peers: readonly number[]
  readonly descending: boolean
}

function roundDraws(context: RelayContext, { peers, descending }: RoundChoice): readonly number[] {
  const { config, consensus, logs } = context
  const others = (consensus?.ctrs ?? []).map(({ ctrId }) => ctrId).filter((ctrId) => ctrId !== config.self)
  const sorted = others.toSorted()
  const sample = drawsOf(
    peers.map((ctr) => sorted.indexOf(idOf(ctr))),
    sorted.length,
  )
  const padding = Array.from({ length: peerDraws(context) - sample.length }, () => 0)
  // Of two logs at most the first one's draw decides.
  return [...sample, ...padding, ...Array.from({ length: logs.size }, () => (descending ? tails : 0))]
}
