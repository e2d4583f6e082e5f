// Two leaves that were promised one place: what an auditor's store tells of, and what it keeps [AUD-103.2, EVID-010].
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { memoryAuditorStore } from '../../src/adapters/node/store/memory-auditor-store.ts'
import { entryOf, logId, rowOf, sfoId, stateOf } from '../contract/suites/auditor-store-data.ts'

interface Sfo {
  readonly sfo: number
  readonly log: number
  readonly leaf: number
  readonly leafIndex: number | null
}

const sfoArbitrary = fc.record({
  sfo: fc.nat(9),
  log: fc.nat(1),
  leaf: fc.nat(2),
  leafIndex: fc.option(fc.nat(1)),
})
const commands = fc.array(fc.oneof(fc.array(sfoArbitrary, { minLength: 1, maxLength: 3 }), fc.nat(9)), {
  maxLength: 14,
})

function stateWith({ sfo, log, leaf, leafIndex }: Sfo, value: 'waiting' | 'proven') {
  const { context, ...rest } = stateOf(sfo, value)
  const ids = { logId: logId(log), leafId: `${logId(log)}:${sfoId(100 + leaf)}` }
  return { ...rest, context: { ...context, ...ids, ...(leafIndex === null ? {} : { leafIndex }) } }
}

test('inserting an SFO whose place another leaf has raises equivocation, naming both, and both chains stay [AUD-103.2]', async () => {
  await fc.assert(
    fc.asyncProperty(commands, async (list) => {
      const store = memoryAuditorStore({ now: () => 1 })
      const known = new Map<number, Sfo>()
      const chains = new Set<number>()
      /** Of each SFO that came second, those whose place it wants; who is named is one of them. */
      const rivals = new Map<string, readonly string[]>()
      const told = () =>
        store
          .incidents()
          .filter(({ kind }) => kind === 'equivocation')
          .flatMap(({ samples }) => samples.map(({ sfoId: second, otherSfoId = '' }) => [second ?? '', otherSfoId]))
      for (const command of list) {
        if (typeof command === 'number') {
          const purged = known.get(command)
          if (purged === undefined) continue
          await store.apply({ state: stateWith(purged, 'proven'), escalate: null, purgeChain: true })
          if (!told().flat().includes(sfoId(command))) chains.delete(command)
        } else {
          await store.insert(
            command.map((one) => ({ ...rowOf(one.sfo), state: stateWith(one, 'waiting') })),
            entryOf(0, 0, 1),
          )
          for (const one of command.filter(({ sfo }, at) => command.findIndex((other) => other.sfo === sfo) === at)) {
            if (known.has(one.sfo)) continue
            const others = [...chains].map((sfo) => known.get(sfo) as Sfo)
            const found = others.filter(
              ({ log, leaf, leafIndex }) =>
                log === one.log && leafIndex === one.leafIndex && leafIndex !== null && leaf !== one.leaf,
            )
            if (found.length > 0)
              rivals.set(
                sfoId(one.sfo),
                found.map(({ sfo }) => sfoId(sfo)),
              )
            known.set(one.sfo, one)
            chains.add(one.sfo)
          }
        }
        expect(
          told()
            .map(([second]) => second)
            .sort(),
        ).toEqual([...rivals.keys()].sort())
        for (const [second = '', other] of told()) expect(rivals.get(second)).toContain(other)
        for (const sfo of known.keys()) expect(store.getBody(sfoId(sfo)) !== undefined).toBe(chains.has(sfo))
      }
    }),
    { numRuns: 200 },
  )
})
