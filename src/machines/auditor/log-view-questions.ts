// Which consistency questions of a log's view are open, and what follows once one is closed [AUD-016, AUD-017].
// Invariant: an unchecked STH has an open question, and every question is about two STHs that are known: both are bounded.
import { inOrder, isAbout, neighbours, type Pair, pairOf, pairs, question, treeOf } from './known-sths.ts'
import type { LogViewContext, LogViewEffect, SeenSth } from './types.ts'

export function isOpen({ asked }: LogViewContext, tree: string): boolean {
  return asked.some((open) => isAbout(open, tree))
}

export function open(context: LogViewContext, wanted: readonly Pair[]): LogViewContext {
  const asked = wanted.map(question).filter((one) => !context.asked.includes(one))
  return { ...context, asked: [...context.asked, ...asked] }
}

export function close(context: LogViewContext, gone: (asked: string) => boolean): LogViewContext {
  const asked = context.asked.filter((one) => !gone(one))
  const unanswered = Object.fromEntries(Object.entries(context.unanswered).filter(([one]) => !gone(one)))
  return withProblem({ ...context, asked, unanswered })
}

/** `at`: when it could first not be answered. */
export function leaveOpen(context: LogViewContext, asked: string, at: number): LogViewContext {
  return withProblem({ ...context, unanswered: { [asked]: at, ...context.unanswered } })
}

function withProblem(context: LogViewContext): LogViewContext {
  const since = Object.values(context.unanswered)
  if (since.length === 0) return { ...context, problemSince: null, problemRaised: false }
  return { ...context, problemSince: Math.min(...since) }
}

/** Its questions go with the tree; those beside it become each other's neighbours. */
export function withdraw(context: LogViewContext, tree: string, size: number): LogViewContext {
  return open(
    close(context, (asked) => isAbout(asked, tree)),
    pairs(...neighbours(context.sths, size)),
  )
}

/** Oldest timestamps leave first. */
export function evict(context: LogViewContext): LogViewContext {
  let kept = context
  while (kept.sths.length > kept.capacity) {
    const oldest = kept.sths.reduce((a, b) => (b.sth.timestamp < a.sth.timestamp ? b : a))
    kept = { ...kept, sths: kept.sths.filter((seen) => seen !== oldest) }
    const tree = treeOf(oldest.sth)
    const isLast = !kept.sths.some((seen) => treeOf(seen.sth) === tree)
    // Where its questions were answered, its neighbours are consistent through it.
    if (isLast && isOpen(kept, tree)) kept = withdraw(kept, tree, oldest.sth.size)
  }
  return kept
}

/** Whoever has no open question is consistent, as far as anyone asked. */
export function settle(context: LogViewContext): LogViewContext {
  const settled = (seen: SeenSth): SeenSth =>
    seen.status === 'unchecked' && !isOpen(context, treeOf(seen.sth)) ? { ...seen, status: 'consistent' } : seen
  return { ...context, sths: context.sths.map(settled) }
}

/** Opens what an unchecked STH needs. A tree that is known already has its questions, and its status. */
export function insert(context: LogViewContext, seen: SeenSth): LogViewContext {
  const twin = context.sths.find((other) => treeOf(other.sth) === treeOf(seen.sth))
  const status = seen.status === 'unchecked' && twin !== undefined ? twin.status : seen.status
  const [lower, upper] = neighbours(context.sths, seen.sth.size)
  const sths = [...context.sths, { ...seen, status }].sort(inOrder)
  const inserted = { ...context, sths }
  return status === 'unchecked' && twin === undefined ? open(inserted, pairs(lower, seen, upper)) : inserted
}

/** What became of the STHs, to be stored. */
export function saves(before: LogViewContext, after: LogViewContext): readonly LogViewEffect[] {
  const known = new Set(before.sths)
  return after.sths.filter((seen) => !known.has(seen)).map((seen) => ({ type: 'saveSth', seen }))
}

/** The questions that `after` has and `before` had not; all of them without `before`. */
export function questions(after: LogViewContext, before?: LogViewContext): readonly LogViewEffect[] {
  const fresh = before === undefined ? after.asked : after.asked.filter((asked) => !before.asked.includes(asked))
  return fresh.map((asked) => ({ type: 'proveConsistency', logId: after.logId, ...pairOf(after.sths, asked) }))
}
