// L0 vectors of how deep a certificate is read, step by step of spec/functions.md [WIRE-001.6, WIRE-003.4].
// Invariant: what the text calls opaque holds what is no DER, and the SFO is right; at the depth that is read the like is refused.
import { algorithms, bodyOf, leafOf, type Made, sctExtension, sequence, tlv } from './certificates.ts'
import {
  issuerFields,
  issuerKey,
  leafFields,
  noDer,
  noExtensions,
  noList,
  oddKey,
  opaque,
  otherName,
  type Sfo,
  type Shape,
  sctListName,
  sctListValue,
  sfoOf,
  sha256,
  signed,
  twoLists,
} from './der-samples.ts'
import { code, type DraftL0, type Must, members, value } from './draft.ts'
import { logIdOf, logOf } from './keys.ts'
import { joined, nonMinimalLength } from './operators.ts'
import { ecdsaLog, embeddedSfo, now, rsaSfo, timestamp } from './sfo-samples.ts'

function accepted(): readonly DraftL0[] {
  const entry = (name: string, shape: Shape, comment: string) => {
    const made = sfoOf(shape)
    return draftOf('entry', name, only(made), value(made.entry), `An SFO is right: ${comment}`)
  }
  const opaqueKey = sfoOf({ leaf: { spki: oddKey(leafFields) } })
  const uniqueIds = [tlv(0x81, noDer()), tlv(0x82, noDer())]
  const opaqueIssuer = sfoOf({ issuer: { ...opaque, extensions: joined(...uniqueIds, noExtensions) } })
  const embedsNone = sfoOf({ sctExtension: () => noList })
  const listed = sfoOf({ issuer: { extensions: twoLists } })
  const body = { body: bodyOf(listed), maxObjects: 1 }
  const sent = value({ objects: [{ ok: { chain: listed.chain, sct: listed.sct } }] })
  return [
    entry(
      'opaque-fields',
      { leaf: opaque },
      "what the leaf's version, serial number, names and validity contain is no DER",
    ),
    entry(
      'opaque-issuer-key',
      { issuer: { spki: oddKey(issuerFields) } },
      "the algorithm of the issuer's key is no DER",
    ),
    entry(
      'opaque-extensions',
      { before: [sequence(otherName, noDer()), sequence(otherName)], behind: [sequence(otherName, tlv(0x02, [5]))] },
      'other extensions of the leaf have behind their OID no DER, nothing, an INTEGER; and one OID thrice',
    ),
    entry(
      'opaque-critical',
      { sctExtension: (sct) => sequence(sctListName, tlv(0x01, noDer()), sctListValue(sct)) },
      'the SCT list extension has a BOOLEAN of two bytes',
    ),
    draftOf(
      'entry',
      'sct-list-of-none',
      only(embedsNone),
      value({ type: 'x509', certificate: embedsNone.chain[0] }),
      'An SCT list with a byte behind it holds no SCT: an x509_entry',
    ),
    draftOf(
      'decodeSfo',
      'issuer-two-sct-lists',
      body,
      sent,
      'Two SCT list extensions in the issuer: only a leaf is refused',
      ['WIRE-003.4'],
    ),
    validated('issuer-two-sct-lists', listed, rightOf(listed), 'Two SCT list extensions in the issuer', ['WIRE-003.4']),
    validated(
      'opaque-issuer',
      opaqueIssuer,
      rightOf(opaqueIssuer),
      "What the issuer's fields and extensions contain is no DER",
    ),
    validated(
      'opaque-leaf-key',
      opaqueKey,
      rightOf(opaqueKey),
      "The algorithm of the leaf's key is no DER: it verifies nothing",
    ),
  ]
}

/** What the chain says, computed apart from the kernel. */
function rightOf({ entry }: Sfo): Must {
  const logId = logIdOf(ecdsaLog.key)
  const hash = sha256([0], leafOf(entry, timestamp, new Uint8Array()))
  return members({
    logId,
    leafId: `${logId}:${Buffer.from(hash).toString('hex')}`,
    sctTimestamp: timestamp,
    future: false,
  })
}

