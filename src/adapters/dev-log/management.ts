// Test equipment, not for operators: how a test tells the development log to misbehave, merge or sign, under /dev/.
// Invariant: no fault touches these endpoints, so that every fault can be lifted again.
import type { FastifyInstance } from 'fastify'
import * as z from 'zod'
import { faultsSchema } from './fault.ts'
import type { CtLog } from './log.ts'
import { jsonOf } from './routes.ts'

const faultsBody = z.strictObject({ faults: faultsSchema })

export function managementRoutes(app: FastifyInstance, log: CtLog): void {
  app.get('/dev/state', async () => log.state())

  /** `{"faults": [{"kind": "slow", "ms": 2000}]}` replaces all faults; an empty list makes the log honest. */
  app.post('/dev/faults', async (request, reply) => {
    const given = faultsBody.safeParse(jsonOf(request.body))
    if (!given.success)
      return reply
        .code(400)
        .type('text/plain')
        .send(`${z.prettifyError(given.error)}\n`)
    log.setFaults(given.data.faults)
    return log.state()
  })

  app.post('/dev/merge', async () => {
    log.merge()
    return log.state()
  })

  app.post('/dev/publish', async () => log.publish())
}
