// L0 vectors of SCTs, SCT lists, leaves and identities [WIRE-002, WIRE-003, WIRE-010, WIRE-011].
// Invariant: expected bytes are those of certificates.ts, which follows the text of RFC 6962 and not the kernel.
import { createHash } from 'node:crypto'
import { fromHex, toHex } from '../../../machines/ct/bytes.ts'
import { leafOf, makeSfo, type SctParts, sctBytes, sctList, uint64, vector16 } from './certificates.ts'
import { anyError, code, type DraftL0, differs, value } from './draft.ts'
import { logIdOf, otherS } from './keys.ts'
import { additions, flipBit, joined, setByte, truncations } from './operators.ts'
import { digestOf, hexOf, randomOf } from './random.ts'
import { ecdsaLog, ecdsaSfo, embeddedSfo, rsaLog, rsaSfo } from './sfo-samples.ts'

const random = randomOf('vectors: SCTs')

function samples(): readonly SctParts[] {
  const plain = { hashAlgorithm: 4, signatureAlgorithm: 3 }
  const timestamps = [0, 1, 255, 256, 2 ** 32 - 1, 2 ** 32, 1_700_000_000_000, 2 ** 53 - 1]
  const bySize = [0, 1, 2, 255, 256, 1000].map((size) => ({
    ...plain,
    logId: hexOf(`log ${size}`),
    timestamp: 1_700_000_000_000 + size,
    extensions: new Uint8Array(size).fill(7),
    signature: digestOf(`signature ${size}`),
  }))
  const byTime = timestamps.map((timestamp) => ({
    ...plain,
    logId: hexOf(`log ${timestamp}`),
    timestamp,
    extensions: new Uint8Array(),
    signature: digestOf(`signature ${timestamp}`).slice(0, 1 + random.below(31)),
  }))
  return [
    ecdsaSfo.parts,
    rsaSfo.parts,
    embeddedSfo.parts,
    ...bySize,
    ...byTime,
    { ...ecdsaSfo.parts, signature: new Uint8Array() },
  ]
}

function scts(): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  for (const parts of samples()) {
    const bytes = sctBytes(parts)
    const about = `timestamp ${parts.timestamp}, ${parts.extensions.length} bytes of extensions`
    drafts.push({
      function: 'decodeSct',
      name: 'right',
      input: { bytes },
      must: value(parts),
      reqs: ['WIRE-002.1'],
      comment: `An SCT: ${about}`,
    })
    drafts.push({
      function: 'encodeSct',
      name: 'right',
      input: parts,
      must: value({ bytes }),
      reqs: ['WIRE-002.1'],
      comment: `An SCT encodes to its bytes: ${about}`,
    })
  }
  const { parts } = ecdsaSfo
  const right = sctBytes(parts)
  const wrong = (operator: string, bytes: Uint8Array, must = code('badSct')) =>
    drafts.push({
      function: 'decodeSct',
      name: operator,
      input: { bytes },
      must,
      reqs: ['WIRE-002.1'],
      comment: `An SCT after ${operator}`,
      operator,
    })
  for (const [name, change] of Object.entries({ ...truncations, ...additions }))
    wrong(name, change(right), name === 'prepend-byte' ? anyError : code('badSct'))
  for (const cut of [1, 32, 33, 40, 41, 42, 43, 44, 45, 46, 47]) wrong(`cut-at-${cut}`, right.slice(0, cut))
  for (let version = 1; version <= 4; version++) wrong(`version-${version}`, setByte(right, 0, version))
  for (const bit of [0, 3, 7]) wrong(`version-flip-bit-${bit}`, flipBit(0, bit)(right))
  for (const hash of [0, 1, 2, 3, 5, 6, 8, 255]) wrong(`hash-algorithm-${hash}`, setByte(right, 43, hash))
  for (const algorithm of [0, 2, 4, 7, 255]) wrong(`signature-algorithm-${algorithm}`, setByte(right, 44, algorithm))
  for (const at of [1, 16, 32, 39, 40, right.length - 1, 50])
    wrong(`flip-bit-at-${at}`, flipBit(at)(right), differs({ bytes: right }))
  for (const at of [41, 42, 45, 46]) wrong(`length-plus-at-${at}`, flipBit(at, at % 2 === 0 ? 2 : 0)(right), anyError)
  wrong('length-plus-1', setByte(right, 46, (right[46] ?? 0) + 1))
  wrong('length-minus-1', setByte(right, 46, (right[46] ?? 0) - 1))
  for (const high of [0x20, 0x40, 0x80, 0xff])
    wrong(`timestamp-high-${high}`, setByte(setByte(right, 33, high), 34, high), code('numberTooLarge'))
  wrong(
    'timestamp-2-53',
    joined(right.slice(0, 33), fromHex('0020000000000000'), right.slice(41)),
    code('numberTooLarge'),
  )
  wrong(
    'timestamp-2-64',
    joined(right.slice(0, 33), new Uint8Array(8).fill(255), right.slice(41)),
    code('numberTooLarge'),
  )
  return drafts
}

