// Metrics and health for the operator, on loopback alone; on an auditor its incidents too. Invariant: a relay shows counts, and nothing
// of an SFO is among them.
import { z } from 'zod'
import type { Incident } from '../../../effects/ports.ts'
import { evidence } from '../../../effects/vocabulary/auditor.ts'
import { hex32, whole } from '../../../effects/vocabulary/nouns.ts'
import type { Holds, Same } from '../../../effects/vocabulary/same.ts'
import { incidentKinds } from '../../../machines/auditor/types.ts'
import type { Endpoints } from './endpoint.ts'

export const metricsPath = '/metrics'
export const healthPath = '/healthz'
/** An auditor's alone. */
export const incidentsPath = '/incidents'

export interface Health {
  readonly ok: boolean
  readonly [fact: string]: string | number | boolean | null
}

/** `metrics`: the Prometheus text exposition. */
export function operationsEndpoints(metrics: () => Promise<string>, health: () => Health): Endpoints {
  return {
    [metricsPath]: {
      method: 'GET',
      maxBodyBytes: 0,
      handle: async () => ({
        status: 200,
        contentType: 'text/plain; version=0.0.4; charset=utf-8',
        body: await metrics(),
      }),
    },
    [healthPath]: {
      method: 'GET',
      maxBodyBytes: 0,
      handle: () => {
        const facts = health()
        return { status: facts.ok ? 200 : 503, contentType: 'application/json', body: JSON.stringify(facts) }
      },
    },
  }
}

/** Beyond it there is no date. */
const instant = whole.max(8_640_000_000_000_000)

/** What `incidentsPath` answers, for who reads it. */
export const incidentsShape = z.array(
  z.strictObject({
    id: whole,
    logId: hex32,
    kind: z.enum(incidentKinds),
    count: whole,
    firstAt: instant,
    lastAt: instant,
    samples: z.array(evidence).readonly(),
    notified: z.boolean(),
  }),
)

export type CheckedIncidents = Holds<Same<z.output<typeof incidentsShape>[number], Incident>>

/** Reading is all that can be done here. */
export function incidentEndpoints(incidents: () => readonly Incident[]): Endpoints {
  return {
    [incidentsPath]: {
      method: 'GET',
      maxBodyBytes: 0,
      handle: () => ({ status: 200, contentType: 'application/json', body: JSON.stringify(incidents()) }),
    },
  }
}
