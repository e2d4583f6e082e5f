// A proof to be a CTR names the consensus that it goes by [WIRE-008]. Invariant: it is the newest one that this daemon took.
import type { ConsensusSource } from '../../effects/ports.ts'

export interface RememberingSource {
  readonly consensus: ConsensusSource
  /** Null before the first consensus. */
  digest(): string | null
}

export function remembering(source: ConsensusSource): RememberingSource {
  let newest: string | null = null
  const consensus: ConsensusSource = {
    async newer(newerThan, signal) {
      const result = await source.newer(newerThan, signal)
      if (result.ok && result.value !== null) newest = result.value.digest
      return result
    },
  }
  return { consensus, digest: () => newest }
}
