// What a valid SFO is: a known log's signature over exactly these bytes, and a chain that holds up to its end.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { toHex } from '../../src/machines/ct/bytes.ts'
import { encodeLeaf, leafHash } from '../../src/machines/ct/leaf.ts'
import { encodeSct } from '../../src/machines/ct/sct.ts'
import { decodeSfoBody, encodeSfoBody } from '../../src/machines/ct/sfo.ts'
import { sfoIdOf } from '../../src/machines/ct/sfo-id.ts'
import type { Crypto, Log, Sct, Sfo } from '../../src/machines/ct/types.ts'
import { maxAhead, sctSigned, type ValidSfo, validateSfo, validator } from '../../src/machines/ct/validate.ts'
import { bytes, rewrapped, withBitFlipped } from './arbitraries/ct.ts'
import {
  type Authority,
  certificateOf,
  encodeTbs,
  knownEntry,
  newAuthority,
  newKey,
  newLog,
  newSfo,
  padding,
  type SignatureName,
  sctOf,
} from './arbitraries/ct-certificates.ts'

const crypto = nodeCrypto()
const log = newLog()
const authority = newAuthority(1)
const now = 1_700_000_000_000
const options = { authority, log, timestamp: now - 1000 }
const embedded = newSfo({ ...options, embedded: true, extensions: Uint8Array.of(0, 0, 5, 0, 0, 0, 1, 2) })
const beside = newSfo({ ...options, embedded: false })

const errorOf = (sfo: Sfo, known: Log | undefined = log.log) => {
  const result = validateSfo(crypto, known, sfo, now)
  return result.ok ? 'none' : result.error
}

/** Counts the verifications of a `Crypto`. */
function counting(): { crypto: Crypto; verified: () => number } {
  let count = 0
  const verify: Crypto['verify'] = (...parts) => {
    count++
    return crypto.verify(...parts)
  }
  return { crypto: { ...crypto, verify }, verified: () => count }
}

test('an SFO that holds has its identities, its log and its time [WIRE-010, WIRE-011]', () => {
  for (const sfo of [embedded, beside]) {
    const leaf = encodeLeaf(knownEntry(crypto, sfo), sfo.sct.timestamp, sfo.sct.extensions)
    const valid: ValidSfo = {
      sfoId: sfoIdOf(crypto, sfo),
      leafId: `${log.log.logId}:${toHex(leafHash(crypto, leaf))}`,
      logId: log.log.logId,
      sctTimestamp: sfo.sct.timestamp,
      future: false,
    }
    expect(validateSfo(crypto, log.log, sfo, now)).toEqual({ ok: true, value: valid })
  }
})

test('logs sign with RSA too [WIRE-002]', () => {
  const rsaLog = newLog('rsa')
  for (const inside of [true, false]) {
    expect(errorOf(newSfo({ ...options, log: rsaLog, embedded: inside }), rsaLog.log)).toBe('none')
  }
})

/**
 * Nothing signs the last certificate but itself, and that only where its names say so: it is bound by its key. Without that
 * one, a flip anywhere is a fault; in it, at most another chain under the same promise of the log.
 */
test('no SFO holds with any one bit flipped that something signs [WIRE-001, INV-003, RELAY-012.1]', () => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(fc.boolean(), fc.nat(3), fc.nat(), (inside, part, position) => {
      const sfo = inside ? embedded : beside
      const der = sfo.chain[part]
      const last = part === sfo.chain.length - 1
      const sct = der === undefined ? sctFlipped(sfo.sct, position) : sfo.sct
      if (sct === null) return
      const chain = der === undefined ? sfo.chain : sfo.chain.with(part, withBitFlipped(der, position))
      const result = validateSfo(crypto, log.log, { chain, sct }, now)
      seen.add(result.ok ? 'none' : result.error)
      expect(result.ok && !(last && sameLeaf(result.value, sfo))).toBe(false)
    }),
    { numRuns: 1500 },
  )
  expect([...seen]).toEqual(expect.arrayContaining(['badDer', 'badSctSignature', 'badChainSignature', 'unknownLog']))
})

