// X.509 certificates, as far as CT looks into them, and edits of a TBSCertificate by splicing bytes [RFC 5280 4.1, RFC 6962 3.2].
// Invariant: what an edit does not touch stays byte for byte; only the three lengths around the extensions are written anew.
import { concat, fromHex, toHex } from './bytes.ts'
import { hasContent, type Node, nodeAt, nodeParts, sameNode, tags } from './der.ts'
import type { SfoError } from './errors.ts'
import type { Result } from './types.ts'

/** Offsets are into `der`; `bytesOf` and `contentOf` of der.ts give the bytes. */
export interface Certificate {
  readonly der: Uint8Array
  /** TBSCertificate: the bytes that its issuer signed. */
  readonly tbs: Node
  readonly issuer: Node
  readonly subject: Node
  /** SubjectPublicKeyInfo. */
  readonly spki: Node
  /** AlgorithmIdentifier, equal within and outside of the TBSCertificate. */
  readonly algorithm: Node
  /** BIT STRING of whole bytes: the first byte of its content is 0, the signature follows. */
  readonly signature: Node
  /** `[3]` of the TBSCertificate, and the SEQUENCE in it; null where there is none. */
  readonly extensions: { readonly wrapper: Node; readonly list: Node } | null
}

export interface Extension {
  readonly node: Node
  /** extnValue, an OCTET STRING. */
  readonly value: Node
}

/** Contents of OBJECT IDENTIFIERs: 1.3.6.1.4.1.11129.2.4.{2,3,4}, 2.5.29.35, 2.5.29.37. */
export const oids = {
  sctList: fromHex('2b06010401d679020402'),
  poison: fromHex('2b06010401d679020403'),
  precertSigning: fromHex('2b06010401d679020404'),
  authorityKeyIdentifier: fromHex('551d23'),
  extendedKeyUsage: fromHex('551d25'),
} as const

/**
 * Errors: badDer (no strict DER down to the fields of the TBSCertificate), badCertificate (other fields than X.509's).
 * Names, validity, key and extensions stay opaque: the log is judged here, not the certificate.
 */
export function parseCertificate(der: Uint8Array): Result<Certificate, SfoError> {
  const whole = nodeAt(der, 0, der.length)
  if (whole === null || whole.end !== der.length) return badDer('certificate')
  const parts = firstNodes(der, whole.content, whole.end, 3)
  if (parts === null) return badDer('certificate')
  const [tbs, algorithm, signature] = parts as readonly [Node, Node, Node]
  if (!isSequence(whole) || !isSequence(tbs) || signature.end !== whole.end) return badCertificate('fields')
  // The certificate ends with it, so an empty one has no first byte.
  if (signature.tag !== tags.bitString || der[signature.content] !== 0) return badCertificate('signature')
  const fields = tbsFields(der, tbs)
  if (!fields.ok) return fields
  if (!sameNode(der, fields.value.algorithm, algorithm)) return badCertificate('two algorithms')
  return { ok: true, value: { der, tbs, ...fields.value, signature } }
}

type TbsFields = Pick<Certificate, 'algorithm' | 'issuer' | 'subject' | 'spki' | 'extensions'>

function tbsFields(der: Uint8Array, tbs: Node): Result<TbsFields, SfoError> {
  const first = nodeAt(der, tbs.content, tbs.end)
  const fields = firstNodes(der, first?.tag === tags.explicit0 ? first.end : tbs.content, tbs.end, 6)
  if (fields === null) return badDer('TBSCertificate')
  const [serial, ...sequences] = fields as readonly [Node, Node, Node, Node, Node, Node]
  if (serial.tag !== tags.integer || !sequences.every(isSequence)) return badCertificate('TBSCertificate')
  const [algorithm, issuer, , subject, spki] = sequences
  const extensions = extensionList(der, spki.end, tbs.end)
  return extensions.ok
    ? { ok: true, value: { algorithm, issuer, subject, spki, extensions: extensions.value } }
    : extensions
}

/** The nodes from `start` on, as many as asked for; null where strict DER has fewer up to `end`. */
function firstNodes(der: Uint8Array, start: number, end: number, count: number): readonly Node[] | null {
  const nodes: Node[] = []
  let at = start
  while (nodes.length < count) {
    const node = nodeAt(der, at, end)
    if (node === null) return null
    nodes.push(node)
    at = node.end
  }
  return nodes
}

