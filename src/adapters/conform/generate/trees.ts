// Merkle trees by the recursive definitions [RFC 6962 2.1, 2.1.1, 2.1.2], for proofs to be verified.
// Invariant: nothing of the kernel is used, which verifies them in another way.
import { createHash } from 'node:crypto'
import { digestOf } from './random.ts'

const hash = (...parts: readonly Uint8Array[]): Uint8Array => {
  const sum = createHash('sha256')
  for (const part of parts) sum.update(part)
  return new Uint8Array(sum.digest())
}

const left = Uint8Array.of(1)

/** Leaf hashes of a tree that has a name. */
export function leavesOf(name: string, size: number): readonly Uint8Array[] {
  return Array.from({ length: size }, (_, leaf) => digestOf(`${name} ${leaf}`))
}

export function rootOf(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length <= 1) return leaves[0] ?? hash()
  const split = splitOf(leaves.length)
  return hash(left, rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)))
}

export function inclusionPath(leaves: readonly Uint8Array[], index: number): readonly Uint8Array[] {
  if (leaves.length <= 1) return []
  const split = splitOf(leaves.length)
  return index < split
    ? [...inclusionPath(leaves.slice(0, split), index), rootOf(leaves.slice(split))]
    : [...inclusionPath(leaves.slice(split), index - split), rootOf(leaves.slice(0, split))]
}

export function consistencyPath(leaves: readonly Uint8Array[], first: number, whole = true): readonly Uint8Array[] {
  if (first === leaves.length) return whole ? [] : [rootOf(leaves)]
  const split = splitOf(leaves.length)
  return first <= split
    ? [...consistencyPath(leaves.slice(0, split), first, whole), rootOf(leaves.slice(split))]
    : [...consistencyPath(leaves.slice(split), first - split, false), rootOf(leaves.slice(0, split))]
}

/** The largest power of two below. */
function splitOf(size: number): number {
  let split = 1
  while (split * 2 < size) split *= 2
  return split
}