/** Whether it is the SFO's leaf with another chain. */
function sameLeaf(valid: ValidSfo, sfo: Sfo): boolean {
  const result = validateSfo(crypto, log.log, sfo, now)
  return result.ok && result.value.leafId === valid.leafId && result.value.sfoId !== valid.sfoId
}

test('every bit of the last certificate’s key is bound by the signature below it [WIRE-001.2]', () => {
  const [leaf, issuer] = embedded.chain as [Uint8Array, Uint8Array]
  const at = Buffer.from(issuer).indexOf(authority.key.spki)
  expect(at).toBeGreaterThan(0)
  fc.assert(
    fc.property(fc.nat(authority.key.spki.length * 8 - 1), (bit) => {
      expect(errorOf({ ...embedded, chain: [leaf, withBitFlipped(issuer, at * 8 + bit)] })).not.toBe('none')
    }),
  )
})

function sctFlipped(sct: Sct, position: number): Sct | null {
  const list = encodeSfoBody([{ chain: embedded.chain, sct: { ...sct, bytes: withBitFlipped(sct.bytes, position) } }])
  const decoded = decodeSfoBody(list, 1)
  const [sfo] = decoded.ok ? decoded.value : []
  return sfo?.ok ? sfo.value.sct : null
}

test('no body holds with any one bit flipped before its last certificate [WIRE-001.2]', () => {
  const body = encodeSfoBody([embedded])
  const last = Buffer.from(body).lastIndexOf('-----BEGIN')
  fc.assert(
    fc.property(fc.nat(), (position) => {
      const decoded = decodeSfoBody(withBitFlipped(body, position), 1)
      const [sfo] = decoded.ok ? decoded.value : []
      const result = sfo?.ok ? validateSfo(crypto, log.log, sfo.value, now) : null
      const inLast = (position % (body.length * 8)) >> 3 > last
      expect(result?.ok === true && !(inLast && sameLeaf(result.value, embedded))).toBe(false)
    }),
    { numRuns: 1000 },
  )
})

const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551')

/** (r, s) to (r, n - s), which verifies as well. */
function malleated(signature: Uint8Array): Uint8Array {
  const integer = (value: bigint) => {
    const hex = value.toString(16)
    const even = hex.length % 2 === 0 ? hex : `0${hex}`
    const content = Buffer.from(Number.parseInt(even.slice(0, 2), 16) > 0x7f ? `00${even}` : even, 'hex')
    return Buffer.from([0x02, content.length, ...content])
  }
  const r = signature.subarray(4, 4 + (signature[3] ?? 0))
  const s = signature.subarray(6 + r.length)
  const body = Buffer.concat([integer(BigInt(`0x${toHex(r)}`)), integer(order - BigInt(`0x${toHex(s)}`))])
  return new Uint8Array(Buffer.from([0x30, body.length, ...body]))
}

test('a second signature under the SCT, made by anybody, is no second piece of evidence [WIRE-011.1]', () => {
  for (let i = 0; i < 10; i++) {
    const sfo = newSfo({ ...options, embedded: false })
    const sct = sctOf({ ...sfo.sct, signature: malleated(sfo.sct.signature) })
    expect(toHex(sct.bytes)).not.toBe(toHex(sfo.sct.bytes))
    expect(validateSfo(crypto, log.log, { ...sfo, sct }, now)).toEqual(validateSfo(crypto, log.log, sfo, now))
  }
})

test('an SFO is the same evidence at any line width [WIRE-011.1]', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), (width) => {
      const [object] = JSON.parse(Buffer.from(encodeSfoBody([embedded])).toString())
      const chain = object.x509_chain.map((pem: string) => rewrapped(pem, width, '\n', true))
      const decoded = decodeSfoBody(Buffer.from(JSON.stringify([{ ...object, x509_chain: chain }])), 1)
      const [sfo] = decoded.ok ? decoded.value : []
      expect(sfo?.ok && validateSfo(crypto, log.log, sfo.value, now)).toEqual(
        validateSfo(crypto, log.log, embedded, now),
      )
    }),
    { numRuns: 20 },
  )
})

