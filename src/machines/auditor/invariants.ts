// The auditor's invariants as predicates over states, steps and tallies [INV-004..007, INV-009]: true where they hold.
// Invariant of their own: pure and total, so that properties, the explorer and a running daemon can all ask them.
import { leafHashOf } from '../ct/leaf.ts'
import type { State, Step } from '../kernel/machine.ts'
import { isAbout, treeOf } from './known-sths.ts'
import { leafOf } from './log-view.ts'
import {
  type CircuitContext,
  type Evidence,
  type Invalid,
  type Judged,
  type LogViewContext,
  type ReportContext,
  type ReportEntry,
  type RoundContext,
  type SfoContext,
  type SfoEffect,
  type SfoEvent,
  selfProving,
} from './types.ts'

export type SfoStep = Step<SfoContext, SfoEffect>
export type Status = 'pending' | 'proven' | 'escalated' | 'lateProven' | 'unjudgeable'

/** The leaf of an SFO's state, below either parent. */
interface Leaf {
  readonly pending?: string
  readonly resolved?: Exclude<Status, 'pending'> | 'reprobing'
}

/** What the store counts it as: a probe of an escalated SFO leaves it escalated [AUD-013]. */
export function statusOf({ value }: State<SfoContext>): Status {
  const { resolved = 'pending' } = value as Leaf
  return resolved === 'reprobing' ? 'escalated' : resolved
}

export function escalations(step: SfoStep): readonly Evidence[] {
  return step.effects.flatMap((effect) => (effect.type === 'escalate' ? [effect.evidence] : []))
}

/** INV-004, first half: without grace only what proves itself. */
export function escalatesNotTooEarly(before: State<SfoContext>, event: SfoEvent, step: SfoStep): boolean {
  return escalations(step).every(({ kind }) => selfProving.has(kind) || event.at >= before.context.graceEndsAt)
}

/** INV-004, second half: whatever settles a challenge after the grace leaves nothing waiting. */
export function escalatesNotTooLate(before: State<SfoContext>, event: SfoEvent, step: SfoStep): boolean {
  const decides = event.type === 'challengeNow' || event.type === 'answered'
  if (!decides || step.disposition !== 'accepted' || event.at < before.context.graceEndsAt) return true
  return (step.state.value as Leaf).pending !== 'waiting'
}

/** INV-005: Resolved is for good, and what is proven, late proven or unjudgeable is not even looked at again. */
export function resolvedStays(before: State<SfoContext>, step: SfoStep): boolean {
  const [from, to] = [statusOf(before), statusOf(step.state)]
  if (from === 'pending') return true
  return from === to || (from === 'escalated' && to === 'lateProven')
}

/** INV-009, AUD-012: what a step raises is what its state says was raised, and nothing is raised twice. */
export function raisesWhatItSays(before: State<SfoContext>, step: SfoStep): boolean {
  const raised = [...before.context.raised, ...escalations(step).map(({ kind }) => kind)]
  const told = step.state.context.raised
  return raised.join() === told.join() && new Set(told).size === told.length
}

/** An SFO is escalated if and only if it raised something; late-merge may come with the proof. */
export function escalatedHasIncident({ value, context }: State<SfoContext>): boolean {
  const status = statusOf({ value, context })
  return (status === 'escalated' || status === 'lateProven') === context.raised.length > 0
}

/** EVID-001: a late merge shows a leaf beyond a tree whose head was signed when the log's promise had run out. */
export function provesItself(context: SfoContext, { kind, sths, proof, leafHash }: Evidence): boolean {
  const { sctTimestamp, dueAt, receivedAt, leafId, leafIndex = nowhere } = context
  const [first] = sths
  if (!selfProving.has(kind)) return true
  if (first === undefined) return false
  const isLate = first.timestamp >= sctTimestamp + dueAt - Math.min(sctTimestamp, receivedAt)
  if (kind === 'omission') return isLate && first.size <= leafIndex
  if (proof === null) return false
  if (kind === 'substitution') return proof.leafIndex === leafIndex && leafHash !== leafHashOf(leafId)
  return kind !== 'late-merge' || (isLate && proof.leafIndex >= first.size)
}

/** Where no log promised a place: no tree ends before it, and no proof is of it. */
const nowhere = -1

/** One event taken in one state. */
export interface Observed {
  readonly before: State<SfoContext>
  readonly event: SfoEvent
  readonly step: SfoStep
}

