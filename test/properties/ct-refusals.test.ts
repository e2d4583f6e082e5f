// What a refusal says: each sentence for people, by what brings it about. The codes have tests of their own.
import { expect, test } from 'vitest'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { concat, fromHex, toBase64, utf8 } from '../../src/machines/ct/bytes.ts'
import { findExtension, oids, parseCertificate } from '../../src/machines/ct/certificate.ts'
import { entryOf, precertEntryOf } from '../../src/machines/ct/entry.ts'
import { type SfoError, sfoErrorClass, sfoErrors } from '../../src/machines/ct/errors.ts'
import { encodePem } from '../../src/machines/ct/pem.ts'
import { encodeSctList } from '../../src/machines/ct/sct.ts'
import { decodeSfoBody, encodeSfoBody } from '../../src/machines/ct/sfo.ts'
import { decodeSthJson } from '../../src/machines/ct/sth.ts'
import type { Sfo } from '../../src/machines/ct/types.ts'
import { validateSfo } from '../../src/machines/ct/validate.ts'
import {
  certificateOf,
  encodeTbs,
  hex,
  newAuthority,
  newKey,
  newLog,
  newSfo,
  padding,
  sctExtension,
  sctOf,
  sequence,
  tlv,
} from './arbitraries/ct-certificates.ts'

const crypto = nodeCrypto()
const key = newKey('p256')
const log = newLog()
const options = { authority: newAuthority(2), log, timestamp: 1_700_000_000_000 }
const embedded = newSfo({ ...options, embedded: true })
const beside = newSfo({ ...options, embedded: false })

const names = { issuer: 'ca', subject: 'leaf', key }
const tbs = encodeTbs(names)
const algorithm = hex('300a06082a8648ce3d040302')
const bits = tlv(0x03, hex('00 3000'))
const fields = concat(hex('020105'), algorithm, hex('300030003000'), key.spki)
const withFields = (...more: readonly Uint8Array[]) => sequence(sequence(fields, ...more), algorithm, bits)
const withExtension = (content: Uint8Array) => withFields(tlv(0xa3, sequence(content)))
const sctListName = tlv(0x06, oids.sctList)

test.each([
  ['badDer', 'certificate', 'nothing', new Uint8Array(0)],
  ['badDer', 'certificate', 'two fields', sequence(tbs, algorithm)],
  ['badDer', 'TBSCertificate', 'a short TBSCertificate', sequence(sequence(hex('020105')), algorithm, bits)],
  ['badDer', 'TBSCertificate', 'half a field behind the key', withFields(hex('a3'))],
  ['badDer', 'extensions', 'two extension lists in one', withFields(tlv(0xa3, hex('30003000')))],
  ['badDer', 'extension', 'half an extension', withExtension(hex('30'))],
  ['badDer', 'extension', 'an empty extension', withExtension(hex('3000'))],
  ['badDer', 'extension', 'an extension without a value', withExtension(sequence(sctListName))],
  ['badCertificate', 'fields', 'four fields', sequence(tbs, algorithm, bits, bits)],
  ['badCertificate', 'signature', 'unused bits', sequence(tbs, algorithm, tlv(0x03, hex('01 3000')))],
  ['badCertificate', 'signature', 'an empty signature', sequence(tbs, algorithm, tlv(0x03))],
  ['badCertificate', 'two algorithms', 'another one outside', sequence(tbs, hex('300a06082a8648ce3d040303'), bits)],
  [
    'badCertificate',
    'TBSCertificate',
    'no serial number',
    sequence(sequence(hex('040105'), fields.subarray(3)), algorithm, bits),
  ],
  ['badCertificate', 'an unknown field', 'a field [4]', withFields(hex('a4023000'))],
  ['badCertificate', 'extensions', 'a SET of extensions', withFields(hex('a3023100'))],
  ['badCertificate', 'extension', 'a SET for an extension', withExtension(tlv(0x31, sctListName, hex('0400')))],
  ['badCertificate', 'extension', 'a number for its name', withExtension(sequence(hex('020101'), hex('0400')))],
  ['badCertificate', 'extension', 'a value that is no string', withExtension(sequence(sctListName, hex('0500')))],
  ['badCertificate', 'extension', 'two values', withExtension(sequence(sctListName, hex('04000400')))],
])('%s, %s: a certificate with %s', (error, detail, _, der) => {
  const parsed = parseCertificate(der)
  const found = parsed.ok ? findExtension(parsed.value, oids.sctList) : parsed
  expect(found).toEqual({ ok: false, error, detail })
})

test('an extension that occurs twice is named', () => {
  const twice = [sctExtension([beside.sct.bytes]), sctExtension([beside.sct.bytes])]
  const parsed = parseCertificate(certificateOf({ ...names, extensions: twice }, key))
  expect(parsed.ok && findExtension(parsed.value, oids.sctList)).toEqual({
    ok: false,
    error: 'duplicateExtension',
    detail: '2b06010401d679020402',
  })
})

test('an entry lacks its issuer, or a precertificate its poison', () => {
  const [leaf] = embedded.chain as [Uint8Array]
  const noIssuer = { ok: false, error: 'noIssuer', detail: 'no further certificate' }
  expect(entryOf(crypto, { ...embedded, chain: [leaf] })).toEqual(noIssuer)
  expect(precertEntryOf(crypto, [])).toEqual(noIssuer)
  const detail = 'a precertificate without poison'
  expect(precertEntryOf(crypto, embedded.chain)).toEqual({ ok: false, error: 'badCertificate', detail })
})

