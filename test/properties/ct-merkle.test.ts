// Merkle proofs: what the recursive definitions prove verifies, and nothing else does [RFC 9162 2.1.3.2, 2.1.4.2].
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { toHex } from '../../src/machines/ct/bytes.ts'
import { leafHash } from '../../src/machines/ct/leaf.ts'
import {
  type Consistency,
  hashChildren,
  type Inclusion,
  longestPath,
  merkleErrors,
  rootFromInclusion,
  verifyConsistency,
  verifyInclusion,
} from '../../src/machines/ct/merkle.ts'
import { referenceCrypto } from '../../src/machines/ct/reference-crypto.ts'
import { noRealData, realJson } from '../data.ts'
import {
  consistencyProof,
  hashLeaf,
  inclusionProof,
  type ProofStep,
  sha256,
  sparseTree,
  type Tree,
  treeOf,
} from './oracles/merkle-tree.ts'

const crypto = nodeCrypto()
const maxSize = Number.MAX_SAFE_INTEGER
const leaves = Array.from({ length: 70 }, (_, i) => hashLeaf(`leaf ${i}`))
const other = toHex(hashLeaf('other'))

function verdict(inclusion: Inclusion): string {
  const result = verifyInclusion(crypto, inclusion)
  return result.ok ? 'proven' : result.error
}

function consistency(proof: Consistency): string {
  const result = verifyConsistency(crypto, proof)
  return result.ok ? 'proven' : result.error
}

function included(tree: Tree, leafIndex: number): Inclusion {
  return {
    leafHash: toHex(tree.range(leafIndex, leafIndex + 1)),
    leafIndex,
    size: tree.size,
    root: toHex(tree.range(0, tree.size)),
    path: inclusionProof(tree, leafIndex).map(({ hash }) => toHex(hash)),
  }
}

function consistent(tree: Tree, size1: number): Consistency {
  return {
    size1,
    root1: toHex(tree.range(0, size1)),
    size2: tree.size,
    root2: toHex(tree.range(0, tree.size)),
    path: consistencyProof(tree, size1).map(({ hash }) => toHex(hash)),
  }
}

/** Which side each hash stands on: proofs of one shape are computed alike, whatever the sizes. */
function shape(proof: readonly ProofStep[]): string {
  return proof.map(({ side }) => side).join('')
}

const anyIndexAndSize = fc
  .integer({ min: 1, max: leaves.length })
  .chain((size) => fc.record({ size: fc.constant(size), index: fc.nat(size - 1) }))

test('every leaf of every tree of 1 to 70 leaves is proven [WIRE-005]', () => {
  for (let size = 1; size <= leaves.length; size++) {
    const tree = treeOf(leaves.slice(0, size))
    for (let index = 0; index < size; index++)
      expect(verdict(included(tree, index)), `${index} of ${size}`).toBe('proven')
  }
})

test('the root that a path leads to is that of its tree [WIRE-005]', () => {
  const { root, ...inclusion } = included(treeOf(leaves.slice(0, 7)), 3)
  expect(rootFromInclusion(crypto, inclusion)).toEqual({ ok: true, value: root })
})

test('every pair of trees of 1 to 70 leaves is proven consistent [WIRE-005]', () => {
  for (let size2 = 1; size2 <= leaves.length; size2++) {
    const tree = treeOf(leaves.slice(0, size2))
    for (let size1 = 1; size1 <= size2; size1++)
      expect(consistency(consistent(tree, size1)), `${size1} ${size2}`).toBe('proven')
  }
})

const bigSize = fc.oneof(
  fc.maxSafeInteger().map((n) => Math.abs(n) + (n === 0 ? 1 : 0)),
  fc
    .integer({ min: 1, max: 52 })
    .chain((bits) => fc.integer({ min: -2, max: 2 }).map((d) => Math.max(1, 2 ** bits + d))),
)

test('inclusion is exact for sizes up to 2^53-1, and no other index of that tree is proven [WIRE-005]', () => {
  fc.assert(
    fc.property(bigSize, fc.maxSafeInteger(), fc.nat(60), fc.maxSafeInteger(), (size, at, bit, anything) => {
      const index = Math.abs(at) % size
      const proof = included(sparseTree(size, index, hashLeaf('special')), index)
      expect(verdict(proof)).toBe('proven')
      for (const leafIndex of [
        index % 2 === 0 ? index + 1 : index - 1,
        Math.abs(index - 2 ** bit),
        index + 2 ** bit,
        Math.abs(anything),
      ]) {
        if (leafIndex !== index) expect(verdict({ ...proof, leafIndex })).not.toBe('proven')
      }
    }),
  )
})

