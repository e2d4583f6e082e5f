// Writes the evidence bundles of an auditor's incidents to a folder. Invariant: a file is named by log, kind and digest, so that exporting
// again writes the same files, and of every sample without a bundle it is said why [AUD-023.4].
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { storedConsensuses } from '../../effects/auditor/consensuses.ts'
import { maxKnownLogs, storedLogs } from '../../effects/auditor/known-logs.ts'
import type { AuditorStore, Incident } from '../../effects/ports.ts'
import type { Evidence } from '../../machines/auditor/types.ts'
import { bundleKinds, decodeBundle, encodeBundle } from '../../machines/ct/evidence-bundle.ts'
import type { Log } from '../../machines/ct/types.ts'
import { nodeCrypto } from '../node/crypto.ts'
import { bundleOf } from '../node/evidence-bundles.ts'

/** Why there is no bundle. */
const noBundle = {
  kind: 'its kind has no bundle',
  log: 'key and MMD of its log are not on record',
  part: 'a chain, tree head or proof of it is gone',
  size: 'what is on record makes no bundle',
} as const

type Reason = keyof typeof noBundle
const reasons = Object.keys(noBundle) as readonly Reason[]

export interface Without {
  readonly incident: Incident
  readonly why: Reason
  readonly samples: number
}

export interface Exported {
  readonly files: readonly string[]
  readonly without: readonly Without[]
  /** How often a log had to leave the record [AUD-023.3]. */
  readonly droppedLogs: number
}

export function exportIncidents(store: AuditorStore, folder: string): Exported {
  const listed = (storedConsensuses(store) ?? []).toReversed().flatMap(({ logs }) => logs)
  const known = storedLogs(store)
  const logs = new Map([...known.logs, ...listed].map((log) => [log.logId, log]))
  const files = new Set<string>()
  const without: Without[] = []
  mkdirSync(folder, { recursive: true })
  for (const incident of store.incidents()) {
    const { logId, kind } = incident
    const made = incident.samples.map((evidence) => fileOf(store, logs.get(logId), evidence))
    for (const why of reasons) {
      const samples = made.filter((one) => one === why).length
      if (samples > 0) without.push({ incident, why, samples })
    }
    for (const one of made) {
      if (typeof one === 'string') continue
      const path = join(folder, `${logId.slice(0, 16)}-${kind}-${one.digest.slice(0, 16)}.json`)
      writeFileSync(path, one.file, { mode: 0o600 })
      files.add(path)
    }
  }
  return { files: [...files], without, droppedLogs: known.dropped }
}

/** What an export does not have, a line each [AUD-023.4]. */
export function missing({ without, droppedLogs }: Exported): readonly string[] {
  const lines = without.map(({ incident: { id, kind, samples: all }, why, samples }) => {
    return `incident ${id} (${kind}): ${samples} of ${all.length} samples without bundle: ${noBundle[why]}`
  })
  const dropped = `${droppedLogs} logs that left the consensus are not on record, beyond the ${maxKnownLogs} listed last`
  return droppedLogs === 0 ? lines : [...lines, dropped]
}

function fileOf(
  store: AuditorStore,
  log: Log | undefined,
  evidence: Evidence,
): { readonly file: Uint8Array; readonly digest: string } | Reason {
  const crypto = nodeCrypto()
  if (!bundleKinds.some((kind) => kind === evidence.kind)) return 'kind'
  if (log === undefined) return 'log'
  const bundle = bundleOf(crypto, store, log, evidence)
  if (bundle === null) return 'part'
  const file = encodeBundle(crypto, bundle)
  const decoded = decodeBundle(crypto, file)
  return decoded.ok ? { file, digest: decoded.value.digest } : 'size'
}
