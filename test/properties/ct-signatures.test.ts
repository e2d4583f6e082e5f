// Signatures: the reference and the native path agree on everything, and both with Wycheproof.
import {
  type BinaryLike,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  privateEncrypt,
  sign,
} from 'node:crypto'
import { ed25519 as curve } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { concat, fromBase64, fromHex, toHex, utf8 } from '../../src/machines/ct/bytes.ts'
import { decodeIntegerPair } from '../../src/machines/ct/integer-pair.ts'
import { decodePublicKey } from '../../src/machines/ct/public-key.ts'
import { referenceCrypto } from '../../src/machines/ct/reference-crypto.ts'
import { encodeMessage } from '../../src/machines/ct/rsa.ts'
import type { SignatureScheme } from '../../src/machines/ct/types.ts'
import { noRealData, realJson } from '../data.ts'

const native = nodeCrypto(8)

/** Both verdicts, which must be one. */
function verify(spki: Uint8Array, scheme: SignatureScheme, message: Uint8Array, signature: Uint8Array): boolean {
  const verdict = referenceCrypto.verify(spki, scheme, message, signature)
  expect(native.verify(spki, scheme, message, signature), `${scheme} ${toHex(spki)} ${toHex(signature)}`).toBe(verdict)
  return verdict
}

interface Group {
  readonly publicKeyDer: string
  readonly tests: readonly { tcId: number; comment: string; msg: string; sig: string; result: string }[]
}

describe.skipIf(noRealData)('Wycheproof', () => {
  test.each([
    ['ecdsa_secp256r1_sha256_test', 'ecdsa-p256-sha256', 484],
    ['ed25519_test', 'ed25519', 151],
    ['rsa_signature_2048_sha256_test', 'rsa-pkcs1-sha256', 259],
  ] as const)('both paths judge %s as it says [WIRE-002, WIRE-004]', (file, scheme, count) => {
    const groups: Group[] = realJson(`wycheproof/${file}.json`).testGroups
    const wrong: string[] = []
    let seen = 0
    for (const group of groups) {
      const key = fromHex(group.publicKeyDer)
      for (const { tcId, comment, msg, sig, result } of group.tests) {
        const verdict = verify(key, scheme, fromHex(msg), fromHex(sig))
        // An RSA signature without the NULL parameter is the one "acceptable" vector; strict comparison refuses it.
        if (verdict !== (result === 'valid')) wrong.push(`${tcId} ${comment}: ${verdict}, wanted ${result}`)
        seen++
      }
    }
    expect(wrong).toEqual([])
    expect(seen).toBe(count)
  })
})

interface Signer {
  readonly scheme: SignatureScheme
  readonly spki: Uint8Array
  readonly sign: (message: Uint8Array) => Uint8Array
}

function signer(scheme: SignatureScheme, pair: { publicKey: KeyObject; privateKey: KeyObject }): Signer {
  const hash = scheme === 'ed25519' ? null : scheme.slice(scheme.lastIndexOf('-') + 1)
  return {
    scheme,
    spki: new Uint8Array(pair.publicKey.export({ format: 'der', type: 'spki' })),
    sign: (message) => new Uint8Array(sign(hash, message as BinaryLike as Uint8Array, pair.privateKey)),
  }
}

const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
const ed25519 = generateKeyPairSync('ed25519')
const rsa1024 = generateKeyPairSync('rsa', { modulusLength: 1024, publicExponent: 3 })
const rsa2048 = generateKeyPairSync('rsa', { modulusLength: 2048 })
const rsa2047 = generateKeyPairSync('rsa', { modulusLength: 2047 })
const signers: readonly Signer[] = [
  signer('ecdsa-p256-sha256', p256),
  signer('ecdsa-p256-sha384', p256),
  signer('ecdsa-p384-sha256', p384),
  signer('ecdsa-p384-sha384', p384),
  signer('ed25519', ed25519),
  signer('rsa-pkcs1-sha1', rsa2048),
  signer('rsa-pkcs1-sha256', rsa1024),
  signer('rsa-pkcs1-sha256', rsa2047),
  signer('rsa-pkcs1-sha384', rsa2048),
  signer('rsa-pkcs1-sha512', rsa2048),
]

const anySigner = fc.constantFrom(...signers)
const anyMessage = fc.uint8Array({ maxLength: 100 })

