// What every OnionServices must do [RELAY-018, RELAY-107, WIRE-007], as a suite over a factory. Invariant: nothing is asked of an
// adapter but the port, and which hosts it says it serves.
import { describe, expect, test } from 'vitest'
import type { OnionServices } from '../../../src/effects/ports.ts'
import { decodeOnionAddress } from '../../../src/machines/tor/onion-address.ts'

export interface OnionUnderTest {
  readonly services: OnionServices
  serves(host: string): boolean
  close(): Promise<void>
}

export function onionServicesSuite(name: string, make: () => Promise<OnionUnderTest>): void {
  async function published(services: OnionServices): Promise<string> {
    const address = await services.publish()
    if (address === null) throw new Error('nothing published')
    return address
  }

  describe(name, () => {
    test('each service has a fresh v3 address, and is served until it is retired [RELAY-018, WIRE-007]', async () => {
      const onion = await make()
      const [one, other] = [await published(onion.services), await published(onion.services)]
      expect(one).not.toBe(other)
      expect([one, other].map((address) => decodeOnionAddress(address)?.length)).toEqual([32, 32])
      expect([onion.serves(one), onion.serves(one.toUpperCase()), onion.serves(other)]).toEqual([true, true, true])
      await onion.services.retire(one)
      expect([onion.serves(one), onion.serves(other)]).toEqual([false, true])
      await onion.close()
    })

    test('an address that was never published, or is retired already, is retired without harm [RELAY-018]', async () => {
      const onion = await make()
      const one = await published(onion.services)
      await onion.services.retire(`${'a'.repeat(56)}.onion`)
      await onion.services.retire(one)
      await onion.services.retire(one)
      const other = await published(onion.services)
      expect([onion.serves(one), onion.serves(other)]).toEqual([false, true])
      await onion.close()
    })

    test('no host is served that no service has [RELAY-018]', async () => {
      const onion = await make()
      await published(onion.services)
      expect(['', '127.0.0.1', `${'a'.repeat(56)}.onion`].map((host) => onion.serves(host))).toEqual([
        false,
        false,
        false,
      ])
      await onion.close()
    })

    test('services that are published at once are all served [RELAY-107]', async () => {
      const onion = await make()
      const addresses = await Promise.all([1, 2, 3].map(() => published(onion.services)))
      expect(new Set(addresses).size).toBe(3)
      expect(addresses.map((address) => onion.serves(address))).toEqual([true, true, true])
      await onion.close()
    })
  })
}
