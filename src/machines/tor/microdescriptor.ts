// Microdescriptors: what a relay's Ed25519 identity is, and its family [dir-spec 3.3, CONS-004].
// Invariant: a microdescriptor counts only under its own SHA-256, which the signed consensus names.
import { latin1, toHex } from '../ct/bytes.ts'
import type { Crypto } from '../ct/types.ts'
import { readNetdoc, readUnpadded } from './netdoc.ts'

export interface Microdescriptor {
  /** Ed25519, 64 hex digits. */
  readonly identity: string
  /** RSA fingerprints that it declares, 40 hex digits in lower case; names are passed over. */
  readonly family: readonly string[]
  /** Identifiers of the families to which it proved to belong. */
  readonly familyIds: readonly string[]
}

export const microdescriptorLimits = { documentBytes: 16 * 1024 * 1024, items: 64, family: 1024 } as const

/** By digest, 64 hex digits. One that is malformed, or has no Ed25519 identity, is left out; null where the document is too large. */
export function readMicrodescriptors(
  crypto: Crypto,
  document: Uint8Array,
): ReadonlyMap<string, Microdescriptor> | null {
  if (document.length > microdescriptorLimits.documentBytes) return null
  const starts = [...latin1(document).matchAll(/(?<![^\n])onion-key\n/g)].map(({ index }) => index)
  const found = new Map<string, Microdescriptor>()
  for (const [i, start] of starts.entries()) {
    const bytes = document.subarray(start, starts[i + 1])
    const read = readMicrodescriptor(latin1(bytes))
    if (read !== null) found.set(toHex(crypto.sha256(bytes)), read)
  }
  return found
}

function readMicrodescriptor(text: string): Microdescriptor | null {
  const items = readNetdoc(text, microdescriptorLimits.items) ?? []
  const identities = items.filter(({ keyword, args: [kind] }) => keyword === 'id' && kind === 'ed25519')
  const identity = readUnpadded(identities[0]?.args[1], 32)
  if (identity === null || identities.length > 1) return null
  const argsOf = (wanted: string) => items.flatMap(({ keyword, args }) => (keyword === wanted ? args : []))
  const family = argsOf('family').flatMap((member) => /(?<=^\$)[0-9A-Fa-f]{40}\b/.exec(member)?.[0].toLowerCase() ?? [])
  const { family: limit } = microdescriptorLimits
  return {
    identity: toHex(identity),
    family: family.slice(0, limit),
    familyIds: argsOf('family-ids').slice(0, limit),
  }
}
