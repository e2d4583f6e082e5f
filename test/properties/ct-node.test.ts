// DER nodes one by one: where they end, what they hold, and which are the same.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { concat } from '../../src/machines/ct/bytes.ts'
import { children, encodeNode, hasContent, type Node, nodeAt, sameNode } from '../../src/machines/ct/der.ts'
import { bytes } from './arbitraries/ct.ts'
import { hex, tlv } from './arbitraries/ct-certificates.ts'

const contents = fc.oneof(
  bytes(6),
  fc.constantFrom(127, 128, 255, 256, 65_535, 65_536).map((length) => new Uint8Array(length)),
)

function nodeOf(encoded: Uint8Array): Node {
  const node = nodeAt(encoded, 0, encoded.length)
  if (node === null) throw new Error('the test encoder made no node')
  return node
}

test('a node lies between its start and the limit, whatever is around, or there is none [WIRE-001.6]', () => {
  fc.assert(
    fc.property(bytes(5), contents, bytes(5), fc.nat(), (before, content, behind, place) => {
      const encoded = tlv(0x04, content)
      const whole = concat(before, encoded, behind)
      const [start, end] = [before.length, before.length + encoded.length]
      const node = { tag: 0x04, start, content: end - content.length, end }
      expect(nodeAt(whole, start, end)).toEqual(node)
      expect(nodeAt(whole, start, whole.length)).toEqual(node)
      const short = [start, start + 1, start + 2, end - 1, start + (place % encoded.length)]
      for (const limit of short.filter((one) => one < end)) {
        expect(nodeAt(whole, start, limit)).toBeNull()
        expect(nodeAt(whole.subarray(0, limit), start, limit)).toBeNull()
      }
    }),
  )
})

test('a length takes at most three bytes, and is never indefinite [WIRE-001.6]', () => {
  const [longest, longer] = [2 ** 24 - 1, 2 ** 24].map((length) => new Uint8Array(length + 6))
  longest?.set(hex('0483ffffff'))
  longer?.set(hex('048401000000'))
  expect(nodeAt(longest as Uint8Array, 0, 2 ** 24 + 5)).toEqual({ tag: 0x04, start: 0, content: 5, end: 2 ** 24 + 4 })
  expect(nodeAt(longer as Uint8Array, 0, 2 ** 24 + 6)).toBeNull()
  expect(nodeAt(concat(hex('3080'), new Uint8Array(200)), 0, 202)).toBeNull()
  expect(() => encodeNode(0x04, new Uint8Array(2 ** 24))).toThrow(RangeError)
})

test('children fill their parent, or there are none', () => {
  const parent = (content: string) => ({ tag: 0x30, start: 0, content: 0, end: hex(content).length })
  const read = (content: string) => children(hex(content), parent(content))?.map(({ start, end }) => [start, end])
  expect(read('')).toEqual([])
  expect(read('0500 020101')).toEqual([
    [0, 2],
    [2, 5],
  ])
  expect(read('0500 05')).toBeUndefined()
  expect(read('0500 020201')).toBeUndefined()
})

test('a node has these bytes as its content, and neither more nor fewer', () => {
  fc.assert(
    fc.property(bytes(8), bytes(2, 1), (content, more) => {
      const encoded = concat(tlv(0x06, content), more)
      const node = nodeOf(encoded)
      expect(hasContent(encoded, node, content)).toBe(true)
      expect(hasContent(encoded, node, concat(content, more))).toBe(false)
      if (content.length > 0) expect(hasContent(encoded, node, content.subarray(0, -1))).toBe(false)
      const other = concat(content)
      if (other.length > 0) other[other.length - 1] = (other.at(-1) as number) ^ 1
      expect(hasContent(encoded, node, other)).toBe(content.length === 0)
    }),
  )
})

test('two nodes are the same where all of their bytes are', () => {
  const nodes = fc.tuple(fc.constantFrom(0x04, 0x30), fc.uint8Array({ max: 1, maxLength: 4 }))
  const same = (a: Uint8Array, b: Uint8Array) => {
    const whole = concat(a, b)
    return sameNode(whole, nodeOf(a), nodeAt(whole, a.length, whole.length) as Node)
  }
  fc.assert(
    fc.property(nodes, nodes, contents, (a, b, content) => {
      const [first, second] = [tlv(a[0], a[1]), tlv(b[0], b[1])]
      expect(same(first, first)).toBe(true)
      expect(same(first, second)).toBe(Buffer.compare(first, second) === 0)
      const [longer, long] = [tlv(0x04, content, Uint8Array.of(0)), tlv(0x04, content)]
      expect(same(long, longer)).toBe(false)
      expect(same(longer, long)).toBe(false)
    }),
  )
})
