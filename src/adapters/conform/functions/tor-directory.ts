// L0 functions about Tor's directory: key certificates, the consensus, the CT extension document and its votes [CONS-002 to CONS-007].
// Invariant: each one is the machines' own function behind a schema.
import { z } from 'zod'
import { ctr, hex32, whole } from '../../../effects/vocabulary/nouns.ts'
import { commitmentParams, committedDigest, consensusParamsLine } from '../../../machines/tor/commitment.ts'
import { ctrCandidates, ctrList } from '../../../machines/tor/ctr-list.ts'
import { readExtension, verifyExtension } from '../../../machines/tor/extension-document.ts'
import { readKeyCertificates } from '../../../machines/tor/key-certificate.ts'
import { readMicrodescriptors } from '../../../machines/tor/microdescriptor.ts'
import { livenessOf, parseTorConsensus, type TorConsensus } from '../../../machines/tor/tor-consensus.ts'
import { countSignatures } from '../../../machines/tor/tor-signatures.ts'
import { mergeVotes } from '../../../machines/tor/vote-merge.ts'
import { nodeCrypto } from '../../node/crypto.ts'
import { answer, bytes, type ConformFunction, define } from './define.ts'

const crypto = nodeCrypto()
const fingerprint = z.string().regex(/^[0-9a-f]{40}$/)
const int32 = z.int().min(-2_147_483_648).max(2_147_483_647)
const params = z.record(z.string(), int32)

const signed = z.strictObject({ document: bytes, certificates: bytes, authorities: z.array(fingerprint), now: whole })

export const torDirectoryFunctions: Readonly<Record<string, ConformFunction>> = {
  readKeyCertificates: define(z.strictObject({ document: bytes }), ({ document }) => {
    const read = readKeyCertificates(crypto, document)
    if (read === null) return { error: 'badKeyCertificates' }
    return { ok: { certificates: read.map((one) => (one.ok ? { ok: one.value } : { error: one.error })) } }
  }),
  parseTorConsensus: define(z.strictObject({ document: bytes }), ({ document }) =>
    answer(parseTorConsensus(crypto, document), shown),
  ),
  verifyTorConsensus: define(signed, ({ document, certificates, authorities, now }) =>
    answer(parseTorConsensus(crypto, document), (consensus) => {
      const context = { authorities, certificates: goodOf(certificates), times: [consensus.validAfter, now] }
      const { algorithm, signedDigest, signatures } = consensus
      const count = countSignatures(crypto, algorithm, signedDigest, signatures, context)
      return { ...count, liveness: livenessOf(consensus, now) }
    }),
  ),
  verifyExtension: define(signed.extend({ consensus: bytes }), ({ document, consensus, ...given }) => {
    const extended = parseTorConsensus(crypto, consensus)
    if (!extended.ok) return { error: extended.error }
    const extension = readExtension(crypto, document)
    if (!extension.ok) return { error: extension.error }
    const times = [extended.value.validAfter, given.now]
    const context = { authorities: given.authorities, certificates: goodOf(given.certificates), times }
    return answer(verifyExtension(crypto, extension.value, extended.value, context), (items) => ({
      digest: extension.value.digest,
      params: items.params ?? {},
      logs: [...items.logs.values()],
      sths: [...items.sths.values()],
      ctrs: [...items.ctrs.values()],
      auditors: [...items.auditors.values()],
    }))
  }),
  ctrList: define(
    z.strictObject({ consensus: bytes, microdescriptors: bytes, announced: z.array(ctr) }),
    ({ consensus, microdescriptors, announced }) => {
      const found = readMicrodescriptors(crypto, microdescriptors)
      if (found === null) return { error: 'tooLarge' }
      return answer(parseTorConsensus(crypto, consensus), (read) => ({
        ctrs: ctrList(ctrCandidates(read), found, announced),
      }))
    },
  ),
  commitmentParams: define(z.strictObject({ digest: hex32 }), ({ digest }) => ({
    ok: { params: commitmentParams(digest), line: consensusParamsLine(digest) },
  })),
  committedDigest: define(z.strictObject({ params }), (given) => {
    const digest = committedDigest(given.params)
    return { ok: digest === null ? {} : { digest } }
  }),
  mergeVotes: define(z.strictObject({ votes: z.array(z.string()), authorities: whole }), ({ votes, authorities }) =>
    answer(mergeVotes(crypto, votes, authorities), (content) => ({ content })),
  ),
}

function shown({ signedDigest, signatures, ...rest }: TorConsensus): object {
  return { ...rest, signatures: signatures.map(({ signature: _, ...names }) => names) }
}

function goodOf(certificates: Uint8Array) {
  return (readKeyCertificates(crypto, certificates) ?? []).flatMap((one) => (one.ok ? [one.value] : []))
}
