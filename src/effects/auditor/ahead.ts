// A consensus that a CTR goes by already and this auditor's round has not fetched yet [AUD-002, AUD-111]: both poll at random times, and a
// relay that happens to be first must not be turned away. Invariant: it serves for proofs to be a CTR alone; the round takes it in its turn.
import type { Consensus } from '../../machines/tor/types.ts'
import { bareConsensus } from '../bare-consensus.ts'
import { withDeadline } from '../deadline.ts'
import type { ConsensusSource } from '../ports.ts'
import type { Consensuses } from './consensuses.ts'
import type { AuditorWorld } from './world.ts'

/** Asks the source for one newer than `known`, at most once in `aheadMs`; in between, what it answered last. */
export function aheadOf(
  world: AuditorWorld,
  consensuses: Pick<Consensuses, 'newest'>,
  source: ConsensusSource,
): () => Promise<Consensus | null> {
  const { clock, limits, signal } = world
  let askedAt = Number.NEGATIVE_INFINITY
  let asking: Promise<Consensus | null> = Promise.resolve(null)

  async function ask(): Promise<Consensus | null> {
    const known = consensuses.newest()?.validAfter ?? null
    const ended = await withDeadline(clock, signal, limits.consensusMs, (signal) => source.newer(known, signal))
    if (ended.kind !== 'done' || !ended.value.ok || ended.value.value === null) return null
    return bareConsensus(ended.value.value)
  }

  return () => {
    if (clock.now() - askedAt >= limits.aheadMs) {
      askedAt = clock.now()
      asking = ask()
    }
    return asking
  }
}