/** Each with the requirement that it is, for properties after every event and for exhaustive search. */
export const sfoInvariants: Readonly<Record<string, (observed: Observed) => boolean>> = {
  'INV-004: nothing is escalated before its grace': (o) => escalatesNotTooEarly(o.before, o.event, o.step),
  'INV-004: nothing looked at after its grace waits on': (o) => escalatesNotTooLate(o.before, o.event, o.step),
  'INV-005: Resolved never returns to Pending': ({ before, step }) => resolvedStays(before, step),
  'INV-009: a status and what it raises leave one step': ({ before, step }) => raisesWhatItSays(before, step),
  'INV-009: an escalated SFO has an incident': ({ step }) => escalatedHasIncident(step.state),
  'EVID-001: evidence that claims to prove itself does': ({ before, step }) =>
    escalations(step).every((evidence) => provesItself(before.context, evidence)),
}

/** Where every SFO that an auditor received has gone. `storing`: in a transaction that has not ended. */
export interface Tally {
  readonly received: number
  readonly rows: Readonly<Record<Status, number>>
  readonly duplicate: number
  readonly invalid: number
  readonly refused: number
  readonly storing: number
}

/** INV-006. */
export function isConserved({ received, rows, duplicate, invalid, refused, storing }: Tally): boolean {
  const kept = rows.pending + rows.proven + rows.escalated + rows.lateProven + rows.unjudgeable
  return received === kept + duplicate + invalid + refused + storing
}

/** INV-007: `submitted`: what this circuit submitted and was not refused, in order. */
export function entryMatches(entry: ReportEntry | null, submitted: readonly Judged[]): boolean {
  if (entry === null) return submitted.length === 0
  const invalid = Object.values(entry.invalid).reduce((a, b) => a + b, 0)
  const perLog = Object.values(entry.perLog).reduce((a, b) => a + b, 0)
  const inClass = (kind: Invalid['class']) => submitted.filter((item) => (item as Invalid).class === kind).length
  return (
    entry.valid + entry.duplicate + invalid === submitted.length &&
    entry.valid === perLog &&
    countedClasses.every((kind) => (entry.invalid[kind] ?? 0) === inClass(kind))
  )
}

/** `futureSct` is not among them: what is valid but for its date counts there too [AUD-011]. */
const countedClasses = ['malformed', 'unknownLog', 'badSct', 'badChain', 'oversize'] as const

/** AUD-002, AUD-004, AUD-101: only a CTR has an entry, and a spent nonce is forgotten. */
export function circuitIsSound({ value, context }: State<CircuitContext>): boolean {
  const { circuit, nonce, ctrId, entry } = context
  const isIn = value === 'authenticated' || value === 'storing'
  return (
    (ctrId !== null || (!isIn && entry === null)) &&
    (value === 'challenged') === (nonce !== null) &&
    (entry === null || entry.circuit === circuit)
  )
}

/** AUD-120: a round runs exactly while it has a beginning. */
export function roundIsSound({ value, context }: State<RoundContext>): boolean {
  return (value === 'idle') === (context.startedAt === null)
}

/** AUD-016, AUD-017: bounded, in order, and nothing is unchecked without a question that is open. */
export function viewIsSound({ value, context }: State<LogViewContext>): boolean {
  const { sths, asked, unanswered, capacity, problemSince } = context
  const trees = new Set(sths.map(({ sth }) => treeOf(sth)))
  return (
    value === leafOf(context) &&
    sths.length <= capacity &&
    ascends(sths.map(({ sth }) => sth.size)) &&
    new Set(asked).size === asked.length &&
    asked.every((one) => one.split('-').every((tree) => trees.has(tree))) &&
    Object.keys(unanswered).every((one) => asked.includes(one)) &&
    (problemSince !== null) === Object.keys(unanswered).length > 0 &&
    sths.every(({ sth, status }) => status !== 'unchecked' || asked.some((one) => isAbout(one, treeOf(sth))))
  )
}

/** AUD-003, AUD-004: one entry a circuit, in the order of time, bounded. */
export function reportIsSound({ value, context }: State<ReportContext>): boolean {
  const { entries, config, alerting, ctrId } = context
  return (
    (value === 'alerting') === alerting.length > 0 &&
    entries.length <= config.maxEntries &&
    new Set(entries.map(({ circuit }) => circuit)).size === entries.length &&
    entries.every((entry) => entry.ctrId === ctrId) &&
    ascends(entries.map(({ at }) => at))
  )
}

function ascends(numbers: readonly number[]): boolean {
  return numbers.slice(1).every((number, i) => (numbers[i] as number) <= number)
}
