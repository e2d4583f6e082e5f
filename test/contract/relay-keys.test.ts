// A relay's own keys as tor's key folder holds them, delegation to a daemon's key, and what proves to be a CTR with either [WIRE-008, AUD-002].
import { createHash, createPrivateKey, createPublicKey, sign as nodeSign, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { ctrIdentity } from '../../src/adapters/node/ctr-identity.ts'
import { generateKey, writeKey } from '../../src/adapters/node/ctr-key.ts'
import { delegate, readDelegation, writeDelegation } from '../../src/adapters/node/tor/delegation.ts'
import { expandedKey, readRelaySigningKey } from '../../src/adapters/node/tor/relay-keys.ts'
import { concat, fromHex, toHex, utf8 } from '../../src/machines/ct/bytes.ts'
import { ed25519Spki } from '../../src/machines/ct/public-key.ts'
import { verifyCtrProof } from '../../src/machines/tor/ctr-proof.ts'
import { encodeSigningKeyCert } from '../../src/machines/tor/ed25519-cert.ts'

const crypto = nodeCrypto()
const hour = 3_600_000
const start = 1_800_000_000_000
const folder = mkdtempSync(join(tmpdir(), 'ctor-keys-'))
const auditor = { auditorId: '01'.repeat(32), key: '02'.repeat(32), url: 'http://127.0.0.1:1' }
const nonce = '03'.repeat(32)
const digest = '04'.repeat(32)

afterAll(() => rmSync(folder, { recursive: true }))

/** RFC 8032 5.1.5: what tor keeps of a seed. */
function expand(seed: Uint8Array): Uint8Array {
  const hash = new Uint8Array(createHash('sha512').update(seed).digest())
  hash[0] = (hash[0] as number) & 0xf8
  hash[31] = ((hash[31] as number) & 0x7f) | 0x40
  return hash
}

function tagged(tag: string, content: Uint8Array): Uint8Array {
  return concat(utf8(tag.padEnd(32, '\0')), content)
}

/** As tor's `datadir/keys`, with a signing key that ends at `expiresAt`. */
function writeTorKeys(name: string, identity: ReturnType<typeof generateKey>, expiresAt: number): string {
  const at = join(folder, name)
  const expanded = expand(randomBytes(32))
  const cert = { signingKey: expandedKey(expanded).publicKey, expiresAt }
  const certificate = encodeSigningKeyCert(cert, identity.publicKey, identity.sign)
  mkdirSync(at, { recursive: true })
  writeFileSync(join(at, 'ed25519_signing_secret_key'), tagged('== ed25519v1-secret: type4 ==', expanded))
  writeFileSync(join(at, 'ed25519_signing_cert'), tagged('== ed25519v1-cert: type4 ==', certificate))
  return at
}

function verdictOf(proof: string | null, ctrId: string, now: number) {
  const times = { validAfter: now - 1, freshUntil: now + hour, validUntil: now + hour }
  const ctrs = [{ ctrId, url: 'http://127.0.0.1:1', family: [] }]
  const consensus = { digest, ...times, logs: [], sths: [], ctrs, auditors: [] }
  return verifyCtrProof(crypto, proof ?? '', { auditorKey: auditor.key, nonce, consensuses: [consensus], now })
}

test('an expanded key has the public key and makes the signatures of the seed that it came from [WIRE-008.2]', () => {
  const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 })
  fc.assert(
    fc.property(bytes, fc.uint8Array({ maxLength: 200 }), (seed, message) => {
      const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
      const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
      const spki = new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }))
      const expanded = expandedKey(expand(seed))
      expect(ed25519Spki(expanded.publicKey)).toEqual(spki)
      expect(toHex(expanded.sign(message))).toBe(nodeSign(null, message, key).toString('hex'))
    }),
    { numRuns: 30 },
  )
})

test('a relay proves itself with its own keys, read anew when tor has renewed them [WIRE-008.2, AUD-002.2]', async () => {
  const identity = generateKey()
  const clock = { at: start, now: () => clock.at }
  const at = writeTorKeys('relay', identity, start + 24 * hour)
  const relay = await ctrIdentity({ torKeys: at }, crypto, clock)
  if (!relay.ok) throw new Error(relay.detail)
  expect(relay.value).toMatchObject({ ctrId: toHex(identity.publicKey), expiresAt: start + 24 * hour })
  const prove = relay.value.prover(() => digest)
  expect(verdictOf(prove(auditor, nonce), relay.value.ctrId, start).check).toBeNull()
  clock.at = start + 24 * hour + 1
  expect(prove(auditor, nonce)).toBeNull()
  writeTorKeys('relay', identity, start + 72 * hour)
  expect(verdictOf(prove(auditor, nonce), relay.value.ctrId, clock.at).check).toBeNull()
  writeTorKeys('relay', generateKey(), start + 72 * hour)
  expect(prove(auditor, nonce)).toBeNull()
  expect(relay.value.prover(() => null)(auditor, nonce)).toBeNull()
})