test('unknownLog: neither no log nor another one judges the SCT [WIRE-001, RELAY-012.1]', () => {
  expect(errorOf(embedded, undefined)).toBe('none')
  expect(validateSfo(crypto, undefined, embedded, now)).toMatchObject({ ok: false, error: 'unknownLog' })
  expect(errorOf(embedded, newLog().log)).toBe('unknownLog')
})

test('badSctSignature: a key that is not the log’s, or none at all, verifies nothing [WIRE-001]', () => {
  for (const key of [newLog().log.key, newLog('rsa').log.key, 'AAAA', 'no base64', '']) {
    expect(errorOf(embedded, { ...log.log, key })).toBe('badSctSignature')
  }
})

test('badSctSignature: the SCT signs timestamp, extensions and entry [WIRE-003.5]', () => {
  const { sct } = beside
  const others: Sct[] = [
    sctOf({ ...sct, timestamp: sct.timestamp + 1 }),
    sctOf({ ...sct, extensions: Uint8Array.of(0) }),
    sctOf({ ...sct, signatureAlgorithm: 1 }),
    newSfo({ ...options, embedded: false, pad: 1 }).sct,
  ]
  for (const other of others) expect(errorOf({ ...beside, sct: other })).toBe('badSctSignature')
})

test('an SCT of the precertificate, delivered beside a certificate without it, is badSctSignature [WIRE-003.1]', () => {
  expect(errorOf({ ...beside, sct: embedded.sct })).toBe('badSctSignature')
  expect(errorOf({ ...embedded, sct: beside.sct })).toBe('badSctSignature')
})

test('badChainSignature: the issuer of a precertificate is the one that signed it, not one of its name [WIRE-003.2]', () => {
  const impostor = newAuthority(1)
  expect(impostor.name).toBe(authority.name)
  const [leaf] = embedded.chain as [Uint8Array]
  expect(errorOf({ ...embedded, chain: [leaf, ...impostor.chain] })).toBe('badChainSignature')
  expect(errorOf({ ...beside, chain: [beside.chain[0] ?? leaf, ...impostor.chain] })).toBe('badChainSignature')
})

test('badChainSignature: each certificate is signed by the next, and a root by itself [WIRE-001.2]', () => {
  const [leaf, issuer, root] = beside.chain as [Uint8Array, Uint8Array, Uint8Array]
  const stranger = newAuthority(0).chain[0] ?? root
  const forged = certificateOf(
    { issuer: 'root', subject: 'root', key: newKey('p256'), extensions: [padding(0)] },
    authority.key,
  )
  const chains = [
    [leaf, root, issuer],
    [leaf, issuer, stranger],
    [leaf, issuer, root, issuer],
    [leaf, forged],
    [leaf, leaf],
  ]
  for (const chain of chains) expect(errorOf({ ...beside, chain })).toBe('badChainSignature')
})

test('a chain may end before its root, and an x509 entry needs no issuer [WIRE-001.2]', () => {
  expect(errorOf({ ...beside, chain: beside.chain.slice(0, 1) })).toBe('none')
  expect(errorOf({ ...beside, chain: beside.chain.slice(0, 2) })).toBe('none')
  expect(errorOf({ ...embedded, chain: embedded.chain.slice(0, 2) })).toBe('none')
  expect(errorOf({ ...embedded, chain: embedded.chain.slice(0, 1) })).toBe('noIssuer')
})

/** A two-step chain whose leaf and root are signed in the given way. */
function signedWith(name: SignatureName, kind: 'p256' | 'p384' | 'p521' | 'rsa' | 'ed25519'): Sfo {
  const key = newKey(kind)
  const root = certificateOf({ issuer: 'ca', subject: 'ca', key, signature: name }, key)
  const tbs = { issuer: 'ca', subject: 'leaf', key: newKey('p256'), signature: name }
  const certificate = certificateOf(tbs, key)
  return { chain: [certificate, root], sct: log.sct({ type: 'x509', certificate }, now) }
}

