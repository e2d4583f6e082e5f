// A log of 300 real certificates, of either kind, and an archive of it, for the contract of `LogClient`.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Ca, createCa } from '../../src/adapters/dev-log/ca.ts'
import { type DevLog, type DevLogOptions, startDevLog } from '../../src/adapters/dev-log/server.ts'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import type { PromisedLeaf } from '../../src/effects/ports.ts'
import { checkpointOrigin, encodeCheckpoint } from '../../src/machines/ct/checkpoint.ts'
import { leafIndexOf } from '../../src/machines/ct/extensions.ts'
import { leafHashOf } from '../../src/machines/ct/leaf.ts'
import { decodeSct } from '../../src/machines/ct/sct.ts'
import { type TileName, tilePath } from '../../src/machines/ct/tile-names.ts'
import type { Log, Sth } from '../../src/machines/ct/types.ts'
import { validateSfo } from '../../src/machines/ct/validate.ts'

const crypto = nodeCrypto()
const chains: (readonly Uint8Array[])[] = []
let ca: Ca | undefined

/** Made once, whatever log they go to. */
export async function chainNumber(number: number): Promise<readonly Uint8Array[]> {
  ca ??= await createCa({ keyType: 'p-256', intermediates: 0 })
  const keeping = (chain: readonly Uint8Array[]) => {
    chains.push(chain)
    return { ok: false, detail: 'kept' } as const
  }
  const log = { addChain: keeping, addPreChain: keeping }
  while (chains.length <= number) await ca.issue({ log, delivery: 'tls' }).catch(() => {})
  return chains[number] as readonly Uint8Array[]
}

export interface FilledLog {
  readonly devLog: DevLog
  readonly leaves: readonly PromisedLeaf[]
  readonly sths: readonly Sth[]
}

/** A tree head at each of the sizes, ascending. */
export async function filledLog(sizes: readonly number[], options: DevLogOptions = {}): Promise<FilledLog> {
  const devLog = await startDevLog({ mergeDelay: 0, sthInterval: 3_600_000, ...options })
  const leaves: PromisedLeaf[] = []
  const sths: Sth[] = []
  for (const size of sizes) {
    while (leaves.length < size) leaves.push(submit(devLog, await chainNumber(leaves.length)))
    devLog.merge()
    sths.push(devLog.publish())
  }
  return { devLog, leaves, sths }
}

export function submit(devLog: DevLog, chain: readonly Uint8Array[]): PromisedLeaf {
  const reply = devLog.addChain(chain)
  if (!reply.ok) throw new Error(reply.detail)
  const sct = decodeSct(reply.value)
  if (!sct.ok) throw new Error(sct.detail)
  const valid = validateSfo(crypto, devLog.log, { chain, sct: sct.value }, Date.now())
  if (!valid.ok) throw new Error(valid.detail)
  return { leafHash: leafHashOf(valid.value.leafId), leafIndex: leafIndexOf(sct.value.extensions) }
}

export interface Archive {
  readonly log: Log
  readonly folder: string
  remove(): Promise<void>
}

/** The files of a retired log: checkpoint, and the tiles of its last tree. */
export async function archiveOf({ devLog, sths }: FilledLog, tiles: readonly TileName[]): Promise<Archive> {
  const folder = await mkdtemp(join(tmpdir(), 'ctor-archive-'))
  for (const name of tiles) {
    const tile = devLog.ctLog.hashTile(name)
    if (!tile.ok) throw new Error(tile.detail)
    await writeInto(folder, tilePath(name), tile.value)
  }
  const checkpoint = encodeCheckpoint(crypto, checkpointOrigin(devLog.log.url), sths.at(-1) as Sth)
  await writeInto(folder, 'checkpoint', checkpoint)
  const log = { ...devLog.log, monitoringUrl: pathToFileURL(folder).href }
  return { log, folder, remove: () => rm(folder, { recursive: true, force: true }) }
}

export async function writeInto(folder: string, path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), bytes)
}
