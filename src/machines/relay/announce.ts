// Step 7: this round's own onion address goes to CTR 1..n, so that they can fetch the proof set [RELAY-107, RELAY-018].
// Invariant: the onion service of two rounds ago is retired.
import type { Change } from '../kernel/machine.ts'
import type { RelayContext, RelayEffect, Round } from './types.ts'

export function announce(context: RelayContext): Change<RelayContext, RelayEffect> {
  const { number: round, peers } = context.round as Round
  return { effects: [{ type: 'announce', round, ctrs: peers.map(({ ctr }) => ctr), retire: round - 2 }] }
}