function isSequence(node: Node): boolean {
  return node.tag === tags.sequence
}

/** issuerUniqueID, subjectUniqueID, extensions: each optional, in this order. */
const optionalTags: readonly number[] = [0x81, 0x82, tags.explicit3]

function extensionList(der: Uint8Array, start: number, end: number): Result<Certificate['extensions'], SfoError> {
  let rank = -1
  let wrapper: Node | null = null
  for (let at = start; at < end; at = wrapper.end) {
    wrapper = nodeAt(der, at, end)
    if (wrapper === null) return badDer('TBSCertificate')
    const next = optionalTags.indexOf(wrapper.tag)
    if (next <= rank) return badCertificate('an unknown field')
    rank = next
  }
  if (wrapper?.tag !== tags.explicit3) return { ok: true, value: null }
  const list = nodeAt(der, wrapper.content, wrapper.end)
  if (list === null || list.end !== wrapper.end) return badDer('extensions')
  return list.tag === tags.sequence ? { ok: true, value: { wrapper, list } } : badCertificate('extensions')
}

/**
 * The extension of that OID, or null. Errors: duplicateExtension; badDer or badCertificate where the list is none of
 * extensions. Others are looked at no further than their OID: no edit touches them, and real ones are not always DER.
 */
export function findExtension(certificate: Certificate, oid: Uint8Array): Result<Extension | null, SfoError> {
  const { der, extensions } = certificate
  const end = extensions?.list.end ?? 0
  let found: Extension | null = null
  for (let at = extensions?.list.content ?? 0; at < end; ) {
    const node = nodeAt(der, at, end)
    if (node === null) return badDer('extension')
    const name = nodeAt(der, node.content, node.end)
    if (name === null) return badDer('extension')
    if (node.tag !== tags.sequence || name.tag !== tags.oid) return badCertificate('extension')
    at = node.end
    if (!hasContent(der, name, oid)) continue
    if (found !== null) return { ok: false, error: 'duplicateExtension', detail: toHex(oid) }
    const value = extensionValue(der, node, name)
    if (!value.ok) return value
    found = { node, value: value.value }
  }
  return { ok: true, value: found }
}

/** The last of `critical`, which may be missing, and `extnValue`. */
function extensionValue(der: Uint8Array, extension: Node, name: Node): Result<Node, SfoError> {
  const next = nodeAt(der, name.end, extension.end)
  const value = next?.tag === tags.boolean ? nodeAt(der, next.end, extension.end) : next
  if (value === null) return badDer('extension')
  const whole = value.tag === tags.octetString && value.end === extension.end
  return whole ? { ok: true, value } : badCertificate('extension')
}

/** Puts `bytes` in the place of a node of the TBSCertificate; none cut it out. */
export interface Edit {
  readonly node: Pick<Node, 'start' | 'end'>
  readonly bytes: Uint8Array
}

/**
 * The TBSCertificate after `edits`, which are in the order of the bytes and name the issuer, whole extensions or the empty
 * place behind the last one. A list that loses its last extension stays, empty: `A3 02 30 00`.
 */
export function editTbs(certificate: Certificate, edits: readonly Edit[]): Uint8Array {
  const { der, tbs, extensions } = certificate
  if (extensions === null) return concat(...nodeParts(tags.sequence, edited(der, tbs.content, tbs.end, edits)))
  const { wrapper, list } = extensions
  const kept = nodeParts(tags.sequence, edited(der, list.content, list.end, edits))
  const fields = [...edited(der, tbs.content, wrapper.start, edits), ...nodeParts(tags.explicit3, kept)]
  return concat(...nodeParts(tags.sequence, fields))
}

function edited(der: Uint8Array, start: number, end: number, edits: readonly Edit[]): readonly Uint8Array[] {
  const pieces: Uint8Array[] = []
  let at = start
  for (const { node, bytes } of edits) {
    if (node.start < start || node.end > end) continue
    pieces.push(der.subarray(at, node.start), bytes)
    at = node.end
  }
  pieces.push(der.subarray(at, end))
  return pieces
}

function badDer(detail: string): Result<never, SfoError> {
  return { ok: false, error: 'badDer', detail }
}

function badCertificate(detail: string): Result<never, SfoError> {
  return { ok: false, error: 'badCertificate', detail }
}
