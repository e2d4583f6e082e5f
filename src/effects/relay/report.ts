// Reports to auditors [RELAY-005]: authenticated, each on a fresh circuit, retried after a random delay. Invariant: each `report`
// effect is answered by one `reported` event, after a bounded number of attempts; a report outlives its round.

import type { RelayEffect } from '../../machines/relay/types.ts'
import type { Consensus } from '../../machines/tor/types.ts'
import { ask, unreachable } from '../ask.ts'
import { concurrencyLimit } from '../limit.ts'
import { liveConsensus } from '../live-consensus.ts'
import type { Answer, Isolation } from '../ports.ts'
import { retry } from '../retry.ts'
import type { RelayWorld } from './world.ts'

type ReportEffect = Extract<RelayEffect, { type: 'report' }>

export interface Reporter {
  report(effect: ReportEffect): Promise<void>
  /** The auditors of the consensus before stay known: a round reports to those that it began with [RELAY-016]. */
  learn(consensus: Consensus): void
}

export function reporter(world: RelayWorld): Reporter {
  const limit = concurrencyLimit(world.limits.reports)
  let newest: Consensus | null = null
  let before: Consensus | null = null

  const auditorIn = (known: Consensus | null, wanted: string) =>
    liveConsensus(known, world.clock.now())?.auditors.find(({ auditorId }) => auditorId === wanted)
  const auditorOf = (auditorId: string) => auditorIn(newest, auditorId) ?? auditorIn(before, auditorId)

  async function attempt({ sfoId, auditorId }: ReportEffect, isolation: Isolation): Promise<Answer<null>> {
    const auditor = auditorOf(auditorId)
    const body = world.store.getSfo(sfoId)?.body
    if (auditor === undefined) return unreachable('noAuditor')
    if (body === undefined) return unreachable('noBody')
    const ended = await limit.run(world.signal, () =>
      ask(world.clock, world.signal, world.limits.reportMs, (ending) =>
        world.auditors.report(auditor, body, isolation, ending),
      ),
    )
    return ended.kind === 'done' ? ended.value : unreachable('limitReached')
  }

  return {
    async report(effect) {
      const answer = await retry(
        world,
        world.signal,
        world.limits.reportRetry,
        async (isolation) => {
          const answered = await attempt(effect, isolation)
          world.tools.count('relay_report_attempts_total', { answer: answered.kind })
          return answered
        },
        worthAnother,
      )
      if (world.signal.aborted) return
      const ok = answer.kind === 'ok'
      world.tools.count('relay_reports_total', { result: ok ? 'acknowledged' : 'failed' })
      world.dispatch({ type: 'reported', sfoId: effect.sfoId, ok, at: world.clock.now() })
    },
    learn(consensus) {
      before = newest
      newest = consensus
    },
  }
}

/** 400 says that the body is not the format, which no repetition changes; 401, 403 and 429 may pass. */
function worthAnother(answer: Answer<null>): boolean {
  return answer.kind === 'refused' ? answer.status !== 400 : answer.kind !== 'ok'
}
