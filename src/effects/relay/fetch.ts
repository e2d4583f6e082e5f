// Step 5: what other CTRs have proven is fetched and verified [RELAY-105, RELAY-007, RELAY-019]. Invariant: a pair is `verified` only
// where its proof holds against one of this relay's own STHs; what is no pair, and what exceeds the limit, never gets that far.
import { verifyPair } from '../../machines/ct/challenge.ts'
import type { ProofPair } from '../../machines/ct/types.ts'
import type { RelayEffect } from '../../machines/relay/types.ts'
import { ask } from '../ask.ts'
import { pause } from '../deadline.ts'
import { freshIsolation } from '../draw.ts'
import { each } from '../each.ts'
import { proofPair } from '../vocabulary/nouns.ts'
import { type RelayWorld, type RoundScope, runStep } from './world.ts'

/** Pairs that are verified before other work gets its turn. */
const batch = 32

export function fetchProofs(
  world: RelayWorld,
  scope: RoundScope,
  { addresses, limit }: Extract<RelayEffect, { type: 'fetch' }>,
): Promise<void> {
  return runStep(world, scope, 'fetch', (signal) =>
    each(addresses, world.limits.concurrentFetches, signal, async (address) => {
      const isolation = freshIsolation(world.random)
      const answer = await ask(world.clock, signal, world.limits.fetchMs, (ending) =>
        world.peers.fetchProofs(address, limit, isolation, ending),
      )
      world.tools.count('relay_fetches_total', { answer: answer.kind })
      if (answer.kind === 'ok') await takePairs(world, scope, answer.value.slice(0, limit), signal)
    }),
  )
}

async function takePairs(
  world: RelayWorld,
  scope: RoundScope,
  pairs: readonly ProofPair[],
  signal: AbortSignal,
): Promise<void> {
  for (let from = 0; from < pairs.length; from += batch) {
    for (const pair of pairs.slice(from, from + batch)) takePair(world, scope, pair)
    if (!(await pause(world.clock, signal, 0))) return
  }
}

function takePair(world: RelayWorld, scope: RoundScope, served: ProofPair) {
  const parsed = proofPair.safeParse(served)
  if (!parsed.success) return world.tools.count('relay_pairs_fetched_total', { result: 'malformed' })
  const pair = parsed.data
  const { logs, proofs } = world.state().context
  if (proofs.has(pair.leafId)) return world.tools.count('relay_pairs_fetched_total', { result: 'known' })
  const log = logs.get(pair.sth.logId)
  const verified = log !== undefined && verifyPair(world.crypto, pair, log.sths)
  world.tools.count('relay_pairs_fetched_total', { result: verified ? 'verified' : 'false' })
  scope.send({ type: 'pair', round: scope.number, pair, verified, at: world.clock.now() })
}
