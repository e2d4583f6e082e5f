// Demo: what became of every SFO, as tables, and whether it is what had to come of it.
// Invariant: each check reads what relays and auditor say of themselves, and what was submitted as counted apart from them.
import { conserved, heldCount } from '../../machines/relay/invariants.ts'
import type { DropReason, RelayContext } from '../../machines/relay/types.ts'
import type { Network } from './network.ts'
import { type LogName, logNames } from './network.ts'
import type { Submission } from './submissions.ts'
import type { Sent } from './submit.ts'
import { table } from './table.ts'

export interface Check {
  readonly text: string
  readonly holds: boolean
}

const beforeBuckets: readonly DropReason[] = [
  'invalid',
  'active',
  'alreadyProven',
  'duplicate',
  'tooManyVariants',
  'noBucket',
  'bucketFull',
]

export function logTable(network: Network, submissions: readonly Submission[]): string {
  const rows = logNames.map((name) => {
    const of = submissions.filter(({ logId }) => logId === idOf(network, name))
    const proven = of.filter(({ leafId }) => provenBySome(network, leafId)).length
    const incidents = incidentsOf(network, name)
    const escalated = incidents.reduce((sum, { count }) => sum + count, 0)
    return [
      name,
      of.length,
      proven,
      escalated,
      incidents.map(({ kind, count }) => `${kind} (${count})`).join(', ') || '-',
    ]
  })
  return table(['log', 'submitted', 'proven', 'escalated', 'incidents'], rows)
}

export function relayTable({ relays }: Network, sent: Sent): string {
  const rows = relays.map(({ api }, i) => {
    const context = api.state().context
    const { received, proven, forwarded, reported, expired, dropped } = context.counters
    const reasons = Object.entries(dropped).map(([reason, count]) => `${reason} ${count}`)
    const held = heldCount(context)
    const balance = conserved(context) ? 'yes' : 'NO'
    const early = beforeBuckets.reduce((sum, reason) => sum + (dropped[reason] ?? 0), 0)
    const counts = [sent[i] ?? 0, received, received - early, proven, forwarded, reported, held, expired]
    return [`CTR ${i + 1}`, ...counts, balance, reasons.join(', ') || '-']
  })
  const counts = ['from browsers', 'received', 'bucketed', 'proven', 'forwarded', 'reported', 'held', 'expired']
  return table(['relay', ...counts, 'conserved', 'dropped by reason'], rows)
}

export function auditorTable({ auditor }: Network): string {
  return table(
    ['auditor', 'SFOs'],
    Object.entries(auditor.api.counts()).map(([status, count]) => [status, count]),
  )
}

export function checks(network: Network, submissions: readonly Submission[], sent: Sent): Check[] {
  const { relays, auditor } = network
  const contexts = relays.map(({ api }) => api.state().context)
  const kinds = (name: LogName) => incidentsOf(network, name).map(({ kind }) => kind)
  const mine = (name: LogName) => submissions.filter(({ logId }) => logId === idOf(network, name))
  return [
    { text: 'no SFO is held by a relay any more', holds: contexts.every((context) => heldCount(context) === 0) },
    { text: 'no SFO is pending at the auditor', holds: auditor.api.counts().pending === 0 },
    { text: 'every relay accounts for every SFO it received', holds: contexts.every(conserved) },
    { text: 'every relay received what browsers sent it', holds: contexts.every((c, i) => gotAll(c, sent[i] ?? 0)) },
    { text: 'the honest log proved every SFO', holds: mine('honest').every((s) => provenBySome(network, s.leafId)) },
    { text: 'the honest log has no escalation', holds: kinds('honest').length === 0 },
    { text: 'the withholding log is caught: withheld', holds: kinds('withholding').includes('withheld') },
    { text: 'the late log is caught: late-merge', holds: kinds('late').includes('late-merge') },
  ]
}

const gotAll = ({ counters }: RelayContext, sent: number) => counters.received >= sent

const idOf = ({ logs }: Network, name: LogName) => logs[name].log.logId

function incidentsOf(network: Network, name: LogName) {
  return network.auditor.api.incidents().filter(({ logId }) => logId === idOf(network, name))
}

function provenBySome({ relays }: Network, leafId: string): boolean {
  return relays.some(({ api }) => api.state().context.proofs.has(leafId))
}
