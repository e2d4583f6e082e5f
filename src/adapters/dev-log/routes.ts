// Test equipment, not for operators: the endpoints of a log under /ct/v1/ [RFC 6962 4.1 to 4.7; WIRE-006].
// Invariant: a refusal is an HTTP status with text, so that "not found" and an outage look as they do with real logs.
import type { FastifyInstance, FastifyReply } from 'fastify'
import * as z from 'zod'
import { fromBase64, fromHex, toBase64, toHex } from '../../machines/ct/bytes.ts'
import { decodeSct } from '../../machines/ct/sct.ts'
import { encodeSthJson } from '../../machines/ct/sth.ts'
import type { CtLog } from './log.ts'
import { maxChainLength, type Reply, refuse } from './submission.ts'

const count = z
  .string()
  .regex(/^[0-9]{1,16}$/)
  .transform(Number)
  .refine(Number.isSafeInteger)
const base64 = z.string().transform((text, context) => {
  const bytes = fromBase64(text)
  if (bytes !== null) return bytes
  context.addIssue({ code: 'custom', message: 'not base64' })
  return z.NEVER
})

const proofQuery = z.object({
  hash: base64.refine((bytes) => bytes.length === 32, 'not 32 bytes'),
  tree_size: count,
})
const consistencyQuery = z.object({ first: count, second: count })
const entriesQuery = z.object({ start: count, end: count })
const chainBody = z.object({ chain: z.array(base64).min(1).max(maxChainLength) })

export function readRoutes(app: FastifyInstance, log: CtLog): void {
  app.get('/ct/v1/get-sth', async () => encodeSthJson(log.handOutSth()))

  app.get('/ct/v1/get-sth-consistency', async (request, reply) =>
    answer(reply, consistencyQuery.safeParse(request.query), ({ first, second }) =>
      mapped(log.consistency(first, second), (path) => ({ consistency: path.map(hexToBase64) })),
    ),
  )

  app.get('/ct/v1/get-proof-by-hash', async (request, reply) =>
    answer(reply, proofQuery.safeParse(request.query), ({ hash, tree_size }) =>
      mapped(log.proofByHash(toHex(hash), tree_size), ({ leafIndex, path }) => ({
        leaf_index: leafIndex,
        audit_path: path.map(hexToBase64),
      })),
    ),
  )

  app.get('/ct/v1/get-entries', async (request, reply) =>
    answer(reply, entriesQuery.safeParse(request.query), ({ start, end }) =>
      mapped(log.entries(start, end), (entries) => ({
        entries: entries.map(({ leaf, extraData }) => ({
          leaf_input: toBase64(leaf),
          extra_data: toBase64(extraData),
        })),
      })),
    ),
  )
}

/** Those that a static-ct log has too. */
export function submissionRoutes(app: FastifyInstance, log: CtLog): void {
  app.get('/ct/v1/get-roots', async () => ({ certificates: log.roots().map(toBase64) }))

  app.post('/ct/v1/add-chain', async (request, reply) =>
    answer(reply, chainBody.safeParse(jsonOf(request.body)), ({ chain }) => mapped(log.addChain(chain), sctJson)),
  )

  app.post('/ct/v1/add-pre-chain', async (request, reply) =>
    answer(reply, chainBody.safeParse(jsonOf(request.body)), ({ chain }) => mapped(log.addPreChain(chain), sctJson)),
  )
}

function answer<Q>(
  reply: FastifyReply,
  given: z.ZodSafeParseResult<Q>,
  ask: (query: Q) => Reply<object>,
): FastifyReply {
  const replied = given.success ? ask(given.data) : refuse(400, z.prettifyError(given.error))
  if (replied.ok) return reply.send(replied.value)
  return reply.code(replied.status).type('text/plain').send(`${replied.detail}\n`)
}

function mapped<A>(reply: Reply<A>, change: (value: A) => object): Reply<object> {
  return reply.ok ? { ok: true, value: change(reply.value) } : reply
}

/** The members of add-chain's answer [RFC 6962 4.1]. @throws Error for what is no SCT: a defect of the log. */
function sctJson(bytes: Uint8Array): object {
  const sct = decodeSct(bytes)
  if (!sct.ok) throw new Error(sct.detail)
  const { logId, timestamp, extensions, signature } = sct.value
  const signed = bytes.subarray(bytes.length - signature.length - 4)
  return {
    sct_version: 0,
    id: hexToBase64(logId),
    timestamp,
    extensions: toBase64(extensions),
    signature: toBase64(signed),
  }
}

function hexToBase64(hex: string): string {
  return toBase64(fromHex(hex))
}

/** Undefined, which no schema accepts, where the body is no JSON. */
export function jsonOf(body: unknown): unknown {
  try {
    return JSON.parse(String(body))
  } catch {
    return undefined
  }
}
