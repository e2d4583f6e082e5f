// Test equipment, not for operators: the development log's proofs, true or spoilt as its faults say [RFC 6962 4.4, 4.5].
// Invariant: a proof that a fault spoils never verifies, whatever size and index were asked for.
import { toHex } from '../../machines/ct/bytes.ts'
import type { InclusionProof } from '../../machines/ct/types.ts'
import { concerns, type Fault, faultOf, type Leaves } from './fault.ts'
import type { History } from './history.ts'
import { type Reply, refuse } from './submission.ts'

/** An element that is no hash of anything in a tree. */
const stray = new Uint8Array(32)

export function inclusionAnswer(
  history: History,
  leafHash: string,
  size: number,
  faults: readonly Fault[],
): Reply<InclusionProof> {
  const index = history.indexOf(leafHash)
  const entry = index === undefined ? undefined : history.entries[index]
  const hits = (chosen: Leaves | undefined) =>
    chosen === 'all' || (chosen !== undefined && entry !== undefined && concerns(chosen, entry.leafHash, entry.leaf))
  const refusing = faultOf(faults, 'refusing')
  if (refusing !== undefined && hits(refusing.leaves)) return refuse(refusing.status, 'refused')
  if (!(size > 0 && size <= history.size)) return refuse(400, `tree_size is not one of 1 to ${history.size}`)
  if (index === undefined || index >= size) return refuse(404, 'not found')
  const path = hits(faultOf(faults, 'wrong-size')?.leaves)
    ? pathForOtherSize(history, index, size)
    : history.tree.inclusionPath(index, size)
  const spoilt = hits(faultOf(faults, 'wrong-proof')?.leaves)
  return { ok: true, value: { leafIndex: index, path: (spoilt ? flipBit(path) : path).map(toHex) } }
}

export function consistencyAnswer(
  history: History,
  first: number,
  second: number,
  faults: readonly Fault[],
): Reply<readonly string[]> {
  const refusing = faultOf(faults, 'refusing')
  if (refusing?.leaves === 'all') return refuse(refusing.status, 'refused')
  if (!(first > 0 && first <= second && second <= history.size)) {
    return refuse(400, `not 0 < first <= second <= ${history.size}`)
  }
  const path = history.tree.consistencyPath(first, second)
  const spoilt = faultOf(faults, 'wrong-proof')?.leaves === 'all'
  return { ok: true, value: (spoilt ? flipBit(path) : path).map(toHex) }
}

function pathForOtherSize(history: History, index: number, size: number): Uint8Array[] {
  const other = history.size === size ? size - 1 : history.size
  if (other > index) return history.tree.inclusionPath(index, other)
  return [...history.tree.inclusionPath(index, size), stray]
}

/** An empty path has no bit to flip: it gets an element too many. */
function flipBit([head, ...rest]: readonly Uint8Array[]): Uint8Array[] {
  if (head === undefined) return [stray]
  return [head.with(0, (head[0] ?? 0) ^ 1), ...rest]
}
