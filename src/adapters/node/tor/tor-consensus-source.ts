// A `ConsensusSource` over the Tor consensus and its CT extension document [CONS-002 to CONS-008].
// Invariant: what it answers was signed twice by more than half of the configured authorities, once in the consensus that commits
// to the extension and once in the extension that names the consensus, and is live by this clock.
import type { Answer, Clock, ConsensusError, ConsensusSource } from '../../../effects/ports.ts'
import type { Crypto, Result } from '../../../machines/ct/types.ts'
import { ctrCandidates, ctrList } from '../../../machines/tor/ctr-list.ts'
import { type ExtensionError, readExtension, verifyExtension } from '../../../machines/tor/extension-document.ts'
import { livenessOf, parseTorConsensus, type TorConsensus } from '../../../machines/tor/tor-consensus.ts'
import { countSignatures } from '../../../machines/tor/tor-signatures.ts'
import type { Consensus, Ctr } from '../../../machines/tor/types.ts'
import { type CertificateCache, certificateCache } from './certificate-cache.ts'
import type { TorDirectory } from './directory.ts'
import type { ExtensionSource } from './extension-source.ts'
import { type MicrodescriptorCache, microdescriptorCache } from './microdescriptor-cache.ts'

export interface TorConsensusOptions {
  readonly directory: TorDirectory
  /** The extension document's bytes, at most `maxExtensionBytes`. */
  readonly extension: ExtensionSource
  /** Fingerprints of the authorities' identity keys, 40 hex digits in lower case. */
  readonly authorities: readonly string[]
  readonly crypto: Crypto
  readonly clock: Pick<Clock, 'now'>
  /** Where key certificates outlive a restart. */
  readonly certificatesPath?: string
}

interface Parts extends TorConsensusOptions {
  readonly certificates: CertificateCache
  readonly microdescriptors: MicrodescriptorCache
}

type Outcome<T> = Result<T, ConsensusError>

export function torConsensusSource(options: TorConsensusOptions): ConsensusSource {
  const { certificatesPath: path, ...rest } = options
  const certificates = certificateCache({ ...rest, ...(path !== undefined && { path }) })
  const parts = { ...options, certificates, microdescriptors: microdescriptorCache(options) }
  return {
    async newer(newerThan, signal) {
      const consensus = await fetchConsensus(parts, signal)
      if (!consensus.ok) return consensus
      const liveness = livenessOf(consensus.value, options.clock.now())
      if (liveness !== 'live') return refuse('notLive', `consensus: ${liveness}`)
      if (newerThan !== null && consensus.value.validAfter <= newerThan) return { ok: true, value: null }
      const verified = await verify(parts, consensus.value, signal)
      return verified.ok ? extend(parts, consensus.value, signal) : verified
    },
  }
}

async function fetchConsensus({ directory, crypto }: Parts, signal: AbortSignal): Promise<Outcome<TorConsensus>> {
  const answer = received('consensus', await directory.consensus('microdesc', signal))
  if (!answer.ok) return answer
  const parsed = parseTorConsensus(crypto, answer.value)
  return parsed.ok ? parsed : refuse('malformed', `consensus: ${parsed.detail}`)
}

async function verify(parts: Parts, consensus: TorConsensus, signal: AbortSignal): Promise<Outcome<null>> {
  const { algorithm, signedDigest, signatures } = consensus
  const now = parts.clock.now()
  const context = await parts.certificates.contextFor(signatures, [consensus.validAfter, now], signal)
  const { signed, good, configured } = countSignatures(parts.crypto, algorithm, signedDigest, signatures, context)
  if (!signed) return refuse('badSignature', `consensus: ${good} good signatures of ${configured} authorities`)
  return { ok: true, value: null }
}

async function extend(parts: Parts, consensus: TorConsensus, signal: AbortSignal): Promise<Outcome<Consensus>> {
  const { crypto, clock, certificates } = parts
  const answer = received('extension', await parts.extension(signal))
  if (!answer.ok) return answer
  const extension = readExtension(crypto, answer.value)
  if (!extension.ok) return refuse('malformed', `extension: ${extension.detail}`)
  const { signatures, digest } = extension.value
  const context = await certificates.contextFor(signatures, [consensus.validAfter, clock.now()], signal)
  const items = verifyExtension(crypto, extension.value, consensus, context)
  if (!items.ok) return refuse(codeOf(items.error), `extension: ${items.detail}`)
  const { logs, sths, auditors } = items.value
  const ctrs = await ctrsOf(parts, consensus, [...items.value.ctrs.values()], signal)
  if (!ctrs.ok) return ctrs
  const { validAfter, freshUntil, validUntil } = consensus
  const lists = { logs: [...logs.values()], sths: [...sths.values()], auditors: [...auditors.values()] }
  return { ok: true, value: { digest, validAfter, freshUntil, validUntil, ...lists, ctrs: ctrs.value } }
}

async function ctrsOf(
  { microdescriptors }: Parts,
  consensus: TorConsensus,
  announced: readonly Ctr[],
  signal: AbortSignal,
): Promise<Outcome<readonly Ctr[]>> {
  if (announced.length === 0) return { ok: true, value: [] }
  const candidates = ctrCandidates(consensus)
  const found = received('microdescriptors', await microdescriptors.of(candidates, signal))
  return found.ok ? { ok: true, value: ctrList(candidates, found.value, announced) } : found
}

function codeOf(error: ExtensionError): ConsensusError {
  return error === 'otherConsensus' || error === 'notCommitted' || error === 'notSigned' ? error : 'malformed'
}

function received<T>(what: string, answer: Answer<T>): Outcome<T> {
  if (answer.kind === 'ok') return { ok: true, value: answer.value }
  if (answer.kind === 'malformed') return refuse('malformed', `${what}: ${answer.detail}`)
  return refuse('unavailable', `${what}: ${answer.kind === 'refused' ? `status ${answer.status}` : answer.detail}`)
}

function refuse(error: ConsensusError, detail: string): Result<never, ConsensusError> {
  return { ok: false, error, detail }
}
