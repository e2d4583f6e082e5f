// Step 6, second try [RELAY-017]: a failed delivery goes once more, to another CTR that took all of its own.
// Invariant: a round tries again at most once.
import type { SfoId } from '../ct/types.ts'
import type { Change } from '../kernel/machine.ts'
import type { Delivery, Holding, RelayContext, RelayEffect, Round } from './types.ts'

/** Whether there is a failed delivery and a peer for it. What was never answered has failed. */
export function canRedeliver({ round }: RelayContext): boolean {
  const { retrying } = round as Round
  return !retrying && secondTries(round as Round).size > 0
}

export function redeliver(context: RelayContext): Change<RelayContext, RelayEffect> {
  const round = context.round as Round
  const pending = secondTries(round)
  const deliveries = round.peers.flatMap(({ ctr }, i): Delivery[] => {
    const sfoIds = [...pending].filter(([, bits]) => bits & (1 << i)).map(([sfoId]) => sfoId)
    return sfoIds.length === 0 ? [] : [{ ctr, sfoIds: sfoIds.sort() }]
  })
  return {
    context: { round: { ...round, retrying: true, pending: round.pending.clear().merge(pending) } },
    effects: [{ type: 'forward', round: round.number, deliveries }],
  }
}

/** For each SFO the peers to try next, as bits: for a failure at peer i the next sound one after i that was not asked. */
function secondTries(round: Round): ReadonlyMap<SfoId, number> {
  const unsuccessful = bySfo(round)
  let unsound = 0
  for (const bits of unsuccessful.values()) unsound |= bits
  const tries = new Map<SfoId, number>()
  for (const [sfoId, failures] of unsuccessful) {
    let asked = unsound | bucketBits(round, sfoId)
    let next = 0
    for (const i of round.peers.keys()) {
      const free = failures & (1 << i) ? firstFree(asked, i, round.peers.length) : 0
      next |= free
      asked |= free
    }
    if (next !== 0) tries.set(sfoId, next)
  }
  return tries
}

function bySfo(round: Round): ReadonlyMap<SfoId, number> {
  const bits = new Map<SfoId, number>()
  for (const [sfoId, failed] of round.failed) bits.set(sfoId, failed)
  for (const [sfoId, silent] of round.pending) bits.set(sfoId, (bits.get(sfoId) ?? 0) | silent)
  return bits
}

/** The peers whose bucket holds the SFO were asked already. */
function bucketBits(round: Round, sfoId: SfoId): number {
  return (round.taken.get(sfoId) as Holding).buckets
}

/** Its bit; 0 where every peer was asked. */
function firstFree(asked: number, after: number, count: number): number {
  for (let step = 1; step < count; step++) {
    const bit = 1 << ((after + step) % count)
    if ((asked & bit) === 0) return bit
  }
  return 0
}
