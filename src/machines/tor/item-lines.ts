// How the items of our documents are written [CONS-001]. Invariant: what is written is read back as the same item.
import type { Log, Sth } from '../ct/types.ts'
import type { Auditor, Ctr } from './types.ts'

export function paramsLine(params: Readonly<Record<string, number>>): string {
  return ['params', ...Object.entries(params).map(([name, value]) => `${name}=${value}`)].join(' ')
}

export function logLine({ logId, mmd, url, key, monitoringUrl }: Log): string {
  return `log ${logId} ${mmd} ${url} ${key}${monitoringUrl === undefined ? '' : ` static=${monitoringUrl}`}`
}

export function sthLine({ logId, timestamp, size, root, signature }: Sth): string {
  return `sth ${logId} ${timestamp} ${size} ${root} ${signature}`
}

export function ctrLine({ ctrId, url, family }: Ctr): string {
  return `ctr ${ctrId} ${url}${family.length > 0 ? ` family=${family.join(',')}` : ''}`
}

export function auditorLine({ key, url }: Auditor): string {
  return `auditor ${key} ${url}`
}
