// A small Tor network on paper: five authorities, documents signed by any of them. Keys are made once a process.
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { type TorAuthority, torAuthority } from '../../../src/adapters/conform/generate/tor-documents.ts'
import { nodeCrypto } from '../../../src/adapters/node/crypto.ts'
import type { KeyCertificate } from '../../../src/machines/tor/key-certificate.ts'

export const crypto = nodeCrypto()

/** 1024 bits: enough for a test, and made in a few milliseconds. */
const newKey = () => generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey

export const newAuthority = (name: string) => torAuthority(name, newKey(), newKey())

export const authorities: readonly TorAuthority[] = ['a', 'b', 'c', 'd', 'e'].map(newAuthority)

export const identityOf = ({ fingerprint }: TorAuthority) => fingerprint.toLowerCase()

/** What the reader of key certificates finds in an authority's, which tor-key-certificate.test.ts holds: made of its keys. */
export const certificateOf = (authority: TorAuthority): KeyCertificate => ({
  identity: identityOf(authority),
  signingKeyDigest: authority.signingKeyDigest.toLowerCase(),
  signingKey: new Uint8Array(createPublicKey(authority.signingKey).export({ type: 'spki', format: 'der' })),
  publishedAt: 0,
  expiresAt: 4_102_444_800_000,
})

/** Each byte changed in turn, in one of its bits. */
export function* flips(bytes: Uint8Array, end = bytes.length, step = 1): Generator<readonly [number, Uint8Array]> {
  for (let at = 0; at < end; at += step) {
    const flipped = bytes.slice()
    flipped[at] = (flipped[at] as number) ^ (1 << (at % 8))
    yield [at, flipped]
  }
}
