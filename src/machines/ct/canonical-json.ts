// Canonical JSON: one byte string for a value [RFC 8785 without fractions; EVID-003].
// Invariant: members are in the order of their UTF-16 code units, there is no white space, and numbers are safe integers.

export type Json = string | number | boolean | readonly Json[] | JsonObject
export type JsonObject = { readonly [member: string]: Json }

export function canonicalJson(value: Json): string {
  // Half a surrogate pair is no character: RFC 8785 has no bytes for it, so that what holds one is never canonical.
  if (typeof value === 'string') return JSON.stringify(value.toWellFormed())
  if (typeof value !== 'object') return JSON.stringify(value)
  if (isList(value)) return `[${value.map(canonicalJson).join()}]`
  const members = Object.keys(value).sort()
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name] as Json)}`).join()}}`
}

function isList(value: readonly Json[] | JsonObject): value is readonly Json[] {
  return Array.isArray(value)
}
