// A relay in which there is something of everything, for tests that break it on purpose.
import type { RelayContext, Report, Round } from '../../../src/machines/relay/types.ts'
import { relay, sfoOf } from './relay-script.ts'

/** A relay that has taken SFO 1 into round 1, holds SFO 2 back, and reports SFO 3. */
export const busy = () => {
  const story = relay({ n: 2, k: 2 })
  story.sfo(sfoOf('1'))
  story.waited()
  story.sfo(sfoOf('2'))
  const context = story.context()
  const third: Report = { ...sfoOf('3'), auditorId: 'x', forwarded: false }
  const variants = context.variants.set(third.leafId, 1)
  return { ...context, reports: context.reports.set(third.sfoId, third), variants }
}

export const id = (short: string) => sfoOf(short).sfoId
export const roundOf = ({ round }: RelayContext) => round as Round
