// L0 functions about tree heads, proofs, due times and challenges [WIRE-004, 005, 006, 009, 012; RELAY-004, RELAY-007].
// Invariant: each one is the kernel's own function behind a schema; lists of tree heads may come in any order.
import { z } from 'zod'
import {
  hex32,
  hexBytes,
  inclusionProof,
  leafId,
  log,
  proofPair,
  sth,
  whole,
} from '../../../effects/vocabulary/nouns.ts'
import { judgeInclusion, verifyPair } from '../../../machines/ct/challenge.ts'
import { dueAt, firstDueSth, latestSth } from '../../../machines/ct/due.ts'
import { verifyConsistency, verifyInclusion } from '../../../machines/ct/merkle.ts'
import { compareSth, decodeSthJson, sthSignatureInput, verifySth } from '../../../machines/ct/sth.ts'
import type { Answer, InclusionAnswer } from '../../../machines/ct/types.ts'
import { nodeCrypto } from '../../node/crypto.ts'
import { decodeProofSet } from '../../node/http/proof-set.ts'
import { parseJson } from '../../node/http/shapes.ts'
import { answer, anyNumber, bytes, type ConformFunction, define } from './define.ts'

const crypto = nodeCrypto()

/** Not checked for their form: that is what the functions do. */
const path = z.array(z.string())
const sths = z.array(sth)

const logAnswer = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ok'), value: inclusionProof.unwrap().extend({ leafHash: hex32.exactOptional() }) }),
  z.strictObject({ kind: z.literal('unreachable') }),
  z.strictObject({ kind: z.literal('refused'), status: whole }),
  z.strictObject({ kind: z.literal('malformed') }),
])

/** The sentence for people decides nothing. */
function answered(given: z.output<typeof logAnswer>): Answer<InclusionAnswer> {
  return given.kind === 'ok' || given.kind === 'refused' ? given : { ...given, detail: '' }
}

const inclusion = z.strictObject({
  leafHash: z.string(),
  leafIndex: anyNumber,
  size: anyNumber,
  root: z.string(),
  path,
})

const consistency = z.strictObject({ size1: anyNumber, root1: z.string(), size2: anyNumber, root2: z.string(), path })

const holds = () => ({})

export const proofFunctions: Readonly<Record<string, ConformFunction>> = {
  verifyInclusion: define(inclusion, (given) => answer(verifyInclusion(crypto, given), holds)),
  verifyConsistency: define(consistency, (given) => answer(verifyConsistency(crypto, given), holds)),
  sthSignatureInput: define(z.strictObject({ timestamp: whole, size: whole, root: hex32 }), (given) => ({
    ok: { bytes: sthSignatureInput(given) },
  })),
  verifySth: define(z.strictObject({ log, sth: sth.unwrap().extend({ signature: hexBytes }) }), (given) => ({
    ok: { valid: verifySth(crypto, given.log, given.sth) },
  })),
  decodeSth: define(z.strictObject({ logId: hex32, body: bytes }), ({ logId, body }) =>
    answer(decodeSthJson(logId, parseJson(body)), (value) => value),
  ),
  decodeProofSet: define(z.strictObject({ body: bytes, limit: whole }), ({ body, limit }) =>
    answer(decodeProofSet(body, limit), (pairs) => ({ pairs })),
  ),
  dueAt: define(
    z
      .strictObject({ sctTimestamp: whole, mmd: whole, receivedAt: whole })
      .refine((given) => Number.isSafeInteger(dueAt(given.sctTimestamp, given.mmd, given.receivedAt)), 'too late'),
    (given) => ({ ok: { dueAt: dueAt(given.sctTimestamp, given.mmd, given.receivedAt) } }),
  ),
  firstDueSth: define(z.strictObject({ sths, dueAt: whole, leafIndex: whole.exactOptional() }), (given) => ({
    ok: { sth: firstDueSth(given.sths.toSorted(compareSth), given.dueAt, given.leafIndex) },
  })),
  latestSth: define(z.strictObject({ sths }), (given) => ({ ok: { sth: latestSth(given.sths) } })),
  judgeInclusion: define(
    z.strictObject({ leafId, sctTimestamp: whole, leafIndex: whole.exactOptional(), sth, answer: logAnswer }),
    ({ sth: asked, answer: given, ...about }) => ({
      ok: judgeInclusion(crypto, about, asked, answered(given)),
    }),
  ),
  verifyPair: define(z.strictObject({ pair: proofPair, ownSths: sths }), ({ pair, ownSths }) => ({
    ok: { valid: verifyPair(crypto, pair, ownSths) },
  })),
}
