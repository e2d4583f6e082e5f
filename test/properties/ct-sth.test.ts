// Signed tree heads: JSON, signatures, order.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { concat, toBase64, toHex, uint } from '../../src/machines/ct/bytes.ts'
import { referenceCrypto } from '../../src/machines/ct/reference-crypto.ts'
import {
  compareSth,
  decodeSthJson,
  encodeSthJson,
  sameHead,
  sthSignatureInput,
  verifySth,
} from '../../src/machines/ct/sth.ts'
import type { Log, Sth } from '../../src/machines/ct/types.ts'
import { noRealData, realJson } from '../data.ts'
import { logKey } from './arbitraries/log-key.ts'

const crypto = nodeCrypto()
const keys = [logKey('ecdsa'), logKey('rsa')]
const [{ log, signHead }] = keys as [ReturnType<typeof logKey>]
const logId = log.logId

const anyCount = fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, 1, 2 ** 32, 2 ** 53 - 1))
const anyHead = fc.record({
  timestamp: anyCount,
  size: anyCount,
  root: fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex),
})
const anySignature = fc
  .tuple(fc.constantFrom(1, 3), fc.uint8Array({ maxLength: 80 }))
  .map(([algorithm, bytes]) => toHex(concat(new Uint8Array([4, algorithm]), uint(bytes.length, 2), bytes)))
const anySth = fc.tuple(anyHead, anySignature).map(([head, signature]): Sth => ({ logId, ...head, signature }))

test('the signature input is 00 01, timestamp, size and root: 50 bytes [WIRE-004]', () => {
  fc.assert(
    fc.property(anyHead, (head) => {
      const input = sthSignatureInput(head)
      const number = (n: number) => n.toString(16).padStart(16, '0')
      expect(toHex(input)).toBe(`0001${number(head.timestamp)}${number(head.size)}${head.root}`)
      expect(input.length).toBe(50)
    }),
  )
})

test('a tree head that the log signed verifies, with ECDSA and with RSA [WIRE-004]', () => {
  fc.assert(
    fc.property(fc.constantFrom(...keys), anyHead, (key, head) => {
      expect(verifySth(crypto, key.log, key.signHead(head))).toBe(true)
    }),
    { numRuns: 20 },
  )
})

