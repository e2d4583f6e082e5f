// The proof to be a CTR, and the certificate that it rests on [AUD-002, WIRE-008; cert-spec].
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { ctrIdOf, ctrProver, generateKey, readKey, writeKey } from '../../src/adapters/node/ctr-key.ts'
import { concat, fromHex, toBase64, toHex, uint, utf8 } from '../../src/machines/ct/bytes.ts'
import { referenceCrypto } from '../../src/machines/ct/reference-crypto.ts'
import {
  type CtrCheck,
  type CtrProofContext,
  ctrChecks,
  ctrProofMessage,
  decodeCtrProof,
  encodeCtrProof,
  maxConsensuses,
  maxProofLength,
  verifyCtrProof,
} from '../../src/machines/tor/ctr-proof.ts'
import {
  encodeDelegation,
  encodeSigningKeyCert,
  verifyDelegation,
  verifySigningKeyCert,
} from '../../src/machines/tor/ed25519-cert.ts'
import type { Auditor, Consensus, CtrId } from '../../src/machines/tor/types.ts'

const crypto = nodeCrypto()
const hour = 3_600_000
const now = 1_800_000_000_000
const identity = generateKey()
const signing = generateKey()
const ctrId = ctrIdOf(identity)
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex)
const auditor: Auditor = { auditorId: '01'.repeat(32), key: '02'.repeat(32), url: 'http://127.0.0.1:1' }
const nonce = '03'.repeat(32)

function consensus(
  ctrs: readonly CtrId[],
  validAfter = now - hour,
  digest = toHex(uint(validAfter, 8)).repeat(4),
): Consensus {
  const listed = ctrs.map((id) => ({ ctrId: id, url: 'http://127.0.0.1:2', family: [] }))
  const times = { validAfter, freshUntil: validAfter + hour, validUntil: validAfter + 3 * hour }
  return { digest, ...times, logs: [], sths: [], ctrs: listed, auditors: [auditor] }
}

const live = consensus([ctrId])
const context: CtrProofContext = { auditorKey: auditor.key, nonce, consensuses: [live], now }
const expiresAt = now + 24 * hour
const certificate = encodeSigningKeyCert(
  { signingKey: signing.publicKey, expiresAt },
  identity.publicKey,
  identity.sign,
)

/** A relay that is another one than the proofs here name. */
const stranger = generateKey()
const ofAnother = (at: number) =>
  encodeSigningKeyCert({ signingKey: stranger.publicKey, expiresAt: at }, stranger.publicKey, stranger.sign)

const delegate = generateKey()
const delegationUntil = (at: number) =>
  encodeDelegation({ signingKey: delegate.publicKey, expiresAt: at }, signing.publicKey, signing.sign)
const delegation = delegationUntil(expiresAt)
const delegated = { key: delegate, delegation }

function proofFor(
  digest: string,
  parts: {
    nonce?: string
    certificate?: Uint8Array
    delegation?: Uint8Array
    key?: typeof signing
    auditorKey?: string
  } = {},
) {
  const { key = signing, auditorKey = auditor.key } = parts
  const signature = key.sign(ctrProofMessage(auditorKey, parts.nonce ?? nonce, digest))
  return encodeCtrProof({
    nonce: parts.nonce ?? nonce,
    ctrId,
    certificate: parts.certificate ?? certificate,
    ...(parts.delegation && { delegation: parts.delegation }),
    signature,
  })
}

function check(text: string, changes: Partial<CtrProofContext> = {}): CtrCheck | null {
  const verdict = verifyCtrProof(crypto, text, { ...context, ...changes })
  expect(verdict.verdict).toBe(verdict.check === null ? 'ctr' : verdict.check === 'notListed' ? 'notCtr' : 'badProof')
  expect(verdict.ctrId).toBe(verdict.verdict === 'badProof' ? null : ctrId)
  return verdict.check
}

