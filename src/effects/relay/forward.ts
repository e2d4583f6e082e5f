// Step 6: every sampled CTR is connected to, and gets its SFOs, one a circuit [RELAY-106, RELAY-025, WIRE-001]. Invariant: each SFO of
// each delivery is answered by exactly one `delivered` event, by the step's deadline.
import type { SfoId } from '../../machines/ct/types.ts'
import type { Delivery, RelayEffect } from '../../machines/relay/types.ts'
import type { CtrId } from '../../machines/tor/types.ts'
import { ask } from '../ask.ts'
import { freshIsolation } from '../draw.ts'
import { each } from '../each.ts'
import type { Answer } from '../ports.ts'
import { type RelayWorld, type RoundScope, runStep } from './world.ts'

/** `CTor-Hops` is one octet. */
const maxHops = 255

export function forwardSfos(
  world: RelayWorld,
  scope: RoundScope,
  { deliveries }: Extract<RelayEffect, { type: 'forward' }>,
): Promise<void> {
  const open = new Map<string, { readonly ctrId: CtrId; readonly sfoId: SfoId }>()
  for (const { ctr, sfoIds } of deliveries) {
    for (const sfoId of sfoIds) open.set(`${ctr.ctrId}/${sfoId}`, { ctrId: ctr.ctrId, sfoId })
  }

  function delivered(ctrId: CtrId, sfoId: SfoId, ok: boolean) {
    if (!open.delete(`${ctrId}/${sfoId}`)) return
    scope.send({ type: 'delivered', round: scope.number, ctrId, sfoId, ok, at: world.clock.now() })
  }

  const work = (signal: AbortSignal) =>
    each(deliveries, world.limits.concurrentPeers, signal, async ({ ctr, sfoIds }: Delivery) => {
      const reached = await connect(world, ctr.url, signal)
      for (const sfoId of sfoIds) {
        if (signal.aborted) return
        const answer = reached ? await submit(world, ctr.url, sfoId, signal) : 'unreachable'
        world.tools.count('relay_deliveries_total', { answer })
        delivered(ctr.ctrId, sfoId, answer === 'ok')
      }
    })

  return runStep(world, scope, 'forward', work, () => {
    for (const { ctrId, sfoId } of [...open.values()]) delivered(ctrId, sfoId, false)
  })
}

/** Also where there is nothing to send. A circuit may fail by itself: one more on a fresh one before a CTR is given up. */
async function connect(world: RelayWorld, url: string, signal: AbortSignal): Promise<boolean> {
  for (let attempt = 1; attempt <= 2 && !signal.aborted; attempt++) {
    const isolation = freshIsolation(world.random)
    const answer = await ask(world.clock, signal, world.limits.submitMs, (ending) =>
      world.peers.connect(url, isolation, ending),
    )
    world.tools.count('relay_connects_total', { answer: answer.kind })
    if (answer.kind !== 'unreachable') return answer.kind === 'ok'
  }
  return false
}

async function submit(
  world: RelayWorld,
  url: string,
  sfoId: SfoId,
  signal: AbortSignal,
): Promise<Answer<null>['kind']> {
  const body = world.store.getSfo(sfoId)?.body
  if (body === undefined) return 'unreachable'
  const hops = Math.min(maxHops, (world.state().context.round?.taken.get(sfoId)?.hops ?? 0) + 1)
  const isolation = freshIsolation(world.random)
  const answer = await ask(world.clock, signal, world.limits.submitMs, (ending) =>
    world.peers.submitSfo(url, body, hops, isolation, ending),
  )
  return answer.kind
}
