// Vectors: their shape, and reading them from a folder [spec/conformance.md, L0 and L1].
// Invariant: a folder that holds anything but vectors of this shape, each under an ID of its own, is refused with the file's name.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Result } from '../../machines/ct/types.ts'
import { parseJson, type RunMessage, wireObject } from './protocol.ts'

const name = z.string().min(1).max(128)

const common = {
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/),
  since: z.string(),
  reqs: z.array(z.string().regex(/^[A-Z]+-[0-9]{3}(\.[0-9]+)?$/)).min(1),
  requires: z.array(name).default([]),
  flags: z.array(name).default([]),
  comment: z.string(),
  provenance: z.string(),
}

const value = z.union([z.strictObject({ ok: wireObject }), z.strictObject({ error: name })])

const step = z.strictObject({
  disposition: z.enum(['accepted', 'ignored', 'rejected']),
  reason: name.optional(),
  effects: z.array(wireObject),
  state: wireObject.optional(),
})

/** Either one expectation, or permitted alternatives, each of which may ask for a feature. */
function expecting<T extends z.ZodType>(expectation: T) {
  return {
    expect: expectation.optional(),
    anyOf: z
      .array(z.strictObject({ feature: name.optional(), expect: expectation }))
      .min(1)
      .optional(),
  }
}

const oneOf = [
  (given: { expect?: unknown; anyOf?: unknown }) => (given.expect === undefined) !== (given.anyOf === undefined),
  'either expect or anyOf is wanted',
] as const

export const vectorL0 = z
  .strictObject({ ...common, level: z.literal('L0'), function: name, input: wireObject, ...expecting(value) })
  .refine(...oneOf)

export const vectorL1 = z.strictObject({
  ...common,
  level: z.literal('L1'),
  machine: name,
  preset: name,
  config: wireObject.default({}),
  steps: z.array(z.strictObject({ event: wireObject, ...expecting(step) }).refine(...oneOf)).min(1),
})

export const vector = z.discriminatedUnion('level', [vectorL0, vectorL1])
export type Vector = z.output<typeof vector>
export type Expectation<T> = { readonly expect?: T | undefined; readonly anyOf?: readonly Alternative<T>[] | undefined }
export type Alternative<T> = { readonly feature?: string | undefined; readonly expect: T }
export type ExpectedValue = z.output<typeof value>
export type ExpectedStep = z.output<typeof step>

/** The function or machine that it is about. */
export function subjectOf(given: Vector): string {
  return given.level === 'L0' ? given.function : given.machine
}

/** The vector without what it expects. */
export function messageOf(given: Vector): RunMessage {
  const { id } = given
  if (given.level === 'L0') return { type: 'run', id, level: 'L0', function: given.function, input: given.input }
  const { machine, preset, config, steps } = given
  return { type: 'run', id, level: 'L1', machine, preset, config, events: steps.map(({ event }) => event) }
}

/** All vectors below a folder: each `.json` file but `manifest.json` is an array of vectors. Ordered by file, then place. */
export function readVectors(folder: string): Result<readonly Vector[], 'badVectors'> {
  const vectors: Vector[] = []
  const places = new Map<string, string>()
  let files: string[]
  try {
    files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  } catch {
    return refuse(`${folder}: no such folder`)
  }
  for (const file of files.filter((path) => /\.json$/.test(path) && !/(^|[\\/])manifest\.json$/.test(path)).sort()) {
    const list = z.array(z.unknown()).safeParse(parseJson(readFileSync(join(folder, file), 'utf8')))
    if (!list.success) return refuse(`${file}: not a JSON array`)
    for (const [at, given] of list.data.entries()) {
      const parsed = vector.safeParse(given)
      const place = `${file}[${at}]`
      if (!parsed.success) return refuse(`${place}: ${whyNot(parsed.error)}`)
      const other = places.get(parsed.data.id)
      if (other !== undefined) return refuse(`${place}: the ID ${parsed.data.id} is that of ${other}`)
      places.set(parsed.data.id, place)
      vectors.push(parsed.data)
    }
  }
  return { ok: true, value: vectors }
}

function whyNot(error: z.ZodError): string {
  const [issue] = error.issues
  return `${issue?.path.join('.') || 'vector'}: ${issue?.message ?? 'invalid'}`
}

function refuse(detail: string): Result<never, 'badVectors'> {
  return { ok: false, error: 'badVectors', detail }
}
