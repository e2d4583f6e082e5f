// SerializedSCT and SignedCertificateTimestampList: one reading a byte string, or a refusal that says why.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { concat, toHex } from '../../src/machines/ct/bytes.ts'
import {
  decodeSct,
  decodeSctList,
  encodeSct,
  encodeSctList,
  encodeUnsigned,
  logScheme,
} from '../../src/machines/ct/sct.ts'
import { bytes, damaged, sctFields } from './arbitraries/ct.ts'
import { hex } from './arbitraries/ct-certificates.ts'

const lists = fc.array(bytes(200, 1), { minLength: 1, maxLength: 4 })

test('an SCT is read back from its encoding, with the bytes it was read from [WIRE-002]', () => {
  fc.assert(
    fc.property(sctFields, (fields) => {
      const encoded = encodeSct(fields)
      expect(decodeSct(encoded)).toEqual({ ok: true, value: { ...fields, bytes: encoded } })
      expect(toHex(encoded)).toBe(toHex(concat(encodeUnsigned(fields), encoded.slice(encodeUnsigned(fields).length))))
    }),
  )
})

test('whatever bytes are taken for an SCT, encoding it gives the bytes [WIRE-002]', () => {
  const outcomes = new Set<string>()
  fc.assert(
    fc.property(fc.oneof(bytes(80), damaged(sctFields.map(encodeSct))), (some) => {
      const decoded = decodeSct(some)
      outcomes.add(decoded.ok ? 'read' : decoded.error)
      if (decoded.ok) expect(encodeSct(decoded.value)).toEqual(some)
    }),
    { numRuns: 2000 },
  )
  expect([...outcomes].sort()).toEqual(expect.arrayContaining(['badSct', 'read']))
})

test('a list is read back from its encoding, and whatever is taken for one encodes to the same bytes [WIRE-002]', () => {
  const outcomes = new Set<string>()
  fc.assert(
    fc.property(lists, (scts) => {
      expect(decodeSctList(encodeSctList(scts))).toEqual({ ok: true, value: scts })
    }),
  )
  fc.assert(
    fc.property(fc.oneof(bytes(20), damaged(lists.map(encodeSctList))), (some) => {
      const decoded = decodeSctList(some)
      outcomes.add(decoded.ok ? 'read' : decoded.error)
      if (decoded.ok) expect(encodeSctList(decoded.value)).toEqual(some)
    }),
    { numRuns: 1000 },
  )
  expect([...outcomes].sort()).toEqual(['badSctList', 'read'])
})

const head = `00 ${'11'.repeat(32)}`
const good = `${head} 0000018bd2b4e162 0000 0403 0002 3000`

test.each([
  ['badSct', 'empty', '', 'empty'],
  ['badSct', 'version 1', `01${good.slice(2)}`, 'version 1'],
  ['badSct', 'cut short at its end', good.slice(0, -2), 'truncated'],
  ['badSct', 'without a log ID', '00 0000018bd2b4e162 0000 0403 0000', 'truncated'],
  ['badSct', 'without a timestamp', `${head} 0000 0403 0000`, 'truncated'],
  ['badSct', 'without extensions', `${head} 0000018bd2b4e162 0403 0000`, 'truncated'],
  ['badSct', 'without a signature', `${head} 0000018bd2b4e162 0000 0403`, 'truncated'],
  ['badSct', 'with a trailing byte', `${good} 00`, 'trailing bytes'],
  ['badSct', 'with extensions longer than itself', `${head} 0000018bd2b4e162 ffff 0403 0002 3000`, 'truncated'],
  [
    'badSct',
    'with a SHA-1 signature',
    `${head} 0000018bd2b4e162 0000 0203 0002 3000`,
    'hash algorithm 2 with signature algorithm 3',
  ],
  [
    'badSct',
    'with a DSA signature',
    `${head} 0000018bd2b4e162 0000 0402 0002 3000`,
    'hash algorithm 4 with signature algorithm 2',
  ],
  [
    'badSct',
    'with the anonymous signature',
    `${head} 0000018bd2b4e162 0000 0400 0002 3000`,
    'hash algorithm 4 with signature algorithm 0',
  ],
  ['numberTooLarge', 'at 2^53 milliseconds', `${head} 0020000000000000 0000 0403 0002 3000`, 'timestamp'],
  ['numberTooLarge', 'at the end of 64 bits', `${head} ffffffffffffffff 0000 0403 0002 3000`, 'timestamp'],
  ['numberTooLarge', 'at 2^53 milliseconds with nothing behind', `${head} 0020000000000000`, 'timestamp'],
  ['numberTooLarge', 'at 2^53 milliseconds with extensions cut short', `${head} 0020000000000000 0001`, 'timestamp'],
])('%s: an SCT %s is refused, and it is said why [WIRE-002]', (error, _, text, detail) => {
  expect(decodeSct(hex(good)).ok).toBe(true)
  expect(decodeSct(hex(text))).toEqual({ ok: false, error, detail })
})

test('every proper prefix of an SCT is refused [WIRE-002]', () => {
  const whole = hex(good)
  for (let length = 0; length < whole.length; length++) {
    expect(decodeSct(whole.subarray(0, length))).toMatchObject({ ok: false, error: 'badSct' })
  }
})

test('the timestamp 2^53-1 is exact [WIRE-002]', () => {
  expect(decodeSct(hex(`${head} 001fffffffffffff 0000 0401 0000`))).toMatchObject({ value: { timestamp: 2 ** 53 - 1 } })
})

test.each([
  ['empty bytes', '', 'truncated'],
  ['an empty list', '0000', 'empty'],
  ['half a length', '00', 'truncated'],
  ['a total beyond the end', '0004 0001 aa', 'truncated'],
  ['a total before the end', '0003 0001 aa bb', 'trailing bytes'],
  ['an SCT beyond the list', '0003 0002 aa', 'an SCT is truncated'],
  ['half an SCT length', '0004 0001 aa 00', 'an SCT is truncated'],
  ['an empty SCT', '0005 0001 aa 0000', 'an SCT is empty'],
])('badSctList: %s is refused, and it is said why [WIRE-002]', (_, text, detail) => {
  expect(decodeSctList(hex(text))).toEqual({ ok: false, error: 'badSctList', detail })
})

test('a log signs with SHA-256 and ECDSA P-256 or RSA, and with nothing else [WIRE-002]', () => {
  const schemes = new Map<string, string>()
  for (let hashAlgorithm = 0; hashAlgorithm < 256; hashAlgorithm++) {
    for (let signatureAlgorithm = 0; signatureAlgorithm < 256; signatureAlgorithm++) {
      const scheme = logScheme({ hashAlgorithm, signatureAlgorithm })
      if (scheme !== null) schemes.set(`${hashAlgorithm} ${signatureAlgorithm}`, scheme)
    }
  }
  expect(Object.fromEntries(schemes)).toEqual({ '4 3': 'ecdsa-p256-sha256', '4 1': 'rsa-pkcs1-sha256' })
})
