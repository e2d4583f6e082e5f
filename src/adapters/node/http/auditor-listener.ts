// An auditor's listener: challenge, then SFOs under the CTR's proof [AUD-101, AUD-102, AUD-103]. Invariant: 200 is sent only once
// the engine says that the submission is durable; who is no CTR loses the connection [AUD-027].
import type { AuditorApi } from '../../../effects/api.ts'
import type { Endpoint, Endpoints, Reply } from './endpoint.ts'
import { errorBody, httpErrors } from './errors.ts'
import { auditorFeedbackPath, challengePath, ctrScheme, sctFeedbackPath } from './paths.ts'

export const auditorBodyBytes = 2 * 1024 * 1024

export function auditorEndpoints(api: Pick<AuditorApi, 'challenge' | 'submit'>): Endpoints {
  const submission = feedback(api)
  return {
    [challengePath]: challenge(api),
    [sctFeedbackPath]: submission,
    [auditorFeedbackPath]: submission,
  }
}

function challenge(api: Pick<AuditorApi, 'challenge'>): Endpoint {
  return {
    method: 'POST',
    maxBodyBytes: 1024,
    handle: () => {
      const nonce = api.challenge()
      if (nonce !== null) return json(200, JSON.stringify({ nonce }))
      return { ...json(httpErrors.tooManyCircuits, errorBody('tooManyCircuits')), close: true }
    },
  }
}

function feedback(api: Pick<AuditorApi, 'submit'>): Endpoint {
  return {
    method: 'POST',
    maxBodyBytes: auditorBodyBytes,
    handle: async ({ headers, body }) => {
      const { status, error } = await api.submit(proofOf(headers.authorization), body)
      if (status === 200) return { status }
      return { ...json(status, errorBody(error ?? 'refused')), close: true }
    },
  }
}

/** The scheme's name is case-insensitive [RFC 9110 11.1]; anything else is no proof. */
export function proofOf(authorization: string | string[] | undefined): string | undefined {
  if (typeof authorization !== 'string') return undefined
  const [scheme, proof, ...rest] = authorization.split(' ')
  return scheme?.toLowerCase() === ctrScheme.toLowerCase() && rest.length === 0 ? proof : undefined
}

function json(status: number, body: string): Reply {
  return { status, contentType: 'application/json', body }
}
