// Requirements of the relay as predicates over one step, beside its invariants; the explorer asks them on every edge.
// Invariant: each names the requirement that it is.
import { relayInvariants } from '../../../../machines/relay/invariants.ts'
import * as book from './minimal-book-rules.ts'
import type { Observed } from './minimal-edge.ts'
import * as round from './minimal-round-rules.ts'

export const minimalRules: Readonly<Record<string, (observed: Observed) => boolean>> = {
  ...relayInvariants,
  'INV-006: every SFO that arrives is counted, and nothing else': book.countsArrivals,
  'RELAY-001: nothing enters what a running round took': round.takesNothingMore,
  'RELAY-001: what runs has its deadline, a step that is awaited, and else the wait is on': ({ step, after }) =>
    step.state.value === 'passive' ? after.waiting && !after.deadline : after.deadline && after.step !== null,
  'RELAY-002: a round that holds takes nothing that is not due': round.takesDueOnly,
  'RELAY-003: an SFO is challenged with the STH of its policy': round.challengesByPolicy,
  'RELAY-005: a report is about what no log proved although it was due, and goes to its auditor': round.reportsRightly,
  'RELAY-010: nothing is forwarded twice, nor from a CTR, nor for a log that fails wholesale': round.forwardsRightly,
  'RELAY-011: a full bucket ends the wait, or nothing but time does': book.endsWaitRightly,
  'RELAY-014: a duplicate changes no bucket': book.duplicateDrawsNothing,
  'RELAY-014: of two numbers of hops the smaller is kept': book.keepsFewestHops,
  'RELAY-016: a consensus changes nothing of a running round': ({ before, event, step }) =>
    event.type !== 'consensus' || step.state.context.round === before.context.round,
  'RELAY-017: a second try is another CTR': round.triesAnother,
  'RELAY-019: an address is used once, and in its lifetime': round.fetchesRightly,
  'RELAY-021: an event of another round changes nothing': book.staleChangesNothing,
  'RELAY-025: every sampled CTR is connected to': round.connectsToAll,
  'RELAY-104: every leaf that was taken and has an STH is challenged': round.challengesAll,
  'RELAY-108: the pairs that are kept are those of the proof set, none beyond its lifetime': book.keepsPairs,
  'RELAY-109: the bytes that are kept are those of the SFOs that are held': book.keepsBytes,
  'RELAY-111: what is proven enters no bucket': book.provenEntersNothing,
  'RELAY-113: what is served is in the proof set, each once': book.servesRightly,
}
