// The JSON of vectors and protocol [spec/conformance.md, JSON subset]: numbers as decimal strings, bytes as hex, what is null absent.
// Invariant: `fromWire(schema, toWire(value))` is the value again, and what does not fit its schema exactly is an error, never a guess.
import type { z } from 'zod'
import { fromHex, toHex } from '../../machines/ct/bytes.ts'
import type { Result } from '../../machines/ct/types.ts'

export type Wire = string | boolean | readonly Wire[] | WireObject
export type WireObject = { readonly [member: string]: Wire }

/**
 * Plain data, `Uint8Array`s within, to the JSON subset.
 * @throws TypeError for what it cannot say: null in an array, functions, numbers that are written with an exponent.
 */
export function toWire(value: unknown): Wire {
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' && isDecimal(String(value))) return String(value)
  if (value instanceof Uint8Array) return toHex(value)
  if (Array.isArray(value)) return value.map(toWire)
  if (typeof value !== 'object' || value === null) throw new TypeError(`no place in the JSON subset: ${String(value)}`)
  return toWireObject(value)
}

export function toWireObject(value: object): WireObject {
  const members: [string, Wire][] = []
  for (const [name, member] of Object.entries(value))
    if (member !== null && member !== undefined) members.push([name, toWire(member)])
  return Object.fromEntries(members)
}

/** The value that a schema of the vocabulary describes; `detail` says where it does not fit. */
export function fromWire<T>(schema: z.ZodType<T>, wire: unknown): Result<T, 'badWire'> {
  try {
    const parsed = schema.safeParse(decode(schema, wire, ''))
    if (parsed.success) return { ok: true, value: parsed.data }
    const [issue] = parsed.error.issues
    return {
      ok: false,
      error: 'badWire',
      detail: `${issue?.path.join('.') || 'value'}: ${issue?.message ?? 'invalid'}`,
    }
  } catch (error) {
    if (error instanceof Misfit) return { ok: false, error: 'badWire', detail: error.message }
    throw error
  }
}

class Misfit extends Error {}

// biome-ignore lint/suspicious/noExplicitAny: zod has no public type for all of its definitions together.
type Definition = any

function decode(schema: z.core.$ZodType, wire: unknown, path: string): unknown {
  const { def }: Definition = schema._zod
  switch (def.type) {
    case 'readonly':
      return decode(def.innerType, wire, path)
    case 'optional':
    case 'nullable':
      return decode(def.innerType, wire, path)
    case 'number':
      return decodeNumber(wire, path)
    case 'literal':
      return typeof def.values[0] === 'number' ? decodeNumber(wire, path) : wire
    case 'custom':
      return decodeBytes(wire, path)
    case 'array':
      return listOf(wire, path).map((element, at) => decode(def.element, element, `${path}[${at}]`))
    case 'object':
      return decodeObject(def.shape, wire, path)
    case 'record':
      return Object.fromEntries(
        Object.entries(objectOf(wire, path)).map(([key, member]) => [
          key,
          decode(def.valueType, member, `${path}.${key}`),
        ]),
      )
    case 'union':
      return decode(alternative(def, objectOf(wire, path), path), wire, path)
    default:
      return wire
  }
}

function decodeObject(shape: Readonly<Record<string, z.core.$ZodType>>, wire: unknown, path: string): unknown {
  const given = objectOf(wire, path)
  for (const name of Object.keys(given))
    if (!Object.hasOwn(shape, name)) throw new Misfit(`${path}.${name}: unknown member`)
  const members: [string, unknown][] = []
  for (const [name, member] of Object.entries(shape)) {
    if (Object.hasOwn(given, name)) members.push([name, decode(member, given[name], `${path}.${name}`)])
    else if (member._zod.def.type === 'nullable') members.push([name, null])
    else if (member._zod.def.type !== 'optional') throw new Misfit(`${path}.${name}: missing`)
  }
  return Object.fromEntries(members)
}

/** The one option of a discriminated union. */
function alternative(def: Definition, given: Readonly<Record<string, unknown>>, path: string): z.core.$ZodType {
  const kind = given[def.discriminator]
  for (const option of def.options) if (option._zod.propValues?.[def.discriminator]?.has(kind)) return option
  throw new Misfit(`${path}.${def.discriminator}: given ${JSON.stringify(kind)}, which is none of the alternatives`)
}

/** Up to 20 digits: any 64-bit number can be said, and is refused or not by its schema. */
function isDecimal(text: string): boolean {
  return /^-?(?:0|[1-9][0-9]{0,19})(?:\.[0-9]{0,19}[1-9])?$/.test(text) && text !== '-0'
}

function decodeNumber(wire: unknown, path: string): number {
  if (typeof wire !== 'string' || !isDecimal(wire)) throw new Misfit(`${path}: not a decimal string`)
  const value = Number(wire)
  if (wire.includes('.') && String(value) !== wire) throw new Misfit(`${path}: more digits than a double has`)
  return value
}

function decodeBytes(wire: unknown, path: string): Uint8Array {
  if (typeof wire !== 'string' || !/^(?:[0-9a-f]{2})*$/.test(wire)) throw new Misfit(`${path}: not lower-case hex`)
  return fromHex(wire)
}

function listOf(wire: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(wire)) throw new Misfit(`${path}: not an array`)
  return wire
}

function objectOf(wire: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof wire !== 'object' || wire === null || Array.isArray(wire)) throw new Misfit(`${path}: not an object`)
  return wire as Readonly<Record<string, unknown>>
}
