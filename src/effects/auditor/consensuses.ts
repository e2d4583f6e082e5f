// The consensuses an auditor still has: the newest, and those up to 3 h older, for CTRs that have not fetched it yet [AUD-002, AUD-015].
// Invariant: bounded; what was kept by the last run counts only where it parses as what the schema says.
import { z } from 'zod'
import type { Result } from '../../machines/ct/types.ts'
import type { Consensus } from '../../machines/tor/types.ts'
import type { Instruments } from '../instruments.ts'
import { liveConsensus } from '../live-consensus.ts'
import type { AuditorStore, Clock, StoreError } from '../ports.ts'
import { consensus as consensusSchema } from '../vocabulary/nouns.ts'
import { knowing } from './known-logs.ts'

const key = 'consensuses'
const maxKept = 8
const olderMs = 3 * 3_600_000
const kept = z.array(consensusSchema).max(maxKept)

export interface Consensuses {
  newest(): Consensus | null
  /** The newest if it is live now [CONS-001.2]. */
  live(): Consensus | null
  /** Newest first. */
  recent(): readonly Consensus[]
  take(consensus: Consensus): void
  /** Makes them and their logs outlive this run; to be called once all that follows from them is durable. */
  save(): Promise<Result<null, StoreError>>
}

export function consensusesOf(store: AuditorStore, tools: Instruments, clock: Pick<Clock, 'now'>): Consensuses {
  let recent = restore(store, tools)
  return {
    newest: () => recent[0] ?? null,
    live: () => liveConsensus(recent[0] ?? null, clock.now()),
    recent: () => recent,
    take(consensus) {
      recent = [consensus, ...recent.filter((old) => old.validAfter >= consensus.validAfter - olderMs)].slice(
        0,
        maxKept,
      )
      tools.gauge('consensus_valid_after_seconds', consensus.validAfter / 1000)
    },
    async save() {
      const logs = knowing(
        store,
        recent.slice(0, 1).flatMap((newest) => newest.logs),
      )
      const known = logs === null ? null : await store.setValue(logs.key, logs.value)
      if (known?.ok === false) return known
      if (logs !== null && logs.dropped > 0) tools.count('auditor_logs_dropped_total', {}, logs.dropped)
      return store.setValue(key, JSON.stringify(recent))
    },
  }
}

function restore(store: AuditorStore, tools: Instruments): readonly Consensus[] {
  const stored = storedConsensuses(store)
  if (stored === null) tools.error('badStoredConsensus')
  return stored ?? []
}

/** What the last run kept, newest first; null where it is damaged. */
export function storedConsensuses(store: Pick<AuditorStore, 'getValue'>): readonly Consensus[] | null {
  const text = store.getValue(key)
  if (text === undefined) return []
  try {
    return kept.parse(JSON.parse(text))
  } catch {
    return null
  }
}
