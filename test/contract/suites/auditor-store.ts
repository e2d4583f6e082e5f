// What every AuditorStore must do, as a suite over a factory: the port's sentences, one test each [AUD-007, AUD-012, AUD-027].
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AuditorStore, PageKey } from '../../../src/effects/ports.ts'
import { ctrId, entryOf, evidenceOf, logId, rowOf, seenOf, sfoId, stateOf } from './auditor-store-data.ts'

export interface AuditorStoreFactory {
  /** A new, empty store; `now` is the time at which it is told of incidents. */
  readonly make: (options: { readonly now: () => number; readonly sthsPerLog: number }) => AuditorStore
}

const entry = entryOf(0, 0, 1)
const range = (length: number): readonly number[] => Array.from({ length }, (_, n) => n)

export function auditorStoreSuite(name: string, { make }: AuditorStoreFactory): void {
  describe(name, () => {
    let store: AuditorStore
    let now = 1000
    beforeEach(() => {
      now = 1000
      store = make({ now: () => now, sthsPerLog: 4 })
    })
    afterEach(() => store.close())

    test('an inserted SFO is pending, with its state and body as they were handed in [AUD-103]', async () => {
      expect([store.lookup(sfoId(1)), store.getSfo(sfoId(1)), store.getBody(sfoId(1))]).toEqual([
        'new',
        undefined,
        undefined,
      ])
      expect(await store.insert([rowOf(1), rowOf(2)], entry)).toEqual({ ok: true, value: { inserted: 2 } })
      expect(store.lookup(sfoId(1))).toBe('pending')
      expect(store.getSfo(sfoId(1))).toEqual(stateOf(1))
      expect(store.getBody(sfoId(1))).toEqual(rowOf(1).body)
      expect(store.entries(ctrId(0), 0)).toEqual([entry])
    })

    test('an SFO that exists is left alone, within one insert, across two, and in two at once [AUD-027]', async () => {
      const again = { ...rowOf(1, null, 7), escalate: evidenceOf(logId(1), 'future-sct', sfoId(1)) }
      expect(await store.insert([rowOf(1), again], entry)).toEqual({ ok: true, value: { inserted: 1 } })
      const both = await Promise.all([
        store.insert([again, rowOf(2)], entry),
        store.insert([rowOf(2), rowOf(3)], entry),
      ])
      expect(both.map((outcome) => outcome.ok && outcome.value.inserted)).toEqual([1, 1])
      expect(store.getBody(sfoId(1))).toEqual(rowOf(1).body)
      expect([store.counts().pending, store.incidents()]).toEqual([3, []])
    })

    test('a state moves its SFO between statuses, counts and pages [AUD-013]', async () => {
      await store.insert(
        range(6).map((n) => rowOf(n)),
        entry,
      )
      for (const [n, value] of (['proven', 'escalated', 'reprobing', 'lateProven', 'unjudgeable'] as const).entries()) {
        expect(await store.apply({ state: stateOf(n, value, 2), escalate: null, purgeChain: false })).toMatchObject({
          ok: true,
        })
        expect(store.getSfo(sfoId(n))).toEqual(stateOf(n, value, 2))
      }
      expect(store.counts()).toEqual({ pending: 1, proven: 1, escalated: 2, lateProven: 1, unjudgeable: 1 })
      expect(store.countsByLog().get(logId(1))).toEqual({
        pending: 0,
        proven: 0,
        escalated: 1,
        lateProven: 0,
        unjudgeable: 1,
      })
      expect([0, 5, 9].map((n) => store.lookup(sfoId(n)))).toEqual(['resolved', 'pending', 'new'])
      expect(store.page(logId(2), 'escalated', null, 9)).toEqual([stateOf(2, 'reprobing', 2)])
      expect(store.page(logId(2), 'pending', null, 9)).toEqual([stateOf(5)])
    })

    test('a purge removes the chain and nothing else [AUD-024]', async () => {
      await store.insert([rowOf(1), rowOf(2)], entry)
      await store.apply({ state: stateOf(1, 'proven', 1), escalate: null, purgeChain: true })
      expect([store.getBody(sfoId(1)), store.getSfo(sfoId(1))]).toEqual([undefined, stateOf(1, 'proven', 1)])
      expect(store.getBody(sfoId(2))).toEqual(rowOf(2).body)
      await store.insert([rowOf(1)], entry)
      expect(store.getBody(sfoId(1))).toBe(undefined)
    })

    test('another leaf at a place that an SFO of the log has is an equivocation, and both chains are kept [AUD-103.2, EVID-010]', async () => {
      const placed = (n: number, leafIndex: number, variant = n) => {
        const { context, value } = stateOf(n)
        const { leafId } = stateOf(variant).context
        const place = { ...context, leafId, leafIndex }
        return { ...rowOf(n), state: { value, context: place } }
      }
      const equivocations = () => store.incidents().filter(({ kind }) => kind === 'equivocation')
      await store.insert([placed(1, 7)], entry)
      // Another index, another log, another chain of the same leaf: none of them.
      await store.insert([placed(4, 8), placed(2, 7), placed(7, 7, 1)], entry)
      expect(equivocations()).toEqual([])
      await store.insert([placed(10, 7), rowOf(13)], entry)
      await store.insert([placed(10, 7)], entry)
      expect(equivocations()).toMatchObject([
        { logId: logId(1), count: 1, samples: [{ sfoId: sfoId(10), otherSfoId: sfoId(1), sths: [], proof: null }] },
      ])
      for (const n of [1, 4, 10]) {
        const { context } = placed(n, n === 4 ? 8 : 7).state
        await store.apply({ state: { ...stateOf(n, 'proven'), context }, escalate: null, purgeChain: true })
      }
      expect([1, 4, 10].map((n) => store.getBody(sfoId(n)) === undefined)).toEqual([false, true, false])
      expect(store.getSfo(sfoId(10))?.context.leafIndex).toBe(7)
      // The place of one whose chain is gone accuses nobody any more.
      await store.insert([placed(16, 8)], entry)
      expect(equivocations()).toMatchObject([{ count: 1 }])
      await store.insert([placed(19, 9), placed(22, 9)], entry)
      expect(equivocations()).toMatchObject([{ count: 2 }])
    })

    test('the last 16 answers about an SFO are kept until its chain is purged [EVID-014]', async () => {
      await store.insert([rowOf(1)], entry)
      expect(store.transcript(sfoId(1))).toEqual([])
      const answered = (at: number) => ({ at, outcome: 'refused', size: 5, status: 404 }) as const
      for (const n of range(9)) {
        const asked = [answered(2 * n), answered(2 * n + 1)]
        await store.apply({ state: stateOf(1, 'waiting', n), escalate: null, purgeChain: false, asked })
      }
      await store.apply({ state: stateOf(1, 'waiting', 10), escalate: null, purgeChain: false })
      expect(store.transcript(sfoId(1)).map(({ at }) => at)).toEqual(range(16).map((n) => n + 2))
      await store.apply({ state: stateOf(1, 'proven', 10), escalate: null, purgeChain: true })
      expect([store.transcript(sfoId(1)), store.transcript(sfoId(9))]).toEqual([[], []])
    })

    test('an escalation that is applied again after a crash is counted once [AUD-012, INV-009]', async () => {
      const evidence = evidenceOf(logId(1), 'withheld', sfoId(1), 3)
      await store.insert([rowOf(1), rowOf(4)], entry)
      for (now of [2000, 3000]) {
        await store.apply({ state: stateOf(1, 'escalated', 1), escalate: evidence, purgeChain: false })
      }
      now = 4000
      await store.apply({
        state: stateOf(4, 'escalated', 1),
        escalate: { ...evidence, sfoId: sfoId(4) },
        purgeChain: false,
      })
      const [incident, ...others] = store.incidents()
      expect(incident).toEqual({
        id: 1,
        logId: logId(1),
        kind: 'withheld',
        count: 2,
        firstAt: 2000,
        lastAt: 4000,
        samples: [evidence, { ...evidence, sfoId: sfoId(4) }],
        notified: false,
      })
      expect(others).toEqual([])
    })

    test('a finding about tree heads that a restart finds again is counted once [INV-009, AUD-017]', async () => {
      const fork = evidenceOf(logId(0), 'split-view', null)
      for (const since of [1, 2]) await store.escalate({ ...fork, since })
      await store.escalate(evidenceOf(logId(0), 'split-view', null, 7))
      expect(store.incidents().map(({ kind, count }) => [kind, count])).toEqual([['split-view', 2]])
    })

    test('an incident counts all and keeps the first 16 samples [AUD-023]', async () => {
      const rows = range(20).map((n) => rowOf(n, evidenceOf(logId(0), 'future-sct', sfoId(n), n)))
      await store.insert(rows, entry)
      const down0 = { ...evidenceOf(logId(0), 'log-down', null), sths: [] }
      await store.escalate(down0)
      await store.escalate(down0)
      const [future, down] = store.incidents()
      expect([future?.count, future?.samples]).toEqual([20, rows.slice(0, 16).map(({ escalate }) => escalate)])
      expect([down?.kind, down?.count]).toEqual(['log-down', 2])
      expect(await store.markNotified(2)).toMatchObject({ ok: true })
      expect(await store.markNotified(3)).toMatchObject({ ok: false, error: 'storeFailed' })
      expect(store.incidents().map(({ notified }) => notified)).toEqual([false, true])
    })

    test('a change of an SFO that was never inserted fails and leaves no incident [AUD-012]', async () => {
      const escalate = evidenceOf(logId(1), 'withheld', sfoId(1))
      const outcome = await store.apply({ state: stateOf(1, 'escalated'), escalate, purgeChain: false })
      expect(outcome).toMatchObject({ ok: false, error: 'storeFailed' })
      expect([store.incidents(), store.lookup(sfoId(1)), store.counts().escalated]).toEqual([[], 'new', 0])
    })

    test('a malformed write fails alone among its neighbours, and leaves nothing behind [AUD-027]', async () => {
      const good = rowOf(2)
      const bad = { ...good, state: { ...good.state, context: { ...good.state.context, sfoId: 'X' } } }
      const noEntry = { ...entryOf(9, 9, 1), at: 0.5 }
      const outcomes = await Promise.all([
        store.insert([rowOf(1)], entry),
        store.insert([rowOf(5), bad], entryOf(8, 8, 1)),
        store.insert([rowOf(6)], noEntry),
        store.insert([good], entry),
      ])
      expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, false, true])
      expect([1, 5, 6, 2].map((n) => store.lookup(sfoId(n)))).toEqual(['pending', 'new', 'new', 'pending'])
      expect(store.reportingCtrs()).toEqual([ctrId(0)])
    })

    test('pages go through the rows of one log in (receivedAt, sfoId) order, each once [AUD-115]', async () => {
      await store.insert(
        range(60).map((n) => rowOf(59 - n)),
        entry,
      )
      const expected = range(60)
        .filter((n) => n % 3 === 1)
        .map((n) => stateOf(n))
      expected.sort(
        (a, b) => a.context.receivedAt - b.context.receivedAt || (a.context.sfoId < b.context.sfoId ? -1 : 1),
      )
      for (const limit of [1, 4, 20, 99]) {
        const seen: unknown[] = []
        let after: PageKey | null = null
        for (;;) {
          const rows = store.page(logId(1), 'pending', after, limit)
          seen.push(...rows)
          if (rows.length < limit) break
          after = rows.at(-1)?.context ?? null
        }
        expect(seen).toEqual(expected)
      }
      expect(store.page(logId(7), 'pending', null, 9)).toEqual([])
    })

    test("a circuit's entry is replaced as it grows, and other circuits' are not [AUD-003, INV-007]", async () => {
      for (const [ctr, circuit, sfos] of [
        [0, 1, 1],
        [0, 1, 2],
        [0, 2, 3],
        [1, 1, 1],
        [0, 1, 3],
      ] as const) {
        await store.insert([], entryOf(ctr, circuit, sfos))
      }
      expect(store.entries(ctrId(0), 0)).toEqual([entryOf(0, 1, 3), entryOf(0, 2, 3)])
      expect(store.entries(ctrId(0), entryOf(0, 2, 3).at)).toEqual([entryOf(0, 2, 3)])
      expect(store.entries(ctrId(5), 0)).toEqual([])
      expect(store.reportingCtrs()).toEqual([ctrId(0), ctrId(1)].sort())
      expect(store.reportersByLog(0)).toEqual(
        new Map([
          [logId(0), 2],
          [logId(1), 1],
          [logId(2), 1],
        ]),
      )
      expect(store.reportersByLog(entryOf(0, 2, 3).at)).toEqual(
        new Map([
          [logId(0), 1],
          [logId(1), 1],
          [logId(2), 1],
        ]),
      )
    })

    test('entries leave by age and by count, oldest first [AUD-004]', async () => {
      for (const circuit of range(7)) await store.insert([], entryOf(0, circuit, 1))
      await store.insert([], entryOf(40, 0, 1))
      const at = (circuit: number) => entryOf(0, circuit, 1).at
      expect(await store.pruneEntries(at(1), 4)).toEqual({ ok: true, value: { pruned: 4 } })
      expect(store.entries(ctrId(0), 0)).toEqual([3, 4, 5, 6].map((circuit) => entryOf(0, circuit, 1)))
      expect(store.reportingCtrs()).toEqual([ctrId(0)])
      expect(await store.pruneEntries(0, 0)).toEqual({ ok: true, value: { pruned: 4 } })
      expect([store.entries(ctrId(0), 0), store.reportingCtrs()]).toEqual([[], []])
    })

    test('STHs are kept by (timestamp, size, root), the newest of each log [AUD-016]', async () => {
      const seen = [seenOf(logId(0), 5, 9), seenOf(logId(0), 5, 8), seenOf(logId(0), 7, 8), seenOf(logId(0), 5, 9, 1)]
      for (const one of seen) await store.saveSth(one)
      const sorted = [
        seen[1],
        ...(seenOf(logId(0), 5, 9).sth.root < seenOf(logId(0), 5, 9, 1).sth.root
          ? [seen[0], seen[3]]
          : [seen[3], seen[0]]),
        seen[2],
      ]
      expect(store.sths(logId(0))).toEqual(sorted)
      const checked = { ...seenOf(logId(0), 7, 8), status: 'consistent' as const }
      await store.saveSth(checked)
      await store.saveSth(seenOf(logId(0), 1, 1))
      await store.saveSth(seenOf(logId(1), 1, 1))
      expect(store.sths(logId(0))).toEqual([...sorted.slice(0, 3), checked])
      await store.saveSth(seenOf(logId(0), 9, 9))
      expect(store.sths(logId(0))).toEqual([...sorted.slice(1, 3), checked, seenOf(logId(0), 9, 9)])
      expect([store.sths(logId(1)), store.sths(logId(2))]).toEqual([[seenOf(logId(1), 1, 1)], []])
    })

    test('a gap is found from any interval that has an instant in common with it [AUD-015]', async () => {
      for (const [from, to] of [
        [20, 30],
        [50, 60],
        [10, 20],
        [12, 14],
        [40, 45],
      ] as const)
        await store.recordGap(from, to)
      const intervals = [
        [0, 9],
        [0, 10],
        [15, 15],
        [30, 31],
        [31, 39],
        [46, 49],
        [46, 50],
        [60, 99],
        [61, 99],
        [0, 99],
      ] as const
      const found = intervals.map(([from, to]) => store.gapBetween(from, to))
      expect(found).toEqual([false, true, true, true, false, false, true, true, false, true])
      expect(await store.recordGap(5, 4)).toMatchObject({ ok: false, error: 'storeFailed' })
    })

    test('values are read as they were last set', async () => {
      expect(store.getValue('consensus')).toBe(undefined)
      await store.setValue('consensus', 'é1')
      await store.setValue('consensus', '{"n":2}')
      expect([store.getValue('consensus'), store.getValue('other')]).toEqual(['{"n":2}', undefined])
    })

    test('a write after the end is answered, not lost', async () => {
      await store.close()
      expect(await store.setValue('a', 'b')).toMatchObject({ ok: false, error: 'storeFailed' })
      expect(await store.insert([rowOf(1)], entry)).toMatchObject({ ok: false, error: 'storeFailed' })
    })
  })
}
