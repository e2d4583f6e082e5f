// What the Tor directory and CTRs send: consensus documents of both kinds, key certificates, extension documents,
// microdescriptors, CTR proofs, onion addresses [CONS-001, WIRE-007, WIRE-008].
import { isDeepStrictEqual } from 'node:util'
import {
  keyCertificate,
  signatureItem,
  torAuthority,
  torConsensusBody,
} from '../../../src/adapters/conform/generate/tor-documents.ts'
import { nodeCrypto } from '../../../src/adapters/node/crypto.ts'
import { latin1 } from '../../../src/machines/ct/bytes.ts'
import type { Crypto } from '../../../src/machines/ct/types.ts'
import {
  documentErrors,
  encodeConsensusBody,
  parseConsensusDocument,
  signConsensus,
} from '../../../src/machines/tor/consensus-document.ts'
import { itemErrors } from '../../../src/machines/tor/consensus-items.ts'
import { decodeCtrProof, encodeCtrProof } from '../../../src/machines/tor/ctr-proof.ts'
import { certErrors, verifySigningKeyCert } from '../../../src/machines/tor/ed25519-cert.ts'
import {
  contentOf,
  extensionBody,
  extensionErrors,
  readContent,
  readExtension,
} from '../../../src/machines/tor/extension-document.ts'
import {
  certificateErrors,
  readKeyCertificate,
  readKeyCertificates,
} from '../../../src/machines/tor/key-certificate.ts'
import { readMicrodescriptors } from '../../../src/machines/tor/microdescriptor.ts'
import { decodeOnionAddress, encodeOnionAddress } from '../../../src/machines/tor/onion-address.ts'
import { parseTorConsensus, torConsensusErrors } from '../../../src/machines/tor/tor-consensus.ts'
import { accepted, must, type Target } from '../target.ts'
import { hexSeeds, textSeeds } from './seeds.ts'

/** Signatures count as made: no mutation could make one, and what lies behind them must be fuzzed too. */
const crypto: Crypto = { ...nodeCrypto(), verify: () => true }
const authority = 'cd'.repeat(32)
const documentCodes = [...Object.keys(documentErrors), ...Object.keys(itemErrors)]
const extensionCodes = [...Object.keys(extensionErrors), ...Object.keys(itemErrors)]

function consensusSeeds(): readonly Uint8Array[] {
  const known = hexSeeds('parseConsensus', 'document').slice(0, 40)
  return known.map((seed) =>
    Buffer.from(latin1(seed).replace(/^directory-signature [0-9a-f]{64}/m, `directory-signature ${authority}`)),
  )
}

function torSeeds(): readonly Uint8Array[] {
  const signer = torAuthority('fuzz')
  const signature = signatureItem(signer, 'sha256', new Uint8Array(32))
  const relays = (descriptorBytes: number) =>
    [1, 2].map((byte) => ({
      identity: new Uint8Array(20).fill(byte),
      flags: ['Running', 'Valid', 'CTR'],
      descriptor: new Uint8Array(descriptorBytes).fill(byte),
    }))
  return [
    torConsensusBody({ flavour: 'ns', relays: relays(20) }) + signature,
    torConsensusBody({ flavour: 'microdesc', relays: relays(32), params: { a: 1, 'ct-b': -2 } }) + signature,
  ].map((text) => Buffer.from(text))
}

function extensionSeeds(): readonly Uint8Array[] {
  const signature = signatureItem(torAuthority('fuzz'), 'sha256', new Uint8Array(32))
  const items = latin1(consensusSeeds()[0] ?? new Uint8Array(0))
    .split('\n')
    .filter((line) => /^(valid-|fresh-|params|log|sth|ctr|auditor) ?/.test(line))
  return [Buffer.from(extensionBody({ microdesc: 'ef'.repeat(32) }, contentOf(items)) + signature)]
}

const microdescriptor = `onion-key\nid ed25519 ${'A'.repeat(43)}\nfamily $${'A'.repeat(40)}\n`

export const torTargets: readonly Target[] = [
  {
    name: 'consensus',
    seeds: consensusSeeds,
    run: (input) => {
      const document = accepted(parseConsensusDocument(crypto, latin1(input), [authority]), documentCodes)
      if (document === null) return
      const signer = { key: authority, sign: () => new Uint8Array(64) }
      const again = signConsensus(crypto, encodeConsensusBody(document), [signer])
      const { digest: _other, ...parsed } = accepted(parseConsensusDocument(crypto, again, [authority]), []) ?? {}
      const { digest: _digest, ...known } = document
      must(isDeepStrictEqual(parsed, known), 're-encoded consensus differs')
    },
  },
  {
    name: 'tor-consensus',
    seeds: torSeeds,
    run: (input) => {
      accepted(parseTorConsensus(crypto, input), Object.keys(torConsensusErrors))
    },
  },
  {
    name: 'key-certificate',
    seeds: () => [Buffer.from(keyCertificate(torAuthority('fuzz')))],
    run: (input) => {
      accepted(readKeyCertificate(crypto, input), Object.keys(certificateErrors))
      for (const one of readKeyCertificates(crypto, input) ?? []) accepted(one, Object.keys(certificateErrors))
    },
  },
  {
    name: 'ct-extension',
    seeds: extensionSeeds,
    run: (input) => {
      accepted(readExtension(crypto, input), extensionCodes)
      accepted(readContent(crypto, latin1(input)), extensionCodes)
    },
  },
  {
    name: 'microdescriptor',
    seeds: () => [Buffer.from(microdescriptor), Buffer.from(microdescriptor.repeat(3))],
    run: (input) => {
      readMicrodescriptors(crypto, input)
    },
  },
  {
    name: 'ctr-proof',
    seeds: () => [...textSeeds('decodeCtrProof', 'proof'), ...hexSeeds('verifySigningKeyCert', 'certificate')],
    run: (input) => {
      const text = latin1(input)
      const proof = decodeCtrProof(text)
      if (proof !== null) must(encodeCtrProof(proof) === text, 're-encoded proof differs')
      accepted(verifySigningKeyCert(crypto, input, new Uint8Array(32).fill(1), 0), Object.keys(certErrors))
    },
  },
  {
    name: 'onion-address',
    seeds: () => textSeeds('decodeOnionAddress', 'address'),
    run: (input) => {
      const text = latin1(input)
      const key = decodeOnionAddress(text)
      if (key !== null) must(encodeOnionAddress(key) === text.toLowerCase(), 're-encoded address differs')
    },
  },
]