test('a tree head with any other member, or of another log, does not verify [WIRE-004]', () => {
  const changes: ((sth: Sth) => Sth)[] = [
    (sth) => ({ ...sth, timestamp: sth.timestamp === 0 ? 1 : sth.timestamp - 1 }),
    (sth) => ({ ...sth, size: sth.size === 0 ? 1 : sth.size - 1 }),
    (sth) => ({ ...sth, timestamp: 2 ** 53 }),
    (sth) => ({ ...sth, size: 0.5 }),
    (sth) => ({ ...sth, root: sth.root.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) }),
    (sth) => ({ ...sth, root: sth.root.slice(2) }),
    (sth) => ({ ...sth, root: 'z'.repeat(64) }),
    (sth) => ({ ...sth, signature: sth.signature.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')) }),
    (sth) => ({ ...sth, signature: `${sth.signature}00` }),
    (sth) => ({ ...sth, signature: `${sth.signature}0` }),
    (sth) => ({ ...sth, signature: sth.signature.slice(0, -2) }),
    (sth) => ({ ...sth, signature: `05${sth.signature.slice(2)}` }),
    (sth) => ({ ...sth, signature: `${sth.signature.slice(0, 2)}02${sth.signature.slice(4)}` }),
    (sth) => ({ ...sth, signature: '' }),
    (sth) => ({ ...sth, logId: '0'.repeat(64) }),
  ]
  fc.assert(
    fc.property(fc.constantFrom(...keys), anyHead, (key, head) => {
      const sth = key.signHead(head)
      for (const change of changes) expect(verifySth(crypto, key.log, change(sth)), String(change)).toBe(false)
      const otherKey: Log = { ...key.log, key: (keys.find((other) => other !== key) as typeof key).log.key }
      expect(verifySth(crypto, otherKey, sth)).toBe(false)
      expect(verifySth(crypto, { ...key.log, key: 'no base64' }, sth)).toBe(false)
    }),
    { numRuns: 20 },
  )
})

test('the JSON of a tree head decodes to it [WIRE-004]', () => {
  fc.assert(
    fc.property(anySth, (sth) => {
      const json = JSON.parse(JSON.stringify({ ...encodeSthJson(sth), extra: 1 }))
      expect(decodeSthJson(logId, json)).toEqual({ ok: true, value: sth })
    }),
  )
})

test('JSON with a member missing or of another form is badSth [WIRE-004]', () => {
  const good = encodeSthJson(signHead({ timestamp: 1, size: 2, root: '00'.repeat(32) }))
  const bad: readonly [string, readonly unknown[]][] = [
    ['tree_size', [undefined, null, '2', -1, 1.5, 2 ** 53, Number.NaN, {}]],
    ['timestamp', [undefined, null, '1', -1, 1.5, 2 ** 53, []]],
    [
      'sha256_root_hash',
      [
        undefined,
        7,
        '',
        toBase64(new Uint8Array(31)),
        `${good.sha256_root_hash} `,
        `_${good.sha256_root_hash.slice(1)}`,
      ],
    ],
    [
      'tree_head_signature',
      [undefined, '', 'BAM=', 'BAMAAQ==', 'BAMAAAA=', 'BQMAAA==', 'BAQAAA==', good.tree_head_signature.slice(0, -4)],
    ],
  ]
  expect(decodeSthJson(logId, good).ok).toBe(true)
  for (const [name, values] of bad) {
    for (const value of values) {
      expect(decodeSthJson(logId, { ...good, [name]: value }), `${name}: ${String(value)}`).toMatchObject({
        error: 'badSth',
      })
    }
  }
  for (const json of [null, undefined, 1, 'text', [], [good]])
    expect(decodeSthJson(logId, json)).toMatchObject({ error: 'badSth' })
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      expect(decodeSthJson(logId, json)).toMatchObject({ error: 'badSth' })
    }),
  )
})

test('tree heads are ordered by timestamp, then by size [WIRE-012.2]', () => {
  const small = fc.record({ timestamp: fc.nat(3), size: fc.nat(3), root: fc.constant('00'.repeat(32)) })
  fc.assert(
    fc.property(small, small, (a, b) => {
      const sign = Math.sign(a.timestamp - b.timestamp) || Math.sign(a.size - b.size)
      const [x, y] = [a, b].map((head) => ({ logId, ...head, signature: '04030000' })) as [Sth, Sth]
      expect(Math.sign(compareSth(x, y))).toBe(sign)
      expect(sameHead(x, { ...y, signature: '04010000' })).toBe(sign === 0)
    }),
  )
})

test('heads with another root or of another log are not the same [WIRE-004]', () => {
  const sth = signHead({ timestamp: 1, size: 2, root: '00'.repeat(32) })
  expect(sameHead(sth, { ...sth, root: '11'.repeat(32) })).toBe(false)
  expect(sameHead(sth, { ...sth, logId: '11'.repeat(32) })).toBe(false)
})

test.skipIf(noRealData)('Icarus: both tree heads verify with the log’s key, on both paths [WIRE-004]', () => {
  const [{ key, sths }] = realJson('tree-cases.json')
  const icarus: Log = {
    logId: toHex(crypto.sha256(new Uint8Array(Buffer.from(key, 'base64')))),
    key,
    mmd: 86_400_000,
    url: 'http://127.0.0.1/icarus',
  }
  expect(sths.length).toBe(2)
  for (const json of sths) {
    const sth = decodeSthJson(icarus.logId, json)
    if (!sth.ok) expect.unreachable(sth.detail)
    for (const path of [crypto, referenceCrypto]) {
      expect(verifySth(path, icarus, sth.value)).toBe(true)
      expect(verifySth(path, icarus, { ...sth.value, size: sth.value.size + 1 })).toBe(false)
    }
  }
})