describe('the certificate', () => {
  const verify = (bytes: Uint8Array, at = now, by = identity.publicKey) => verifySigningKeyCert(crypto, bytes, by, at)

  test('a certificate is as cert-spec says: 140 bytes with the identity in extension 04 [WIRE-008.1]', () => {
    const hours = (Math.ceil(expiresAt / hour) >>> 0).toString(16).padStart(8, '0')
    const [key, id] = [signing.publicKey, identity.publicKey].map(toHex)
    expect(toHex(certificate.subarray(0, -64))).toBe(`0104${hours}01${key}0100200400${id}`)
    expect(certificate.length).toBe(140)
  })

  test('it verifies for its identity until its hour of expiry, and not a millisecond longer [WIRE-008.1]', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: now }), (at) => {
        const cert = encodeSigningKeyCert(
          { signingKey: signing.publicKey, expiresAt: at },
          identity.publicKey,
          identity.sign,
        )
        const end = Math.ceil(at / hour) * hour
        expect(verify(cert, end)).toEqual({ ok: true, value: { signingKey: signing.publicKey, expiresAt: end } })
        expect(verify(cert, end + 1)).toMatchObject({ error: 'expiredCertificate' })
        expect(verify(cert, end, signing.publicKey)).toMatchObject({ error: 'badCertificate' })
      }),
      { numRuns: 20 },
    )
  })

  test('one with a flipped bit, cut or longer is bad, on both signature paths [WIRE-008.1]', () => {
    fc.assert(
      fc.property(fc.nat(certificate.length * 8 - 1), (bit) => {
        const flipped = certificate.slice()
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
        for (const path of [crypto, referenceCrypto]) {
          expect(verifySigningKeyCert(path, flipped, identity.publicKey, now)).toMatchObject({
            error: 'badCertificate',
          })
        }
        expect(verify(certificate.subarray(0, bit >> 3))).toMatchObject({ error: 'badCertificate' })
      }),
    )
    expect(verify(concat(certificate, new Uint8Array(1)))).toMatchObject({ error: 'badCertificate' })
  })

  test('extensions: unknown ones pass unless they affect validation, 04 names the identity and occurs once [WIRE-008.1]', () => {
    const hours = uint(Math.ceil(expiresAt / hour), 4)
    const extension = (type: number, flags: number, data: Uint8Array) =>
      concat(uint(data.length, 2), new Uint8Array([type, flags]), data)
    const certWith = (...extensions: readonly Uint8Array[]) => {
      const head = [new Uint8Array([1, 4]), hours, new Uint8Array([1]), signing.publicKey, uint(extensions.length, 1)]
      const signed = concat(...head, ...extensions)
      return concat(signed, identity.sign(signed))
    }
    const own = extension(4, 0, identity.publicKey)
    const good = [
      [],
      [own],
      [extension(9, 0, utf8('x')), own],
      [extension(4, 1, identity.publicKey)],
      [extension(9, 0xfe, new Uint8Array(0))],
    ]
    const bad = [
      [own, own],
      [extension(4, 0, signing.publicKey)],
      [extension(4, 0, new Uint8Array(31))],
      [extension(9, 1, utf8('x'))],
    ]
    for (const extensions of good) expect(verify(certWith(...extensions))).toMatchObject({ ok: true })
    for (const extensions of bad) expect(verify(certWith(...extensions))).toMatchObject({ error: 'badCertificate' })
  })

  test('other versions, types and kinds of keys are bad, though the identity signed them [WIRE-008.1]', () => {
    for (const [at, value] of [
      [0, 2],
      [1, 5],
      [6, 2],
    ] as const) {
      const signed = certificate.slice(0, -64)
      signed[at] = value
      expect(verify(concat(signed, identity.sign(signed)))).toMatchObject({ error: 'badCertificate' })
    }
  })
})

describe('the delegation', () => {
  const verify = (bytes: Uint8Array, at = now, by = signing.publicKey) => verifyDelegation(crypto, bytes, by, at)

  test('a delegation is a certificate of type C7 that names and is signed by the signing key [WIRE-008.4]', () => {
    const hours = (Math.ceil(expiresAt / hour) >>> 0).toString(16).padStart(8, '0')
    const [key, by] = [delegate.publicKey, signing.publicKey].map(toHex)
    expect(toHex(delegation.subarray(0, -64))).toBe(`01c7${hours}01${key}0100200400${by}`)
    expect(verify(delegation, expiresAt)).toEqual({ ok: true, value: { signingKey: delegate.publicKey, expiresAt } })
    expect(verify(delegation, expiresAt + 1)).toMatchObject({ error: 'expiredDelegation' })
  })

  test('neither kind of certificate passes for the other, and one of another signer passes for none [WIRE-008.4]', () => {
    expect(verify(certificate, now, identity.publicKey)).toMatchObject({ error: 'badDelegation' })
    expect(verifySigningKeyCert(crypto, delegation, signing.publicKey, now)).toMatchObject({ error: 'badCertificate' })
    expect(verify(delegation, now, identity.publicKey)).toMatchObject({ error: 'badDelegation' })
  })

  test('one with a flipped bit, or cut, is bad [WIRE-008.4]', () => {
    fc.assert(
      fc.property(fc.nat(delegation.length * 8 - 1), (bit) => {
        const flipped = delegation.slice()
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
        expect(verify(flipped)).toMatchObject({ error: 'badDelegation' })
        expect(verify(delegation.subarray(0, bit >> 3))).toMatchObject({ error: 'badDelegation' })
      }),
    )
  })
})

