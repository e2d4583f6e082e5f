// Draws that make a machine choose what the model chose [spec/conventions.md, Draws]: the inverse of its use of chance.
// Invariant: each draw is an integer in [0, 2^32).

const full = 2 ** 32

/** The least draw whose index below m is `index`. */
export function drawOf(index: number, m: number): number {
  return Math.ceil((index * full) / m)
}

export const heads = 0
/** For every bias but n/n. */
export const tails = full - 1

/** The inverse of a partial Fisher-Yates shuffle of 0..size-1 whose first positions are `chosen`. */
export function drawsOf(chosen: readonly number[], size: number): readonly number[] {
  const order = Array.from({ length: size }, (_, i) => i)
  return chosen.map((one, i) => {
    const at = order.indexOf(one, i)
    order[at] = order[i] as number
    order[i] = one
    return drawOf(at - i, size - i)
  })
}
