// The explorer's keys against the canonical text.
import fc from 'fast-check'
import { List, Map as PersistentMap } from 'immutable'
import { expect, test } from 'vitest'
import { canonicalText } from '../../src/machines/kernel/canonical.ts'
import { numbering } from '../../src/machines/kernel/explore-key.ts'

test('two values have one number if and only if they print the same [INV-008]', () => {
  const leaf = fc.oneof(
    fc.integer({ min: 0, max: 2 }),
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom('', 'a', '0', 'null'),
  )
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      tie('list'),
      tie('record'),
      tie('map'),
      tie('persistentList'),
    ),
    list: fc.array(tie('value'), { maxLength: 3 }),
    record: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3 }),
    map: fc
      .dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3 })
      .map((record) => PersistentMap(record)),
    persistentList: fc.array(tie('value'), { maxLength: 3 }).map((list) => List(list)),
  }))
  fc.assert(
    fc.property(fc.array(value, { minLength: 2, maxLength: 12 }), (values) => {
      const identify = numbering()
      const seen = values.map((one) => [identify(one), canonicalText(one)] as const)
      for (const [number, text] of seen)
        for (const [other, otherText] of seen) expect(number === other, `${text} ${otherText}`).toBe(text === otherText)
    }),
    { numRuns: 300 },
  )
})

test('members count by their names, in any order; one that is undefined does not [INV-008]', () => {
  const identify = numbering()
  const number = identify({ a: 1, b: 2 })
  expect(identify({ b: 2, a: 1 })).toBe(number)
  expect(identify({ b: 2, c: undefined, a: 1 })).toBe(number)
  expect(identify({ a: 2, b: 1 })).not.toBe(number)
})

test('a part that two values share is read once', () => {
  let reads = 0
  const part = {
    get held() {
      reads++
      return [1, 2]
    },
  }
  const identify = numbering()
  expect(identify({ part, at: 1 })).not.toBe(identify({ part, at: 2 }))
  expect(reads).toBe(1)
})
