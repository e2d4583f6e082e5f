// RSASSA-PKCS1-v1_5 verification [RFC 8017 8.2.2], for the reference path and for its tests.
// Invariant: the encoded message is rebuilt and compared as a whole; nothing of what the signer wrote is parsed.
import { concat, fromHex, toHex } from './bytes.ts'

/** `bare`: the digest alone, as Tor's directory signs [dir-spec 1.3]. */
export type RsaHash = 'sha1' | 'sha256' | 'sha384' | 'sha512' | 'bare'

/** DER of DigestInfo up to the digest [RFC 8017 9.2, note 1]. */
const digestInfo: Readonly<Record<RsaHash, Uint8Array>> = {
  sha1: fromHex('3021300906052b0e03021a05000414'),
  sha256: fromHex('3031300d060960864801650304020105000420'),
  sha384: fromHex('3041300d060960864801650304020205000430'),
  sha512: fromHex('3051300d060960864801650304020305000440'),
  bare: fromHex(''),
}

/** `modulus`: big endian, at least 1024 bits; `digest`: of the message, by `hash`; one that is too long for it is signed by nobody. */
export function verifyRsa(
  modulus: Uint8Array,
  exponent: Uint8Array,
  hash: RsaHash,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (signature.length !== modulus.length || digestInfo[hash].length + digest.length + 11 > modulus.length) return false
  const n = integer(modulus)
  const s = integer(signature)
  if (s >= n) return false
  return power(s, integer(exponent), n) === integer(encodeMessage(modulus.length, hash, digest))
}

/** EMSA-PKCS1-v1_5: 00 01 FF .. FF 00 DigestInfo, `length` bytes. */
export function encodeMessage(length: number, hash: RsaHash, digest: Uint8Array): Uint8Array {
  const info = concat(digestInfo[hash], digest)
  const message = new Uint8Array(length).fill(0xff)
  message.set([0, 1])
  message[length - info.length - 1] = 0
  message.set(info, length - info.length)
  return message
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  for (const bit of exponent.toString(2)) {
    result = (result * result) % modulus
    if (bit === '1') result = (result * base) % modulus
  }
  return result
}

function integer(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes)}`)
}
