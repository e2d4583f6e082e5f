// When a log owes inclusion, and by which tree head: a frozen table, and the table's meaning as properties.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dueAt, firstDueSth, latestSth } from '../../src/machines/ct/due.ts'
import { compareSth } from '../../src/machines/ct/sth.ts'
import type { Sth } from '../../src/machines/ct/types.ts'

const sth = (timestamp: number, size: number): Sth => ({
  logId: '0'.repeat(64),
  timestamp,
  size,
  root: '0'.repeat(64),
  signature: '04030000',
})

test.each([
  // SCT timestamp, MMD, time of receipt: due at
  [1000, 500, 2000, 1500],
  [1000, 500, 1000, 1500],
  [3000, 500, 2000, 2500],
  [2000, 0, 2000, 2000],
  [2 ** 53 - 1, 86_400_000, 1_700_000_000_000, 1_700_086_400_000],
  [0, 0, 0, 0],
])('an SCT of %i with MMD %i received at %i is due at %i [WIRE-012.1]', (sctTimestamp, mmd, receivedAt, due) => {
  expect(dueAt(sctTimestamp, mmd, receivedAt)).toBe(due)
})

const table = [sth(100, 5), sth(200, 7), sth(200, 9), sth(300, 9), sth(301, 8)]

test.each([
  // due at: index in the table, or -1 where none is due
  [0, 0],
  [99, 0],
  [100, 0],
  [101, 1],
  [199, 1],
  [200, 1],
  [201, 3],
  [300, 3],
  [301, 4],
  [302, -1],
  [2 ** 53 - 1, -1],
])(
  'of tree heads at 100, 200, 200, 300 and 301, what is due at %i is judged by number %i [WIRE-012.2, AUD-010]',
  (due, index) => {
    expect(firstDueSth(table, due)).toBe(table[index] ?? null)
  },
)

test('no tree head is none: not due yet, which is no failure [AUD-010]', () => {
  expect(firstDueSth([], 0)).toBeNull()
  expect(latestSth([])).toBeNull()
})

const anySths = fc.array(
  fc.tuple(fc.nat(20), fc.nat(5)).map(([timestamp, size]) => sth(timestamp, size)),
  { maxLength: 12 },
)

test('the first-due tree head is the least by (timestamp, size) of those at or after the due time [WIRE-012.2]', () => {
  fc.assert(
    fc.property(anySths, fc.nat(22), (sths, due) => {
      const candidates = sths.filter(({ timestamp }) => timestamp >= due)
      const found = firstDueSth([...sths].sort(compareSth), due)
      if (found === null) expect(candidates).toEqual([])
      else {
        expect(candidates).toContainEqual(found)
        for (const candidate of candidates) expect(compareSth(found, candidate)).toBeLessThanOrEqual(0)
      }
    }),
  )
})

test('a tree head that arrives later never makes the first-due one later [WIRE-012.2]', () => {
  fc.assert(
    fc.property(anySths, anySths, fc.nat(22), (sths, more, due) => {
      const before = firstDueSth([...sths].sort(compareSth), due)
      const after = firstDueSth([...sths, ...more].sort(compareSth), due)
      if (before !== null) expect(compareSth(after as Sth, before)).toBeLessThanOrEqual(0)
    }),
  )
})

test('the latest tree head is the greatest by (timestamp, size), in whatever order they come [RELAY-003.2]', () => {
  fc.assert(
    fc.property(anySths, (sths) => {
      expect(latestSth(sths)).toEqual([...sths].sort(compareSth).at(-1) ?? null)
    }),
  )
})

test('of tree heads alike in both, the first is kept as the latest [RELAY-003.2]', () => {
  const [one, other] = [sth(7, 3), { ...sth(7, 3), root: '1'.repeat(64) }]
  expect(latestSth([one, other])).toBe(one)
  expect(latestSth([other, sth(7, 2), one])).toBe(other)
})

test('with a leaf index, a tree head that has the leaf is due before its time [WIRE-012.3]', () => {
  // At 301 the log has forgotten a leaf.
  expect(firstDueSth(table, 1000, 4)).toBe(table[0])
  expect(firstDueSth(table, 1000, 5)).toBe(table[1])
  expect(firstDueSth(table, 1000, 8)).toBe(table[2])
  expect(firstDueSth(table, 301, 9)).toBe(table[4])
  expect(firstDueSth(table, 1000, 9)).toBeNull()
  expect(firstDueSth(table, 200, 0)).toBe(table[0])
})

test('no SCT timestamp, however far ahead, postpones the due time beyond receipt plus MMD [AUD-011]', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.nat(), fc.nat(), (sctTimestamp, mmd, receivedAt) => {
      expect(dueAt(sctTimestamp, mmd, receivedAt)).toBeLessThanOrEqual(receivedAt + mmd)
      expect(dueAt(sctTimestamp, mmd, receivedAt)).toBeLessThanOrEqual(sctTimestamp + mmd)
    }),
  )
})
