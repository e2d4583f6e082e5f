// L0 vectors of static-ct logs: SCT extensions, checkpoints, hash tiles [WIRE-013, WIRE-014].
// Invariant: what an answer must be is said here, apart from the kernel; trees are those of trees.ts.
import { createHash } from 'node:crypto'
import { toHex, utf8 } from '../../../machines/ct/bytes.ts'
import { uint64 } from './certificates.ts'
import { code, type DraftL0, type Must, value } from './draft.ts'
import { joined } from './operators.ts'
import { hexOf } from './random.ts'
import { consistencyPath, inclusionPath, leavesOf, rootOf } from './trees.ts'

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

export const origin = 'log.example/2026h2'
export const checkpointLog = hexOf('checkpoint log')
export const root = hexOf('checkpoint root')
export const treeHeadSignature = '04030003aabbcc'

export function keyId(name: string, logId = checkpointLog, type = 5): Uint8Array {
  const key = joined(utf8(name), [10, type], Buffer.from(logId, 'hex'))
  return new Uint8Array(createHash('sha256').update(key).digest()).subarray(0, 4)
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

export function signatureLine(
  name: string,
  id = keyId(name),
  signature = treeHeadSignature,
  at = 1_700_000_000_000,
): string {
  return `\u2014 ${name} ${base64(joined(id, uint64(at), Buffer.from(signature, 'hex')))}\n`
}

export function note(lines: readonly string[], signatures: readonly string[]): string {
  return `${lines.join('\n')}\n\n${signatures.join('')}`
}

function checkpoints(): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  const body = [origin, '70000', base64(Buffer.from(root, 'hex'))]
  const own = signatureLine(origin)
  const sth = { logId: checkpointLog, timestamp: 1_700_000_000_000, size: 70_000, root, signature: treeHeadSignature }
  const add = (name: string, text: string | Uint8Array, must: Must, reqs: readonly string[], comment: string) =>
    drafts.push({
      function: 'decodeCheckpoint',
      name,
      input: { logId: checkpointLog, origin, bytes: typeof text === 'string' ? utf8(text) : text },
      must,
      reqs,
      comment,
    })
  const right = (name: string, text: string, comment: string, changed = {}) =>
    add(name, text, value({ ...sth, ...changed }), ['WIRE-013.3'], comment)
  const wrong = (name: string, text: string | Uint8Array, error: string, comment: string) =>
    add(name, text, code(error), ['WIRE-013.3'], comment)

  right('right', note(body, [own]), "The log's signature alone")
  right('empty-tree', note([origin, '0', body[2] as string], [own]), 'A tree of size 0', { size: 0 })
  const witness = signatureLine('witness.example')
  right('witness-before', note(body, [witness, own]), 'A signature under an unknown name before it')
  right(
    'own-name-other-key',
    note(body, [signatureLine(origin, keyId(origin, checkpointLog, 1)), own]),
    'Another key of the log before it',
  )
  right('largest', note([origin, '9007199254740991', body[2] as string], [own]), 'A size of 2^53-1', {
    size: 2 ** 53 - 1,
  })
  wrong('no-signature', note(body, [witness]), 'notSigned', 'Signed by a stranger alone')
  wrong(
    'other-log-id',
    note(body, [signatureLine(origin, keyId(origin, hexOf('other log')))]),
    'notSigned',
    "Another log's key ID",
  )
  wrong('other-origin', note(['log.example/2027h1', ...body.slice(1)], [own]), 'otherOrigin', 'Another origin')
  wrong(
    'origin-with-scheme',
    note([`https://${origin}`, ...body.slice(1)], [own]),
    'otherOrigin',
    'The origin with its scheme',
  )
  wrong(
    'origin-with-slash',
    note([`${origin}/`, ...body.slice(1)], [own]),
    'otherOrigin',
    'The origin with a slash behind',
  )
  wrong('extension-line', note([...body, 'more'], [own]), 'badBody', 'An extension line')
  wrong('no-root', note(body.slice(0, 2), [own]), 'badBody', 'No root')
  wrong('root-31-bytes', note([origin, '1', base64(new Uint8Array(31))], [own]), 'badBody', 'A root of 31 bytes')
  wrong(
    'size-leading-zero',
    note([origin, '070000', body[2] as string], [own]),
    'badBody',
    'A size with a leading zero',
  )
  wrong('size-2-53', note([origin, '9007199254740992', body[2] as string], [own]), 'numberTooLarge', 'A size of 2^53')
  wrong(
    'timestamp-2-53',
    note(body, [signatureLine(origin, keyId(origin), treeHeadSignature, 2 ** 53)]),
    'numberTooLarge',
    'A timestamp of 2^53',
  )
  wrong(
    'signature-truncated',
    note(body, [signatureLine(origin, keyId(origin), '04030003aabb')]),
    'badSignature',
    'A DigitallySigned that is cut',
  )
  wrong(
    'signature-other-hash',
    note(body, [signatureLine(origin, keyId(origin), '05030003aabbcc')]),
    'badSignature',
    'Another hash algorithm',
  )
  wrong('no-empty-line', `${body.join('\n')}\n${own}`, 'notNote', 'No empty line before the signatures')
  wrong('crlf', note(body, [own]).replaceAll('\n', '\r\n'), 'notNote', 'CR LF')
  wrong('no-final-newline', note(body, [own]).slice(0, -1), 'notNote', 'No newline at the end')
  wrong('not-utf-8', joined([0xff], utf8(note(body, [own]))), 'notNote', 'Bytes that are no UTF-8')
  wrong('empty', '', 'notNote', 'Nothing')
  add(
    'too-large',
    note(body, [own, ...Array(1500).fill(signatureLine('w'.repeat(60)))]),
    code('tooLarge'),
    ['WIRE-013.4'],
    'More than 128 KiB',
  )
  return drafts
}

