// Demo: what became of every SFO, as tables, and whether it is what had to come of it.
// Invariant: each check reads what relays and auditor say of themselves, and what was submitted as counted apart from them.
import { request } from 'undici'
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

const requestCounters = /^ctor_relay_(report_attempts|challenges|deliveries|step_expired|rounds_postponed)_total/

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
    const { context } = api.state()
    const dropped = Object.entries(context.counters.dropped).map(([reason, count]) => `${reason} ${count}`)
    const balance = conserved(context) ? 'yes' : 'NO'
    const rest = { conserved: balance, 'dropped by reason': dropped.join(', ') || '-' }
    return { relay: `CTR ${i + 1}`, 'from browsers': sent[i] ?? 0, ...countsOf(context), ...rest }
  })
  return table(Object.keys(rows[0] ?? {}), rows.map(Object.values))
}

function countsOf(context: RelayContext) {
  const { received, proven, forwarded, reported, expired, dropped } = context.counters
  const early = beforeBuckets.reduce((sum, reason) => sum + (dropped[reason] ?? 0), 0)
  const waiting = context.reports.size
  const ended = { proven, forwarded, reported, expired }
  return { received, bucketed: received - early, ...ended, held: heldCount(context) - waiting, 'to report': waiting }
}

/** What a relay that still holds SFOs counted of its requests: where one fails for good, this says why. */
export async function unanswered({ relays }: Network): Promise<string> {
  const holding = relays.flatMap(({ api, operationsUrl }, i) =>
    heldCount(api.state().context) === 0 ? [] : [{ name: `CTR ${i + 1}`, operationsUrl }],
  )
  const texts = holding.map(async ({ name, operationsUrl }) => {
    const { body } = await request(`${operationsUrl}/metrics`)
    const counted = (await body.text()).split('\n').filter((line) => requestCounters.test(line))
    return [`${name} still holds SFOs:`, ...counted].join('\n  ')
  })
  return (await Promise.all(texts)).join('\n')
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
