// The identity of a piece of evidence [WIRE-011].
// Invariant: no spelling of PEM or JSON and no second signature under the same SCT changes it; any other byte does.
import { toHex, uint } from './bytes.ts'
import { encodeUnsigned } from './sct.ts'
import type { Crypto, Sfo, SfoId } from './types.ts'

/**
 * SHA-256 over u8 number of certificates | (u24 length, DER)* | version | log ID | u64 timestamp | u16-length extensions |
 * hash algorithm | signature algorithm. The SCT's signature is left out, since ECDSA signatures are malleable and a log may
 * sign the same SCT twice: so an ID says something only about an SFO whose signature has verified.
 */
export function sfoIdOf(crypto: Crypto, sfo: Sfo): SfoId {
  const parts: Uint8Array[] = [uint(sfo.chain.length, 1)]
  for (const der of sfo.chain) parts.push(uint(der.length, 3), der)
  return toHex(crypto.sha256(...parts, encodeUnsigned(sfo.sct)))
}
