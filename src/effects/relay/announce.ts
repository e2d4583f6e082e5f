// Step 7: a fresh onion service for this round, announced to the sampled CTRs; that of two rounds ago is retired [RELAY-107,
// RELAY-018]. Invariant: every service that was published is retired once: by its round, by a late publish, or by `retireAll`.
import type { RelayEffect } from '../../machines/relay/types.ts'
import { ask } from '../ask.ts'
import { withDeadline } from '../deadline.ts'
import { freshIsolation } from '../draw.ts'
import { each } from '../each.ts'
import { type RelayWorld, type RoundScope, runStep } from './world.ts'

export interface Announcer {
  announce(scope: RoundScope, effect: Extract<RelayEffect, { type: 'announce' }>): Promise<void>
  /** An address of this relay's own: nothing to fetch from. */
  isOwn(address: string): boolean
  /** `signal`: another one than the relay's, which has fired when this is called. */
  retireAll(signal: AbortSignal): Promise<void>
}

export function announcer(world: RelayWorld): Announcer {
  const services = new Map<number, string>()
  const { clock, limits, tools } = world

  async function retire(address: string, signal: AbortSignal) {
    const ended = await withDeadline(clock, signal, limits.publishMs, () => world.onion.retire(address))
    if (ended.kind !== 'done') tools.count('relay_onion_failures_total')
  }

  async function retireUpTo(round: number) {
    const old = [...services].filter(([number]) => number <= round)
    for (const [number] of old) services.delete(number)
    await Promise.all(old.map(([, address]) => retire(address, world.signal)))
  }

  /** A service that comes up after the round gave up on it would stay for ever. */
  const retireLate = (address: string | null) => {
    if (address === null) return
    withDeadline(clock, new AbortController().signal, limits.publishMs, () => world.onion.retire(address))
  }

  async function publish(scope: RoundScope, signal: AbortSignal): Promise<string | null> {
    const ended = await withDeadline(clock, signal, limits.publishMs, () => world.onion.publish(), retireLate)
    if (ended.kind === 'done' && ended.value !== null) {
      services.set(scope.number, ended.value)
      return ended.value
    }
    tools.count('relay_onion_failures_total')
    tools.warn('publishFailed', { round: scope.number })
    return null
  }

  return {
    announce: (scope, { ctrs, retire: oldest }) =>
      runStep(world, scope, 'announce', async (signal) => {
        const [address] = await Promise.all([publish(scope, signal), retireUpTo(oldest)])
        if (address === null) return
        await each(ctrs, limits.concurrentPeers, signal, async ({ url }) => {
          const isolation = freshIsolation(world.random)
          const answer = await ask(clock, signal, limits.submitMs, (ending) =>
            world.peers.sendAddress(url, address, isolation, ending),
          )
          tools.count('relay_addresses_sent_total', { answer: answer.kind })
        })
      }),
    isOwn: (address) => [...services.values()].includes(address),
    async retireAll(signal) {
      const all = [...services.values()]
      services.clear()
      await Promise.all(all.map((address) => retire(address, signal)))
    },
  }
}
