// Reads the hash tiles of a proof, from the cache or from the log [WIRE-014]. Invariant: only tiles that hashed to a signed root are
// kept; those of level 0, which tell 1 of 256 leaves, are kept apart for each circuit.
import type { Answer, Isolation, Metrics } from '../../../effects/ports.ts'
import { fullWidth, type TileName, tilePath } from '../../../machines/ct/tile-names.ts'
import type { FromTiles } from '../../../machines/ct/tile-tree.ts'
import type { Log, Result } from '../../../machines/ct/types.ts'
import { singleFlight } from './single-flight.ts'
import { tileCache } from './tile-cache.ts'
import type { TileSource } from './tile-source.ts'

export interface Circuit {
  readonly log: Log & { readonly monitoringUrl: string }
  readonly isolation: Isolation
  readonly signal: AbortSignal
}

export interface TileReader {
  /** What `make` makes of the tiles' bytes. Where they are not genuine it is for the verifier to refuse it. */
  prove<T>(
    circuit: Circuit,
    names: readonly TileName[],
    make: (tiles: readonly Uint8Array[]) => Result<FromTiles<T>>,
  ): Promise<Answer<T>>
}

export interface TileReaderParts {
  readonly source: TileSource
  readonly cacheBytes: number
  readonly metrics: Pick<Metrics, 'count' | 'gauge'>
}

export function tileReader({ source, cacheBytes, metrics }: TileReaderParts): TileReader {
  const cache = tileCache(cacheBytes)
  const share = singleFlight<Answer<Uint8Array>>()
  const count = (result: string, by = 1) => metrics.count('log_tiles_total', { result }, by)

  /** A full tile serves as each of the partial ones that it was. */
  function cached(circuit: Circuit, name: TileName): Uint8Array | undefined {
    const full = cache.get(keyOf(circuit, { ...name, width: fullWidth }))
    return full?.subarray(0, name.width * 32) ?? cache.get(keyOf(circuit, name))
  }

  function fetch(circuit: Circuit, name: TileName): Promise<Answer<Uint8Array>> {
    const { log, isolation, signal } = circuit
    const path = tilePath(name)
    return share(`${log.logId} ${isolation} ${path}`, signal, async (within) => {
      count('fetched')
      const answer = await source.read(log.monitoringUrl, path, name.width * 32, isolation, within)
      const fits = answer.kind !== 'ok' || answer.value.length === name.width * 32
      return fits ? answer : { kind: 'malformed', detail: 'tileLength' }
    })
  }

  /** Partial tiles may vanish once the full one exists. */
  async function read(circuit: Circuit, name: TileName): Promise<Answer<Uint8Array>> {
    const answer = await fetch(circuit, name)
    if (answer.kind !== 'refused' || name.width === fullWidth) return answer
    count('fallback')
    const full = await fetch(circuit, { ...name, width: fullWidth })
    return full.kind === 'ok' ? { kind: 'ok', value: full.value.subarray(0, name.width * 32) } : full
  }

  function keep(circuit: Circuit, names: readonly TileName[], tiles: readonly Uint8Array[]) {
    for (const [at, name] of names.entries()) count('evicted', cache.put(keyOf(circuit, name), tiles[at] as Uint8Array))
    metrics.gauge('log_tile_cache_bytes', cache.bytes)
  }

  async function proveOnce<T>(
    circuit: Circuit,
    names: readonly TileName[],
    known: readonly (Uint8Array | undefined)[],
    make: (tiles: readonly Uint8Array[]) => Result<FromTiles<T>>,
  ): Promise<Answer<FromTiles<T>>> {
    const answers = await Promise.all(
      names.map(async (name, at): Promise<Answer<Uint8Array>> => {
        const value = known[at]
        return value === undefined ? read(circuit, name) : { kind: 'ok', value }
      }),
    )
    const failure = answers.find((answer) => answer.kind !== 'ok')
    if (failure !== undefined) return failure
    const tiles = answers.flatMap((answer) => (answer.kind === 'ok' ? [answer.value] : []))
    const made = make(tiles)
    if (!made.ok) return { kind: 'malformed', detail: made.error }
    if (made.value.genuine) keep(circuit, names, tiles)
    else count('false')
    return { kind: 'ok', value: made.value }
  }

  return {
    async prove(circuit, names, make) {
      const known = names.map((name) => cached(circuit, name))
      count('cached', known.filter((tile) => tile !== undefined).length)
      let answer = await proveOnce(circuit, names, known, make)
      // A log that shows two trees has two tiles of one name: those of the other tree are no answer for this one.
      const doubtful = answer.kind === 'ok' && !answer.value.genuine && known.some((tile) => tile !== undefined)
      if (doubtful) answer = await proveOnce(circuit, names, [], make)
      return answer.kind === 'ok' ? { kind: 'ok', value: answer.value.proof } : answer
    },
  }
}

function keyOf({ log, isolation }: Circuit, name: TileName): string {
  return `${log.logId} ${name.level === 0 ? isolation : ''} ${tilePath(name)}`
}
