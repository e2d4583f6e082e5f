// Step 3: Pending SFOs are followed up, and Escalated ones probed [AUD-115 to AUD-119, AUD-012, AUD-013, AUD-021]. Invariant: what one
// SFO's steps lead to is made durable as one, and before anyone is told; a challenge that was called off leaves its row as it was.
import { sfoMachine } from '../../machines/auditor/sfo.ts'
import type { Evidence, SfoContext, SfoEffect, SfoEvent } from '../../machines/auditor/types.ts'
import { judgeInclusion } from '../../machines/ct/challenge.ts'
import { firstDueSth, latestSth } from '../../machines/ct/due.ts'
import { type TranscriptEntry, transcriptOutcomes } from '../../machines/ct/evidence-bundle.ts'
import { leafHashOf } from '../../machines/ct/leaf.ts'
import type { Answer, Log, LogId, Outcome, Sth } from '../../machines/ct/types.ts'
import { step } from '../../machines/kernel/step.ts'
import { pause } from '../deadline.ts'
import { each } from '../each.ts'
import type { PageKey, SfoState } from '../ports.ts'
import { askLog } from './ask-log.ts'
import type { Incidents } from './incidents.ts'
import { sweep } from './sweep.ts'
import type { Views } from './views.ts'
import type { AuditorScope, AuditorWorld } from './world.ts'

export interface FollowUp {
  /** Resolves when every row was met, or when the signal fires. */
  challengePending(scope: AuditorScope, logIds: readonly LogId[], signal: AbortSignal): Promise<void>
}

type Challenge = Extract<SfoEffect, { type: 'challenge' }>
interface LogSths {
  readonly log: Log
  readonly sths: readonly Sth[]
  readonly latest: Sth | null
}
/** What a row's steps in this round have come to. */
interface Course {
  readonly state: SfoState
  readonly escalate: Evidence | null
  readonly purgeChain: boolean
  readonly asked: readonly Entry[]
}

