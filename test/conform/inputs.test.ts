// Inputs of another shape than functions.md says: no answer, but `errored`, which no vector can say [spec/conformance.md, Protocol].
import { expect, test } from 'vitest'
import { call, functions } from '../../src/adapters/conform/functions.ts'
import type { WireObject } from '../../src/adapters/conform/json.ts'

const most = String(Number.MAX_SAFE_INTEGER)
const hash = '00'.repeat(32)
const precert = { type: 'precert', issuerKeyHash: hash, tbs: '' }
const leaf = { entry: precert, timestamp: '1', extensions: '' }
const due = { sctTimestamp: '1', mmd: '1', receivedAt: '1' }

test.each<[string, WireObject, WireObject]>([
  ['leafId', { logId: hash, leafHash: hash }, { leafHash: hash.slice(2) }],
  ['encodeLeaf', leaf, { entry: { ...precert, issuerKeyHash: `${hash}00` } }],
  ['inclusionTiles', { leafIndex: '1', size: '2' }, { size: '2.5' }],
  ['inclusionTiles', { leafIndex: '1', size: '9'.repeat(20) }, { size: '9'.repeat(21) }],
  ['dueAt', { ...due, mmd: String(Number.MAX_SAFE_INTEGER - 1) }, { mmd: most }],
  ['poissonTail', { seen: '1000000', expected: '1' }, { seen: '1000001' }],
  ['poissonTail', { seen: '1', expected: '1000000' }, { expected: '1000000.5' }],
  ['coin', { draw: '0', k: '1', n: '2097152' }, { n: '2097153' }],
  ['indexBelow', { draw: '0', m: '1' }, { m: '0' }],
])('%s takes what functions.md says and nothing else', (name, fits, changed) => {
  const asked = functions[name]
  if (asked === undefined) throw new Error(`no function ${name}`)
  expect(call(asked, fits)).not.toHaveProperty('misfit')
  expect(call(asked, { ...fits, ...changed })).toHaveProperty('misfit')
})
