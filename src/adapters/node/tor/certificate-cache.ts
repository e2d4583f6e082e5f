// Key certificates of the configured authorities, fetched when a document needs one that is not there [CONS-003, CONS-008.3].
// Invariant: a certificate that is kept has been verified, and drives out none of another authority; the file holds documents as received, and
// is verified again when read.
import { rename, writeFile } from 'node:fs/promises'
import type { Crypto } from '../../../machines/ct/types.ts'
import { certificateLimits, type KeyCertificate, readKeyCertificates } from '../../../machines/tor/key-certificate.ts'
import { lacksCertificates, type SignatureContext, type TorSignature } from '../../../machines/tor/tor-signatures.ts'
import { readBounded } from '../bounded-file.ts'
import type { TorDirectory } from './directory.ts'

export interface CertificateCache {
  /** The context to verify these signatures in; certificates were fetched if one of a configured authority was missing. */
  contextFor(
    signatures: readonly TorSignature[],
    times: readonly number[],
    signal: AbortSignal,
  ): Promise<SignatureContext>
}

export interface CertificateCacheOptions {
  readonly directory: TorDirectory
  /** Fingerprints of the authorities' identity keys, 40 hex digits in lower case. */
  readonly authorities: readonly string[]
  readonly crypto: Crypto
  /** File that outlives a restart; without it they are fetched anew. */
  readonly path?: string
}

export function certificateCache({ directory, authorities, crypto, path }: CertificateCacheOptions): CertificateCache {
  const known = new Map<string, KeyCertificate>()
  const share = Math.max(1, Math.floor(certificateLimits.certificates / authorities.length))
  let fileRead = path === undefined

  /** How many of a document were good and of a configured authority. */
  function take(document: Uint8Array): number {
    const good = (readKeyCertificates(crypto, document) ?? [])
      .flatMap((one) => (one.ok ? [one.value] : []))
      .filter(({ identity }) => authorities.includes(identity))
    for (const one of good) known.set(`${one.identity} ${one.signingKeyDigest} ${one.publishedAt}`, one)
    return good.length
  }

  /** Of each authority its newest, no more than its share. */
  function prune() {
    for (const authority of authorities) {
      const own = [...known].filter(([, { identity }]) => identity === authority)
      own.sort(([, a], [, b]) => b.publishedAt - a.publishedAt)
      for (const [key] of own.slice(share)) known.delete(key)
    }
  }

  async function readFile(from: string): Promise<void> {
    const read = await readBounded(from, certificateLimits.documentBytes)
    if (read.kind === 'ok') take(read.value)
  }

  async function fetch(signal: AbortSignal): Promise<void> {
    const answer = await directory.certificates(signal)
    if (answer.kind !== 'ok' || take(answer.value) === 0) return
    prune()
    // A cache that cannot be written costs a fetch at the next start, and nothing else.
    if (path !== undefined) await replace(path, answer.value).catch(() => {})
  }

  return {
    async contextFor(signatures, times, signal) {
      const context = () => ({ authorities, certificates: [...known.values()], times })
      if (!fileRead && path !== undefined) await readFile(path)
      fileRead = true
      if (lacksCertificates(signatures, context())) await fetch(signal)
      return context()
    },
  }
}

async function replace(path: string, bytes: Uint8Array): Promise<void> {
  await writeFile(`${path}.new`, bytes, { mode: 0o600 })
  await rename(`${path}.new`, path)
}
