// Keys, logs and certificates made to measure, for tests of the CT kernel. The DER encoder here is its own, so that it can
// disagree with the one under test. Keys are fresh in every run; nothing that a test asserts depends on which they are.
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { type Entry, entryOf } from '../../../src/machines/ct/entry.ts'
import { encodeLeaf } from '../../../src/machines/ct/leaf.ts'
import { decodeSct, encodeSct, encodeSctList } from '../../../src/machines/ct/sct.ts'
import type { Crypto, Log, Sct, Sfo } from '../../../src/machines/ct/types.ts'

/** One TLV in DER. */
export function tlv(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat(content)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length)
  const digits = length.subarray(body.length < 0x100 ? 3 : body.length < 0x10000 ? 2 : 1)
  const header = body.length < 0x80 ? [tag, body.length] : [tag, 0x80 + digits.length, ...digits]
  return new Uint8Array(Buffer.concat([Buffer.from(header), body]))
}

export const sequence = (...content: readonly Uint8Array[]) => tlv(0x30, ...content)
export const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))

const signatureAlgorithms = {
  'rsa-sha1': hex('300d 0609 2a864886f70d010105 0500'),
  'rsa-sha256': hex('300d 0609 2a864886f70d01010b 0500'),
  'rsa-sha384': hex('300d 0609 2a864886f70d01010c 0500'),
  'rsa-sha512': hex('300d 0609 2a864886f70d01010d 0500'),
  'ecdsa-sha256': hex('300a 0608 2a8648ce3d040302'),
  'ecdsa-sha384': hex('300a 0608 2a8648ce3d040303'),
  /** Outside of the closed set. */
  'ecdsa-sha512': hex('300a 0608 2a8648ce3d040304'),
  ed25519: hex('3005 0603 2b6570'),
} as const
export type SignatureName = keyof typeof signatureAlgorithms

export interface Key {
  readonly spki: Uint8Array
  readonly private: KeyObject
}

