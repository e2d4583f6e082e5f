// What every AuditorStore keeps to, whatever it is made of [AUD-012, AUD-023]: statuses, limits, and what no row may be.
// Invariant: two stores that follow these rules answer alike, which the model-based test holds them to.
import type { SfoState, SfoStatus, StoreError } from '../../../effects/ports.ts'
import type { Evidence, ReportEntry, SeenSth } from '../../../machines/auditor/types.ts'
import type { Result, Sth } from '../../../machines/ct/types.ts'
import type { StateValue } from '../../../machines/kernel/machine.ts'

/** An incident counts every escalation, and keeps the evidence of the first of them [AUD-023]. */
export const samplesPerIncident = 16

/** Hourly consensuses of more than a year. */
export const defaultSthsPerLog = 10_000

export type Stored<T> = Result<T, StoreError>

export const stored = <T>(value: T): Stored<T> => ({ ok: true, value })
export const notStored = (error: StoreError, detail: string): Stored<never> => ({ ok: false, error, detail })

const resolvedStatuses: Readonly<Record<string, SfoStatus>> = {
  proven: 'proven',
  escalated: 'escalated',
  reprobing: 'escalated',
  lateProven: 'lateProven',
  unjudgeable: 'unjudgeable',
}

/** The status under which a state of the sfo machine is counted and paged; null for a value that it does not have. */
export function statusOf(value: StateValue): SfoStatus | null {
  if (typeof value === 'string') return null
  if (typeof value.pending === 'string') return 'pending'
  return (typeof value.resolved === 'string' ? resolvedStatuses[value.resolved] : undefined) ?? null
}

export const isHash = (text: string): boolean => /^[0-9a-f]{64}$/.test(text)

/** Why this state is no row, or null. */
export function flawOfState({ value, context }: SfoState): string | null {
  const { sfoId, leafId, logId, receivedAt } = context
  if (!isHash(sfoId)) return 'sfoId is not 64 hex digits'
  if (!isHash(logId) || !leafId.startsWith(`${logId}:`) || !isHash(leafId.slice(65)))
    return 'leafId is not <logId>:<hash>'
  if (!Number.isSafeInteger(receivedAt)) return 'receivedAt is not a safe integer'
  return statusOf(value) === null ? 'not a state of the sfo machine' : null
}

export function flawOfEntry({ at, valid, duplicate }: ReportEntry): string | null {
  return [at, valid, duplicate].every(Number.isSafeInteger) ? null : 'a count or time is not a safe integer'
}

export function flawOfSth({ sth, seenAt }: SeenSth): string | null {
  return [sth.timestamp, sth.size, seenAt].every(Number.isSafeInteger) ? null : 'a size or time is not a safe integer'
}

export function flawOfGap(from: number, to: number): string | null {
  return Number.isSafeInteger(from) && Number.isSafeInteger(to) && from <= to ? null : 'a gap is from <= to'
}

export function compareSths(a: Sth, b: Sth): number {
  return a.timestamp - b.timestamp || a.size - b.size || compareText(a.root, b.root)
}

export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export const noSfos: Readonly<Record<SfoStatus, number>> = {
  pending: 0,
  proven: 0,
  escalated: 0,
  lateProven: 0,
  unjudgeable: 0,
}

/**
 * What a crash between the record of a finding and that of its tree heads makes a restarted view find again: evidence of no SFO, of
 * the same kind and about the same tree heads. Evidence without any (`log-down`) is a new occurrence each time.
 */
export function sameFinding(known: Evidence, found: Evidence): boolean {
  if (found.sfoId !== null || known.sfoId !== null || found.sths.length === 0) return false
  return known.kind === found.kind && JSON.stringify(known.sths) === JSON.stringify(found.sths)
}
