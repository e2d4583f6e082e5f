// OnionShare address API [document: "Event handler: OnionShare address API"; RELAY-112, RELAY-019].
// Invariant: at most `addressCapacity` addresses, each once, each a v3 address with a right checksum.
import type { Change } from '../kernel/machine.ts'
import { decodeOnionAddress, encodeOnionAddress } from '../tor/onion-address.ts'
import { indexBelow } from './chance.ts'
import type { Address, RelayContext, RelayEffect, RelayEvent } from './types.ts'

type Offered = Extract<RelayEvent, { type: 'address' }>

export function storeAddress(context: RelayContext, { address, at, draw }: Offered): Change<RelayContext, RelayEffect> {
  const key = decodeOnionAddress(address)
  if (key === null) return { rejected: 'badAddress' }
  const canonical = encodeOnionAddress(key)
  const live = liveAddresses(context, at)
  if (live.some((known) => known.address === canonical)) return { ignored: 'alreadyKnown' }
  return {
    context: { addresses: withRoom(live, context.config.addressCapacity, draw[0] ?? 0, { address: canonical, at }) },
  }
}

export function liveAddresses({ addresses, config }: RelayContext, at: number): readonly Address[] {
  return addresses.filter((known) => at - known.at <= config.addressLifetimeMs)
}

/** Random, so that nobody can push out chosen addresses by sending many. */
function withRoom(live: readonly Address[], capacity: number, draw: number, added: Address): readonly Address[] {
  return live.length < capacity ? [...live, added] : live.with(indexBelow(draw, live.length), added)
}
