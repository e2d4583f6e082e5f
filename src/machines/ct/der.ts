// DER, as far as X.509 needs it: definite, minimal lengths below 2^24 and one-byte tags [X.690 8.1, 10.1].
// Invariant: a node lies wholly within its parent, and re-encoding its tag and content gives its bytes again. Nothing
// recurses: a caller descends as many levels as its structure has.
import { concat, uint } from './bytes.ts'

/** Tags that occur in the structure of a certificate. */
export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  sequence: 0x30,
  /** Context-specific and constructed: [0], [3]. */
  explicit0: 0xa0,
  explicit3: 0xa3,
} as const

/** Offsets into the bytes it was read from: header from `start`, content from `content` up to `end`. */
export interface Node {
  readonly tag: number
  readonly start: number
  readonly content: number
  readonly end: number
}

/**
 * The node that begins at `start` and ends at or before `limit`, which is within the bytes; null where there is none in strict
 * DER. A header may be read beyond `limit`, even beyond the bytes: such a node would not end before it, and is none.
 */
export function nodeAt(bytes: Uint8Array, start: number, limit: number): Node | null {
  const tag = bytes[start] as number
  if ((tag & 0x1f) === 0x1f) return null
  const first = bytes[start + 1] as number
  if (first < 0x80) return within({ tag, start, content: start + 2, end: start + 2 + first }, limit)
  const lengthBytes = first & 0x7f
  if (lengthBytes > 3) return null
  const content = start + 2 + lengthBytes
  let length = 0
  for (let at = start + 2; at < content; at++) length = length * 256 + (bytes[at] as number)
  // A length of no bytes is 0, and less than any that is minimal.
  if (length < (lengthBytes === 1 ? 0x80 : 256 ** (lengthBytes - 1))) return null
  return within({ tag, start, content, end: content + length }, limit)
}

function within(node: Node, limit: number): Node | null {
  return node.end <= limit ? node : null
}

/** The nodes that fill a constructed node's content exactly; null where they do not. */
export function children(bytes: Uint8Array, parent: Node): readonly Node[] | null {
  const nodes: Node[] = []
  for (let at = parent.content; at < parent.end; ) {
    const node = nodeAt(bytes, at, parent.end)
    if (node === null) return null
    nodes.push(node)
    at = node.end
  }
  return nodes
}

/** The node's bytes, header and all: a view. */
export function bytesOf(bytes: Uint8Array, node: Node): Uint8Array {
  return bytes.subarray(node.start, node.end)
}

/** The node's content: a view. */
export function contentOf(bytes: Uint8Array, node: Node): Uint8Array {
  return bytes.subarray(node.content, node.end)
}

/** Whether the node's content is `content`; makes no view, since this is asked of every extension. */
export function hasContent(bytes: Uint8Array, node: Node, content: Uint8Array): boolean {
  if (node.end - node.content !== content.length) return false
  for (let at = 0; at < content.length; at++) if (bytes[node.content + at] !== content[at]) return false
  return true
}

/** Whether two nodes have the same bytes, headers and all. */
export function sameNode(bytes: Uint8Array, a: Node, b: Node): boolean {
  // Nodes of different length differ in their headers.
  for (let at = 0; at < a.end - a.start; at++) if (bytes[a.start + at] !== bytes[b.start + at]) return false
  return true
}

/** Encodes a node. @throws RangeError when the content has 2^24 bytes or more. */
export function encodeNode(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  return concat(...nodeParts(tag, content))
}

/** The parts that, one after another, are the node: so that nested nodes are copied once. */
export function nodeParts(tag: number, content: readonly Uint8Array[]): readonly Uint8Array[] {
  let length = 0
  for (const part of content) length += part.length
  return [encodeHeader(tag, length), ...content]
}

function encodeHeader(tag: number, length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(tag, length)
  if (length < 0x100) return Uint8Array.of(tag, 0x81, length)
  if (length < 0x10000) return Uint8Array.of(tag, 0x82, length >> 8, length)
  return concat(Uint8Array.of(tag, 0x83), uint(length, 3))
}
