// A DER SEQUENCE of two positive INTEGERs and nothing else: Ecdsa-Sig-Value and RSAPublicKey [RFC 5480 A; RFC 8017 A.1.1].
// Invariant: strict DER, so that each pair has exactly one spelling; BER is null.
import { children, nodeAt, tags } from './der.ts'

export type IntegerPair = readonly [Uint8Array, Uint8Array]

/** Both big endian without leading zeros, views of `der`; null also for zero and for negative numbers. */
export function decodeIntegerPair(der: Uint8Array): IntegerPair | null {
  const sequence = nodeAt(der, 0, der.length)
  if (sequence === null || sequence.tag !== tags.sequence || sequence.end !== der.length) return null
  const nodes = children(der, sequence)
  if (nodes === null || nodes.length !== 2) return null
  const [first, second] = nodes.map((node) =>
    node.tag === tags.integer ? positive(der.subarray(node.content, node.end)) : null,
  )
  return first && second ? [first, second] : null
}

function positive(content: Uint8Array): Uint8Array | null {
  const [first = 0x80, second = 0] = content
  if (first >= 0x80) return null
  if (first > 0) return content
  return second >= 0x80 ? content.subarray(1) : null
}
