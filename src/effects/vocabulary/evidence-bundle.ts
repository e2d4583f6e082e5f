// Evidence bundles as a schema, for implementers: spec/schemas/evidence.json is made from it [EVID-002].
// Invariant: its output is the kernel's type; the kernel's own decoder is the judge, and takes nothing that this refuses.
import { z } from 'zod'
import {
  bundleKinds,
  type EvidenceBundle,
  longestTranscript,
  transcriptOutcomes,
} from '../../machines/ct/evidence-bundle.ts'
import { hashPath, hex32, whole } from './nouns.ts'
import type { Holds, Same } from './same.ts'

const url = z
  .string()
  .max(2008)
  .regex(/^https?:\/\/[!-~]+$/)

const log = z
  .strictObject({ logId: hex32, key: z.string(), mmd: whole, url, monitoringUrl: url.exactOptional() })
  .readonly()

const sfo = z
  .strictObject({
    x509_chain: z.array(z.string()).max(10).readonly(),
    sct_data_v1: z.array(z.string()).max(1).readonly(),
  })
  .readonly()

const transcriptEntry = z
  .strictObject({
    at: whole,
    outcome: z.enum(transcriptOutcomes),
    size: whole.exactOptional(),
    status: whole.exactOptional(),
    path: hashPath.exactOptional(),
  })
  .readonly()

export const evidenceBundle = z
  .strictObject({
    version: z.literal(1),
    kind: z.enum(bundleKinds),
    digest: hex32,
    log,
    heads: z.array(z.string()).max(2).readonly(),
    sfos: z.array(sfo).max(2).readonly(),
    inclusion: z.strictObject({ proof: z.string(), leafHash: hex32.exactOptional() }).readonly().exactOptional(),
    transcript: z.array(transcriptEntry).max(longestTranscript).readonly().exactOptional(),
    receivedAt: whole.exactOptional(),
  })
  .readonly()

export type CheckedBundle = Holds<Same<Omit<z.output<typeof evidenceBundle>, 'digest'>, EvidenceBundle>>
