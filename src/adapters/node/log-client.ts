// The port `LogClient`: RFC 6962 4.4 and 4.5 over HTTP, the same request shape for a CTR and an auditor [WIRE-006, AUD-014].
// Invariant: an answer is bounded in bytes and time and has the RFC's exact shape; nothing in it is verified here.
import { z } from 'zod'
import type { Answer, Isolation, LogClient } from '../../effects/ports.ts'
import { fromHex, toBase64 } from '../../machines/ct/bytes.ts'
import { decodeSthJson } from '../../machines/ct/sth.ts'
import type { Agents } from './agents.ts'
import { exchange } from './http/exchange.ts'
import { base64Hash, maxPathLength, misfit, parseJson, size } from './http/shapes.ts'

/** A proof of 64 hashes is 3 kB; the rest is room for white space. */
export const maxAnswerBytes = 64 * 1024

/** RFC 6962 4.5. Unknown keys are ignored: logs add some. */
export const proofByHashShape = z.object({
  leaf_index: size,
  audit_path: z.array(base64Hash).max(maxPathLength),
})

/** RFC 6962 4.4. */
export const consistencyShape = z.object({ consistency: z.array(base64Hash).max(maxPathLength + 1) })

export function httpLogClient(agents: Agents): LogClient {
  const get = async <T>(
    url: string,
    shape: z.ZodType<T>,
    isolation: Isolation,
    signal: AbortSignal,
  ): Promise<Answer<T>> => {
    const answer = await exchange(agents, isolation, { method: 'GET', url, maxAnswerBytes }, signal)
    if (answer.kind !== 'ok') return answer
    const parsed = shape.safeParse(parseJson(answer.value))
    return parsed.success ? { kind: 'ok', value: parsed.data } : { kind: 'malformed', detail: misfit(parsed.error) }
  }

  return {
    async getInclusion(log, { leafHash }, sth, isolation, signal) {
      const query = new URLSearchParams({ hash: toBase64(fromHex(leafHash)), tree_size: String(sth.size) })
      const answer = await get(`${log.url}/ct/v1/get-proof-by-hash?${query}`, proofByHashShape, isolation, signal)
      if (answer.kind !== 'ok') return answer
      return { kind: 'ok', value: { leafIndex: answer.value.leaf_index, path: answer.value.audit_path } }
    },

    async getSthConsistency(log, first, second, isolation, signal) {
      // Every tree extends the empty one, and logs answer 400 to first=0.
      if (first.size === 0) return { kind: 'ok', value: [] }
      const url = `${log.url}/ct/v1/get-sth-consistency?first=${first.size}&second=${second.size}`
      const answer = await get(url, consistencyShape, isolation, signal)
      return answer.kind === 'ok' ? { kind: 'ok', value: answer.value.consistency } : answer
    },

    async getSth(log, isolation, signal) {
      const answer = await get(`${log.url}/ct/v1/get-sth`, z.unknown(), isolation, signal)
      if (answer.kind !== 'ok') return answer
      const sth = decodeSthJson(log.logId, answer.value)
      return sth.ok ? { kind: 'ok', value: sth.value } : { kind: 'malformed', detail: sth.error }
    },
  }
}
