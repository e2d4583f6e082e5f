// What a relay's operator sees of its SFOs: how many, never which [INV-006, RELAY-026]. Invariant: the counters of the metrics equal
// those of the machine.
import { heldCount } from '../../machines/relay/counters.ts'
import type { Counters, RelayContext } from '../../machines/relay/types.ts'
import type { Instruments } from '../instruments.ts'

export function countChanges(tools: Instruments, before: RelayContext, after: RelayContext): void {
  if (before.counters === after.counters) return
  const received = after.counters.received - before.counters.received
  if (received > 0) tools.count('relay_sfos_received_total', {}, received)
  const earlier = fates(before.counters)
  for (const [fate, total] of fates(after.counters)) {
    const more = total - (earlier.get(fate) ?? 0)
    if (more > 0) tools.count('relay_sfos_total', { fate }, more)
  }
  tools.gauge('relay_sfos_held', heldCount(after))
  tools.gauge('relay_proofs', after.proofs.size)
}

function fates({ proven, forwarded, reported, expired, dropped }: Counters): ReadonlyMap<string, number> {
  return new Map(Object.entries({ proven, forwarded, reported, expired, ...dropped }))
}
