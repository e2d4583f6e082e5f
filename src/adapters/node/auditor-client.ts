// The port `AuditorClient`: nonce, proof to be a CTR, SFO, on one fresh circuit [RELAY-005, AUD-002]. Invariant: ok means that the
// auditor answered 200 to the SFO itself, which it does only once that is durable [AUD-027].
import type { AuditorClient } from '../../effects/ports.ts'
import type { Auditor } from '../../machines/tor/types.ts'
import type { Agents } from './agents.ts'
import { exchange } from './http/exchange.ts'
import { challengePath, challengeShape, ctrScheme, sctFeedbackPath } from './http/paths.ts'
import { misfit, parseJson } from './http/shapes.ts'

const maxReplyBytes = 4 * 1024

/** Signs an auditor's nonce (64 hex digits) as this CTR; the proof in base64, or null while there is no consensus to name. */
export type ProveCtr = (auditor: Auditor, nonce: string) => string | null

export function httpAuditorClient(agents: Agents, prove: ProveCtr): AuditorClient {
  return {
    async report(auditor, body, isolation, signal) {
      const ask = { method: 'POST', url: auditor.url + challengePath, maxAnswerBytes: maxReplyBytes } as const
      const asked = await exchange(agents, isolation, ask, signal)
      if (asked.kind !== 'ok') return asked
      const challenge = challengeShape.safeParse(parseJson(asked.value))
      if (!challenge.success) return { kind: 'malformed', detail: misfit(challenge.error) }

      const proof = prove(auditor, challenge.data.nonce)
      if (proof === null) return { kind: 'unreachable', detail: 'noConsensus' }
      const headers = { 'content-type': 'application/json', authorization: `${ctrScheme} ${proof}` }
      const url = auditor.url + sctFeedbackPath
      const sent = await exchange(
        agents,
        isolation,
        { method: 'POST', url, headers, body, maxAnswerBytes: maxReplyBytes },
        signal,
      )
      return sent.kind === 'ok' ? { kind: 'ok', value: null } : sent
    },
  }
}
