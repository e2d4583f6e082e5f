// Who a relay daemon is, and how it proves it [WIRE-008, AUD-002]: with an identity of its own, with a tor relay's keys, or with a key to which
// that relay delegated. Invariant: what expires or is replaced on disk is read when it is used, without a restart.
import type { Clock } from '../../effects/ports.ts'
import type { Crypto, Result } from '../../machines/ct/types.ts'
import { ctrProofMessage, encodeCtrProof } from '../../machines/tor/ctr-proof.ts'
import type { CtrId } from '../../machines/tor/types.ts'
import type { ProveCtr } from './auditor-client.ts'
import { ctrIdOf, ctrProver, readKey } from './ctr-key.ts'
import { readDelegation } from './tor/delegation.ts'
import { readRelaySigningKey } from './tor/relay-keys.ts'

/** `path`: an Ed25519 key, itself the identity unless there is a `delegation`; or `torKeys`: a relay's key folder. */
export interface CtrKeyPlace {
  readonly path?: string | undefined
  readonly delegation?: string | undefined
  readonly torKeys?: string | undefined
}

export interface CtrIdentity {
  readonly ctrId: CtrId
  /** Milliseconds: when what this proves with expires, or null where it renews itself. */
  readonly expiresAt: number | null
  prover(consensusDigest: () => string | null): ProveCtr
}

export async function ctrIdentity(
  place: CtrKeyPlace,
  crypto: Crypto,
  clock: Pick<Clock, 'now'>,
): Promise<Result<CtrIdentity, string>> {
  if (place.torKeys !== undefined) return ofRelay(place.torKeys, crypto, clock)
  const read = await readKey(place.path ?? '')
  if (!read.ok) return read
  const key = read.value
  if (place.delegation !== undefined) {
    const { sign, publicKey } = key
    return ofDelegate(place.delegation, { sign, publicKey }, crypto, clock)
  }
  return {
    ok: true,
    value: {
      ctrId: ctrIdOf(key),
      expiresAt: null,
      prover: (consensusDigest) => ctrProver({ identity: key, clock, consensusDigest }),
    },
  }
}

function ofRelay(folder: string, crypto: Crypto, clock: Pick<Clock, 'now'>): Result<CtrIdentity, string> {
  const read = () => readRelaySigningKey(crypto, folder, clock.now())
  const first = read()
  if (!first.ok) return first
  const { ctrId, expiresAt } = first.value
  const prover = (consensusDigest: () => string | null): ProveCtr => {
    return (auditor, nonce) => {
      const [digest, key] = [consensusDigest(), read()]
      if (digest === null || !key.ok || key.value.ctrId !== ctrId) return null
      const { certificate, sign } = key.value
      return encodeCtrProof({ nonce, ctrId, certificate, signature: sign(ctrProofMessage(auditor.key, nonce, digest)) })
    }
  }
  return { ok: true, value: { ctrId, expiresAt, prover } }
}

function ofDelegate(
  path: string,
  key: { readonly publicKey: Uint8Array; readonly sign: (message: Uint8Array) => Uint8Array },
  crypto: Crypto,
  clock: Pick<Clock, 'now'>,
): Result<CtrIdentity, string> {
  const read = () => readDelegation(crypto, path, key.publicKey, clock.now())
  const first = read()
  if (!first.ok) return first
  const { ctrId, expiresAt } = first.value
  const prover = (consensusDigest: () => string | null): ProveCtr => {
    return (auditor, nonce) => {
      const [digest, given] = [consensusDigest(), read()]
      if (digest === null || !given.ok || given.value.ctrId !== ctrId) return null
      const { certificate, delegation } = given.value
      const signature = key.sign(ctrProofMessage(auditor.key, nonce, digest))
      return encodeCtrProof({ nonce, ctrId, certificate, delegation, signature })
    }
  }
  return { ok: true, value: { ctrId, expiresAt, prover } }
}
