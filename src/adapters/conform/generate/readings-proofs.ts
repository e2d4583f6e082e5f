// L0 vectors of tree heads, proofs and challenges where two implementations once read the text differently [WIRE-005, 006, 009, 013].
// Invariant: each is a case that functions.md decides.
import { fromHex, toBase64, toHex, utf8 } from '../../../machines/ct/bytes.ts'
import { consistencyOf, inclusionOf, pairOf, signed } from './bytes-proofs.ts'
import { checkpointLog, note, root, signatureLine, treeHeadSignature } from './bytes-static-ct.ts'
import { code, type DraftL0, type Must, value } from './draft.ts'
import { logOf } from './keys.ts'
import { hexOf } from './random.ts'
import { ecdsaLog, timestamp } from './sfo-samples.ts'

function draft(of: string, name: string, reqs: readonly string[], input: object, must: Must, comment: string): DraftL0 {
  return { function: of, name, input, must, reqs, comment }
}

function paths(): readonly DraftL0[] {
  const [short, other] = [hexOf('short').slice(2), hexOf('other')]
  const inclusion = inclusionOf(8, 3)
  const one = (name: string, changed: object) =>
    draft(
      'verifyInclusion',
      name,
      ['WIRE-005.1'],
      { ...inclusion, ...changed },
      code('badHash'),
      'Hashes before the length',
    )
  const pair = (name: string, given: object, changed: object) =>
    draft(
      'verifyConsistency',
      name,
      ['WIRE-005.1'],
      { ...given, ...changed },
      code('badHash'),
      'Hashes before the length',
    )
  return [
    one('short-path-short-root', { path: [other], root: short }),
    one('short-path-short-leaf', { path: [other], leafHash: short }),
    pair('no-path-short-root1', consistencyOf(4, 7), { path: [], root1: short }),
    pair('no-path-short-root2', consistencyOf(3, 7), { path: [], root2: short }),
    pair('equal-sizes-path-short-root2', consistencyOf(7, 7), { path: [other], root2: short }),
    pair('equal-sizes-path-short', consistencyOf(7, 7), { path: [short] }),
  ]
}

const mark = '\ufeff'
const head = { timestamp, size: 255, root: hexOf('root 255') }
const sth = signed(ecdsaLog, head)
const json = JSON.stringify({
  tree_size: head.size,
  timestamp: head.timestamp,
  sha256_root_hash: toBase64(fromHex(head.root)),
  tree_head_signature: toBase64(fromHex(sth.signature)),
})

function heads(): readonly DraftL0[] {
  const of = (name: string, body: string, must: Must, comment: string) =>
    draft('decodeSth', name, ['WIRE-006.2'], { logId: sth.logId, body: utf8(body) }, must, comment)
  const sized = (size: string) => json.replace('255', size)
  const lineEnd = { ...logOf(ecdsaLog.key), key: `${logOf(ecdsaLog.key).key}\n` }
  return [
    of('size-255.0', sized('255.0'), value(sth), 'A number is what it is worth'),
    of('size-2.55e2', sized('2.55e2'), value(sth), 'A number is what it is worth'),
    of('size-minus-0', sized('-0'), value({ ...sth, size: 0 }), 'A number is what it is worth'),
    of('size-rounded', sized('9007199254740991.4'), value({ ...sth, size: 2 ** 53 - 1 }), 'The double next to it'),
    of('size-1e400', sized('1e400'), code('badSth'), 'No integer'),
    of('other-1e400', json.replace('{', '{"other":1e400,'), value(sth), 'An unknown member is ignored'),
    of('size-twice', json.replace('{', '{"tree_size":1,'), value(sth), 'The last of a name counts'),
    of('byte-order-mark', mark + json, code('badSth'), 'No JSON'),
    draft(
      'verifySth',
      'key-with-line-end',
      ['WIRE-004.1'],
      { log: lineEnd, sth },
      value({ valid: false }),
      'A key that is not canonical base64',
    ),
  ]
}

function sets(): readonly DraftL0[] {
  const pair = pairOf(1, 0)
  const text = JSON.stringify({ version: 1, pairs: [pair] })
  const of = (name: string, body: string, must: Must, comment: string) =>
    draft('decodeProofSet', name, ['WIRE-009.1'], { body: utf8(body), limit: 256 }, must, comment)
  const signature = (bytes: number) => ({ ...pair, sth: { ...pair.sth, signature: '04'.repeat(bytes) } })
  const signedWith = (bytes: number, must: Must) =>
    of(
      `signature-of-${bytes}`,
      JSON.stringify({ version: 1, pairs: [signature(bytes)] }),
      must,
      'A signature of 4 to 1028 bytes',
    )
  return [
    of(
      'version-1.0',
      text.replace('"version":1', '"version":1.0'),
      value({ pairs: [pair] }),
      'A number is what it is worth',
    ),
    of(
      'size-0.1e1',
      text.replace('"size":1', '"size":0.1e1'),
      value({ pairs: [pair] }),
      'A number is what it is worth',
    ),
    of('byte-order-mark', mark + text, code('badProofSet'), 'No JSON'),
    ...[3, 1029].map((bytes) => signedWith(bytes, code('badProofSet'))),
    ...[4, 1028].map((bytes) => signedWith(bytes, value({ pairs: [signature(bytes)] }))),
  ]
}

function answers(): readonly DraftL0[] {
  const { leafId, sth: asked } = pairOf(7, 3)
  const input = { leafId, sctTimestamp: timestamp - 1, sth: asked }
  const refused = [429, 500, 600].map((status) =>
    draft(
      'judgeInclusion',
      `refused-${status}-by-kind`,
      ['RELAY-004.1'],
      { ...input, answer: { kind: 'refused', status } },
      value({ outcome: 'refused' }),
      'The kind decides, not the status',
    ),
  )
  const origin = 'log.example/\x7f'
  const bytes = utf8(note([origin, '70000', toBase64(fromHex(root))], [signatureLine(origin)]))
  const read = { logId: checkpointLog, timestamp: 1_700_000_000_000, size: 70_000, root, signature: treeHeadSignature }
  const given = { logId: checkpointLog, origin, bytes }
  return [
    ...refused,
    draft(
      'decodeCheckpoint',
      'origin-with-7f',
      ['WIRE-013.3'],
      given,
      value(read),
      `${toHex(utf8(origin)).slice(-2)} in a note`,
    ),
  ]
}

export const proofReadings = (): readonly DraftL0[] => [...paths(), ...heads(), ...sets(), ...answers()]