test('consistency is exact for sizes up to 2^53-1 [WIRE-005]', () => {
  fc.assert(
    fc.property(bigSize, bigSize, fc.maxSafeInteger(), (size2, first, at) => {
      const size1 = Math.min(first, size2)
      const tree = sparseTree(size2, Math.abs(at) % size2, hashLeaf('special'))
      expect(consistency(consistent(tree, size1))).toBe('proven')
    }),
  )
})

test('the last leaf of the largest tree is proven, and one more leaf is numberTooLarge [WIRE-005]', () => {
  const proof = included(sparseTree(maxSize, maxSize - 1, hashLeaf('special')), maxSize - 1)
  expect(verdict(proof)).toBe('proven')
  expect(verdict({ ...proof, size: maxSize + 1 })).toBe('numberTooLarge')
  expect(consistency({ ...consistent(sparseTree(9, 0, hashLeaf('special')), 3), size2: maxSize + 1 })).toBe(
    'numberTooLarge',
  )
})

/** One element of the path is another, left out, doubled, or added; or two of them are swapped. */
function mutations(path: readonly string[], at: number): readonly (readonly string[])[] {
  const i = path.length === 0 ? 0 : at % path.length
  const before = path.slice(0, i)
  const after = path.slice(i + 1)
  const swapped = [...before, ...after.slice(0, 1), ...path.slice(i, i + 1), ...after.slice(1)]
  const changed =
    path.length === 0
      ? []
      : [
          [...before, other, ...after],
          [...before, ...after],
        ]
  return [...changed, [...path, other], [...before, other, ...path.slice(i)], ...(after.length > 0 ? [swapped] : [])]
}

test('an inclusion proof with another leaf, root, index or path is refused [WIRE-005]', () => {
  fc.assert(
    fc.property(anyIndexAndSize, fc.nat(), ({ size, index }, at) => {
      const proof = included(treeOf(leaves.slice(0, size)), index)
      expect(verdict({ ...proof, leafHash: other })).toBe('rootMismatch')
      expect(verdict({ ...proof, root: other })).toBe('rootMismatch')
      for (const path of mutations(proof.path, at))
        expect(verdict({ ...proof, path })).toMatch(/^(rootMismatch|pathLength)$/)
      for (let leafIndex = 0; leafIndex < size + 3; leafIndex++) {
        expect(verdict({ ...proof, leafIndex }) === 'proven').toBe(leafIndex === index)
      }
    }),
  )
})

test('an inclusion proof verifies in a tree of another size only where that asks for the same hashes in the same order [WIRE-005]', () => {
  fc.assert(
    fc.property(anyIndexAndSize, fc.integer({ min: 1, max: 2 * leaves.length }), ({ size, index }, wrong) => {
      const proof = included(treeOf(leaves.slice(0, size)), index)
      const alike =
        index < wrong &&
        shape(inclusionProof(treeOf(leaves.slice(0, size)), index)) ===
          shape(inclusionProof(sparseTree(wrong, index, hashLeaf('x')), index))
      expect(verdict({ ...proof, size: wrong }) === 'proven').toBe(alike)
    }),
  )
})

test('a consistency proof with another root or path is refused [WIRE-005]', () => {
  fc.assert(
    fc.property(anyIndexAndSize, fc.nat(), ({ size, index }, at) => {
      const proof = consistent(treeOf(leaves.slice(0, size)), index + 1)
      expect(consistency({ ...proof, root1: other })).toBe('rootMismatch')
      expect(consistency({ ...proof, root2: other })).toBe('rootMismatch')
      for (const path of mutations(proof.path, at)) expect(consistency({ ...proof, path })).not.toBe('proven')
    }),
  )
})

test('a consistency proof verifies for other sizes only where they ask for the same hashes in the same order [WIRE-005]', () => {
  const anySize = fc.integer({ min: 1, max: leaves.length })
  const steps = (size1: number, size2: number) => consistencyProof(treeOf(leaves.slice(0, size2)), size1)
  fc.assert(
    fc.property(anyIndexAndSize, anySize, anySize, ({ size, index }, size1, size2) => {
      const first = index + 1
      const proof = consistent(treeOf(leaves.slice(0, size)), first)
      const alike =
        size1 <= size2 &&
        (size1 === size2) === (first === size) &&
        isPowerOfTwo(size1) === isPowerOfTwo(first) &&
        shape(steps(size1, size2)) === shape(steps(first, size))
      if (size1 !== size2 || first !== size) expect(consistency({ ...proof, size1, size2 }) === 'proven').toBe(alike)
    }),
    { numRuns: 300 },
  )
})

