// Microdescriptors of the relays of a consensus, kept from one to the next: they change seldom [CONS-004, CONS-008.4].
// Invariant: what is kept hashes to its key, and nothing is kept that the last consensus did not name.
import type { Answer } from '../../../effects/ports.ts'
import type { Crypto } from '../../../machines/ct/types.ts'
import { type Microdescriptor, readMicrodescriptors } from '../../../machines/tor/microdescriptor.ts'
import type { TorRelay } from '../../../machines/tor/tor-relays.ts'
import { microdescriptorsPerRequest, type TorDirectory } from './directory.ts'

export interface MicrodescriptorCache {
  /** By digest. Relays whose microdescriptor the directory does not have are left out. */
  of(relays: readonly TorRelay[], signal: AbortSignal): Promise<Answer<ReadonlyMap<string, Microdescriptor>>>
}

export function microdescriptorCache({
  directory,
  crypto,
}: {
  readonly directory: TorDirectory
  readonly crypto: Crypto
}): MicrodescriptorCache {
  let known: ReadonlyMap<string, Microdescriptor> = new Map()
  return {
    async of(relays, signal) {
      const found = new Map<string, Microdescriptor>()
      for (const { descriptor } of relays) {
        const one = known.get(descriptor)
        if (one !== undefined) found.set(descriptor, one)
      }
      known = found
      const missing = relays.filter(({ descriptor }) => !found.has(descriptor))
      for (let at = 0; at < missing.length; at += microdescriptorsPerRequest) {
        const asked = missing.slice(at, at + microdescriptorsPerRequest)
        const answer = await directory.microdescriptors(asked, signal)
        if (answer.kind !== 'ok') return answer
        const read = readMicrodescriptors(crypto, answer.value)
        for (const { descriptor } of asked) {
          const one = read?.get(descriptor)
          if (one !== undefined) found.set(descriptor, one)
        }
      }
      return { kind: 'ok', value: found }
    },
  }
}