test('both paths take what a key signed, with every scheme [WIRE-002]', () => {
  for (const { spki, scheme, sign } of signers) {
    for (const message of [utf8(''), utf8('abc'), new Uint8Array(1000)]) {
      expect(verify(spki, scheme, message, sign(message)), scheme).toBe(true)
    }
  }
})

test('both paths refuse a signature, message or key with one flipped bit [WIRE-002]', () => {
  const flip = (bytes: Uint8Array, bit: number) => {
    const flipped = bytes.slice()
    const at = (bit >> 3) % bytes.length
    flipped[at] = (flipped[at] as number) ^ (1 << (bit & 7))
    return flipped
  }
  fc.assert(
    fc.property(
      anySigner,
      fc.uint8Array({ minLength: 1, maxLength: 100 }),
      fc.nat(1 << 20),
      fc.nat(2),
      (s, m, bit, which) => {
        const parts = [s.spki, m, s.sign(m)] as const
        const [spki, message, signature] = parts.map((part, i) => (i === which ? flip(part, bit) : part)) as [
          Uint8Array,
          Uint8Array,
          Uint8Array,
        ]
        expect(verify(spki, s.scheme, message, signature)).toBe(false)
      },
    ),
    { numRuns: 300 },
  )
})

test('both paths agree on signatures of any bytes, and refuse them [WIRE-002]', () => {
  fc.assert(
    fc.property(anySigner, anyMessage, fc.uint8Array({ maxLength: 300 }), (s, message, signature) => {
      expect(verify(s.spki, s.scheme, message, signature)).toBe(false)
    }),
  )
})

test('both paths refuse a scheme that is not the key’s, and a key with anything before or after it [WIRE-002]', () => {
  fc.assert(
    fc.property(anySigner, anySigner, anyMessage, (a, b, message) => {
      const signature = a.sign(message)
      expect(verify(a.spki, b.scheme, message, signature)).toBe(a.scheme === b.scheme)
      expect(verify(concat(a.spki, new Uint8Array(1)), a.scheme, message, signature)).toBe(false)
      expect(verify(a.spki.subarray(1), a.scheme, message, signature)).toBe(false)
      expect(verify(a.spki.subarray(0, -1), a.scheme, message, signature)).toBe(false)
    }),
  )
})

describe('a digest without DigestInfo, as the Tor directory signs it', () => {
  const bare = (pair: { publicKey: KeyObject; privateKey: KeyObject }) => ({
    spki: new Uint8Array(pair.publicKey.export({ format: 'der', type: 'spki' })),
    sign: (digest: Uint8Array) => new Uint8Array(privateEncrypt(pair.privateKey, digest)),
  })
  const [short, long, odd] = [bare(rsa1024), bare(rsa2048), bare(rsa2047)]
  const scheme = 'rsa-pkcs1-bare'

  test('both paths take it up to the length that eight bytes of padding leave, and not beyond [CONS-002.4]', () => {
    fc.assert(
      fc.property(fc.constantFrom(short, long, odd), fc.uint8Array({ maxLength: 117 }), ({ spki, sign }, digest) => {
        expect(verify(spki, scheme, digest, sign(digest))).toBe(true)
      }),
      { numRuns: 50 },
    )
    const [full, more] = [new Uint8Array(117).fill(7), new Uint8Array(118).fill(7)]
    expect(verify(short.spki, scheme, full, short.sign(full))).toBe(true)
    const raw = (block: Uint8Array) => new Uint8Array(privateEncrypt({ key: rsa1024.privateKey, padding: 3 }, block))
    const padded = (digest: Uint8Array) => {
      const block = new Uint8Array(128).fill(0xff)
      block.set([0, 1])
      block[127 - digest.length] = 0
      block.set(digest, 128 - digest.length)
      return block
    }
    expect(raw(padded(full))).toEqual(short.sign(full))
    expect(verify(short.spki, scheme, more, raw(padded(more)))).toBe(false)
    expect(verify(short.spki, scheme, new Uint8Array(200), short.sign(full))).toBe(false)
  })

  test('both paths refuse another digest, a changed or cut signature, a DigestInfo, and the other way round [CONS-002.4]', () => {
    const digest = referenceCrypto.sha256(utf8('m'))
    fc.assert(
      fc.property(fc.constantFrom(short, long), fc.nat(127), fc.integer({ min: 1, max: 255 }), (key, at, flip) => {
        const signature = key.sign(digest)
        const changed = signature.slice()
        changed[at] = (changed[at] as number) ^ flip
        const other = digest.slice()
        other[at % 32] = (other[at % 32] as number) ^ flip
        expect(verify(key.spki, scheme, digest, changed)).toBe(false)
        expect(verify(key.spki, scheme, other, signature)).toBe(false)
        expect(verify(key.spki, scheme, digest, signature.subarray(0, -1))).toBe(false)
        expect(verify(key.spki, scheme, digest, concat(signature, new Uint8Array(1)))).toBe(false)
        expect(verify(key.spki, scheme, digest.subarray(1), signature)).toBe(false)
      }),
      { numRuns: 40 },
    )
    expect(verify(long.spki, 'rsa-pkcs1-sha256', utf8('m'), long.sign(digest))).toBe(false)
    const usual = signer('rsa-pkcs1-sha256', rsa2048).sign(utf8('m'))
    expect(verify(long.spki, scheme, digest, usual)).toBe(false)
    expect(verify((signers[0] as Signer).spki, scheme, digest, long.sign(digest))).toBe(false)
    expect(verify(short.spki, scheme, digest, new Uint8Array(128).fill(0xff))).toBe(false)
  })
})

