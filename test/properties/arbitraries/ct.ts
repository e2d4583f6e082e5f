// Arbitrary bytes and values of the CT kernel, and the small damages that a strict decoder must notice.
import fc from 'fast-check'
import type { SctFields } from '../../../src/machines/ct/sct.ts'

export const bytes = (maxLength: number, minLength = 0) => fc.uint8Array({ minLength, maxLength })

/** Biased towards the borders of what a 64-bit field may hold here: 0 to 2^53-1. */
export const timestamps = fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1))

export const sctFields: fc.Arbitrary<SctFields> = fc.record({
  logId: bytes(32, 32).map((id) => Buffer.from(id).toString('hex')),
  timestamp: timestamps,
  extensions: bytes(300),
  hashAlgorithm: fc.constant(4),
  signatureAlgorithm: fc.constantFrom(1, 3),
  signature: bytes(300),
})

/** A copy with one bit flipped; `position` is taken modulo the number of bits. */
export function withBitFlipped(original: Uint8Array, position: number): Uint8Array {
  const copy = Uint8Array.from(original)
  const bit = position % (copy.length * 8)
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return copy
}

/** Damage to a byte string that is not empty: a flip, a byte less or more somewhere, a part cut off or repeated. */
export function damaged(original: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  return fc.tuple(original, fc.nat(), fc.nat(255), fc.nat(3)).map(([whole, place, byte, kind]) => {
    const at = place % Math.max(1, whole.length)
    if (kind === 0) return withBitFlipped(whole, place)
    if (kind === 1) return whole.filter((_, index) => index !== at)
    if (kind === 2) return Uint8Array.from([...whole.subarray(0, at), byte, ...whole.subarray(at)])
    return whole.subarray(0, at)
  })
}

/** Any JSON value, and SFO-shaped ones whose members are of any kind. */
export const sfoLikeJson: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue(),
  fc.array(
    fc.record(
      {
        x509_chain: fc.oneof(fc.array(fc.oneof(fc.string(), fc.jsonValue()), { maxLength: 12 }), fc.jsonValue()),
        sct_data_v1: fc.oneof(fc.array(fc.oneof(fc.base64String(), fc.jsonValue()), { maxLength: 3 }), fc.jsonValue()),
        sct_data_v2: fc.jsonValue(),
      },
      { requiredKeys: [] },
    ),
    { maxLength: 3 },
  ),
)

/** The PEM text as another encoder would have written it. */
export function rewrapped(pem: string, width: number, eol: string, lastEol: boolean): string {
  const lines = pem.trimEnd().split('\n')
  const digits = lines.slice(1, -1).join('')
  const body = digits.match(new RegExp(`.{1,${width}}`, 'g')) ?? []
  return [lines[0], ...body, lines.at(-1)].join(eol) + (lastEol ? eol : '')
}
