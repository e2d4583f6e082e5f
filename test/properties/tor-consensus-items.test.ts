// The lines of a consensus document's body, one by one [CONS-001].
import { expect, test } from 'vitest'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { toBase64, toHex, utf8 } from '../../src/machines/ct/bytes.ts'
import { type ItemError, type Items, itemLimits, noItems, readItem } from '../../src/machines/tor/consensus-items.ts'
import { readParams } from '../../src/machines/tor/consensus-params.ts'

const crypto = nodeCrypto()
const spki = utf8('a key')
const logId = toHex(crypto.sha256(spki))
const key = toBase64(spki)
const id = 'ab'.repeat(32)
const url = 'http://127.0.0.1:1'
const log = `log ${logId} 5 ${url} ${key}`
const sth = `sth ${logId} 6 7 ${id}`

/** What is said of the last line, and what all of them say. */
function read(...lines: readonly string[]): { error: ItemError | null; items: Items } {
  const items = noItems()
  const errors = lines.map((line) => readItem(crypto, line, items))
  return { error: errors.at(-1) ?? null, items }
}

const errorOf = (...lines: readonly string[]) => read(...lines).error

test('every line says what it says, and nothing else [CONS-001.3]', () => {
  const auditor = `auditor ${id} ${url}`
  const lines = ['valid-after 1', 'fresh-until 2', 'valid-until 3', `tor-consensus ${id}`, 'params a=-4']
  const { error, items } = read(...lines, log, `${sth} 0403`, `ctr ${id} ${url} family=${id},${logId}`, auditor, 'x')
  expect(error).toBeNull()
  const sthOf = { logId, timestamp: 6, size: 7, root: id, signature: '0403' }
  expect(items).toEqual({
    times: new Map(Object.entries({ 'valid-after': 1, 'fresh-until': 2, 'valid-until': 3 })),
    torConsensus: id,
    params: { a: -4 },
    logs: new Map([[logId, { logId, key, mmd: 5, url }]]),
    sths: new Map([[`${logId} 6 7 ${id}`, sthOf]]),
    ctrs: new Map([[id, { ctrId: id, url, family: [id, logId] }]]),
    auditors: new Map([[id, { auditorId: toHex(crypto.sha256(Buffer.from(id, 'hex'))), key: id, url }]]),
  })
})

test('no argument may be missing, or have another form; further ones are ignored [CONS-001.3]', () => {
  const cases = ['valid-after 1', 'fresh-until 1', 'valid-until 1', `tor-consensus ${id}`, log, `${sth} 04`]
  for (const line of [...cases, `ctr ${id} ${url}`, `auditor ${id} ${url}`]) {
    const before = line.startsWith('sth') ? [log] : []
    const words = line.split(' ')
    expect(errorOf(...before, line), line).toBeNull()
    expect(errorOf(...before, `${line} more`), line).toBeNull()
    for (let at = 1; at < words.length; at++) {
      const cut = words.slice(0, at).join(' ')
      expect(errorOf(...before, cut), cut).toBe('badLine')
      const other = words.with(at, 'z').join(' ')
      expect(errorOf(...before, other), other).toBe('badLine')
    }
  }
})

test('an integer is 0 to 2^53-1 in its only spelling [CONS-001.3]', () => {
  for (const value of [0, 1, 10, Number.MAX_SAFE_INTEGER])
    expect(read(`valid-after ${value}`).items.times.get('valid-after')).toBe(value)
  const bad = [
    '',
    '-0',
    '-1',
    '00',
    '01',
    '+1',
    '1.0',
    '1.5',
    '1e3',
    '0x1',
    '9007199254740992',
    '1e+21',
    'NaN',
    'Infinity',
  ]
  for (const text of bad) expect(errorOf(`valid-after ${text}`), text).toBe('badLine')
})

