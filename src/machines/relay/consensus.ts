// What the relay learns from a consensus [CONS-001, RELAY-016]: logs, their STHs, CTRs and auditors.
// Invariant: consensuses only grow newer, and a running round keeps what it began with.
import { Map as PersistentMap } from 'immutable'
import { compareSth, sameHead } from '../ct/sth.ts'
import type { LogId, Sth } from '../ct/types.ts'
import type { Change } from '../kernel/machine.ts'
import type { KnownLog, RelayContext, RelayEffect, RelayEvent } from './types.ts'

type Learned = Extract<RelayEvent, { type: 'consensus' }>

/** Logs that the consensus no longer lists are forgotten; their SFOs wait until `holdLimitMs` expires them. */
export function learnConsensus(context: RelayContext, { consensus }: Learned): Change<RelayContext, RelayEffect> {
  if (consensus.validAfter <= (context.consensus?.validAfter ?? Number.NEGATIVE_INFINITY))
    return { ignored: 'oldConsensus' }
  const announced = byLog(consensus.sths)
  const logs = consensus.logs.map(({ logId, mmd }) => {
    const known = context.logs.get(logId)?.sths ?? []
    return [logId, { mmd, sths: merge(known, announced.get(logId) ?? [], context.config.sthsPerLog) }] as const
  })
  return { context: { consensus, logs: PersistentMap<LogId, KnownLog>(logs) } }
}

function byLog(sths: readonly Sth[]): ReadonlyMap<LogId, readonly Sth[]> {
  const grouped = new Map<LogId, Sth[]>()
  for (const sth of sths) {
    const group = grouped.get(sth.logId)
    if (group === undefined) grouped.set(sth.logId, [sth])
    else group.push(sth)
  }
  return grouped
}

/** Ordered by (timestamp, size), each once; the oldest leave beyond the limit. */
function merge(known: readonly Sth[], added: readonly Sth[], limit: number): readonly Sth[] {
  const all = [...known, ...added].filter((sth, at, list) => list.findIndex((other) => sameHead(other, sth)) === at)
  return all.sort(compareSth).slice(-limit)
}
