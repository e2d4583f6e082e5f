// What a log signs for a certificate: x509_entry or precert_entry [RFC 6962 3.1, 3.2; WIRE-003].
// Invariant: the TBS of a certificate without its SCTs and that of its precertificate without its poison are the same bytes.
import { equal } from './bytes.ts'
import {
  type Certificate,
  type Edit,
  type Extension,
  editTbs,
  findExtension,
  oids,
  parseCertificate,
} from './certificate.ts'
import { bytesOf, children, contentOf, hasContent, nodeAt, tags } from './der.ts'
import type { SfoError } from './errors.ts'
import { decodeSctList } from './sct.ts'
import type { Crypto, Result, Sfo } from './types.ts'

/** `issuerKeyHash`: SHA-256 of the issuer's SubjectPublicKeyInfo, 32 bytes. `tbs`: TBSCertificate without the CT extension. */
export type Entry =
  | { readonly type: 'x509'; readonly certificate: Uint8Array }
  | { readonly type: 'precert'; readonly issuerKeyHash: Uint8Array; readonly tbs: Uint8Array }

const nothing = new Uint8Array(0)

/**
 * The entry that an SFO's SCT is about: a precert_entry where the leaf embeds this very SCT, bit for bit, else an x509_entry.
 * Errors: badDer, badCertificate, duplicateExtension, noIssuer. The issuer is taken to be the second certificate, whatever
 * its name; that it signed the leaf, `validateSfo` checks, and without that an entry of type precert means nothing.
 */
export function entryOf(crypto: Crypto, sfo: Sfo): Result<Entry, SfoError> {
  const [leafDer, issuerDer] = sfo.chain
  const leaf = parsed(leafDer)
  if (!leaf.ok) return leaf
  const sctList = findExtension(leaf.value, oids.sctList)
  if (!sctList.ok) return sctList
  if (sctList.value === null || !embeds(leaf.value.der, sctList.value, sfo.sct.bytes)) {
    return { ok: true, value: { type: 'x509', certificate: leaf.value.der } }
  }
  const issuer = parsed(issuerDer)
  if (!issuer.ok) return issuer
  const tbs = editTbs(leaf.value, [{ node: sctList.value.node, bytes: nothing }])
  return { ok: true, value: { type: 'precert', issuerKeyHash: keyHash(crypto, issuer.value), tbs } }
}

/** Whether an SCT extension, an OCTET STRING with a SignedCertificateTimestampList, contains that SerializedSCT. */
function embeds(der: Uint8Array, { value }: Extension, sct: Uint8Array): boolean {
  const inner = nodeAt(der, value.content, value.end)
  if (inner === null || inner.tag !== tags.octetString || inner.end !== value.end) return false
  const list = decodeSctList(contentOf(der, inner))
  return list.ok && list.value.some((candidate) => equal(candidate, sct))
}

/**
 * The entry that a log makes of a precertificate, submitted with its issuers [RFC 6962 3.1, 3.2]: without poison; and where
 * a precertificate signing certificate issued it, with that one's issuer, authority key identifier and issuer's key hash
 * in the place of its own. Errors: as `entryOf`, and badCertificate for one without poison.
 */
export function precertEntryOf(crypto: Crypto, chain: readonly Uint8Array[]): Result<Entry, SfoError> {
  const precert = parsed(chain[0])
  if (!precert.ok) return precert
  const poison = findExtension(precert.value, oids.poison)
  if (!poison.ok) return poison
  if (poison.value === null) return { ok: false, error: 'badCertificate', detail: 'a precertificate without poison' }
  const signer = parsed(chain[1])
  if (!signer.ok) return signer
  const signing = isPrecertSigning(signer.value)
  if (!signing.ok) return signing
  const issuer = signing.value ? parsed(chain[2]) : signer
  if (!issuer.ok) return issuer
  const swaps = signing.value ? issuerSwaps(precert.value, signer.value) : { ok: true as const, value: [] }
  if (!swaps.ok) return swaps
  const edits = [...swaps.value, { node: poison.value.node, bytes: nothing }]
  const tbs = editTbs(
    precert.value,
    edits.sort((a, b) => a.node.start - b.node.start),
  )
  return { ok: true, value: { type: 'precert', issuerKeyHash: keyHash(crypto, issuer.value), tbs } }
}

function isPrecertSigning(certificate: Certificate): Result<boolean, SfoError> {
  const usage = findExtension(certificate, oids.extendedKeyUsage)
  if (!usage.ok || usage.value === null) return usage.ok ? { ok: true, value: false } : usage
  const { der } = certificate
  const { value } = usage.value
  const list = nodeAt(der, value.content, value.end)
  const purposes = list === null ? null : children(der, list)
  return { ok: true, value: purposes?.some((oid) => hasContent(der, oid, oids.precertSigning)) ?? false }
}

/** What the final certificate, signed by the signing certificate's own issuer, will have instead. */
function issuerSwaps(precert: Certificate, signer: Certificate): Result<readonly Edit[], SfoError> {
  const own = findExtension(precert, oids.authorityKeyIdentifier)
  const final = findExtension(signer, oids.authorityKeyIdentifier)
  if (!own.ok) return own
  if (!final.ok) return final
  const swaps: Edit[] = [{ node: precert.issuer, bytes: bytesOf(signer.der, signer.issuer) }]
  const bytes = final.value === null ? nothing : bytesOf(signer.der, final.value.node)
  // Behind the last extension is the end of the TBSCertificate.
  const { end } = precert.tbs
  swaps.push({ node: own.value?.node ?? { start: end, end }, bytes })
  return { ok: true, value: swaps }
}

function parsed(der: Uint8Array | undefined): Result<Certificate, SfoError> {
  return der === undefined ? { ok: false, error: 'noIssuer', detail: 'no further certificate' } : parseCertificate(der)
}

function keyHash(crypto: Crypto, issuer: Certificate): Uint8Array {
  return crypto.sha256(bytesOf(issuer.der, issuer.spki))
}
