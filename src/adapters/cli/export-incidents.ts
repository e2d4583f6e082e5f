// Writes the evidence bundles of an auditor's incidents to a folder. Invariant: a file is named by log, kind and digest, so that exporting
// again writes the same files, and every sample without a bundle is counted.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { storedConsensuses } from '../../effects/auditor/consensuses.ts'
import type { AuditorStore } from '../../effects/ports.ts'
import { decodeBundle, encodeBundle } from '../../machines/ct/evidence-bundle.ts'
import { nodeCrypto } from '../node/crypto.ts'
import { bundleOf } from '../node/evidence-bundles.ts'

export interface Exported {
  readonly files: readonly string[]
  /** Incidents of a kind without bundle, of a log that no kept consensus lists, or whose chain is gone. */
  readonly without: number
}

export function exportIncidents(store: AuditorStore, folder: string): Exported {
  const crypto = nodeCrypto()
  const logs = new Map((storedConsensuses(store) ?? []).flatMap((one) => one.logs.map((log) => [log.logId, log])))
  const files = new Set<string>()
  let without = 0
  mkdirSync(folder, { recursive: true })
  for (const { logId, kind, samples } of store.incidents()) {
    for (const evidence of samples) {
      const log = logs.get(logId)
      const bundle = log === undefined ? null : bundleOf(crypto, store, log, evidence)
      const file = bundle === null ? null : encodeBundle(crypto, bundle)
      const decoded = file === null ? null : decodeBundle(crypto, file)
      if (file === null || decoded?.ok !== true) {
        without += 1
        continue
      }
      const path = join(folder, `${logId.slice(0, 16)}-${kind}-${decoded.value.digest.slice(0, 16)}.json`)
      writeFileSync(path, file, { mode: 0o600 })
      files.add(path)
    }
  }
  return { files: [...files], without }
}
