// What each machine is configured with, and the named presets of it [spec/conformance.md, L1; RELAY-120].
// Invariant: a preset is the file `spec/presets/<name>.json` and nothing else, so that every implementation starts from the same bytes.
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { hex32, leafId, whole } from '../../effects/vocabulary/nouns.ts'
import type { Wire, WireObject } from './json.ts'

export const policy = z.strictObject({
  bucketing: z.enum(['coin', 'choose']),
  whileActive: z.enum(['drop', 'defer']),
  referenceSth: z.enum(['latest', 'first-due']),
  notDue: z.enum(['challenge', 'hold']),
  order: z.enum(['challenge-first', 'forward-first']),
  forwardHops: z.enum(['unbounded', 'one']),
  reporting: z.enum(['never', 'auditor']),
  bucketFull: z.enum(['end-wait', 'evict']),
})

export const relayConfigShape = z.strictObject({
  policy,
  self: hex32,
  family: z.array(hex32),
  n: whole,
  k: whole,
  waitMs: whole,
  roundDeadlineMs: whole,
  bucketCapacity: whole,
  proofCapacity: whole,
  proofLifetimeMs: whole,
  forwardMemoryMs: whole,
  forwardMemoryCapacity: whole,
  variantsPerLeaf: whole,
  addressCapacity: whole,
  addressLifetimeMs: whole,
  holdLimitMs: whole,
  reportCapacity: whole,
  sthsPerLog: whole,
  pairsPerFetch: whole,
})

/** An SFO's row begins with what its submission brought. */
export const sfoConfigShape = z.strictObject({
  sfoId: hex32,
  leafId,
  logId: hex32,
  sctTimestamp: whole,
  leafIndex: whole.exactOptional(),
  receivedAt: whole,
  mmd: whole,
  graceMs: whole,
  future: z.boolean(),
})

export const roundConfigShape = z.strictObject({ deadlineMs: whole, intervalMs: whole })

export const circuitConfigShape = z.strictObject({ circuit: z.string().max(128), nonceLifetimeMs: whole })

export const logViewConfigShape = z.strictObject({ logId: hex32, mmd: whole, capacity: z.int().min(2) })

export const reportConfigShape = z.strictObject({
  ctrId: hex32,
  windowMs: whole,
  maxEntries: z.int().min(1),
  alertP: z.number().positive().max(1),
})

export const presetNames = ['seed', 'hardened', 'minimal'] as const
export type PresetName = (typeof presetNames)[number]

const presets = new Map<PresetName, Readonly<Record<string, WireObject>>>()

/** A machine's configuration: the preset's, with the members of `config` in place of its own, nested ones likewise. */
export function configOf(preset: PresetName, machine: string, config: WireObject): Wire {
  const known = presets.get(preset) ?? load(preset)
  presets.set(preset, known)
  return merged(known[machine] ?? {}, config)
}

export function isPreset(name: string): name is PresetName {
  return (presetNames as readonly string[]).includes(name)
}

function load(preset: PresetName): Readonly<Record<string, WireObject>> {
  return JSON.parse(readFileSync(new URL(`../../../spec/presets/${preset}.json`, import.meta.url), 'utf8'))
}

function merged(base: WireObject, over: WireObject): WireObject {
  const members = Object.entries(over).map(([name, member]): [string, Wire] => {
    const known = Object.hasOwn(base, name) ? base[name] : undefined
    return [name, isObject(known) && isObject(member) ? merged(known, member) : member]
  })
  return { ...base, ...Object.fromEntries(members) }
}

function isObject(value: Wire | undefined): value is WireObject {
  return typeof value === 'object' && !Array.isArray(value)
}
