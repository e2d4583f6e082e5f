// Step 8: what was proven or forwarded too long ago is forgotten [RELAY-108, RELAY-020, RELAY-010].
// Invariant: afterwards no proof is older than its lifetime.
import type { Acting } from '../kernel/machine.ts'
import { forgetBefore } from './aged.ts'
import type { RelayContext, RelayEffect } from './types.ts'

export function rotate(context: RelayContext, { at }: { readonly at: number }): Acting<RelayContext, RelayEffect> {
  const { proofLifetimeMs, forwardMemoryMs } = context.config
  const proofs = forgetBefore({ times: context.proofs, byAge: context.proofsByAge }, at - proofLifetimeMs)
  const leaves = { times: context.forwardedLeaves, byAge: context.forwardedByAge }
  const forwarded = forgetBefore(leaves, at - forwardMemoryMs)
  return {
    context: {
      proofs: proofs.times,
      proofsByAge: proofs.byAge,
      forwardedLeaves: forwarded.times,
      forwardedByAge: forwarded.byAge,
    },
    effects: [{ type: 'forgetProofs', round: context.roundNumber, leafIds: proofs.gone }],
  }
}
