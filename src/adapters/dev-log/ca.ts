// Test equipment, not for operators: an X.509 certification authority that submits to logs [RFC 5280; RFC 6962 3.1, 3.3].
// Invariant: precertificate and final certificate differ in their TBS in nothing but poison against SCT list.
import { webcrypto } from 'node:crypto'
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { toHex } from '../../machines/ct/bytes.ts'
import { encodeNode, tags } from '../../machines/ct/der.ts'
import { decodeSct, encodeSctList } from '../../machines/ct/sct.ts'
import type { Sfo } from '../../machines/ct/types.ts'
import type { KeyType } from './signer.ts'

/** Where the CA submits: the development log, or a client of any other. Answers the SerializedSCT. */
export interface Submitter {
  addChain(chain: readonly Uint8Array[]): SubmitAnswer | Promise<SubmitAnswer>
  addPreChain(chain: readonly Uint8Array[]): SubmitAnswer | Promise<SubmitAnswer>
}
export type SubmitAnswer =
  | { readonly ok: true; readonly value: Uint8Array }
  | { readonly ok: false; readonly detail: string }

export interface Issued {
  readonly sfo: Sfo
  /** The SerializedSCT. */
  readonly sct: Uint8Array
  /** DER, leaf first, root last. */
  readonly chain: readonly Uint8Array[]
  /** What was submitted, where the SCT is embedded. */
  readonly precertificate: Uint8Array | null
}

export interface IssueOptions {
  readonly log: Submitter
  /** `embedded`: in the certificate, of a precertificate; `tls`: beside it, of the certificate itself. */
  readonly delivery: 'embedded' | 'tls'
  /** DNS name; a fresh one under `.example` where it is left out. */
  readonly name?: string
}

export interface Ca {
  readonly root: Uint8Array
  /** DER, issuer first, root last. */
  readonly issuers: readonly Uint8Array[]
  /** @throws Error with the log's own words where the log refuses. */
  issue(options: IssueOptions): Promise<Issued>
}

export interface CaOptions {
  readonly keyType: KeyType
  readonly intermediates: 0 | 1
  /** Milliseconds since the epoch; certificates are valid from an hour before, for 90 days. */
  readonly now?: () => number
}

const sctList = '1.3.6.1.4.1.11129.2.4.2'
const poison = '1.3.6.1.4.1.11129.2.4.3'
const asn1Null = Uint8Array.of(5, 0)
const hour = 3_600_000

type Keys = webcrypto.CryptoKeyPair
interface Authority {
  readonly certificate: x509.X509Certificate
  readonly keys: Keys
}

export async function createCa({ keyType, intermediates, now = Date.now }: CaOptions): Promise<Ca> {
  const root = await authority(keyType, 'root', null, now())
  const issuer = intermediates === 1 ? await authority(keyType, 'intermediate', root, now()) : root
  const issuers = (issuer === root ? [root] : [issuer, root]).map(({ certificate }) => der(certificate))
  const leafKeys = await keysOf(keyType, 'leaf')
  return {
    root: der(root.certificate),
    issuers,
    async issue({ log, delivery, name = `${randomHex(6)}.example` }) {
      const template = await leafTemplate(issuer, leafKeys, name, now())
      if (delivery === 'tls') {
        const chain = [await template([]), ...issuers]
        return issued(chain, await submitted(log.addChain(chain)), null)
      }
      const precertificate = await template([new x509.Extension(poison, true, asn1Null)])
      const sct = await submitted(log.addPreChain([precertificate, ...issuers]))
      const final = await template([new x509.Extension(sctList, false, sctListValue(sct))])
      return issued([final, ...issuers], sct, precertificate)
    },
  }
}

function sctListValue(sct: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(encodeNode(tags.octetString, encodeSctList([sct])))
}

function issued(chain: readonly Uint8Array[], bytes: Uint8Array, precertificate: Uint8Array | null): Issued {
  const sct = decodeSct(bytes)
  if (!sct.ok) throw new Error(`the log answered no SCT: ${sct.detail}`)
  return { sfo: { chain, sct: sct.value }, sct: bytes, chain, precertificate }
}

async function submitted(answer: SubmitAnswer | Promise<SubmitAnswer>): Promise<Uint8Array> {
  const sct = await answer
  if (!sct.ok) throw new Error(`the log refused the chain: ${sct.detail}`)
  return sct.value
}

/** The function of the extension by which precertificate and certificate differ; it stands amid the others, as it may. */
async function leafTemplate(issuer: Authority, keys: Keys, name: string, now: number) {
  const serialNumber = randomSerial()
  const before = [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }]),
  ]
  const after = [await x509.AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey)]
  return async (between: readonly x509.Extension[]) =>
    der(
      await x509.X509CertificateGenerator.create({
        serialNumber,
        subject: `CN=${name.slice(0, 64)}`,
        issuer: issuer.certificate.subjectName,
        ...validity(now),
        publicKey: keys.publicKey,
        signingKey: issuer.keys.privateKey,
        extensions: [...before, ...between, ...after],
      }),
    )
}

async function authority(keyType: KeyType, role: Role, issuer: Authority | null, now: number): Promise<Authority> {
  const keys = await keysOf(keyType, role)
  const subject = `CN=Development ${role} ${randomHex(4)},O=Test equipment`
  const signer = issuer ?? { certificate: null, keys }
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: randomSerial(),
    subject,
    issuer: signer.certificate?.subjectName ?? subject,
    ...validity(now),
    publicKey: keys.publicKey,
    signingKey: signer.keys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ...(issuer === null ? [] : [await x509.AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey)]),
    ],
  })
  return { certificate, keys }
}

type Role = 'root' | 'intermediate' | 'leaf'
const generated = new Map<Role, Promise<Keys>>()

/** RSA keys take a while: one a role for the life of the process, whatever the CA's name. */
function keysOf(keyType: KeyType, role: Role): Promise<Keys> {
  const keys = (keyType === 'rsa-2048' && generated.get(role)) || generateKeys(keyType)
  if (keyType === 'rsa-2048') generated.set(role, keys)
  return keys
}

function generateKeys(keyType: KeyType): Promise<Keys> {
  const uses = ['sign', 'verify'] as const
  if (keyType === 'p-256') return webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, uses)
  const rsa = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: Uint8Array.of(1, 0, 1),
  }
  return webcrypto.subtle.generateKey(rsa, true, uses)
}

function validity(now: number) {
  return { notBefore: new Date(now - hour), notAfter: new Date(now + 90 * 24 * hour) }
}

function der(certificate: x509.X509Certificate): Uint8Array {
  return new Uint8Array(certificate.rawData)
}

function randomHex(byteCount: number): string {
  return toHex(webcrypto.getRandomValues(new Uint8Array(byteCount)))
}

/** 8 bytes, positive and not zero, as hex. */
function randomSerial(): string {
  return `5a${randomHex(7)}`
}