function isPowerOfTwo(n: number): boolean {
  return Number.isInteger(Math.log2(n))
}

test('numbers that are no sizes, hashes that are none, and trees that are empty have each its own error [WIRE-005]', () => {
  const inclusion = included(treeOf(leaves.slice(0, 5)), 2)
  const pair = consistent(treeOf(leaves.slice(0, 5)), 3)
  for (const bad of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
    expect(verdict({ ...inclusion, leafIndex: bad })).toBe('numberTooLarge')
    expect(verdict({ ...inclusion, size: bad })).toBe('numberTooLarge')
    expect(consistency({ ...pair, size1: bad })).toBe('numberTooLarge')
    expect(consistency({ ...pair, size2: bad })).toBe('numberTooLarge')
  }
  for (const bad of ['', 'ab', other.toUpperCase(), `${other}00`, `${other.slice(1)}g`]) {
    expect(verdict({ ...inclusion, leafHash: bad })).toBe('badHash')
    expect(verdict({ ...inclusion, root: bad })).toBe('badHash')
    expect(verdict({ ...inclusion, path: [...inclusion.path.slice(1), bad] })).toBe('badHash')
    expect(consistency({ ...pair, root1: bad })).toBe('badHash')
    expect(consistency({ ...pair, root2: bad })).toBe('badHash')
    expect(consistency({ ...pair, path: [...pair.path.slice(1), bad] })).toBe('badHash')
  }
  expect(verdict({ ...inclusion, size: 0 })).toBe('emptyTree')
  expect(verdict({ ...inclusion, leafIndex: 5 })).toBe('indexBeyondSize')
  expect(consistency({ ...pair, size1: 0 })).toBe('emptyTree')
  expect(consistency({ ...pair, size1: 6 })).toBe('sizeOrder')
})

test('equal sizes ask for equal roots and an empty path; unequal ones for a path [WIRE-005]', () => {
  const same = consistent(treeOf(leaves.slice(0, 5)), 5)
  expect(consistency(same)).toBe('proven')
  expect(consistency({ ...same, root2: other })).toBe('rootMismatch')
  expect(consistency({ ...same, path: [other] })).toBe('pathLength')
  expect(consistency({ ...same, size2: 6 })).toBe('pathLength')
})

test('leaf 0 of a tree of size 1 is proven by an empty path [WIRE-005]', () => {
  expect(verdict({ leafHash: other, leafIndex: 0, size: 1, root: other, path: [] })).toBe('proven')
  expect(verdict({ leafHash: other, leafIndex: 0, size: 1, root: other, path: [other] })).toBe('pathLength')
})

test('a path of more than 64 elements is refused before anything is hashed [WIRE-005]', () => {
  const idle = { ...crypto, nodeHash: () => expect.unreachable('hashed') }
  const path = Array.from({ length: longestPath + 1 }, () => other)
  const inclusion = { leafHash: other, leafIndex: 0, size: maxSize, root: other, path }
  expect(verifyInclusion(idle, inclusion)).toMatchObject({ error: 'pathLength' })
  expect(rootFromInclusion(idle, inclusion)).toMatchObject({ error: 'pathLength' })
  expect(verifyConsistency(idle, { size1: 1, root1: other, size2: maxSize, root2: other, path })).toMatchObject({
    error: 'pathLength',
  })
})

test('of a path of 65 elements no hash is read, of one of 64 each [WIRE-005]', () => {
  const judged = (length: number) => {
    const path = Array.from({ length }, () => 'no hash')
    const inclusion = { leafHash: other, leafIndex: 0, size: maxSize, root: other, path }
    return [verdict(inclusion), consistency({ size1: 1, root1: other, size2: maxSize, root2: other, path })]
  }
  expect(judged(longestPath)).toEqual(['badHash', 'badHash'])
  expect(judged(longestPath + 1)).toEqual(['pathLength', 'pathLength'])
})