function tileNames(): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  const reqs = ['WIRE-014.1']
  const path = (level: number, index: number, width: number, expected: string) =>
    drafts.push({
      function: 'tilePath',
      name: `${level}-${index}-${width}`,
      input: { level, index, width },
      must: value({ path: expected }),
      reqs,
      comment: `Tile ${index} of level ${level}, ${width} hashes wide`,
    })
  path(0, 0, 256, 'tile/0/000')
  path(0, 0, 1, 'tile/0/000.p/1')
  path(5, 7, 255, 'tile/5/007.p/255')
  path(1, 999, 256, 'tile/1/999')
  path(1, 1000, 256, 'tile/1/x001/000')
  path(2, 1_234_067, 256, 'tile/2/x001/x234/067')
  path(0, 1_234_067, 67, 'tile/0/x001/x234/067.p/67')
  path(0, 2 ** 32 - 1, 256, 'tile/0/x004/x294/x967/295')

  const include = (leafIndex: number, size: number, must: Must) =>
    drafts.push({
      function: 'inclusionTiles',
      name: `leaf-${leafIndex}-of-${size}`,
      input: { leafIndex, size },
      must,
      reqs,
      comment: `The tiles that prove leaf ${leafIndex} of ${size}`,
    })
  const edge = ['tile/0/273.p/112', 'tile/1/001.p/17', 'tile/2/000.p/1']
  include(0, 1, value({ paths: ['tile/0/000.p/1'] }))
  include(4, 5, value({ paths: ['tile/0/000.p/5'] }))
  include(254, 255, value({ paths: ['tile/0/000.p/255'] }))
  include(0, 256, value({ paths: ['tile/0/000', 'tile/1/000.p/1'] }))
  include(256, 257, value({ paths: ['tile/0/001.p/1', 'tile/1/000.p/1'] }))
  include(0, 65_536, value({ paths: ['tile/0/000', 'tile/1/000', 'tile/2/000.p/1'] }))
  include(69_999, 70_000, value({ paths: edge }))
  include(69_887, 70_000, value({ paths: ['tile/0/272', ...edge] }))
  include(3, 70_000, value({ paths: ['tile/0/000', 'tile/1/000', ...edge] }))
  include(
    2 ** 40 - 1,
    2 ** 40,
    value({
      paths: [0, 1, 2, 3, 4]
        .map((level) => `tile/${level}/${['x004/x294/x967/295', 'x016/x777/215', 'x065/535', '255', '000'][level]}`)
        .concat('tile/5/000.p/1'),
    }),
  )
  include(5, 5, code('indexBeyondSize'))
  include(0, 0, code('indexBeyondSize'))
  include(0, 2 ** 40 + 1, code('numberTooLarge'))

  const between = (size1: number, size2: number, must: Must) =>
    drafts.push({
      function: 'consistencyTiles',
      name: `${size1}-to-${size2}`,
      input: { size1, size2 },
      must,
      reqs: ['WIRE-014.3'],
      comment: `The tiles that prove that a tree of ${size2} begins with one of ${size1}`,
    })
  between(0, 5, value({ paths: [] }))
  between(300, 300, value({ paths: [] }))
  between(3, 5, value({ paths: ['tile/0/000.p/5'] }))
  between(5, 300, value({ paths: ['tile/0/000', 'tile/0/001.p/44', 'tile/1/000.p/1'] }))
  between(256, 300, value({ paths: ['tile/0/001.p/44', 'tile/1/000.p/1'] }))
  between(512, 70_000, value({ paths: ['tile/1/000', ...edge] }))
  between(513, 70_000, value({ paths: ['tile/0/002', 'tile/1/000', ...edge] }))
  between(65_536, 70_000, value({ paths: edge }))
  between(6, 5, code('sizeOrder'))
  between(1, 2 ** 40 + 1, code('numberTooLarge'))
  return drafts
}

/** MTH(D[(n*256+i)*256^l : (n*256+i+1)*256^l]) for each hash i that the tree has. */
function tileOf(leaves: readonly Uint8Array[], level: number, index: number): Uint8Array {
  const unit = 256 ** level
  const hashes: Uint8Array[] = []
  for (let i = index * 256; hashes.length < 256 && (i + 1) * unit <= leaves.length; i++)
    hashes.push(rootOf(leaves.slice(i * unit, (i + 1) * unit)))
  return joined(...hashes)
}

