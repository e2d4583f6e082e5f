// A signature has one spelling: another that means the same numbers, in as many bytes or in more, is none on either path.
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { concat, toHex, utf8 } from '../../src/machines/ct/bytes.ts'
import { referenceCrypto } from '../../src/machines/ct/reference-crypto.ts'
import { verifyRsa } from '../../src/machines/ct/rsa.ts'
import type { SignatureScheme } from '../../src/machines/ct/types.ts'
import { hex } from './arbitraries/ct-certificates.ts'

const native = nodeCrypto()
const edwards = generateKeyPairSync('ed25519')
/** A modulus of one bit less than its bytes have, so that more than one number of these bytes is the same modulo it. */
const odd = generateKeyPairSync('rsa', { modulusLength: 1031 })
const spkiOf = (key: KeyObject) => new Uint8Array(key.export({ format: 'der', type: 'spki' }))

function both(key: KeyObject, scheme: SignatureScheme, message: Uint8Array, signature: Uint8Array): boolean {
  const verdict = referenceCrypto.verify(spkiOf(key), scheme, message, signature)
  expect(native.verify(spkiOf(key), scheme, message, signature), toHex(signature)).toBe(verdict)
  return verdict
}

const numberOf = (bytes: Uint8Array) => BigInt(`0x${toHex(bytes)}`)
const bytesOf = (value: bigint, length: number) => hex(value.toString(16).padStart(length * 2, '0'))
const messages = fc.string({ maxLength: 20 }).map(utf8)

test('an Ed25519 signature is 64 bytes, and its s is below the order [WIRE-008.2]', () => {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n
  fc.assert(
    fc.property(messages, fc.integer({ min: 1, max: 15 }), (message, times) => {
      const signature = new Uint8Array(sign(null, message, edwards.privateKey))
      const is = (other: Uint8Array) => both(edwards.publicKey, 'ed25519', message, other)
      expect(is(signature)).toBe(true)
      const [r, s] = [signature.subarray(0, 32), numberOf(signature.slice(32).reverse())]
      const spelled = s + BigInt(times) * order
      if (spelled < 2n ** 256n) expect(is(concat(r, bytesOf(spelled, 32).reverse()))).toBe(false)
      for (const zeros of [1, 2, 32]) expect(is(concat(signature, new Uint8Array(zeros)))).toBe(false)
      for (const length of [0, 31, 32, 33, 63]) expect(is(signature.subarray(0, length))).toBe(false)
    }),
    { numRuns: 10 },
  )
})

test('an RSA signature is below its modulus, and as long [WIRE-002]', () => {
  const modulus = numberOf(new Uint8Array(Buffer.from(odd.publicKey.export({ format: 'jwk' }).n ?? '', 'base64url')))
  fc.assert(
    fc.property(messages, (message) => {
      const signature = new Uint8Array(sign('sha256', message, odd.privateKey))
      const is = (other: Uint8Array) => both(odd.publicKey, 'rsa-pkcs1-sha256', message, other)
      expect(is(signature)).toBe(true)
      expect(is(bytesOf(numberOf(signature) + modulus, signature.length))).toBe(false)
      expect(is(bytesOf(modulus, signature.length))).toBe(false)
      for (const other of [concat(hex('00'), signature), concat(signature, hex('00')), signature.subarray(1)])
        expect(is(other)).toBe(false)
    }),
    { numRuns: 10 },
  )
})

test('a modulus of 0 has no signatures, not even 0 [WIRE-002]', () => {
  const zero = new Uint8Array(128)
  expect(verifyRsa(zero, Uint8Array.of(3), 'sha256', new Uint8Array(32), zero)).toBe(false)
})
