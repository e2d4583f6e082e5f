// Directory documents for vectors and tests, by the text of dir-spec: key certificates, consensuses, extension documents.
// Invariant: everything is made from names and given values; keys are deterministic and guard nothing.
import { createHash, createPublicKey, type KeyObject, privateEncrypt } from 'node:crypto'
import { toBase64, toHex } from '../../../machines/ct/bytes.ts'
import { rsaSecret } from './keys.ts'
import { joined } from './operators.ts'
import { digestOf } from './random.ts'

export interface TorAuthority {
  readonly name: string
  readonly identityKey: KeyObject
  readonly signingKey: KeyObject
  /** 40 hex digits in capitals, as in the documents. */
  readonly fingerprint: string
  readonly signingKeyDigest: string
}

export const sha1 = (bytes: Uint8Array) => new Uint8Array(createHash('sha1').update(bytes).digest())
export const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())
export const ascii = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))
const publicDer = (key: KeyObject) => new Uint8Array(createPublicKey(key).export({ type: 'pkcs1', format: 'der' }))
const capitals = (bytes: Uint8Array) => toHex(bytes).toUpperCase()

export function torAuthority(name: string, identityKey?: KeyObject, signingKey?: KeyObject): TorAuthority {
  const identity = identityKey ?? rsaSecret(`tor identity ${name}`, 1024)
  const signing = signingKey ?? rsaSecret(`tor signing ${name}`, 1024)
  return {
    name,
    identityKey: identity,
    signingKey: signing,
    fingerprint: capitals(sha1(publicDer(identity))),
    signingKeyDigest: capitals(sha1(publicDer(signing))),
  }
}

/** PKCS #1 v1.5 over the digest alone. */
export const signBare = (key: KeyObject, digest: Uint8Array) => new Uint8Array(privateEncrypt(key, digest))

