// `Crypto` by OpenSSL, the daemons' path [FIPS 186-5, RFC 8017, 8032]. Invariant: equal to `referenceCrypto` for every input:
// keys pass the same strict decoder first, since OpenSSL takes many that the kernel refuses. Signatures it takes as DER alone.
import { constants, createPublicKey, hash, type KeyObject, publicDecrypt, verify } from 'node:crypto'
import { concat, equal } from '../../machines/ct/bytes.ts'
import { decodePublicKey, fits, type PublicKey } from '../../machines/ct/public-key.ts'
import type { Crypto, SignatureScheme } from '../../machines/ct/types.ts'

interface NativeKey {
  readonly kind: PublicKey['kind']
  readonly native: KeyObject
  /** Of an RSA key's modulus, in bytes; else 0. */
  readonly modulusLength: number
}

/** `keyLimit`: keys kept ready, least recently used dropped first; importing a key costs as much as verifying with it. */
export function nodeCrypto(keyLimit = 1024): Crypto {
  const keys = new Map<string, NativeKey>()

  function keyOf(spki: Uint8Array): NativeKey | null {
    const name = Buffer.from(spki.buffer, spki.byteOffset, spki.length).toString('latin1')
    const known = keys.get(name)
    if (known !== undefined) keys.delete(name)
    const key = known ?? importKey(spki)
    if (key === null) return null
    keys.set(name, key)
    for (const oldest of keys.keys()) {
      if (keys.size <= keyLimit) break
      keys.delete(oldest)
    }
    return key
  }

  return {
    sha256,
    nodeHash,
    verify: (spki, scheme, message, signature) => {
      const key = keyOf(spki)
      if (key === null || !fits(key.kind, scheme)) return false
      if (scheme === 'rsa-pkcs1-bare') return recoversTo(message, key, signature)
      return verifyNative(scheme, message, key.native, signature)
    },
  }
}

function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const digest = hash('sha256', concat(...parts), 'buffer')
  return new Uint8Array(digest.buffer, digest.byteOffset, digest.length)
}

/** 01, left, right: written in place and hashed at once, since verifying a proof is nothing but this. */
const node = Buffer.alloc(65, 1)

function nodeHash(left: string, right: string): string {
  node.write(left, 1, 'hex')
  node.write(right, 33, 'hex')
  return hash('sha256', node, 'hex')
}

function importKey(spki: Uint8Array): NativeKey | null {
  const decoded = decodePublicKey(spki)
  if (decoded === null) return null
  try {
    const native = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
    return { kind: decoded.kind, native, modulusLength: decoded.kind === 'rsa' ? decoded.modulus.length : 0 }
  } catch {
    // A point that is not on its curve.
    return null
  }
}

function verifyNative(scheme: SignatureScheme, message: Uint8Array, key: KeyObject, signature: Uint8Array): boolean {
  const algorithm = scheme === 'ed25519' ? null : scheme.slice(scheme.lastIndexOf('-') + 1)
  try {
    return verify(algorithm, message, key, signature)
  } catch {
    // OpenSSL reports some signatures of a wrong length as errors.
    return false
  }
}

/** `verify` wants a DigestInfo; recovering what was signed does not, and checks the padding all the same. */
function recoversTo(digest: Uint8Array, { native, modulusLength }: NativeKey, signature: Uint8Array): boolean {
  if (signature.length !== modulusLength) return false
  try {
    return equal(publicDecrypt({ key: native, padding: constants.RSA_PKCS1_PADDING }, signature), digest)
  } catch {
    // A padding of another form, or a signature that is no residue of the modulus.
    return false
  }
}
