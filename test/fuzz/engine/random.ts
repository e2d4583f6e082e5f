// The fuzzer's only source of chance: mulberry32. Invariant: one seed, one sequence.

export type Below = (limit: number) => number

/** Whole numbers from 0 to limit-1. */
export function seededBelow(seed: number): Below {
  let state = seed >>> 0
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
}
