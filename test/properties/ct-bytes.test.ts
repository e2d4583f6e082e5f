// Bytes and their spellings: canonical base64, hex, 64-bit integers, and the reader under every decoder.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  atEnd,
  concat,
  cursor,
  equal,
  fromBase64,
  fromHex,
  fromUtf8,
  indexOf,
  isHex,
  take,
  takeUint,
  takeUint64,
  takeVector,
  toBase64,
  toHex,
  uint,
  utf8,
  vector,
} from '../../src/machines/ct/bytes.ts'
import { bytes, timestamps } from './arbitraries/ct.ts'

test('hex and base64 give back the bytes they spell [WIRE-001.4]', () => {
  fc.assert(
    fc.property(bytes(100), (some) => {
      expect(fromHex(toHex(some))).toEqual(some)
      expect(fromBase64(toBase64(some))).toEqual(some)
      expect(isHex(toHex(some), some.length)).toBe(true)
    }),
  )
})

test('hex of another length or alphabet is a defect of the caller, and isHex tells it beforehand', () => {
  for (const text of ['0', 'zz', '0g', 'é0', ' 00']) {
    expect(() => fromHex(text)).toThrow(new RangeError('not hex of whole bytes'))
    expect(isHex(text, Math.ceil(text.length / 2))).toBe(false)
  }
  expect(isHex('AB', 1)).toBe(false)
  expect(isHex('ab', 2)).toBe(false)
})

test('a text is base64 if and only if it is the canonical spelling of some bytes [WIRE-001.4]', () => {
  const canonical = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/
  const texts = fc.oneof(
    fc.base64String(),
    fc.string({ unit: fc.constantFrom(...'AQgwBz09+/=-_ \n\té\u0141'), maxLength: 12 }),
    fc.string(),
  )
  fc.assert(
    fc.property(texts, (text) => {
      expect(fromBase64(text) !== null).toBe(canonical.test(text))
    }),
    { numRuns: 1000 },
  )
})

test.each(['QQ', 'QQ=', 'QR==', 'QUI', 'QUJ=', 'QQ==\n', ' QQ==', 'Q-==', 'QQ==QQ==', 'Q\u0151==', '===='])(
  'the junk %j is no base64 [WIRE-001.4]',
  (text) => {
    expect(fromBase64(text)).toBeNull()
  },
)

test('64-bit numbers are exact up to 2^53-1 and refused above [WIRE-002]', () => {
  fc.assert(
    fc.property(timestamps, (value) => {
      const eight = uint(value, 8)
      expect(Buffer.from(eight).readBigUInt64BE()).toBe(BigInt(value))
      expect(takeUint64(cursor(eight))).toBe(value)
    }),
  )
  fc.assert(
    fc.property(fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }), (value) => {
      const eight = Buffer.alloc(8)
      eight.writeBigUInt64BE(value)
      expect(takeUint64(cursor(eight))).toBe('tooLarge')
    }),
  )
  fc.assert(
    fc.property(bytes(20), fc.nat(20), (some, start) => {
      const from = { ...cursor(some), at: Math.min(start, some.length) }
      const isThere = some.length - from.at >= 8
      const at = isThere ? from.at + 8 : from.at
      expect(takeUint64(from) !== null).toBe(isThere)
      expect(from.at).toBe(at)
    }),
  )
  expect(takeUint64(cursor(fromHex('0020000000000000')))).toBe('tooLarge')
  expect(takeUint64(cursor(fromHex('001fffffffffffff')))).toBe(2 ** 53 - 1)
})

test('integers have their width or are no integers of it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.maxSafeNat(), (width, value) => {
      if (value < 256 ** width) {
        expect(uint(value, width)).toHaveLength(width)
        expect(takeUint(cursor(uint(value, width)), width)).toBe(value)
      } else {
        expect(() => uint(value, width)).toThrow(new RangeError(`${value} does not fit into ${width} bytes`))
      }
    }),
  )
  for (const value of [-1, 0.5, 2 ** 53, Number.NaN])
    expect(() => uint(value, 8)).toThrow(new RangeError(`not an unsigned safe integer: ${value}`))
})

test('a reader yields each byte once, in order, and nothing beyond the end', () => {
  fc.assert(
    fc.property(bytes(60), fc.array(fc.nat(20), { maxLength: 8 }), (some, counts) => {
      const from = cursor(some)
      const taken: Uint8Array[] = []
      for (const count of counts) {
        const before = from.at
        const part = take(from, count)
        expect(part === null).toBe(before + count > some.length)
        if (part === null) expect(from.at).toBe(before)
        else taken.push(part)
      }
      expect(concat(...taken, some.subarray(from.at))).toEqual(some)
      expect(atEnd(from)).toBe(from.at === some.length)
    }),
  )
})

test('a vector is read whole or not at all', () => {
  fc.assert(
    fc.property(bytes(40), bytes(5), fc.integer({ min: 1, max: 3 }), (content, rest, width) => {
      const whole = concat(vector(content, width), rest)
      const from = cursor(whole)
      expect(takeVector(from, width)).toEqual(content)
      expect(from.at).toBe(width + content.length)
      const short = cursor(whole.subarray(0, width + content.length - 1))
      expect(takeVector(short, width)).toBeNull()
      expect(short.at).toBe(0)
    }),
  )
})

test('equal is equality of bytes, whatever buffer they lie in', () => {
  fc.assert(
    fc.property(bytes(80), fc.nat(), (some, place) => {
      expect(equal(some, concat(Uint8Array.of(1), some).subarray(1))).toBe(true)
      const other = concat(some)
      if (other.length > 0) other[place % other.length] = (other[place % other.length] ?? 0) ^ 1
      expect(equal(some, other)).toBe(some.length === 0)
      expect(equal(some, concat(some, Uint8Array.of(0)))).toBe(false)
    }),
  )
})

test('bytes are found where they first begin at or after the start, or nowhere', () => {
  const few = fc.uint8Array({ max: 2, maxLength: 12 })
  fc.assert(
    fc.property(few, fc.oneof(few, fc.nat(2)), fc.nat(12), (some, needle, start) => {
      const wanted = typeof needle === 'number' ? [needle] : [...needle]
      const places = [...Array(some.length + 1).keys()].slice(start)
      const first = places.find((at) => wanted.every((byte, i) => some[at + i] === byte)) ?? -1
      if (wanted.length > 0) expect(indexOf(some, needle, start)).toBe(first)
      if (start === 0 && wanted.length > 0) expect(indexOf(some, needle)).toBe(first)
    }),
  )
})

test('UTF-8 is strict, and a byte order mark is a character [WIRE-001.1]', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.integer({ min: 0, max: 0x10ffff }).map((point) => String.fromCodePoint(point)) }),
      (text) => {
        expect(fromUtf8(utf8(text))).toBe(text.toWellFormed())
      },
    ),
  )
  for (const wrong of ['ff', 'c080', 'eda080', 'e282', '80']) expect(fromUtf8(fromHex(wrong))).toBeNull()
  expect(fromUtf8(fromHex('efbbbf'))).toBe('\ufeff')
})
