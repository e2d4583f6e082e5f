// The relay's polls for a newer consensus [CONS-001]. Invariant: an STH that its log did not sign never reaches the machine, and a poll
// that fails or hangs is followed by another one.
import { verifySth } from '../../machines/ct/sth.ts'
import type { Consensus } from '../../machines/tor/types.ts'
import { bareConsensus } from '../bare-consensus.ts'
import { withDeadline } from '../deadline.ts'
import { randomDelay } from '../draw.ts'
import type { ConsensusError, ConsensusSource } from '../ports.ts'
import type { RelayWorld } from './world.ts'

/** Polls at once, then at random times: in the freshness window of the next consensus, or after a wait where a poll failed. */
export function pollConsensus(world: RelayWorld, source: ConsensusSource, learn: (consensus: Consensus) => void): void {
  async function poll(): Promise<void> {
    const known = world.state().context.consensus
    const ended = await withDeadline(world.clock, world.signal, world.limits.consensusMs, (signal) =>
      source.newer(known?.validAfter ?? null, signal),
    )
    if (world.signal.aborted) return
    const result = ended.kind === 'done' ? ended.value : ({ ok: false, error: 'unavailable' } as const)
    world.tools.count('consensus_polls_total', { result: resultOf(result) })
    if (!result.ok) world.tools.warn('consensusUnavailable', { error: result.error })
    else if (result.value !== null) take(result.value)
    world.clock.after(untilNext(result.ok), poll)
  }

  function take(given: Consensus) {
    const consensus = bareConsensus(given)
    const sths = signedSths(world, consensus)
    learn(consensus)
    world.dispatch({ type: 'consensus', consensus: { ...consensus, sths }, at: world.clock.now() })
    world.tools.gauge('consensus_valid_after_seconds', consensus.validAfter / 1000)
  }

  /** The next consensus becomes valid when the known one ceases to be fresh, and is the only one served from then on. */
  function untilNext(answered: boolean): number {
    const known = world.state().context.consensus
    const now = world.clock.now()
    const retryMs = world.limits.consensusRetryMs
    const soon = randomDelay(world.random, retryMs, 2 * retryMs)
    if (!answered || known === null || known.freshUntil <= now) return soon
    return known.freshUntil - now + randomDelay(world.random, 0, known.freshUntil - known.validAfter)
  }

  poll()
}

type Polled =
  | { readonly ok: true; readonly value: Consensus | null }
  | { readonly ok: false; readonly error: ConsensusError }

function resultOf(polled: Polled): 'same' | 'newer' | ConsensusError {
  if (!polled.ok) return polled.error
  return polled.value === null ? 'same' : 'newer'
}

function signedSths(world: RelayWorld, { logs, sths }: Consensus): Consensus['sths'] {
  const byId = new Map(logs.map((log) => [log.logId, log]))
  const signed = sths.filter((sth) => {
    const log = byId.get(sth.logId)
    return log !== undefined && verifySth(world.crypto, log, sth)
  })
  if (signed.length < sths.length) {
    world.tools.count('consensus_bad_sths_total', {}, sths.length - signed.length)
    world.tools.warn('badSthSignature', { count: sths.length - signed.length })
  }
  return signed
}
