// The form of an evidence bundle, member by member: what each may hold, and what it may not [EVID-002.1].
import { expect, test } from 'vitest'
import * as made from '../../src/adapters/conform/generate/evidence-samples.ts'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { concat, utf8 } from '../../src/machines/ct/bytes.ts'
import { decodeBundle, encodeBundle, longestTranscript } from '../../src/machines/ct/evidence-bundle.ts'
import { evidenceErrors } from '../../src/machines/ct/evidence-errors.ts'

const crypto = nodeCrypto()
const codeOf = (file: Uint8Array) => {
  const decoded = decodeBundle(crypto, file)
  return decoded.ok ? null : decoded.error
}
const formOf = (bundle: object) => codeOf(utf8(made.textOf(bundle)))

const { samples } = made
const { log } = samples.omission
const [sfo] = samples.omission.sfos as [object]
const [head] = samples.omission.heads as [string]
const { proof, leafHash } = samples.substitution.inclusion as { proof: string; leafHash: string }
const [answer] = samples.withheld.transcript as [object]
/** What is as long as 32 bytes in hex, and no text. */
const digits = [...'0'.repeat(64)]
const url = 'http://127.0.0.1'

test.each([
  ['a log ID that is no text', { log: { ...log, logId: digits } }],
  ['a log ID in capitals', { log: { ...log, logId: log.logId.toUpperCase() } }],
  ['a key that is no text', { log: { ...log, key: 7 } }],
  ['an MMD that is no number', { log: { ...log, mmd: '60000' } }],
  ['an MMD that is no integer', { log: { ...log, mmd: 0.5 } }],
  ['a URL that is no text', { log: { ...log, url: [url] } }],
  ['a URL with something before it', { log: { ...log, url: ` ${url}` } }],
  ['a URL with a line end behind it', { log: { ...log, url: `${url}\n` } }],
  ['a URL with a space in it', { log: { ...log, url: `${url}/a b` } }],
  ['a URL of a scheme alone', { log: { ...log, url: 'http://' } }],
  ['a URL that is too long', { log: { ...log, url: `http://${'x'.repeat(2001)}` } }],
  ['a monitoring URL that is none', { log: { ...log, monitoringUrl: '' } }],
  ['a log that is no object', { log: 'log' }],
  ['null for a log', { log: null }],
  ['a log with another member', { log: { ...log, name: 'x' } }],
  ['heads that are no list', { heads: head }],
  ['an object for the list of heads', { heads: { length: 1 } }],
  ['a head that is no text', { heads: [7] }],
  ['three heads', { heads: [head, head, head] }],
  ['an SFO that is no object', { sfos: ['sfo'] }],
  ['null for an SFO', { sfos: [null] }],
  ['a list for an SFO', { sfos: [[]] }],
  ['three SFOs', { sfos: [sfo, sfo, sfo] }],
  ['a chain that is no list', { sfos: [{ ...sfo, x509_chain: 'pem' }] }],
  ['a certificate that is no text', { sfos: [{ ...sfo, x509_chain: [7] }] }],
  ['eleven certificates', { sfos: [{ ...sfo, x509_chain: Array(11).fill('pem') }] }],
  ['two lists of SCTs', { sfos: [{ ...sfo, sct_data_v1: ['', ''] }] }],
  ['an SFO without an SCT', { sfos: [{ x509_chain: [] }] }],
  ['an inclusion that is no object', { inclusion: proof }],
  ['a proof that is no text', { inclusion: { proof: 7 } }],
  ['an inclusion without a proof', { inclusion: { leafHash } }],
  ['a leaf hash that is no text', { inclusion: { proof, leafHash: digits } }],
  ['a leaf hash of 31 bytes', { inclusion: { proof, leafHash: leafHash.slice(2) } }],
  ['a transcript that is no list', { transcript: answer }],
  ['an answer that is no object', { transcript: ['refused'] }],
  ['an answer without an outcome', { transcript: [{ at: 0 }] }],
  ['an answer that proves', { transcript: [{ ...answer, outcome: 'proven' }] }],
  ['an answer at no time', { transcript: [{ ...answer, at: '0' }] }],
  ['an answer at a negative time', { transcript: [{ ...answer, at: -1 }] }],
  ['a size that is no number', { transcript: [{ ...answer, size: '8' }] }],
  ['a status that is no number', { transcript: [{ ...answer, status: '404' }] }],
  ['a path that is no list', { transcript: [{ ...answer, path: leafHash }] }],
  ['a path of something else than hashes', { transcript: [{ ...answer, path: [digits] }] }],
  ['a path of 65 hashes', { transcript: [{ ...answer, path: Array(65).fill(leafHash) }] }],
  ['a transcript that is too long', { transcript: Array(longestTranscript + 1).fill(answer) }],
  ['a receipt at no time', { receivedAt: null }],
])('notBundle: %s [EVID-002.1]', (_, members) => {
  // The form is looked at before the encoding.
  const spelled = (bundle: object) => utf8(JSON.stringify({ ...bundle, digest: '0'.repeat(64) }))
  expect(codeOf(spelled(samples.omission))).toBe('notCanonical')
  expect(codeOf(spelled({ ...samples.omission, ...members }))).toBe('notBundle')
})

