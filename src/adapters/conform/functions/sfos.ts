// L0 functions about SFOs: formats, entries, identities, validation [WIRE-001, 002, 003, 010, 011; AUD-005].
// Invariant: each one is the kernel's own function behind a schema.
import { z } from 'zod'
import { hex32, log, whole } from '../../../effects/vocabulary/nouns.ts'
import { type Entry, entryOf } from '../../../machines/ct/entry.ts'
import { type SfoError, sfoErrorClass, sfoErrors } from '../../../machines/ct/errors.ts'
import { encodeLeaf, leafHash, leafIdOf } from '../../../machines/ct/leaf.ts'
import { decodePem } from '../../../machines/ct/pem.ts'
import { decodeSct, decodeSctList, encodeSct, encodeSctList } from '../../../machines/ct/sct.ts'
import { decodeSfoBody, encodeSfoBody } from '../../../machines/ct/sfo.ts'
import { sfoIdOf } from '../../../machines/ct/sfo-id.ts'
import type { Sct, Sfo } from '../../../machines/ct/types.ts'
import { sctSigned, validateSfo } from '../../../machines/ct/validate.ts'
import { nodeCrypto } from '../../node/crypto.ts'
import { answer, bytes, bytesOf, type ConformFunction, define, type Outcome } from './define.ts'

const crypto = nodeCrypto()

const sctFields = z.strictObject({
  logId: hex32,
  timestamp: whole,
  extensions: bytes,
  hashAlgorithm: z.int().min(0).max(255),
  signatureAlgorithm: z.int().min(0).max(255),
  signature: bytes,
})
const sfo = { chain: z.array(bytes).min(1), sct: bytes }
const entry = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('x509'), certificate: bytes }),
  z.strictObject({ type: z.literal('precert'), issuerKeyHash: bytesOf(32), tbs: bytes }),
])

/** An SFO whose SCT decodes, or its error. */
function withSfo(given: { chain: readonly Uint8Array[]; sct: Uint8Array }, use: (sfo: Sfo) => Outcome): Outcome {
  const sct = decodeSct(given.sct)
  return sct.ok ? use({ chain: given.chain, sct: sct.value }) : { error: sct.error }
}

function fieldsOf({ bytes: _, ...fields }: Sct): object {
  return fields
}

export const sfoFunctions: Readonly<Record<string, ConformFunction>> = {
  decodeSct: define(z.strictObject({ bytes }), (input) => answer(decodeSct(input.bytes), fieldsOf)),
  encodeSct: define(sctFields, (fields) => ({ ok: { bytes: encodeSct(fields) } })),
  decodeSctList: define(z.strictObject({ bytes }), (input) => answer(decodeSctList(input.bytes), (scts) => ({ scts }))),
  encodeSctList: define(z.strictObject({ scts: z.array(bytes).min(1) }), ({ scts }) => ({
    ok: { bytes: encodeSctList(scts) },
  })),
  decodePem: define(z.strictObject({ text: z.string() }), ({ text }) => answer(decodePem(text), (der) => ({ der }))),
  decodeSfo: define(z.strictObject({ body: bytes, maxObjects: whole }), ({ body, maxObjects }) =>
    answer(decodeSfoBody(body, maxObjects), (objects) => ({
      objects: objects.map((object) => answer(object, ({ chain, sct }) => ({ chain, sct: sct.bytes }))),
    })),
  ),
  encodeSfo: define(z.strictObject({ sfos: z.array(z.strictObject(sfo)).min(1) }), ({ sfos }) => {
    const decoded: Sfo[] = []
    for (const { chain, sct } of sfos) {
      const fields = decodeSct(sct)
      if (!fields.ok) return { error: fields.error }
      decoded.push({ chain, sct: fields.value })
    }
    return { ok: { body: encodeSfoBody(decoded) } }
  }),
  sfoId: define(z.strictObject(sfo), (given) => withSfo(given, (one) => ({ ok: { sfoId: sfoIdOf(crypto, one) } }))),
  entry: define(z.strictObject(sfo), (given) =>
    withSfo(given, (one) => answer(entryOf(crypto, one), (value: Entry) => value)),
  ),
  encodeLeaf: define(z.strictObject({ entry, timestamp: whole, extensions: bytes }), (given) => ({
    ok: { leaf: encodeLeaf(given.entry, given.timestamp, given.extensions) },
  })),
  leafHash: define(z.strictObject({ leaf: bytes }), ({ leaf }) => ({ ok: { leafHash: leafHash(crypto, leaf) } })),
  leafId: define(z.strictObject({ logId: hex32, leafHash: bytesOf(32) }), (given) => ({
    ok: { leafId: leafIdOf(given.logId, given.leafHash) },
  })),
  verifySct: define(z.strictObject({ log, ...sfo }), ({ log: by, ...given }) =>
    withSfo(given, (one) =>
      answer(entryOf(crypto, one), (value) => {
        const leaf = encodeLeaf(value, one.sct.timestamp, one.sct.extensions)
        return { valid: by.logId === one.sct.logId && sctSigned(crypto, by, one.sct, leaf) }
      }),
    ),
  ),
  validateSfo: define(z.strictObject({ log: log.nullable(), ...sfo, now: whole }), ({ log: by, now, ...given }) =>
    withSfo(given, (one) => answer(validateSfo(crypto, by ?? undefined, one, now), (valid) => valid)),
  ),
  errorClass: define(
    z.strictObject({ error: z.enum(Object.keys(sfoErrors) as [SfoError, ...SfoError[]]) }),
    ({ error }) => ({ ok: { class: sfoErrorClass(error) } }),
  ),
}
