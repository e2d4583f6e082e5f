// Test equipment, not for operators: what the development log accepts as a chain, and the entry it makes of it [RFC 6962 3.1].
// Invariant: an accepted chain's signatures verify by OpenSSL, from the leaf to the last certificate.
import { X509Certificate } from 'node:crypto'
import { concat, equal, uint, vector } from '../../machines/ct/bytes.ts'
import { findExtension, oids, parseCertificate } from '../../machines/ct/certificate.ts'
import { type Entry, precertEntryOf } from '../../machines/ct/entry.ts'
import { nodeCrypto } from '../node/crypto.ts'
import { sha256 } from './tree.ts'

/** As a log answers: the value, or an HTTP status with text. */
export type Reply<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly status: number; readonly detail: string }

export function refuse(status: number, detail: string): { ok: false; status: number; detail: string } {
  return { ok: false, status, detail }
}

export type EntryKind = Entry['type']

/** `extraData`: ASN.1Cert chain of an X509ChainEntry, or a whole PrecertChainEntry [RFC 6962 3.1]. */
export interface Prepared {
  readonly entry: Entry
  readonly extraData: Uint8Array
  readonly last: Uint8Array
}

export const maxChainLength = 10
const maxCertificateBytes = 65_536

/** `roots`: DER of what the chain must end at, or be signed by; null where it may end anywhere. */
export function prepare(
  chain: readonly Uint8Array[],
  kind: EntryKind,
  roots: readonly Uint8Array[] | null,
): Reply<Prepared> {
  const [leaf, ...issuers] = chain
  if (leaf === undefined || chain.length > maxChainLength) return refuse(400, `1 to ${maxChainLength} certificates`)
  if (chain.some((der) => der.length > maxCertificateBytes)) return refuse(400, 'certificate too large')
  const last = chain.at(-1) ?? leaf
  const flaw = signatureFlaw(chain) ?? (roots === null ? null : rootFlaw(last, roots))
  if (flaw !== null) return refuse(400, flaw)
  const poisoned = hasPoison(leaf)
  if (!poisoned.ok) return poisoned
  if (poisoned.value !== (kind === 'precert')) {
    return refuse(400, poisoned.value ? 'a precertificate belongs to add-pre-chain' : 'not a precertificate')
  }
  const above = vector(concat(...issuers.map((der) => vector(der, 3))), 3)
  if (kind === 'x509')
    return { ok: true, value: { entry: { type: 'x509', certificate: leaf }, extraData: above, last } }
  const entry = precertEntryOf(crypto, chain)
  if (!entry.ok) return refuse(400, `${entry.error}: ${entry.detail}`)
  return { ok: true, value: { entry: entry.value, extraData: concat(vector(leaf, 3), above), last } }
}

const crypto = nodeCrypto()

function hasPoison(der: Uint8Array): Reply<boolean> {
  const parsed = parseCertificate(der)
  const poison = parsed.ok ? findExtension(parsed.value, oids.poison) : parsed
  return poison.ok ? { ok: true, value: poison.value !== null } : refuse(400, `${poison.error}: ${poison.detail}`)
}

function signatureFlaw(chain: readonly Uint8Array[]): string | null {
  try {
    const certificates = chain.map((der) => new X509Certificate(der))
    for (const [index, certificate] of certificates.entries()) {
      const issuer = certificates[index + 1]
      if (issuer !== undefined && !certificate.verify(issuer.publicKey)) {
        return `certificate ${index} is not signed by certificate ${index + 1}`
      }
    }
    return null
  } catch {
    return 'not an X.509 certificate'
  }
}

function rootFlaw(last: Uint8Array, roots: readonly Uint8Array[]): string | null {
  if (roots.some((root) => equal(root, last))) return null
  const certificate = new X509Certificate(last)
  const signed = roots.some((der) => {
    const root = new X509Certificate(der)
    return certificate.checkIssued(root) && certificate.verify(root.publicKey)
  })
  return signed ? null : 'the chain ends at no accepted root'
}

/** Identity of what is submitted, whoever submits it when: a log answers it with one SCT. */
export function identityOf(entry: Entry): Uint8Array {
  return entry.type === 'x509'
    ? sha256(uint(0, 2), entry.certificate)
    : sha256(uint(1, 2), entry.issuerKeyHash, entry.tbs)
}
