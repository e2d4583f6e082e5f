// One JSON spelling for a state: equal states print equally, however they came about [INV-008].
// Invariant: keys are sorted, and nothing depends on the layout of a persistent collection.
import { isCollection, isKeyed } from 'immutable'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/**
 * Plain data with keys in code unit order; a persistent map becomes an object, a persistent list an array. Members that are
 * undefined are left out.
 * @throws TypeError for what is no data: functions, symbols, bigints, and numbers that JSON cannot write.
 */
export function canonical(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (Number.isFinite(value)) return value as number
  if (typeof value !== 'object') throw new TypeError(`no data: ${String(value)}`)
  if (isCollection(value)) return isKeyed(value) ? record(value.entries()) : value.toArray().map(canonical)
  return Array.isArray(value) ? value.map(canonical) : record(Object.entries(value))
}

/** The same as text: two states are equal if and only if these are. */
export function canonicalText(value: unknown): string {
  return JSON.stringify(canonical(value))
}

function record(entries: Iterable<readonly [unknown, unknown]>): Json {
  const members = new Map(Array.from(entries, ([key, member]) => [String(key), member]))
  const present = [...members.keys()].sort().filter((key) => members.get(key) !== undefined)
  return Object.fromEntries(present.map((key) => [key, canonical(members.get(key))]))
}