describe('the proof', () => {
  test('what is encoded decodes to itself, and from base64 of nothing else [WIRE-008.1]', () => {
    const bytes = fc.uint8Array({ maxLength: 300 })
    const signature = fc.uint8Array({ minLength: 64, maxLength: 64 })
    const parts = { nonce: hash, ctrId: hash, certificate: bytes, signature }
    const delegation = fc.uint8Array({ minLength: 1, maxLength: 300 })
    const proofs = fc.oneof(fc.record(parts), fc.record({ ...parts, delegation }))
    fc.assert(
      fc.property(proofs, (proof) => {
        const text = encodeCtrProof(proof)
        expect(decodeCtrProof(text)).toEqual(proof)
        for (const bad of [` ${text}`, `${text}\n`, text.slice(1)]) expect(decodeCtrProof(bad)).toBeNull()
        // Bytes more or less may be another proof; then they are that one's only spelling.
        for (const other of [text.slice(0, -4), `${text}AAAA`]) {
          const decoded = decodeCtrProof(other)
          if (decoded !== null) expect(encodeCtrProof(decoded)).toBe(other)
        }
      }),
    )
    for (const text of [proofFor(live.digest), proofFor(live.digest, delegated)]) {
      const bytes = new Uint8Array(Buffer.from(text, 'base64'))
      for (const n of [1, 2, 3, 63, 64, 65, 66, 67]) {
        expect(decodeCtrProof(toBase64(bytes.subarray(0, -n))), `${n} less`).toBeNull()
        expect(decodeCtrProof(toBase64(concat(bytes, new Uint8Array(n).fill(0xff)))), `${n} more`).toBeNull()
      }
    }
    expect(decodeCtrProof('')).toBeNull()
    const cutCertificate = concat(fromHex(nonce), fromHex(ctrId), new Uint8Array(64).fill(0xff))
    expect(decodeCtrProof(toBase64(cutCertificate))).toBeNull()
    const empty = { nonce, ctrId, certificate, delegation: new Uint8Array(), signature: new Uint8Array(64) }
    expect(decodeCtrProof(encodeCtrProof(empty))).toBeNull()
    const sized = (length: number) =>
      encodeCtrProof({ nonce, ctrId, certificate: new Uint8Array(length), signature: new Uint8Array(64) })
    expect(sized(1406).length).toBe(maxProofLength)
    expect(decodeCtrProof(sized(1406))).not.toBeNull()
    expect(decodeCtrProof(sized(1407))).toBeNull()
  })

  test('the message is domain, auditor key, nonce and digest [WIRE-008.2]', () => {
    expect(toHex(ctrProofMessage(auditor.key, nonce, live.digest))).toBe(
      `${toHex(utf8('ctor CTR authentication v1\0'))}${auditor.key}${nonce}${live.digest}`,
    )
  })

  test('a CTR’s proof is taken, on both signature paths [AUD-002.2]', () => {
    expect(check(proofFor(live.digest))).toBeNull()
    expect(verifyCtrProof(referenceCrypto, proofFor(live.digest), context)).toEqual({
      verdict: 'ctr',
      ctrId,
      check: null,
    })
  })

  test('a proof of the daemon’s own key is taken with its delegation, and not without [WIRE-008.3]', () => {
    expect(check(proofFor(live.digest, delegated))).toBeNull()
    expect(check(proofFor(live.digest, { key: delegate }))).toBe('badSignature')
    expect(check(proofFor(live.digest, { delegation }))).toBe('badSignature')
    expect(check(proofFor(live.digest, delegated), { consensuses: [consensus([])] })).toBe('notListed')
  })

  test('a proof with one flipped bit is none [AUD-002.2]', () => {
    const both = [proofFor(live.digest), proofFor(live.digest, delegated)].map((text) => Buffer.from(text, 'base64'))
    fc.assert(
      fc.property(fc.constantFrom(...both), fc.nat(), (bytes, n) => {
        const flipped = new Uint8Array(bytes)
        const bit = n % (bytes.length * 8)
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
        expect(verifyCtrProof(crypto, toBase64(flipped), context).verdict).toBe('badProof')
      }),
      { numRuns: 300 },
    )
  })

  test('each check that fails is named [AUD-002.2]', () => {
    const expired = encodeSigningKeyCert(
      { signingKey: signing.publicKey, expiresAt: now - hour },
      identity.publicKey,
      identity.sign,
    )
    const selfMade = encodeSigningKeyCert(
      { signingKey: signing.publicKey, expiresAt },
      identity.publicKey,
      signing.sign,
    )
    const good = proofFor(live.digest)
    const another = { ...auditor, key: '05'.repeat(32) }
    const withAnother = { ...live, auditors: [auditor, another] }
    const failures: readonly [CtrCheck, string, Partial<CtrProofContext>][] = [
      ['malformed', 'AAAA', {}],
      ['otherNonce', good, { nonce: '04'.repeat(32) }],
      ['badCertificate', proofFor(live.digest, { certificate: selfMade }), {}],
      ['wrongRelay', proofFor(live.digest, { certificate: ofAnother(expiresAt) }), {}],
      ['expiredCertificate', proofFor(live.digest, { certificate: expired }), {}],
      ['badDelegation', proofFor(live.digest, { ...delegated, delegation: certificate }), {}],
      ['expiredDelegation', proofFor(live.digest, { ...delegated, delegation: delegationUntil(now - hour) }), {}],
      ['expiredCertificate', proofFor(live.digest, { ...delegated, certificate: expired }), {}],
      ['badSignature', proofFor(live.digest, { key: identity }), {}],
      ['otherAuditor', proofFor(live.digest, { auditorKey: another.key }), { consensuses: [withAnother] }],
      ['staleConsensus', good, { now: live.validUntil + 3 * hour }],
      ['badSignature', proofFor(live.digest, { auditorKey: '05'.repeat(32) }), {}],
      ['badSignature', proofFor('06'.repeat(32)), {}],
      ['badSignature', good, { consensuses: [] }],
      ['notListed', good, { consensuses: [{ ...live, ctrs: [] }] }],
      ['notListed', good, { consensuses: [consensus(['07'.repeat(32)])] }],
    ]
    for (const [wanted, text, changes] of failures) expect(check(text, changes), wanted).toBe(wanted)
    expect(new Set(failures.map(([wanted]) => wanted))).toEqual(new Set(Object.keys(ctrChecks)))
  })

  test('another relay’s genuine certificate is wrongRelay, expired or not, and whatever follows it; any other one is bad [WIRE-008.5]', () => {
    for (const at of [expiresAt, now - hour]) {
      const own = { certificate: ofAnother(at), key: stranger }
      expect(check(proofFor(live.digest, own))).toBe('wrongRelay')
      expect(check(proofFor('06'.repeat(32), { ...own, delegation: certificate }))).toBe('wrongRelay')
      expect(check(proofFor(live.digest, own), { consensuses: [] })).toBe('wrongRelay')
    }
    const flipped = fc.nat(certificate.length * 8 - 1).map((bit) => {
      const bytes = ofAnother(expiresAt).slice()
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7))
      return bytes
    })
    const named = (by: typeof signing, of: typeof signing) =>
      encodeSigningKeyCert({ signingKey: signing.publicKey, expiresAt }, of.publicKey, by.sign)
    const nameless = concat(certificate.slice(0, 39), new Uint8Array([0]))
    const neither = [
      named(identity, stranger),
      named(stranger, identity),
      named(signing, stranger),
      concat(nameless, stranger.sign(nameless)),
      named(stranger, { ...stranger, publicKey: stranger.publicKey.subarray(1) }),
      named(stranger, { ...stranger, publicKey: concat(stranger.publicKey, new Uint8Array(1)) }),
      encodeDelegation({ signingKey: signing.publicKey, expiresAt }, stranger.publicKey, stranger.sign),
    ]
    fc.assert(
      fc.property(fc.oneof(flipped, fc.constantFrom(...neither)), (bytes) => {
        expect(check(proofFor(live.digest, { certificate: bytes }))).toBe('badCertificate')
      }),
    )
  })

  test('a consensus serves from its valid-after until 3 h after its valid-until [AUD-002.2, CONS-001.2]', () => {
    const text = proofFor(live.digest)
    const { validAfter, validUntil } = live
    for (const [at, wanted] of [
      [validAfter - 1, 'badSignature'],
      [validAfter, null],
      [validUntil, null],
      [validUntil + 3 * hour - 1, null],
      [validUntil + 3 * hour, 'staleConsensus'],
    ] as const) {
      expect(check(text, { now: at }), `${at - validAfter}`).toBe(wanted)
    }
  })

  test('of stale consensuses the newest eight are tried, whatever is live beside them, and no future one [WIRE-008.5]', () => {
    const history = Array.from({ length: maxConsensuses + 1 }, (_, i) => consensus([ctrId], now - 9 * hour + i * 1000))
    const [oldest, second] = history as [Consensus, Consensus]
    const future = consensus([ctrId], now + 1)
    for (const consensuses of [history, [...history].reverse(), [...history, live], [future, ...history]]) {
      expect(check(proofFor(oldest.digest), { consensuses })).toBe('badSignature')
      expect(check(proofFor(second.digest), { consensuses })).toBe('staleConsensus')
    }
    expect(check(proofFor(future.digest), { consensuses: [future, live] })).toBe('badSignature')
    expect(check(proofFor(second.digest, { auditorKey: '05'.repeat(32) }), { consensuses: history })).toBe(
      'badSignature',
    )
  })

  test('of other auditors the first eight of the newest consensus that serves are tried [WIRE-008.5]', () => {
    const keys = Array.from({ length: maxConsensuses + 1 }, (_, i) => toHex(uint(i + 1, 4)).repeat(8))
    const auditors = [auditor, ...keys.map((key) => ({ ...auditor, key }))]
    const newest = { ...consensus([ctrId], now - 1), auditors }
    const signedFor = (at: number, digest = newest.digest) => proofFor(digest, { auditorKey: keys[at] as string })
    const consensuses = [live, newest, consensus([ctrId], now + 1)]
    for (const [at, wanted] of [
      [0, 'otherAuditor'],
      [maxConsensuses - 1, 'otherAuditor'],
      [maxConsensuses, 'badSignature'],
    ] as const) {
      expect(check(signedFor(at), { consensuses }), `${at}`).toBe(wanted)
    }
    expect(check(signedFor(0, live.digest), { consensuses: [{ ...live, auditors }, newest] })).toBe('badSignature')
    expect(check(signedFor(0), { consensuses: [] })).toBe('badSignature')
  })

  test('a relay that only an older consensus lists is taken by that one, and by the newest eight only [AUD-002.2]', () => {
    const history = Array.from({ length: maxConsensuses + 1 }, (_, i) =>
      consensus(i === 0 ? [ctrId] : [], now - hour + i * 1000),
    )
    const [oldest, second] = history as [Consensus, Consensus]
    expect(check(proofFor(oldest.digest), { consensuses: history.slice(0, maxConsensuses) })).toBeNull()
    expect(check(proofFor(oldest.digest), { consensuses: history })).toBe('badSignature')
    expect(check(proofFor(second.digest), { consensuses: history })).toBe('notListed')
  })
})

