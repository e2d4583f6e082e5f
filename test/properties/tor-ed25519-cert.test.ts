// The form of Tor's Ed25519 certificates, before any signature is verified [cert-spec 2.1, WIRE-008].
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { concat, uint } from '../../src/machines/ct/bytes.ts'
import { identityNamed } from '../../src/machines/tor/ed25519-cert.ts'

interface Extension {
  readonly type: number
  readonly flags: number
  readonly data: Uint8Array
}

const start = concat(Uint8Array.of(1, 4), uint(7, 4), Uint8Array.of(1), new Uint8Array(32).fill(9))
const signature = new Uint8Array(64).fill(8)
const extended = ({ type, flags, data }: Extension) => concat(uint(data.length, 2), Uint8Array.of(type, flags), data)
const certificate = (extensions: readonly Extension[], count = extensions.length) =>
  concat(start, uint(count, 1), ...extensions.map(extended), signature)

const data = fc.uint8Array({ maxLength: 40 })
const named = fc.record({ type: fc.constant(4), flags: fc.nat(255), data })
const unknown = fc.record({
  type: fc.nat(255).filter((type) => type !== 4),
  flags: fc.nat(127).map((half) => half * 2),
  data,
})

test('extension 04 names the identity; others are passed over if they do not affect validation [WIRE-008.4]', () => {
  const others = fc.array(unknown, { maxLength: 3 })
  fc.assert(
    fc.property(others, fc.option(named), others, unknown, (before, one, after, odd) => {
      const extensions = [...before, ...(one === null ? [] : [one]), ...after]
      expect(identityNamed(certificate(extensions))).toEqual(one === null ? null : one.data)
      expect(identityNamed(certificate([...extensions, { ...odd, flags: odd.flags + 1 }]))).toBeNull()
      if (one !== null) expect(identityNamed(certificate([...extensions, one]))).toBeNull()
    }),
  )
})

test('a certificate that is cut, has more behind it, or counts its extensions wrongly names none [WIRE-008.4]', () => {
  const identity = new Uint8Array(32).fill(5)
  const extensions = [
    { type: 4, flags: 0, data: identity },
    { type: 5, flags: 0, data: new Uint8Array() },
  ]
  const whole = certificate(extensions)
  expect(identityNamed(whole)).toEqual(identity)
  for (let length = 0; length < whole.length; length++) expect(identityNamed(whole.subarray(0, length))).toBeNull()
  expect(identityNamed(concat(whole, new Uint8Array(1)))).toBeNull()
  for (const count of [0, 1, 3, 255]) expect(identityNamed(certificate(extensions, count)), `${count}`).toBeNull()
})

test('version, type and kind of key are 1, 4 and 1 [WIRE-008.1]', () => {
  const whole = certificate([{ type: 4, flags: 0, data: new Uint8Array(32) }])
  for (const at of [0, 1, 6]) {
    const other = whole.slice()
    other[at] = (other[at] as number) + 1
    expect(identityNamed(other), `${at}`).toBeNull()
  }
})
