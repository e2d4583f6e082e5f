// What ties the machine of one SFO to its model [spec/quint/sfo.qnt]. Invariant: nothing of the row is left out but its identities.

import { newSfo, type Received } from '../../../machines/auditor/new-sfo.ts'
import type { SfoContext, SfoEffect, SfoEvent } from '../../../machines/auditor/types.ts'
import type { InclusionProof, Sth } from '../../../machines/ct/types.ts'
import type { Trace, Value, Variant } from './quint.ts'
import type { Refinement } from './replay.ts'

/** MMD and GRACE of sfo_world.qnt. */
const [mmd, graceMs] = [4, 8]
const logId = '1'.repeat(64)
const sfoId = '2'.repeat(64)
const leafId = `${logId}:${'3'.repeat(64)}`

interface ModelSth {
  readonly timestamp: number
  readonly size: number
}

const sthOf = ({ timestamp, size }: ModelSth): Sth | null =>
  size < 0 ? null : { logId, timestamp, size, root: size.toString(16).padStart(64, '0'), signature: '' }
const modelSth = (sth: Sth | null): Value =>
  sth === null ? { timestamp: -1, size: -1 } : { timestamp: sth.timestamp, size: sth.size }
const proofOf = (leafIndex: number): InclusionProof | null => (leafIndex < 0 ? null : { leafIndex, path: [] })

function sfoEvent({ tag, value }: Variant): SfoEvent {
  switch (tag) {
    case 'ChallengeNow': {
      const { firstDue, latest, spansGap, at } = value
      return { type: 'challengeNow', firstDue: sthOf(firstDue), latest: sthOf(latest), spansGap, at }
    }
    case 'Answered': {
      const { outcome, leafIndex, spansGap, at } = value
      return { type: 'answered', outcome, proof: proofOf(leafIndex), spansGap, at }
    }
    case 'Resubmitted':
      return { type: 'resubmitted', at: value }
    case 'LogRemoved':
      return { type: 'logRemoved', at: value }
    case 'Restarted':
      return { type: 'restarted', at: value }
    default:
      throw new Error(`no such event: ${tag}`)
  }
}

function sfoEffect(effect: SfoEffect): Variant {
  switch (effect.type) {
    case 'challenge':
      return { tag: 'Challenge', value: modelSth(effect.sth) }
    case 'escalate': {
      const { kind, sths, proof, lastOutcome, since, spansGap } = effect.evidence
      const told = { kind, sths: sths.map(modelSth), leafIndex: proof?.leafIndex ?? -1 }
      return { tag: 'Escalate', value: { ...told, lastOutcome: lastOutcome ?? '', since, spansGap } }
    }
    case 'purgeChain':
      return { tag: 'PurgeChain', value: [] }
  }
}

/** What the row begins with, of the trace's first state. */
export function sfoConfigOf({ sfo: { sctTimestamp, receivedAt } }: Trace['states'][number]): Received {
  return { sfoId, leafId, logId, sctTimestamp, receivedAt, mmd, graceMs, future: false }
}

export const sfoRefinement: Refinement<SfoContext, SfoEvent, SfoEffect> = {
  initial: (first) => newSfo(sfoConfigOf(first)).state,
  event: sfoEvent,
  effect: sfoEffect,
  state: ({ value, context }) => {
    const { sctTimestamp, receivedAt, dueAt, graceEndsAt, attempts, lastOutcome, raised } = context
    return {
      leaf: Object.entries(value).flat().join('.'),
      ...{ sctTimestamp, receivedAt, dueAt, graceEndsAt, attempts, lastOutcome: lastOutcome ?? '' },
      ...{
        sth: modelSth(context.sth),
        refusedBy: modelSth(context.refusedBy),
        latest: modelSth(context.latest),
        raised,
      },
    }
  },
  modelState: ({ sfo }) => sfo,
}
