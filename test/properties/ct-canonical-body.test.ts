// The short cut past JSON and PEM: it reads every canonical body, exactly, and nothing else.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { concat, toBase64, utf8 } from '../../src/machines/ct/bytes.ts'
import { type CanonicalBody, readCanonicalBody } from '../../src/machines/ct/canonical-body.ts'
import { encodePem } from '../../src/machines/ct/pem.ts'
import { decodeSfoBody } from '../../src/machines/ct/sfo.ts'
import { bytes, damaged } from './arbitraries/ct.ts'

function encode({ chain, sctList }: CanonicalBody): Uint8Array {
  return utf8(JSON.stringify([{ x509_chain: chain.map((der) => encodePem(der)), sct_data_v1: [toBase64(sctList)] }]))
}

/** 48 bytes are a line; around a multiple of it the last line is full, or of one group of digits. */
const der = fc.oneof(
  bytes(150, 1),
  fc.constantFrom(1, 2, 3, 47, 48, 49, 95, 96, 97).map((n) => new Uint8Array(n).fill(n)),
)
const canonical = fc.record({ chain: fc.array(der, { minLength: 1, maxLength: 3 }), sctList: bytes(60) })
const filled = (length: number) => new Uint8Array(length).fill(0x5a)
const small: CanonicalBody = { chain: [filled(49), filled(48)], sctList: filled(5) }

test('each canonical body is read by the short cut [WIRE-001.1, WIRE-001.4]', () => {
  fc.assert(
    fc.property(canonical, (body) => {
      expect(readCanonicalBody(encode(body))).toEqual(body)
    }),
    { examples: [[small]] },
  )
})

/** What is read is what the body says: writing it down gives the body again. */
function expectCanonicalOrNull(body: Uint8Array): void {
  const read = readCanonicalBody(body)
  if (read !== null) expect(Buffer.from(encode(read)).toString()).toBe(Buffer.from(body).toString())
}

test('with any byte changed, left out or doubled, a body is read only if it is canonical again [WIRE-001.1, WIRE-001.4]', () => {
  const body = encode(small)
  for (let at = 0; at < body.length; at++) {
    for (const byte of [0x0a, 0x20, 0x22, 0x2c, 0x2d, 0x3d, 0x41, 0x5c, 0x5d, 0x6e, 0x7d, 0xff])
      expectCanonicalOrNull(body.with(at, byte))
    expectCanonicalOrNull(body.filter((_, index) => index !== at))
    expectCanonicalOrNull(concat(body.subarray(0, at), body.subarray(at - 1)))
    expect(readCanonicalBody(body.subarray(0, at))).toBeNull()
  }
  fc.assert(fc.property(damaged(canonical.map(encode)), expectCanonicalOrNull))
})

const [before, digits, behind] = [
  '[{"x509_chain":["-----BEGIN CERTIFICATE-----\\n',
  toBase64(filled(48)),
  '"]}]',
] as const
const footer = '-----END CERTIFICATE-----\\n"'
const scts = '],"sct_data_v1":["AAAA'

test.each([
  ['no lines', `${before}${footer}${scts}${behind}`],
  ['an empty line alone', `${before}\\n${footer}${scts}${behind}`],
  ['an empty line behind the last', `${before}${digits}\\n\\n${footer}${scts}${behind}`],
  ['a line too long', `${before}${digits}AAAA\\n${footer}${scts}${behind}`],
  ['a line that is too short', `${before}AAAA\\n${digits}\\n${footer}${scts}${behind}`],
  ['no line end', `${before}${digits}${footer}${scts}${behind}`],
  ['a line end that is none', `${before}${digits}\\r${footer}${scts}${behind}`],
  ['a line end of two letters', `${before}${digits}nn${footer}${scts}${behind}`],
  ['no chain', `[{"x509_chain":[${scts}${behind}`],
  ['no list', `${before}${digits}\\n${footer}${behind}`],
  ['no base64 in the list', `${before}${digits}\\n${footer}],"sct_data_v1":["AAA${behind}`],
  ['one quote for two', `${before}${digits}\\n${footer}],"sct_data_v1":["]}]`],
])('a body with %s is left to JSON and PEM [WIRE-001.1, WIRE-001.4]', (_, text) => {
  expect(readCanonicalBody(utf8(`${before}${digits}\\n${footer}${scts}${behind}`))).not.toBeNull()
  expect(readCanonicalBody(utf8(text))).toBeNull()
})

test('a list whose first quote is its last is no JSON [WIRE-001.1]', () => {
  const text = `${before}${digits}\\n${footer}],"sct_data_v1":["]}]`
  expect(() => JSON.parse(text)).toThrow(SyntaxError)
  expect(decodeSfoBody(utf8(text), 1)).toEqual({ ok: false, error: 'notJson', detail: 'not JSON' })
})
