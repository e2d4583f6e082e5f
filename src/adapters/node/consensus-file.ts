// A `ConsensusSource` that reads one signed file [CONS-001, decision 0007]. Invariant: it answers only what more than half of
// the configured authorities signed and what is live by this clock; a file that did not change is not read again.
import { open } from 'node:fs/promises'
import type { Clock, ConsensusError, ConsensusSource } from '../../effects/ports.ts'
import { fromUtf8 } from '../../machines/ct/bytes.ts'
import type { Crypto, Result } from '../../machines/ct/types.ts'
import { documentErrors, maxDocumentBytes, parseConsensusDocument } from '../../machines/tor/consensus-document.ts'
import { livenessOf } from '../../machines/tor/tor-consensus.ts'
import type { Consensus } from '../../machines/tor/types.ts'
import { readOpen } from './bounded-file.ts'

export interface ConsensusFileOptions {
  /** Whoever writes the file replaces it by renaming: one that is half written is malformed, until it is whole. */
  readonly path: string
  /** Ed25519 keys, 64 hex digits each. */
  readonly authorities: readonly string[]
  readonly crypto: Crypto
  readonly clock: Pick<Clock, 'now'>
}

interface Cached {
  /** Inode, modification time in nanoseconds, size. */
  readonly version: string
  readonly consensus: Result<Consensus, ConsensusError>
}

export function consensusFile(options: ConsensusFileOptions): ConsensusSource {
  let cached: Cached | null = null
  return {
    async newer(newerThan, signal) {
      signal.throwIfAborted()
      const read = await readIfChanged(options, cached)
      signal.throwIfAborted()
      if (!read.ok) return read
      cached = read.value
      const { consensus } = cached
      if (!consensus.ok) return consensus
      const { validAfter, validUntil } = consensus.value
      const now = options.clock.now()
      if (livenessOf(consensus.value, now) !== 'live') {
        return refuse('notLive', `valid from ${validAfter} until ${validUntil}, and it is ${now}`)
      }
      return newerThan !== null && validAfter <= newerThan ? { ok: true, value: null } : consensus
    },
  }
}

async function readIfChanged(
  options: ConsensusFileOptions,
  cached: Cached | null,
): Promise<Result<Cached, ConsensusError>> {
  try {
    await using file = await open(options.path)
    const { ino, mtimeNs, size } = await file.stat({ bigint: true })
    const version = `${ino} ${mtimeNs} ${size}`
    if (cached?.version === version) return { ok: true, value: cached }
    const read = await readOpen(file, maxDocumentBytes)
    const consensus = read.kind === 'ok' ? parse(options, read.value) : refuse('malformed', documentErrors.tooLarge)
    return { ok: true, value: { version, consensus } }
  } catch (error) {
    return refuse('unavailable', (error as Error).message)
  }
}

function parse({ crypto, authorities }: ConsensusFileOptions, bytes: Uint8Array): Result<Consensus, ConsensusError> {
  const text = fromUtf8(bytes)
  if (text === null) return refuse('malformed', 'not UTF-8')
  const document = parseConsensusDocument(crypto, text, authorities)
  if (!document.ok) return refuse(document.error === 'badSignature' ? 'badSignature' : 'malformed', document.detail)
  const { params: _params, torConsensus: _torConsensus, ...consensus } = document.value
  return { ok: true, value: consensus }
}

function refuse(error: ConsensusError, detail: string): Result<never, ConsensusError> {
  return { ok: false, error, detail }
}
