// The proof set [document: "SFO-proof set"; RELAY-007, RELAY-008, RELAY-020]: which leafs are proven. The pairs themselves
// are the store's. Invariant: a leaf enters it once, and only by a verified pair [INV-001, INV-003].
import type { ProofPair } from '../ct/types.ts'
import type { Change } from '../kernel/machine.ts'
import { remember } from './aged.ts'
import { choosePositions } from './chance.ts'
import { drawsNeeded } from './draws.ts'
import type { RelayContext, RelayEffect, RelayEvent } from './types.ts'

type RelayChange = Change<RelayContext, RelayEffect>
type Requested = Extract<RelayEvent, { type: 'proofsRequested' }>

/** `pair`: verified, and its leaf is not in the set. The oldest leave where it is full. */
export function keepProof(context: RelayContext, pair: ProofPair, at: number): RelayChange {
  const aged = { times: context.proofs, byAge: context.proofsByAge }
  const { times, byAge, gone } = remember(aged, pair.leafId, at, context.config.proofCapacity)
  return {
    context: { proofs: times, proofsByAge: byAge },
    effects: [
      ...(gone.length > 0 ? [{ type: 'forgetPairs', leafIds: gone } as const] : []),
      { type: 'keepPair', pair },
    ],
  }
}

/** OnionShare connection API: some of the pairs, in random order [RELAY-113]. */
export function serveProofs(context: RelayContext, { request, draw }: Requested): RelayChange {
  const { proofsByAge } = context
  const count = drawsNeeded(context, 'proofsRequested')
  const leafIds = choosePositions(proofsByAge.size, count, draw).map((position) => proofsByAge.get(position) as string)
  return { effects: [{ type: 'serveProofs', request, leafIds }] }
}
