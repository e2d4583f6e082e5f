// The load for bench/http.ts, on a thread of its own: SFOs made beforehand, then submitted by a CTR as fast as the auditor answers.
import { parentPort, workerData } from 'node:worker_threads'
import { agentPool } from '../src/adapters/node/agents.ts'
import { httpAuditorClient } from '../src/adapters/node/auditor-client.ts'
import { systemClock } from '../src/adapters/node/clock.ts'
import { ctrProver, readKey } from '../src/adapters/node/ctr-key.ts'
import { encodeSfoBody } from '../src/machines/ct/sfo.ts'
import type { Auditor } from '../src/machines/tor/types.ts'
import { newAuthority, newLog, newSfo } from '../test/properties/arbitraries/ct-certificates.ts'

export interface Load {
  readonly keyPath: string
  readonly requests: number
  readonly perRequest: number
  readonly circuits: number
}

const { keyPath, requests, perRequest, circuits } = workerData as Load
const port = parentPort
if (port === null) throw new Error('run bench/http.ts')

const log = newLog()
const authority = newAuthority(1, 1850)
const now = Date.now()
const bodies = Array.from({ length: requests }, (_, i) =>
  encodeSfoBody(
    Array.from({ length: perRequest }, (_, j) =>
      newSfo({ log, authority, timestamp: now - 1 - (i * perRequest + j), embedded: true, pad: 1450 }),
    ),
  ),
)
port.postMessage({ log: log.log, bytes: bodies.reduce((sum, body) => sum + body.length, 0) })

port.once('message', async ({ auditor, digest }: { auditor: Auditor; digest: string }) => {
  const identity = await readKey(keyPath)
  if (!identity.ok) throw new Error(identity.detail)
  const agents = agentPool({ maxAgents: 1024, idleMs: 1000, connectMs: 10_000, totalMs: 60_000 })
  const prove = ctrProver({ identity: identity.value, clock: systemClock, consensusDigest: () => digest })
  const client = httpAuditorClient(agents, prove)
  const signal = new AbortController().signal
  const start = performance.now()
  let next = 0
  const circuit = async () => {
    for (let i = next++; i < bodies.length; i = next++) {
      const answer = await client.report(auditor, bodies[i] as Uint8Array, `load-${i}`, signal)
      if (answer.kind !== 'ok') throw new Error(`the auditor's answer: ${JSON.stringify(answer)}`)
    }
  }
  await Promise.all(Array.from({ length: circuits }, circuit))
  port.postMessage({ seconds: (performance.now() - start) / 1000 })
  await agents.close()
})
