// DEVELOPMENT ONLY: a stand-in for v3 onion services on one machine's loopback [WIRE-007, RELAY-018]. An address decodes like a real one,
// but its key is no key: it says which loopback port to connect to, so it hides nothing and proves nothing.
// Invariant: an address that this file did not make resolves to nothing, and a retired one is no longer served.
import { Buffer } from 'node:buffer'
import type { Random } from '../../effects/ports.ts'
import { concat, equal, uint, utf8 } from '../../machines/ct/bytes.ts'
import { decodeOnionAddress, encodeOnionAddress } from '../../machines/tor/onion-address.ts'
import type { OnionResolver } from './peer-client.ts'

/** Bytes 16 to 30 of the key; 16 random bytes precede it, the port follows. */
const mark = concat(utf8('ctor-loopback'), new Uint8Array(1))

export interface LoopbackOnion {
  readonly services: { publish(): Promise<string>; retire(address: string): Promise<void> }
  /** Whether a request's Host names a service that is alive. */
  serves(host: string): boolean
}

/** `port` of this relay's proof listener. At most `maxServices` live at once; the oldest gives way. */
export function loopbackOnion(random: Random, port: () => number, maxServices = 64): LoopbackOnion {
  const alive = new Set<string>()
  return {
    services: {
      async publish() {
        const address = encodeOnionAddress(concat(random.bytes(16), mark, uint(port(), 2)))
        alive.add(address)
        const [oldest] = alive
        if (alive.size > maxServices && oldest !== undefined) alive.delete(oldest)
        return address
      },
      async retire(address) {
        alive.delete(address)
      },
    },
    serves: (host) => alive.has(host.toLowerCase()),
  }
}

export const resolveLoopbackOnion: OnionResolver = (address) => {
  const key = decodeOnionAddress(address)
  if (key === null || !equal(key.subarray(16, 30), mark)) return null
  const port = Buffer.from(key).readUInt16BE(30)
  return port === 0 ? null : { origin: `http://127.0.0.1:${port}`, host: address.toLowerCase() }
}
