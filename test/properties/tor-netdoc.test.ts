// Items of Tor's directory documents, their times and digests.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { armored, ascii, dateOf } from '../../src/adapters/conform/generate/tor-documents.ts'
import { latin1, toBase64 } from '../../src/machines/ct/bytes.ts'
import { objectOf, readNetdoc, readTime, readUnpadded, soleItems } from '../../src/machines/tor/netdoc.ts'

const keyword = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9-]{0,12}$/)
const argument = fc.stringMatching(/^[!-~]{1,12}$/)
const object = fc.record({
  label: fc.constantFrom('SIGNATURE', 'RSA PUBLIC KEY', 'ID-2'),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 120 }),
})
const item = fc.record({
  keyword,
  args: fc.array(argument, { maxLength: 4 }),
  object: fc.option(object),
})

const textOf = ({
  keyword,
  args,
  object,
}: {
  keyword: string
  args: readonly string[]
  object: { label: string; bytes: Uint8Array } | null
}) => `${[keyword, ...args].join(' ')}\n${object === null ? '' : armored(object.label, object.bytes)}`

test('what is written is read, item by item, each at its place [CONS-002.1]', () => {
  fc.assert(
    fc.property(fc.array(item, { minLength: 1, maxLength: 8 }), (items) => {
      let start = 0
      const placed = items.map((one) => {
        const end = start + textOf(one).length
        const at = { ...one, start, end }
        start = end
        return at
      })
      const text = items.map(textOf).join('')
      expect(readNetdoc(text, items.length)).toEqual(placed)
      expect(readNetdoc(text, items.length - 1)).toBeNull()
    }),
  )
})

test('arguments are apart by spaces and tabs, any byte may be in them, and none is empty [CONS-002.1]', () => {
  expect(readNetdoc('a \t b\tc\n', 9)).toMatchObject([{ keyword: 'a', args: ['b', 'c'] }])
  expect(readNetdoc('contact J\u00fcrgen\u0080\n', 9)).toMatchObject([{ args: ['J\u00fcrgen\u0080'] }])
  expect(readNetdoc('client-versions \n', 9)).toMatchObject([{ args: [] }])
  expect(readNetdoc('a b \t\n', 9)).toMatchObject([{ args: ['b'] }])
  expect(readNetdoc('-- x~\n', 9)).toMatchObject([{ keyword: '--', args: ['x~'] }])
})

test('what is no list of items is refused [CONS-002.1]', () => {
  const good = `a b\n${armored('SIGNATURE', ascii('0123456789'))}`
  expect(readNetdoc(good, 9)).toHaveLength(1)
  const bad = [
    '',
    'a',
    'a\nb',
    '\na\n',
    'a\n\nb\n',
    ' a\n',
    'a\u0000\n',
    'a \u0008b\n',
    'a \u000bb\n',
    'a\r\n',
    'a \u001fb\n',
    'a \u007fb\n',
    'a_b\n',
    'a? b\n',
    good.slice(4),
    good.slice(0, -1),
    good.slice(0, -20),
    good.replace('-----BEGIN SIGNATURE-----', '-----BEGIN SIGNATURE----'),
    good.replace('-----BEGIN SIGNATURE-----', '-----BEGIN SIGNATURE'),
    good.replace('-----END SIGNATURE-----', '-----END SIGNATURES-----'),
    good.replaceAll('SIGNATURE', 'signature'),
    good.replaceAll('SIGNATURE', 'SIGNA_TURE'),
    good.replaceAll('SIGNATURE', 'SIGNATURE\t'),
    good.replaceAll('SIGNATURE', 'x-----BEGIN SIGNATURE'),
    good.replaceAll('SIGNATURE', '\nSIGNATURE'),
    good.replaceAll(' SIGNATURE', ' '),
    good.replaceAll(/^MDEy/gm, 'MDE='),
    good.replaceAll(/^MDEy/gm, 'M*Ey'),
    good.replaceAll('OQ==', 'OR=='),
    good.replaceAll('OQ==', 'OQ'),
    `${good}-----BEGIN X-----\nAAAA\n-----END X-----\n`,
  ]
  for (const text of bad) expect(readNetdoc(text, 9), JSON.stringify(text)).toBeNull()
  expect(readNetdoc('a\n-----BEGIN X-----\n-----END X-----\n', 9)?.[0]?.object?.bytes).toEqual(new Uint8Array())
})

