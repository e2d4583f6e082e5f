// What a text is refused for that is no PEM, and where its digits may stand.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toBase64 } from '../../src/machines/ct/bytes.ts'
import { decodePem } from '../../src/machines/ct/pem.ts'
import { bytes, rewrapped } from './arbitraries/ct.ts'

const pem = (...lines: readonly string[]) =>
  ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')

test.each([
  ['header or footer', 'nothing', ''],
  ['header or footer', 'a header alone', '-----BEGIN CERTIFICATE-----\n'],
  ['header or footer', 'a footer alone', '-----END CERTIFICATE-----\n'],
  ['header or footer', 'a header in one with the footer', '-----BEGIN CERTIFICATE----------END CERTIFICATE-----'],
  ['lines', 'no line', pem()],
  ['lines', 'an empty line alone', pem('')],
  ['lines', 'no line end within', '-----BEGIN CERTIFICATE-----\nQUJD-----END CERTIFICATE-----'],
  ['lines', 'an empty line behind the last', pem('QUJD', '')],
  ['lines', 'a line end a column late', pem('QUJD', 'QUJDQ', 'UJD')],
  ['lines', 'a line end in the middle of the second line', pem('QUJDQUJD', 'QU', 'JDQUJD')],
  ['lines', 'a line end for a digit of the second line', pem('QUJDQUJD', 'QUJ', 'QUJD')],
  ['lines', 'a line end for a digit, and a digit that is none', pem('QUJDQUJD', 'Q!J', 'QUJD')],
])('badPem, %s: %s [WIRE-001.4]', (detail, _, text) => {
  expect(decodePem(text)).toEqual({ ok: false, error: 'badPem', detail })
})

test.each([
  ['a digit alone', pem('Q')],
  ['a digit alone in the last line', pem('QUJD', 'Q')],
  ['a hyphen for a plus, long before the end', pem('Q-BCQUJD')],
  ['an underscore for a slash, long before the end', pem('Q_BCQUJD')],
  ['a letter whose low byte is a digit, long before the end', pem('Q\u0141BCQUJD')],
  ['a space for a digit, long before the end', pem('Q BCQUJD')],
  ['a group of three digits', pem('QUJDQUJ')],
  ['stray bits', pem('QUJDQR==')],
])('badBase64: %s [WIRE-001.4]', (_, text) => {
  expect(decodePem(text)).toEqual({ ok: false, error: 'badBase64', detail: 'in the lines' })
})

/** The last digit with a bit set of those that stand for nothing. */
const strayed = (digits: string) =>
  digits.replace(/.(?=(=+)$)/, (digit) => String.fromCharCode(digit.charCodeAt(0) + 1))

test('the last digits are looked at in lines of any width, with line ends of either kind [WIRE-001.4]', () => {
  const padded = bytes(20, 1).filter(({ length }) => length % 3 !== 0)
  const width = fc.integer({ min: 1, max: 9 })
  fc.assert(
    fc.property(padded, width, fc.constantFrom('\n', '\r\n'), fc.boolean(), (content, width, eol, lastEol) => {
      const digits = toBase64(content)
      expect(decodePem(rewrapped(pem(digits), width, eol, lastEol))).toEqual({ ok: true, value: content })
      const spoilt = rewrapped(pem(strayed(digits)), width, eol, lastEol)
      expect(decodePem(spoilt)).toEqual({ ok: false, error: 'badBase64', detail: 'in the lines' })
    }),
    { examples: [[Uint8Array.of(65), 1, '\r\n', true]] },
  )
})
