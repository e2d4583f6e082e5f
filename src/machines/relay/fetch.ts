// Step 5: what other CTRs have proven is fetched [RELAY-105, RELAY-007, RELAY-019].
// Invariant: an address is used once; a pair counts only where this relay verified it against its own STHs.
import type { Change } from '../kernel/machine.ts'
import { liveAddresses } from './addresses.ts'
import { keepProof } from './proofs.ts'
import type { RelayContext, RelayEffect, RelayEvent, Round } from './types.ts'

type RelayChange = Change<RelayContext, RelayEffect>

/** Step 5 begins, and takes the addresses: those that arrive from now on are the next round's. */
export function fetchProofs(context: RelayContext, { at }: { readonly at: number }): RelayChange {
  const addresses = liveAddresses(context, at).map(({ address }) => address)
  const round = (context.round as Round).number
  return {
    context: { addresses: [] },
    effects: [{ type: 'fetch', round, addresses, limit: context.config.pairsPerFetch }],
  }
}

export function takePair(context: RelayContext, event: Extract<RelayEvent, { type: 'pair' }>): RelayChange {
  if (!event.verified) return { ignored: 'notVerified' }
  if (context.proofs.has(event.pair.leafId)) return { ignored: 'alreadyKnown' }
  return keepProof(context, event.pair, event.at)
}
