// What became of every SFO [INV-006]: received = proven + forwarded + reported + held + expired + dropped, at every instant.
// Invariant: an SFO is counted in one class exactly once, in the transition in which it leaves.
import type { Counters, DropReason, RelayContext } from './types.ts'

export const noCounts: Counters = { received: 0, proven: 0, forwarded: 0, reported: 0, expired: 0, dropped: {} }

/** How an SFO ended. */
export type Fate = 'proven' | 'forwarded' | 'reported' | 'expired' | DropReason

export function countReceived(counters: Counters): Counters {
  return { ...counters, received: counters.received + 1 }
}

export function countFate(counters: Counters, fate: Fate, by = 1): Counters {
  switch (fate) {
    case 'proven':
    case 'forwarded':
    case 'reported':
    case 'expired':
      return { ...counters, [fate]: counters[fate] + by }
    default:
      return { ...counters, dropped: { ...counters.dropped, [fate]: (counters.dropped[fate] ?? 0) + by } }
  }
}

/** Distinct SFOs in buckets, in the running round and in the report queue; the three are disjoint. */
export function heldCount(context: RelayContext): number {
  return context.held.size + (context.round?.taken.size ?? 0) + context.reports.size
}
