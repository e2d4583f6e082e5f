// Reproducible draws: xorshift32 from a seed. Invariant: the same seed gives the same draws.
import type { Random } from '../../../src/effects/ports.ts'

export function fakeRandom(seed = 1): Random {
  let state = seed >>> 0 || 1
  const draw = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state
  }
  return {
    u32: (count) => Array.from({ length: count }, draw),
    bytes: (count) => Uint8Array.from({ length: count }, () => draw() & 0xff),
  }
}