test('high and low s verify alike: logs sign with both [WIRE-002]', () => {
  const orders = [
    [0, 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n, 32],
    [3, 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n, 48],
  ] as const
  fc.assert(
    fc.property(fc.constantFrom(...orders), anyMessage, ([which, order, bytes], message) => {
      const { spki, scheme, sign } = signers[which] as Signer
      const signature = sign(message)
      const [r, s] = decodeIntegerPair(signature) as [Uint8Array, Uint8Array]
      const other = fromHex((order - BigInt(`0x${toHex(s)}`)).toString(16).padStart(bytes * 2, '0'))
      expect(verify(spki, scheme, message, derPair(r, other))).toBe(true)
    }),
    { numRuns: 20 },
  )
})

/** SEQUENCE of two INTEGERs from unsigned big-endian bytes. */
function derPair(...numbers: readonly Uint8Array[]): Uint8Array {
  const integers = numbers.map((number) => {
    const bare = number.subarray(
      Math.max(
        0,
        number.findIndex((byte) => byte > 0),
      ),
    )
    const content = (bare[0] as number) >= 0x80 ? concat(new Uint8Array(1), bare) : bare
    return concat(new Uint8Array([2, content.length]), content)
  })
  const content = concat(...integers)
  return concat(new Uint8Array([0x30, content.length]), content)
}

test('a BER spelling of a good signature is refused by both paths [WIRE-001.6]', () => {
  const { spki, scheme, sign } = signers[0] as Signer
  const good = sign(utf8('m'))
  expect(verify(spki, scheme, utf8('m'), good)).toBe(true)
  const content = good.subarray(2)
  const [r, s] = [content.subarray(0, 2 + (content[1] as number)), content.subarray(2 + (content[1] as number))]
  const sequence = (...parts: readonly Uint8Array[]) => {
    const whole = concat(...parts)
    return concat(new Uint8Array([0x30, whole.length]), whole)
  }
  const padded = (integer: Uint8Array) => concat(new Uint8Array([2, integer.length - 1, 0]), integer.subarray(2))
  const longLength = (integer: Uint8Array) => concat(new Uint8Array([2, 0x81]), integer.subarray(1))
  const spellings = [
    concat(new Uint8Array([0x30, 0x81]), good.subarray(1)),
    concat(new Uint8Array([0x30, 0x82, 0]), good.subarray(1)),
    concat(new Uint8Array([0x30, 0x80]), content, new Uint8Array(2)),
    concat(good, new Uint8Array(1)),
    sequence(content, new Uint8Array([2, 1, 1])),
    sequence(r),
    ...[padded, longLength].flatMap((change) => [sequence(change(r), s), sequence(r, change(s))]),
  ]
  for (const spelling of spellings) expect(verify(spki, scheme, utf8('m'), spelling), toHex(spelling)).toBe(false)
})

