// What each kind of evidence has to show, once all that is signed is genuine [EVID-006 to EVID-014].
// Invariant: a rule looks at nothing but what the log signed, except for transcripts, whose standing says so.
import type { BundleKind, TranscriptEntry } from './evidence-bundle.ts'
import type { EvidenceError } from './evidence-errors.ts'
import { leafHashOf } from './leaf.ts'
import { verifyConsistency } from './merkle.ts'
import type { Crypto, LeafId, Log, Sth } from './types.ts'

export interface GenuineSfo {
  readonly leafId: LeafId
  readonly sctTimestamp: number
  /** What the log signed as the leaf's place; null where it signed none. */
  readonly leafIndex: number | null
}

export interface GenuineInclusion {
  readonly leafHash: string
  readonly leafIndex: number
  readonly sth: Sth
}

/** The parts of a bundle that its kind has, with every signature, chain and proof verified. */
export interface Genuine {
  readonly log: Log
  readonly sfos: readonly GenuineSfo[]
  readonly heads: readonly Sth[]
  readonly inclusion: GenuineInclusion
  readonly transcript: readonly TranscriptEntry[]
  readonly receivedAt: number
}

interface Rule {
  readonly rule: string
  readonly isTranscript: boolean
  /** Null where it is shown. */
  readonly shows: (crypto: Crypto, parts: Genuine) => EvidenceError | null
}

export const rules: Readonly<Record<BundleKind, Rule>> = {
  'split-view': { rule: 'EVID-006.1', isTranscript: false, shows: (_, parts) => splitView(parts) },
  rollback: { rule: 'EVID-007.1', isTranscript: false, shows: (_, parts) => rollback(parts) },
  omission: { rule: 'EVID-008.1', isTranscript: false, shows: (_, parts) => omission(parts) },
  substitution: { rule: 'EVID-009.1', isTranscript: false, shows: (_, parts) => substitution(parts) },
  equivocation: { rule: 'EVID-010.1', isTranscript: false, shows: (_, parts) => equivocation(parts) },
  'late-merge': { rule: 'EVID-011.1', isTranscript: false, shows: (_, parts) => lateMerge(parts) },
  backdated: { rule: 'EVID-012.1', isTranscript: false, shows: (_, parts) => backdated(parts) },
  inconsistent: { rule: 'EVID-013.1', isTranscript: true, shows: inconsistent },
  withheld: { rule: 'EVID-014.1', isTranscript: true, shows: (_, parts) => withheld(parts) },
}

type Pair<T> = readonly [T, T]

function splitView({ heads }: Genuine): EvidenceError | null {
  const [first, second] = heads as Pair<Sth>
  if (first.size !== second.size) return 'sizesDiffer'
  return first.root === second.root ? 'sameRoot' : null
}

function rollback({ heads }: Genuine): EvidenceError | null {
  const [first, second] = heads as Pair<Sth>
  if (second.timestamp <= first.timestamp) return 'notLater'
  return second.size < first.size ? null : 'notSmaller'
}

function omission({ heads, sfos, log }: Genuine): EvidenceError | null {
  const [{ leafIndex, sctTimestamp }] = sfos as readonly [GenuineSfo]
  const [sth] = heads as readonly [Sth]
  if (leafIndex === null) return 'noIndex'
  if (sth.timestamp < sctTimestamp + log.mmd) return 'tooEarly'
  return sth.size > leafIndex ? 'indexReached' : null
}

function substitution({ sfos, inclusion }: Genuine): EvidenceError | null {
  const [{ leafId, leafIndex }] = sfos as readonly [GenuineSfo]
  if (leafIndex === null) return 'noIndex'
  if (inclusion.leafIndex !== leafIndex) return 'otherIndex'
  return inclusion.leafHash === leafHashOf(leafId) ? 'sameLeaf' : null
}

/** Two leaves: two signatures of one SCT, or two chains under one leaf, are nothing. */
function equivocation({ sfos }: Genuine): EvidenceError | null {
  const [first, second] = sfos as Pair<GenuineSfo>
  if (first.leafIndex === null || second.leafIndex === null) return 'noIndex'
  if (first.leafIndex !== second.leafIndex) return 'otherIndex'
  return first.leafId === second.leafId ? 'sameLeaf' : null
}

function lateMerge({ sfos, heads, inclusion, log }: Genuine): EvidenceError | null {
  const [{ sctTimestamp }] = sfos as readonly [GenuineSfo]
  const [former] = heads as readonly [Sth]
  if (former.timestamp < sctTimestamp + log.mmd) return 'tooEarly'
  return inclusion.leafIndex >= former.size ? null : 'indexReached'
}

function backdated({ sfos, inclusion }: Genuine): EvidenceError | null {
  const [{ sctTimestamp }] = sfos as readonly [GenuineSfo]
  return sctTimestamp > inclusion.sth.timestamp ? null : 'notNewer'
}

/** An answer that proves consistency takes the accusation back; without one the log was only silent. */
function inconsistent(crypto: Crypto, { heads, transcript }: Genuine): EvidenceError | null {
  const [first, second] = heads as Pair<Sth>
  if (first.size >= second.size) return 'sizeOrder'
  if (!transcript.some(speaksAgainst)) return 'notAnswered'
  const sizes = { size1: first.size, root1: first.root, size2: second.size, root2: second.root }
  const proves = ({ path }: TranscriptEntry) => path !== undefined && verifyConsistency(crypto, { ...sizes, path }).ok
  return transcript.some(proves) ? 'consistent' : null
}

/** Due by the clock of whoever received the SFO [WIRE-012]. */
function withheld({ sfos, heads, log, transcript, receivedAt }: Genuine): EvidenceError | null {
  const [{ sctTimestamp }] = sfos as readonly [GenuineSfo]
  const [sth] = heads as readonly [Sth]
  if (sth.timestamp < Math.min(sctTimestamp, receivedAt) + log.mmd) return 'tooEarly'
  return transcript.some(speaksAgainst) ? null : 'notAnswered'
}

function speaksAgainst({ outcome }: TranscriptEntry): boolean {
  return outcome !== 'notDue'
}