test('every hash is read before the length of a path that is not too long [WIRE-005]', () => {
  const short = { leafHash: other, leafIndex: 0, size: 8, root: other, path: [other] }
  expect(verdict(short)).toBe('pathLength')
  for (const bad of [{ leafHash: 'x' }, { root: 'x' }, { path: ['x'] }])
    expect(verdict({ ...short, ...bad })).toBe('badHash')
  for (const [size1, path] of [
    [8, [other]],
    [4, []],
    [3, []],
  ] as const) {
    const pair = { size1, root1: other, size2: 8, root2: other, path }
    expect(consistency(pair)).toBe('pathLength')
    expect(consistency({ ...pair, root1: 'x' })).toBe('badHash')
    expect(consistency({ ...pair, root2: 'x' })).toBe('badHash')
  }
  expect(consistency({ size1: 8, root1: other, size2: 8, root2: other, path: ['x'] })).toBe('badHash')
})

test('a path of another length than the sizes ask for is refused before anything is hashed [WIRE-005]', () => {
  const idle = { ...crypto, nodeHash: () => expect.unreachable('hashed') }
  const refused = { ok: false, error: 'pathLength', detail: merkleErrors.pathLength }
  for (const length of [0, 1, 2, 4, 5, longestPath]) {
    const path = Array.from({ length }, () => other)
    expect(verifyInclusion(idle, { leafHash: other, leafIndex: 0, size: 8, root: other, path })).toEqual(refused)
    for (const size1 of [1, 6])
      expect(verifyConsistency(idle, { size1, root1: other, size2: 8, root2: other, path })).toEqual(refused)
  }
})

test('a node hash has the prefix 01, a leaf hash 00 [WIRE-005]', () => {
  const [a, b] = leaves as [Uint8Array, Uint8Array]
  expect(hashChildren(crypto, a, b)).toEqual(treeOf([a, b]).range(0, 2))
  expect(leafHash(crypto, new TextEncoder().encode('leaf 0'))).toEqual(a)
})

test.skipIf(noRealData)('98 probes of transparency-dev/merkle are judged as they say [WIRE-005]', () => {
  const hex = (base64: string | null) => Buffer.from(base64 ?? '', 'base64').toString('hex')
  const probes = realJson('merkle-inclusion/probes.json')
  const wrong: string[] = []
  for (const { id, leafIdx, treeSize, root, leafHash, proof, wantErr } of probes) {
    const path = (proof ?? []).map(hex)
    const result = verdict({ leafHash: hex(leafHash), leafIndex: leafIdx, size: treeSize, root: hex(root), path })
    if ((result !== 'proven') !== wantErr) wrong.push(`${id}: ${result}`)
  }
  expect(wrong).toEqual([])
  expect(probes.length).toBe(98)
})

test.skipIf(noRealData)(
  'Icarus: two trees of 129 million entries are consistent, and entry 120,000,000 is in the second [WIRE-005]',
  () => {
    const hex = (base64: string) => Buffer.from(base64, 'base64').toString('hex')
    const cases = realJson('tree-cases.json')
    expect(cases.length).toBe(1)
    const [{ sths, entry, inclusion, consistency: pair }] = cases
    const [first, second] = sths
    const size2 = second.tree_size
    const root2 = hex(second.sha256_root_hash)
    const path = pair.consistency.map(hex)
    const proof = { size1: pair.first, root1: hex(pair.firstRoot), size2, root2, path }
    expect(first.tree_size).toBe(pair.first)
    expect(consistency(proof)).toBe('proven')
    expect(consistency({ ...proof, size1: pair.first - 1 })).not.toBe('proven')
    const leaf = new Uint8Array(Buffer.from(entry.leaf_input, 'base64'))
    const included = {
      leafHash: toHex(leafHash(crypto, leaf)),
      leafIndex: entry.index,
      size: inclusion.tree_size,
      root: root2,
      path: inclusion.audit_path.map(hex),
    }
    expect(verdict(included)).toBe('proven')
    expect(verdict({ ...included, leafIndex: entry.index + 1 })).toBe('rootMismatch')
  },
)

test('a node is the SHA-256 of 01 and its two children, natively and in the reference [WIRE-005]', () => {
  const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
  fc.assert(
    fc.property(hash, hash, (left, right) => {
      const expected = Buffer.from(sha256(new Uint8Array([1]), left, right)).toString('hex')
      const [a, b] = [Buffer.from(left).toString('hex'), Buffer.from(right).toString('hex')]
      expect([nodeCrypto().nodeHash(a, b), referenceCrypto.nodeHash(a, b)]).toEqual([expected, expected])
    }),
  )
})
