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
  return [...fullTilesAbove(leafIndex, size, 0), ...edgeTiles(size)]
}

/** Tiles of the second tree, in that order; none where a proof has no elements (`size1` is 0 or `size2`). */
export function consistencyTiles(size1: number, size2: number): readonly TileName[] {
  if (size1 === 0 || size1 === size2) return []
  return [...fullTilesAbove(size1 - 1, size2, startLevel(size1)), ...edgeTiles(size2)]
}

/** The partial tiles of a tree, whose hashes together are its root. */
export function edgeTiles(size: number): readonly TileName[] {
  const tiles: TileName[] = []
  for (let level = 0, count = size; count > 0; level++, count = above(count)) {
    const width = count % fullWidth
    if (width > 0) tiles.push({ level, index: above(count), width })
  }
  return tiles
}

function fullTilesAbove(leafIndex: number, size: number, fromLevel: number): readonly TileName[] {
  const tiles: TileName[] = []
  let index = above(leafIndex)
  for (let level = 0, full = above(size); index < full; level++, index = above(index), full = above(full))
    if (level >= fromLevel) tiles.push({ level, index, width: fullWidth })
  return tiles
}

/** The level of the subtree with which a consistency proof begins: the largest that ends where the first tree does. */
function startLevel(size1: number): number {
  let level = 0
  for (let count = size1; count % fullWidth === 0; count = above(count)) level++
  return level
}

function above(count: number): number {
  return Math.floor(count / fullWidth)
}
