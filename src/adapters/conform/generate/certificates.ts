// Certificates, SCTs and SFOs made to measure [RFC 5280, RFC 6962 3]: the vectors hold no certificate of anyone.
// Invariant: the encoder is apart from the kernel's decoder, and leaf and entry are encoded by the text of RFC 6962 3.4.
import { createHash } from 'node:crypto'
import { fromHex, toBase64, utf8 } from '../../../machines/ct/bytes.ts'
import { type Key, logIdOf, p256Key } from './keys.ts'
import { joined } from './operators.ts'

/** One TLV in DER. */
export function tlv(tag: number, ...content: readonly ArrayLike<number>[]): Uint8Array {
  const body = joined(...content)
  const { length } = body
  if (length < 0x80) return joined([tag, length], body)
  return length < 0x100 ? joined([tag, 0x81, length], body) : joined([tag, 0x82, length >> 8, length & 0xff], body)
}

export const sequence = (...content: readonly ArrayLike<number>[]) => tlv(0x30, ...content)

export const algorithms = {
  'ecdsa-sha256': fromHex('300a06082a8648ce3d040302'),
  'ecdsa-sha384': fromHex('300a06082a8648ce3d040303'),
  'rsa-sha256': fromHex('300d06092a864886f70d01010b0500'),
  ed25519: fromHex('300506032b6570'),
} as const
export type Algorithm = keyof typeof algorithms

export interface CertificateParts {
  readonly issuer: string
  readonly subject: string
  readonly key: Key
  readonly issuerKey: Key
  readonly algorithm?: Algorithm
  /** Whole Extension TLVs; null: no `[3]` at all. */
  readonly extensions?: readonly Uint8Array[] | null
}

const nameOf = (text: string) => sequence(tlv(0x31, sequence(fromHex('0603550403'), tlv(0x0c, utf8(text)))))
const validity = sequence(...['250101000000Z', '491231235959Z'].map((time) => tlv(0x17, utf8(time))))

/** Members of a TBSCertificate, each as it stands there; `extensions` is empty where there are none. */
export interface TbsFields {
  readonly version: Uint8Array
  readonly serial: Uint8Array
  readonly algorithm: Uint8Array
  readonly issuer: Uint8Array
  readonly validity: Uint8Array
  readonly subject: Uint8Array
  readonly spki: Uint8Array
  readonly extensions: Uint8Array
}

export function fieldsOf(parts: CertificateParts): TbsFields {
  const { issuer, subject, key, algorithm = 'ecdsa-sha256', extensions = [] } = parts
  return {
    version: fromHex('a003020102'),
    serial: fromHex('020105'),
    algorithm: algorithms[algorithm],
    issuer: nameOf(issuer),
    validity,
    subject: nameOf(subject),
    spki: key.spki,
    extensions: extensions === null ? new Uint8Array() : extensionsOf(...extensions),
  }
}

export const extensionsOf = (...extensions: readonly Uint8Array[]) => tlv(0xa3, sequence(...extensions))

export function tbsOf(parts: CertificateParts): Uint8Array {
  return tbsOfFields(fieldsOf(parts))
}

export function tbsOfFields(fields: TbsFields): Uint8Array {
  const { version, serial, algorithm, issuer, validity, subject, spki, extensions } = fields
  return sequence(version, serial, algorithm, issuer, validity, subject, spki, extensions)
}

export function certificateOf(parts: CertificateParts): Uint8Array {
  const tbs = tbsOf(parts)
  return sequence(tbs, algorithms[parts.algorithm ?? 'ecdsa-sha256'], tlv(0x03, [0], parts.issuerKey.sign(tbs)))
}

export function extension(oid: string, content: Uint8Array): Uint8Array {
  return sequence(tlv(0x06, fromHex(oid)), tlv(0x04, content))
}

export const padding = (size: number) => extension('551d1e', new Uint8Array(size))
export const vector16 = (content: Uint8Array) => joined([content.length >> 8, content.length & 0xff], content)
export const sctList = (...scts: readonly Uint8Array[]) => vector16(joined(...scts.map(vector16)))
export const sctExtension = (...scts: readonly Uint8Array[]) =>
  extension('2b06010401d679020402', tlv(0x04, sctList(...scts)))

const uint24 = (length: number) => [length >> 16, (length >> 8) & 0xff, length & 0xff]

export function uint64(number: number): Uint8Array {
  return fromHex(BigInt(number).toString(16).padStart(16, '0'))
}

