// What the relay makes of the random draws that its events bring [spec/conventions.md, Draws].
// Invariant: exact integer arithmetic on 32-bit draws; two implementations agree bit by bit.

const full = 2 ** 32

/** Uniform in 0..m-1. Exact for m <= 2^21, which `checkConfig` holds every capacity to. */
export function indexBelow(draw: number, m: number): number {
  return Math.floor((draw * m) / full)
}

/** A coin of bias k/n: heads if and only if draw * n < k * 2^32. */
export function heads(draw: number, k: number, n: number): boolean {
  return draw * n < k * full
}

/**
 * `count` distinct positions below `size`, uniformly and in random order: a partial Fisher-Yates shuffle that takes
 * `draws[from]` and the following. It costs O(count), whatever the size.
 */
export function choosePositions(size: number, count: number, draws: readonly number[], from = 0): readonly number[] {
  const moved = new Map<number, number>()
  const chosen: number[] = []
  for (let i = 0; i < count; i++) {
    const j = i + indexBelow(draws[from + i] ?? 0, size - i)
    chosen.push(moved.get(j) ?? j)
    moved.set(j, moved.get(i) ?? i)
  }
  return chosen
}

/** The same for a list of things. */
export function chooseFrom<T>(things: readonly T[], count: number, draws: readonly number[], from = 0): readonly T[] {
  return choosePositions(things.length, count, draws, from).map((position) => things[position] as T)
}
