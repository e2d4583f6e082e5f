// Key certificates of directory authorities.
import { describe, expect, test } from 'vitest'
import {
  ascii,
  type CertificateParts,
  keyCertificate,
  sha1,
  signBare,
} from '../../src/adapters/conform/generate/tor-documents.ts'
import { fromHex, toHex } from '../../src/machines/ct/bytes.ts'
import { referenceCrypto } from '../../src/machines/ct/reference-crypto.ts'
import {
  type CertificateError,
  certificateErrors,
  certificateLimits,
  isCurrent,
  readKeyCertificate,
  readKeyCertificates,
} from '../../src/machines/tor/key-certificate.ts'
import { authorities, certificateOf, crypto, flips, identityOf } from './arbitraries/tor.ts'

const [a, b] = authorities as [(typeof authorities)[0], (typeof authorities)[0]]
const times = { published: 1_000_000_000_000, expires: 1_100_000_000_000 }
const right = keyCertificate(a, times)

function errorOf(text: string): CertificateError | 'none' {
  const read = readKeyCertificate(crypto, ascii(text))
  if (!read.ok) expect(read.detail).toBe(certificateErrors[read.error])
  return read.ok ? 'none' : read.error
}

test('a certificate says who certified which key, and when, on both paths [CONS-003.1, CONS-003.2]', () => {
  for (const by of [crypto, referenceCrypto]) {
    const read = readKeyCertificate(by, ascii(right))
    if (!read.ok) expect.unreachable()
    expect(read.value).toMatchObject({
      identity: identityOf(a),
      signingKeyDigest: a.signingKeyDigest.toLowerCase(),
      publishedAt: times.published,
      expiresAt: times.expires,
    })
    expect(readKeyCertificate(by, ascii(keyCertificate(b)))).toEqual({ ok: true, value: certificateOf(b) })
    const digest = sha1(ascii('x'))
    expect(crypto.verify(read.value.signingKey, 'rsa-pkcs1-bare', digest, signBare(a.signingKey, digest))).toBe(true)
  }
})

test('both labels of the cross certificate are taken, and items that are unknown passed over [CONS-003.1, CONS-003.2]', () => {
  expect(errorOf(keyCertificate(a, { crosscertLabel: 'SIGNATURE' }))).toBe('none')
  const more = (body: string) =>
    body.replace('fingerprint', 'dir-address 127.0.0.1:80\nnew-thing\nnew-thing\nfingerprint')
  expect(errorOf(keyCertificate(a, { change: more }))).toBe('none')
  expect(errorOf(keyCertificate(a, { change: (body) => body.replace(a.fingerprint, identityOf(a)) }))).toBe('none')
})

test('what is signed goes through the newline of dir-key-certification, whatever stands behind the keyword [CONS-003.2]', () => {
  const more = (body: string) => body.replace('dir-key-certification\n', 'dir-key-certification more words\n')
  expect(errorOf(keyCertificate(a, { change: more }))).toBe('none')
  expect(errorOf(more(right))).toBe('badCertification')
})

test('no byte of a certificate can be another one [CONS-003.2]', () => {
  const bytes = ascii(right)
  for (const [at, flipped] of flips(bytes)) {
    const read = readKeyCertificate(crypto, flipped)
    expect(read.ok, `byte ${at}: ${JSON.stringify(right.slice(at - 5, at + 5))}`).toBe(false)
  }
})

