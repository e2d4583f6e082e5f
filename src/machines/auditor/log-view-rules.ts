// What a log's view makes of an STH, of an answer about two of them, and of the number of reporters [AUD-016..018, AUD-022].
// Invariant: an escalation precedes the STH that it is about among the effects: a crash in between repeats it, never loses it.
import type { Sth } from '../ct/types.ts'
import type { Change } from '../kernel/machine.ts'
import { conflict, inOrder, pairOf, question, treeOf, usable } from './known-sths.ts'
import { close, evict, insert, leaveOpen, questions, saves, settle, withdraw } from './log-view-questions.ts'
import { isLogDown } from './reporters.ts'
import type {
  Evidence,
  IncidentKind,
  LogViewContext,
  LogViewEffect,
  LogViewEvent,
  logViewReasons,
  SeenSth,
} from './types.ts'

export type Of<T extends LogViewEvent['type']> = Extract<LogViewEvent, { type: T }>
export type Turn = Omit<Change<LogViewContext, LogViewEffect>, 'context'> & { readonly context?: LogViewContext }

/** An event that was taken. */
interface Taken {
  readonly context: LogViewContext
  readonly effects: readonly LogViewEffect[]
}

const ignore = (reason: (typeof logViewReasons)[number]): Turn => ({ ignored: reason })

export function see(context: LogViewContext, event: Of<'sth'>): Turn {
  const { sth, at } = event
  if (sth.logId !== context.logId) return { rejected: 'otherLog' }
  if (!event.signatureValid)
    return { ...raise(context, evidence(context, 'bad-sth-signature', [sth], at)), rejected: 'badSignature' }
  if (context.sths.some((seen) => seen.sth.timestamp === sth.timestamp && treeOf(seen.sth) === treeOf(sth))) {
    return ignore('alreadyKnown')
  }
  const signed = end(context, 'bad-sth-signature')
  const found = conflict(context.sths, sth)
  if (found === null)
    return isTooOld(context, sth) ? ignore('tooOld') : take(signed, { sth, seenAt: at, status: 'unchecked' })
  // One that only contradicts what is unusable anyway is as good as any other.
  const status = conflict(usable(context.sths), sth) === null ? 'unchecked' : 'inconsistent'
  const raised = raise(signed, evidence(context, found.kind, found.sths, at))
  const { context: after, effects } = take(raised.context, { sth, seenAt: at, status })
  return { context: after, effects: [...raised.effects, ...effects] }
}

function isTooOld({ sths, capacity }: LogViewContext, sth: Sth): boolean {
  return sths.length >= capacity && sths.every((seen) => seen.sth.timestamp > sth.timestamp)
}

function take(context: LogViewContext, seen: SeenSth): Taken {
  const after = settle(evict(insert(context, seen)))
  return { context: after, effects: [...saves(context, after), ...questions(after, context)] }
}

export function weigh(context: LogViewContext, event: Of<'consistency'>): Turn {
  const asked = question(event)
  if (!context.asked.includes(asked)) return ignore('notAsked')
  if (event.answer === 'unavailable') return raiseIfOverdue(leaveOpen(context, asked, event.at), event.at)
  const closed = close(context, (one) => one === asked)
  if (event.answer === 'inconsistent') return breakUp(closed, event)
  const after = settle(closed)
  return { context: after, effects: [...saves(context, after), ...questions(after, context)] }
}

/** The two cannot both be of one log. Which of them goes on being used: the one that was checked, or was seen first. */
function breakUp(context: LogViewContext, { first, second, path, at }: Of<'consistency'>): Taken {
  const bad = suspect(context.sths, first, second)
  const tree = treeOf(bad)
  const spoil = (seen: SeenSth): SeenSth => (treeOf(seen.sth) === tree ? { ...seen, status: 'inconsistent' } : seen)
  const spoiled = { ...context, sths: context.sths.map(spoil) }
  const after = settle(withdraw(spoiled, tree, bad.size))
  const answered = path === undefined ? {} : { path }
  const raised = raise(after, {
    ...evidence(context, 'inconsistent', [first, second], at),
    lastOutcome: 'badProof',
    ...answered,
  })
  return {
    context: raised.context,
    effects: [...raised.effects, ...saves(context, after), ...questions(after, context)],
  }
}

