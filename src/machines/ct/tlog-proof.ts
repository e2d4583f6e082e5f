// Inclusion proofs as text, with the tree head that they lead to [C2SP tlog-proof, tlog-checkpoint; EVID-004].
// Invariant: each text has at most one reading, so encoding what was decoded gives the same text; extra data is not taken.
import { fromBase64, fromHex, toBase64, toHex } from './bytes.ts'
import { longestPath } from './merkle.ts'
import type { InclusionProof } from './types.ts'

export interface TlogProof {
  readonly proof: InclusionProof
  /** A checkpoint, not decoded. */
  readonly checkpoint: string
}

const header = 'c2sp.org/tlog-proof@v1\n'

export function encodeTlogProof({ proof, checkpoint }: TlogProof): string {
  const path = proof.path.map((hash) => `${toBase64(fromHex(hash))}\n`)
  return `${header}index ${proof.leafIndex}\n${path.join('')}\n${checkpoint}`
}

/** Null where it is none, where it has extra data, and where the index is above 2^53-1 or the path longer than any tree's. */
export function decodeTlogProof(text: string): TlogProof | null {
  const end = text.indexOf('\n\n')
  if (!text.startsWith(header) || end === -1) return null
  const [indexLine, ...lines] = text.slice(header.length, end).split('\n') as [string, ...string[]]
  const leafIndex = Number(/^index (0|[1-9][0-9]*)$/.exec(indexLine)?.[1])
  if (!Number.isSafeInteger(leafIndex) || lines.length > longestPath) return null
  const path = lines.map(fromBase64)
  if (!path.every((hash) => hash?.length === 32)) return null
  return { proof: { leafIndex, path: (path as Uint8Array[]).map(toHex) }, checkpoint: text.slice(end + 2) }
}
