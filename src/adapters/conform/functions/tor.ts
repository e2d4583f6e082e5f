// L0 functions about Tor's formats: onion addresses, CTR authentication, the consensus document [WIRE-007, WIRE-008, CONS-001].
// Invariant: each one is the machines' own function behind a schema.
import { z } from 'zod'
import { consensus, hex32, whole } from '../../../effects/vocabulary/nouns.ts'
import { fromUtf8 } from '../../../machines/ct/bytes.ts'
import { parseConsensusDocument } from '../../../machines/tor/consensus-document.ts'
import { ctrProofMessage, decodeCtrProof, encodeCtrProof, verifyCtrProof } from '../../../machines/tor/ctr-proof.ts'
import { verifyDelegation, verifySigningKeyCert } from '../../../machines/tor/ed25519-cert.ts'
import { decodeOnionAddress, encodeOnionAddress } from '../../../machines/tor/onion-address.ts'
import { nodeCrypto } from '../../node/crypto.ts'
import { answer, bytes, bytesOf, type ConformFunction, define } from './define.ts'

const crypto = nodeCrypto()

const ctrProof = z.strictObject({
  nonce: hex32,
  ctrId: hex32,
  certificate: bytes,
  delegation: bytes.optional(),
  signature: bytesOf(64),
})

export const torFunctions: Readonly<Record<string, ConformFunction>> = {
  encodeOnionAddress: define(z.strictObject({ key: bytesOf(32) }), ({ key }) => ({
    ok: { address: encodeOnionAddress(key) },
  })),
  decodeOnionAddress: define(z.strictObject({ address: z.string() }), ({ address }) => {
    const key = decodeOnionAddress(address)
    return key === null ? { error: 'badAddress' } : { ok: { key } }
  }),
  encodeCtrProof: define(ctrProof, ({ delegation, ...proof }) => ({
    ok: { proof: encodeCtrProof(delegation === undefined ? proof : { ...proof, delegation }) },
  })),
  decodeCtrProof: define(z.strictObject({ proof: z.string() }), ({ proof }) => {
    const decoded = decodeCtrProof(proof)
    return decoded === null ? { error: 'malformed' } : { ok: decoded }
  }),
  ctrProofMessage: define(z.strictObject({ auditorKey: hex32, nonce: hex32, consensusDigest: hex32 }), (given) => ({
    ok: { bytes: ctrProofMessage(given.auditorKey, given.nonce, given.consensusDigest) },
  })),
  verifyCtrProof: define(
    z.strictObject({
      proof: z.string(),
      auditorKey: hex32,
      nonce: hex32,
      consensuses: z.array(consensus),
      now: whole,
    }),
    ({ proof, ...context }) => ({ ok: verifyCtrProof(crypto, proof, context) }),
  ),
  verifySigningKeyCert: define(
    z.strictObject({ certificate: bytes, identity: bytesOf(32), now: whole }),
    ({ certificate, identity, now }) =>
      answer(verifySigningKeyCert(crypto, certificate, identity, now), (cert) => cert),
  ),
  verifyDelegation: define(
    z.strictObject({ certificate: bytes, signer: bytesOf(32), now: whole }),
    ({ certificate, signer, now }) => answer(verifyDelegation(crypto, certificate, signer, now), (cert) => cert),
  ),
  parseConsensus: define(z.strictObject({ document: bytes, authorities: z.array(hex32) }), (given) => {
    const text = fromUtf8(given.document)
    if (text === null) return { error: 'notText' }
    return answer(parseConsensusDocument(crypto, text, given.authorities), (value) => value)
  }),
}
