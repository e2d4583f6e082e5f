// L0 vectors of static-ct logs: SCT extensions [WIRE-013].
// Invariant: what an answer must be is said here, apart from the kernel.
import { code, type DraftL0, type Must, value } from './draft.ts'
import { joined } from './operators.ts'

const leafIndex = (bytes: readonly number[]) => [0, 0, 5, ...bytes]

function extensions(): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  const add = (name: string, bytes: readonly number[], must: Must, reqs: readonly string[], comment: string) =>
    drafts.push({ function: 'decodeSctExtensions', name, input: { bytes: joined(bytes) }, must, reqs, comment })
  const right = (name: string, bytes: readonly number[], index: number | null, comment: string) =>
    add(name, bytes, value({ leafIndex: index }), ['WIRE-013.1'], comment)
  const wrong = (name: string, bytes: readonly number[], error: string, comment: string) =>
    add(name, bytes, code(error), ['WIRE-013.2'], comment)

  right('index-0', leafIndex([0, 0, 0, 0, 0]), 0, 'Leaf index 0')
  right('index-255', leafIndex([0, 0, 0, 0, 255]), 255, 'Leaf index 255')
  right('index-2-32', leafIndex([1, 0, 0, 0, 0]), 2 ** 32, 'Leaf index 2^32')
  right('index-largest', leafIndex([255, 255, 255, 255, 255]), 2 ** 40 - 1, 'Leaf index 2^40-1')
  right('none', [], null, 'No extensions')
  right('unknown-only', [7, 0, 1, 9], null, 'An extension of an unknown type alone')
  right('unknown-before', [7, 0, 1, 9, ...leafIndex([0, 0, 0, 1, 0])], 256, 'An unknown type before the index')
  right('unknown-behind', [...leafIndex([0, 0, 0, 1, 0]), 255, 0, 0], 256, 'An unknown, empty type behind the index')
  wrong('duplicate-index', [...leafIndex([0, 0, 0, 0, 1]), ...leafIndex([0, 0, 0, 0, 1])], 'duplicate', 'Twice')
  wrong('duplicate-unknown', [7, 0, 0, ...leafIndex([0, 0, 0, 0, 1]), 7, 0, 0], 'duplicate', 'An unknown type twice')
  wrong('index-4-bytes', [0, 0, 4, 0, 0, 0, 1], 'badLeafIndex', 'An index of 4 bytes')
  wrong('index-6-bytes', [0, 0, 6, 0, 0, 0, 0, 0, 1], 'badLeafIndex', 'An index of 6 bytes')
  wrong('index-empty', [0, 0, 0], 'badLeafIndex', 'An index of no bytes')
  wrong('truncate-1', leafIndex([0, 0, 0, 0]), 'truncated', 'The last byte is left out')
  wrong('type-alone', [0], 'truncated', 'A type and nothing else')
  wrong('append-byte', [...leafIndex([0, 0, 0, 0, 1]), 0], 'truncated', '00 behind')
  wrong('rfc-8446-type', [0, 0, 0, 5, 0, 0, 0, 0, 1], 'truncated', 'A type of two bytes, as in TLS')
  return drafts
}

export const staticCtDrafts = (): readonly DraftL0[] => extensions()
