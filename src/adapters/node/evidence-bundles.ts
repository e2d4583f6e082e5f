// Evidence bundles out of an auditor's store [EVID-002]. Invariant: a bundle is made of nothing but what the store has, and one that lacks
// a part is not made; whether it holds is for `verifyEvidence` to say.
import type { AuditorStore } from '../../effects/ports.ts'
import type { Evidence } from '../../machines/auditor/types.ts'
import { fromUtf8 } from '../../machines/ct/bytes.ts'
import { encodeCheckpoint } from '../../machines/ct/checkpoint.ts'
import {
  type BundleKind,
  bundleKinds,
  type EvidenceBundle,
  type Inclusion,
  originOf,
  type SfoObject,
  type TranscriptEntry,
  transcriptOutcomes,
} from '../../machines/ct/evidence-bundle.ts'
import { encodeTlogProof } from '../../machines/ct/tlog-proof.ts'
import type { Crypto, Log, SfoId, Sth } from '../../machines/ct/types.ts'

type Source = Pick<AuditorStore, 'getBody' | 'transcript'>

/** Null for a kind without bundle, and where a part is gone. */
export function bundleOf(crypto: Crypto, store: Source, log: Log, evidence: Evidence): EvidenceBundle | null {
  const { kind, sfoId, otherSfoId, sths, since } = evidence
  if (!isBundleKind(kind)) return null
  const ids = [otherSfoId, sfoId].filter((id): id is SfoId => id !== undefined && id !== null)
  const sfos = ids.map((id) => objectOf(store.getBody(id)))
  if (!sfos.every((sfo) => sfo !== null)) return null
  const checkpoint = (sth: Sth) => fromUtf8(encodeCheckpoint(crypto, originOf(log.url), sth)) ?? ''
  const base = { version: 1, kind, log: plain(log), sfos: sfos as readonly SfoObject[], heads: [] } as const
  const [first, last] = [sths[0], sths.at(-1)]
  switch (kind) {
    case 'equivocation':
      return base
    case 'substitution':
    case 'backdated': {
      const inclusion = last && inclusionOf(evidence, checkpoint(last))
      return inclusion ? { ...base, inclusion } : null
    }
    case 'late-merge': {
      const inclusion = last && inclusionOf(evidence, checkpoint(last))
      return first && inclusion ? { ...base, heads: [checkpoint(first)], inclusion } : null
    }
    case 'omission':
      return first ? { ...base, heads: [checkpoint(first)] } : null
    case 'withheld': {
      const kept = sfoId === null ? [] : store.transcript(sfoId)
      const transcript = kept.length > 0 ? kept : lastAnswer(evidence)
      return first ? { ...base, heads: [checkpoint(first)], transcript, receivedAt: since } : null
    }
    case 'inconsistent':
      return { ...base, heads: bySize(sths).map(checkpoint), transcript: lastAnswer(evidence) }
    default:
      return { ...base, heads: sths.map(checkpoint) }
  }
}

function isBundleKind(kind: string): kind is BundleKind {
  return (bundleKinds as readonly string[]).includes(kind)
}

function bySize(sths: readonly Sth[]): readonly Sth[] {
  return sths.toSorted((a, b) => a.size - b.size)
}

/** Of a log as the consensus has it, the members of a bundle's. */
function plain({ logId, key, mmd, url, monitoringUrl }: Log): Log {
  return { logId, key, mmd, url, ...(monitoringUrl === undefined ? {} : { monitoringUrl }) }
}

function inclusionOf({ proof, leafHash }: Evidence, checkpoint: string): Inclusion | null {
  if (proof === null) return null
  return { proof: encodeTlogProof({ proof, checkpoint }), ...(leafHash === undefined ? {} : { leafHash }) }
}

function lastAnswer({ since, lastOutcome, path }: Evidence): readonly TranscriptEntry[] {
  const outcome = transcriptOutcomes.find((one) => one === lastOutcome)
  return outcome === undefined ? [] : [{ at: since, outcome, ...(path === undefined ? {} : { path }) }]
}

function objectOf(body: Uint8Array | undefined): SfoObject | null {
  if (body === undefined) return null
  const [object] = JSON.parse(fromUtf8(body) ?? '[]') as readonly SfoObject[]
  return object ?? null
}
