// L0 vectors of the keys that verify nothing, at the bounds of what functions.md calls a key ["Keys", "What signs a certificate"].
// Invariant: every signature is right by its algorithm; what is wrong is the key or that the algorithm is none of these.
import { checkPrimeSync, createHash } from 'node:crypto'
import { p256, p521 } from '@noble/curves/nist.js'
import { fromHex, toHex } from '../../../machines/ct/bytes.ts'
import { identity, certificateOf as torCertificate, now as torNow } from './bytes-tor.ts'
import { sctBytes, sequence, signSct, tbsOfFields, tlv } from './certificates.ts'
import { issuerFields, leafFields } from './der-samples.ts'
import { code, type DraftL0, type Must, members, value } from './draft.ts'
import { logIdOf, logOf, p256Key, p384Key } from './keys.ts'
import { joined } from './operators.ts'
import { digestOf, hexOf } from './random.ts'
import { ecdsaLog, now, timestamp } from './sfo-samples.ts'

interface Signer {
  readonly spki: Uint8Array
  readonly algorithm: string
  readonly sign: (message: Uint8Array) => Uint8Array
}

const hashOf = (name: string, message: Uint8Array) => new Uint8Array(createHash(name).update(message).digest())
const bigint = (bytes: Uint8Array) => BigInt(`0x${toHex(bytes)}`)

function bytesOf(number: bigint, length = 0): Uint8Array {
  const hex = number.toString(16)
  return fromHex(hex.padStart(Math.max(2 * length, hex.length + (hex.length % 2)), '0'))
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let [result, square] = [1n, base % modulus]
  for (let left = exponent; left > 0n; left >>= 1n, square = (square * square) % modulus)
    if (left & 1n) result = (result * square) % modulus
  return result
}

function inverse(of: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [of % modulus, modulus, 1n, 0n]
  while (a > 1n) {
    const quotient = a / b
    ;[a, b, x, y] = [b, a % b, y, x - quotient * y]
  }
  return ((x % modulus) + modulus) % modulus
}

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b))

/** The first prime from there on whose predecessor shares no factor with `exponent`. */
function primeFrom(start: bigint, exponent: bigint): bigint {
  let candidate = start | 1n
  while (gcd(candidate - 1n, exponent) !== 1n || !checkPrimeSync(candidate)) candidate += 2n
  return candidate
}

/** As many primes of 256 bits as fit, and one that makes the modulus so long: quick to find, and none the worse to verify with. */
function primesOf(bits: number, exponent: bigint): readonly bigint[] {
  const high = 3n << 254n
  const primes = Array.from({ length: Math.floor(bits / 256) - 1 }, (_, at) =>
    primeFrom(high | bigint(digestOf(`vectors: prime ${at}`)), exponent),
  )
  const product = primes.reduce((left, prime) => left * prime, 1n)
  return [...primes, primeFrom((3n << BigInt(bits - 2)) / product, exponent)]
}

const rsaHashes = {
  sha1: ['300d06092a864886f70d0101050500', '3021300906052b0e03021a05000414'],
  sha256: ['300d06092a864886f70d01010b0500', '3031300d060960864801650304020105000420'],
  sha384: ['300d06092a864886f70d01010c0500', '3041300d060960864801650304020205000430'],
  sha512: ['300d06092a864886f70d01010d0500', '3051300d060960864801650304020305000440'],
} as const

const integer = (number: bigint) => {
  const bytes = bytesOf(number)
  return tlv(0x02, (bytes[0] ?? 0) > 0x7f ? [0] : [], bytes)
}

function rsa(bits: number, exponent: bigint, hash: keyof typeof rsaHashes = 'sha256', parameters = true): Signer {
  const primes = primesOf(bits, exponent)
  const modulus = primes.reduce((left, prime) => left * prime, 1n)
  const secret = inverse(
    exponent,
    primes.reduce((left, prime) => left * (prime - 1n), 1n),
  )
  const [name, info] = rsaHashes[hash]
  const algorithm = parameters ? name : name.replace(/^300d(.*)0500$/, '300b$1')
  const size = Math.ceil(bits / 8)
  const sign = (message: Uint8Array) => {
    const named = joined(fromHex(info), hashOf(hash, message))
    const padded = joined([0, 1], new Uint8Array(size - 3 - named.length).fill(0xff), [0], named)
    return bytesOf(power(bigint(padded), secret, modulus), size)
  }
  const key = tlv(0x03, [0], sequence(integer(modulus), integer(exponent)))
  return { spki: sequence(fromHex('300d06092a864886f70d0101010500'), key), algorithm, sign }
}

/** The key's y in hexadecimal: its point has order 1 or 2, so that R is the neutral element or the point itself, and S is 0. */
function smallOrder(key: string): Signer & { readonly publicKey: Uint8Array } {
  const publicKey = fromHex(key)
  const neutral = fromHex(`01${'00'.repeat(31)}`)
  const order = 2n ** 252n + 27742317777372353535851937790883648493n
  const factor = (r: Uint8Array, message: Uint8Array) =>
    bigint(hashOf('sha512', joined(r, publicKey, message)).reverse()) % order
  const sign = (message: Uint8Array) =>
    joined(factor(neutral, message) % 2n === 0n || key !== minusOne ? neutral : publicKey, new Uint8Array(32))
  return { spki: fromHex(`302a300506032b6570032100${key}`), algorithm: '300506032b6570', sign, publicKey }
}

