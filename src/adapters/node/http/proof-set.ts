// The proof set as a relay serves it behind its onion service [WIRE-009, RELAY-008]: pairs without chains, as JSON.
// Invariant: an encoded set keeps the byte limit; a decoded one keeps the pair limit and is unverified.
import { z } from 'zod'
import type { ProofPair, Result } from '../../../machines/ct/types.ts'
import { hash, maxPathLength, misfit, parseJson, size } from './shapes.ts'

export const proofPairShape = z.strictObject({
  leafId: z.string().regex(/^[0-9a-f]{64}:[0-9a-f]{64}$/),
  sth: z.strictObject({
    logId: hash,
    timestamp: size,
    size,
    root: hash,
    signature: z.string().regex(/^([0-9a-f]{2}){4,1028}$/),
  }),
  proof: z.strictObject({ leafIndex: size, path: z.array(hash).max(maxPathLength) }),
})

/** Version 1; another version is another format. */
export const proofSetShape = z.strictObject({ version: z.literal(1), pairs: z.array(z.unknown()) })

const head = '{"version":1,"pairs":['
const tail = ']}'

/** As many of the pairs, in their order, as fit. */
export function encodeProofSet(pairs: readonly ProofPair[], maxBytes: number): string {
  const parts: string[] = []
  let left = maxBytes - head.length - tail.length
  for (const { leafId, sth, proof } of pairs) {
    const { logId, timestamp, size: treeSize, root, signature } = sth
    const part = JSON.stringify({
      leafId,
      sth: { logId, timestamp, size: treeSize, root, signature },
      proof: { leafIndex: proof.leafIndex, path: proof.path },
    })
    left -= part.length + (parts.length > 0 ? 1 : 0)
    if (left < 0) break
    parts.push(part)
  }
  return head + parts.join(',') + tail
}

/** At most `limit` pairs are taken, in the order sent; one that does not fit spoils the set. */
export function decodeProofSet(bytes: Uint8Array, limit: number): Result<readonly ProofPair[], 'badProofSet'> {
  const set = proofSetShape.safeParse(parseJson(bytes))
  if (!set.success) return { ok: false, error: 'badProofSet', detail: misfit(set.error) }
  const pairs = z.array(proofPairShape).safeParse(set.data.pairs.slice(0, limit))
  if (!pairs.success) return { ok: false, error: 'badProofSet', detail: misfit(pairs.error) }
  return { ok: true, value: pairs.data }
}
