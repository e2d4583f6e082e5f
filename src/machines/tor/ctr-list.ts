// Which relays are CTRs, from consensus, microdescriptors and CT extension document together [CONS-004].
// Invariant: a CTR is a relay that the consensus lists as running and valid, and that the extension document says how to reach.
import type { Microdescriptor } from './microdescriptor.ts'
import type { TorConsensus } from './tor-consensus.ts'
import type { TorRelay } from './tor-relays.ts'
import type { Ctr } from './types.ts'

export const ctrFlag = 'CTR'

/** Relays that may be CTRs. Where the authorities know the flag `CTR`, only those that bear it. */
export function ctrCandidates({
  knownFlags,
  relays,
}: Pick<TorConsensus, 'knownFlags' | 'relays'>): readonly TorRelay[] {
  const needed = ['Running', 'Valid', ...(knownFlags.includes(ctrFlag) ? [ctrFlag] : [])]
  return relays.filter(({ flags }) => needed.every((flag) => flags.includes(flag)))
}

/**
 * `announced`: the `ctr` lines of the extension document; `microdescriptors` by digest. A CTR's family is what its line says,
 * the relays that its microdescriptor names, and those with a family identifier of its own; all as Ed25519 identities.
 */
export function ctrList(
  candidates: readonly TorRelay[],
  microdescriptors: ReadonlyMap<string, Microdescriptor>,
  announced: readonly Ctr[],
): readonly Ctr[] {
  const relays = new Map<string, Microdescriptor>()
  const identities = new Map<string, string>()
  const families = new Map<string, string[]>()
  for (const { fingerprint, descriptor } of candidates) {
    const found = microdescriptors.get(descriptor)
    if (found === undefined) continue
    relays.set(found.identity, found)
    identities.set(fingerprint, found.identity)
    for (const id of found.familyIds) families.set(id, [...(families.get(id) ?? []), found.identity])
  }
  return announced.flatMap(({ ctrId, url, family }) => {
    const relay = relays.get(ctrId)
    if (relay === undefined) return []
    const named = relay.family.flatMap((fingerprint) => identities.get(fingerprint) ?? [])
    // Whoever has a family identifier, the relay itself not excepted, was counted to that family above.
    const proven = relay.familyIds.flatMap((id) => families.get(id) as string[])
    const others = new Set([...family, ...named, ...proven])
    others.delete(ctrId)
    return [{ ctrId, url, family: [...others].sort() }]
  })
}
