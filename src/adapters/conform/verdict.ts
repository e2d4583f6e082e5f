// Whether an answer is the expected one [spec/conformance.md, Verdicts].
// Invariant: equal means equal member by member, none missing and none more; where it is not, the differences say where.
import type { Wire, WireObject } from './json.ts'
import type { SutMessage } from './protocol.ts'
import type { Alternative, Expectation, ExpectedStep, ExpectedValue, Vector } from './vectors.ts'

/** `expected` or `given` is undefined where there is nothing at that path. */
export interface Difference {
  readonly path: string
  readonly expected?: Wire
  readonly given?: Wire
}

type Result = Extract<SutMessage, { type: 'result' }>

/** None: it passed. At most `limit` of them. */
export function differencesOf(
  vector: Vector,
  answer: Result,
  features: readonly string[],
  limit = 20,
): readonly Difference[] {
  const found: Difference[] = []
  if (vector.level === 'L0') {
    const { type: _, id: __, ...given } = answer
    judge<ExpectedValue>(vector, features, '', given as Wire, (expected) => expected as Wire, found)
  } else if (!('steps' in answer)) {
    const { type: _, id: __, ...given } = answer
    found.push({ path: 'steps', expected: `${vector.steps.length} steps`, given: given as WireObject })
  } else {
    if (answer.steps.length !== vector.steps.length)
      found.push({ path: 'steps.length', expected: `${vector.steps.length}`, given: `${answer.steps.length}` })
    for (const [at, step] of vector.steps.entries()) {
      const given = answer.steps[at]
      if (given === undefined) break
      const about = (expected: ExpectedStep): Wire =>
        (expected.state === undefined ? { ...expected, state: given.state } : expected) as Wire
      judge<ExpectedStep>(step, features, `steps[${at}]`, given as Wire, about, found)
      if (found.length > 0) break
    }
  }
  return found.slice(0, limit)
}

/** Differences from the permitted alternative that is nearest. */
function judge<T>(
  { expect, anyOf }: Expectation<T>,
  features: readonly string[],
  path: string,
  given: Wire,
  wireOf: (expected: T) => Wire,
  found: Difference[],
): void {
  const all: readonly Alternative<T>[] = anyOf ?? (expect === undefined ? [] : [{ expect }])
  const permitted = all.filter(({ feature }) => feature === undefined || features.includes(feature))
  let nearest: Difference[] | undefined
  for (const { expect: expected } of permitted) {
    const differences: Difference[] = []
    compare(path, wireOf(expected), given, differences)
    if (nearest === undefined || differences.length < nearest.length) nearest = differences
  }
  found.push(...(nearest ?? [{ path, expected: 'an alternative that its features permit', given }]))
}

function compare(path: string, expected: Wire, given: Wire, found: Difference[]): void {
  if (Array.isArray(expected) && Array.isArray(given)) compareLists(path, expected, given, found)
  else if (isObject(expected) && isObject(given)) {
    for (const name of new Set([...Object.keys(expected), ...Object.keys(given)])) {
      compareAt(path === '' ? name : `${path}.${name}`, own(expected, name), own(given, name), found)
    }
  } else if (expected !== given) found.push({ path, expected, given })
}

function compareLists(path: string, expected: readonly Wire[], given: readonly Wire[], found: Difference[]): void {
  for (let at = 0; at < Math.max(expected.length, given.length); at++)
    compareAt(`${path}[${at}]`, expected[at], given[at], found)
}

function compareAt(path: string, expected: Wire | undefined, given: Wire | undefined, found: Difference[]): void {
  if (expected !== undefined && given !== undefined) compare(path, expected, given, found)
  else if (expected !== undefined) found.push({ path, expected })
  else if (given !== undefined) found.push({ path, given })
}

function own(object: WireObject, name: string): Wire | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

function isObject(value: Wire): value is WireObject {
  return typeof value === 'object' && !Array.isArray(value)
}

/** One line, long values cut. */
export function sentenceOf({ path, expected, given }: Difference): string {
  return `${path || 'answer'}: expected ${shown(expected)}, given ${shown(given)}`
}

export function shown(value: Wire | undefined, most = 160): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value)
  return text.length > most ? `${text.slice(0, most)}… (${text.length} characters)` : text
}
