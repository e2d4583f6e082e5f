// What a test file declares while it is loaded: stands in for vitest's `test` and `describe` inside the mutation runner. A test's
// identity is its file, its suites and its title, each title formatted as vitest does, and is unique.
import { format } from 'node:util'

export interface Declared {
  readonly id: string
  readonly name: string
  readonly run: () => unknown
}

type Hook = () => unknown

/** A `describe`, or the whole file: its hooks are run around each of its tests, `beforeAll` once. */
interface Suite {
  readonly name: string
  readonly skipped: boolean
  readonly beforeAll: Hook[]
  readonly beforeEach: Hook[]
  readonly afterEach: Hook[]
}

export interface Registry {
  readonly file: string
  readonly tests: Declared[]
  readonly afterAll: Hook[]
  /** Those that are open, the file first. */
  readonly suites: Suite[]
}

// biome-ignore lint/suspicious/noExplicitAny: the bodies that test files hand over take whatever their tables hold
type Body = (...args: any[]) => unknown

let registry: Registry | null = null

const suiteOf = (name: string, skipped: boolean): Suite => ({
  name,
  skipped,
  beforeAll: [],
  beforeEach: [],
  afterEach: [],
})

/** Loads one file and answers what it declared. */
export async function declare(file: string, load: () => Promise<unknown>): Promise<Registry> {
  const mine: Registry = { file, tests: [], afterAll: [], suites: [suiteOf('', false)] }
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
  const within = [...current.suites]
  const name = [...within.slice(1).map((suite) => suite.name), title].join(' > ')
  const twins = current.tests.filter((test) => test.name === name).length
  const id = `${current.file}#${name}${twins === 0 ? '' : ` (${twins + 1})`}`
  current.tests.push({ id, name, run: () => runWithin(within, () => body(...args)) })
}

const hasHooks = ({ beforeAll, beforeEach, afterEach }: Suite) =>
  beforeAll.length + beforeEach.length + afterEach.length > 0

/** A test without hooks that answers at once is left to do so. */
function runWithin(suites: readonly Suite[], body: Hook): unknown {
  return suites.some(hasHooks) ? hooked(suites, body) : body()
}

async function hooked(suites: readonly Suite[], body: Hook): Promise<void> {
  for (const { beforeAll } of suites) for (const hook of beforeAll.splice(0)) await hook()
  try {
    for (const { beforeEach } of suites) for (const hook of beforeEach) await hook()
    await body()
  } finally {
    for (const { afterEach } of suites.toReversed()) for (const hook of afterEach) await hook()
  }
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
    suites.push(suiteOf(name, skipped))
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
const innermost = (): Suite => here().suites.at(-1) as Suite
export const beforeAll = (hook: Hook): void => void innermost().beforeAll.push(hook)
export const beforeEach = (hook: Hook): void => void innermost().beforeEach.push(hook)
export const afterEach = (hook: Hook): void => void innermost().afterEach.push(hook)
export const afterAll = (hook: Hook): void => void here().afterAll.push(hook)

let finishing: Hook[] = []
export const onTestFinished = (hook: Hook): void => void finishing.push(hook)

export async function finishTest(): Promise<void> {
  const hooks = finishing
  finishing = []
  for (const hook of hooks) await hook()
}
