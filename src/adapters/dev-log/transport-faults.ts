// Test equipment, not for operators: faults of the connection and the body, before any endpoint is reached [RELAY-004].
// Invariant: a slow or endless answer ends when its client goes or the log stops.
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { faultOf } from './fault.ts'
import type { CtLog } from './log.ts'
import { monitorPath } from './monitor-routes.ts'

const proofEndpoints: readonly string[] = [
  '/ct/v1/get-proof-by-hash',
  '/ct/v1/get-sth-consistency',
  `${monitorPath}/tile/*`,
]

export function transportFaults(app: FastifyInstance, log: CtLog): void {
  app.addHook('onRequest', async (request, reply) => {
    const isProof = proofEndpoints.includes(request.routeOptions.url ?? '')
    const hit = <F extends { at: 'proofs' | 'all' }>(fault: F | undefined) =>
      fault !== undefined && (fault.at === 'all' || isProof) ? fault : undefined
    if (hit(faultOf(log.faults, 'down'))) return tearDown(request, reply)
    const slow = hit(faultOf(log.faults, 'slow'))
    if (slow && !(await waited(slow.ms, request))) return tearDown(request, reply)
    if (hit(faultOf(log.faults, 'endless'))) return reply.type('application/json').send(Readable.from(endless()))
    if (hit(faultOf(log.faults, 'malformed')))
      return reply.type('application/json').send('{"leaf_index": 0, "audit_path": [')
  })
}

function tearDown(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  request.raw.socket.destroy()
  return reply.hijack()
}

/** False where the connection closed meanwhile, by the client or because the log stops. */
async function waited(ms: number, request: FastifyRequest): Promise<boolean> {
  const gone = new AbortController()
  const leave = () => gone.abort()
  request.raw.socket.once('close', leave)
  try {
    await delay(ms, undefined, { signal: gone.signal })
    return true
  } catch {
    return false
  } finally {
    request.raw.socket.off('close', leave)
  }
}

/** Well-formed JSON as far as it goes. */
function* endless(): Generator<string> {
  yield '{"leaf_index": 0, "audit_path": ["'
  const chunk = 'A'.repeat(16_384)
  for (;;) yield chunk
}
