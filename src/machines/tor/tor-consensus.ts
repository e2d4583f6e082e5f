// The Tor consensus, flavours ns and microdesc [dir-spec 3.4.1, 3.9, CONS-002].
// Invariant: what is read is covered by the signatures' digest; whether they are good is `countSignatures`' and the caller's check.
import { sha1 } from '@noble/hashes/legacy.js'
import { latin1, toHex } from '../ct/bytes.ts'
import type { Crypto, Result } from '../ct/types.ts'
import { readParams } from './consensus-params.ts'
import { type NetdocItem, readNetdoc, readTime, soleItems } from './netdoc.ts'
import { type Flavour, readRelays, type TorRelay } from './tor-relays.ts'
import { readTorSignatures, type TorSignature } from './tor-signatures.ts'

/** Times in milliseconds. */
export interface TorConsensus {
  readonly flavour: Flavour
  readonly validAfter: number
  readonly freshUntil: number
  readonly validUntil: number
  readonly knownFlags: readonly string[]
  readonly params: Readonly<Record<string, number>>
  /** In ascending order of their fingerprints. */
  readonly relays: readonly TorRelay[]
  readonly signatures: readonly TorSignature[]
  /** SHA-256 of what is signed, 64 hex digits, whatever the flavour is signed with. */
  readonly digest: string
  /** What the flavour is signed with, and over which digest. */
  readonly algorithm: 'sha1' | 'sha256'
  readonly signedDigest: Uint8Array
}

/** Why a consensus is refused as a whole, in the order of the checks. */
export const torConsensusErrors = {
  tooLarge: 'more than 16 MiB',
  notItems: 'not lines of keyword, arguments and objects, or too many of them',
  badFlavour: 'the first line is neither "network-status-version 3" nor "network-status-version 3 microdesc"',
  truncated: 'no directory-footer before the signatures, or no signature',
  badTorSignature: 'from the first signature on something else than directory-signature items, or too many',
  badPreamble: 'an item before the relays is missing, occurs twice or has another form',
  badParams: 'a parameter that is no name and Int32, or occurs twice',
  badTimes: 'valid-after, fresh-until and valid-until are not in this order',
  badRelay: 'a relay whose lines are missing, occur twice or have another form',
  badOrder: 'the relays are not in ascending order of their identities, or one occurs twice',
} as const

export type TorConsensusError = keyof typeof torConsensusErrors

export const torConsensusLimits = { bytes: 16 * 1024 * 1024, items: 400_000 } as const

const preamble = [
  'network-status-version',
  'vote-status',
  'consensus-method',
  'valid-after',
  'fresh-until',
  'valid-until',
  'voting-delay',
  'known-flags',
] as const

const signatureKeyword = 'directory-signature'

export function parseTorConsensus(crypto: Crypto, bytes: Uint8Array): Result<TorConsensus, TorConsensusError> {
  if (bytes.length > torConsensusLimits.bytes) return refuse('tooLarge')
  const items = readNetdoc(latin1(bytes), torConsensusLimits.items)
  if (items === null) return refuse('notItems')
  const flavour = flavourOf(items[0] as NetdocItem)
  if (flavour === null) return refuse('badFlavour')
  const firstSignature = items.find(({ keyword }) => keyword === signatureKeyword)
  if (firstSignature === undefined) return refuse('truncated')
  const at = items.indexOf(firstSignature)
  const footer = items.slice(0, at).findIndex(({ keyword }) => keyword === 'directory-footer')
  if (footer === -1) return refuse('truncated')
  const signatures = readTorSignatures(items.slice(at))
  if (signatures === null) return refuse('badTorSignature')
  const signed = items.slice(0, footer)
  const firstRelay = signed.findIndex(({ keyword }) => keyword === 'r')
  const head = readPreamble(firstRelay === -1 ? signed : signed.slice(0, firstRelay))
  if (typeof head === 'string') return refuse(head)
  const relays = readRelays(signed, flavour)
  if (typeof relays === 'string') return refuse(relays)
  const covered = bytes.subarray(0, firstSignature.start + signatureKeyword.length + 1)
  const sha256 = crypto.sha256(covered)
  const by =
    flavour === 'ns'
      ? ({ algorithm: 'sha1', signedDigest: sha1(covered) } as const)
      : ({ algorithm: 'sha256', signedDigest: sha256 } as const)
  return { ok: true, value: { flavour, ...head, relays, signatures, digest: toHex(sha256), ...by } }
}

function flavourOf({ keyword, args: [version, name = 'ns'] }: NetdocItem): Flavour | null {
  if (keyword !== 'network-status-version' || version !== '3') return null
  return name === 'ns' || name === 'microdesc' ? name : null
}

function readPreamble(items: readonly NetdocItem[]) {
  const sole = soleItems(items, preamble)
  if (sole === null || sole['vote-status'].args[0] !== 'consensus') return 'badPreamble'
  const validAfter = readTime(sole['valid-after'])
  const freshUntil = readTime(sole['fresh-until'])
  const validUntil = readTime(sole['valid-until'])
  if (validAfter === null || freshUntil === null || validUntil === null) return 'badPreamble'
  const lines = items.filter(({ keyword }) => keyword === 'params')
  if (lines.length > 1) return 'badPreamble'
  const params = readParams(lines[0]?.args ?? [])
  if (typeof params === 'string') return 'badParams'
  if (validAfter >= freshUntil || freshUntil > validUntil) return 'badTimes'
  return { validAfter, freshUntil, validUntil, knownFlags: sole['known-flags'].args, params }
}

/** `reasonablyLive`: at most a day beyond its validity on either side, which tor itself still uses [dir-spec 5.1]. */
export type Liveness = 'early' | 'live' | 'reasonablyLive' | 'stale'

const day = 24 * 3_600_000

export function livenessOf(
  { validAfter, validUntil }: Pick<TorConsensus, 'validAfter' | 'validUntil'>,
  now: number,
): Liveness {
  if (validAfter <= now && now < validUntil) return 'live'
  if (now < validAfter - day) return 'early'
  return now < validUntil + day ? 'reasonablyLive' : 'stale'
}

function refuse(error: TorConsensusError): Result<never, TorConsensusError> {
  return { ok: false, error, detail: torConsensusErrors[error] }
}
