// CTRs with keys, and the consensus lists them. Invariant: a proof made here verifies for the auditor, the nonce and the consensus that
// it was made for.
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { toHex } from '../../../src/machines/ct/bytes.ts'
import { ctrProofMessage, encodeCtrProof } from '../../../src/machines/tor/ctr-proof.ts'
import { encodeSigningKeyCert } from '../../../src/machines/tor/ed25519-cert.ts'
import { hour, startAt } from './ct-world.ts'

export const auditorKey = 'b0'.repeat(32)

export interface FakeCtr {
  readonly ctrId: string
  prove(nonce: string, digest: string): string
}

const keyBytes = (key: KeyObject) => new Uint8Array(key.export({ type: 'spki', format: 'der' }).subarray(-32))

function makeCtr(): FakeCtr {
  const identity = generateKeyPairSync('ed25519')
  const signing = generateKeyPairSync('ed25519')
  const id = keyBytes(identity.publicKey)
  const key = { signingKey: keyBytes(signing.publicKey), expiresAt: startAt + 1000 * hour }
  const certificate = encodeSigningKeyCert(
    key,
    id,
    (message) => new Uint8Array(sign(null, message, identity.privateKey)),
  )
  const ctrId = toHex(id)
  return {
    ctrId,
    prove(nonce, digest) {
      const message = ctrProofMessage(auditorKey, nonce, digest)
      return encodeCtrProof({
        nonce,
        ctrId,
        certificate,
        signature: new Uint8Array(sign(null, message, signing.privateKey)),
      })
    },
  }
}

/** Enough that a few reporters of one log are a log-down. */
export const fakeCtrs: readonly FakeCtr[] = Array.from({ length: 6 }, makeCtr)
export const stranger = makeCtr()