function suspect(sths: readonly SeenSth[], first: Sth, second: Sth): Sth {
  const seenOf = (sth: Sth) => sths.find((seen) => treeOf(seen.sth) === treeOf(sth)) as SeenSth
  const [a, b] = [seenOf(first), seenOf(second)]
  if (a.status === b.status) return a.seenAt > b.seenAt ? first : second
  return a.status === 'unchecked' ? first : second
}

/** Ask first what is still open from earlier rounds, then announce the round's STHs. */
export function recheck(context: LogViewContext, { at }: Of<'recheck'>): Turn {
  if (context.asked.length === 0) return ignore('nothingToDo')
  const overdue = raiseIfOverdue(context, at)
  return { ...overdue, effects: [...overdue.effects, ...questions(context)] }
}

/** A transcript, no proof: the log may just be unreachable, or may have no answer that it could give [AUD-017]. */
function raiseIfOverdue(context: LogViewContext, at: number): Taken {
  const { problemSince: since, problemRaised, mmd, unanswered } = context
  if (since === null || problemRaised || at - since <= mmd) return { context, effects: [] }
  const oldest = Object.keys(unanswered).find((asked) => unanswered[asked] === since) as string
  const { first, second } = pairOf(context.sths, oldest)
  const found: Evidence = { ...evidence(context, 'inconsistent', [first, second], since), lastOutcome: 'unreachable' }
  return { context: { ...context, problemRaised: true }, effects: [{ type: 'escalate', evidence: found }] }
}

export function count(context: LogViewContext, { distinct, ctrs, at }: Of<'reporters'>): Turn {
  const isRaised = context.raised.includes('log-down')
  if (isLogDown(distinct, ctrs) === isRaised) return ignore('nothingToDo')
  return isRaised ? { context: end(context, 'log-down') } : raise(context, evidence(context, 'log-down', [], at))
}

/** Each kind once until it ends. */
function raise(context: LogViewContext, found: Evidence): Taken {
  if (context.raised.includes(found.kind)) return { context, effects: [] }
  return {
    context: { ...context, raised: [...context.raised, found.kind] },
    effects: [{ type: 'escalate', evidence: found }],
  }
}

function end(context: LogViewContext, kind: IncidentKind): LogViewContext {
  return context.raised.includes(kind) ? { ...context, raised: context.raised.filter((one) => one !== kind) } : context
}

function evidence({ logId }: LogViewContext, kind: IncidentKind, sths: readonly Sth[], since: number): Evidence {
  return { kind, logId, sfoId: null, sths, proof: null, lastOutcome: null, since, spansGap: false }
}

/** From what the store kept: what was raised before a restart is not raised again until it ended [INV-009]. */
export function restore(
  empty: Omit<LogViewContext, 'sths' | 'raised'>,
  sths: readonly SeenSth[],
  incidents: readonly Evidence[],
): LogViewContext {
  const told = incidents.filter(({ logId, lastOutcome }) => logId === empty.logId && lastOutcome !== 'unreachable')
  const spoiled: readonly IncidentKind[] = sths.some(({ status }) => status === 'inconsistent') ? ['inconsistent'] : []
  const kinds = told.filter(({ sfoId }) => sfoId === null).map(({ kind }) => kind)
  const raised = [...new Set([...kinds, ...(kinds.some(lasts) ? [] : spoiled)])]
  const known = { ...empty, raised, sths: sths.filter(({ status }) => status !== 'unchecked').sort(inOrder) }
  const unchecked = sths.filter(({ status }) => status === 'unchecked').sort(inOrder)
  return settle(evict(unchecked.reduce(insert, known)))
}

/** These never end: a log that forked has forked. */
export function lasts(kind: IncidentKind): boolean {
  return kind === 'split-view' || kind === 'rollback' || kind === 'inconsistent'
}
