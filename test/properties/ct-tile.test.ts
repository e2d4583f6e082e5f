// Data tiles of static-ct logs, and 512 entries of a real one.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { concat, fromHex, toHex } from '../../src/machines/ct/bytes.ts'
import type { Entry } from '../../src/machines/ct/entry.ts'
import { encodeLeaf, leafHash } from '../../src/machines/ct/leaf.ts'
import { decodeDataTile, encodeTileLeaf, type TileLeaf } from '../../src/machines/ct/tile.ts'
import { noRealData, realBytes } from '../data.ts'

const crypto = nodeCrypto()

const bytes = (maxLength: number) => fc.uint8Array({ maxLength })
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
const common = {
  timestamp: fc.maxSafeNat(),
  extensions: bytes(20),
  fingerprints: fc.array(hash.map(toHex), { maxLength: 4 }),
}
const x509: fc.Arbitrary<TileLeaf> = fc.record({
  ...common,
  entry: bytes(300).map((certificate): Entry => ({ type: 'x509', certificate })),
  precertificate: fc.constant(null),
})
const precert: fc.Arbitrary<TileLeaf> = fc.record({
  ...common,
  entry: fc.record({ type: fc.constant('precert' as const), issuerKeyHash: hash, tbs: bytes(300) }),
  precertificate: bytes(300),
})
const anyLeaves = fc.array(fc.oneof(x509, precert), { minLength: 1, maxLength: 5 })

function encode(leaves: readonly TileLeaf[]): Uint8Array {
  return concat(...leaves.map(encodeTileLeaf))
}

test('what is encoded decodes to itself [WIRE-003]', () => {
  fc.assert(
    fc.property(anyLeaves, (leaves) => {
      expect(decodeDataTile(encode(leaves))).toEqual({ ok: true, value: leaves })
    }),
  )
})

test('bytes that decode encode to themselves, so there is one spelling; a cut tile is truncated [WIRE-003]', () => {
  fc.assert(
    fc.property(anyLeaves, fc.nat(), fc.integer({ min: 1, max: 255 }), (leaves, at, flip) => {
      const tile = encode(leaves)
      const last = encodeTileLeaf(leaves.at(-1) as TileLeaf).length
      const changed = tile.slice()
      changed[at % tile.length] = (changed[at % tile.length] as number) ^ flip
      const decoded = decodeDataTile(changed)
      if (decoded.ok) expect(encode(decoded.value)).toEqual(changed)
      expect(decodeDataTile(tile.subarray(0, -1 - (at % (last - 1))))).toMatchObject({ error: 'truncated' })
    }),
  )
})

test('each fault of a tile has its own error, and 257 entries are too many [WIRE-003]', () => {
  const leaf = encodeTileLeaf({
    timestamp: 1,
    entry: { type: 'x509', certificate: new Uint8Array([1]) },
    extensions: new Uint8Array(0),
    precertificate: null,
    fingerprints: [],
  })
  const patched = (at: number, hex: string) =>
    concat(leaf.subarray(0, at), fromHex(hex), leaf.subarray(at + hex.length / 2))
  expect(toHex(leaf)).toBe('0000000000000001000000000101'.concat('0000', '0000'))
  expect(decodeDataTile(new Uint8Array(0))).toMatchObject({ error: 'empty' })
  expect(decodeDataTile(patched(0, '0020000000000000'))).toMatchObject({ error: 'numberTooLarge' })
  expect(decodeDataTile(patched(8, '0002'))).toMatchObject({ error: 'entryType' })
  expect(decodeDataTile(concat(patched(16, '0001'), new Uint8Array(1)))).toMatchObject({ error: 'badFingerprints' })
  // The precertificate's length says 17, and 16 bytes are left, which with that length's last byte would be an entry.
  const short = concat(new Uint8Array(9), fromHex('01'), new Uint8Array(32), fromHex('000000'), fromHex('0000'))
  expect(decodeDataTile(concat(short, fromHex('000011'), new Uint8Array(16)))).toMatchObject({ error: 'truncated' })
  // A part that is cut short leaves bytes behind which would do as the parts that follow it.
  expect(decodeDataTile(leaf.subarray(0, 8))).toMatchObject({ error: 'truncated' })
  expect(decodeDataTile(leaf.subarray(0, 9))).toMatchObject({ error: 'truncated' })
  const timeAnd = (rest: string) => decodeDataTile(fromHex(`0000000000000001${rest}`))
  expect(timeAnd('00000001000000')).toMatchObject({ error: 'truncated' })
  expect(timeAnd('000100000000000000000000')).toMatchObject({ error: 'truncated' })
  expect(timeAnd(`0001${'00'.repeat(32)}0001000000000000`)).toMatchObject({ error: 'truncated' })
  const many = (count: number) => decodeDataTile(concat(...Array.from({ length: count }, () => leaf)))
  expect(many(256)).toMatchObject({ ok: true })
  expect(many(257)).toMatchObject({ error: 'tooManyEntries' })
})

test.skipIf(noRealData)(
  'navigli2025h2: the leaf hashes of 512 entries are those of its hash tiles [WIRE-003, WIRE-005]',
  () => {
    for (const [tile, number] of [
      ['000', 0],
      ['001', 1],
    ] as const) {
      const data = realBytes(`navigli2025h2/tile/data/${tile}`)
      const leaves = decodeDataTile(data)
      if (!leaves.ok) expect.unreachable(leaves.detail)
      expect(leaves.value.length).toBe(256)
      const hashes = leaves.value.map(({ entry, timestamp, extensions }) =>
        leafHash(crypto, encodeLeaf(entry, timestamp, extensions)),
      )
      expect(toHex(concat(...hashes))).toBe(toHex(realBytes(`navigli2025h2/tile/0/${tile}`)))
      expect(toHex(encode(leaves.value))).toBe(toHex(data))
      // Extension 0, five bytes: the leaf's index.
      leaves.value.forEach(({ extensions, entry }, i) => {
        expect(toHex(extensions)).toBe(`000005${(number * 256 + i).toString(16).padStart(10, '0')}`)
        expect(entry.type).toBe('precert')
      })
    }
  },
)
