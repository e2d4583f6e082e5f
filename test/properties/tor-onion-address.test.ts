// Version 3 onion addresses [rend-spec-v3 6].
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toHex } from '../../src/machines/ct/bytes.ts'
import { decodeOnionAddress, encodeOnionAddress } from '../../src/machines/tor/onion-address.ts'

const anyKey = fc.uint8Array({ minLength: 32, maxLength: 32 })

test('an address decodes to its key, in lower and in upper case [WIRE-007]', () => {
  fc.assert(
    fc.property(anyKey, (key) => {
      const address = encodeOnionAddress(key)
      expect(address).toMatch(/^[a-z2-7]{55}d\.onion$/)
      expect(decodeOnionAddress(address)).toEqual(key)
      expect(decodeOnionAddress(address.toUpperCase())).toEqual(key)
    }),
  )
})

test('an address with one other character is refused [WIRE-007]', () => {
  fc.assert(
    fc.property(
      anyKey,
      fc.nat(61),
      fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz2345670189=.-_ \0é'),
      (key, at, letter) => {
        const address = encodeOnionAddress(key)
        const changed = address.slice(0, at) + letter + address.slice(at + 1)
        // Two bytes of checksum: a change within the key slips through once in 65,536 times, and then it is another key.
        const found = decodeOnionAddress(changed)
        if (changed === address) expect(found).toEqual(key)
        else expect(found === null || encodeOnionAddress(found) === changed).toBe(true)
        if (at >= 52 && changed !== address) expect(found).toBeNull()
      },
    ),
    { numRuns: 500 },
  )
})

test('an address with something before, after or missing is refused [WIRE-007]', () => {
  fc.assert(
    fc.property(anyKey, (key) => {
      const address = encodeOnionAddress(key)
      const host = address.slice(0, 56)
      for (const bad of [
        '',
        '.onion',
        host,
        `${address}.`,
        ` ${address}`,
        `${address}\n`,
        `www.${address}`,
        address.slice(1),
        `${host}x.onion`,
        `${host}${address}`,
      ]) {
        expect(decodeOnionAddress(bad), JSON.stringify(bad)).toBeNull()
      }
      expect(decodeOnionAddress(`${host}.oniom`)).toBeNull()
      expect(decodeOnionAddress(`${host.slice(0, 55)}é.onion`)).toBeNull()
    }),
    { numRuns: 20 },
  )
})

test('letters outside ASCII are no digits, even where their lower case is one [WIRE-007]', () => {
  const kelvin = '\u212a'
  expect(kelvin.toLowerCase()).toBe('k')
  const address = encodeOnionAddress(new Uint8Array(32).fill(0x52))
  expect(address).toContain('k')
  expect(decodeOnionAddress(address.replace('k', 'K'))).not.toBeNull()
  expect(decodeOnionAddress(address.replace('k', kelvin))).toBeNull()
})

test('addresses of the specification and of well-known services have valid checksums [WIRE-007]', () => {
  for (const address of [
    'pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion',
    'sp3k262uwy4r2k3ycr5awluarykdpag6a7y33jxop4cs2lu5uz5sseqd.onion',
    'xa4r2iadxm55fbnqgwwi5mymqdcofiu3w6rpbtqn7b2dyn7mgwj64jyd.onion',
    '2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion',
  ]) {
    const key = decodeOnionAddress(address)
    expect(key, address).not.toBeNull()
    if (key !== null) expect(encodeOnionAddress(key), toHex(key)).toBe(address)
  }
})
