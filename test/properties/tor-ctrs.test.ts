// Which relays are CTRs: consensus, microdescriptors and announcements joined.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ascii, microdescriptor, sha256 } from '../../src/adapters/conform/generate/tor-documents.ts'
import { toHex } from '../../src/machines/ct/bytes.ts'
import { ctrCandidates, ctrList } from '../../src/machines/tor/ctr-list.ts'
import { microdescriptorLimits, readMicrodescriptors } from '../../src/machines/tor/microdescriptor.ts'
import { crypto } from './arbitraries/tor.ts'

const hash = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const fill = (byte: number, length = 32) => new Uint8Array(length).fill(byte)
const hex = (byte: number, length = 32) => toHex(fill(byte, length))
const digestOf = (text: string) => toHex(sha256(ascii(text)))

test('microdescriptors are found by the digest of their bytes, with identity and family [CONS-004.2, CONS-004.3]', () => {
  const one = fc.record({
    identity: hash(32),
    family: fc.array(hash(20), { maxLength: 3 }),
    familyIds: fc.array(fc.stringMatching(/^ed25519:[A-Za-z0-9+/]{43}$/), { maxLength: 3 }),
  })
  fc.assert(
    fc.property(fc.array(one, { maxLength: 4 }), fc.boolean(), (all, lower) => {
      const texts = all.map(({ identity, family, familyIds }) => {
        const members = family.map((member) => `$${lower ? toHex(member) : toHex(member).toUpperCase()}`)
        return microdescriptor({
          identity,
          lines: [`family ${members.join(' ')}`, `family-ids ${familyIds.join(' ')}`],
        })
      })
      const read = readMicrodescriptors(crypto, ascii(texts.join('')))
      expect(new Set(read?.keys())).toEqual(new Set(texts.map(digestOf)))
      for (const [i, { identity, family, familyIds }] of all.entries())
        expect(read?.get(digestOf(texts[i] as string))).toEqual({
          identity: toHex(identity),
          family: family.map(toHex),
          familyIds,
        })
    }),
  )
})

test('family members by name alone are passed over, a name behind a fingerprint too [CONS-004.3]', () => {
  const members = [
    'nick',
    `$${hex(1, 20)}=nick`,
    `$${hex(2, 20)}~nick`,
    `$${hex(3, 20)}0`,
    `x$${hex(4, 20)}`,
    `$${hex(5, 20)}`,
  ]
  const text = microdescriptor({ identity: fill(9), lines: [`family ${members.join(' ')}`] })
  const read = readMicrodescriptors(crypto, ascii(text))
  expect(read?.get(digestOf(text))?.family).toEqual([hex(1, 20), hex(2, 20), hex(5, 20)])
})

test('a microdescriptor that is malformed or has not one Ed25519 identity is left out, and its neighbours stay [CONS-004.2]', () => {
  const good = microdescriptor({ identity: fill(1) })
  const last = microdescriptor({ identity: fill(2) })
  const bad = [
    good.replace('id ed25519', 'id rsa1024'),
    good.replace(/id ed25519 ./, 'id ed25519 '),
    good.replace('id ed25519', 'ids ed25519'),
    good.replace(/id ed25519 .*\n/, '$&$&'),
    good.replace(/ntor/, '\nntor'),
    good.replace('onion-key\n', `onion-key\n${'x\n'.repeat(microdescriptorLimits.items)}`),
  ]
  for (const text of bad) {
    expect(text).not.toBe(good)
    const read = readMicrodescriptors(crypto, ascii(`@annotation\n${good}${text}${last}`))
    expect([...(read?.keys() ?? [])], text).toEqual([digestOf(good), digestOf(last)])
  }
  const more = good.replace('id ed25519', 'id rsa1024 x\nid ed25519')
  expect(readMicrodescriptors(crypto, ascii(more))?.get(digestOf(more))?.identity).toBe(hex(1))
  const inside = good.replace('ntor', 'new onion-key\nonion-keys\nntor')
  expect([...(readMicrodescriptors(crypto, ascii(inside))?.keys() ?? [])]).toEqual([digestOf(inside)])
  const full = good.replace('ntor', `${'x\n'.repeat(microdescriptorLimits.items - 3)}ntor`)
  expect(readMicrodescriptors(crypto, ascii(full))?.size).toBe(1)
  expect(readMicrodescriptors(crypto, ascii(full.replace('ntor', 'x\nntor')))?.size).toBe(0)
})