const hosts = [
  'a',
  'a1',
  'a-b',
  'a--b',
  '1a.a',
  'a.b.c1',
  'A.Example',
  'xn--bcher-kva.example',
  '0.0.0.0',
  '255.249.199.99',
  '[::1]',
  '[1:2::F]',
  '[::1.2.3.4]',
]
const noHosts = [
  '',
  '.',
  'a.',
  '.a',
  'a..b',
  '-a',
  'a-',
  'a-.b',
  'a.-b',
  'a.b-',
  'a_b',
  'a.1',
  '1',
  '1a',
  'a.1a',
  '0x1',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.256',
  '1.2.3.260',
  '1.2.3.300',
  '01.2.3.4',
  '1.2.3.04',
  '[',
  '[]',
  '[::g]',
  '[::1',
  '::1',
  '[1:2]',
  '[::1]a',
  'a[::1]',

  'u@a',
  'é',
]
const places = ['', ':0', ':80', ':00080', ':65535', '/a', ':1/a', '/a/b', '/.', '/..', '/A-Z_0~9.x']
const [good, bad] = [new Set([null]), new Set(['badLine'])]
const noPlaces = [
  ':',
  ':x',
  ':-1',
  ':65536',
  ':000080',
  '/',
  '//',
  '/a/',
  '//a',
  '/a//b',
  '/%41',
  '/a:b',
  '?a',
  '#a',
  '/a?b',
  '\\a',
]

test('a URL has a host name whose last label begins with a letter, or an address, then a port, then segments [CONS-001.3]', () => {
  const errors = (urls: readonly string[]) => new Set(urls.map((one) => errorOf(`ctr ${id} ${one}`)))
  for (const scheme of ['http', 'https']) {
    for (const host of hosts) expect(errors(places.map((place) => `${scheme}://${host}${place}`)), host).toEqual(good)
    for (const host of noHosts) expect(errors(places.map((place) => `${scheme}://${host}${place}`)), host).toEqual(bad)
    for (const place of noPlaces) expect(errors([`${scheme}://a${place}`]), place).toEqual(bad)
  }
  for (const scheme of ['HTTP', 'ftp', 'ws', 'xhttp', '', 'httpss'])
    expect(errors([`${scheme}://a`]), scheme).toEqual(bad)
})

test('a URL has a scheme at its start, and no more than 255 characters [CONS-001.3]', () => {
  const long = (length: number) => `${url}/${'x'.repeat(length - url.length - 1)}`
  expect(errorOf(`ctr ${id} ${long(255)}`)).toBeNull()
  for (const bad of [long(256), `x${url}`, `${url}/`, `${url}?a`, 'http://127.0.0.1:99999'])
    expect(errorOf(`ctr ${id} ${bad}`), bad).toBe('badLine')
})

test('what an option says is found behind other arguments [CONS-001.3]', () => {
  expect(read(`${log} colour=red static=${url}/m`).items.logs.get(logId)?.monitoringUrl).toBe(`${url}/m`)
  expect(read(`ctr ${id} ${url} colour=red family=${id}`).items.ctrs.get(id)?.family).toEqual([id])
})

test('a family and a tree head’s signature may be as long as the limit, and not longer [CONS-001.5]', () => {
  const family = (count: number) => `ctr ${id} ${url} family=${Array.from({ length: count }, () => id).join(',')}`
  expect(errorOf(family(itemLimits.family))).toBeNull()
  expect(errorOf(family(itemLimits.family + 1))).toBe('tooMany')
  expect(errorOf(log, `${sth} ${'04'.repeat(1100)}`)).toBeNull()
  expect(errorOf(log, `${sth} ${'04'.repeat(1101)}`)).toBe('badLine')
  expect(errorOf(log, `${sth} 040`)).toBe('badLine')
})

test('a parameter is a name, one equals sign and an Int32 in its only spelling [CONS-001, CONS-002.2]', () => {
  expect(readParams(['a=-2147483648', 'b=0', 'C_-9=2147483647'])).toEqual({
    a: -2147483648,
    b: 0,
    'C_-9': 2147483647,
  })
  const values = ['-2147483649', '2147483648', '4294967296', '-0', '01', '+1', '1.0', '1e3', '', '1=2', '1x', 'x']
  for (const bad of [...values.map((value) => `a=${value}`), '', 'a', '=1', '.a=1', 'a b=1'])
    expect(readParams([bad]), bad).toBe('badLine')
  expect(readParams(['a=1', 'a=1'])).toBe('duplicate')
  expect(readParams(['a=1', 'b=1'], 1)).toBe('tooMany')
  expect(readParams(['a=1'], 1)).toEqual({ a: 1 })
})
