// What relay and auditor take from a verified Tor consensus and its CT extension document [CONS-001].
// Invariant: a `Consensus` exists only after both signatures verified; the machines trust it.
import type { Log, Sth } from '../ct/types.ts'

/** Ed25519 relay identity, 64 hex digits: the `id ed25519` of the microdescriptor. */
export type CtrId = string
/** SHA-256 of the auditor's Ed25519 public key, 64 hex digits. */
export type AuditorId = string

/** A relay that bears the `CTR` flag. `url`: base of its well-known address; `family`: identities it declares. */
export interface Ctr {
  readonly ctrId: CtrId
  readonly url: string
  readonly family: readonly CtrId[]
}

export interface Auditor {
  readonly auditorId: AuditorId
  /** Ed25519 public key, 64 hex digits. */
  readonly key: string
  readonly url: string
}

/** Times in milliseconds. `digest`: SHA-256 of the signed document, 64 hex digits. */
export interface Consensus {
  readonly digest: string
  readonly validAfter: number
  readonly freshUntil: number
  readonly validUntil: number
  readonly logs: readonly Log[]
  /** STHs as announced: the logs' own signatures on them are checked by whoever uses them. */
  readonly sths: readonly Sth[]
  readonly ctrs: readonly Ctr[]
  readonly auditors: readonly Auditor[]
}
