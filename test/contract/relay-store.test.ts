// The relay's memory store under the contract of its port.
import { expect, test } from 'vitest'
import { bytesPerSfo, memoryRelayStore } from '../../src/adapters/node/store/memory-relay-store.ts'
import { relayStoreSuite } from './suites/relay-store.ts'

relayStoreSuite('memory relay store', memoryRelayStore, bytesPerSfo)

const sfo = (length: number) => ({ leafId: 'leaf', logId: 'log', body: new Uint8Array(length) })

test('puts at the limit are refused and counted, and room comes back with a deletion [RELAY-012]', () => {
  const store = memoryRelayStore({ maxBytes: 2 * (bytesPerSfo + 100), maxPairs: 0 })
  expect([store.putSfo('a', sfo(100)), store.putSfo('b', sfo(101)), store.putSfo('b', sfo(100))]).toEqual([
    true,
    false,
    true,
  ])
  expect([store.putSfo('c', sfo(0)), store.refusedSfos, store.bytes]).toEqual([false, 2, 2 * (bytesPerSfo + 100)])
  store.deleteSfos(['a', 'unknown'])
  expect([store.putSfo('c', sfo(0)), store.bytes]).toEqual([true, 2 * bytesPerSfo + 100])
})
