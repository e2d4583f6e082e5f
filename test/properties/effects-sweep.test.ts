// Going through a log's rows page by page.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sweep } from '../../src/effects/auditor/sweep.ts'
import type { PageKey, SfoState } from '../../src/effects/ports.ts'

const row = (n: number) =>
  ({ value: {}, context: { receivedAt: Math.floor(n / 3), sfoId: `${n % 3}` } }) as unknown as SfoState
const numberOf = ({ context }: SfoState) => context.receivedAt * 3 + Number(context.sfoId)

function shelf(count: number) {
  const sizes: number[] = []
  return {
    sizes,
    page(_log: string, _status: string, after: PageKey | null, limit: number): readonly SfoState[] {
      const from = after === null ? 0 : after.receivedAt * 3 + Number(after.sfoId) + 1
      const rows = Array.from({ length: Math.max(0, Math.min(limit, count - from)) }, (_, i) => row(from + i))
      if (sizes.push(rows.length) > 100) throw new Error('a sweep without end')
      return rows
    },
  }
}

test('a sweep meets every row once, from wherever the last one stopped, and holds one page at a time [AUD-114]', async () => {
  const sizes = { count: fc.nat(40), from: fc.option(fc.nat(45)), page: fc.integer({ min: 1, max: 7 }) }
  await fc.assert(
    fc.asyncProperty(fc.record(sizes), async ({ count, from, page }) => {
      const store = shelf(count)
      const met: number[] = []
      const start = from === null ? null : { receivedAt: Math.floor(from / 3), sfoId: `${from % 3}` }
      const of = { logId: 'log', status: 'pending', rows: Number.MAX_SAFE_INTEGER, page } as const
      await sweep(store, of, start, async (rows) => {
        expect(rows.length).toBeGreaterThan(0)
        met.push(...rows.map(numberOf))
        return true
      })
      expect([...met].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, n) => n))
      expect(Math.max(0, ...store.sizes)).toBeLessThanOrEqual(page)
      if (from !== null && from + 1 < count) expect(met[0]).toBe(from + 1)
    }),
  )
})

test('sweeps of a few rows, or broken off, come round to every row in turn [AUD-013.1, AUD-021]', async () => {
  const sizes = { count: fc.integer({ min: 1, max: 20 }), rows: fc.integer({ min: 1, max: 6 }), broken: fc.boolean() }
  await fc.assert(
    fc.asyncProperty(fc.record(sizes), async ({ count, rows, broken }) => {
      const store = shelf(count)
      const met = new Map<number, number>()
      let cursor: PageKey | null = null
      for (let n = 0; n < 2 * Math.ceil(count / rows) + 2; n++) {
        let pages = 0
        const of = { logId: 'log', status: 'escalated', rows: broken ? 1000 : rows, page: rows } as const
        let seen = 0
        cursor = await sweep(store, of, cursor, async (page) => {
          if (++pages > 1 && broken) return false
          for (const one of page) met.set(numberOf(one), (met.get(numberOf(one)) ?? 0) + 1)
          seen += page.length
          return true
        })
        expect(seen).toBeLessThanOrEqual(Math.max(rows, broken ? rows : 0))
      }
      expect(met.size).toBe(count)
    }),
  )
})

test('a sweep that has come round to where it began ends there, and asks for no page beyond [AUD-114]', async () => {
  const sweepFrom = async (count: number, from: PageKey | null) => {
    const store = shelf(count)
    const of = { logId: 'log', status: 'pending', rows: Number.MAX_SAFE_INTEGER, page: 3 } as const
    const next = await sweep(store, of, from, async () => true)
    return { next, sizes: store.sizes }
  }
  const from = { receivedAt: 1, sfoId: '1' }
  expect(await sweepFrom(14, from)).toEqual({ next: from, sizes: [3, 3, 3, 0, 3, 3] })
  expect(await sweepFrom(5, from)).toEqual({ next: null, sizes: [0, 3, 2] })
  expect(await sweepFrom(3, null)).toEqual({ next: null, sizes: [3, 0] })
})
