// Who signed a certificate [RFC 5280 4.1.1.2, 4.1.1.3].
// Invariant: keys decide, never names; a signature algorithm outside the closed set of schemes verifies nothing.
import { toHex } from './bytes.ts'
import type { Certificate } from './certificate.ts'
import { bytesOf, children, type Node } from './der.ts'
import type { Crypto, SignatureScheme } from './types.ts'

/** AlgorithmIdentifiers in hex. RSA's parameters are NULL, or missing as some issuers have it. */
const rsaSchemes: Readonly<Record<string, SignatureScheme>> = {
  '300d06092a864886f70d0101050500': 'rsa-pkcs1-sha1',
  '300b06092a864886f70d010105': 'rsa-pkcs1-sha1',
  '300d06092a864886f70d01010b0500': 'rsa-pkcs1-sha256',
  '300b06092a864886f70d01010b': 'rsa-pkcs1-sha256',
  '300d06092a864886f70d01010c0500': 'rsa-pkcs1-sha384',
  '300b06092a864886f70d01010c': 'rsa-pkcs1-sha384',
  '300d06092a864886f70d01010d0500': 'rsa-pkcs1-sha512',
  '300b06092a864886f70d01010d': 'rsa-pkcs1-sha512',
  '300506032b6570': 'ed25519',
}

const ecdsaSha256 = '300a06082a8648ce3d040302'
const ecdsaSha384 = '300a06082a8648ce3d040303'

/** By the AlgorithmIdentifier of the issuer's key, since that of an ECDSA signature does not name the curve. */
const ecdsaSchemes: Readonly<Record<string, Readonly<Record<string, SignatureScheme>>>> = {
  '301306072a8648ce3d020106082a8648ce3d030107': {
    [ecdsaSha256]: 'ecdsa-p256-sha256',
    [ecdsaSha384]: 'ecdsa-p256-sha384',
  },
  '301006072a8648ce3d020106052b81040022': {
    [ecdsaSha256]: 'ecdsa-p384-sha256',
    [ecdsaSha384]: 'ecdsa-p384-sha384',
  },
}

/** How `certificate` would be signed by `issuer`'s key; null outside the closed set. */
export function schemeOf(certificate: Certificate, issuer: Certificate): SignatureScheme | null {
  const algorithm = hexOf(certificate, certificate.algorithm)
  const rsa = rsaSchemes[algorithm]
  if (rsa !== undefined) return rsa
  const keyAlgorithm = children(issuer.der, issuer.spki)?.[0]
  return keyAlgorithm === undefined ? null : (ecdsaSchemes[hexOf(issuer, keyAlgorithm)]?.[algorithm] ?? null)
}

function hexOf(certificate: Certificate, node: Node): string {
  return toHex(bytesOf(certificate.der, node))
}

/** Whether `issuer`'s key verifies `certificate`'s signature. */
export type SignedBy = (certificate: Certificate, issuer: Certificate) => boolean

/** One signature verification a call. */
export function signedBy(crypto: Crypto): SignedBy {
  return (certificate, issuer) => {
    const scheme = schemeOf(certificate, issuer)
    if (scheme === null) return false
    const { der, tbs, signature } = certificate
    const spki = bytesOf(issuer.der, issuer.spki)
    return crypto.verify(spki, scheme, bytesOf(der, tbs), der.subarray(signature.content + 1, signature.end))
  }
}

/**
 * As `signedBy`, remembering up to `cacheSize` pairs of certificates, by their SHA-256, that verified; the least recently
 * used is forgotten. For links above the leaf: one issuer signs many leaves.
 */
export function cachedSignedBy(crypto: Crypto, cacheSize: number): SignedBy {
  const verify = signedBy(crypto)
  const verified = new Set<string>()
  return (certificate, issuer) => {
    const pair = `${toHex(crypto.sha256(certificate.der))}:${toHex(crypto.sha256(issuer.der))}`
    if (!verified.delete(pair) && !verify(certificate, issuer)) return false
    verified.add(pair)
    if (verified.size > cacheSize) verified.delete(verified.values().next().value as string)
    return true
  }
}
