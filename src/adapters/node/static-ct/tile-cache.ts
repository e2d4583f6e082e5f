// Hash tiles that were proven to be part of their log's tree [WIRE-014.4, WIRE-014.6]. Invariant: never more than `maxBytes`; what was
// not asked for longest makes room.

export interface TileCache {
  get(key: string): Uint8Array | undefined
  /** Answers how many had to go. What is larger than the whole cache is not kept. */
  put(key: string, tile: Uint8Array): number
  readonly bytes: number
}

export function tileCache(maxBytes: number): TileCache {
  const tiles = new Map<string, Uint8Array>()
  let bytes = 0

  function drop(key: string) {
    bytes -= tiles.get(key)?.length ?? 0
    tiles.delete(key)
  }

  return {
    get(key) {
      const tile = tiles.get(key)
      if (tile === undefined) return undefined
      tiles.delete(key)
      tiles.set(key, tile)
      return tile
    },
    put(key, tile) {
      if (tile.length > maxBytes) return 0
      drop(key)
      // A copy: a view would keep the whole answer alive that it came in.
      tiles.set(key, tile.slice())
      bytes += tile.length
      let evicted = 0
      for (const oldest of tiles.keys()) {
        if (bytes <= maxBytes) break
        drop(oldest)
        evicted++
      }
      return evicted
    },
    get bytes() {
      return bytes
    },
  }
}
