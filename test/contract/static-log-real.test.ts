// 512 entries of a real static-ct log as an archive: each of them is proven out of the log's own tiles.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { agentPool } from '../../src/adapters/node/agents.ts'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { logClients } from '../../src/adapters/node/log-clients.ts'
import { concat, toHex } from '../../src/machines/ct/bytes.ts'
import { leafIndexOf } from '../../src/machines/ct/extensions.ts'
import { encodeLeaf, leafHash } from '../../src/machines/ct/leaf.ts'
import { hashChildren, verifyInclusion } from '../../src/machines/ct/merkle.ts'
import { decodeDataTile } from '../../src/machines/ct/tile.ts'
import type { Log, Sth } from '../../src/machines/ct/types.ts'
import { noRealData, realBytes } from '../data.ts'
import { writeInto } from './filled-log.ts'

const crypto = nodeCrypto()
const never = new AbortController().signal

/** Of a whole number of pairs at each height. */
function rootOf(hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.length === 1) return hashes[0] as Uint8Array
  const half = hashes.length / 2
  return hashChildren(crypto, rootOf(hashes.slice(0, half)), rootOf(hashes.slice(half)))
}

test.skipIf(noRealData)(
  'each of 512 real entries is at the index that its SCT signs, and is proven [WIRE-013.1, WIRE-014.2]',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ctor-navigli-'))
    const agents = agentPool()
    try {
      const tiles = ['000', '001'].map((name) => realBytes(`navigli2025h2/tile/0/${name}`))
      const subtrees = tiles.map((tile) =>
        rootOf(Array.from({ length: 256 }, (_, i) => tile.subarray(i * 32, i * 32 + 32))),
      )
      for (const [at, tile] of tiles.entries()) await writeInto(folder, `tile/0/00${at}`, tile)
      await writeInto(folder, 'tile/1/000.p/2', concat(...subtrees))
      const monitoringUrl = pathToFileURL(folder).href
      const log: Log = { logId: '0'.repeat(64), key: '', mmd: 60_000, url: 'https://log.example', monitoringUrl }
      const sth: Sth = {
        logId: log.logId,
        timestamp: 0,
        size: 512,
        root: toHex(rootOf(subtrees)),
        signature: '04030000',
      }
      const client = logClients(agents, { crypto })
      let proven = 0
      for (const name of ['000', '001']) {
        const leaves = decodeDataTile(realBytes(`navigli2025h2/tile/data/${name}`))
        if (!leaves.ok) return expect.fail(leaves.detail)
        for (const { entry, timestamp, extensions } of leaves.value) {
          const promised = {
            leafHash: toHex(leafHash(crypto, encodeLeaf(entry, timestamp, extensions))),
            leafIndex: leafIndexOf(extensions),
          }
          expect(promised.leafIndex).toBe(proven)
          const answer = await client.getInclusion(log, promised, sth, 'token', never)
          if (answer.kind !== 'ok') return expect.fail(answer.kind)
          const { leafIndex, path, leafHash: found } = answer.value
          expect(found).toBe(promised.leafHash)
          expect(verifyInclusion(crypto, { leafHash: promised.leafHash, leafIndex, ...sth, path }).ok).toBe(true)
          proven++
        }
      }
      expect(proven).toBe(512)
    } finally {
      await agents.close()
      await rm(folder, { recursive: true })
    }
  },
)