function refusedEntries(): readonly DraftL0[] {
  const entry = (name: string, shape: Shape, error: string, comment: string, reqs?: Reqs) =>
    draftOf('entry', name, only(sfoOf(shape)), code(error), comment, reqs)
  const { chain, sct } = sfoOf()
  const [leaf, issuer] = chain
  const ofLeaf = (name: string, der: Uint8Array, comment: string) =>
    draftOf('entry', name, { chain: [der, issuer], sct }, code('badCertificate'), comment)
  const second = [sctExtension(rsaSfo.sct), joined(noDer())]
  return [
    entry(
      'name-length',
      { leaf: { issuer: nonMinimalLength(leafFields.issuer) } },
      'badDer',
      "The length of the leaf's issuer",
    ),
    entry('extension-empty', { before: [sequence()] }, 'badDer', 'An Extension without an element'),
    entry(
      'extension-no-oid',
      { before: [sequence(tlv(0x02, [5]))] },
      'badCertificate',
      'An Extension that begins with an INTEGER',
    ),
    entry('extension-no-sequence', { before: [tlv(0x31, otherName)] }, 'badCertificate', 'An Extension that is a SET'),
    entry(
      'sct-list-value-length',
      { sctExtension: (own) => sequence(sctListName, nonMinimalLength(sctListValue(own))) },
      'badDer',
      "The length of the SCT list extension's OCTET STRING",
    ),
    entry(
      'sct-list-behind-value',
      { sctExtension: (own) => sequence(sctListName, sctListValue(own), noDer()) },
      'badCertificate',
      'Something behind the OCTET STRING of the SCT list extension',
    ),
    entry(
      'two-sct-lists-first',
      { behind: second },
      'duplicateExtension',
      'A second SCT list comes before what is no Extension',
      ['WIRE-003.4'],
    ),
    ofLeaf('fourth-member', sequence(leaf.slice(4), noDer()), 'Something behind the signature'),
    ofLeaf('two-algorithms', signed(leafFields, issuerKey, algorithms['ecdsa-sha384']), 'Another algorithm outside'),
  ]
}

function refusedOthers(): readonly DraftL0[] {
  const body = (name: string, shape: Shape, error: string, comment: string) => {
    const input = { body: bodyOf(sfoOf(shape)), maxObjects: 1 }
    return draftOf('decodeSfo', name, input, members({ objects: [{ error }] }), comment)
  }
  const list = sequence(sctExtension(rsaSfo.sct))
  const inIssuer = (extensions: Uint8Array): Shape => ({ issuer: { extensions: tlv(0xa3, extensions) } })
  const badBoth: Shape = { behind: [sctExtension(rsaSfo.sct)], issuer: { version: joined(noDer()) } }
  const oddAlgorithm = sequence(nonMinimalLength(algorithms['ecdsa-sha256'].slice(2)))
  const unverified = code('badChainSignature')
  return [
    body(
      'issuer-extensions-length',
      inIssuer(nonMinimalLength(list)),
      'badDer',
      "The length of the issuer's extensions",
    ),
    body('issuer-extensions-set', inIssuer(tlv(0x31)), 'badCertificate', "The issuer's extensions are a SET"),
    body(
      'issuer-fields-swapped',
      { issuer: { extensions: joined(tlv(0x82), tlv(0x81)) } },
      'badCertificate',
      'Unique identifiers in the other order',
    ),
    body(
      'leaf-before-issuer',
      badBoth,
      'duplicateExtension',
      'Two SCT lists in the leaf, and an issuer that is no DER',
    ),
    validated(
      'opaque-issuer-key',
      sfoOf({ issuer: { spki: oddKey(issuerFields) } }),
      unverified,
      "The algorithm of the issuer's key is no DER: it verifies nothing",
    ),
    validated(
      'longer-issuer-key',
      sfoOf({ issuer: { spki: sequence(issuerFields.spki.slice(2), tlv(0x05)) } }),
      unverified,
      "A NULL behind the issuer's key, within its SEQUENCE: no key",
    ),
    validated(
      'opaque-algorithm',
      sfoOf({ leaf: { algorithm: oddAlgorithm } }),
      unverified,
      "What the leaf's signature algorithm contains is no DER: nothing verifies it",
    ),
    draftOf(
      'validateSfo',
      'no-issuer-unknown-log',
      { ...only(embeddedSfo), chain: embeddedSfo.chain.slice(0, 1), now },
      code('noIssuer'),
      'What the entry lacks comes before the log',
      ['WIRE-003.2'],
    ),
  ]
}

function validated(name: string, sfo: Sfo, must: Must, comment: string, reqs?: Reqs): DraftL0 {
  return draftOf('validateSfo', name, { log: logOf(ecdsaLog.key), ...only(sfo), now }, must, comment, reqs)
}

function only({ chain, sct }: Pick<Made, 'chain' | 'sct'>) {
  return { chain, sct }
}

type Reqs = DraftL0['reqs']

function draftOf(
  name: string,
  word: string,
  input: object,
  must: Must,
  comment: string,
  reqs: Reqs = ['WIRE-001.6'],
): DraftL0 {
  return { function: name, name: word, input, must, reqs, comment }
}

export const derDrafts = (): readonly DraftL0[] => [...accepted(), ...refusedEntries(), ...refusedOthers()]