test('every member may be as large as the page says, and other parts than the kind’s are another fault [EVID-002.1]', () => {
  const path = Array(64).fill(leafHash)
  const transcript = Array(longestTranscript).fill({ at: 2 ** 53 - 1, outcome: 'notDue', size: 0, status: 0, path })
  const longUrl = `https://${'~'.repeat(2000)}`
  const bundle = {
    ...samples.withheld,
    log: { ...log, url: longUrl, monitoringUrl: longUrl },
    sfos: [{ x509_chain: Array(10).fill('pem'), sct_data_v1: [] }],
    transcript,
    receivedAt: 0,
  }
  expect(formOf(bundle)).toBeNull()
  const all = { heads: [head, head], sfos: [sfo, sfo], inclusion: { proof }, transcript, receivedAt: 0 }
  expect(formOf({ ...bundle, ...all })).toBe('wrongParts')
})

test('a file that is no text, no JSON, or no bundle of version 1, is told so before all else [EVID-005.1]', () => {
  const text = made.textOf(samples.omission)
  const whole = { ...samples.omission, digest: '' }
  const refusals: readonly [keyof typeof evidenceErrors, Uint8Array][] = [
    ['notJson', Uint8Array.of(0xff)],
    ['notJson', concat(utf8(text), Uint8Array.of(0xff))],
    ['notJson', utf8('')],
    ['notJson', utf8(text.slice(0, -2))],
    ['unknownVersion', utf8('null')],
    ['unknownVersion', utf8('7')],
    ['unknownVersion', utf8('"version"')],
    ['unknownVersion', utf8(`[${text}]`)],
    ['unknownVersion', utf8(JSON.stringify({ ...whole, version: 2, kind: 'x' }))],
    ['unknownKind', utf8(JSON.stringify({ ...whole, kind: 'x', heads: 'x' }))],
    ['unknownKind', utf8(JSON.stringify({ ...whole, kind: 'constructor' }))],
    ['notBundle', utf8(JSON.stringify({ ...whole, heads: 'x' }))],
    ['notCanonical', utf8(text.trimEnd())],
    ['notCanonical', utf8(text.replace(/"heads":\[/, '$&"\\ud800",'))],
  ]
  for (const [error, file] of refusals)
    expect(decodeBundle(crypto, file)).toEqual({ ok: false, error, detail: evidenceErrors[error] })
})

test('what decodes is what was encoded, and its digest is no member of it [EVID-003.1, EVID-003.3]', () => {
  for (const bundle of Object.values(samples)) {
    const file = encodeBundle(crypto, bundle)
    const decoded = decodeBundle(crypto, file)
    expect(decoded).toEqual({ ok: true, value: { bundle, digest: expect.stringMatching(/^[0-9a-f]{64}$/) } })
    expect(decoded.ok && encodeBundle(crypto, decoded.value.bundle)).toEqual(file)
  }
})
