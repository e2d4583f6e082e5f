// How a challenge ended, and whether a stranger's proof holds [RELAY-004, RELAY-007, AUD-116; WIRE-006].
// Invariant: 'proven' and a true `verifyPair` mean that the leaf is in the tree of that very tree head; nothing else does.
import { leafHashOf } from './leaf.ts'
import { verifyInclusion } from './merkle.ts'
import { sameHead } from './sth.ts'
import type { Answer, Crypto, InclusionProof, LeafId, Outcome, ProofPair, Sth } from './types.ts'

export interface Judgement {
  readonly outcome: Outcome
  /** The proof that verified; with 'contradiction' it is the evidence. Else null. */
  readonly proof: InclusionProof | null
}

/** `asked.sctTimestamp` in milliseconds; `sth`: the tree head that the question named, its signature verified. */
export function judgeInclusion(
  crypto: Crypto,
  asked: { readonly leafId: LeafId; readonly sctTimestamp: number },
  sth: Sth,
  answer: Answer<InclusionProof>,
): Judgement {
  if (answer.kind === 'unreachable' || answer.kind === 'refused') return { outcome: answer.kind, proof: null }
  if (answer.kind === 'malformed' || !includes(crypto, sth, asked.leafId, answer.value)) {
    return { outcome: 'badProof', proof: null }
  }
  // A tree cannot hold what was promised after it was signed: either timestamp is false, and the log signed both [EVID-001].
  return { outcome: asked.sctTimestamp > sth.timestamp ? 'contradiction' : 'proven', proof: answer.value }
}

/**
 * Whether a pair from anyone proves its leaf against a tree head that this party has itself; `ownSths`: those of the pair's
 * log. The pair's copy of the head counts by (timestamp, size, root), not by its signature, which is not looked at.
 */
export function verifyPair(crypto: Crypto, pair: ProofPair, ownSths: readonly Sth[]): boolean {
  return ownSths.some((own) => sameHead(own, pair.sth)) && includes(crypto, pair.sth, pair.leafId, pair.proof)
}

function includes(crypto: Crypto, sth: Sth, leafId: LeafId, proof: InclusionProof): boolean {
  if (!leafId.startsWith(`${sth.logId}:`)) return false
  const { size, root } = sth
  const { leafIndex, path } = proof
  return verifyInclusion(crypto, { leafHash: leafHashOf(leafId), leafIndex, size, root, path }).ok
}
