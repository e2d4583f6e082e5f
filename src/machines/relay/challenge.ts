// Step 4: logs are challenged to prove inclusion [RELAY-104, RELAY-004, RELAY-015].
// Invariant: each leaf of the taken SFOs is asked about once, with the STH that was chosen when the round began.
import type { LeafId, LogId, ProofPair, Sth } from '../ct/types.ts'
import type { Change } from '../kernel/machine.ts'
import { keepProof } from './proofs.ts'
import { inOrder } from './take.ts'
import type { Challenge, RelayContext, RelayEffect, RelayEvent, Round } from './types.ts'

type RelayChange = Change<RelayContext, RelayEffect>
type Challenged = Extract<RelayEvent, { type: 'challenged' }>

/** Step 4 begins. */
export function challengeLogs(context: RelayContext): RelayChange {
  const round = context.round as Round
  const groups = new Map<LogId, Challenge[]>(round.logOrder.map((logId) => [logId, []]))
  const met = new Set<LeafId>()
  for (const { sfoId, leafId, logId } of inOrder(round.taken.values())) {
    const sth = round.asked.get(leafId)
    if (sth === undefined || met.has(leafId)) continue
    met.add(leafId)
    groups.get(logId)?.push({ leafId, sfoId, sth })
  }
  return { effects: [{ type: 'challenge', round: round.number, groups: Array.from(groups, group) }] }
}

function group([logId, challenges]: readonly [LogId, readonly Challenge[]]) {
  return { logId, challenges }
}

/** A log's answer, judged. Whatever is not proven stays for step 6. */
export function takeAnswer(context: RelayContext, event: Challenged): RelayChange {
  const round = context.round as Round
  const { leafId, outcome, pair, breakerOpen, at } = event
  const sth = round.asked.get(leafId)
  if (sth === undefined) return { ignored: 'notAsked' }
  const proven = outcome === 'proven'
  if (proven && !provesIt(event, sth)) return { ignored: 'notVerified' }
  const kept = proven && !context.proofs.has(leafId) ? keepProof(context, pair as ProofPair, at) : {}
  const answered = round.answered.set(leafId, { outcome, breakerOpen })
  return { ...kept, context: { ...kept.context, round: { ...round, asked: round.asked.delete(leafId), answered } } }
}

/** The pair is about what was asked: this leaf, this STH. */
function provesIt({ leafId, pair }: Challenged, sth: Sth): boolean {
  return pair !== null && pair.leafId === leafId && pair.sth.root === sth.root && pair.sth.size === sth.size
}

/** Whether a valid pair is known for the leaf, from its log or from a peer. */
export function isProven(context: RelayContext, round: Round, leafId: LeafId): boolean {
  return context.proofs.has(leafId) || round.answered.get(leafId)?.outcome === 'proven'
}
