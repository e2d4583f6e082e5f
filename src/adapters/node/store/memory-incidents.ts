// Incidents of the in-memory store [AUD-023]. Invariant: an SFO of the store is counted once per kind, however often it is
// recorded [AUD-012].
import type { Incident } from '../../../effects/ports.ts'
import type { Evidence } from '../../../machines/auditor/types.ts'
import type { SfoId } from '../../../machines/ct/types.ts'
import { sameFinding, samplesPerIncident } from './rules.ts'

export interface MemoryIncidents {
  record(evidence: Evidence, at: number): void
  list(): readonly Incident[]
  has(id: number): boolean
  concerns(sfoId: SfoId): boolean
  markNotified(id: number): void
}

export function memoryIncidents(isStored: (sfoId: SfoId) => boolean): MemoryIncidents {
  const incidents = new Map<string, Incident>()
  const counted = new Set<string>()
  const find = (id: number) => [...incidents].find(([, incident]) => incident.id === id)

  return {
    record(evidence, at) {
      const { sfoId, kind, logId } = evidence
      if (sfoId !== null && isStored(sfoId)) {
        if (counted.has(`${sfoId}|${kind}`)) return
        counted.add(`${sfoId}|${kind}`)
        if (evidence.otherSfoId !== undefined) counted.add(`${evidence.otherSfoId}|${kind}`)
      }
      const key = `${logId}|${kind}`
      const known = incidents.get(key) ?? { ...unseen, id: incidents.size + 1, logId, kind, firstAt: at }
      if (known.samples.some((sample) => sameFinding(sample, evidence))) return
      const samples = [...known.samples, evidence].slice(0, samplesPerIncident)
      incidents.set(key, { ...known, count: known.count + 1, lastAt: at, samples })
    },
    list: () => [...incidents.values()],
    concerns: (sfoId) => [...counted].some((one) => one.startsWith(`${sfoId}|`)),
    has: (id) => find(id) !== undefined,
    markNotified(id) {
      const found = find(id)
      if (found !== undefined) incidents.set(found[0], { ...found[1], notified: true })
    },
  }
}

const unseen = { count: 0, samples: [], notified: false }
