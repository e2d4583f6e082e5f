// L0 functions about draws, buckets, auditors, configuration and counts [spec/conventions.md, Draws; RELAY-005, 009, 120; AUD-022].
// Invariant: each one is the machines' own function behind a schema.
import { z } from 'zod'
import { hex32, whole } from '../../../effects/vocabulary/nouns.ts'
import { decimal, lnUpperTail } from '../../../machines/auditor/poisson.ts'
import { isLogDown } from '../../../machines/auditor/reporters.ts'
import { drawnBuckets } from '../../../machines/relay/bucketing.ts'
import { choosePositions, heads, indexBelow } from '../../../machines/relay/chance.ts'
import { checkConfig } from '../../../machines/relay/profiles.ts'
import { auditorOf } from '../../../machines/relay/reports.ts'
import type { RelayConfig } from '../../../machines/relay/types.ts'
import { configOf, presetNames, relayConfigShape } from '../configs.ts'
import { fromWire, type WireObject } from '../json.ts'
import { answer, type ConformFunction, define } from './define.ts'

const draw = z.int().min(0).max(0xffffffff)
const draws = z.array(draw)
/** Above it an index is no longer exact. */
const below = z
  .int()
  .min(1)
  .max(2 ** 21)
const buckets = z.int().min(1).max(30)
/** Beyond it a tail takes too many steps, and a double has too few digits for its logarithm. */
const most = 1e6
const mean = z.number().min(0).max(most)

export const choiceFunctions: Readonly<Record<string, ConformFunction>> = {
  coin: define(z.strictObject({ draw, k: below, n: below }), (given) => ({
    ok: { heads: heads(given.draw, given.k, given.n) },
  })),
  indexBelow: define(z.strictObject({ draw, m: below }), (given) => ({
    ok: { index: indexBelow(given.draw, given.m) },
  })),
  choosePositions: define(
    z
      .strictObject({ size: below, count: whole, draws })
      .refine((given) => given.count <= given.size && given.draws.length >= given.count, 'count'),
    ({ size, count, draws: drawn }) => ({ ok: { positions: choosePositions(size, count, drawn) } }),
  ),
  drawnBuckets: define(
    z
      .strictObject({ bucketing: z.enum(['coin', 'choose']), n: buckets, k: buckets, draws })
      .refine(({ n, k, draws: drawn }) => k <= n && drawn.length >= n, 'k or draws'),
    ({ bucketing, n, k, draws: drawn }) => {
      const bits = drawnBuckets({ n, k, policy: { bucketing } } as RelayConfig, drawn)
      return { ok: { buckets: Array.from({ length: n }, (_, b) => b).filter((b) => bits & (1 << b)) } }
    },
  ),
  auditorOf: define(z.strictObject({ auditors: z.array(hex32), sfoId: hex32 }), ({ auditors, sfoId }) => ({
    ok: { auditorId: auditorOf(auditors.toSorted(), sfoId) ?? null },
  })),
  relayConfig: define(
    z.strictObject({ preset: z.enum(presetNames), config: z.record(z.string(), z.unknown()) }),
    ({ preset, config }) => {
      const given = fromWire(relayConfigShape, configOf(preset, 'relay', config as WireObject))
      return given.ok ? answer(checkConfig(given.value), (checked) => checked) : { error: 'badConfig' }
    },
  ),
  isLogDown: define(z.strictObject({ distinct: whole, ctrs: whole }), ({ distinct, ctrs }) => ({
    ok: { down: isLogDown(distinct, ctrs) },
  })),
  poissonTail: define(z.strictObject({ seen: whole.max(most), expected: mean }), ({ seen, expected }) => ({
    ok: { p: decimal(lnUpperTail(seen, expected)) },
  })),
}
