// What a test file declares while it is loaded: stands in for vitest's `test` and `describe` inside the mutation runner. A test's
// identity is its file, its suites and its title, each title formatted as vitest does, and is unique.
import { format } from 'node:util'

export interface Declared {
  readonly id: string
  readonly name: string
  readonly run: () => unknown
}

export interface Registry {
  readonly file: string
  readonly tests: Declared[]
  readonly afterAll: (() => unknown)[]
  readonly suites: { readonly name: string; readonly skipped: boolean }[]
}

// biome-ignore lint/suspicious/noExplicitAny: the bodies that test files hand over take whatever their tables hold
type Body = (...args: any[]) => unknown

let registry: Registry | null = null

/** Loads one file and answers what it declared. */
export async function declare(file: string, load: () => Promise<unknown>): Promise<Registry> {
  const mine: Registry = { file, tests: [], afterAll: [], suites: [] }
  registry = mine
  try {
    await load()
  } finally {
    registry = null
  }
  return mine
}

function here(): Registry {
  if (registry === null) throw new Error('a test was declared outside the loading of a test file')
  return registry
}

function add(title: string, body: Body, args: readonly unknown[], skipped: boolean): void {
  const current = here()
  if (skipped || current.suites.some((suite) => suite.skipped)) return
  const name = [...current.suites.map((suite) => suite.name), title].join(' > ')
  const twins = current.tests.filter((test) => test.name === name).length
  const id = `${current.file}#${name}${twins === 0 ? '' : ` (${twins + 1})`}`
  current.tests.push({ id, name, run: () => body(...args) })
}

/** Rows of a table: an array is spread over the parameters, `%s` takes them in turn, `$name` takes a field. */
function each(table: readonly unknown[], declareOne: (title: string, args: readonly unknown[]) => void, title: string) {
  for (const [index, row] of table.entries()) {
    const args = Array.isArray(row) ? row : [row]
    const placeholders = title.match(/%[sdifjoO]/g)?.length ?? 0
    const shown = title.includes('%')
      ? format(title.replaceAll('%#', String(index)), ...args.slice(0, placeholders))
      : title.replaceAll(/\$([a-zA-Z]+)/g, (_, field) => String((row as Record<string, unknown>)[field]))
    declareOne(shown, args)
  }
}

function testsOf(skipped: boolean) {
  const declareTest = (title: string, body: Body) => add(title, body, [], skipped)
  return Object.assign(declareTest, {
    each: (table: readonly unknown[]) => (title: string, body: Body) =>
      each(table, (shown, args) => add(shown, body, args, skipped), title),
  })
}

function suitesOf(skipped: boolean) {
  const open = (name: string, body: Body, args: readonly unknown[] = []) => {
    const { suites } = here()
    suites.push({ name, skipped })
    body(...args)
    suites.pop()
  }
  return Object.assign((name: string, body: Body) => open(name, body), {
    each: (table: readonly unknown[]) => (title: string, body: Body) =>
      each(table, (shown, args) => open(shown, body, args), title),
  })
}

export const test = Object.assign(testsOf(false), { skipIf: (condition: unknown) => testsOf(Boolean(condition)) })
export const describe = Object.assign(suitesOf(false), { skipIf: (condition: unknown) => suitesOf(Boolean(condition)) })
export const afterAll = (body: () => unknown): void => void here().afterAll.push(body)

let finishing: (() => unknown)[] = []
export const onTestFinished = (body: () => unknown): void => void finishing.push(body)

export async function finishTest(): Promise<void> {
  const bodies = finishing
  finishing = []
  for (const body of bodies) await body()
}
