// What logs and peers say: STHs, checkpoints, data tiles, proof sets, small messages; and evidence bundles [WIRE-004 to WIRE-014, EVID-003].
import { isDeepStrictEqual } from 'node:util'
import { nodeCrypto } from '../../../src/adapters/node/crypto.ts'
import { proofOf } from '../../../src/adapters/node/http/auditor-listener.ts'
import { challengeShape, onionAddressShape } from '../../../src/adapters/node/http/paths.ts'
import { decodeProofSet, encodeProofSet } from '../../../src/adapters/node/http/proof-set.ts'
import { parseJson } from '../../../src/adapters/node/http/shapes.ts'
import { consistencyShape, proofByHashShape } from '../../../src/adapters/node/log-client.ts'
import { concat, fromHex, fromUtf8, latin1, utf8 } from '../../../src/machines/ct/bytes.ts'
import { checkpointErrors, decodeCheckpoint, encodeCheckpoint } from '../../../src/machines/ct/checkpoint.ts'
import { verifyEvidence } from '../../../src/machines/ct/evidence.ts'
import { decodeBundle, encodeBundle } from '../../../src/machines/ct/evidence-bundle.ts'
import { evidenceErrors } from '../../../src/machines/ct/evidence-errors.ts'
import { decodeSthJson, encodeSthJson } from '../../../src/machines/ct/sth.ts'
import { decodeDataTile, encodeTileLeaf, tileErrors } from '../../../src/machines/ct/tile.ts'
import { decodeTlogProof, encodeTlogProof } from '../../../src/machines/ct/tlog-proof.ts'
import { decodeCtrProof } from '../../../src/machines/tor/ctr-proof.ts'
import { accepted, must, type Target } from '../target.ts'
import { hexSeeds, realFile, textSeeds } from './seeds.ts'

const crypto = nodeCrypto()
const logId = 'ab'.repeat(32)
const origin = 'log.example/2025h2'
const sth = { logId, timestamp: 1_700_000_000_000, size: 256, root: '11'.repeat(32), signature: '040300020000' }

function refresh(input: Uint8Array): Uint8Array {
  const given = parseJson(input)
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return input
  const { digest: _digest, ...content } = given as Record<string, unknown>
  return encodeBundle(crypto, content as never)
}

export const logTargets: readonly Target[] = [
  {
    name: 'sth',
    seeds: () => hexSeeds('decodeSth', 'body'),
    run: (input) => {
      const head = accepted(decodeSthJson(logId, parseJson(input)), ['badSth'])
      if (head === null) return
      must(isDeepStrictEqual(accepted(decodeSthJson(logId, encodeSthJson(head)), []), head), 're-encoded STH differs')
    },
  },
  {
    name: 'log-answer',
    seeds: () =>
      [
        '{"leaf_index":1,"audit_path":["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]}',
        '{"consistency":["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]}',
      ].map((text) => Buffer.from(text)),
    run: (input) => {
      const json = parseJson(input)
      const proof = proofByHashShape.safeParse(json)
      must(!proof.success || proof.data.audit_path.every((hash) => /^[0-9a-f]{64}$/.test(hash)), 'a path of no hashes')
      consistencyShape.safeParse(json)
    },
  },
  {
    name: 'checkpoint',
    seeds: () => [encodeCheckpoint(crypto, origin, sth), encodeCheckpoint(crypto, origin, { ...sth, size: 0 })],
    run: (input) => {
      const head = accepted(decodeCheckpoint(crypto, { logId, origin }, input), Object.keys(checkpointErrors))
      if (head === null) return
      const again = accepted(decodeCheckpoint(crypto, { logId, origin }, encodeCheckpoint(crypto, origin, head)), [])
      must(isDeepStrictEqual(again, head), 're-encoded checkpoint differs')
    },
  },
  {
    name: 'data-tile',
    seeds: () => realFile('navigli2025h2/tile/data/000'),
    run: (input) => {
      const leaves = accepted(decodeDataTile(input), Object.keys(tileErrors))
      if (leaves !== null)
        must(Buffer.from(concat(...leaves.map(encodeTileLeaf))).equals(input), 're-encoded tile differs')
    },
  },
  {
    name: 'proof-set',
    seeds: () => hexSeeds('decodeProofSet', 'body'),
    run: (input) => {
      const pairs = accepted(decodeProofSet(input, 256), ['badProofSet'])
      if (pairs === null) return
      const again = accepted(decodeProofSet(utf8(encodeProofSet(pairs, 1_000_000)), 256), [])
      must(isDeepStrictEqual(again, pairs), 're-encoded proof set differs')
    },
  },
  {
    name: 'peer-message',
    seeds: () => [
      Buffer.from(`{"address":"${'a'.repeat(56)}.onion"}`),
      Buffer.from(`{"nonce":"${'ab'.repeat(32)}"}`),
      Buffer.from('CTor-CTR AAAA'),
    ],
    run: (input) => {
      const json = parseJson(input)
      onionAddressShape.safeParse(json)
      const challenge = challengeShape.safeParse(json).data
      must(challenge === undefined || fromHex(challenge.nonce).length === 32, 'a nonce of another length')
      const proof = proofOf(latin1(input))
      if (proof !== undefined) decodeCtrProof(proof)
    },
  },
  {
    name: 'evidence',
    seeds: () => textSeeds('verifyEvidence', 'bundle'),
    run: (input) => {
      for (const file of [input, refresh(input)]) {
        const decoded = accepted(decodeBundle(crypto, file), Object.keys(evidenceErrors))
        accepted(verifyEvidence(crypto, file, null), Object.keys(evidenceErrors))
        if (decoded === null) continue
        must(Buffer.from(encodeBundle(crypto, decoded.bundle)).equals(file), 're-encoded bundle differs')
      }
    },
  },
  {
    name: 'tlog-proof',
    seeds: () => [
      Buffer.from(
        encodeTlogProof({
          proof: { leafIndex: 3, path: ['22'.repeat(32)] },
          checkpoint: fromUtf8(encodeCheckpoint(crypto, origin, sth)) ?? '',
        }),
      ),
    ],
    run: (input) => {
      const text = fromUtf8(input)
      const proof = text === null ? null : decodeTlogProof(text)
      if (proof !== null) must(encodeTlogProof(proof) === text, 're-encoded tlog-proof differs')
    },
  },
]
