// L1 vectors from the formal model's counterexamples of errata A9 and A12 [spec/errata.md]: what the machine does in their place.
// Invariant: each is a run in which the source document's own rule breaks an invariant of the model, as short as any.
import { sfoMachine } from '../../../machines/auditor/sfo.ts'
import type { SfoEvent } from '../../../machines/auditor/types.ts'
import { step } from '../../../machines/kernel/step.ts'
import { counterexampleOf, type Trace } from '../refinement/quint.ts'
import { replay } from '../refinement/replay.ts'
import { sfoConfigOf, sfoRefinement } from '../refinement/sfo-refinement.ts'
import type { DraftL1, MustEnd } from './trace-draft.ts'

const search = { seed: 1, traces: 5000 }

export async function errataDrafts(): Promise<readonly DraftL1[]> {
  const [early, late, lost] = await Promise.all([
    counterexampleOf({ ...search, module: 'erratum_a9', steps: 2 }, 'nothingTooEarly'),
    counterexampleOf({ ...search, module: 'erratum_a9', steps: 2 }, 'nothingTooLate'),
    counterexampleOf({ ...search, module: 'erratum_a12', steps: 3 }, 'alarmKept'),
  ])
  return [
    grace('a9-too-early', early, 'in its grace an SFO stays pending, where the document has it escalated', {
      effects: [],
      leaf: 'pending.waiting',
    }),
    grace('a9-too-late', late, 'after its grace an SFO is escalated, where the document has it wait for ever', {
      effects: ['escalate'],
      leaf: 'resolved.escalated',
    }),
    crash(lost),
  ]
}

/** @throws Error where the machine does as the document says. */
function grace(name: string, trace: Trace, says: string, must: MustEnd): DraftL1 {
  const events: SfoEvent[] = []
  const difference = replay(
    sfoRefinement,
    (state, event) => {
      events.push(event)
      return step(sfoMachine, state, event)
    },
    trace,
  )
  if (difference?.step !== trace.states.length - 1) throw new Error(`${name}: the last step alone must differ`)
  return { ...common(name, says), config: sfoConfigOf(trace.states[0]), events, must, reqs: ['AUD-009', 'INV-004'] }
}

/** Both removal and alarm are one step of the machine: a crash finds all of it or nothing. */
function crash({ states }: Trace): DraftL1 {
  const config = sfoConfigOf({ sfo: { sctTimestamp: 6, receivedAt: 10 } })
  const at = 18
  const sth = { logId: config.logId, timestamp: 15, size: 1, root: '1'.padStart(64, '0'), signature: '' }
  const events: SfoEvent[] = []
  for (const [i, { following, pending }] of states.entries()) {
    const before = states[i - 1]
    if (before === undefined) continue
    if (following.tag === 'Remove')
      events.push({ type: 'challengeNow', firstDue: sth, latest: sth, spansGap: false, at })
    else if (before.pending && !pending)
      events.push({ type: 'answered', outcome: 'refused', proof: null, spansGap: false, at })
    else if (following.tag === 'Challenge') events.push({ type: 'restarted', at })
  }
  const says = 'a crash after the SFO left Pending finds it resolved and the alarm given, where the document loses both'
  const must: MustEnd = { disposition: 'ignored', leaf: 'resolved.escalated' }
  return { ...common('a12-crash', says), config, events, must, reqs: ['AUD-012', 'INV-009'] }
}

function common(name: string, says: string) {
  const shared = { machine: 'sfo', preset: 'minimal', provenance: 'model:erratum', allStates: true } as const
  return { ...shared, name, comment: `Erratum ${name.slice(0, name.indexOf('-')).toUpperCase()}: ${says}` }
}