test.each([
  ['none', 'ecdsa-sha256', 'p256'],
  ['none', 'ecdsa-sha384', 'p256'],
  ['none', 'ecdsa-sha256', 'p384'],
  ['none', 'ecdsa-sha384', 'p384'],
  ['none', 'ed25519', 'ed25519'],
  ['none', 'rsa-sha1', 'rsa'],
  ['none', 'rsa-sha256', 'rsa'],
  ['none', 'rsa-sha384', 'rsa'],
  ['none', 'rsa-sha512', 'rsa'],
  ['badChainSignature', 'ecdsa-sha512', 'p256'],
  ['badChainSignature', 'ecdsa-sha256', 'p521'],
] as const)('%s: certificates signed by %s with a key on %s [WIRE-001.2]', (error, name, kind) => {
  expect(errorOf(signedWith(name, kind))).toBe(error)
})

test('a signature algorithm that does not fit the issuer’s key verifies nothing [WIRE-001.2]', () => {
  const ec = signedWith('ecdsa-sha256', 'p256')
  const rsa = signedWith('rsa-sha256', 'rsa')
  const chain = [ec.chain[0] as Uint8Array, rsa.chain[0] as Uint8Array]
  expect(errorOf({ ...ec, chain })).toBe('badChainSignature')
})

test('what is broken is broken before any signature is verified [WIRE-001, WIRE-011.2]', () => {
  const { crypto: counted, verified } = counting()
  const [leaf, issuer, root] = embedded.chain as [Uint8Array, Uint8Array, Uint8Array]
  const broken: [string, Uint8Array[]][] = [
    ['badDer', [leaf.subarray(1), issuer, root]],
    ['badDer', [leaf, issuer.subarray(1), root]],
    ['badDer', [leaf, issuer, root.subarray(1)]],
    ['noIssuer', [leaf]],
  ]
  for (const [error, chain] of broken) {
    for (const known of [log.log, undefined]) {
      expect(validateSfo(counted, known, { ...embedded, chain }, now)).toMatchObject({ ok: false, error })
    }
  }
  expect(verified()).toBe(0)
})

test('ten certificates cost at most eleven verifications, and a bad SCT one or two [WIRE-001.2]', () => {
  const long = newSfo({ ...options, authority: newAuthority(8), embedded: true })
  expect(long.chain).toHaveLength(10)
  const whole = counting()
  expect(validateSfo(whole.crypto, log.log, long, now).ok).toBe(true)
  expect(whole.verified()).toBe(11)
  const bad = counting()
  const wrongKey = { ...log.log, key: newLog().log.key }
  expect(validateSfo(bad.crypto, wrongKey, long, now)).toMatchObject({ error: 'badSctSignature' })
  expect(bad.verified()).toBe(2)
})

test('a validator answers as validateSfo does, whatever it remembers [INV-008]', () => {
  const authorities: Authority[] = [authority, newAuthority(1), newAuthority(2), newAuthority(0)]
  const sfos = authorities.flatMap((issuer) =>
    [true, false].map((inside) => newSfo({ ...options, authority: issuer, embedded: inside })),
  )
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 3 }),
      fc.array(fc.tuple(fc.constantFrom(...sfos), fc.nat(12), fc.nat()), { maxLength: 12 }),
      (cacheSize, tries) => {
        const validate = validator(crypto, { cacheSize })
        for (const [sfo, part, position] of tries) {
          const der = sfo.chain[part]
          const chain = der === undefined ? sfo.chain : sfo.chain.with(part, withBitFlipped(der, position))
          const expected = validateSfo(crypto, log.log, { ...sfo, chain }, now)
          expect(validate(log.log, { ...sfo, chain }, now)).toEqual(expected)
        }
      },
    ),
    { numRuns: 40 },
  )
})

