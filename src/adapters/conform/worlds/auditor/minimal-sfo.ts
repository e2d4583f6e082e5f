// One SFO's life in a finite world: every view of STHs, every answer, around every boundary of its grace [AUD-115..119].
// Invariant: answers and orders come at any time, asked for or not; only time never runs back.

import { sfoInvariants, statusOf } from '../../../../machines/auditor/invariants.ts'
import { newSfo, type Received, sfoMachine } from '../../../../machines/auditor/sfo.ts'
import { type SfoContext, type SfoEffect, type SfoEvent, selfProving } from '../../../../machines/auditor/types.ts'
import { firstDueSth, latestSth } from '../../../../machines/ct/due.ts'
import { type InclusionProof, outcomes, type Sth } from '../../../../machines/ct/types.ts'
import type { Choice, Observed as Edge, Liveness, Model, Node } from '../../../../machines/kernel/explore.ts'
import { step } from '../../../../machines/kernel/step.ts'
import { idOf, logId } from './minimal-nouns.ts'

/** `asked`: the STH of the challenge that was ordered and has no answer yet; `refused`: of the one before, where it was a probe. */
export interface SfoWorld {
  readonly now: number
  readonly asked: Sth | null
  readonly refused: Sth | null
}

type Observed = Edge<SfoContext, SfoEvent, SfoEffect, SfoWorld>
type SfoNode = Node<SfoContext, SfoWorld>
export type SfoModel = Model<SfoContext, SfoEvent, SfoEffect, SfoWorld>

/** MMD and grace of the preset. */
const mmd = 10
const graceMs = 20
const receivedAt = 100

/** Due on arrival, at 110 and by a skewed clock; grace ends at 120 or 130. */
const instants = [100, 109, 110, 119, 120, 129, 130] as const

const heads = [sthAt(105, 5), sthAt(110, 6), sthAt(115, 8), sthAt(130, 9)] as const
/** Before, at and after the size of the STH that is due first. */
const proofs = [5, 6, 8].map((leafIndex): InclusionProof => ({ leafIndex, path: [] }))

function sthAt(timestamp: number, size: number): Sth {
  return { logId, timestamp, size, root: idOf(size), signature: '' }
}

function received(sctTimestamp: number, future = false): Received {
  const ids = { sfoId: idOf(1), leafId: `${logId}:${idOf(1)}`, logId }
  return { ...ids, sctTimestamp, receivedAt, mmd, graceMs, future }
}

/**
 * Old, fresh, dated ahead within what clocks may differ, and from the future; and of a static-ct log, where the tree that is due first
 * ends before the place that was promised.
 */
const rows = [
  received(85),
  received(receivedAt),
  received(receivedAt + 3),
  received(200, true),
  { ...received(receivedAt), leafIndex: 6 },
]

export const sfoModel: SfoModel = {
  kind: 'sfo',
  id: 'sfo',
  machine: sfoMachine,
  take: (state, event) => step(sfoMachine, state, event),
  roots: rows.map((config) => ({ config, state: newSfo(config).state, world: { now: 0, asked: null, refused: null } })),
  choices,
  hear,
  essence: ({ value, context: { attempts: _, ...rest } }) => [value, ...Object.values(rest)],
  invariants: {
    ...sfoInvariants,
    'AUD-009: what escalates without proof of itself has failed after its grace': escalatesByGrace,
    'AUD-012: a challenge runs exactly where the row says so': ({ step: { state }, after }) =>
      isAsking(state.value) === (after.asked !== null),
    'AUD-012: without a challenge no answer counts': ({ before, event, step: taken }) =>
      event.type !== 'answered' ||
      isAsking(before.value) ||
      (taken.state.context === before.context && taken.effects.length === 0),
    'AUD-115: a pending SFO is challenged with the first-due STH': ({ before, event, step: { effects } }) =>
      event.type !== 'challengeNow' ||
      statusOf(before) !== 'pending' ||
      effects.every((effect) => effect.type !== 'challenge' || effect.sth === event.firstDue) ||
      before.context.leafIndex !== undefined,
    'EVID-008: what has a place is asked of no tree that ends before it': ({ before, step: { effects } }) =>
      effects.every((effect) => effect.type !== 'challenge' || effect.sth.size > (before.context.leafIndex ?? -1)),
    'EVID-008: a due tree that ends before the place is escalated at once': escalatesOmission,
    'AUD-117: only a proof proves': ({ before, event, step: { state } }) =>
      statusOf(before) === statusOf(state) ||
      !['proven', 'lateProven'].includes(statusOf(state)) ||
      (event.type === 'answered' && event.outcome === 'proven' && event.proof !== null),
    'AUD-118: a row keeps what it is about': ({ before, step: { state } }) =>
      (['sfoId', 'leafId', 'logId', 'sctTimestamp', 'receivedAt', 'dueAt', 'graceEndsAt'] as const).every(
        (field) => state.context[field] === before.context[field],
      ),
    'AUD-119: a probe asks a later, larger tree': ({ before, event, step: { effects } }) =>
      event.type !== 'answered' ||
      effects.every(
        (effect) =>
          effect.type !== 'challenge' || (before.context.sth !== null && effect.sth.size > before.context.sth.size),
      ),
    'AUD-119: a probe that shows a late merge is escalated': escalatesLateMerge,
    'AUD-013: a log that left makes a pending SFO unjudgeable': ({ before, event, step: { state } }) =>
      (event.type === 'logRemoved' && statusOf(before) === 'pending') ===
      (statusOf(state) === 'unjudgeable' && statusOf(before) !== 'unjudgeable'),
    'AUD-024: the chain is purged once it is proven, and never else': ({ before, step: { state, effects } }) =>
      effects.filter(({ type }) => type === 'purgeChain').length ===
      (statusOf(state) === 'proven' && statusOf(before) !== 'proven' ? 1 : 0),
  },
  liveness: liveness(),
}

