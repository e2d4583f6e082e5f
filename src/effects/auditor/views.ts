// Steps 1.2 and 1.3: the logs' views, and the consistency questions they ask [AUD-112, AUD-113, AUD-016, AUD-017]. Invariant: effects
// of a view become durable in their order, and what the store refused is tried again before anything that came later.
import { initialLogView, logViewMachine, viewOf } from '../../machines/auditor/log-view.ts'
import type { LogViewContext, LogViewEffect, LogViewEvent } from '../../machines/auditor/types.ts'
import { verifyConsistency } from '../../machines/ct/merkle.ts'
import { verifySth } from '../../machines/ct/sth.ts'
import type { Log, LogId, Sth } from '../../machines/ct/types.ts'
import type { Consensus } from '../../machines/tor/types.ts'
import { freshIsolation } from '../draw.ts'
import { type Mailbox, mailbox } from '../mailbox.ts'
import { askLog } from './ask-log.ts'
import type { Incidents } from './incidents.ts'
import { type Outbox, outboxOf } from './outbox.ts'
import type { AuditorWorld } from './world.ts'

export interface Views {
  /** Resolves once every question is answered: whether all that followed is durable. Questions end with the signal. */
  check(consensus: Consensus, signal: AbortSignal): Promise<boolean>
  /** What the log's SFOs are judged by, ordered by (timestamp, size). */
  sths(log: Log): readonly Sth[]
  reporters(logs: readonly Log[], distinct: ReadonlyMap<LogId, number>, ctrs: number): Promise<void>
}

interface View {
  readonly log: Log
  readonly box: Mailbox<LogViewContext, LogViewEvent>
  readonly outbox: Outbox
}

type Consistency = Pick<Extract<LogViewEvent, { type: 'consistency' }>, 'answer' | 'path'>
const unavailable: Consistency = { answer: 'unavailable' }

type Question = Extract<LogViewEffect, { type: 'proveConsistency' }>

export function viewsOf(world: AuditorWorld, incidents: Incidents): Views {
  const { clock, store, tools } = world
  const views = new Map<LogId, View>()
  const questions = new Set<Promise<void>>()
  let asking: AbortSignal = AbortSignal.abort()
  /** Those of the consensus that is gone through; it is gone through to its end also where that one's comes first [CONS-001.10]. */
  let listed: ReadonlyMap<LogId, Log> = new Map()

  /** The view of the log as the consensus has it; rebuilt from the store where its key or MMD is another. */
  function viewFor(log: Log): View {
    const known = views.get(log.logId)
    if (known !== undefined && known.log.mmd === log.mmd && known.log.key === log.key) return known
    const outbox = outboxOf(world, incidents)
    const box: Mailbox<LogViewContext, LogViewEvent> = mailbox<LogViewContext, LogViewEvent, LogViewEffect>({
      machine: logViewMachine,
      initial: initialLogView(log.logId, log.mmd, world.config.sthsPerLog, store.sths(log.logId)),
      perform(effect) {
        if (effect.type === 'proveConsistency') track(prove(effect, box))
        else outbox.add(effect)
      },
      capacity: world.limits.mailbox,
      defect: tools.defect,
    })
    const view = { log, box, outbox }
    views.set(log.logId, view)
    return view
  }

  function track(work: Promise<void>) {
    const tracked: Promise<void> = work
      .catch((error: unknown) => tools.defect('handlerFailed', error))
      .finally(() => questions.delete(tracked))
    questions.add(tracked)
  }

  async function prove({ logId, first, second }: Question, box: Mailbox<LogViewContext, LogViewEvent>) {
    const log = listed.get(logId)
    const asked = log === undefined ? unavailable : await consistencyOf(log, first, second)
    const { answer } = asked
    tools.count('auditor_consistency_total', { log: logId, answer })
    box.dispatch({ type: 'consistency', first, second, ...asked, at: clock.now() })
  }

  async function consistencyOf(log: Log, first: Sth, second: Sth): Promise<Consistency> {
    const isolation = freshIsolation(world.random)
    const { answer } = await askLog(world, log.logId, world.limits.consistencyMs, asking, (signal) =>
      world.logs.getSthConsistency(log, first, second, isolation, signal),
    )
    if (answer.kind !== 'ok') return unavailable
    const roots = { root1: first.root, root2: second.root, path: answer.value }
    const holds = verifyConsistency(world.crypto, { size1: first.size, size2: second.size, ...roots })
    return holds.ok ? { answer: 'consistent' } : { answer: 'inconsistent', path: answer.value }
  }

  /** An answer may ask anew, so the questions come first. */
  async function settled(): Promise<boolean> {
    while (questions.size > 0) await Promise.all(questions)
    const durable = await Promise.all([...views.values()].map(({ outbox }) => outbox.flush()))
    return durable.every(Boolean)
  }

  function announce({ log, box }: View, consensus: Consensus) {
    box.dispatch({ type: 'recheck', at: clock.now() })
    for (const sth of consensus.sths.filter(({ logId }) => logId === log.logId)) {
      const signatureValid = verifySth(world.crypto, log, sth)
      if (!signatureValid) tools.count('consensus_bad_sths_total')
      box.dispatch({ type: 'sth', sth, signatureValid, at: clock.now() })
    }
  }

  return {
    check(consensus, signal) {
      asking = signal
      listed = new Map(consensus.logs.map((log) => [log.logId, log]))
      for (const [logId, { outbox }] of views) if (!listed.has(logId) && outbox.isEmpty) views.delete(logId)
      for (const log of consensus.logs) announce(viewFor(log), consensus)
      return settled()
    },
    sths: (log) => viewOf(viewFor(log).box.state().context.sths),
    async reporters(logs, distinct, ctrs) {
      for (const log of logs) {
        const event = { type: 'reporters', distinct: distinct.get(log.logId) ?? 0, ctrs, at: clock.now() } as const
        viewFor(log).box.dispatch(event)
      }
      await settled()
    },
  }
}