test('a validator verifies an issuer once while it remembers it, and remembers no more than it may [WIRE-001.2]', () => {
  const { crypto: counted, verified } = counting()
  const validate = validator(counted, { cacheSize: 2 })
  const cost = (sfo: Sfo) => {
    const before = verified()
    expect(validate(log.log, sfo, now).ok).toBe(true)
    return verified() - before
  }
  const other = newSfo({ ...options, authority: newAuthority(1), embedded: true })
  expect(cost(embedded)).toBe(4)
  expect(cost(embedded)).toBe(2)
  expect(cost(newSfo({ ...options, embedded: false }))).toBe(2)
  expect(cost(other)).toBe(4)
  expect(cost(other)).toBe(2)
  expect(cost(embedded)).toBe(4)
})

test('a validator that may remember one issuer remembers the one it used last [WIRE-001.2]', () => {
  const { crypto: counted, verified } = counting()
  const validate = validator(counted, { cacheSize: 1 })
  const first = newSfo({ ...options, authority: newAuthority(0), embedded: true })
  const second = newSfo({ ...options, authority: newAuthority(0), embedded: true })
  const spent = [first, first, second, second, first].map((sfo) => {
    const before = verified()
    expect(validate(log.log, sfo, now).ok).toBe(true)
    return verified() - before
  })
  expect(spent).toEqual([3, 2, 3, 2, 3])
})

test('future: an SCT more than 5 minutes ahead holds, and is marked [AUD-011]', () => {
  const future = (timestamp: number) => {
    const result = validateSfo(crypto, log.log, newSfo({ ...options, timestamp, embedded: true }), now)
    return result.ok && result.value.future
  }
  expect(future(now)).toBe(false)
  expect(future(now + maxAhead)).toBe(false)
  expect(future(now + maxAhead + 1)).toBe(true)
  expect(future(2 ** 53 - 1)).toBe(true)
  expect(future(0)).toBe(false)
})

test('the leaf index is what a static-ct log promised, and of another log the extensions mean nothing [WIRE-013.1]', () => {
  const monitored = { ...log.log, monitoringUrl: 'http://127.0.0.1/tiles' }
  const placed = (known: Log, sfo: Sfo) => {
    const result = validateSfo(crypto, known, sfo, now)
    return result.ok && result.value
  }
  expect(placed(monitored, embedded)).toEqual({ ...(placed(log.log, embedded) as ValidSfo), leafIndex: 0x102 })
  expect(placed(log.log, embedded)).not.toHaveProperty('leafIndex')
  expect(placed(monitored, beside)).toEqual(placed(log.log, beside))
  expect(placed(monitored, beside)).not.toHaveProperty('leafIndex')
})

test('an SCT is verified with the log’s key by a scheme of CT, or not at all [WIRE-002]', () => {
  const trusting = { ...crypto, verify: () => true }
  const leaf = new Uint8Array(3)
  expect(sctSigned(trusting, log.log, beside.sct, leaf)).toBe(true)
  expect(sctSigned({ ...crypto, verify: () => false }, log.log, beside.sct, leaf)).toBe(false)
  expect(sctSigned(trusting, { ...log.log, key: 'no base64' }, beside.sct, leaf)).toBe(false)
  expect(sctSigned(trusting, log.log, { ...beside.sct, hashAlgorithm: 2 }, leaf)).toBe(false)
})

test('SCTs about nothing but their own bytes hold for no certificate [INV-003]', () => {
  fc.assert(
    fc.property(bytes(300), (signature) => {
      const sct = sctOf({ ...beside.sct, signature })
      expect(encodeSct(sct)).toEqual(sct.bytes)
      expect(errorOf({ ...beside, sct })).toBe('badSctSignature')
    }),
  )
})

test('a leaf that differs only in what surrounds its TBSCertificate does not hold [WIRE-003.3]', () => {
  const tbs = { issuer: authority.name, subject: 'leaf', key: newKey('p256'), extensions: [padding(1)] }
  const certificate = certificateOf(tbs, newKey('p256'))
  expect(encodeTbs(tbs).length).toBeLessThan(certificate.length)
  const sfo = { chain: [certificate, ...authority.chain], sct: log.sct({ type: 'x509', certificate }, now) }
  expect(errorOf(sfo)).toBe('badChainSignature')
})
