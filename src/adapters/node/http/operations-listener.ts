// Metrics and health for the operator, on loopback alone; on an auditor its incidents too. Invariant: a relay shows counts, and nothing
// of an SFO is among them.
import type { Incident } from '../../../effects/ports.ts'
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