export function newKey(kind: 'p256' | 'p384' | 'p521' | 'rsa' | 'ed25519'): Key {
  const curves = { p256: 'P-256', p384: 'P-384', p521: 'P-521' }
  const pair =
    kind === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : kind === 'ed25519'
        ? generateKeyPairSync('ed25519')
        : generateKeyPairSync('ec', { namedCurve: curves[kind] })
  return { spki: new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' })), private: pair.privateKey }
}

export interface Tbs {
  readonly issuer: string
  readonly subject: string
  readonly key: Key
  readonly signature?: SignatureName
  /** Whole Extension TLVs; null: no `[3]` at all. */
  readonly extensions?: readonly Uint8Array[] | null
  /** Whole TLVs between key and extensions. */
  readonly uniqueIds?: readonly Uint8Array[]
}

const nameOf = (text: string) =>
  sequence(tlv(0x31, sequence(hex('0603 550403'), tlv(0x0c, new Uint8Array(Buffer.from(text))))))

export function encodeTbs(tbs: Tbs): Uint8Array {
  const { issuer, subject, key, signature = 'ecdsa-sha256', extensions = [], uniqueIds = [] } = tbs
  const list = extensions === null ? [] : [tlv(0xa3, sequence(...extensions))]
  const validity = sequence(...['200101000000Z', '491231235959Z'].map((time) => tlv(0x17, Buffer.from(time))))
  const algorithm = signatureAlgorithms[signature]
  const fields = [hex('0201 05'), algorithm, nameOf(issuer), validity, nameOf(subject), key.spki]
  return sequence(hex('a003 020102'), ...fields, ...uniqueIds, ...list)
}

export function certificateOf(tbs: Tbs, issuerKey: Key): Uint8Array {
  const name = tbs.signature ?? 'ecdsa-sha256'
  const hash = name === 'ed25519' ? null : (name.split('-')[1] ?? null)
  const signed = encodeTbs(tbs)
  const bits = tlv(0x03, new Uint8Array(1), sign(hash, signed, issuerKey.private))
  return sequence(signed, signatureAlgorithms[name], bits)
}

export function extension(oid: string, value: Uint8Array, critical = false): Uint8Array {
  return sequence(tlv(0x06, hex(oid)), ...(critical ? [hex('0101ff')] : []), tlv(0x04, value))
}

export const sctListOid = '2b06010401d679020402'
export const poison = () => extension('2b06010401d679020403', hex('0500'), true)
export const sctExtension = (scts: readonly Uint8Array[]) => extension(sctListOid, tlv(0x04, encodeSctList(scts)))
/** An extension of no meaning, `size` bytes of value. */
export const padding = (size: number) => extension('551d1e', new Uint8Array(size))

export interface TestLog {
  readonly log: Log
  sct(entry: Entry, timestamp: number, extensions?: Uint8Array): Sct
}

export function newLog(kind: 'p256' | 'rsa' = 'p256'): TestLog {
  const key = newKey(kind)
  const logId = createHash('sha256').update(key.spki).digest('hex')
  const log = { logId, key: Buffer.from(key.spki).toString('base64'), mmd: 86_400_000, url: 'http://127.0.0.1' }
  return {
    log,
    sct: (entry, timestamp, extensions = new Uint8Array(0)) => {
      const signature = new Uint8Array(sign('sha256', encodeLeaf(entry, timestamp, extensions), key.private))
      const fields = { logId, timestamp, extensions, hashAlgorithm: 4, signatureAlgorithm: kind === 'rsa' ? 1 : 3 }
      return sctOf({ ...fields, signature })
    },
  }
}

export function sctOf(fields: Omit<Sct, 'bytes'>): Sct {
  const decoded = decodeSct(encodeSct(fields))
  if (!decoded.ok) throw new Error(`test SCT: ${decoded.detail}`)
  return decoded.value
}

export interface Authority {
  /** Certificates above the leaf, its issuer first, the self-signed root last. */
  readonly chain: readonly Uint8Array[]
  readonly name: string
  readonly key: Key
}

/** A root and `intermediates` under it, each padded by `pad` bytes. */
export function newAuthority(intermediates: number, pad = 0): Authority {
  const rootKey = newKey('p256')
  const tbs = { issuer: 'root', subject: 'root', key: rootKey, extensions: [padding(pad)] }
  let authority: Authority = { chain: [certificateOf(tbs, rootKey)], name: 'root', key: rootKey }
  for (let level = 1; level <= intermediates; level++) {
    const key = newKey('p256')
    const name = `intermediate ${level}`
    const next = { issuer: authority.name, subject: name, key, extensions: [padding(pad)] }
    authority = { chain: [certificateOf(next, authority.key), ...authority.chain], name, key }
  }
  return authority
}

export interface SfoOptions {
  readonly authority: Authority
  readonly log: TestLog
  readonly timestamp: number
  /** Where the client got the SCT: in the leaf, or from the TLS handshake. */
  readonly embedded: boolean
  readonly extensions?: Uint8Array
  /** Bytes of extensions around the SCT extension. */
  readonly pad?: number
}

const leafKey = newKey('p256')

/** An SFO that validates. The entry is made here from the parts, not cut out of the certificate. */
export function newSfo({ authority, log, timestamp, embedded, extensions, pad = 0 }: SfoOptions): Sfo {
  const around: [Uint8Array, Uint8Array] = [padding(pad), extension('551d11', hex('3000'))]
  const tbs = { issuer: authority.name, subject: 'leaf', key: leafKey, extensions: around }
  const issuerKeyHash = createHash('sha256').update(authority.key.spki).digest()
  if (embedded) {
    const entry: Entry = { type: 'precert', issuerKeyHash: new Uint8Array(issuerKeyHash), tbs: encodeTbs(tbs) }
    const sct = log.sct(entry, timestamp, extensions)
    const final = { ...tbs, extensions: [around[0], sctExtension([sct.bytes]), around[1]] }
    return { chain: [certificateOf(final, authority.key), ...authority.chain], sct }
  }
  const certificate = certificateOf(tbs, authority.key)
  const sct = log.sct({ type: 'x509', certificate }, timestamp, extensions)
  return { chain: [certificate, ...authority.chain], sct }
}

/** For tests that want the entry of an SFO they know to be good. */
export function knownEntry(crypto: Crypto, sfo: Sfo): Entry {
  const entry = entryOf(crypto, sfo)
  if (!entry.ok) throw new Error(`test SFO: ${entry.error}`)
  return entry.value
}
