// What an auditor knows of one log: its STHs and whether they fit together [AUD-112, AUD-113, AUD-016..018, AUD-022].
// Invariant: the leaf state is `leafOf(context)`; what proves itself is raised in the step that saw it, the rest after an MMD.
import type { LogId } from '../ct/types.ts'
import { does, ignores, type Listed } from '../kernel/listed.ts'
import { defineMachine, type State } from '../kernel/machine.ts'
import * as rules from './log-view-rules.ts'
import type { Evidence, LogViewContext, LogViewEffect, LogViewEvent, logViewReasons, SeenSth } from './types.ts'

export { viewOf } from './known-sths.ts'

export type LogViewLeaf = 'consistent' | 'checking' | 'unavailable' | 'broken'

export function leafOf({ raised, problemSince, asked }: LogViewContext): LogViewLeaf {
  if (raised.some(rules.lasts)) return 'broken'
  if (problemSince !== null) return 'unavailable'
  return asked.length > 0 ? 'checking' : 'consistent'
}

/**
 * `mmd` in milliseconds; `capacity`: STHs kept, at least 2. After a restart `sths` are those of the store, of which `recheck`
 * asks what is open, and `incidents` the samples of the incidents that it has.
 */
export function initialLogView(
  logId: LogId,
  mmd: number,
  capacity: number,
  sths: readonly SeenSth[] = [],
  incidents: readonly Evidence[] = [],
): State<LogViewContext> {
  const open = { problemSince: null, asked: [], unanswered: {}, problemRaised: false }
  const context = rules.restore({ logId, mmd, capacity, ...open }, sths, incidents)
  return { value: leafOf(context), context }
}

const judge = { sth: rules.see, consistency: rules.weigh } as const

/** Whether the event takes the view to that leaf state. */
function leadsTo(leaf: LogViewLeaf) {
  return (context: LogViewContext, event: rules.Of<'sth' | 'consistency'>): boolean => {
    const turn = event.type === 'sth' ? judge.sth(context, event) : judge.consistency(context, event)
    return leafOf(turn.context ?? context) === leaf
  }
}

const guards = {
  breaks: leadsTo('broken'),
  fails: leadsTo('unavailable'),
  leavesOpen: leadsTo('checking'),
  settles: leadsTo('consistent'),
}

const see = ['AUD-112', 'AUD-113', 'AUD-016', 'AUD-018']
const weigh = ['AUD-113', 'AUD-017']
const toBroken = (action: string, req: readonly string[]): Listed =>
  does(action, [...req, 'AUD-017', 'EVID-001'], { guard: 'breaks', target: 'broken' })
const toUnavailable = does('weigh', weigh, { guard: 'fails', target: 'unavailable' })
const toChecking = (action: string, req: readonly string[]): Listed =>
  does(action, req, { guard: 'leavesOpen', target: 'checking' })
const toConsistent = (action: string, req: readonly string[]): Listed =>
  does(action, req, { guard: 'settles', target: 'consistent' })
const stay = (action: string, req: readonly string[]): Listed => does(action, req)

const always = { recheck: stay('recheck', ['AUD-113', 'AUD-017']), reporters: stay('count', ['AUD-022', 'AUD-120']) }
const skip = ignores<(typeof logViewReasons)[number]>

const consistent = {
  sth: [toBroken('see', see), toChecking('see', see), stay('see', see)],
  consistency: skip('notAsked', ['AUD-113']),
  recheck: skip('nothingToDo', ['AUD-113']),
  reporters: always.reporters,
}

const checking = {
  sth: [toBroken('see', see), toConsistent('see', see), stay('see', see)],
  consistency: [toBroken('weigh', weigh), toUnavailable, toConsistent('weigh', weigh), stay('weigh', weigh)],
  ...always,
}

const unavailable = {
  sth: [toBroken('see', see), toChecking('see', see), toConsistent('see', see), stay('see', see)],
  consistency: [
    toBroken('weigh', weigh),
    toChecking('weigh', weigh),
    toConsistent('weigh', weigh),
    stay('weigh', weigh),
  ],
  ...always,
}

const broken = { sth: stay('see', see), consistency: stay('weigh', weigh), ...always }

export const logViewMachine = defineMachine<LogViewContext, LogViewEvent, LogViewEffect>({
  id: 'log-view',
  events: ['sth', 'consistency', 'recheck', 'reporters'],
  guards,
  actions: { see: rules.see, weigh: rules.weigh, recheck: rules.recheck, count: rules.count },
  config: {
    initial: 'consistent',
    states: {
      consistent: { on: consistent },
      checking: { on: checking },
      unavailable: { on: unavailable },
      broken: { on: broken },
    },
  },
})
