// What a vector says of a relay's state [spec/conformance.md, States; spec/relay.md, State]: a projection that any implementation can make.
// Invariant: nothing in it depends on how a set is stored; what it leaves out follows from the events (spec/conformance.md says what).
import { z } from 'zod'
import { hex32, leafId, outcome, sth, whole } from '../../effects/vocabulary/nouns.ts'
import { sfoRef } from '../../effects/vocabulary/relay.ts'
import type { LeafId, SfoId } from '../../machines/ct/types.ts'
import { dropReasons, type Holding, type RelayContext, type Round } from '../../machines/relay/types.ts'

const holding = sfoRef.unwrap().extend({ receivedAt: whole, buckets: z.array(whole) })
const timed = z.strictObject({ leafId, at: whole })
const head = sth.unwrap().pick({ timestamp: true, size: true, root: true })
const deliveries = z.array(z.strictObject({ sfoId: hex32, ctrIds: z.array(hex32) }))

const round = z.strictObject({
  number: whole,
  startedAt: whole,
  taken: z.array(holding),
  undue: z.array(hex32),
  peers: z.array(hex32),
  auditors: z.array(hex32),
  logOrder: z.array(hex32),
  asked: z.array(z.strictObject({ leafId, sth: head })),
  answered: z.array(z.strictObject({ leafId, outcome, breakerOpen: z.boolean() })),
  delivered: z.array(hex32),
  pending: deliveries,
  failed: deliveries,
  retrying: z.boolean(),
})

export const relayState = z.strictObject({
  roundNumber: whole,
  consensus: hex32.nullable(),
  logs: z.array(z.strictObject({ logId: hex32, mmd: whole, sths: z.array(head) })),
  held: z.array(holding),
  proofs: z.array(timed),
  forwarded: z.array(timed),
  addresses: z.array(z.strictObject({ address: z.string(), at: whole })),
  reports: z.array(sfoRef.unwrap().extend({ auditorId: hex32, forwarded: z.boolean() })),
  round: round.nullable(),
  counters: z.strictObject({
    received: whole,
    proven: whole,
    forwarded: whole,
    reported: whole,
    expired: whole,
    dropped: z.partialRecord(z.enum(dropReasons), whole),
  }),
})

export type RelayState = z.output<typeof relayState>

export function projectRelay(context: RelayContext): RelayState {
  const { roundNumber, consensus, logs, held, reports, addresses, counters } = context
  return {
    roundNumber,
    consensus: consensus?.digest ?? null,
    logs: sortedBy(
      [...logs].map(([logId, { mmd, sths }]) => ({ logId, mmd, sths: sths.map(headOf) })),
      ({ logId }) => logId,
    ),
    held: holdings(held.values()),
    proofs: byAge(context.proofsByAge, context.proofs),
    forwarded: byAge(context.forwardedByAge, context.forwardedLeaves),
    addresses: addresses.map(({ address, at }) => ({ address, at })),
    reports: sortedBy([...reports.values()], ({ sfoId }) => sfoId),
    round: context.round === null ? null : projectRound(context.round),
    counters: { ...counters, dropped: { ...counters.dropped } },
  }
}

function projectRound(running: Round): z.output<typeof round> {
  const { number, startedAt, taken, undue, peers, auditors, logOrder, asked, answered, retrying } = running
  const ctrIds = peers.map(({ ctr }) => ctr.ctrId)
  const named = (bits: Iterable<readonly [SfoId, number]>) =>
    sortedBy(
      Array.from(bits, ([sfoId, set]) => ({ sfoId, ctrIds: ctrIds.filter((_, i) => set & (1 << i)).sort() })),
      ({ sfoId }) => sfoId,
    )
  return {
    number,
    startedAt,
    taken: holdings(taken.values()),
    undue: [...undue.keys()].sort(),
    peers: ctrIds,
    auditors: [...auditors],
    logOrder: [...logOrder],
    asked: sortedBy(
      Array.from(asked, ([leafId, sth]) => ({ leafId, sth: headOf(sth) })),
      ({ leafId }) => leafId,
    ),
    answered: sortedBy(
      Array.from(answered, ([leafId, { outcome, breakerOpen }]) => ({ leafId, outcome, breakerOpen })),
      ({ leafId }) => leafId,
    ),
    delivered: [...running.delivered.keys()].sort(),
    pending: named(running.pending),
    failed: named(running.failed),
    retrying,
  }
}

/** Oldest first. */
function byAge(order: Iterable<LeafId>, times: { get(leafId: LeafId): number | undefined }) {
  return Array.from(order, (leafId) => ({ leafId, at: times.get(leafId) ?? 0 }))
}

function holdings(all: Iterable<Holding>) {
  const projected = Array.from(all, ({ buckets, ...sfo }) => ({ ...sfo, buckets: setBits(buckets) }))
  return sortedBy(projected, ({ sfoId }) => sfoId)
}

function setBits(bits: number): number[] {
  return Array.from({ length: 30 }, (_, b) => b).filter((b) => bits & (1 << b))
}

function headOf({ timestamp, size, root }: { timestamp: number; size: number; root: string }) {
  return { timestamp, size, root }
}

function sortedBy<T>(items: readonly T[], key: (item: T) => string): T[] {
  return items.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
}
