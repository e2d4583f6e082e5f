// The keys and MMDs that a reader of evidence trusts: those of a log list of version 3 [EVID-005.2]. Invariant: a log whose ID is not that
// of its key is an error, and an entry that names no key, as placeholders do, is passed over.
import { z } from 'zod'
import { fromBase64, fromUtf8, toHex } from '../../machines/ct/bytes.ts'
import type { Log, Result } from '../../machines/ct/types.ts'
import { nodeCrypto } from '../node/crypto.ts'

export type TrustedLogsError = 'notJson' | 'notLogList' | 'badKey'

const common = { log_id: z.string(), key: z.string(), mmd: z.int().min(1).max(31_536_000) }
const plainLog = z.looseObject({ ...common, url: z.string() })
const tiledLog = z.looseObject({ ...common, submission_url: z.string(), monitoring_url: z.string() })
const entries = z.array(z.unknown()).max(10_000).default([])
const logList = z.looseObject({
  operators: z.array(z.looseObject({ logs: entries, tiled_logs: entries })).max(10_000),
})

export function trustedLogs(file: Uint8Array): Result<readonly Log[], TrustedLogsError> {
  const list = logList.safeParse(parsed(file))
  if (list.error !== undefined) {
    const isJson = parsed(file) !== undefined
    return { ok: false, error: isJson ? 'notLogList' : 'notJson', detail: 'a log list of version 3 is wanted' }
  }
  const logs: Log[] = []
  for (const operator of list.data.operators) {
    for (const entry of [...operator.logs, ...operator.tiled_logs]) {
      const log = logOf(entry)
      if (log === 'badKey') return { ok: false, error: 'badKey', detail: 'a log_id is not that of its key' }
      if (log !== null) logs.push(log)
    }
  }
  return { ok: true, value: logs }
}

function parsed(file: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(file) ?? '')
  } catch {
    return undefined
  }
}

/** `mmd` is in seconds there. */
function logOf(entry: unknown): Log | 'badKey' | null {
  const tiled = tiledLog.safeParse(entry).data
  const plain = tiled ?? plainLog.safeParse(entry).data
  if (plain === undefined) return null
  const key = fromBase64(plain.key)
  const logId = key === null ? null : toHex(nodeCrypto().sha256(key))
  const named = fromBase64(plain.log_id)
  if (logId === null || named === null || toHex(named) !== logId) return 'badKey'
  const common = { logId, key: plain.key, mmd: plain.mmd * 1000 }
  if (tiled === undefined) return { ...common, url: withoutSlash(String(plain.url)) }
  return { ...common, url: withoutSlash(tiled.submission_url), monitoringUrl: withoutSlash(tiled.monitoring_url) }
}

function withoutSlash(url: string): string {
  return url.replace(/\/$/, '')
}
