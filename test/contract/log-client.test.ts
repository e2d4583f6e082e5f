// Every log client under the contract of its port: RFC 6962, static-ct, an archive, and the one that a daemon has for all of them.

import type { Agents } from '../../src/adapters/node/agents.ts'
import { agentPool } from '../../src/adapters/node/agents.ts'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { httpLogClient } from '../../src/adapters/node/log-client.ts'
import { logClients } from '../../src/adapters/node/log-clients.ts'
import { staticLogClient } from '../../src/adapters/node/static-ct/static-log-client.ts'
import { tileSource } from '../../src/adapters/node/static-ct/tile-source.ts'
import type { LogClient } from '../../src/effects/ports.ts'
import { inclusionTiles } from '../../src/machines/ct/tile-names.ts'
import { archiveOf, filledLog } from './filled-log.ts'
import { type LogUnderTest, logClientSuite } from './suites/log-client.ts'

const crypto = nodeCrypto()
const limits = { maxAgents: 8, idleMs: 10_000, connectMs: 20_000, totalMs: 60_000 }
const quiet = { count() {}, gauge() {} }
const sizes = [1, 5, 256, 257, 300]

const rfc6962 = (agents: Agents) => httpLogClient(agents)
const staticCt = (agents: Agents) =>
  staticLogClient({ crypto, metrics: quiet, cacheBytes: 1_000_000, source: tileSource(agents) })
const uncached = (agents: Agents) =>
  staticLogClient({ crypto, metrics: quiet, cacheBytes: 0, source: tileSource(agents) })
const combined = (agents: Agents) => logClients(agents, { crypto })

async function overHttp(make: (agents: Agents) => LogClient, isStatic: boolean): Promise<LogUnderTest> {
  const { devLog, leaves, sths } = await filledLog(sizes, { staticCt: isStatic })
  const agents = agentPool(limits)
  const close = async () => {
    await agents.close()
    await devLog.close()
  }
  return { client: make(agents), log: devLog.log, leaves, sths, close }
}

async function overArchive(make: (agents: Agents) => LogClient): Promise<LogUnderTest> {
  const filled = await filledLog([5, 256, 300], { staticCt: true })
  const { log, remove } = await archiveOf(filled, inclusionTiles(0, 300))
  await filled.devLog.close()
  const agents = agentPool(limits)
  return { client: make(agents), log, leaves: filled.leaves, sths: filled.sths, close: remove }
}

logClientSuite('RFC 6962 client, development log', () => overHttp(rfc6962, false))
logClientSuite('static-ct client, development log', () => overHttp(staticCt, true))
logClientSuite('static-ct client without cache', () => overHttp(uncached, true))
logClientSuite('static-ct client, archive', () => overArchive(staticCt))
logClientSuite('client of both kinds, RFC 6962', () => overHttp(combined, false))
logClientSuite('client of both kinds, static-ct', () => overHttp(combined, true))
logClientSuite('client of both kinds, archive', () => overArchive(combined))
