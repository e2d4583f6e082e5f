// L0 function about evidence bundles [EVID-002 to EVID-014].
// Invariant: the kernel's own function behind a schema; a list that is absent is no list, not an empty one.
import { z } from 'zod'
import { log } from '../../../effects/vocabulary/nouns.ts'
import { utf8 } from '../../../machines/ct/bytes.ts'
import { verifyEvidence } from '../../../machines/ct/evidence.ts'
import { nodeCrypto } from '../../node/crypto.ts'
import { answer, type ConformFunction, define } from './define.ts'

const crypto = nodeCrypto()

export const evidenceFunctions: Readonly<Record<string, ConformFunction>> = {
  verifyEvidence: define(z.strictObject({ bundle: z.string(), logs: z.array(log).exactOptional() }), (given) =>
    answer(verifyEvidence(crypto, utf8(given.bundle), given.logs ?? null), (verdict) => verdict),
  ),
}
