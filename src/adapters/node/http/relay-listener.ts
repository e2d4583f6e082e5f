// A relay's listeners: the SFO and address API for everyone, and the proof set behind its onion service [RELAY-111, RELAY-112,
// RELAY-113]. Invariant: the answer to an SFO in the format is 200 with an empty body, whatever the relay thinks of it; or 503, whatever
// the SFO, where no consensus is live.
import type { RelayApi } from '../../../effects/api.ts'
import type { SfoError } from '../../../machines/ct/errors.ts'
import type { Endpoint, Endpoints, Incoming, Reply } from './endpoint.ts'
import { errorBody, type HttpError, httpErrors } from './errors.ts'
import { hopsHeader, onionAddressPath, onionAddressShape, proofsPath, sctFeedbackPath } from './paths.ts'
import { encodeProofSet } from './proof-set.ts'
import { parseJson } from './shapes.ts'

export const relayBodyBytes = 64 * 1024
export const proofSetBytes = 1024 * 1024

const accepted: Reply = { status: 200 }

/** What only validation knows must not be told apart from acceptance, also if a decoder should say it [RELAY-012]. */
const unspoken: ReadonlySet<string> = new Set<SfoError>([
  'unknownLog',
  'badSctSignature',
  'badChainSignature',
  'futureSct',
])

export function relayEndpoints(api: Pick<RelayApi, 'submit' | 'offerAddress'>): Endpoints {
  return { [sctFeedbackPath]: feedback(api), [onionAddressPath]: onionAddress(api) }
}

function feedback(api: Pick<RelayApi, 'submit'>): Endpoint {
  return {
    method: 'POST',
    maxBodyBytes: relayBodyBytes,
    handle: ({ headers, body }) => {
      const hops = hopsOf(headers)
      if (hops === null) return refused('badHops')
      const result = api.submit(body, hops)
      if (!result.ok && result.error === 'noLiveConsensus') return refused(result.error)
      if (result.ok || unspoken.has(result.error)) return accepted
      return { status: 400, contentType: 'application/json', body: errorBody(result.error) }
    },
  }
}

function hopsOf(headers: Incoming['headers']): 0 | 1 | null {
  switch (headers[hopsHeader]) {
    case undefined:
    case '0':
      return 0
    case '1':
      return 1
    default:
      return null
  }
}

function onionAddress(api: Pick<RelayApi, 'offerAddress'>): Endpoint {
  return {
    method: 'POST',
    maxBodyBytes: 1024,
    handle: ({ body }) => {
      const message = onionAddressShape.safeParse(parseJson(body))
      if (!message.success || !api.offerAddress(message.data.address)) return refused('badAddress')
      return accepted
    },
  }
}

/** `serves`: whether a Host header names an onion service of this relay that is still alive. */
export function proofEndpoints(api: Pick<RelayApi, 'proofs'>, serves: (host: string) => boolean): Endpoints {
  return {
    [proofsPath]: {
      method: 'GET',
      maxBodyBytes: 0,
      handle: ({ headers }) => {
        if (!serves(String(headers.host ?? ''))) return refused('notFound')
        const body = encodeProofSet(api.proofs(), proofSetBytes)
        return { status: 200, contentType: 'application/json', body }
      },
    },
  }
}

function refused(error: HttpError): Reply {
  return { status: httpErrors[error], contentType: 'application/json', body: errorBody(error), close: true }
}
