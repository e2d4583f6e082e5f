// Bugs of level L0: in formats, identities, proofs and draws.
import { createHash } from 'node:crypto'
import { toHex } from '../../src/machines/ct/bytes.ts'
import { findExtension, oids, parseCertificate } from '../../src/machines/ct/certificate.ts'
import { children, type Node, nodeAt } from '../../src/machines/ct/der.ts'
import type { Log, ProofPair, Sth } from '../../src/machines/ct/types.ts'
import { decodeCtrProof } from '../../src/machines/tor/ctr-proof.ts'
import { type Bug, inAnswer, inFunction } from './bug.ts'

interface SfoInput {
  readonly chain: readonly Uint8Array[]
  readonly sct: Uint8Array
}
interface Path {
  readonly path: readonly string[]
}
interface Sizes {
  readonly size1: number
  readonly size2: number
}
interface Head {
  readonly timestamp: number
  readonly size: number
}
interface Draw {
  readonly draw: number
}

const nothing = new Uint8Array()

/** RFC 4648 without a look at the checksum. */
function keyWithin(address: string): Uint8Array | null {
  const digits = [...address.toLowerCase().slice(0, 56)].map((digit) =>
    'abcdefghijklmnopqrstuvwxyz234567'.indexOf(digit),
  )
  if (address.length !== 62 || digits.includes(-1)) return null
  const bits = digits.map((digit) => digit.toString(2).padStart(5, '0')).join('')
  return Uint8Array.from(bits.slice(0, 256).match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2))
}

/** Every constructed element within is DER. */
function isDerToTheBottom(der: Uint8Array, node: Node | null): boolean {
  if (node === null) return false
  return (node.tag & 0x20) === 0 || (children(der, node)?.every((inner) => isDerToTheBottom(der, inner)) ?? false)
}

function hasTwoSctLists(der: Uint8Array): boolean {
  const certificate = parseCertificate(der)
  const found = certificate.ok ? findExtension(certificate.value, oids.sctList) : null
  return found?.ok === false && found.error === 'duplicateExtension'
}

