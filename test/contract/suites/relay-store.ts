// What every RelayStore must do [RELAY-012, RELAY-026], as a suite over a factory. Invariant: the oracle is two plain maps.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RelayStore, StoredSfo } from '../../../src/effects/ports.ts'
import type { ProofPair } from '../../../src/machines/ct/types.ts'

export interface RelayStoreLimits {
  readonly maxBytes: number
  readonly maxPairs: number
}

const logId = 'aa'.repeat(32)
const idOf = (n: number) => n.toString(16).padStart(64, '0')
const leafOf = (n: number) => `${logId}:${idOf(n)}`
const sfo = (n: number, length: number): StoredSfo => ({
  leafId: leafOf(n),
  logId,
  body: new Uint8Array(length).fill(n + 1),
})
const pair = (n: number, leafIndex: number): ProofPair => ({
  leafId: leafOf(n),
  sth: { logId, timestamp: 1, size: 10, root: idOf(9), signature: '00' },
  proof: { leafIndex, path: [] },
})

type Command =
  | { readonly op: 'putSfo'; readonly n: number; readonly length: number }
  | { readonly op: 'deleteSfos'; readonly ns: readonly number[] }
  | { readonly op: 'putPair'; readonly n: number; readonly leafIndex: number }
  | { readonly op: 'getPairs' | 'deletePairs'; readonly ns: readonly number[] }

const key = fc.integer({ min: 0, max: 7 })
const keys = fc.array(key, { maxLength: 4 })
const commands: fc.Arbitrary<Command[]> = fc.array(
  fc.oneof(
    fc.record({ op: fc.constant('putSfo' as const), n: key, length: fc.integer({ min: 0, max: 600 }) }),
    fc.record({ op: fc.constant('deleteSfos' as const), ns: keys }),
    fc.record({ op: fc.constant('putPair' as const), n: key, leafIndex: fc.nat(9) }),
    fc.record({ op: fc.constantFrom('getPairs' as const, 'deletePairs' as const), ns: keys }),
  ),
  { maxLength: 40 },
)

/** `perSfo`: what the store counts for an SFO beside its body. */
export function relayStoreSuite(name: string, make: (limits: RelayStoreLimits) => RelayStore, perSfo: number): void {
  describe(name, () => {
    test('equals two plain maps under every sequence of operations, limits included [RELAY-012]', () => {
      fc.assert(
        fc.property(
          commands,
          fc.integer({ min: 0, max: 6000 }),
          fc.integer({ min: 0, max: 6 }),
          (list, maxBytes, maxPairs) => {
            const store = make({ maxBytes, maxPairs })
            const sfos = new Map<string, StoredSfo>()
            const pairs = new Map<string, ProofPair>()
            for (const command of list) {
              if (command.op === 'putSfo') {
                const held = new Map(sfos).set(idOf(command.n), sfo(command.n, command.length))
                const bytes = [...held.values()].reduce((sum, { body }) => sum + body.length + perSfo, 0)
                expect(store.putSfo(idOf(command.n), sfo(command.n, command.length))).toBe(bytes <= maxBytes)
                if (bytes <= maxBytes) sfos.set(idOf(command.n), sfo(command.n, command.length))
              } else if (command.op === 'deleteSfos') {
                store.deleteSfos(command.ns.map(idOf))
                for (const n of command.ns) sfos.delete(idOf(n))
              } else if (command.op === 'putPair') {
                const fits = pairs.has(leafOf(command.n)) || pairs.size < maxPairs
                expect(store.putPair(pair(command.n, command.leafIndex))).toBe(fits)
                if (fits) pairs.set(leafOf(command.n), pair(command.n, command.leafIndex))
              } else if (command.op === 'getPairs') {
                const wanted = command.ns.map(leafOf).filter((id) => pairs.has(id))
                expect(store.getPairs(command.ns.map(leafOf))).toEqual(wanted.map((id) => pairs.get(id)))
              } else {
                store.deletePairs(command.ns.map(leafOf))
                for (const n of command.ns) pairs.delete(leafOf(n))
              }
              expect([store.sfoCount, store.pairCount]).toEqual([sfos.size, pairs.size])
            }
            for (let n = 0; n < 8; n++) expect(store.getSfo(idOf(n))).toEqual(sfos.get(idOf(n)))
          },
        ),
      )
    })

    test('a body is kept as it was put, whatever becomes of the buffer that it lay in [RELAY-026]', () => {
      const store = make({ maxBytes: 10_000, maxPairs: 1 })
      const buffer = new Uint8Array(4096).fill(7)
      store.putSfo(idOf(1), { leafId: leafOf(1), logId, body: buffer.subarray(10, 20) })
      buffer.fill(0)
      const body = store.getSfo(idOf(1))?.body
      expect(body).toEqual(new Uint8Array(10).fill(7))
      expect(body?.buffer.byteLength).toBe(10)
    })
  })
}