export function followUpOf(world: AuditorWorld, views: Views, incidents: Incidents): FollowUp {
  const { clock, limits, store, tools, writes } = world
  const cursors = new Map<string, PageKey | null>()

  async function sweepRows(
    logId: LogId,
    status: 'pending' | 'escalated',
    signal: AbortSignal,
    work: (row: SfoState) => Promise<void>,
  ) {
    const key = `${logId} ${status}`
    const rows = status === 'pending' ? Number.MAX_SAFE_INTEGER : limits.probesPerRound
    const next = await sweep(
      store,
      { logId, status, rows, page: limits.page },
      cursors.get(key) ?? null,
      async (page) => {
        await each(page, limits.challengesPerLog, signal, work)
        // What is judged without a request takes no time; other work must get its turn.
        return pause(clock, signal, 0)
      },
    )
    cursors.set(key, next)
  }

  async function followLog(scope: AuditorScope, log: Log, signal: AbortSignal) {
    const sths = views.sths(log)
    const known: LogSths = { log, sths, latest: latestSth(sths) }
    const follow = (row: SfoState) => followRow(scope, known, row, signal)
    await sweepRows(log.logId, 'pending', signal, follow)
    await sweepRows(log.logId, 'escalated', signal, follow)
  }

  async function followRow(scope: AuditorScope, known: LogSths, row: SfoState, signal: AbortSignal) {
    const rested = atRest(row, clock.now())
    const { dueAt, leafIndex, receivedAt } = rested.context
    const facts = { firstDue: firstDueSth(known.sths, dueAt, leafIndex), latest: known.latest }
    const spansGap = () => store.gapBetween(receivedAt, clock.now())
    let next = advance(begun(rested), { type: 'challengeNow', ...facts, spansGap: spansGap(), at: clock.now() })
    while (next.challenge !== null) {
      const asked = await challenge(scope, known.log, next.course.state.context, next.challenge, signal)
      if (signal.aborted) return
      const course = { ...next.course, asked: [...next.course.asked, ...asked.entries] }
      const { judgement } = asked
      next = advance(course, { type: 'answered', ...judgement, spansGap: spansGap(), at: clock.now() })
    }
    await apply(row, next.course)
  }

  async function challenge(
    scope: AuditorScope,
    log: Log,
    context: SfoContext,
    { leafId, sth }: Challenge,
    signal: AbortSignal,
  ) {
    const isolation = scope.isolationOf(log.logId)
    const leaf = { leafHash: leafHashOf(leafId), leafIndex: context.leafIndex ?? null }
    const { answer, skipped } = await askLog(world, log.logId, limits.challengeMs, signal, (ending) =>
      world.logs.getInclusion(log, leaf, sth, isolation, ending),
    )
    const judgement = judgeInclusion(world.crypto, context, sth, answer)
    if (skipped) tools.count('auditor_challenges_skipped_total', { log: log.logId })
    else tools.count('auditor_challenges_total', { log: log.logId, outcome: judgement.outcome })
    return { judgement, entries: skipped ? [] : [entryOf(judgement.outcome, sth, answer, clock.now())] }
  }

  /** Durable as one step [AUD-012]; what changes nothing is not written. */
  async function apply(before: SfoState, { state, escalate, purgeChain, asked }: Course) {
    if (asked.length === 0 && escalate === null && isSame(before, state)) return
    const applied = await writes.write('apply', () =>
      store.apply({ state, escalate, purgeChain, asked: asked.filter(isFailure) }),
    )
    if (applied.ok && escalate !== null) incidents.notifySoon()
  }

  async function leaveLog(logId: LogId, signal: AbortSignal) {
    await sweepRows(logId, 'pending', signal, async (row) => {
      await apply(row, advance(begun(row), { type: 'logRemoved', at: clock.now() }).course)
    })
  }

  return {
    async challengePending(scope, logIds, signal) {
      const listed = new Set(logIds)
      const gone = [...store.countsByLog().keys()].filter((logId) => !listed.has(logId))
      await each(gone, limits.concurrentLogs, signal, (logId) => leaveLog(logId, signal))
      await each(logIds, limits.concurrentLogs, signal, async (logId) => {
        const log = scope.logOf(logId)
        if (log !== undefined) await followLog(scope, log, signal)
      })
    },
  }
}

function begun(state: SfoState): Course {
  return { state, escalate: null, purgeChain: false, asked: [] }
}

function advance(course: Course, event: SfoEvent): { readonly course: Course; readonly challenge: Challenge | null } {
  const { state, effects } = step(sfoMachine, course.state, event)
  let { escalate, purgeChain } = course
  let challenge: Challenge | null = null
  for (const effect of effects) {
    if (effect.type === 'escalate') escalate = effect.evidence
    else if (effect.type === 'purgeChain') purgeChain = true
    else challenge = effect
  }
  return { course: { ...course, state, escalate, purgeChain }, challenge }
}

type Entry = Omit<TranscriptEntry, 'outcome'> & { readonly outcome: Outcome }

function entryOf(outcome: Outcome, { size }: Sth, answer: Answer<unknown>, at: number): Entry {
  return { at, outcome, size, ...(answer.kind === 'refused' ? { status: answer.status } : {}) }
}

/** What proves something is no part of a transcript. */
function isFailure(entry: Entry): entry is TranscriptEntry {
  return (transcriptOutcomes as readonly Outcome[]).includes(entry.outcome)
}

/** A row that was stored amid a challenge has forgotten it [INV-009]. */
function atRest(row: SfoState, at: number): SfoState {
  return step(sfoMachine, row, { type: 'restarted', at }).state
}

/** But for the count of attempts: an answer that an open breaker gave is none. */
function isSame(a: SfoState, b: SfoState): boolean {
  return JSON.stringify(a.value) === JSON.stringify(b.value) && a.context.lastOutcome === b.context.lastOutcome
}
