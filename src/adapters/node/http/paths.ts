// The well-known paths, and the small messages that are no SFO [gossip-05 8.1.4, RELAY-023, AUD-002, WIRE-007].
// Invariant: client and listener take path and shape from here, so they cannot drift apart.
import { z } from 'zod'

export const sctFeedbackPath = '/.well-known/ct-gossip/v1/sct-feedback'
/** The spelling of gossip-05 8.1.2; an auditor serves both. */
export const auditorFeedbackPath = '/ct-gossip/v1/sct-feedback'
export const onionAddressPath = '/.well-known/ctor/v1/onion-address'
export const proofsPath = '/.well-known/ctor/v1/proofs'
export const challengePath = '/.well-known/ctor/v1/challenge'

/** 0: from a client; 1: from a CTR. Absent means 0. */
export const hopsHeader = 'ctor-hops'
/** The CTR's proof follows, in base64. */
export const ctrScheme = 'CTor-CTR'

export const onionAddressShape = z.strictObject({ address: z.string().max(128) })
export const challengeShape = z.strictObject({ nonce: z.string().regex(/^[0-9a-f]{64}$/) })