const flippedAt = (bytes: Uint8Array, at: number) => bytes.with(at, (bytes[at] ?? 0) ^ 1)

function tileProofs(): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  const add = (fn: string, name: string, input: object, must: Must, reqs: readonly string[], operator?: string) =>
    drafts.push({
      function: fn,
      name,
      input,
      must,
      reqs,
      comment: `Out of tiles: ${name}`,
      ...(operator === undefined ? {} : { operator }),
    })
  for (const [leafIndex, size, places] of [
    [0, 1, [[0, 0]]],
    [4, 5, [[0, 0]]],
    [
      255,
      256,
      [
        [0, 0],
        [1, 0],
      ],
    ],
    [
      3,
      300,
      [
        [0, 0],
        [0, 1],
        [1, 0],
      ],
    ],
    [
      299,
      300,
      [
        [0, 1],
        [1, 0],
      ],
    ],
  ] as const) {
    const leaves = leavesOf('tree', size)
    const tiles = places.map(([level, index]) => tileOf(leaves, level, index))
    const input = { leafIndex, size, root: toHex(rootOf(leaves)), tiles }
    const name = `leaf-${leafIndex}-of-${size}`
    const path = inclusionPath(leaves, leafIndex).map(toHex)
    const right = { leafIndex, leafHash: toHex(leaves[leafIndex] as Uint8Array), path, genuine: true }
    const inclusion = (of: string, changed: object, must: Must, reqs: readonly string[]) =>
      add(
        'inclusionFromTiles',
        of === '' ? name : `${of}-${name}`,
        { ...input, ...changed },
        must,
        reqs,
        of || undefined,
      )
    inclusion('', {}, value(right), ['WIRE-014.2'])
    if (size === 256) continue
    inclusion('root-flip-bit', { root: toHex(flippedAt(rootOf(leaves), 31)) }, value({ ...right, genuine: false }), [
      'WIRE-014.4',
    ])
    inclusion('drop-tile', { tiles: tiles.slice(1) }, code('tileCount'), ['WIRE-014.2'])
    inclusion('repeat-tile', { tiles: [...tiles, tiles[0]] }, code('tileCount'), ['WIRE-014.2'])
    inclusion('truncate-1', { tiles: tiles.with(0, (tiles[0] as Uint8Array).slice(0, -1)) }, code('tileLength'), [
      'WIRE-014.5',
    ])
    inclusion(
      'append-hash',
      { tiles: tiles.with(0, joined(tiles[0] as Uint8Array, new Uint8Array(32))) },
      code('tileLength'),
      ['WIRE-014.5'],
    )
    inclusion('index-at-size', { leafIndex: size }, code('indexBeyondSize'), ['WIRE-013.5'])
  }
  const leaves = leavesOf('tree', 300)
  const root2 = toHex(rootOf(leaves))
  const [low, right, top] = [tileOf(leaves, 0, 0), tileOf(leaves, 0, 1), tileOf(leaves, 1, 0)]
  // The hash over the leaf's own tile is not part of its path.
  const unused = { leafIndex: 3, size: 300, root: root2, tiles: [low, right, flippedAt(top, 0)] }
  const proof = { leafIndex: 3, leafHash: toHex(leaves[3] as Uint8Array), path: inclusionPath(leaves, 3).map(toHex) }
  add(
    'inclusionFromTiles',
    'flip-bit-beside-the-path',
    unused,
    value({ ...proof, genuine: false }),
    ['WIRE-014.4'],
    'flip-bit',
  )
  for (const [size1, tiles] of [
    [5, [low, right, top]],
    [256, [right, top]],
    [257, [right, top]],
  ] as const) {
    const path = consistencyPath(leaves, size1).map(toHex)
    const input = { size1, size2: 300, root2, tiles }
    add('consistencyFromTiles', `${size1}-to-300`, input, value({ path, genuine: true }), ['WIRE-014.3'])
    const bad = { ...input, root2: toHex(flippedAt(rootOf(leaves), 0)) }
    add(
      'consistencyFromTiles',
      `root-flip-bit-${size1}-to-300`,
      bad,
      value({ path, genuine: false }),
      ['WIRE-014.4'],
      'flip-bit',
    )
    add(
      'consistencyFromTiles',
      `drop-tile-${size1}-to-300`,
      { ...input, tiles: tiles.slice(1) },
      code('tileCount'),
      ['WIRE-014.3'],
      'drop-tile',
    )
  }
  add(
    'consistencyFromTiles',
    '300-to-300',
    { size1: 300, size2: 300, root2, tiles: [] },
    value({ path: [], genuine: true }),
    ['WIRE-014.3'],
  )
  add('consistencyFromTiles', 'size-order', { size1: 301, size2: 300, root2, tiles: [] }, code('sizeOrder'), [
    'WIRE-014.3',
  ])
  return drafts
}

export const staticCtDrafts = (): readonly DraftL0[] => [
  ...extensions(),
  ...checkpoints(),
  ...tileNames(),
  ...tileProofs(),
]
