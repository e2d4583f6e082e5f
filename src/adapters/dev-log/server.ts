// Test equipment, not for operators: the development log behind a loopback listener [RFC 6962 4; WIRE-006].
// Invariant: it listens on loopback addresses alone, since whoever reaches it may tell it to misbehave.
import type { KeyObject } from 'node:crypto'
import { BlockList, isIP } from 'node:net'
import fastify, { type FastifyInstance } from 'fastify'
import { toBase64 } from '../../machines/ct/bytes.ts'
import type { Log, Sth } from '../../machines/ct/types.ts'
import { nodeCrypto } from '../node/crypto.ts'
import { type FaultInput, faultsSchema } from './fault.ts'
import { CtLog, type View } from './log.ts'
import { managementRoutes } from './management.ts'
import { monitorPath, monitorRoutes } from './monitor-routes.ts'
import { readRoutes, submissionRoutes } from './routes.ts'
import { type KeyType, newPrivateKey } from './signer.ts'
import type { Reply } from './submission.ts'
import { transportFaults } from './transport-faults.ts'

/** Durations in milliseconds. Everything has a default. */
export interface DevLogOptions {
  /** 0, the default: a free one. */
  readonly port?: number
  /** A loopback address; 127.0.0.1. */
  readonly host?: string
  readonly keyType?: KeyType
  /** P-256 or RSA; a fresh one of `keyType` where it is left out. */
  readonly key?: KeyObject
  /** 60,000. */
  readonly mmd?: number
  /** From SCT to merge: a second, or the MMD where that is less. */
  readonly mergeDelay?: number
  /** 1,000. */
  readonly sthInterval?: number
  readonly fault?: FaultInput | readonly FaultInput[]
  readonly now?: () => number
  readonly sctExtensions?: Uint8Array
  /** A static-ct log: SCTs with leaf index, checkpoint and tiles in place of the RFC 6962 read API. */
  readonly staticCt?: boolean
  readonly roots?: readonly Uint8Array[]
  readonly capacity?: number
}

export interface DevLog {
  /** As a consensus lists it. */
  readonly log: Log
  /** The log itself, for what HTTP does not offer. */
  readonly ctLog: CtLog
  /** Answers the SerializedSCT, without HTTP and its faults. */
  addChain(chain: readonly Uint8Array[]): Reply<Uint8Array>
  addPreChain(chain: readonly Uint8Array[]): Reply<Uint8Array>
  sth(view?: View): Sth
  /** Merges what may be merged, without waiting for the merge delay. */
  merge(): void
  /** Signs a new STH. */
  publish(): Sth
  /** Replaces all faults. @throws ZodError for what is none. */
  setFault(fault: FaultInput | readonly FaultInput[]): void
  close(): Promise<void>
}

/** @throws Error where `host` is no loopback address, an option contradicts another, or the port is taken. */
export async function startDevLog(options: DevLogOptions = {}): Promise<DevLog> {
  const { host = '127.0.0.1', port = 0, fault } = options
  if (!isLoopback(host))
    throw new Error(`the development log is test equipment: it listens on 127.0.0.0/8 or ::1, not on ${host}`)
  const ctLog = ctLogOf(options)
  const setFault = (given: FaultInput | readonly FaultInput[]) =>
    ctLog.setFaults(faultsSchema.parse(Array.isArray(given) ? given : [given]))
  if (fault !== undefined) setFault(fault)
  let url = ''
  const app = appOf(ctLog, options.staticCt ? () => url : null)
  url = await app.listen({ host, port })
  const { signer, mmd } = ctLog
  const monitor = options.staticCt && { monitoringUrl: url + monitorPath }
  return {
    log: { logId: signer.logId, key: toBase64(signer.spki), mmd, url, ...monitor },
    ctLog,
    addChain: (chain) => ctLog.addChain(chain),
    addPreChain: (chain) => ctLog.addPreChain(chain),
    sth: (view) => ctLog.sth(view),
    merge: () => ctLog.merge(),
    publish: () => ctLog.publish(),
    setFault,
    close: () => app.close(),
  }
}

function ctLogOf(options: DevLogOptions): CtLog {
  const { mmd = 60_000, sthInterval = 1000, now = Date.now, sctExtensions, staticCt, roots, capacity } = options
  return new CtLog({
    key: options.key ?? newPrivateKey(options.keyType ?? 'p-256'),
    mmd,
    mergeDelay: options.mergeDelay ?? Math.min(1000, mmd),
    sthInterval,
    now,
    ...(sctExtensions && { sctExtensions }),
    ...(staticCt && { staticCt }),
    ...(roots && { roots }),
    ...(capacity !== undefined && { capacity }),
  })
}

/** `url`: of a static-ct log, what it will listen at. */
function appOf(ctLog: CtLog, url: (() => string) | null): FastifyInstance {
  const app = fastify({
    bodyLimit: 1_048_576,
    requestTimeout: 30_000,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
  })
  app.server.maxConnections = 1000
  // Logs take a body for JSON whatever its type says.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
  app.setErrorHandler((error: { statusCode?: number; message?: string }, _request, reply) =>
    reply
      .code(error.statusCode ?? 500)
      .type('text/plain')
      .send(`${error.message}\n`),
  )
  app.setNotFoundHandler((_request, reply) => reply.code(404).type('text/plain').send('no such endpoint\n'))
  app.register(async (ct) => {
    transportFaults(ct, ctLog)
    submissionRoutes(ct, ctLog)
    if (url === null) readRoutes(ct, ctLog)
    else monitorRoutes(ct, ctLog, nodeCrypto(), url)
  })
  managementRoutes(app, ctLog)
  return app
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** An address, of 127.0.0.0/8 or ::1. */
export function isLoopback(host: string): boolean {
  const family = isIP(host)
  return family !== 0 && loopback.check(host, family === 6 ? 'ipv6' : 'ipv4')
}
