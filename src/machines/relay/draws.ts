// How many random draws an event must bring [spec/conventions.md, Draws].
// Invariant: no transition reads a draw beyond this number.
import type { RelayContext, RelayEvent } from './types.ts'

/** How many draws an event of that type must bring in that state; more do no harm. */
export function drawsNeeded(context: RelayContext, type: RelayEvent['type']): number {
  switch (type) {
    case 'sfo':
      return 2 * context.config.n
    case 'address':
      return 1
    case 'waited':
      return peerDraws(context) + context.logs.size
    case 'proofsRequested':
      return Math.min(context.config.pairsPerFetch, context.proofs.size)
    default:
      return 0
  }
}

/** Of the draws of `waited` the first ones sample the peers, the others shuffle the logs. */
export function peerDraws(context: RelayContext): number {
  return Math.min(context.config.n, context.consensus?.ctrs.length ?? 0)
}

export function tooFewDraws(context: RelayContext, event: RelayEvent): boolean {
  return 'draw' in event && event.draw.length < drawsNeeded(context, event.type)
}