export type PlainEntry =
  | { readonly type: 'x509'; readonly certificate: Uint8Array }
  | { readonly type: 'precert'; readonly issuerKeyHash: Uint8Array; readonly tbs: Uint8Array }

/** MerkleTreeLeaf, which an SCT's signature covers as well. */
export function leafOf(entry: PlainEntry, timestamp: number, extensions: Uint8Array): Uint8Array {
  const signed =
    entry.type === 'x509'
      ? joined([0, 0], uint24(entry.certificate.length), entry.certificate)
      : joined([0, 1], entry.issuerKeyHash, uint24(entry.tbs.length), entry.tbs)
  return joined([0, 0], uint64(timestamp), signed, vector16(extensions))
}

export interface SctParts {
  readonly logId: string
  readonly timestamp: number
  readonly extensions: Uint8Array
  readonly hashAlgorithm: number
  readonly signatureAlgorithm: number
  readonly signature: Uint8Array
}

export function sctBytes({
  logId,
  timestamp,
  extensions,
  hashAlgorithm,
  signatureAlgorithm,
  signature,
}: SctParts): Uint8Array {
  const algorithm = [hashAlgorithm, signatureAlgorithm]
  return joined([0], fromHex(logId), uint64(timestamp), vector16(extensions), algorithm, vector16(signature))
}

export interface LogKey {
  readonly key: Key
  /** 1: RSA, 3: ECDSA. */
  readonly signatureAlgorithm: 1 | 3
}

export function signSct(
  log: LogKey,
  entry: PlainEntry,
  timestamp: number,
  extensions: Uint8Array = new Uint8Array(),
): SctParts {
  const { key, signatureAlgorithm } = log
  const signature = key.sign(leafOf(entry, timestamp, extensions))
  return { logId: logIdOf(key), timestamp, extensions, hashAlgorithm: 4, signatureAlgorithm, signature }
}

export interface Made {
  readonly chain: readonly Uint8Array[]
  readonly sct: Uint8Array
  readonly parts: SctParts
  readonly entry: PlainEntry
}

export interface MadeOptions {
  readonly log: LogKey
  readonly timestamp: number
  readonly embedded: boolean
  readonly extensions?: Uint8Array
  readonly name?: string
  readonly pad?: number
  readonly issuerKey?: Key
  readonly algorithm?: Algorithm
  readonly signer?: Key
}

const rootKey = p256Key('vectors: root')
const intermediateKey = p256Key('vectors: intermediate')
const leafKey = p256Key('vectors: leaf')
export const root = certificateOf({ issuer: 'Root', subject: 'Root', key: rootKey, issuerKey: rootKey })

/** A leaf, its issuer and the root. */
export function makeSfo(options: MadeOptions): Made {
  const {
    log,
    timestamp,
    embedded,
    extensions,
    name = 'leaf.test',
    pad = 0,
    issuerKey = intermediateKey,
    algorithm,
  } = options
  const issuer = certificateOf({ issuer: 'Root', subject: 'Issuer', key: issuerKey, issuerKey: rootKey })
  const common = { issuer: 'Issuer', subject: name, key: leafKey, issuerKey: options.signer ?? issuerKey }
  const parts: CertificateParts = algorithm === undefined ? common : { ...common, algorithm }
  const others = [padding(pad)]
  const issuerKeyHash = new Uint8Array(createHash('sha256').update(issuerKey.spki).digest())
  const bare = certificateOf({ ...parts, extensions: others })
  const entry: PlainEntry = embedded
    ? { type: 'precert', issuerKeyHash, tbs: tbsOf({ ...parts, extensions: others }) }
    : { type: 'x509', certificate: bare }
  const made = signSct(log, entry, timestamp, extensions)
  const sct = sctBytes(made)
  const leaf = embedded ? certificateOf({ ...parts, extensions: [...others, sctExtension(sct)] }) : bare
  return { chain: [leaf, issuer, root], sct, parts: made, entry }
}

export function pemOf(der: Uint8Array, width = 64, eol = '\n'): string {
  const lines = toBase64(der).match(new RegExp(`.{1,${width}}`, 'g')) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join(eol)
}

export function bodyOf(...sfos: readonly Pick<Made, 'chain' | 'sct'>[]): Uint8Array {
  const objects = sfos.map(({ chain, sct }) => ({
    x509_chain: chain.map((der) => pemOf(der)),
    sct_data_v1: [toBase64(sctList(sct))],
  }))
  return utf8(JSON.stringify(objects))
}