const one = beside.sct.bytes
const [object] = JSON.parse(Buffer.from(encodeSfoBody([beside])).toString()) as [{ x509_chain: string[] }]
const bodyOf = (...objects: unknown[]) => utf8(JSON.stringify(objects))

test.each([
  ['notJson', 'not UTF-8', Uint8Array.of(0xff)],
  ['notJson', 'not JSON', utf8('[')],
  ['notSfoList', 'not an array', utf8('{}')],
  ['notSfoList', '0 objects', bodyOf()],
  ['notSfoList', '3 objects', bodyOf(object, object, object)],
  ['notSfoList', 'an element that is no object', bodyOf('sfo')],
])('%s, %s: a body of at most two objects', (error, detail, body) => {
  expect(decodeSfoBody(body, 2)).toEqual({ ok: false, error, detail })
})

const listOf = (...scts: Uint8Array[]) => [toBase64(encodeSctList(scts))]
const pems = (count: number, der = beside.chain[0] ?? one) => Array(count).fill(encodePem(der))
const large = certificateOf({ ...names, extensions: [padding(11_000)] }, key)

test.each([
  ['sctVersion', 'sct_data_v2', { sct_data_v1: [], sct_data_v2: ['AAAA'] }],
  ['sctCount', 'not one list', { sct_data_v1: [] }],
  ['sctCount', '2 SCTs', { sct_data_v1: listOf(one, one) }],
  ['badBase64', 'sct_data_v1', { sct_data_v1: ['?'] }],
  ['chainLength', 'no array', { x509_chain: 'pem' }],
  ['chainLength', '0 certificates', { x509_chain: [] }],
  ['chainLength', '11 certificates', { x509_chain: pems(11) }],
  ['badPem', 'no string', { x509_chain: [7] }],
  ['oversize', 'more than 20480 bytes', { x509_chain: pems(2, large) }],
])('%s, %s: an SFO in canonical form and in another', (error, detail, members) => {
  const body = bodyOf({ ...object, ...members })
  for (const spelled of [body, concat(utf8(' '), body)])
    expect(decodeSfoBody(spelled, 1)).toEqual({ ok: true, value: [{ ok: false, error, detail }] })
})

test('an SFO that does not hold names the log, or the certificate that is not signed by the next', () => {
  const refused = (error: string, detail: string) => ({ ok: false, error, detail })
  const { logId } = log.log
  const others = newAuthority(2).chain as [Uint8Array, Uint8Array, Uint8Array]
  for (const sfo of [embedded, beside]) {
    const judged = (chain: readonly Uint8Array[], known = log.log) =>
      validateSfo(crypto, known, { ...sfo, chain }, options.timestamp)
    const [leaf, first, second] = sfo.chain as [Uint8Array, Uint8Array, Uint8Array]
    expect(judged(sfo.chain, newLog().log)).toEqual(refused('unknownLog', logId))
    expect(judged(sfo.chain, { ...log.log, key: newLog().log.key })).toEqual(refused('badSctSignature', logId))
    expect(judged([leaf, ...others])).toEqual(refused('badChainSignature', 'leaf'))
    expect(judged([leaf, first, others[2]])).toEqual(refused('badChainSignature', 'issuer 1'))
    expect(judged([leaf, first, second, others[2]])).toEqual(refused('badChainSignature', 'issuer 2'))
  }
  const twice = sctOf({ ...beside.sct, extensions: fromHex('00') })
  expect(validateSfo(crypto, log.log, { ...beside, sct: twice }, 0)).toEqual(refused('badSctSignature', logId))
})

test('of two bad signatures that is named which is verified first: the leaf’s, where the entry depends on it [WIRE-003.2]', () => {
  const others = newAuthority(2).chain
  const known = { ...log.log, key: newLog().log.key }
  const judged = ({ chain: [leaf], sct }: Sfo) =>
    validateSfo(crypto, known, { chain: [leaf as Uint8Array, ...others], sct }, 0)
  expect(judged(embedded)).toEqual({ ok: false, error: 'badChainSignature', detail: 'leaf' })
  expect(judged(beside)).toEqual({ ok: false, error: 'badSctSignature', detail: log.log.logId })
})

test('every error of an SFO is of one of six classes [AUD-005.1]', () => {
  const classes: Record<string, string> = {
    unknownLog: 'unknownLog',
    badSctSignature: 'badSct',
    badChainSignature: 'badChain',
    noIssuer: 'badChain',
    oversize: 'oversize',
    futureSct: 'futureSct',
  }
  for (const error of Object.keys(sfoErrors) as SfoError[])
    expect(sfoErrorClass(error), error).toBe(classes[error] ?? 'malformed')
})

const head = {
  tree_size: 2,
  timestamp: 1,
  sha256_root_hash: toBase64(new Uint8Array(32)),
  tree_head_signature: 'BAMAAA==',
}

test.each([
  ['not an object', null],
  ['not an object', 'text'],
  ['tree_size is no integer from 0 to 2^53-1', { ...head, tree_size: -1 }],
  ['timestamp is no integer from 0 to 2^53-1', { ...head, timestamp: 0.5 }],
  ['sha256_root_hash is not canonical base64 of 32 bytes', { ...head, sha256_root_hash: '' }],
  [
    'tree_head_signature is not canonical base64 of a DigitallySigned with SHA-256 and RSA or ECDSA',
    { ...head, tree_head_signature: '' },
  ],
])('badSth: %s', (detail, json) => {
  expect(decodeSthJson(log.log.logId, head).ok).toBe(true)
  expect(decodeSthJson(log.log.logId, json)).toEqual({ ok: false, error: 'badSth', detail })
})