export function armored(label: string, bytes: Uint8Array): string {
  const lines = toBase64(bytes).match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.map((line) => `${line}\n`).join('')}-----END ${label}-----\n`
}

export const dateOf = (at: number) => new Date(at).toISOString().slice(0, 19).replace('T', ' ')

export interface CertificateParts {
  readonly published?: number
  readonly expires?: number
  readonly version?: string
  readonly crosscertLabel?: string
  readonly crosscert?: Uint8Array
  readonly change?: (body: string) => string
  readonly signer?: KeyObject
}

export function keyCertificate(authority: TorAuthority, parts: CertificateParts = {}): string {
  const { published = 0, expires = 4_102_444_800_000, version = '3', crosscertLabel = 'ID SIGNATURE' } = parts
  const { identityKey, signingKey, fingerprint } = authority
  const crosscert = parts.crosscert ?? signBare(signingKey, sha1(publicDer(identityKey)))
  const body = [
    `dir-key-certificate-version ${version}\n`,
    `fingerprint ${fingerprint}\n`,
    `dir-key-published ${dateOf(published)}\n`,
    `dir-key-expires ${dateOf(expires)}\n`,
    `dir-identity-key\n${armored('RSA PUBLIC KEY', publicDer(identityKey))}`,
    `dir-signing-key\n${armored('RSA PUBLIC KEY', publicDer(signingKey))}`,
    `dir-key-crosscert\n${armored(crosscertLabel, crosscert)}`,
    'dir-key-certification\n',
  ].join('')
  const changed = parts.change?.(body) ?? body
  return changed + armored('SIGNATURE', signBare(parts.signer ?? identityKey, sha1(ascii(changed))))
}

export interface RelayParts {
  /** 20 bytes. */
  readonly identity: Uint8Array
  readonly flags: readonly string[]
  /** 32 bytes, or 20 in flavour ns. */
  readonly descriptor: Uint8Array
}

export interface ConsensusParts {
  readonly flavour?: 'ns' | 'microdesc'
  readonly validAfter?: number
  readonly freshUntil?: number
  readonly validUntil?: number
  readonly knownFlags?: readonly string[]
  readonly params?: Readonly<Record<string, number>>
  readonly relays?: readonly RelayParts[]
}

const unpadded = (bytes: Uint8Array) => toBase64(bytes).replace(/=+$/, '')
const hour = 3_600_000
export const torValidAfter = 1_795_651_200_000

/** Through `directory-footer` and its items: what comes before the signatures. */
export function torConsensusBody({
  flavour = 'microdesc',
  validAfter = torValidAfter,
  freshUntil = validAfter + hour,
  validUntil = validAfter + 3 * hour,
  knownFlags = ['Exit', 'Running', 'Valid'],
  params = {},
  relays = [],
}: ConsensusParts = {}): string {
  return [
    `network-status-version 3${flavour === 'ns' ? '' : ` ${flavour}`}`,
    'vote-status consensus',
    'consensus-method 35',
    `valid-after ${dateOf(validAfter)}`,
    `fresh-until ${dateOf(freshUntil)}`,
    `valid-until ${dateOf(validUntil)}`,
    'voting-delay 300 300',
    'client-versions ',
    'server-versions ',
    `known-flags ${knownFlags.join(' ')}`,
    ...(Object.keys(params).length === 0
      ? []
      : [
          `params ${Object.entries(params)
            .map((one) => one.join('='))
            .join(' ')}`,
        ]),
    'dir-source a 0123456789012345678901234567890123456789 127.0.0.1 127.0.0.1 80 443',
    'contact somebody',
    'vote-digest 0123456789012345678901234567890123456789',
    ...relays.flatMap((relay, at) => relayLines(flavour, relay, at)),
    'directory-footer',
    'bandwidth-weights Wbd=0',
    '',
  ].join('\n')
}

function relayLines(flavour: string, { identity, flags, descriptor }: RelayParts, at: number): readonly string[] {
  const digest = unpadded(descriptor)
  const names = `r relay${at} ${unpadded(identity)}${flavour === 'ns' ? ` ${digest}` : ''}`
  return [
    `${names} 2038-01-01 00:00:00 127.0.0.1 9001 0`,
    ...(flavour === 'ns' ? [] : [`m ${digest}`]),
    `s ${flags.join(' ')}`,
    'v Tor 0.4.9.11',
    'pr Conflux=1 Cons=1-2 Desc=1-4 DirCache=2 HSDir=2 HSIntro=4-5 HSRend=1-2 Link=3-5 Relay=2-6',
    'w Bandwidth=1000',
    ...(flavour === 'ns' ? ['p accept 80,443'] : []),
  ]
}

/** `algorithm` null: as an ns consensus writes it, without a name. */
export function signatureItem(authority: TorAuthority, algorithm: string | null, digest: Uint8Array): string {
  const name = algorithm === null ? '' : `${algorithm} `
  const { fingerprint, signingKeyDigest, signingKey } = authority
  return `directory-signature ${name}${fingerprint} ${signingKeyDigest}\n${armored('SIGNATURE', signBare(signingKey, digest))}`
}

export const coveredBy = (body: string) => ascii(`${body}directory-signature `)

export function signTorConsensus(body: string, authorities: readonly TorAuthority[]): string {
  const ns = !/^network-status-version 3 microdesc\n/.test(body)
  const digest = (ns ? sha1 : sha256)(coveredBy(body))
  return body + authorities.map((one) => signatureItem(one, ns ? null : 'sha256', digest)).join('')
}

export function signExtension(body: string, authorities: readonly TorAuthority[]): string {
  const digest = sha256(coveredBy(body))
  return body + authorities.map((one) => signatureItem(one, 'sha256', digest)).join('')
}

export interface MicrodescriptorParts {
  /** 32 bytes. */
  readonly identity: Uint8Array
  readonly lines?: readonly string[]
}

export function microdescriptor({ identity, lines = [] }: MicrodescriptorParts): string {
  return [
    'onion-key',
    armored('RSA PUBLIC KEY', joined(digestOf('onion key'), identity)).trimEnd(),
    `ntor-onion-key ${unpadded(digestOf('ntor'))}`,
    ...lines,
    `id ed25519 ${unpadded(identity)}`,
    '',
  ].join('\n')
}