function hear(world: SfoWorld, event: SfoEvent, { effects, disposition }: Observed['step']): SfoWorld {
  const challenge = effects.find((effect) => effect.type === 'challenge')
  const gone = event.type === 'logRemoved' && disposition === 'accepted'
  if (challenge !== undefined)
    return { ...world, asked: challenge.sth, refused: event.type === 'answered' ? world.asked : null }
  const over = gone || event.type === 'answered' || event.type === 'restarted'
  return over ? { ...world, asked: null, refused: null } : world
}

function isAsking(value: SfoNode['state']['value']): boolean {
  const leaf = typeof value === 'string' ? value : Object.values(value)[0]
  return leaf === 'challenging' || leaf === 'probing' || leaf === 'reprobing'
}

function escalatesByGrace({ before, event, step: { effects } }: Observed): boolean {
  const { receivedAt: since, dueAt } = before.context
  const graceEnds = Math.max(since, dueAt) + Math.max(mmd, graceMs)
  return effects.every(
    (effect) => effect.type !== 'escalate' || selfProving.has(effect.evidence.kind) || event.at >= graceEnds,
  )
}

function escalatesOmission({ before, event, step: { effects } }: Observed): boolean {
  const { leafIndex, sctTimestamp, raised } = before.context
  if (event.type !== 'challengeNow' || leafIndex === undefined || statusOf(before) !== 'pending') return true
  if (isAsking(before.value) || event.firstDue === null || raised.includes('omission')) return true
  if (event.firstDue.size > leafIndex || event.firstDue.timestamp < sctTimestamp + mmd) return true
  return effects.some((effect) => effect.type === 'escalate' && effect.evidence.kind === 'omission')
}

function escalatesLateMerge({ before, event, step: { effects }, world: { refused } }: Observed): boolean {
  if (event.type !== 'answered' || event.outcome !== 'proven' || event.proof === null || refused === null) return true
  const promised = before.context.sctTimestamp + mmd
  if (event.proof.leafIndex < refused.size || refused.timestamp < promised) return true
  return effects.some((effect) => effect.type === 'escalate' && effect.evidence.kind === 'late-merge')
}

/** An honest view at that time. */
function viewAt(at: number, { dueAt, leafIndex }: SfoContext) {
  const known = heads.filter(({ timestamp }) => timestamp <= at)
  return { firstDue: firstDueSth(known, dueAt, leafIndex), latest: latestSth(known) }
}

function choices({ context }: SfoNode['state'], world: SfoWorld): readonly Choice<SfoEvent, SfoWorld>[] {
  const at = instants[world.now] as number
  const events: SfoEvent[] = []
  for (const latest of [null, ...heads])
    for (const firstDue of [null, ...heads])
      events.push({ type: 'challengeNow', firstDue, latest, spansGap: latest === null, at })
  for (const outcome of outcomes) {
    const withProof = outcome === 'proven' || outcome === 'contradiction' ? [null, ...proofs] : [null]
    for (const proof of withProof) events.push({ type: 'answered', outcome, proof, spansGap: false, at })
  }
  if (context.leafIndex !== undefined)
    for (const proof of proofs.slice(0, 2))
      events.push({ type: 'answered', outcome: 'contradiction', proof, leafHash: idOf(2), spansGap: false, at })
  events.push({ type: 'resubmitted', at }, { type: 'logRemoved', at }, { type: 'restarted', at })
  const moves = world.now + 1 < instants.length ? [{ event: null, world: { ...world, now: world.now + 1 } }] : []
  return [...events.map((event) => ({ event, world })), ...moves]
}

function liveness(): readonly Liveness<SfoContext, SfoEvent, SfoWorld>[] {
  const isPending = ({ state }: SfoNode) => statusOf(state) === 'pending'
  const isResolved = (node: SfoNode) => !isPending(node)
  const atOf = ({ world }: SfoNode) => instants[world.now] as number
  const isWaiting = ({ state: { value } }: SfoNode) => typeof value !== 'string' && value.pending === 'waiting'
  return [
    { name: 'INV-005: a pending SFO can always be resolved', kind: 'can', from: isPending, until: isResolved },
    {
      name: 'AUD-117: with a log that proves what is due, none stays pending',
      kind: 'must',
      from: isPending,
      until: ({ state }) =>
        ['proven', 'lateProven'].includes(statusOf(state)) || state.context.raised.includes('omission'),
      fair: (event, node) => {
        const view = viewAt(atOf(node), node.state.context)
        if (!isWaiting(node)) return event?.type === 'answered' && event.outcome === 'proven' && event.proof !== null
        if (view.firstDue === null) return event === null
        return event?.type === 'challengeNow' && event.firstDue === view.firstDue && event.latest === view.latest
      },
    },
    {
      name: 'INV-004: once the grace is over, rounds resolve it whatever the log answers',
      kind: 'must',
      from: (node) => isPending(node) && atOf(node) >= node.state.context.graceEndsAt,
      until: isResolved,
      fair: (event, node) => event?.type === (isWaiting(node) ? 'challengeNow' : 'answered'),
    },
    {
      name: 'AUD-013: an escalated SFO can still be proven, late',
      kind: 'can',
      from: ({ state }) => statusOf(state) === 'escalated',
      until: ({ state }) => statusOf(state) === 'lateProven',
    },
  ]
}