test('a microdescriptor begins behind a line feed, and behind nothing else [CONS-004.2]', () => {
  const text = microdescriptor({ identity: fill(1) })
  const read = (document: string) => [...(readMicrodescriptors(crypto, ascii(document)) ?? []).keys()]
  expect(read(text + text)).toEqual([digestOf(text)])
  for (const no of ['onion-key\r\n', 'onion-key', 'x\ronion-key\n']) expect(read(text + no), no).toEqual([])
  expect(read(`x\n${text}`)).toEqual([digestOf(text)])
})

test('families and documents are bounded [CONS-004.3, CONS-008.2]', () => {
  const { family: limit, documentBytes } = microdescriptorLimits
  const many = (count: number, member: string) => Array.from({ length: count }, () => member).join(' ')
  const text = microdescriptor({
    identity: fill(1),
    lines: [`family ${many(limit + 1, `$${hex(1, 20)}`)}`, `family-ids ${many(limit + 1, 'a')}`],
  })
  const read = readMicrodescriptors(crypto, ascii(text))?.get(digestOf(text))
  expect([read?.family.length, read?.familyIds.length]).toEqual([limit, limit])
  expect(readMicrodescriptors(crypto, new Uint8Array(documentBytes))?.size).toBe(0)
  expect(readMicrodescriptors(crypto, new Uint8Array(documentBytes + 1))).toBeNull()
})

const relayOf = (byte: number, flags: readonly string[]) => ({
  fingerprint: hex(byte, 20),
  flags,
  descriptor: hex(byte + 100),
})

test('a candidate runs and is valid, and bears the flag CTR where the authorities know it [CONS-004.1]', () => {
  const relays = [
    relayOf(1, ['Running', 'Valid']),
    relayOf(2, ['CTR', 'Running', 'Valid']),
    relayOf(3, ['CTR', 'Running']),
    relayOf(4, ['CTR', 'Valid']),
    relayOf(5, []),
  ]
  const chosen = (knownFlags: readonly string[]) =>
    ctrCandidates({ knownFlags, relays }).map(({ fingerprint }) => Number.parseInt(fingerprint.slice(0, 2), 16))
  expect(chosen(['Running', 'Valid'])).toEqual([1, 2])
  expect(chosen(['CTR', 'Running', 'Valid'])).toEqual([2])
})

test('a CTR is announced, listed and has the announced identity; its family is what all three say [CONS-004.2, CONS-004.3]', () => {
  const candidates = [1, 2, 3, 4, 5].map((byte) => relayOf(byte, []))
  const of = (byte: number, family: readonly number[], familyIds: readonly string[]) =>
    [hex(byte + 100), { identity: hex(byte + 50), family: family.map((one) => hex(one, 20)), familyIds }] as const
  const microdescriptors = new Map([
    of(1, [2, 1, 77], ['f']),
    of(2, [], []),
    of(3, [], ['f', 'g']),
    of(4, [], ['g']),
    of(9, [], ['f']),
  ])
  const announced = [
    { ctrId: hex(54), url: 'u4', family: [hex(99)] },
    { ctrId: hex(51), url: 'u1', family: [hex(98), hex(53)] },
    { ctrId: hex(55), url: 'u5', family: [] },
    { ctrId: hex(59), url: 'u9', family: [] },
    { ctrId: hex(52), url: 'u2', family: [] },
  ]
  expect(ctrList(candidates, microdescriptors, announced)).toEqual([
    { ctrId: hex(54), url: 'u4', family: [hex(53), hex(99)] },
    { ctrId: hex(51), url: 'u1', family: [hex(52), hex(53), hex(98)] },
    { ctrId: hex(52), url: 'u2', family: [] },
  ])
  expect(ctrList([], microdescriptors, announced)).toEqual([])
})