export const byteBugs: Readonly<Record<string, Bug>> = {
  'many-sfos': {
    req: 'WIRE-001.1',
    does: 'takes a body of more SFOs than the listener allows',
    breaks: inFunction<{ maxObjects: number }>('decodeSfo', (input, right) => right({ ...input, maxObjects: 1000 })),
  },
  'lenient-base64': {
    req: 'WIRE-001.4',
    does: 'takes base64 that is not canonical',
    breaks: inFunction<{ text: string }>('decodePem', (input, right) => {
      const outcome = right(input)
      if (!('error' in outcome) || outcome.error !== 'badBase64') return outcome
      return { ok: { der: new Uint8Array(Buffer.from(input.text.replace(/-----.*-----/g, ''), 'base64')) } }
    }),
  },
  'der-to-the-bottom': {
    req: 'WIRE-001.6',
    does: 'reads deeper into a certificate than CT has to',
    breaks: inFunction<SfoInput>('entry', (input, right) =>
      input.chain.every((der) => isDerToTheBottom(der, nodeAt(der, 0, der.length)))
        ? right(input)
        : { error: 'badDer' },
    ),
  },
  'two-sct-lists-anywhere': {
    req: 'WIRE-003.4',
    does: 'refuses two SCT list extensions in any certificate',
    breaks: inFunction<SfoInput>('validateSfo', (input, right) =>
      input.chain.some(hasTwoSctLists) ? { error: 'duplicateExtension' } : right(input),
    ),
  },
  'sct-trailing-bytes': {
    req: 'WIRE-002.1',
    does: 'passes over bytes behind an SCT',
    breaks: inFunction<{ bytes: Uint8Array }>('decodeSct', ({ bytes }, right) => {
      for (let cut = 0; cut <= Math.min(8, bytes.length); cut++) {
        const outcome = right({ bytes: bytes.subarray(0, bytes.length - cut) })
        if ('ok' in outcome) return outcome
      }
      return right({ bytes })
    }),
  },
  'first-sct-of-many': {
    req: 'WIRE-002.1',
    does: 'takes the first SCT of a list of several',
    breaks: inAnswer<object, { scts: readonly Uint8Array[] }>('decodeSctList', ({ scts }) => ({
      scts: scts.slice(0, 1),
    })),
  },
  'leaf-without-extensions': {
    req: 'WIRE-003.5',
    does: "forgets the SCT's extensions in the leaf, as well-known tools do",
    breaks: inFunction('encodeLeaf', (input: object, right) => right({ ...input, extensions: nothing })),
  },
  'always-x509': {
    req: 'WIRE-003.1',
    does: 'takes every entry for an x509_entry',
    breaks: inAnswer<SfoInput, object>('entry', (_, { chain }) => ({ type: 'x509', certificate: chain[0] ?? nothing })),
  },
  'tbs-lengths-kept': {
    req: 'WIRE-003.3',
    does: 'leaves the length of the TBSCertificate as it was with the SCT list in it',
    breaks: inAnswer<SfoInput, { type: string; tbs?: Uint8Array }>('entry', (ok) =>
      ok.tbs === undefined ? ok : { ...ok, tbs: ok.tbs.map((byte, at) => (at === 3 ? (byte + 1) % 256 : byte)) },
    ),
  },
  'size-before-timestamp': {
    req: 'WIRE-004.1',
    does: 'signs the size of a tree head before its timestamp',
    breaks: inFunction<Head>('sthSignatureInput', (input, right) =>
      right({ ...input, timestamp: input.size, size: input.timestamp }),
    ),
  },
  'any-log-signs': {
    req: 'WIRE-004.1',
    does: 'takes a tree head of one log for that of another',
    breaks: inFunction<{ log: Log; sth: Sth }>('verifySth', ({ log, sth }, right) =>
      right({ log: { ...log, logId: sth.logId }, sth }),
    ),
  },
  'longer-paths': {
    req: 'WIRE-005.1',
    does: 'passes over elements of a path that are too many',
    breaks: inFunction<Path>('verifyInclusion', (input, right) => {
      for (let length = input.path.length; length >= 0; length--) {
        const outcome = right({ ...input, path: input.path.slice(0, length) })
        if ('ok' in outcome) return outcome
      }
      return right(input)
    }),
  },
  'equal-sizes-agree': {
    req: 'WIRE-005.1',
    does: 'takes trees of one size for one tree',
    breaks: inFunction<Sizes>('verifyConsistency', (input, right) =>
      input.size1 === input.size2 ? { ok: {} } : right(input),
    ),
  },
  'malformed-is-unreachable': {
    req: 'WIRE-006.2',
    does: 'takes an answer that is none for a log that cannot be reached',
    breaks: inFunction<{ answer: { kind: string } }>('judgeInclusion', (input, right) =>
      right(input.answer.kind === 'malformed' ? { ...input, answer: { kind: 'unreachable' } } : input),
    ),
  },
  'onion-checksum-unchecked': {
    req: 'WIRE-007.1',
    does: 'does not look at the checksum of an onion address',
    breaks: inFunction<{ address: string }>('decodeOnionAddress', (input, right) => {
      const key = keyWithin(input.address)
      return key === null ? right(input) : { ok: { key } }
    }),
  },
  'any-nonce': {
    req: 'AUD-002.2',
    does: 'takes a proof that was made for another nonce',
    breaks: inFunction<{ proof: string; nonce: string }>('verifyCtrProof', (input, right) =>
      right({ ...input, nonce: decodeCtrProof(input.proof)?.nonce ?? input.nonce }),
    ),
  },
  'eternal-certificates': {
    req: 'WIRE-008.1',
    does: 'never lets a signing-key certificate expire',
    breaks: inFunction('verifySigningKeyCert', (input: object, right) => right({ ...input, now: 0 })),
  },
  'message-without-domain': {
    req: 'WIRE-008.2',
    does: 'signs auditor key, nonce and digest without a domain',
    breaks: inAnswer<object, { bytes: Uint8Array }>('ctrProofMessage', ({ bytes }) => ({ bytes: bytes.subarray(-96) })),
  },
  'proof-set-of-any-kind': {
    req: 'WIRE-009.1',
    does: 'takes what is no proof set for an empty one',
    breaks: inFunction('decodeProofSet', (input, right) => {
      const outcome = right(input)
      return 'ok' in outcome ? outcome : { ok: { pairs: [] } }
    }),
  },
  'leaf-id-in-capitals': {
    req: 'WIRE-010.1',
    does: 'writes leafIds in upper case',
    breaks: inAnswer<object, { leafId: string }>('leafId', ({ leafId }) => ({ leafId: leafId.toUpperCase() })),
  },
  'sfo-id-with-signature': {
    req: 'WIRE-011.1',
    does: 'makes the signature part of the sfoId',
    breaks: inAnswer<SfoInput, { sfoId: string }>('sfoId', ({ sfoId }, { sct }) => ({
      sfoId: createHash('sha256').update(sfoId).update(toHex(sct)).digest('hex'),
    })),
  },
  'due-by-sct-alone': {
    req: 'WIRE-012.1',
    does: 'lets an SCT from the future postpone its due time',
    breaks: inFunction<{ sctTimestamp: number }>('dueAt', (input, right) =>
      right({ ...input, receivedAt: input.sctTimestamp } as typeof input),
    ),
  },
  'due-strictly-after': {
    req: 'WIRE-012.2',
    does: 'wants a tree head later than the due time',
    breaks: inFunction<{ dueAt: number }>('firstDueSth', (input, right) => right({ ...input, dueAt: input.dueAt + 1 })),
  },
  'due-by-time-alone': {
    req: 'WIRE-012.3',
    does: 'does not take a tree head for due that has the leaf index already',
    breaks: inFunction<{ sths: unknown; dueAt: number }>('firstDueSth', ({ sths, dueAt }, right) =>
      right({ sths, dueAt }),
    ),
  },
  'leaf-index-little-endian': {
    req: 'WIRE-013.1',
    does: 'reads the bytes of a leaf index from the wrong end',
    breaks: inAnswer<object, { leafIndex?: number }>('decodeSctExtensions', (ok) => {
      if (ok.leafIndex === undefined) return ok
      const digits = ok.leafIndex.toString(16).padStart(10, '0').match(/../g) ?? []
      return { ...ok, leafIndex: Number.parseInt(digits.reverse().join(''), 16) }
    }),
  },
  'any-tile-is-genuine': {
    req: 'WIRE-014.4',
    does: 'keeps tiles that do not hash to the root',
    breaks: inAnswer<object, object>('inclusionFromTiles', (ok) => ({ ...ok, genuine: true })),
  },
  'convinced-without-a-list': {
    req: 'EVID-005.3',
    does: "takes a bundle's own word for key and MMD",
    breaks: inAnswer<object, { standing: string }>('verifyEvidence', (ok) =>
      ok.standing === 'conditional' ? { ...ok, standing: 'proven' } : ok,
    ),
  },
  'transcripts-convict': {
    req: 'EVID-005.4',
    does: 'takes a transcript for a proof',
    breaks: inAnswer<object, { standing: string }>('verifyEvidence', (ok) =>
      ok.standing === 'transcript' ? { ...ok, standing: 'proven' } : ok,
    ),
  },
  'minority-consensus': {
    req: 'CONS-001.1',
    does: 'counts only the authorities that signed',
    breaks: inFunction<{ document: Uint8Array; authorities: readonly string[] }>('parseConsensus', (input, right) => {
      const text = Buffer.from(input.document).toString('latin1')
      const signing = input.authorities.filter((key) => text.includes(`directory-signature ${key} `))
      return right({ ...input, authorities: signing })
    }),
  },
  'hardened-like-seed': {
    req: 'RELAY-120.2',
    does: 'throws coins in every profile',
    breaks: inAnswer<object, { policy?: object }>('relayConfig', (ok) => ({
      ...ok,
      policy: { ...ok.policy, bucketing: 'coin' },
    })),
  },
  'strangers-tree-head': {
    req: 'RELAY-007.1',
    does: "verifies a peer's pair against the peer's own tree head",
    breaks: inFunction<{ pair: ProofPair; ownSths: readonly Sth[] }>('verifyPair', ({ pair }, right) =>
      right({ pair, ownSths: [pair.sth] }),
    ),
  },
  'coin-at-the-edge': {
    req: 'RELAY-111.3',
    does: 'takes the edge of a coin for heads',
    breaks: inFunction<Draw>('coin', (input, right) => right({ ...input, draw: Math.max(0, input.draw - 1) })),
  },
  'choose-the-first-k': {
    req: 'RELAY-009.1',
    does: 'chooses the first buckets whatever the draws',
    breaks: inAnswer<object, { buckets: readonly number[] }>('drawnBuckets', ({ buckets }) => ({
      buckets: buckets.map((_, at) => at),
    })),
  },
  'unordered-auditors': {
    req: 'RELAY-005.1',
    does: 'takes the auditors in the order of the consensus',
    breaks: inFunction<{ auditors: readonly string[]; sfoId: string }>('auditorOf', ({ auditors, sfoId }, right) => {
      const at = auditors.length === 0 ? undefined : auditors[Number.parseInt(sfoId.slice(0, 8), 16) % auditors.length]
      return at === undefined ? right({ auditors, sfoId }) : { ok: { auditorId: at } }
    }),
  },
  'k-beyond-n': {
    req: 'RELAY-009.2',
    does: 'starts with more choices than buckets',
    breaks: inFunction('relayConfig', (input, right) => {
      const outcome = right(input)
      return 'error' in outcome && outcome.error === 'kExceedsN' ? { ok: {} } : outcome
    }),
  },
  'one-class-of-invalid': {
    req: 'AUD-005.1',
    does: 'calls a bad chain malformed',
    breaks: inAnswer<object, { class: string }>('errorClass', (ok) =>
      ok.class === 'badChain' ? { class: 'malformed' } : ok,
    ),
  },
  'log-down-at-three': {
    req: 'AUD-022.1',
    does: 'calls a log down at three reporters',
    breaks: inFunction<{ distinct: number }>('isLogDown', (input, right) =>
      right({ ...input, distinct: input.distinct + 1 }),
    ),
  },
}
