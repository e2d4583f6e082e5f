// L0 vectors of SCTs, SFOs and log keys where two implementations once read the text differently [WIRE-001, WIRE-002, WIRE-003].
// Invariant: each is a case that functions.md decides under "Where the tables are too short".
import { toBase64, utf8 } from '../../../machines/ct/bytes.ts'
import { bytesOf, jsonOf } from './bytes-sfos.ts'
import { pemOf, sctBytes, sctList, tlv } from './certificates.ts'
import { code, type DraftL0, type Must, members, ok, value } from './draft.ts'
import { logIdOf, logOf } from './keys.ts'
import { joined, setByte } from './operators.ts'
import { ecdsaLog, ecdsaSfo, now, otherLog } from './sfo-samples.ts'

const reqs = ['WIRE-001', 'WIRE-002.1', 'WIRE-003.1']
const [leaf] = ecdsaSfo.chain as readonly [Uint8Array, ...Uint8Array[]]
const plain = { chain: ecdsaSfo.chain, sct: ecdsaSfo.sct }

function draft(name: string, of: string, input: object, must: Must, comment: string): DraftL0 {
  return { function: of, name, input, must, reqs, comment }
}

/** The timestamp ends at byte 41; what is behind it no longer counts. */
function lateScts(): readonly DraftL0[] {
  const late = setByte(sctBytes(ecdsaSfo.parts), 33, 0x80)
  const cases = { 'nothing-behind': late.slice(0, 41), 'extensions-cut-short': joined(late.slice(0, 41), [0, 1]) }
  return Object.entries(cases).map(([name, bytes]) =>
    draft(`late-${name}`, 'decodeSct', { bytes }, code('numberTooLarge'), 'A timestamp of 2^63, and a fault behind it'),
  )
}

function pems(): readonly DraftL0[] {
  const one = pemOf(new Uint8Array(48))
  const wide = '\u{1f600}'
  const of = (name: string, text: string, error: string, comment: string) =>
    draft(name, 'decodePem', { text }, code(error), comment)
  return [
    of('carriage-return-in-the-only-line', one.replace('A\n', 'A\r\n'), 'badBase64', 'Lines end as the header does'),
    of('carriage-return-in-the-first-line', pemOf(leaf).replace(/^(.*\n.*)/, '$1\r'), 'badPem', 'It widens its line'),
    of('wide-character-for-two', pemOf(leaf).replace(/\nMI/, `\n${wide}`), 'badBase64', 'It is two code units wide'),
    of('wide-character-for-one', pemOf(leaf).replace(/\nM/, `\n${wide}`), 'badPem', 'It is two code units wide'),
  ]
}

function bodies(): readonly DraftL0[] {
  const object = jsonOf(ecdsaSfo)
  const { sct_data_v1: _, ...chainAlone } = object
  const list = toBase64(sctList(ecdsaSfo.sct))
  const of = (name: string, body: Uint8Array, must: Must, comment: string) =>
    draft(name, 'decodeSfo', { body, maxObjects: 1 }, must, comment)
  const bad = (name: string, changed: object, error: string, comment: string) =>
    of(name, bytesOf([changed]), members({ objects: [{ error }] }), comment)
  const big = pemOf(tlv(0x30, new Uint8Array(20_477)))
  const text = JSON.stringify([object])
  return [
    bad(
      'oversize-before-no-pem',
      { ...object, x509_chain: [big, 'x'] },
      'oversize',
      'Too large before the other fault',
    ),
    bad(
      'no-pem-before-oversize',
      { ...object, x509_chain: ['x', big] },
      'badPem',
      'The other fault before it is too large',
    ),
    bad(
      'empty-v1-beside-v2',
      { ...object, sct_data_v1: [], sct_data_v2: [list] },
      'sctVersion',
      'An array of none is absent',
    ),
    bad('null-v1-beside-v2', { ...object, sct_data_v1: null, sct_data_v2: [list] }, 'sctCount', 'null is not absent'),
    bad('empty-v2-alone', { ...chainAlone, sct_data_v2: [] }, 'sctCount', 'An array of none is absent'),
    bad('v2-null', { ...object, sct_data_v2: null }, 'sctCount', 'null is not absent'),
    of('number-beyond-doubles', utf8(text.replace('{', '{"x":1e400,')), ok, 'JSON, whatever a number is worth'),
    of('member-twice', utf8(text.replace('{', '{"sct_data_v1":1,')), ok, 'The last of a name counts'),
  ]
}

function others(): readonly DraftL0[] {
  const log = logOf(ecdsaLog.key)
  const strange = { ...log, logId: logIdOf(otherLog.key) }
  const lineEnd = { ...log, key: `${log.key}\n` }
  const body = [{ x509_chain: [pemOf(new Uint8Array()), pemOf(leaf)], sct_data_v1: [toBase64(sctList(ecdsaSfo.sct))] }]
  const not = value({ valid: false })
  return [
    draft(
      'empty-certificate',
      'encodeSfo',
      { sfos: [{ ...plain, chain: [new Uint8Array(), leaf] }] },
      value({ body: utf8(JSON.stringify(body)) }),
      'No line for no bytes',
    ),
    draft('key-of-another-id', 'verifySct', { log: strange, ...plain }, not, 'The log with this ID has another key'),
    draft('key-with-line-end', 'verifySct', { log: lineEnd, ...plain }, not, 'A key that is not canonical base64'),
    draft(
      'key-with-line-end',
      'validateSfo',
      { log: lineEnd, ...plain, now },
      code('badSctSignature'),
      'A key that is not canonical base64',
    ),
  ]
}

export const sfoReadings = (): readonly DraftL0[] => [...lateScts(), ...pems(), ...bodies(), ...others()]
