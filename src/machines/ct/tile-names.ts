// Which hash tiles of a static-ct log a proof is made of, and where they lie [C2SP static-ct-api, "Merkle Tree"; WIRE-014].
// Invariant: the tiles of one leaf differ from those of another only in the tiles above the two: the log learns 1 of 256 leaves.

/** `width`: 1 to 256 hashes; 256 is a full tile. */
export interface TileName {
  readonly level: number
  readonly index: number
  readonly width: number
}

export const fullWidth = 256

/** `tile/<L>/<N>[.p/<W>]`, below the monitoring prefix; N in groups of three digits, all but the last behind an x. */
export function tilePath({ level, index, width }: TileName): string {
  const digits = String(index)
  const padded = digits.padStart(digits.length + ((3 - (digits.length % 3)) % 3), '0')
  const groups = padded.replace(/...(?=.)/g, 'x$&/')
  return `tile/${level}/${groups}${width === fullWidth ? '' : `.p/${width}`}`
}

/** The full tiles above the leaf, lowest first, then the partial ones at the right edge, lowest first; `leafIndex` < `size`. */
export function inclusionTiles(leafIndex: number, size: number): readonly TileName[] {
  return [...fullTiles(0, above(leafIndex), above(size)), ...edgeTiles(size)]
}

/** Tiles of the second tree, in that order; none where a proof has no elements (`size1` is 0 or `size2`). */
export function consistencyTiles(size1: number, size2: number): readonly TileName[] {
  if (size1 === 0 || size1 === size2) return []
  const start = startLevel(size1)
  const full = fullTiles(0, above(size1 - 1), above(size2)).filter(({ level }) => level >= start)
  return [...full, ...edgeTiles(size2)]
}

/** The partial tiles of a tree, whose hashes together are its root. */
export function edgeTiles(size: number): readonly TileName[] {
  return partialTiles(0, size)
}

/** From `level` on, which has `count` hashes. */
function partialTiles(level: number, count: number): readonly TileName[] {
  if (count === 0) return []
  const [index, width] = [above(count), count % fullWidth]
  const higher = partialTiles(level + 1, index)
  return width > 0 ? [{ level, index, width }, ...higher] : higher
}

/** From number `index` of `level` on, which has `count` full tiles, each the one above the last. */
function fullTiles(level: number, index: number, count: number): readonly TileName[] {
  if (index >= count) return []
  return [{ level, index, width: fullWidth }, ...fullTiles(level + 1, above(index), above(count))]
}

/** The level of the subtree with which a consistency proof begins: the largest that ends where the first tree does. */
function startLevel(size1: number): number {
  return size1 % fullWidth === 0 ? 1 + startLevel(above(size1)) : 0
}

function above(count: number): number {
  return Math.floor(count / fullWidth)
}
