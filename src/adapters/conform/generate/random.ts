// Numbers that only look random, for the generators [spec/conventions.md, Draws].
// Invariant: the same seed gives the same numbers on every machine and in every version.
import { createHash } from 'node:crypto'

export interface Random {
  /** Uniform in [0, 2^32). */
  readonly draw: () => number
  /** Below m; m at most 2^16. */
  readonly below: (m: number) => number
  readonly pick: <T>(items: readonly T[]) => T
  readonly draws: (count: number) => readonly number[]
}

/** xorshift32 of Marsaglia, begun from the seed's SHA-256. */
export function randomOf(seed: string): Random {
  let state = createHash('sha256').update(seed).digest().readUInt32BE(0) | 1
  const draw = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
  const below = (m: number) => Math.floor((draw() / 2 ** 32) * m)
  const pick = <T>(items: readonly T[]): T => {
    if (items.length === 0) throw new RangeError(`${seed}: nothing to pick from`)
    return items[below(items.length)] as T
  }
  return { draw, below, pick, draws: (count) => Array.from({ length: count }, draw) }
}

/** 32 bytes that say no more than their name. */
export function digestOf(name: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(name).digest())
}

export function hexOf(name: string): string {
  return Buffer.from(digestOf(name)).toString('hex')
}