describe('each fault has its own error', () => {
  const changed = (from: string | RegExp, to: string): CertificateParts => ({
    ...times,
    change: (body) => {
      expect(body.replace(from, to)).not.toBe(body)
      return body.replace(from, to)
    },
  })
  const once = (line: RegExp) => changed(line, '$&$&')
  const bad: readonly CertificateParts[] = [
    { version: '4' },
    { version: '' },
    changed('dir-key-certificate-version', 'new-thing\ndir-key-certificate-version'),
    changed(/fingerprint .*\n/, ''),
    once(/fingerprint .*\n/),
    changed(/dir-key-published .*\n/, ''),
    changed(/dir-key-expires .*\n/, ''),
    changed(/dir-key-published .*\n/, 'dir-key-published 2026-02-30 00:00:00\n'),
    changed(/dir-key-expires .*\n/, 'dir-key-expires never\n'),
    once(/dir-key-expires .*\n/),
    changed(/dir-identity-key\n/, 'dir-identity-key\ndir-identity-key\n'),
    changed(/dir-identity-key\n/, 'identity\n'),
    changed(/dir-signing-key\n/, 'dir-signing-key\nnew\n'),
    changed(/dir-signing-key\n-----BEGIN RSA PUBLIC KEY-----/, 'dir-signing-key\n-----BEGIN PUBLIC KEY-----'),
    changed(/(dir-signing-key\n)([\s\S]*)(RSA PUBLIC KEY)([\s\S]*)\3/, '$1$2PUBLIC KEY$4PUBLIC KEY'),
    changed(/(dir-identity-key\n-----BEGIN )RSA PUBLIC KEY([\s\S]*?)RSA PUBLIC KEY/, '$1PUBLIC KEY$2PUBLIC KEY'),
    { crosscertLabel: 'OTHER SIGNATURE' },
    changed('dir-key-crosscert', 'dir-key-crosscert\ndir-key-crosscert'),
    changed('dir-key-certification', 'dir-key-certification\nnew-thing'),
  ]
  test.each([...bad.entries()])('fault %i of form [CONS-003.1]', (_, parts) => {
    expect(errorOf(keyCertificate(a, parts))).toBe('badKeyCertificate')
  })

  test('a certificate with another label on its signature, cut, or with an item after it, has none of the form [CONS-003.1]', () => {
    const at = right.lastIndexOf('-----BEGIN SIGNATURE')
    expect(errorOf(right.slice(0, at) + right.slice(at).replaceAll('SIGNATURE', 'ID SIGNATURE'))).toBe(
      'badKeyCertificate',
    )
    expect(errorOf(right.slice(0, at))).toBe('badKeyCertificate')
    expect(errorOf(`${right}more\n`)).toBe('badKeyCertificate')
    const many = (count: number) =>
      keyCertificate(a, { change: (body) => body.replace('fingerprint', `${'x\n'.repeat(count)}fingerprint`) })
    expect(errorOf(many(certificateLimits.items - 8))).toBe('none')
    expect(errorOf(many(certificateLimits.items - 7))).toBe('badKeyCertificate')
  })

  test('another fingerprint, a signing key or an identity that did not sign [CONS-003.1, CONS-003.2]', () => {
    expect(errorOf(keyCertificate(a, changed(a.fingerprint, b.fingerprint)))).toBe('otherFingerprint')
    expect(errorOf(keyCertificate(a, changed(/fingerprint .*/, 'fingerprint')))).toBe('otherFingerprint')
    expect(errorOf(keyCertificate(a, { crosscert: signBare(b.signingKey, sha1(ascii('x'))) }))).toBe('badCrosscert')
    const identity = fromHex(identityOf(a))
    expect(errorOf(keyCertificate(a, { crosscert: signBare(a.signingKey, identity) }))).toBe('none')
    expect(errorOf(keyCertificate(a, { crosscert: signBare(b.signingKey, identity) }))).toBe('badCrosscert')
    expect(errorOf(keyCertificate(a, { crosscert: signBare(a.signingKey, fromHex(identityOf(b))) }))).toBe(
      'badCrosscert',
    )
    expect(errorOf(keyCertificate(a, { signer: b.identityKey }))).toBe('badCertification')
    expect(errorOf(keyCertificate(a, { signer: a.signingKey }))).toBe('badCertification')
  })
})

test('a certificate counts from its publication until its expiry [CONS-003.3]', () => {
  const read = readKeyCertificate(crypto, ascii(right))
  if (!read.ok) expect.unreachable()
  const current = (at: number) => isCurrent(read.value, at)
  expect([times.published - 1, times.published, times.expires - 1, times.expires].map(current)).toEqual([
    false,
    true,
    true,
    false,
  ])
})

describe('a document of many', () => {
  const identities = (text: string) =>
    readKeyCertificates(crypto, ascii(text))?.map((one) => (one.ok ? one.value.identity : one.error))

  test('each is judged by itself [CONS-003.4]', () => {
    const bad = keyCertificate(b, { signer: a.identityKey })
    expect(identities(right + bad + keyCertificate(b))).toEqual([identityOf(a), 'badCertification', identityOf(b)])
    expect(identities(right)).toEqual([identityOf(a)])
    const inside = (body: string) => body.replace('fingerprint', 'new dir-key-certificate-version 3\nfingerprint')
    expect(identities(keyCertificate(a, { change: inside }))).toEqual([identityOf(a)])
  })

  test('one begins behind a line feed, and behind nothing else [CONS-003.4]', () => {
    const read = readKeyCertificates(crypto, ascii(`${right}x\r${right}`))
    expect(read).toMatchObject([{ error: 'badKeyCertificate' }])
    expect(readKeyCertificates(crypto, ascii(right + right))).toMatchObject([{ ok: true }, { ok: true }])
  })

  test('it begins with one, and has no more and is no longer than the limits [CONS-003.4]', () => {
    expect(identities('')).toBeUndefined()
    expect(identities(`x\n${right}`)).toBeUndefined()
    const bare = 'dir-key-certificate-version 3\n'
    expect(identities(bare.repeat(certificateLimits.certificates))).toHaveLength(certificateLimits.certificates)
    expect(identities(bare.repeat(certificateLimits.certificates + 1))).toBeUndefined()
    const long = `${right}x ${'y'.repeat(certificateLimits.documentBytes - right.length - 3)}\n`
    expect(long.length).toBe(certificateLimits.documentBytes)
    expect(identities(long)).toEqual(['badKeyCertificate'])
    expect(identities(`${long}\n`)).toBeUndefined()
    expect(identities(right.replace('dir-key-certificate-version 3', 'dir-key-certificate-version'))).toBeUndefined()
  })
})

test('a fingerprint is the SHA-1 of the key as DER [CONS-003.1]', () => {
  expect(toHex(sha1(new Uint8Array(a.identityKey.export({ type: 'pkcs1', format: 'der' }))))).not.toBe(identityOf(a))
  expect(identityOf(a)).toMatch(/^[0-9a-f]{40}$/)
})
