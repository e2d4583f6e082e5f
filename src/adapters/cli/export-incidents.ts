// Writes the evidence bundles of an auditor's incidents to a folder. Invariant: a file is named by log, kind and digest, so that exporting
// again writes the same files, and of every sample without a bundle it is said why.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { storedConsensuses } from '../../effects/auditor/consensuses.ts'
import { storedLogs } from '../../effects/auditor/known-logs.ts'
import type { AuditorStore, Incident } from '../../effects/ports.ts'
import type { Evidence } from '../../machines/auditor/types.ts'
import { bundleKinds, decodeBundle, encodeBundle } from '../../machines/ct/evidence-bundle.ts'
import type { Log } from '../../machines/ct/types.ts'
import { nodeCrypto } from '../node/crypto.ts'
import { bundleOf } from '../node/evidence-bundles.ts'

/** Why there is no bundle. */
export const noBundle = {
  kind: 'its kind has no bundle',
  log: 'key and MMD of its log are not on record',
  part: 'a chain, tree head or proof of it is gone',
  size: 'what is on record makes no bundle',
} as const

export interface Exported {
  readonly files: readonly string[]
  /** One for each sample. */
  readonly without: readonly { readonly incident: Incident; readonly why: keyof typeof noBundle }[]
}

export function exportIncidents(store: AuditorStore, folder: string): Exported {
  const listed = (storedConsensuses(store) ?? []).toReversed().flatMap(({ logs }) => logs)
  const logs = new Map([...storedLogs(store), ...listed].map((log) => [log.logId, log]))
  const files = new Set<string>()
  const without: Exported['without'][number][] = []
  mkdirSync(folder, { recursive: true })
  for (const incident of store.incidents()) {
    const { logId, kind, samples } = incident
    for (const evidence of samples) {
      const made = fileOf(store, logs.get(logId), evidence)
      if (typeof made === 'string') {
        without.push({ incident, why: made })
        continue
      }
      const path = join(folder, `${logId.slice(0, 16)}-${kind}-${made.digest.slice(0, 16)}.json`)
      writeFileSync(path, made.file, { mode: 0o600 })
      files.add(path)
    }
  }
  return { files: [...files], without }
}

function fileOf(
  store: AuditorStore,
  log: Log | undefined,
  evidence: Evidence,
): { readonly file: Uint8Array; readonly digest: string } | keyof typeof noBundle {
  const crypto = nodeCrypto()
  if (!bundleKinds.some((kind) => kind === evidence.kind)) return 'kind'
  if (log === undefined) return 'log'
  const bundle = bundleOf(crypto, store, log, evidence)
  if (bundle === null) return 'part'
  const file = encodeBundle(crypto, bundle)
  const decoded = decodeBundle(crypto, file)
  return decoded.ok ? { file, digest: decoded.value.digest } : 'size'
}
