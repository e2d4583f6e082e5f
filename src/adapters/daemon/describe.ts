// The help and the default file of a configuration, both from its schema. Invariant: a field cannot be without an explanation that is
// printed, and the printed default is what the schema fills in.
import { z } from 'zod'

interface Described {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, Described>>
  readonly required?: readonly string[]
  readonly enum?: readonly unknown[]
  readonly items?: Described
  readonly anyOf?: readonly Described[]
  readonly minimum?: number
  readonly maximum?: number
}

/** One line a field: its path, its default or that it is required, what it is for. */
export function describeFields(schema: z.ZodType): string {
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Described
  const rows = rowsOf(root, '')
  const width = Math.max(...rows.map(([path]) => path.length))
  return rows.map(([path, text]) => `  ${path.padEnd(width)}  ${text}`).join('\n')
}

function rowsOf(object: Described, prefix: string): [string, string][] {
  return Object.entries(object.properties ?? {}).flatMap(([name, field]) => {
    const path = `${prefix}${name}`
    const nested = field.properties === undefined ? [] : rowsOf(field, `${path}.`)
    if (nested.length > 0) return field.description ? [[path, field.description], ...nested] : nested
    const needed = object.required?.includes(name) ? 'required' : defaultOf(field)
    return [[path, `${field.description ?? ''} (${[...kindOf(field), needed].join('; ')})`]]
  }) as [string, string][]
}

function kindOf({ enum: values, minimum, maximum }: Described): string[] {
  if (values !== undefined) return [values.join(' | ')]
  return minimum === undefined || maximum === undefined ? [] : [`${minimum} to ${maximum}`]
}

function defaultOf(field: Described): string {
  return field.default === undefined ? 'optional' : `default ${JSON.stringify(field.default)}`
}