describe('the prover', () => {
  test('its proofs are taken for years, with certificates that it renews in time [AUD-002.2]', () => {
    let at = now
    const prove = ctrProver({ identity, clock: { now: () => at }, consensusDigest: () => live.digest })
    const certificates = new Set<string>()
    for (const days of [0, 1, 14, 15, 1, 29, 30, 31, 400, -300]) {
      at += days * 24 * hour
      const text = prove(auditor, nonce) as string
      const consensuses = [{ ...live, validAfter: at - 1, validUntil: at + 1 }]
      expect(check(text, { now: at, consensuses }), `${days}`).toBeNull()
      certificates.add(toHex(decodeCtrProof(text)?.certificate ?? fromHex('')))
    }
    // One for the first 15 days, one from day 30 to 31, then a new one each time; at last the clock goes back.
    expect(certificates.size).toBe(7)
  })

  test('it proves nothing while there is no consensus to name [AUD-002.2]', () => {
    expect(ctrProver({ identity, clock: { now: () => now }, consensusDigest: () => null })(auditor, nonce)).toBeNull()
  })

  test('a key file is read back, is its owner’s alone, and is never overwritten [WIRE-008.1]', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ctor-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const path = join(folder, 'key.pem')
    expect(await readKey(path)).toMatchObject({ error: 'unreadable' })
    expect(await writeKey(path, identity)).toMatchObject({ ok: true })
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    const read = await readKey(path)
    expect(read.ok && read.value.publicKey).toEqual(identity.publicKey)
    expect(read.ok && read.value.sign(utf8('m'))).toEqual(identity.sign(utf8('m')))
    expect(await writeKey(path, signing)).toMatchObject({ error: 'unwritable' })
    await writeFile(join(folder, 'other.pem'), identity.pem.replace('PRIVATE', 'PUBLIC'))
    expect(await readKey(join(folder, 'other.pem'))).toMatchObject({ error: 'notEd25519' })
  })
})
