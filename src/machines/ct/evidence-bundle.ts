// Evidence bundles: their content, their canonical bytes, their digest [EVID-002, EVID-003].
// Invariant: what decodes encodes to the same bytes; whatever the file, decoding reads it a fixed number of times.
import { fromUtf8, isHex, toHex, utf8 } from './bytes.ts'
import { canonicalJson, type JsonObject } from './canonical-json.ts'
import { type EvidenceError, refuse } from './evidence-errors.ts'
import type { Crypto, Log, Outcome, Result } from './types.ts'

export const bundleKinds = [
  'split-view',
  'rollback',
  'omission',
  'substitution',
  'equivocation',
  'late-merge',
  'backdated',
  'inconsistent',
  'withheld',
] as const
export type BundleKind = (typeof bundleKinds)[number]

/** A proof would be no transcript. */
export const transcriptOutcomes = ['notDue', 'unreachable', 'refused', 'badProof'] as const
export type TranscriptOutcome = (typeof transcriptOutcomes)[number] & Outcome

/** How a question to the log ended. `path`: the answer that was no consistency proof. `size`: of the tree that was asked about. */
export interface TranscriptEntry {
  readonly at: number
  readonly outcome: TranscriptOutcome
  readonly size?: number
  readonly status?: number
  readonly path?: readonly string[]
}

export const longestTranscript = 16

/** The SFO as it goes over HTTP [WIRE-001]. */
export interface SfoObject {
  readonly x509_chain: readonly string[]
  readonly sct_data_v1: readonly string[]
}

export interface Inclusion {
  /** C2SP tlog-proof. */
  readonly proof: string
  /** The leaf that it is of, where that is not the SFO's own. */
  readonly leafHash?: string
}

export interface EvidenceBundle {
  readonly version: 1
  readonly kind: BundleKind
  readonly log: Log
  /** Checkpoints, the earlier first. */
  readonly heads: readonly string[]
  readonly sfos: readonly SfoObject[]
  readonly inclusion?: Inclusion
  readonly transcript?: readonly TranscriptEntry[]
  /** When who made the transcript had received the SFO. */
  readonly receivedAt?: number
}

const maxBytes = 256 * 1024

/** The file: canonical JSON with the digest among its members, and a line feed. */
export function encodeBundle(crypto: Crypto, bundle: EvidenceBundle): Uint8Array {
  const content = bundle as unknown as JsonObject
  return utf8(`${canonicalJson({ ...content, digest: digestOf(crypto, content) })}\n`)
}

/** SHA-256 over the canonical bytes of all members but `digest`, in hex. */
function digestOf(crypto: Crypto, content: JsonObject): string {
  return toHex(crypto.sha256(utf8(canonicalJson(content))))
}

export interface Decoded {
  readonly bundle: EvidenceBundle
  readonly digest: string
}

/** Errors: tooLarge, notJson, unknownVersion, unknownKind, notBundle, notCanonical, badDigest, wrongParts, in this order. */
export function decodeBundle(crypto: Crypto, file: Uint8Array): Result<Decoded, EvidenceError> {
  if (file.length > maxBytes) return refuse('tooLarge')
  const text = fromUtf8(file)
  if (text === null) return refuse('notJson')
  const json = parseJson(text)
  if (!json.ok) return json
  const { version, kind } = membersOf(json.value)
  if (version !== 1) return refuse('unknownVersion')
  if (!isKind(kind)) return refuse('unknownKind')
  if (!isBundle(json.value)) return refuse('notBundle')
  if (text !== `${canonicalJson(json.value)}\n`) return refuse('notCanonical')
  const { digest, ...content } = json.value
  if (digest !== digestOf(crypto, content)) return refuse('badDigest')
  const bundle = content as unknown as EvidenceBundle
  return hasParts(bundle) ? { ok: true, value: { bundle, digest } } : refuse('wrongParts')
}

function parseJson(text: string): Result<unknown, EvidenceError> {
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch {
    return refuse('notJson')
  }
}

/** How many heads and SFOs, and which of the other parts. */
interface Parts {
  readonly heads: number
  readonly sfos: number
  readonly inclusion?: 'own' | 'other'
  readonly transcript?: true
  readonly receivedAt?: true
}

const parts: Readonly<Record<BundleKind, Parts>> = {
  'split-view': { heads: 2, sfos: 0 },
  rollback: { heads: 2, sfos: 0 },
  omission: { heads: 1, sfos: 1 },
  substitution: { heads: 0, sfos: 1, inclusion: 'other' },
  equivocation: { heads: 0, sfos: 2 },
  'late-merge': { heads: 1, sfos: 1, inclusion: 'own' },
  backdated: { heads: 0, sfos: 1, inclusion: 'own' },
  inconsistent: { heads: 2, sfos: 0, transcript: true },
  withheld: { heads: 1, sfos: 1, transcript: true, receivedAt: true },
}

function hasParts({ kind, heads, sfos, inclusion, transcript, receivedAt }: EvidenceBundle): boolean {
  const wanted = parts[kind]
  const of = inclusion === undefined ? undefined : inclusion.leafHash === undefined ? 'own' : 'other'
  return (
    heads.length === wanted.heads &&
    sfos.length === wanted.sfos &&
    of === wanted.inclusion &&
    (transcript !== undefined) === (wanted.transcript === true) &&
    (receivedAt !== undefined) === (wanted.receivedAt === true)
  )
}

type Check = (value: unknown) => boolean

/** An object with these members and, where they are there, those; no others. */
function object(members: Readonly<Record<string, Check>>, optional: Readonly<Record<string, Check>> = {}): Check {
  // A map: an object would have members of its own, such as `constructor`.
  const known = new Map(Object.entries({ ...members, ...optional }))
  return (value) =>
    Object.keys(members).every((name) => Object.hasOwn(membersOf(value), name)) &&
    Object.entries(membersOf(value)).every(([name, member]) => known.get(name)?.(member) === true)
}

/** What is no object has none of the members that are asked for, null none at all. */
function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return Object(value)
}

function list(element: Check, longest: number): Check {
  return (value) => Array.isArray(value) && value.length <= longest && value.every(element)
}

function isKind(value: unknown): value is BundleKind {
  return (bundleKinds as readonly unknown[]).includes(value)
}

const isText: Check = (value) => typeof value === 'string'
const isHash: Check = (value) => typeof value === 'string' && isHex(value, 32)
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0
/** Printable ASCII: it becomes the first line of checkpoints. */
const isUrl: Check = (value) => typeof value === 'string' && /^https?:\/\/[!-~]{1,2000}$/.test(value)

const entry = object(
  { at: isCount, outcome: (value) => (transcriptOutcomes as readonly unknown[]).includes(value) },
  { size: isCount, status: isCount, path: list(isHash, 64) },
)

const checked = object(
  {
    version: isCount,
    kind: isText,
    digest: isHash,
    log: object({ logId: isHash, key: isText, mmd: isCount, url: isUrl }, { monitoringUrl: isUrl }),
    heads: list(isText, 2),
    sfos: list(object({ x509_chain: list(isText, 10), sct_data_v1: list(isText, 1) }), 2),
  },
  {
    inclusion: object({ proof: isText }, { leafHash: isHash }),
    transcript: list(entry, longestTranscript),
    receivedAt: isCount,
  },
)

function isBundle(value: unknown): value is JsonObject & { readonly digest: string } {
  return checked(value)
}

/** What checkpoints call the log: its URL without the scheme [C2SP static-ct-api]. */
export function originOf(url: string): string {
  return url.replace(/^https?:\/\//, '').replace(/\/$/, '')
}