function lists(): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  const reqs = ['WIRE-002.1']
  for (const count of [1, 2, 3, 10]) {
    const items = Array.from({ length: count }, (_, at) => digestOf(`SCT ${at}`).slice(0, 1 + at * 3))
    const bytes = sctList(...items)
    drafts.push({
      function: 'decodeSctList',
      name: `of-${count}`,
      input: { bytes },
      must: value({ scts: items }),
      reqs,
      comment: `A list of ${count}, none of them decoded`,
    })
    drafts.push({
      function: 'encodeSctList',
      name: `of-${count}`,
      input: { scts: items },
      must: value({ bytes }),
      reqs,
      comment: `A list of ${count}`,
    })
  }
  const right = sctList(ecdsaSfo.sct)
  const wrong = (operator: string, bytes: Uint8Array) =>
    drafts.push({
      function: 'decodeSctList',
      name: operator,
      input: { bytes },
      must: code('badSctList'),
      reqs,
      comment: `An SCT list after ${operator}`,
      operator,
    })
  for (const [name, change] of Object.entries({ ...truncations, ...additions })) wrong(name, change(right))
  wrong('no-sct', fromHex('0000'))
  wrong('empty-sct', fromHex('00020000'))
  wrong('empty-sct-behind', vector16(joined(vector16(ecdsaSfo.sct), [0, 0])))
  wrong('inner-length-plus-1', setByte(right, 3, (right[3] ?? 0) + 1))
  wrong('inner-length-minus-1', setByte(right, 3, (right[3] ?? 0) - 1))
  wrong('outer-length-plus-1', setByte(right, 1, (right[1] ?? 0) + 1))
  wrong('outer-length-minus-1', setByte(right, 1, (right[1] ?? 0) - 1))
  wrong('one-byte', fromHex('00'))
  wrong('half-inner-length', fromHex('000100'))
  return drafts
}

function leaves(): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  const entries = [ecdsaSfo.entry, embeddedSfo.entry, { type: 'x509', certificate: new Uint8Array([0x30, 0]) } as const]
  for (const [at, entry] of entries.entries())
    for (const timestamp of [0, 1_700_000_000_000, 2 ** 53 - 1])
      for (const extensions of [new Uint8Array(), fromHex('0102'), new Uint8Array(300)]) {
        const leaf = leafOf(entry, timestamp, extensions)
        const about = `${entry.type}, timestamp ${timestamp}, ${extensions.length} bytes of extensions`
        drafts.push({
          function: 'encodeLeaf',
          name: `${entry.type}-${at}`,
          input: { entry, timestamp, extensions },
          must: value({ leaf }),
          reqs: ['WIRE-003.5'],
          comment: `MerkleTreeLeaf: ${about}`,
        })
        drafts.push({
          function: 'leafHash',
          name: `${entry.type}-${at}`,
          input: { leaf },
          must: value({ leafHash: hashOfLeaf(leaf) }),
          reqs: ['WIRE-003.5'],
          comment: `Leaf hash: ${about}`,
        })
      }
  for (const size of [0, 1, 55, 56, 63, 64, 65, 1000]) {
    const leaf = new Uint8Array(size).fill(size)
    drafts.push({
      function: 'leafHash',
      name: `bytes-${size}`,
      input: { leaf },
      must: value({ leafHash: hashOfLeaf(leaf) }),
      reqs: ['WIRE-003.5'],
      comment: `SHA-256 over 00 and ${size} bytes`,
    })
  }
  for (const name of ['a', 'b', 'c', 'd']) {
    const [logId, leafHash] = [hexOf(`log ${name}`), digestOf(`leaf ${name}`)]
    drafts.push({
      function: 'leafId',
      name,
      input: { logId, leafHash },
      must: value({ leafId: `${logId}:${toHex(leafHash)}` }),
      reqs: ['WIRE-010.1'],
      comment: 'Log ID, colon, leaf hash in lower case',
    })
  }
  return drafts
}

