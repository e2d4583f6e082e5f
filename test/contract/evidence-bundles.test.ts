// Incidents as the store has them become the bundles that a third party verifies [EVID-002, EVID-005]. The evidence is that of the vectors'
// samples, taken apart into what an auditor keeps.
import { expect, test } from 'vitest'
import * as made from '../../src/adapters/conform/generate/evidence-samples.ts'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { bundleOf } from '../../src/adapters/node/evidence-bundles.ts'
import type { Evidence } from '../../src/machines/auditor/types.ts'
import { utf8 } from '../../src/machines/ct/bytes.ts'
import { decodeCheckpoint } from '../../src/machines/ct/checkpoint.ts'
import { verifyEvidence } from '../../src/machines/ct/evidence.ts'
import { bundleKinds, encodeBundle, originOf } from '../../src/machines/ct/evidence-bundle.ts'
import { decodeTlogProof } from '../../src/machines/ct/tlog-proof.ts'

const crypto = nodeCrypto()
const ids = ['01'.repeat(32), '02'.repeat(32)] as const

test.each(bundleKinds)('%s: what the store has of it is a bundle that holds [EVID-002.2, EVID-005.1]', (kind) => {
  const sample = made.samples[kind]
  const { log, heads, sfos, inclusion, transcript = [], receivedAt = 7 } = sample
  const proof = inclusion === undefined ? null : decodeTlogProof(inclusion.proof)
  const texts = [...heads, ...(proof === null ? [] : [proof.checkpoint])]
  const sths = texts.map((text) => {
    const sth = decodeCheckpoint(crypto, { logId: log.logId, origin: originOf(log.url) }, utf8(text))
    if (!sth.ok) throw new Error(sth.detail)
    return sth.value
  })
  const last = transcript.at(-1)
  const evidence: Evidence = {
    kind,
    logId: log.logId,
    sfoId: sfos.length === 0 ? null : ids[0],
    ...(sfos.length === 2 ? { otherSfoId: ids[1] } : {}),
    sths,
    proof: proof?.proof ?? null,
    ...(inclusion?.leafHash === undefined ? {} : { leafHash: inclusion.leafHash }),
    ...(last?.path === undefined ? {} : { path: last.path }),
    lastOutcome: last?.outcome ?? null,
    since: kind === 'inconsistent' ? (last?.at ?? 0) : receivedAt,
    spansGap: false,
  }
  const bodies = new Map(sfos.toReversed().map((sfo, n) => [ids[n], utf8(JSON.stringify([sfo]))]))
  const store = { getBody: (id: string) => bodies.get(id as never), transcript: () => transcript }
  const bundle = bundleOf(crypto, store, log, evidence)
  expect(bundle).toEqual(sample)
  if (bundle === null) return
  expect(verifyEvidence(crypto, encodeBundle(crypto, bundle), [log]).ok).toBe(true)
  if (sfos.length > 0) expect(bundleOf(crypto, { ...store, getBody: () => undefined }, log, evidence)).toBe(null)
})
