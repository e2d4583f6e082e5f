// The protocol between runner and implementation under test: JSON Lines, one message a line [spec/conformance.md, Protocol].
// Invariant: both sides parse every line with these schemas; the runner's messages hold no expectation.
import { z } from 'zod'
import type { Wire, WireObject } from './json.ts'

export const protocolVersion = '1'
export const maxLineBytes = 4 * 1024 * 1024

export const levels = ['L0', 'L1'] as const
export type Level = (typeof levels)[number]

export const wireObject = z.custom<WireObject>(isWireObject, 'not an object of the JSON subset')

/** Up to this depth, which no format needs: JSON of any depth is data of a stranger. */
const maxDepth = 64

export function isWire(value: unknown, depth = 0): value is Wire {
  if (typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value !== 'object' || value === null || depth === maxDepth) return false
  return (Array.isArray(value) ? value : Object.values(value)).every((member) => isWire(member, depth + 1))
}

function isWireObject(value: unknown): value is WireObject {
  return isWire(value) && typeof value === 'object' && !Array.isArray(value)
}

const id = z.string().max(128)
const name = z.string().min(1).max(128)

export const runnerMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('start'), protocol: z.string() }),
  z.discriminatedUnion('level', [
    z.object({ type: z.literal('run'), id, level: z.literal('L0'), function: name, input: wireObject }),
    z.object({
      type: z.literal('run'),
      id,
      level: z.literal('L1'),
      machine: name,
      preset: name,
      config: wireObject,
      events: z.array(wireObject),
    }),
  ]),
  z.object({ type: z.literal('stop') }),
])
export type RunnerMessage = z.output<typeof runnerMessage>
export type RunMessage = Extract<RunnerMessage, { type: 'run' }>

const step = z.strictObject({
  disposition: z.enum(['accepted', 'ignored', 'rejected']),
  reason: z.string().optional(),
  effects: z.array(wireObject),
  state: wireObject,
})

const text = z.string()
export const sutMessage = z.union([
  z.strictObject({
    type: z.literal('started'),
    protocol: text,
    name,
    version: text,
    levels: z.array(z.enum(levels)),
    functions: z.array(name),
    machines: z.array(name),
    presets: z.array(name),
    features: z.array(name),
  }),
  z.strictObject({ type: z.literal('result'), id, ok: wireObject }),
  z.strictObject({ type: z.literal('result'), id, error: text }),
  z.strictObject({ type: z.literal('result'), id, steps: z.array(step) }),
  z.strictObject({ type: z.literal('skipped'), id, reason: text }),
  z.strictObject({ type: z.literal('errored'), id, message: text }),
])
export type SutMessage = z.output<typeof sutMessage>
export type Started = Extract<SutMessage, { type: 'started' }>

/** The message of a line, or undefined. */
export function parseLine<T>(schema: z.ZodType<T>, line: string): T | undefined {
  const parsed = schema.safeParse(parseJson(line))
  return parsed.success ? parsed.data : undefined
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
