// Signed tree heads: JSON, signatures, order; and checkpoints, which say the same in another spelling.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { concat, toBase64, toHex, uint, utf8 } from '../../src/machines/ct/bytes.ts'
import { checkpointErrors, decodeCheckpoint, encodeCheckpoint } from '../../src/machines/ct/checkpoint.ts'
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

describe('checkpoints', () => {
  const origin = 'log.example/2026h2'
  const identity = { logId, origin }
  const sth = signHead({ timestamp: 1_700_000_000_000, size: 70_000, root: '5a'.repeat(32) })
  const text = new TextDecoder().decode(encodeCheckpoint(crypto, origin, sth))
  const [body, ownLine] = text.split('\n\n') as [string, string]
  const decode = (note: string) => decodeCheckpoint(crypto, identity, utf8(note))

  test('a checkpoint and the answer of get-sth convert into each other [WIRE-004, WIRE-013.3]', () => {
    fc.assert(
      fc.property(anySth, (any) => {
        const decoded = decodeCheckpoint(crypto, identity, encodeCheckpoint(crypto, origin, any))
        expect(decoded).toEqual({ ok: true, value: any })
      }),
    )
    const decoded = decode(text)
    expect(decoded.ok && verifySth(crypto, log, decoded.value)).toBe(true)
  })

  test('the line of the log’s name and key ID is taken wherever it stands; lines of unknown keys are ignored [WIRE-004, WIRE-013.3]', () => {
    const anyLine = fc
      .tuple(
        fc.constantFrom(origin, 'witness.example', 'log.example/2026h1'),
        fc.uint8Array({ minLength: 5, maxLength: 90 }),
      )
      .map(([name, blob]) => `— ${name} ${toBase64(blob)}\n`)
      .filter((line) => line.slice(0, origin.length + 8) !== ownLine.slice(0, origin.length + 8))
    fc.assert(
      fc.property(fc.array(anyLine, { maxLength: 16 }), fc.array(anyLine, { maxLength: 16 }), (before, after) => {
        expect(decode(`${body}\n\n${before.join('')}${ownLine}${after.join('')}`)).toEqual({ ok: true, value: sth })
      }),
    )
  })

  test('the key ID is the first four bytes of SHA-256 over name, newline, 05 and log ID [WIRE-004, WIRE-013.3]', () => {
    const keyId = crypto.sha256(utf8(`${origin}\n\x05`), Buffer.from(logId, 'hex')).subarray(0, 4)
    expect(Buffer.from(ownLine.split(' ')[2] as string, 'base64').subarray(0, 4)).toEqual(Buffer.from(keyId))
  })

  test('each fault of a checkpoint has its own error [WIRE-004, WIRE-013.3]', () => {
    const blob = Buffer.from((ownLine.split(' ')[2] as string).trim(), 'base64')
    const line = (bytes: Uint8Array) => `— ${origin} ${Buffer.from(bytes).toString('base64')}\n`
    const huge = Buffer.concat([blob.subarray(0, 4), Buffer.from('0020000000000000', 'hex'), blob.subarray(12)])
    const cases: readonly [string, keyof typeof checkpointErrors][] = [
      ['x'.repeat(128 * 1024 + 1), 'tooLarge'],
      ['', 'notNote'],
      [body, 'notNote'],
      [`${body}\n`, 'notNote'],
      [`${body}\n\n`, 'notNote'],
      [text.slice(0, -1), 'notNote'],
      [`${text}\n`, 'notNote'],
      [text.replace('— ', '- '), 'notNote'],
      [text.replace('— ', '—  '), 'notNote'],
      [`${text}— witness.example AAAA\n`, 'notNote'],
      [`${text}— wit+ness AAAAAAAA\n`, 'notNote'],
      [`${text}— witness AAAAAAA\n`, 'notNote'],
      [text.replace('70000', '70000\r'), 'notNote'],
      [text.replace('\n70000', '\n\0'), 'notNote'],
      [`${body}\nextension\n\n${ownLine}`, 'badBody'],
      [`${body.split('\n').slice(0, 2).join('\n')}\n\n${ownLine}`, 'badBody'],
      [text.replace('70000', '070000'), 'badBody'],
      [text.replace('70000', '+70000'), 'badBody'],
      [text.replace('70000', ''), 'badBody'],
      [text.replace('Wlpa', 'Wlp'), 'badBody'],
      [text.replace('70000', '9007199254740992'), 'numberTooLarge'],
      [`${body}\n\n${line(huge)}`, 'numberTooLarge'],
      [text.replaceAll(origin, 'log.example/2026h1'), 'otherOrigin'],
      [text.replace(`— ${origin}`, '— log.example/2026h1'), 'notSigned'],
      [`${body}\n\n${line(Buffer.concat([Buffer.alloc(4), blob.subarray(4)]))}`, 'notSigned'],
      [`${body}\n\n${line(blob.subarray(0, 11))}`, 'badSignature'],
      [`${body}\n\n${line(blob.subarray(0, -1))}`, 'badSignature'],
      [`${body}\n\n${line(Buffer.concat([blob, Buffer.alloc(1)]))}`, 'badSignature'],
    ]
    for (const [note, error] of cases) expect(decode(note), JSON.stringify(note.slice(0, 300))).toMatchObject({ error })
    expect(new Set(cases.map(([, error]) => error))).toEqual(new Set(Object.keys(checkpointErrors)))
    expect(decodeCheckpoint(crypto, identity, new Uint8Array([0xff, ...utf8(text)]))).toMatchObject({
      error: 'notNote',
    })
  })

  test('a checkpoint with one flipped byte is refused, or its tree head does not verify [WIRE-004, WIRE-013.3]', () => {
    const bytes = utf8(text)
    // The origin is not signed (static-ct-api says so), but an altered one is not the one that was asked for.
    for (let at = 0; at < bytes.length; at++) {
      const flipped = bytes.slice()
      flipped[at] = (flipped[at] as number) ^ 1
      const decoded = decodeCheckpoint(crypto, identity, flipped)
      expect(decoded.ok && verifySth(crypto, log, decoded.value), `byte ${at}`).toBe(false)
    }
  })

  test('128 KiB are a checkpoint, whoever else signed it, and one byte more is none [WIRE-013.4]', () => {
    const limit = 128 * 1024
    const padded = (size: number) => {
      const witnesses = ['a', 'b', 'c'].map((name) => `\u2014 ${name.repeat(16)} AAAAAAAA\n`).join('')
      const last = size - utf8(text + witnesses).length - utf8('\u2014  AAAAAAAA\n').length
      return `${text}${witnesses}\u2014 ${'w'.repeat(last)} AAAAAAAA\n`
    }
    fc.assert(
      fc.property(fc.integer({ min: limit - 20, max: limit + 20 }), (size) => {
        expect(utf8(padded(size))).toHaveLength(size)
        expect(decode(padded(size))).toMatchObject(size > limit ? { error: 'tooLarge' } : { value: sth })
      }),
      { numRuns: 30 },
    )
  })
})