test('base64 in an object may have lines of any width [CONS-002.1]', () => {
  const bytes = ascii('some bytes that are longer')
  const lines = toBase64(bytes)
    .match(/.{1,7}/g)
    ?.join('\n')
  const read = readNetdoc(`a\n-----BEGIN X-----\n${lines}\n-----END X-----\n`, 1)
  expect(read?.[0]?.object).toEqual({ label: 'X', bytes })
})

test('each of the wanted items must be there exactly once; others are passed over [CONS-002.1]', () => {
  const items = readNetdoc('a 1\nb 2\nb 3\nc 4\n', 9) ?? []
  expect(soleItems(items, ['a', 'c'])).toMatchObject({ a: { args: ['1'] }, c: { args: ['4'] } })
  expect(Object.keys(soleItems(items, ['a', 'c']) ?? {})).toEqual(['a', 'c'])
  expect(soleItems(items, ['a', 'b'])).toBeNull()
  expect(soleItems(items, ['a', 'd'])).toBeNull()
  expect(soleItems(items, [])).toEqual({})
})

test('an object is taken under its labels alone [CONS-003.1]', () => {
  const [without, found] = readNetdoc(`a\nb\n${armored('X', ascii('abc'))}`, 9) ?? []
  if (without === undefined || found === undefined) expect.unreachable()
  expect(objectOf(found, 'X')).toEqual(ascii('abc'))
  expect(objectOf(found, 'Y', 'X')).toEqual(ascii('abc'))
  expect(objectOf(found, 'Y')).toBeNull()
  expect(objectOf(without, 'X')).toBeNull()
})

test('a time is read in its one form, from 1970 on, and only if the day exists [CONS-002.1]', () => {
  const read = (text: string) => readTime({ args: text.split(' ') })
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (seconds) => {
      expect(read(dateOf(seconds * 1000))).toBe(seconds * 1000)
    }),
  )
  expect(read('1970-01-01 00:00:00')).toBe(0)
  expect(read('2028-02-29 23:59:59')).toBe(1_835_481_599_000)
  for (const bad of [
    '',
    '2026-02-29 00:00:00',
    '2026-13-01 00:00:00',
    '2026-01-32 00:00:00',
    '2026-01-01 24:00:00',
    '2026-01-01 00:60:00',
    '2026-01-01 00:00:60',
    '2026-1-01 00:00:00',
    '2026-01-01',
    '2026-01-01 0:00:00',
    '2026-01-01 00:00:00Z',
    '2026-01-01 00:00:00.5',
    '1969-12-31 23:59:59',
    '12026-01-01 00:00:00',
    '+012026-01-01 00:00:00',
    '+2026-01-01 00:00:00',
  ])
    expect(read(bad), bad).toBeNull()
})

test('a digest without padding is read if it is canonical and of its length [CONS-002.3]', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
      const text = toBase64(bytes).replace(/=+$/, '')
      expect(readUnpadded(text, bytes.length)).toEqual(bytes)
      expect(readUnpadded(text, bytes.length + 1)).toBeNull()
      expect(readUnpadded(`${text}=`, bytes.length)).toBeNull()
      expect(readUnpadded(`${text}AAAA`, bytes.length)).toBeNull()
    }),
  )
  expect(readUnpadded(undefined, 20)).toBeNull()
  expect(readUnpadded('AAB', 2)).toBeNull()
  expect(latin1(readUnpadded('YWI', 2) ?? new Uint8Array())).toBe('ab')
})
