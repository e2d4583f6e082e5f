// Step 3 of a round, with logs that answer what they are told to. Invariant: every question to a log and every change that is applied is
// kept in its order, whether or not the store takes it.
import { followUpOf } from '../../../src/effects/auditor/follow-up.ts'
import { auditorScope } from '../../../src/effects/auditor/world.ts'
import type { Answer, AuditorStore, InsertRow, LogClient, PromisedLeaf, SfoApply } from '../../../src/effects/ports.ts'
import type { SfoContext } from '../../../src/machines/auditor/types.ts'
import type { InclusionAnswer, LogId, Sth } from '../../../src/machines/ct/types.ts'
import type { Consensus } from '../../../src/machines/tor/types.ts'
import { auditorWorld, type WorldScript } from './auditor-world.ts'
import { consensusAt, firstValidAfter, minute, proofOf, startAt, worlds } from './ct-world.ts'
import { entryAt, rowOf } from './sfo-rows.ts'

const [a] = worlds
export const [early, sth] = a.sths as [Sth, Sth]
/** Signed later, and of a tree that is no smaller. */
export const later: Sth = { ...sth, timestamp: sth.timestamp + minute }
export const logIds = worlds.map(({ log }) => log.logId)

type Reply = 'proves' | Answer<InclusionAnswer> | 'hangs'
export const notThere = { kind: 'refused', status: 404 } as const
export const away = { kind: 'unreachable', detail: '' } as const

interface Script extends WorldScript {
  readonly rows?: readonly InsertRow[]
  readonly replies?: readonly Reply[]
  readonly sths?: (logId: LogId) => readonly Sth[]
}

export async function followUpHarness({ rows = [], replies = [], sths = sthsOf, ...given }: Script = {}) {
  const asked: { readonly leaf: PromisedLeaf; readonly sth: Sth; readonly isolation: string }[] = []
  const logs: LogClient = {
    async getInclusion(log, leaf, tree, isolation) {
      const reply = replies[asked.push({ leaf, sth: tree, isolation }) - 1] ?? 'proves'
      if (reply === 'hangs') return new Promise(() => {})
      if (reply !== 'proves') return reply
      return { kind: 'ok', value: proofOf(log.logId, leaf.leafHash, tree.size) as InclusionAnswer }
    },
    getSthConsistency: () => Promise.reject(new Error('not asked here')),
    getSth: () => Promise.reject(new Error('not asked here')),
  }
  const current: { consensus: Consensus | null } = { consensus: consensusAt(firstValidAfter) }
  const fake = auditorWorld({ ...given, logs, consensus: () => current.consensus })
  const applied: SfoApply[] = []
  const { apply, page } = fake.store
  let pages = 0
  const store: AuditorStore = {
    ...fake.store,
    apply(change) {
      applied.push(change)
      return apply(change)
    },
    page(...of) {
      if (pages++ > 100) throw new Error('a sweep without end')
      return page(...of)
    },
  }
  const world = { ...fake.world, store }
  await store.insert(rows, entryAt(startAt))
  let told = 0
  const incidents = { notifySoon: () => void told++, settled: () => Promise.resolve() }
  const views = {
    sths: ({ logId }: { logId: LogId }) => sths(logId),
    check: async () => true,
    reporters: async () => {},
  }
  const followUp = followUpOf(world, views, incidents)
  const scope = auditorScope(world, 1)
  const controller = new AbortController()
  /** One step 3; virtual time passes for as long as it takes. */
  async function follow(ids: readonly LogId[] = logIds, signal = controller.signal) {
    let done = false
    const running = followUp.challengePending(scope, ids, signal).then(() => {
      done = true
    })
    for (let n = 0; !done && n < 20; n++) await fake.clock.advance(n < 10 ? 0 : minute)
    await running
  }
  return { ...fake, current, asked, applied, scope, controller, follow, told: () => told }
}

function sthsOf(logId: LogId): readonly Sth[] {
  return worlds.find(({ log }) => log.logId === logId)?.sths ?? []
}

export const [one, two, three] = a.sfos.map((known, n) => rowOf(known, startAt + n)) as [
  InsertRow,
  InsertRow,
  InsertRow,
]

export function at(
  value: InsertRow['state']['value'],
  { state }: InsertRow,
  change: Partial<SfoContext>,
): InsertRow['state'] {
  return { value, context: { ...state.context, ...change } }
}
