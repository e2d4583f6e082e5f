// The extensions of static-ct SCTs, against an encoder that the decoder does not share.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeSctExtensions, encodeLeafIndex, leafIndexOf } from '../../src/machines/ct/extensions.ts'
import { placeOf } from '../../src/machines/ct/leaf.ts'

type Extension = readonly [type: number, data: readonly number[]]

function encode(extensions: readonly Extension[]): Uint8Array {
  return Uint8Array.from(extensions.flatMap(([type, data]) => [type, data.length >> 8, data.length & 255, ...data]))
}

const index = fc.integer({ min: 0, max: 2 ** 40 - 1 })
const bigEndian = (value: number) =>
  Array.from({ length: 5 }, (_, i) => Number((BigInt(value) >> BigInt(32 - 8 * i)) & 255n))
const data = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 300 })
const others = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 255 }), data), {
  maxLength: 5,
  selector: ([type]) => type,
})

test('a leaf index among other extensions, in any order, is read; without one there is none [WIRE-013.1]', () => {
  fc.assert(
    fc.property(index, others, fc.nat(), (leafIndex, rest, at) => {
      const list = rest.toSpliced(at % (rest.length + 1), 0, [0, bigEndian(leafIndex)])
      expect(decodeSctExtensions(encode(list))).toEqual({ ok: true, value: { leafIndex } })
      expect(leafIndexOf(encode(list))).toBe(leafIndex)
      expect(decodeSctExtensions(encode(rest))).toEqual({ ok: true, value: { leafIndex: null } })
      expect(leafIndexOf(encode(rest))).toBeNull()
    }),
  )
})

test('an index alone is 8 bytes, 00 0005 and five more, and encodes as it was [WIRE-013.1]', () => {
  fc.assert(
    fc.property(index, (leafIndex) => {
      expect(encodeLeafIndex(leafIndex)).toEqual(encode([[0, bigEndian(leafIndex)]]))
    }),
  )
  expect(encodeLeafIndex(0x0102030405)).toEqual(Uint8Array.of(0, 0, 5, 1, 2, 3, 4, 5))
  for (const wrong of [2 ** 40, -1, 0.5]) expect(() => encodeLeafIndex(wrong)).toThrow(RangeError)
})

test('a type that occurs twice, known or not, is refused, and there is no index [WIRE-013.2]', () => {
  fc.assert(
    fc.property(index, others, data, fc.nat(), (leafIndex, rest, again, at) => {
      const list: readonly Extension[] = [[0, bigEndian(leafIndex)], ...rest]
      const twice = encode([...list, [list[at % list.length]?.[0] ?? 0, again]])
      expect(decodeSctExtensions(twice)).toMatchObject({
        error: 'duplicate',
        detail: 'an extension of one type occurs twice',
      })
      expect(leafIndexOf(twice)).toBeNull()
    }),
  )
})

test('a list that is cut anywhere but between two extensions is truncated [WIRE-013.2]', () => {
  fc.assert(
    fc.property(others, index, fc.nat(), (rest, leafIndex, at) => {
      const whole = encode([...rest, [0, bigEndian(leafIndex)]])
      const cut = whole.subarray(0, whole.length - 1 - (at % 7))
      expect(decodeSctExtensions(cut)).toMatchObject({
        error: 'truncated',
        detail: 'an extension ends beyond the field',
      })
      expect(leafIndexOf(cut)).toBeNull()
    }),
  )
})

test('an index of other than 5 bytes is none [WIRE-013.2]', () => {
  for (const length of [0, 1, 4, 6, 8, 256]) {
    const bytes = encode([[0, Array(length).fill(0)]])
    expect(decodeSctExtensions(bytes)).toMatchObject({ error: 'badLeafIndex', detail: 'the leaf index is not 5 bytes' })
    expect(leafIndexOf(bytes)).toBeNull()
  }
})

test('the place of a leaf is a member that is absent where its log signed none [WIRE-013.1]', () => {
  expect(placeOf({ leafIndex: 0 })).toStrictEqual({ leafIndex: 0 })
  expect(placeOf({})).toStrictEqual({})
})
