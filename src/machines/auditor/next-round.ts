// When the next round starts, and which consensuses were missed [AUD-015].
// Invariant: each consensus is asked for once, at a time that nobody can foresee, in the window in which it is the current one.
import type { Consensus } from '../tor/types.ts'
import type { RoundConfig, RoundEffect } from './types.ts'

/** `floor(draw * m / 2^32)`, exactly; `draw`: uniform 32-bit integer. */
function indexBelow(m: number, draw: number): number {
  return Number((BigInt(m) * BigInt(draw)) >> 32n)
}

/**
 * Milliseconds from `at` to the next round, at least 1. A directory serves the current consensus alone, and the one that
 * follows is current for one freshness period from `freshUntil` on: the round starts at a uniform time in that period. Where
 * that one should have been there already, or nothing is known: `intervalMs`.
 */
export function waitMs(config: RoundConfig, consensus: Consensus | null, draw: number, at: number): number {
  if (consensus === null || at >= consensus.freshUntil) return config.intervalMs
  const period = consensus.freshUntil - consensus.validAfter
  return period > 0 ? consensus.freshUntil - at + indexBelow(period, draw) : config.intervalMs
}

/** A consensus is expected at each `freshUntil`: where the next one seen begins later, those in between were missed. */
export function gapBetween(older: Consensus | null, newer: Consensus): readonly RoundEffect[] {
  if (older === null || newer.validAfter <= older.freshUntil) return []
  return [{ type: 'recordGap', from: older.freshUntil, to: newer.validAfter }]
}