test('two INTEGERs are read from strict DER alone: positive, in the fewest bytes [WIRE-001.6]', () => {
  const read = (hex: string) => decodeIntegerPair(fromHex(hex))?.map(toHex) ?? null
  expect(read('3006020101020102')).toEqual(['01', '02'])
  expect(read('300802020080020200ff')).toEqual(['80', 'ff'])
  expect(read('30080202008002027fff')).toEqual(['80', '7fff'])
  for (const bad of [
    '',
    '3006020101020100',
    '3006020100020101',
    '3006020180020101',
    '300702020001020101',
    '30070201010202007f',
    '3005020002020101',
    '3006020101030102',
    '3106020101020102',
    '3009020101020102020103',
    '3003020101',
    '300602010102010200',
    '300702010102010200',
    '3007020101020102',
  ]) {
    expect(read(bad), bad).toBeNull()
  }
})

test('keys that OpenSSL takes and the kernel does not are refused by both paths [WIRE-002]', () => {
  const { spki, scheme, sign } = signers[0] as Signer
  const parity = 2 + ((spki.at(-1) as number) & 1)
  const compressed = concat(
    fromHex('3039301306072a8648ce3d020106082a8648ce3d030107032200'),
    new Uint8Array([parity]),
    spki.subarray(27, 59),
  )
  const longLength = concat(new Uint8Array([0x30, 0x81]), spki.subarray(1))
  const rsa = signers[6] as Signer
  const algorithm = '300d06092a864886f70d0101010500'
  const withoutNull = toHex(rsa.spki)
    .replace(algorithm, '300b06092a864886f70d010101')
    .replace(/^30819d/, '30819b')
  for (const key of [compressed, longLength]) {
    expect(createPublicKey({ key: Buffer.from(key), format: 'der', type: 'spki' }).asymmetricKeyType).toBe('ec')
    expect(verify(key, scheme, utf8('m'), sign(utf8('m')))).toBe(false)
  }
  expect(createPublicKey({ key: Buffer.from(withoutNull, 'hex'), format: 'der', type: 'spki' }).asymmetricKeyType).toBe(
    'rsa',
  )
  expect(verify(fromHex(withoutNull), rsa.scheme, utf8('m'), rsa.sign(utf8('m')))).toBe(false)
})

test('Ed25519 keys of small order, or in an encoding that is not canonical, are no keys [WIRE-008.2]', () => {
  const header = fromHex('302a300506032b6570032100')
  const p = 2n ** 255n - 19n
  const ys = [0n, 1n, p - 1n, p, p + 1n, p + 3n, p + 18n]
  const encodings = ys.flatMap((y) => [y, y + 2n ** 255n]).map((y) => littleEndian(y))
  const order8 = ['26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'].flatMap((hex) => [
    fromHex(hex),
    fromHex(`${hex.slice(0, 62)}85`),
    littleEndian(p - BigInt(`0x${toHex(fromHex(hex).reverse())}`)),
  ])
  // R = identity and s = 0 verify under any key of small order when k is a multiple of its order.
  const signature = new Uint8Array(64)
  signature[0] = 1
  for (const encoding of [...encodings, ...order8]) {
    const spki = concat(header, encoding)
    expect(decodePublicKey(spki), toHex(encoding)).toBeNull()
    for (let i = 0; i < 16; i++) expect(verify(spki, 'ed25519', new Uint8Array([i]), signature)).toBe(false)
  }
})

