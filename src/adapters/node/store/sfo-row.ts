// An SFO's state as columns and back. Invariant: decode(encode(state)) equals state for every state without a flaw.
import { type SfoState, type SfoStatus, sfoStatuses } from '../../../effects/ports.ts'
import type { SfoContext } from '../../../machines/auditor/types.ts'
import type { SfoId } from '../../../machines/ct/types.ts'
import type { StateValue } from '../../../machines/kernel/machine.ts'
import { statusOf } from './rules.ts'

export interface SfoRow {
  readonly sfoId: Uint8Array
  readonly leafHash: Uint8Array
  /** Index into `sfoStatuses`. */
  readonly status: number
  readonly receivedAt: number
  /** The state value as a path: `resolved.proven`. */
  readonly value: string
  /** JSON of what the columns do not hold. */
  readonly context: string
}

export const statusNumber = (status: SfoStatus): number => sfoStatuses.indexOf(status)

export function encodeSfo({ value, context }: SfoState): SfoRow {
  const { sfoId, leafId, logId, receivedAt, ...rest } = context
  return {
    sfoId: Buffer.from(sfoId, 'hex'),
    leafHash: Buffer.from(leafId.slice(logId.length + 1), 'hex'),
    status: statusNumber(statusOf(value) ?? 'pending'),
    receivedAt,
    value: toPath(value),
    context: JSON.stringify(rest),
  }
}

/** `logId` by the row's `log`. */
export function decodeSfo(row: Readonly<Record<string, unknown>>, logId: string): SfoState {
  const rest = JSON.parse(String(row.context)) as Omit<SfoContext, 'sfoId' | 'leafId' | 'logId' | 'receivedAt'>
  const leafId = `${logId}:${hex(row.leaf_hash)}`
  const context = { ...rest, sfoId: hex(row.sfo_id), leafId, logId, receivedAt: Number(row.received_at) }
  return { value: fromPath(String(row.value)), context }
}

/** The first 48 bits: a safe integer that is as random as the whole; rows that share it are told apart by the whole. */
export const prefixOf = (sfoId: SfoId): number => Number.parseInt(sfoId.slice(0, 12), 16)

const hex = (blob: unknown): string => Buffer.from(blob as Uint8Array).toString('hex')

function toPath(value: StateValue): string {
  if (typeof value === 'string') return value
  return Object.entries(value)
    .map(([parent, child]) => `${parent}.${toPath(child)}`)
    .join()
}

function fromPath(path: string): StateValue {
  const [parent = '', ...children] = path.split('.')
  return children.length === 0 ? parent : { [parent]: fromPath(children.join('.')) }
}
