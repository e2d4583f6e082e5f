// A relay before its first event: passive, with n empty buckets [document: Setup].
// Invariant: nothing outlives a restart [RELAY-026].
import { List, Map as PersistentMap } from 'immutable'
import type { State } from '../kernel/machine.ts'
import { noCounts } from './counters.ts'
import { emptySet, type RandomSet } from './random-set.ts'
import type { RelayConfig, RelayContext, RelayEffect } from './types.ts'

/** `config`: one that `checkConfig` accepts. */
export function initialRelay(config: RelayConfig): State<RelayContext> {
  return {
    value: 'passive',
    context: {
      config,
      consensus: null,
      logs: PersistentMap(),
      roundNumber: 0,
      buckets: emptyBuckets(config.n),
      held: PersistentMap(),
      variants: PersistentMap(),
      proofs: PersistentMap(),
      proofsByAge: List(),
      forwardedLeaves: PersistentMap(),
      forwardedByAge: List(),
      addresses: [],
      reports: PersistentMap(),
      round: null,
      counters: noCounts,
    },
  }
}

/** What the first state wants from the world: its first wait, since no event leads there. */
export function initialEffects(config: RelayConfig): readonly RelayEffect[] {
  return [{ type: 'startWait', ms: config.waitMs }]
}

export function emptyBuckets(n: number): readonly RandomSet[] {
  return Array.from({ length: n }, () => emptySet)
}
