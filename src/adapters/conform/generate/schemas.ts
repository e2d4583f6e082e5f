// JSON Schemas of vectors, events, effects and states in the JSON subset, for implementations in other languages [spec/schemas].
// Invariant: made from the zod schemas that the kit itself parses with: numbers become decimal strings, bytes hex, nullable optional.
import { z } from 'zod'
import { evidenceBundle } from '../../../effects/vocabulary/evidence-bundle.ts'
import type { ConformMachine } from '../machines.ts'
import { machines } from '../machines.ts'
import { runnerMessage, sutMessage } from '../protocol.ts'
import { vectorL0, vectorL1 } from '../vectors.ts'
import type { Files } from './files.ts'

type Schema = { readonly [member: string]: unknown }

const decimal = { type: 'string', pattern: '^-?(?:0|[1-9][0-9]{0,19})(?:\\.[0-9]{0,19}[1-9])?$' }
const bytes = { type: 'string', pattern: '^(?:[0-9a-f]{2})*$' }

export function schemaFiles(): Files {
  const files: [string, object][] = [
    ['vector', { anyOf: [vectorL0, vectorL1].map(plain) }],
    ['evidence', { title: 'Evidence bundle', ...plain(evidenceBundle) }],
    ['protocol', { anyOf: [plain(runnerMessage), plain(sutMessage)] }],
    ...Object.entries(machines).map(([name, machine]): [string, object] => [
      `machine-${name}`,
      machineSchema(name, machine),
    ]),
  ]
  return new Map(
    files.map(([name, schema]) => [
      `spec/schemas/${name}.json`,
      `${JSON.stringify({ $schema: 'https://json-schema.org/draft/2020-12/schema', ...schema }, null, 2)}\n`,
    ]),
  )
}

function machineSchema(name: string, { config, event, effect, state }: ConformMachine): Schema {
  const parts = Object.fromEntries(
    Object.entries({ config, event, effect, state }).map(([part, of]) => [part, wired(of)]),
  )
  const leaf = {
    ...(parts.state as Schema),
    properties: { leaf: { type: 'string' }, ...((parts.state as Schema).properties as object) },
  }
  return { title: name, $defs: { ...parts, state: leaf } }
}

/** As zod says it: vectors and protocol are in the subset already. */
function plain(schema: z.ZodType): Schema {
  const { $schema: _, ...made } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', override: objects })
  return made
}

function objects({
  zodSchema,
  jsonSchema,
}: {
  readonly zodSchema: z.core.$ZodType
  readonly jsonSchema: object
}): void {
  if (zodSchema._zod.def.type === 'custom') Object.assign(jsonSchema, { type: 'object' })
}

/** In the JSON subset. */
function wired(schema: z.ZodType): Schema {
  const { $schema: _, ...made } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', override: subset })
  return withoutNull(made) as Schema
}

function subset({ zodSchema, jsonSchema }: { readonly zodSchema: z.core.$ZodType; readonly jsonSchema: object }): void {
  const { type, values } = zodSchema._zod.def as { readonly type: string; readonly values?: readonly unknown[] }
  if (type === 'custom') Object.assign(jsonSchema, bytes)
  else if (type === 'number') replace(jsonSchema, decimal)
  else if (type === 'literal' && values?.every((one) => typeof one === 'number'))
    replace(jsonSchema, { enum: values.map(String) })
}

function replace(schema: object, by: object): void {
  for (const member of Object.keys(schema)) Reflect.deleteProperty(schema, member)
  Object.assign(schema, by)
}

/** What is null is absent: a nullable member is one that may be missing. */
function withoutNull(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutNull)
  if (typeof schema !== 'object' || schema === null) return schema
  const made = Object.fromEntries(Object.entries(schema).map(([name, member]) => [name, withoutNull(member)]))
  const { properties, required } = schema as {
    readonly properties?: Readonly<Record<string, unknown>>
    readonly required?: readonly string[]
  }
  if (properties !== undefined && Array.isArray(required))
    Object.assign(made, { required: required.filter((name) => !takesNull(properties[name])) })
  return takesNull(schema) ? onlyOther(made) : made
}

type Nullable = { readonly type?: unknown; readonly anyOf?: readonly { readonly type?: unknown }[] }

function takesNull(schema: unknown): boolean {
  const { type, anyOf } = (schema ?? {}) as Nullable
  return (Array.isArray(type) && type.includes('null')) || (anyOf?.some((one) => one.type === 'null') ?? false)
}

function onlyOther({ anyOf, type, ...rest }: Readonly<Record<string, unknown>>): object {
  if (Array.isArray(type)) return { type: type.find((one) => one !== 'null'), ...rest }
  const others = ((anyOf ?? []) as readonly { readonly type?: unknown }[]).filter((one) => one.type !== 'null')
  return others.length === 1 ? { ...others[0], ...rest } : { anyOf: others, ...rest }
}