const minusOne = `ec${'ff'.repeat(30)}7f`
const one = `01${'00'.repeat(31)}`
/** 1 and the prime: the neutral element in another spelling. */
const unreduced = `ee${'ff'.repeat(30)}7f`

const ecdsa512 = '300a06082a8648ce3d040304'
const secret521 = joined([0], digestOf('P-521'), digestOf('P-521 more'), [1])

const signers = (): readonly (readonly [name: string, signer: Signer, isKey: boolean])[] => [
  ['rsa-1024', rsa(1024, 65537n), true],
  ['rsa-1023', rsa(1023, 65537n), false],
  ['rsa-8192', rsa(8192, 65537n), true],
  ['rsa-8193', rsa(8193, 65537n), false],
  ['rsa-exponent-1', rsa(2048, 1n), false],
  ['rsa-exponent-3', rsa(2048, 3n), true],
  ['rsa-exponent-2-32-minus-1', rsa(2048, 2n ** 32n - 1n), true],
  ['rsa-exponent-2-32-plus-1', rsa(2048, 2n ** 32n + 1n), false],
  ['rsa-sha1', rsa(2048, 65537n, 'sha1'), true],
  ['rsa-sha1-without-parameters', rsa(2048, 65537n, 'sha1', false), true],
  ['rsa-sha384', rsa(2048, 65537n, 'sha384'), true],
  ['rsa-sha512', rsa(2048, 65537n, 'sha512'), true],
  ['rsa-sha512-without-parameters', rsa(2048, 65537n, 'sha512', false), true],
  ['ecdsa-sha512', { ...p256Key('sha512'), algorithm: ecdsa512, sign: sha512By(p256, digestOf('sha512')) }, false],
  ['ecdsa-p521', { spki: spki521(), algorithm: ecdsa512, sign: sha512By(p521, secret521) }, false],
  ['ed25519-order-1', smallOrder(one), false],
  ['ed25519-order-2', smallOrder(minusOne), false],
  ['ed25519-unreduced', smallOrder(unreduced), false],
]

function sha512By(curve: typeof p256 | typeof p521, secret: Uint8Array): Signer['sign'] {
  return (message) => curve.sign(hashOf('sha512', message), secret, { prehash: false, format: 'der', lowS: false })
}

function spki521(): Uint8Array {
  const header = fromHex('30819b301006072a8648ce3d020106052b8104002303818600')
  return joined(header, p521.getPublicKey(secret521, false))
}

/** A leaf of that issuer, which is the last of the chain and is not verified. */
function signedBy(name: string, { spki, algorithm, sign }: Signer, isKey: boolean): DraftL0 {
  const named = fromHex(algorithm)
  const tbs = tbsOfFields({ ...leafFields, algorithm: named })
  const certificate = sequence(tbs, named, tlv(0x03, [0], sign(tbs)))
  const root = p256Key('vectors: root')
  const issuer = tbsOfFields({ ...issuerFields, spki })
  const chain = [certificate, sequence(issuer, issuerFields.algorithm, tlv(0x03, [0], root.sign(issuer)))]
  const sct = sctBytes(signSct(ecdsaLog, { type: 'x509', certificate }, timestamp))
  return {
    function: 'validateSfo',
    name: `signed-by-${name}`,
    input: { log: logOf(ecdsaLog.key), chain, sct, now },
    must: isKey ? members({ logId: logIdOf(ecdsaLog.key), sctTimestamp: timestamp }) : code('badChainSignature'),
    reqs: ['WIRE-001.2', 'RELAY-012.1'],
    comment: isKey ? 'Signed by a key of the bounds' : 'Signed by what is no key, or by no algorithm, of ours',
  }
}

function others(): readonly DraftL0[] {
  const by = smallOrder(one)
  const signer = { ...identity, ...by, id: one }
  const named = joined([0, 32, 4, 0], by.publicKey)
  const of = (name: string, given: object, must: Must): DraftL0 => ({
    function: name,
    name: 'key-of-order-1',
    input: { ...given, now: torNow },
    must,
    reqs: [name === 'verifyDelegation' ? 'WIRE-008.4' : 'WIRE-008.1'],
    comment: 'Anyone signs under a key of small order',
  })
  const key = p384Key('vectors: P-384 log')
  const head = { timestamp, size: 1, root: hexOf('root') }
  const message = joined([0, 1], bytesOf(BigInt(timestamp), 8), bytesOf(1n, 8), fromHex(head.root))
  const signature = key.sign(message)
  const sth = { logId: logIdOf(key), ...head, signature: joined([4, 3, 0, signature.length], signature) }
  return [
    of(
      'verifySigningKeyCert',
      { certificate: torCertificate({ signer, extensions: [named] }), identity: by.publicKey },
      code('badCertificate'),
    ),
    of(
      'verifyDelegation',
      { certificate: torCertificate({ type: 0xc7, signer, extensions: [] }), signer: by.publicKey },
      code('badDelegation'),
    ),
    {
      function: 'verifySth',
      name: 'p384-log',
      input: { log: logOf(key), sth: { ...sth, signature: toHex(sth.signature) } },
      must: value({ valid: false }),
      reqs: ['WIRE-004.1'],
      comment: 'A log signs with RSA or P-256',
    },
  ]
}

export const keyReadings = (): readonly DraftL0[] => [
  ...signers().map(([name, signer, isKey]) => signedBy(name, signer, isKey)),
  ...others(),
]
