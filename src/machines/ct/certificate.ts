// X.509 certificates, as far as CT looks into them, and edits of a TBSCertificate by splicing bytes [RFC 5280 4.1, RFC 6962 3.2].
// Invariant: what an edit does not touch stays byte for byte; only the three lengths around the extensions are written anew.
import { equal, fromHex } from './bytes.ts'
import { bytesOf, children, contentOf, encodeNode, type Node, nodeAt, tags } from './der.ts'
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
  /** The signature's bytes, without the BIT STRING around them. */
  readonly signature: Uint8Array
  /** `[3]` of the TBSCertificate, and the SEQUENCE in it; null where there is none. */
  readonly extensions: { readonly wrapper: Node; readonly list: Node } | null
}

export interface Extension {
  readonly node: Node
  readonly oid: Node
  /** Content of extnValue. */
  readonly value: Uint8Array
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
 * Extensions are read by `extensionsOf`; names, validity and key stay opaque: the log is judged here, not the certificate.
 */
export function parseCertificate(der: Uint8Array): Result<Certificate, SfoError> {
  const whole = nodeAt(der, 0, der.length)
  if (whole === null || whole.end !== der.length) return badDer('certificate')
  const outer = children(der, whole)
  const fields = outer?.[0] === undefined ? null : children(der, outer[0])
  if (outer === null || fields === null) return badDer('certificate')
  const [tbs, algorithm, bits] = outer
  if (tbs === undefined || algorithm === undefined || bits === undefined || outer.length !== 3) {
    return badCertificate('not three fields')
  }
  if (whole.tag !== tags.sequence || tbs.tag !== tags.sequence || algorithm.tag !== tags.sequence) {
    return badCertificate('not sequences')
  }
  if (bits.tag !== tags.bitString || der[bits.content] !== 0 || bits.end === bits.content) {
    return badCertificate('signature')
  }
  const inner = tbsFields(der, fields)
  if (!inner.ok) return inner
  if (!equal(bytesOf(der, inner.value.algorithm), bytesOf(der, algorithm))) return badCertificate('two algorithms')
  return { ok: true, value: { der, tbs, ...inner.value, signature: der.subarray(bits.content + 1, bits.end) } }
}

type TbsFields = Pick<Certificate, 'issuer' | 'subject' | 'spki' | 'algorithm' | 'extensions'>

/** serialNumber, then signature, issuer, validity, subject and subjectPublicKeyInfo. */
const fieldTags = [tags.integer, tags.sequence, tags.sequence, tags.sequence, tags.sequence, tags.sequence]
/** issuerUniqueID, subjectUniqueID, extensions: each optional, in this order. */
const optionalTags: readonly number[] = [0x81, 0x82, tags.explicit3]

function tbsFields(der: Uint8Array, nodes: readonly Node[]): Result<TbsFields, SfoError> {
  const fields = nodes[0]?.tag === tags.explicit0 ? nodes.slice(1) : nodes
  const [, algorithm, issuer, , subject, spki, ...optional] = fields
  if (algorithm === undefined || issuer === undefined || subject === undefined || spki === undefined) {
    return badCertificate('a field is missing')
  }
  if (fieldTags.some((tag, index) => fields[index]?.tag !== tag)) return badCertificate('a field of another type')
  let rank = -1
  for (const { tag } of optional) {
    const next = optionalTags.indexOf(tag)
    if (next <= rank) return badCertificate('an unknown field')
    rank = next
  }
  const wrapper = optional.at(-1)
  if (wrapper?.tag !== tags.explicit3) {
    return { ok: true, value: { algorithm, issuer, subject, spki, extensions: null } }
  }
  const list = nodeAt(der, wrapper.content, wrapper.end)
  if (list === null || list.end !== wrapper.end) return badDer('extensions')
  if (list.tag !== tags.sequence) return badCertificate('extensions')
  return { ok: true, value: { algorithm, issuer, subject, spki, extensions: { wrapper, list } } }
}

/**
 * All extensions in their order. Errors: badDer, badCertificate. Whether a BOOLEAN is spelled as DER wants it is not looked
 * at: real certificates and logs do not care, and no edit touches it.
 */
export function extensionsOf(certificate: Certificate): Result<readonly Extension[], SfoError> {
  const { der, extensions } = certificate
  if (extensions === null) return { ok: true, value: [] }
  const nodes = children(der, extensions.list)
  if (nodes === null) return badDer('extensions')
  const found: Extension[] = []
  for (const node of nodes) {
    const parts = children(der, node)
    if (parts === null) return badDer('extension')
    const oid = parts[0]
    const value = parts.at(-1)
    const critical = parts.length === 3 ? parts[1]?.tag : tags.boolean
    const typed = node.tag === tags.sequence && oid?.tag === tags.oid && value?.tag === tags.octetString
    if (!typed || parts.length > 3 || critical !== tags.boolean) return badCertificate('extension')
    found.push({ node, oid, value: contentOf(der, value) })
  }
  return { ok: true, value: found }
}

/** The extension of that OID, or null. Errors: as `extensionsOf`, and duplicateExtension. */
export function findExtension(certificate: Certificate, oid: Uint8Array): Result<Extension | null, SfoError> {
  const all = extensionsOf(certificate)
  if (!all.ok) return all
  const found = all.value.filter((extension) => equal(contentOf(certificate.der, extension.oid), oid))
  if (found.length > 1) return { ok: false, error: 'duplicateExtension', detail: `${found.length} times` }
  return { ok: true, value: found[0] ?? null }
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
  if (extensions === null) return encodeNode(tags.sequence, ...edited(der, tbs.content, tbs.end, edits))
  const { wrapper, list } = extensions
  return encodeNode(
    tags.sequence,
    ...edited(der, tbs.content, wrapper.start, edits),
    encodeNode(tags.explicit3, encodeNode(tags.sequence, ...edited(der, list.content, list.end, edits))),
  )
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
