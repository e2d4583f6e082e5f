// Reads a daemon's configuration file. Invariant: either every value is within its bounds, or the error names the file, the field,
// what was given and what is wanted, for every field that is wrong.
import { readFileSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import type { z } from 'zod'
import type { Result } from '../../machines/ct/types.ts'

export interface Loaded<T> {
  readonly config: T
  /** Makes a path of the configuration absolute. */
  resolve(path: string): string
}

/** `detail`: one line a problem. */
export function loadConfig<T>(file: string, schema: z.ZodType<T>): Result<Loaded<T>, 'badConfig'> {
  const name = basename(file)
  const read = readJson(file)
  if (!read.ok) return read
  const checked = checkConfig(name, read.value, schema)
  if (!checked.ok) return checked
  return { ok: true, value: { config: checked.value, resolve: (path) => resolve(dirname(file), path) } }
}

/** `given`: the parsed JSON. */
export function checkConfig<T>(name: string, given: unknown, schema: z.ZodType<T>): Result<T, 'badConfig'> {
  const parsed = schema.safeParse(given)
  if (parsed.success) return { ok: true, value: parsed.data }
  const lines = parsed.error.issues.flatMap((issue) => linesOf(name, given, issue))
  return { ok: false, error: 'badConfig', detail: lines.join('\n') }
}

const maxFileBytes = 1024 * 1024

function readJson(file: string): Result<unknown, 'badConfig'> {
  const bad = (detail: string): Result<unknown, 'badConfig'> => ({ ok: false, error: 'badConfig', detail })
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    return bad(
      `${file}: ${(error as NodeJS.ErrnoException).code}: given a file that cannot be read, wanted a JSON file`,
    )
  }
  if (text.length > maxFileBytes) return bad(`${file}: given ${text.length} characters, wanted at most ${maxFileBytes}`)
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch (error) {
    return bad(`${file}: ${(error as Error).message}: wanted JSON`)
  }
}

function linesOf(name: string, given: unknown, issue: z.core.$ZodIssue): string[] {
  const place = (path: readonly PropertyKey[]) =>
    `${name}: ${path.length === 0 ? '' : `${path.map(String).join('.')}: `}`
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${place([...issue.path, key])}unknown, wanted ${issue.message}`)
  return [`${place(issue.path)}given ${shown(valueAt(given, issue.path))}, wanted ${issue.message}`]
}

function valueAt(given: unknown, path: readonly PropertyKey[]): unknown {
  let value = given
  for (const step of path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[step]
  return value
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