function hashOfLeaf(leaf: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(Uint8Array.of(0)).update(leaf).digest())
}

function identities(): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  const add = (
    name: string,
    sfo: { readonly chain: readonly Uint8Array[]; readonly parts: SctParts },
    comment: string,
  ) =>
    drafts.push({
      function: 'sfoId',
      name,
      input: { chain: sfo.chain, sct: sctBytes(sfo.parts) },
      must: value({ sfoId: sfoIdOf(sfo) }),
      reqs: ['WIRE-011.1'],
      comment,
    })
  for (const [name, sfo] of Object.entries({ ecdsa: ecdsaSfo, rsa: rsaSfo, embedded: embeddedSfo }))
    add(name, sfo, `An SFO, ${name}`)
  const { chain, parts } = ecdsaSfo
  for (const length of [1, 2])
    add(`chain-of-${length}`, { chain: chain.slice(0, length), parts }, `A chain of ${length}`)
  add('swap-order', { chain: chain.toReversed(), parts }, 'The order of the chain counts')
  add(
    'other-signature',
    { chain, parts: { ...parts, signature: otherS(parts.signature) } },
    'n - s in place of s is the same SFO: the signature does not count',
  )
  add(
    'no-signature',
    { chain, parts: { ...parts, signature: new Uint8Array() } },
    'The signature does not count, not even its length',
  )
  add('extensions', { chain, parts: { ...parts, extensions: fromHex('00') } }, 'Extensions count')
  add('timestamp-plus-1', { chain, parts: { ...parts, timestamp: parts.timestamp + 1 } }, 'The timestamp counts')
  add('other-log', { chain, parts: { ...parts, logId: logIdOf(rsaLog.key) } }, 'The log counts')
  add('other-algorithm', { chain, parts: { ...parts, signatureAlgorithm: 1 } }, 'The signature algorithm counts')
  add('any-certificates', { chain: [new Uint8Array(), new Uint8Array(300)], parts }, 'Certificates are not looked into')
  const cut = sctBytes(parts).slice(0, -1)
  drafts.push({
    function: 'sfoId',
    name: 'truncate-1',
    input: { chain, sct: cut },
    must: code('badSct'),
    reqs: ['WIRE-002.1'],
    comment: 'An SCT after truncate-1',
    operator: 'truncate-1',
  })
  const later = makeSfo({ log: ecdsaLog, timestamp: 1_700_000_000_001, embedded: true, name: 'other.test' })
  add('other-leaf', later, 'Another certificate')
  drafts.push({
    function: 'entry',
    name: 'other-leaf',
    input: { chain: later.chain, sct: later.sct },
    must: value(later.entry),
    reqs: ['WIRE-003.1'],
    comment: 'An embedded SCT',
  })
  return drafts
}

function sfoIdOf({ chain, parts }: { readonly chain: readonly Uint8Array[]; readonly parts: SctParts }): string {
  const sum = createHash('sha256').update(Uint8Array.of(chain.length))
  for (const der of chain)
    sum.update(Uint8Array.of(der.length >> 16, (der.length >> 8) & 0xff, der.length & 0xff)).update(der)
  sum
    .update(Uint8Array.of(0))
    .update(fromHex(parts.logId))
    .update(uint64(parts.timestamp))
    .update(vector16(parts.extensions))
  return sum.update(Uint8Array.of(parts.hashAlgorithm, parts.signatureAlgorithm)).digest('hex')
}

export const sctDrafts = (): readonly DraftL0[] => [...scts(), ...lists(), ...leaves(), ...identities()]
