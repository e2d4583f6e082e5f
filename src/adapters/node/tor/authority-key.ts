// A directory authority's medium-term signing key, as tor-gencert leaves it in tor's `keys` folder [dir-spec 1.3, CONS-005.1].
// Invariant: a key is used only where its own certificate fits it; the identity key is never touched.
import { createHash, createPrivateKey, createPublicKey, type KeyObject, privateEncrypt } from 'node:crypto'
import { join } from 'node:path'
import type { Crypto, Result } from '../../../machines/ct/types.ts'
import { certificateLimits, type KeyCertificate, readKeyCertificate } from '../../../machines/tor/key-certificate.ts'
import { readBounded } from '../bounded-file.ts'

export interface AuthorityKey {
  readonly certificate: KeyCertificate
  /** `digest`: SHA-256 of what is signed. The `directory-signature` item, object and all. */
  readonly signatureItem: (digest: Uint8Array) => string
}

export type AuthorityKeyError = 'unreadable' | 'badKey' | 'badCertificate' | 'otherKey'

/** `folder`: with `authority_signing_key` and `authority_certificate`. */
export async function readAuthorityKey(
  crypto: Crypto,
  folder: string,
): Promise<Result<AuthorityKey, AuthorityKeyError>> {
  const [keyFile, certificateFile] = ['authority_signing_key', 'authority_certificate'].map((name) =>
    join(folder, name),
  )
  const [pem, text] = await Promise.all([keyFile, certificateFile].map((path) => readBounded(path ?? '', limit)))
  if (pem?.kind !== 'ok' || text?.kind !== 'ok')
    return refuse('unreadable', `${folder}: no signing key and certificate`)
  const certificate = readKeyCertificate(crypto, text.value)
  if (!certificate.ok) return refuse('badCertificate', `${certificateFile}: ${certificate.detail}`)
  const key = privateKey(Buffer.from(pem.value).toString('latin1'))
  if (key === null) return refuse('badKey', `${keyFile}: no RSA private key in PEM without passphrase`)
  if (signingKeyDigest(key) !== certificate.value.signingKeyDigest) {
    return refuse('otherKey', `${keyFile}: not the key that the certificate is for`)
  }
  return {
    ok: true,
    value: { certificate: certificate.value, signatureItem: (digest) => item(key, certificate.value, digest) },
  }
}

const limit = certificateLimits.documentBytes

function privateKey(pem: string): KeyObject | null {
  try {
    const key = createPrivateKey(pem)
    return key.asymmetricKeyType === 'rsa' ? key : null
  } catch {
    return null
  }
}

function signingKeyDigest(key: KeyObject): string {
  const der = createPublicKey(key).export({ type: 'pkcs1', format: 'der' })
  return createHash('sha1').update(der).digest('hex')
}

function item(key: KeyObject, { identity, signingKeyDigest }: KeyCertificate, digest: Uint8Array): string {
  const lines =
    privateEncrypt(key, digest)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  const names = `${identity.toUpperCase()} ${signingKeyDigest.toUpperCase()}`
  return `directory-signature sha256 ${names}\n-----BEGIN SIGNATURE-----\n${lines.join('\n')}\n-----END SIGNATURE-----\n`
}

function refuse(error: AuthorityKeyError, detail: string): Result<never, AuthorityKeyError> {
  return { ok: false, error, detail }
}
