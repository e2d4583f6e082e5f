// How a challenge ended: what verifies is proven or a contradiction, and all else is one of three failures.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { toHex } from '../../src/machines/ct/bytes.ts'
import { judgeInclusion, verifyPair } from '../../src/machines/ct/challenge.ts'
import type { InclusionAnswer, InclusionProof, ProofPair, Sth } from '../../src/machines/ct/types.ts'
import { hashLeaf, inclusionProof, type Tree, treeOf } from './oracles/merkle-tree.ts'

const crypto = nodeCrypto()
const logId = 'ab'.repeat(32)
const leaves = Array.from({ length: 40 }, (_, i) => hashLeaf(`leaf ${i}`))
const other = '77'.repeat(32)

const anyCase = fc
  .integer({ min: 1, max: leaves.length })
  .chain((size) =>
    fc.record({ size: fc.constant(size), index: fc.nat(size - 1), timestamp: fc.integer({ min: 1000, max: 2000 }) }),
  )

function headOf(tree: Tree, timestamp: number): Sth {
  return { logId, timestamp, size: tree.size, root: toHex(tree.range(0, tree.size)), signature: '04030000' }
}

function proofOf(tree: Tree, index: number): InclusionProof {
  return { leafIndex: index, path: inclusionProof(tree, index).map(({ hash }) => toHex(hash)) }
}

function subject({ size, index, timestamp }: { size: number; index: number; timestamp: number }) {
  const tree = treeOf(leaves.slice(0, size))
  const leafId = `${logId}:${toHex(leaves[index] as Uint8Array)}`
  return { sth: headOf(tree, timestamp), proof: proofOf(tree, index), leafId }
}

test('an answer that verifies proves, unless the SCT is newer than the tree head, which contradicts [RELAY-004.1, EVID-001.1]', () => {
  fc.assert(
    fc.property(anyCase, fc.integer({ min: -3, max: 3 }), (any, ahead) => {
      const { sth, proof, leafId } = subject(any)
      const asked = { leafId, sctTimestamp: sth.timestamp + ahead }
      const outcome = ahead > 0 ? 'contradiction' : 'proven'
      expect(judgeInclusion(crypto, asked, sth, { kind: 'ok', value: proof })).toEqual({ outcome, proof })
    }),
  )
})

/** Proofs of another shape or content, none of which verifies for the subject. */
function badProofs({ leafIndex, path }: InclusionProof, size: number): readonly InclusionProof[] {
  return [
    { leafIndex: leafIndex + 1, path },
    { leafIndex: size, path },
    { leafIndex: -1, path },
    { leafIndex: leafIndex + 0.5, path },
    { leafIndex: 2 ** 53, path },
    { leafIndex, path: [...path, other] },
    { leafIndex, path: Array.from({ length: 65 }, () => other) },
    { leafIndex, path: [...path.slice(1), 'not hex'] },
    ...(path.length === 0
      ? []
      : [
          { leafIndex, path: path.slice(1) },
          { leafIndex, path: [other, ...path.slice(1)] },
        ]),
  ]
}

test('an answer that does not verify, or has another shape, is badProof, whatever the timestamps [RELAY-004.1]', () => {
  fc.assert(
    fc.property(anyCase, fc.nat(4000), (any, sctTimestamp) => {
      const { sth, proof, leafId } = subject(any)
      const bad = { outcome: 'badProof', proof: null }
      for (const value of badProofs(proof, sth.size)) {
        expect(
          judgeInclusion(crypto, { leafId, sctTimestamp }, sth, { kind: 'ok', value }),
          JSON.stringify(value),
        ).toEqual(bad)
      }
      const ok = { kind: 'ok', value: proof } as const
      expect(judgeInclusion(crypto, { leafId: `${logId}:${other}`, sctTimestamp }, sth, ok)).toEqual(bad)
      expect(judgeInclusion(crypto, { leafId: `${other}${leafId.slice(64)}`, sctTimestamp }, sth, ok)).toEqual(bad)
      expect(judgeInclusion(crypto, { leafId, sctTimestamp }, { ...sth, root: other }, ok)).toEqual(bad)
      expect(judgeInclusion(crypto, { leafId, sctTimestamp }, sth, { kind: 'malformed', detail: '' })).toEqual(bad)
    }),
  )
})

test('a proof of another leaf contradicts at the place that the log promised, and nowhere else [RELAY-004.1, EVID-009.1]', () => {
  const { sth, proof, leafId } = subject({ size: 9, index: 4, timestamp: 1000 })
  const [there, missing] = [leafId.slice(65), `${logId}:${other}`]
  const judged = (asked: object, value: InclusionAnswer) =>
    judgeInclusion(crypto, { leafId: missing, sctTimestamp: 0, ...asked }, sth, { kind: 'ok', value })
  const bad = { outcome: 'badProof', proof: null }
  expect(judged({ leafIndex: 4 }, { ...proof, leafHash: there })).toEqual({
    outcome: 'contradiction',
    proof,
    leafHash: there,
  })
  expect(judged({}, { ...proof, leafHash: there })).toEqual(bad)
  expect(judged({ leafIndex: 5 }, { ...proof, leafHash: there })).toEqual(bad)
  expect(judged({ leafIndex: 4 }, proof)).toEqual(bad)
  expect(judged({ leafIndex: 4 }, { ...proof, leafHash: other })).toEqual(bad)
  expect(judged({ leafIndex: 4 }, { leafIndex: 4, path: [], leafHash: there })).toEqual(bad)
  expect(judged({ leafIndex: 4, leafId: `${other}:${other}` }, { ...proof, leafHash: there })).toEqual(bad)
})

test('no answer is unreachable, and a refusal is refused [RELAY-004.1]', () => {
  const { sth, leafId } = subject({ size: 3, index: 1, timestamp: 1000 })
  const asked = { leafId, sctTimestamp: 0 }
  expect(judgeInclusion(crypto, asked, sth, { kind: 'unreachable', detail: 'timeout' })).toEqual({
    outcome: 'unreachable',
    proof: null,
  })
  expect(judgeInclusion(crypto, asked, sth, { kind: 'refused', status: 404 })).toEqual({
    outcome: 'refused',
    proof: null,
  })
})

test('a pair holds only with a proof that verifies against a tree head of our own [RELAY-007, INV-003]', () => {
  fc.assert(
    fc.property(anyCase, (any) => {
      const { sth, proof, leafId } = subject(any)
      const pair: ProofPair = { leafId, sth, proof }
      const strangers: readonly Sth[] = [
        { ...sth, timestamp: sth.timestamp + 1 },
        { ...sth, size: sth.size + 1 },
        { ...sth, root: other },
        { ...sth, logId: other },
      ]
      expect(verifyPair(crypto, pair, [...strangers, sth])).toBe(true)
      expect(verifyPair(crypto, { ...pair, sth: { ...sth, signature: 'whatever' } }, [sth])).toBe(true)
      expect(verifyPair(crypto, pair, strangers)).toBe(false)
      expect(verifyPair(crypto, pair, [])).toBe(false)
      for (const stranger of strangers) expect(verifyPair(crypto, { ...pair, sth: stranger }, [sth])).toBe(false)
      for (const bad of badProofs(proof, sth.size))
        expect(verifyPair(crypto, { ...pair, proof: bad }, [sth])).toBe(false)
      expect(verifyPair(crypto, { ...pair, leafId: `${logId}:${other}` }, [sth])).toBe(false)
      expect(verifyPair(crypto, { ...pair, leafId: `${other}${leafId.slice(64)}` }, [sth])).toBe(false)
    }),
  )
})