test('key files that are missing, cut, of another kind, expired or not a pair are each said to be [WIRE-008]', () => {
  const identity = generateKey()
  const at = writeTorKeys('bad', identity, start)
  const read = (now = start) => readRelaySigningKey(crypto, at, now)
  expect(read()).toMatchObject({ ok: true })
  expect(read(start + 1)).toMatchObject({ error: 'expiredCertificate' })
  expect(readRelaySigningKey(crypto, join(folder, 'none'), start)).toMatchObject({ error: 'unreadable' })
  const secret = join(at, 'ed25519_signing_secret_key')
  writeFileSync(secret, tagged('== ed25519v1-secret: type4 ==', expand(randomBytes(32))))
  expect(read()).toMatchObject({ error: 'otherKey' })
  writeFileSync(secret, tagged('== ed25519v1-secret: type4 ==', new Uint8Array(63)))
  expect(read()).toMatchObject({ error: 'badKeyFile' })
  writeFileSync(secret, tagged('== ed25519v1-public: type0 ==', new Uint8Array(64)))
  expect(read()).toMatchObject({ error: 'badKeyFile' })
  const other = writeTorKeys('bad-cert', identity, start)
  writeFileSync(join(other, 'ed25519_signing_cert'), tagged('== ed25519v1-cert: type4 ==', new Uint8Array(140)))
  expect(readRelaySigningKey(crypto, other, start)).toMatchObject({ error: 'badCertificate' })
})

test('a daemon proves itself with its own key and the delegation, renewed without a restart [WIRE-008.3, WIRE-008.4]', async () => {
  const identity = generateKey()
  const own = generateKey()
  const keyPath = join(folder, 'own.key')
  await writeKey(keyPath, own)
  const torKeys = writeTorKeys('delegating', identity, start + 72 * hour)
  const signing = readRelaySigningKey(crypto, torKeys, start)
  if (!signing.ok) throw new Error(signing.detail)
  const path = join(folder, 'delegation')
  await writeDelegation(path, delegate(signing.value, own.publicKey, start + 24 * hour))
  const clock = { at: start, now: () => clock.at }
  const daemon = await ctrIdentity({ path: keyPath, delegation: path }, crypto, clock)
  if (!daemon.ok) throw new Error(daemon.detail)
  expect(daemon.value).toMatchObject({ ctrId: toHex(identity.publicKey), expiresAt: start + 24 * hour })
  const prove = daemon.value.prover(() => digest)
  const proof = prove(auditor, nonce)
  expect(verdictOf(proof, daemon.value.ctrId, start).check).toBeNull()
  expect(verdictOf(proof, '05'.repeat(32), start).check).toBe('notListed')
  clock.at = start + 24 * hour + 1
  expect(prove(auditor, nonce)).toBeNull()
  expect(verdictOf(proof, daemon.value.ctrId, clock.at).check).toBe('expiredDelegation')
  await writeDelegation(path, delegate(signing.value, own.publicKey, start + 200 * hour))
  expect(verdictOf(prove(auditor, nonce), daemon.value.ctrId, clock.at).check).toBeNull()
  // It ends with the certificate that it hangs on.
  expect(readDelegation(crypto, path, own.publicKey, start)).toMatchObject({ value: { expiresAt: start + 72 * hour } })
})

test('a delegation that is for another key, expired, forged or no such file is refused with its code [WIRE-008.4]', async () => {
  const identity = generateKey()
  const own = generateKey()
  const torKeys = writeTorKeys('refusing', identity, start + 72 * hour)
  const signing = readRelaySigningKey(crypto, torKeys, start)
  if (!signing.ok) throw new Error(signing.detail)
  const path = join(folder, 'refused')
  const made = delegate(signing.value, own.publicKey, start + hour)
  const read = (now = start, key = own.publicKey) => readDelegation(crypto, path, key, now)
  expect(read()).toMatchObject({ error: 'unreadable' })
  await writeDelegation(path, made)
  expect(read()).toMatchObject({ ok: true })
  expect(read(start, identity.publicKey)).toMatchObject({ error: 'otherKey' })
  expect(read(start + hour + 1)).toMatchObject({ error: 'expiredDelegation' })
  expect(read(start + 72 * hour + 1)).toMatchObject({ error: 'expiredCertificate' })
  await writeDelegation(path, { ...made, ctrId: '06'.repeat(32) })
  expect(read()).toMatchObject({ error: 'badCertificate' })
  await writeDelegation(path, { ...made, delegation: made.certificate })
  expect(read()).toMatchObject({ error: 'badDelegation' })
  for (const text of ['', '{}', '[]', '{"version":2}']) {
    writeFileSync(path, text)
    expect(read()).toMatchObject({ error: 'badFile' })
  }
  expect(fromHex(made.ctrId)).toEqual(identity.publicKey)
})
