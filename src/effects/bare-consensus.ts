// A consensus with the members of `Consensus` and no others [CONS-001]: a source may hand over a richer one, such as a parsed document.
// Invariant: what reaches a machine, a journal or a store is what the schema says.
import type { Consensus } from '../machines/tor/types.ts'

export function bareConsensus(given: Consensus): Consensus {
  const { digest, validAfter, freshUntil, validUntil, logs, sths, ctrs, auditors } = given
  return { digest, validAfter, freshUntil, validUntil, logs, sths, ctrs, auditors }
}
