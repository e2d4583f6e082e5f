// Lists that an operator fetches: the log list of browser vendors, an auditor's incidents [EVID-005].
import { incidentsTable } from '../../../src/adapters/cli/incidents-command.ts'
import { logsTable } from '../../../src/adapters/cli/logs-command.ts'
import { nodeCrypto } from '../../../src/adapters/node/crypto.ts'
import { incidentsShape } from '../../../src/adapters/node/http/operations-listener.ts'
import { parseJson } from '../../../src/adapters/node/http/shapes.ts'
import { decodeLogList, type ListedLog, logListErrors } from '../../../src/adapters/node/log-list.ts'
import { toBase64 } from '../../../src/machines/ct/bytes.ts'
import type { Crypto } from '../../../src/machines/ct/types.ts'
import { accepted, must, type Target } from '../target.ts'

const digest = new Uint8Array(32).fill(0x5a)
/** Every key has this ID: no mutation could find the ID of a mutated key, and what lies behind it must be fuzzed too. */
const crypto: Crypto = { ...nodeCrypto(), sha256: () => digest }

const interval = { start_inclusive: '2026-07-01T00:00:00Z', end_exclusive: '2027-01-01T00:00:00+01:00' }
const common = { log_id: toBase64(digest), key: 'AAEC', mmd: 86_400, temporal_interval: interval }
const plain = {
  description: 'plain',
  url: 'https://ct.example/2026h2/',
  state: { usable: { timestamp: '2025-06-01T00:00:00Z' } },
}
const tiled = { submission_url: 'https://a.example/', monitoring_url: 'https://b.example/', state: { readonly: {} } }
const logList = {
  version: '90.1',
  operators: [
    { name: 'One', email: ['ct@example'], logs: [{ ...common, ...plain }], tiled_logs: [{ ...common, ...tiled }] },
    { name: 'Two', logs: [{ description: 'placeholder' }] },
  ],
}

const evidence = {
  kind: 'withheld',
  logId: 'ab'.repeat(32),
  sfoId: null,
  sths: [],
  proof: null,
  lastOutcome: 'refused',
}
const times = { firstAt: 1_700_000_000_000, lastAt: 1_700_000_000_001 }
const incident = { id: 1, logId: 'ab'.repeat(32), kind: 'withheld', count: 1, ...times, notified: true }
const incidents = [
  { ...incident, samples: [{ ...evidence, since: 0, spansGap: false }] },
  { ...incident, samples: [] },
]

/** A heading and a line each, whatever the texts hold. */
function oneLineEach(table: string, rows: number): void {
  must(rows === 0 || table.split('\n').length === rows + 2, 'a text has broken a line')
  must(!/[\p{Cc}\p{Zl}\p{Zp}]/u.test(table.replaceAll('\n', '')), 'a control character in a table')
}

function check({ log, problem, kind }: ListedLog): void {
  must((log === null) !== (problem === null), 'an entry is a log, or has a code')
  if (log === null) return
  must(log.logId === '5a'.repeat(32) && Number.isSafeInteger(log.mmd), 'a log of another ID or MMD')
  must((log.monitoringUrl !== undefined) === (kind === 'static-ct'), 'a log of another kind')
  for (const url of [log.url, log.monitoringUrl ?? log.url])
    must(/^https?:$/.test(new URL(url).protocol) && !url.endsWith('/'), 'a URL that is none')
}

export const listTargets: readonly Target[] = [
  {
    name: 'log-list',
    seeds: () => [Buffer.from(JSON.stringify(logList)), Buffer.from(JSON.stringify(logList, null, 2))],
    run: (input) => {
      const logs = accepted(decodeLogList(crypto, input), Object.keys(logListErrors)) ?? []
      logs.forEach(check)
      oneLineEach(logsTable(logs), logs.length)
    },
  },
  {
    name: 'incident-list',
    seeds: () => [Buffer.from(JSON.stringify(incidents)), Buffer.from('[]')],
    run: (input) => {
      const list = incidentsShape.safeParse(parseJson(input)).data ?? []
      oneLineEach(incidentsTable(list), list.length)
    },
  },
]
