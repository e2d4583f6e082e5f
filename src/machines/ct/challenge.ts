// How a challenge ended, and whether a stranger's proof holds [RELAY-004, RELAY-007, AUD-116; WIRE-006].
// Invariant: 'proven' and a true `verifyPair` mean that the leaf is in the tree of that very tree head; nothing else does.
import { leafHashOf } from './leaf.ts'
import { verifyInclusion } from './merkle.ts'
import { sameHead } from './sth.ts'
import type { Answer, Crypto, InclusionAnswer, InclusionProof, LeafId, Outcome, ProofPair, Sth } from './types.ts'

/** `proof`: the one that verified; with 'contradiction' it is the evidence. */
export type Judgement =
  | {
      readonly outcome: Extract<Outcome, 'proven' | 'contradiction'>
      readonly proof: InclusionProof
      /** The leaf that the proof is of, where that is another than was asked about [EVID-009]. */
      readonly leafHash?: string
    }
  | { readonly outcome: Exclude<Outcome, 'proven' | 'contradiction'>; readonly proof: null }

/** `leafIndex`: where the log promised the leaf, absent for a log that signs no index. `sctTimestamp` in milliseconds. */
export interface AskedLeaf {
  readonly leafId: LeafId
  readonly sctTimestamp: number
  readonly leafIndex?: number
}

/** `sth`: the tree head that the question named, its signature verified. */
export function judgeInclusion(crypto: Crypto, asked: AskedLeaf, sth: Sth, answer: Answer<InclusionAnswer>): Judgement {
  if (answer.kind === 'unreachable' || answer.kind === 'refused') return { outcome: answer.kind, proof: null }
  if (answer.kind === 'malformed') return badProof
  const { leafId, leafIndex } = asked
  // A log that names no leaf answers of the one that it was asked about.
  const { leafHash = leafHashOf(leafId), ...proof } = answer.value
  if (leafIndex !== undefined && proof.leafIndex !== leafIndex) return badProof
  if (!includes(crypto, sth, leafId, proof)) {
    // The place is taken by another leaf: the tree will never have this one there.
    const isTaken = leafIndex !== undefined && includes(crypto, sth, `${leafId.slice(0, 65)}${leafHash}`, proof)
    return isTaken ? { outcome: 'contradiction', proof, leafHash } : badProof
  }
  // A tree cannot hold what was promised after it was signed: either timestamp is false, and the log signed both [EVID-001].
  return { outcome: asked.sctTimestamp > sth.timestamp ? 'contradiction' : 'proven', proof }
}

const badProof: Judgement = { outcome: 'badProof', proof: null }

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
