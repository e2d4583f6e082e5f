// Schemas of the nouns that both vocabularies share [WIRE-010, WIRE-011, CONS-001]. Invariant: what parses is a value of the
// machines' type, in canonical spelling (lower-case hex, safe integers) and of bounded size.
import { z } from 'zod'
import type { InclusionProof, Log, ProofPair, Sth } from '../../machines/ct/types.ts'
import { outcomes } from '../../machines/ct/types.ts'
import type { Auditor, Consensus, Ctr } from '../../machines/tor/types.ts'
import type { Holds, Same } from './same.ts'

/** 32 bytes. */
export const hex32 = z.string().regex(/^[0-9a-f]{64}$/)
export const hexBytes = z
  .string()
  .max(4096)
  .regex(/^(?:[0-9a-f]{2})*$/)
export const leafId = z.string().regex(/^[0-9a-f]{64}:[0-9a-f]{64}$/)
/** Milliseconds since the epoch, sizes and counts: 0 to 2^53-1. */
export const whole = z.int().nonnegative()
export const outcome = z.enum(outcomes)
/** Uniform 32-bit unsigned integers. */
export const draw = z.array(z.int().min(0).max(0xffffffff)).readonly()
export const at = { at: whole }

const url = z.string().min(1).max(2048)
/** A tree of 2^53 leaves has paths of 53 hashes; a consistency proof one more. */
export const hashPath = z.array(hex32).max(64).readonly()

export const sth = z
  .strictObject({ logId: hex32, timestamp: whole, size: whole, root: hex32, signature: hexBytes })
  .readonly()

export const inclusionProof = z.strictObject({ leafIndex: whole, path: hashPath }).readonly()

export const proofPair = z.strictObject({ leafId, sth, proof: inclusionProof }).readonly()

export const log = z
  .strictObject({ logId: hex32, key: z.string().max(4096), mmd: whole, url, monitoringUrl: z.exactOptional(url) })
  .readonly()

export const ctr = z.strictObject({ ctrId: hex32, url, family: z.array(hex32).readonly() }).readonly()

export const auditor = z.strictObject({ auditorId: hex32, key: hex32, url }).readonly()

export const consensus = z
  .strictObject({
    digest: hex32,
    validAfter: whole,
    freshUntil: whole,
    validUntil: whole,
    logs: z.array(log).readonly(),
    sths: z.array(sth).readonly(),
    ctrs: z.array(ctr).readonly(),
    auditors: z.array(auditor).readonly(),
  })
  .readonly()

export type CheckedNouns = readonly [
  Holds<Same<z.output<typeof sth>, Sth>>,
  Holds<Same<z.output<typeof inclusionProof>, InclusionProof>>,
  Holds<Same<z.output<typeof proofPair>, ProofPair>>,
  Holds<Same<z.output<typeof log>, Log>>,
  Holds<Same<z.output<typeof ctr>, Ctr>>,
  Holds<Same<z.output<typeof auditor>, Auditor>>,
  Holds<Same<z.output<typeof consensus>, Consensus>>,
]
