// What an export of incidents says of that which it does not have [AUD-023.4].
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { exportIncidents, missing } from '../../src/adapters/cli/export-incidents.ts'
import { memoryAuditorStore } from '../../src/adapters/node/store/memory-auditor-store.ts'
import type { Evidence } from '../../src/machines/auditor/types.ts'

const folder = mkdtempSync(join(tmpdir(), 'ctor-export-'))
afterAll(() => rmSync(folder, { recursive: true }))

const ids = ['01', '02'].map((byte) => byte.repeat(32)) as [string, string]
const log = { logId: ids[0], key: 'AA==', mmd: 1000, url: 'http://127.0.0.1' }

function evidence(logId: string, kind: Evidence['kind'], size: number): Evidence {
  const sth = { logId, timestamp: size, size, root: '0a'.repeat(32), signature: '040300020000' }
  const nothing = { sfoId: null, proof: null, lastOutcome: null } as const
  return { kind, logId, sths: [sth], ...nothing, since: 0, spansGap: false }
}

async function storeWith(dropped: number) {
  const store = memoryAuditorStore({ now: () => 0 })
  await store.setValue('logs', JSON.stringify({ dropped, logs: [log] }))
  for (const size of [1, 2]) await store.escalate(evidence(ids[1], 'split-view', size))
  for (const size of [1, 2, 3]) await store.escalate(evidence(ids[0], 'withheld', size))
  await store.escalate(evidence(ids[0], 'rollback', 1))
  await store.escalate(evidence(ids[0], 'log-down', 1))
  return store
}

test('an export counts the samples without bundle by incident and reason, and the logs that were dropped [AUD-023.4]', async () => {
  const exported = exportIncidents(await storeWith(2), folder)
  expect(exported.files).toEqual(readdirSync(folder).map((name) => join(folder, name)))
  expect(missing(exported)).toEqual([
    'incident 1 (split-view): 2 of 2 samples without bundle: key and MMD of its log are not on record',
    'incident 2 (withheld): 3 of 3 samples without bundle: what is on record makes no bundle',
    'incident 3 (rollback): 1 of 1 samples without bundle: what is on record makes no bundle',
    'incident 4 (log-down): 1 of 1 samples without bundle: its kind has no bundle',
    '2 logs that left the consensus are not on record, beyond the 4096 listed last',
  ])
})

test('where no log was dropped, none is spoken of [AUD-023.4]', async () => {
  const said = missing(exportIncidents(await storeWith(0), folder))
  expect([said.length, said.some((line) => line.includes('listed last'))]).toEqual([4, false])
})