test('an Ed25519 signature with a torsion component is judged by both paths without cofactor [WIRE-008.2]', () => {
  const { Point } = curve
  const order = Point.Fn.ORDER
  const torsion = Point.fromBytes(fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'))
  const nonce = 12345n
  const secret = 67890n
  const verdicts = new Set<string>()
  for (const inKey of [false, true]) {
    const point = Point.BASE.multiply(secret)
    const key = (inKey ? point.add(torsion) : point).toBytes()
    for (let i = 0; i < 16; i++) {
      const commitment = Point.BASE.multiply(nonce)
      const r = (inKey ? commitment : commitment.add(torsion)).toBytes()
      const message = new Uint8Array([i])
      const k = BigInt(`0x${toHex(sha512(concat(r, key, message)).reverse())}`) % order
      const signature = concat(r, littleEndian((nonce + k * secret) % order))
      expect(curve.verify(signature, message, key, { zip215: false })).toBe(true)
      // With the torsion in the key, it is gone where k is a multiple of 8.
      const verdict = verify(concat(fromHex('302a300506032b6570032100'), key), 'ed25519', message, signature)
      expect(verdict).toBe(inKey && k % 8n === 0n)
      verdicts.add(`${inKey} ${verdict}`)
    }
  }
  expect(verdicts).toContain('true true')
  expect(verdicts).toContain('true false')
})

function littleEndian(value: bigint): Uint8Array {
  return fromHex(value.toString(16).padStart(64, '0')).reverse()
}

test('points off the curve are refused by both paths [WIRE-002]', () => {
  fc.assert(
    fc.property(fc.constantFrom(0, 3, 4), fc.uint8Array({ minLength: 32, maxLength: 32 }), (which, noise) => {
      const { spki, scheme, sign } = signers[which] as Signer
      const other = concat(spki.subarray(0, -32), noise)
      expect(verify(other, scheme, utf8('m'), sign(utf8('m')))).toBe(false)
    }),
  )
})

test('RSA keys out of bounds are no keys: 1024 to 8192 bits, odd exponent from 3 to 2^32-1 [WIRE-002]', () => {
  const spkiOf = (modulus: Uint8Array, exponent: Uint8Array) => {
    const e = (exponent[0] as number) >= 0x80 ? concat(new Uint8Array(1), exponent) : exponent
    const jwk = {
      kty: 'RSA',
      n: Buffer.from(modulus).toString('base64url'),
      e: Buffer.from(exponent).toString('base64url'),
    }
    expect(e.length).toBeGreaterThan(0)
    return new Uint8Array(createPublicKey({ key: jwk, format: 'jwk' }).export({ format: 'der', type: 'spki' }))
  }
  const odd = (bits: number) => fromHex((2n ** BigInt(bits) - 1n).toString(16).padStart(Math.ceil(bits / 8) * 2, '0'))
  const e3 = new Uint8Array([3])
  for (const bits of [1024, 1025, 2048, 8192]) expect(decodePublicKey(spkiOf(odd(bits), e3)), `${bits}`).not.toBeNull()
  for (const bits of [1023, 1016, 512, 8193]) expect(decodePublicKey(spkiOf(odd(bits), e3)), `${bits}`).toBeNull()
  const even = odd(1024)
  even[127] = 0xfe
  expect(decodePublicKey(spkiOf(even, e3))).toBeNull()
  for (const e of ['010001', '03', 'ffffffff']) expect(decodePublicKey(spkiOf(odd(1024), fromHex(e))), e).not.toBeNull()
  for (const e of ['01', '02', '010000', '0100000001'])
    expect(decodePublicKey(spkiOf(odd(1024), fromHex(e))), e).toBeNull()
})

test('an encoded RSA message has at least eight bytes FF and ends with the digest [WIRE-002]', () => {
  const digest = referenceCrypto.sha256(utf8('m'))
  const message = encodeMessage(128, 'sha256', digest)
  expect(toHex(message)).toMatch(new RegExp(`^0001(ff){74}003031300d060960864801650304020105000420${toHex(digest)}$`))
})

test('SHA-256 of the parts is SHA-256 of the whole, on both paths [WIRE-005]', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 4 }), (parts) => {
      expect(native.sha256(...parts)).toEqual(referenceCrypto.sha256(concat(...parts)))
      expect(referenceCrypto.sha256(...parts)).toEqual(native.sha256(concat(...parts)))
    }),
  )
  expect(toHex(native.sha256())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
})

test('the native path gives the same answers with no room for a key, and with room for one [WIRE-002]', () => {
  for (const crypto of [nodeCrypto(0), nodeCrypto(1)]) {
    for (let i = 0; i < 3; i++) {
      for (const { spki, scheme, sign } of signers) {
        expect(crypto.verify(spki, scheme, utf8('m'), sign(utf8('m')))).toBe(true)
        expect(crypto.verify(spki, scheme, utf8('n'), sign(utf8('m')))).toBe(false)
      }
    }
  }
})

test.skipIf(noRealData)('every one of 153 real log keys is a key [WIRE-004]', () => {
  const kinds = realJson('log-keys.json').map(({ key }: { key: string }) => {
    const spki = fromBase64(key)
    return spki === null ? null : decodePublicKey(spki)?.kind
  })
  expect(kinds.length).toBe(153)
  expect([...new Set(kinds)].sort()).toEqual(['p256', 'rsa'])
})
