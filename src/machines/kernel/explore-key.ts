// One small integer for each distinct state: equal numbers if and only if `canonicalText` is equal [INV-008].
// Invariant: states share most of their parts with their predecessors, and a part that they share is read once.
import { isCollection, isKeyed } from 'immutable'

/**
 * Answers the number of a value; the same one for whatever prints the same. No part of it may be changed afterwards. The value
 * itself is taken for new: only its parts are looked up.
 */
export function numbering(): (value: unknown) => number {
  const numbers = new Map<unknown, number>()
  const known = new WeakMap<object, number>()

  // Texts of composed values begin with a bracket and a NUL: no string of a state does.
  function numberOf(key: unknown): number {
    const number = numbers.get(key)
    if (number !== undefined) return number
    numbers.set(key, numbers.size)
    return numbers.size - 1
  }

  function identify(value: unknown): number {
    if (typeof value !== 'object' || value === null) return numberOf(value)
    const seen = known.get(value)
    if (seen !== undefined) return seen
    const number = numberOf(textOf(value))
    known.set(value, number)
    return number
  }

  function textOf(value: object): string {
    if (isCollection(value)) return isKeyed(value) ? record(value.toSeq().entrySeq()) : list(value)
    return Array.isArray(value) ? list(value) : record(Object.entries(value))
  }

  function list(values: Iterable<unknown>): string {
    let text = '[\0'
    for (const value of values) text += `${identify(value)},`
    return text
  }

  function record(entries: Iterable<readonly [unknown, unknown]>): string {
    const members = Array.from(entries, ([key, value]) =>
      value === undefined ? '' : `${String(key)}\0${identify(value)},`,
    )
    return `{\0${members.sort().join('')}`
  }

  return (value) => (typeof value === 'object' && value !== null ? numberOf(textOf(value)) : numberOf(value))
}
