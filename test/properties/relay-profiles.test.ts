// Profiles and configuration [RELAY-120, RELAY-009].
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkConfig, hardenedPolicy, profiles, relayConfig, seedPolicy } from '../../src/machines/relay/profiles.ts'
import type { Policy, RelayConfig } from '../../src/machines/relay/types.ts'

test('the profiles have the values of the specification’s table, row by row [RELAY-120.2]', () => {
  const spec = readFileSync(new URL('../../spec/relay.md', import.meta.url), 'utf8')
  const rows = Array.from(
    spec.matchAll(/^\| `(\w+)` \| .*? \| `([\w-]+)` \| `([\w-]+)` \|$/gm),
    ([, name, seed, hardened]) => [name, seed, hardened],
  )
  expect(rows).toHaveLength(8)
  for (const [name, seed, hardened] of rows) {
    expect(seedPolicy[name as keyof Policy], name).toBe(seed)
    expect(hardenedPolicy[name as keyof Policy], name).toBe(hardened)
  }
})

test('the defaults are hardened with k = 2 of n = 8, and each parameter can be changed alone [RELAY-009.2, RELAY-120.1, RELAY-120.2]', () => {
  expect(relayConfig({ self: 'a' })).toMatchObject({ ok: true, value: { n: 8, k: 2, policy: profiles.hardened } })
  const changed = relayConfig({ self: 'a', policy: { order: 'forward-first' } }, 'seed')
  expect(changed).toMatchObject({ ok: true, value: { policy: { ...seedPolicy, order: 'forward-first' } } })
})

test('k > n is a configuration error, k <= n is none [RELAY-009.2]', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 }), (n, k) => {
      const checked = relayConfig({ self: 'a', n, k })
      expect(checked.ok ? 'ok' : checked.error).toBe(k > n ? 'kExceedsN' : 'ok')
    }),
  )
})

test('numbers that would make a loop unbounded or a draw inexact are configuration errors [RELAY-009.2]', () => {
  const base = relayConfig({ self: 'a' })
  if (!base.ok) throw new Error(base.detail)
  const wrong: Partial<RelayConfig>[] = [
    { n: 0 },
    { n: 31 },
    { k: 0 },
    { bucketCapacity: 0 },
    { bucketCapacity: 2 ** 21 + 1 },
    { proofCapacity: 0 },
    { reportCapacity: -1 },
    { sthsPerLog: 0 },
    { waitMs: Number.NaN },
    { waitMs: 1.5 },
    { roundDeadlineMs: 0 },
    { addressCapacity: Number.POSITIVE_INFINITY },
    { pairsPerFetch: 2 ** 21 + 1 },
  ]
  for (const change of wrong) {
    const checked = checkConfig({ ...base.value, ...change })
    expect(checked, JSON.stringify(change)).toMatchObject({ ok: false, error: 'outOfRange' })
    if (!checked.ok) expect(checked.detail).toContain(Object.keys(change)[0])
  }
})
