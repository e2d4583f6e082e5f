// Inclusion proofs as text: one reading each, or none.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toBase64, toHex } from '../../src/machines/ct/bytes.ts'
import { longestPath } from '../../src/machines/ct/merkle.ts'
import { decodeTlogProof, encodeTlogProof } from '../../src/machines/ct/tlog-proof.ts'

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex)
const proof = fc.record({
  leafIndex: fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, 10, Number.MAX_SAFE_INTEGER)),
  path: fc.array(hash, { maxLength: longestPath, size: 'max' }),
})

test('what is encoded decodes to itself, up to the longest path of any tree [EVID-004.1]', () => {
  const path = (length: number) => Array.from({ length }, () => 'ab'.repeat(32))
  fc.assert(
    fc.property(proof, fc.string(), (proof, checkpoint) => {
      expect(decodeTlogProof(encodeTlogProof({ proof, checkpoint }))).toEqual({ proof, checkpoint })
    }),
    { examples: [0, longestPath].map((length) => [{ leafIndex: 7, path: path(length) }, 'a\n\nb']) },
  )
  const longer = { leafIndex: 7, path: path(longestPath + 1) }
  expect(decodeTlogProof(encodeTlogProof({ proof: longer, checkpoint: '' }))).toBeNull()
})

const line = toBase64(new Uint8Array(32).fill(0x5a))

test('a proof is header, index, hashes, an empty line and the checkpoint [EVID-004.1]', () => {
  const text = `c2sp.org/tlog-proof@v1\nindex 7\n${line}\n\nlog.example\n`
  expect(decodeTlogProof(text)).toEqual({
    proof: { leafIndex: 7, path: ['5a'.repeat(32)] },
    checkpoint: 'log.example\n',
  })
})

test.each([
  ['nothing', ''],
  ['another version', `c2sp.org/tlog-proof@v2\nindex 7\n${line}\n\n`],
  ['extra data', `c2sp.org/tlog-proof@v1\nextra AAAA\nindex 7\n${line}\n\n`],
  ['no index', `c2sp.org/tlog-proof@v1\n${line}\n\n`],
  ['no line at all', 'c2sp.org/tlog-proof@v1\n\n'],
  ['no empty line', 'c2sp.org/tlog-proof@v1\nindex 7\n'],
  ['no empty line behind a hash', `c2sp.org/tlog-proof@v1\nindex 7\n${line}\n`],
  ['an index of two spellings', `c2sp.org/tlog-proof@v1\nindex 07\n${line}\n\n`],
  ['a negative index', `c2sp.org/tlog-proof@v1\nindex -7\n${line}\n\n`],
  ['an index of digits and letters', `c2sp.org/tlog-proof@v1\nindex 1a\n${line}\n\n`],
  ['an index above 2^53-1', `c2sp.org/tlog-proof@v1\nindex ${2 ** 53}\n${line}\n\n`],
  ['text before the index', `c2sp.org/tlog-proof@v1\nan index 7\n${line}\n\n`],
  ['text behind the index', `c2sp.org/tlog-proof@v1\nindex 7 \n${line}\n\n`],
  ['no base64', `c2sp.org/tlog-proof@v1\nindex 7\n${line.slice(1)}\n\n`],
  ['a hash of 31 bytes', `c2sp.org/tlog-proof@v1\nindex 7\n${toBase64(new Uint8Array(31))}\n\n`],
  ['two hashes, of which one is short', `c2sp.org/tlog-proof@v1\nindex 7\n${line}\nWlpa\n\n`],
])('a proof with %s is none [EVID-004.1]', (_, text) => {
  expect(decodeTlogProof(text)).toBeNull()
})
