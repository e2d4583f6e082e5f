// Signature verification by OpenSSL against the readable reference, per scheme; interleaved in one process, so that a busy
// machine slows both: the ratio is what counts.
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { nodeCrypto } from '../src/adapters/node/crypto.ts'
import { referenceCrypto } from '../src/machines/ct/reference-crypto.ts'
import type { Crypto, SignatureScheme } from '../src/machines/ct/types.ts'

const rounds = 7
/** Verifications a round: OpenSSL is so much faster that it needs more of them to be timed. */
const perRound = { native: 400, reference: 15 } as const
const message = new Uint8Array(1500)

/** Prints, per scheme: verifications a second on both paths and their ratio, medians of the rounds. */
export function bench(): Promise<void> {
  const native = nodeCrypto()
  console.log(`${'scheme'.padEnd(20)}${'node/s'.padStart(10)}${'noble/s'.padStart(10)}${'ratio'.padStart(8)}`)
  for (const [scheme, pair] of pairs()) {
    const hash = scheme === 'ed25519' ? null : scheme.slice(scheme.lastIndexOf('-') + 1)
    const spki = new Uint8Array(pair.publicKey.export({ format: 'der', type: 'spki' }))
    const signature = new Uint8Array(sign(hash, message, pair.privateKey))
    const once = (crypto: Crypto) => () => crypto.verify(spki, scheme, message, signature)
    const rates = { native: [] as number[], reference: [] as number[] }
    for (let round = 0; round < rounds; round++) {
      rates.native.push(perSecond(once(native), perRound.native))
      rates.reference.push(perSecond(once(referenceCrypto), perRound.reference))
    }
    const [fast, slow] = [median(rates.native), median(rates.reference)]
    console.log(
      `${scheme.padEnd(20)}${fast.toFixed(0).padStart(10)}${slow.toFixed(0).padStart(10)}${(fast / slow).toFixed(1).padStart(8)}`,
    )
  }
  return Promise.resolve()
}

function pairs(): readonly (readonly [
  SignatureScheme,
  { readonly publicKey: KeyObject; readonly privateKey: KeyObject },
])[] {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return [
    ['ecdsa-p256-sha256', generateKeyPairSync('ec', { namedCurve: 'P-256' })],
    ['ecdsa-p384-sha384', generateKeyPairSync('ec', { namedCurve: 'P-384' })],
    ['ed25519', generateKeyPairSync('ed25519')],
    ['rsa-pkcs1-sha256', rsa],
    ['rsa-pkcs1-sha1', rsa],
  ]
}

function perSecond(verify: () => boolean, times: number): number {
  const start = process.hrtime.bigint()
  for (let i = 0; i < times; i++) if (!verify()) throw new Error('a good signature was refused')
  return (times * 1e9) / Number(process.hrtime.bigint() - start)
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
