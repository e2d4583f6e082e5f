// The consensus that may be used now [CONS-001.2]. Invariant: what is answered is live at the instant at which it was asked for, so that
// whoever asks at each use never goes by one that has ended.
import { livenessOf } from '../machines/tor/tor-consensus.ts'
import type { Consensus } from '../machines/tor/types.ts'

export function liveConsensus(newest: Consensus | null, now: number): Consensus | null {
  return newest !== null && livenessOf(newest, now) === 'live' ? newest : null
}
