// What submitters send: SFO bodies, PEM, SCT lists, SCTs and their extensions [WIRE-001, WIRE-002, WIRE-013].
import { isDeepStrictEqual } from 'node:util'
import { nodeCrypto } from '../../../src/adapters/node/crypto.ts'
import { latin1 } from '../../../src/machines/ct/bytes.ts'
import { readCanonicalBody } from '../../../src/machines/ct/canonical-body.ts'
import { entryOf } from '../../../src/machines/ct/entry.ts'
import { sfoErrors } from '../../../src/machines/ct/errors.ts'
import { decodeSctExtensions, extensionErrors } from '../../../src/machines/ct/extensions.ts'
import { decodePem, encodePem } from '../../../src/machines/ct/pem.ts'
import { decodeSct, decodeSctList, encodeSct, encodeSctList } from '../../../src/machines/ct/sct.ts'
import { decodeSfoBody, encodeSfoBody } from '../../../src/machines/ct/sfo.ts'
import { accepted, must, type Target } from '../target.ts'
import { hexSeeds, realCertificates, textSeeds } from './seeds.ts'

const crypto = nodeCrypto()
const codes = Object.keys(sfoErrors)
const plain = (bytes: Uint8Array) => Buffer.from(bytes)

export const sfoTargets: readonly Target[] = [
  {
    name: 'sfo',
    seeds: () => hexSeeds('decodeSfo', 'body'),
    run: (input) => {
      for (const one of accepted(decodeSfoBody(input, 100), codes) ?? []) {
        const sfo = accepted(one, codes)
        if (sfo === null) continue
        accepted(entryOf(crypto, sfo), codes)
        const [again] = accepted(decodeSfoBody(encodeSfoBody([sfo]), 1), codes) ?? []
        const same = again?.ok === true && again.value.chain.length === sfo.chain.length
        must(same && again.value.chain.every((der, at) => plain(der).equals(sfo.chain[at] as Uint8Array)), 'the chain')
        must(same && plain(again.value.sct.bytes).equals(sfo.sct.bytes), 'the SCT')
      }
    },
  },
  {
    // Its canonical form is read by a short cut; a space before it is no part of that form, and in JSON it means nothing.
    name: 'canonical-body',
    seeds: () => [
      ...hexSeeds('decodeSfo', 'body').filter((body) => readCanonicalBody(body) !== null),
      Buffer.from(
        '[{"x509_chain":["-----BEGIN CERTIFICATE-----\\nMAA=\\n-----END CERTIFICATE-----\\n"],"sct_data_v1":["AAAA"]}]',
      ),
    ],
    run: (input) => {
      const spaced = Buffer.concat([Buffer.from(' '), input])
      must(isDeepStrictEqual(decodeSfoBody(input, 1), decodeSfoBody(spaced, 1)), 'the short cut reads it otherwise')
    },
  },
  {
    name: 'pem',
    seeds: () => [
      ...textSeeds('decodePem', 'text'),
      ...realCertificates()
        .slice(0, 4)
        .map((der) => Buffer.from(encodePem(der))),
    ],
    run: (input) => {
      const der = accepted(decodePem(latin1(input)), codes)
      if (der === null) return
      const again = accepted(decodePem(encodePem(der)), codes)
      must(again !== null && plain(again).equals(der), 're-encoded PEM differs')
    },
  },
  {
    name: 'sct-list',
    seeds: () => hexSeeds('decodeSctList', 'bytes'),
    run: (input) => {
      const scts = accepted(decodeSctList(input), codes)
      if (scts !== null) must(plain(encodeSctList(scts)).equals(input), 're-encoded SCT list differs')
    },
  },
  {
    name: 'sct',
    seeds: () => hexSeeds('decodeSct', 'bytes'),
    run: (input) => {
      const sct = accepted(decodeSct(input), codes)
      if (sct !== null) must(plain(encodeSct(sct)).equals(input), 're-encoded SCT differs')
    },
  },
  {
    name: 'sct-extensions',
    seeds: () => hexSeeds('decodeSctExtensions', 'bytes'),
    run: (input) => {
      const value = accepted(decodeSctExtensions(input), Object.keys(extensionErrors))
      must(value === null || isDeepStrictEqual(value, { leafIndex: value.leafIndex }), 'a member too many')
    },
  },
]
