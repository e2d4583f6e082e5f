// The text of a consensus document: what is written, how long it may be, and what a refusal says of it [CONS-001].
import { expect, test } from 'vitest'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { generateKey } from '../../src/adapters/node/ctr-key.ts'
import { concat, toHex, utf8 } from '../../src/machines/ct/bytes.ts'
import {
  consensusDigest,
  consensusSignatureInput,
  documentErrors,
  encodeConsensusBody,
  maxDocumentBytes,
  parseConsensusDocument,
  signConsensus,
} from '../../src/machines/tor/consensus-document.ts'

const crypto = nodeCrypto()
const { publicKey, sign } = generateKey()
const authority = { key: toHex(publicKey), sign }
const plain = {
  validAfter: 1,
  freshUntil: 2,
  validUntil: 3,
  torConsensus: null,
  params: { a: 1, b: -2 },
  logs: [],
  sths: [],
  ctrs: [],
  auditors: [],
}
const times = 'valid-after 1\nfresh-until 2\nvalid-until 3\n'
const body = `ctor-consensus-version 1\n${times}params a=1 b=-2\ndirectory-footer\n`
const text = signConsensus(crypto, body, [authority])
const parse = (whole: string) => parseConsensusDocument(crypto, whole, [authority.key])
const errorOf = (whole: string) => {
  const read = parse(whole)
  return read.ok ? null : read.error
}
/** The document with this before its footer. */
const withMore = (more: string) =>
  signConsensus(crypto, body.replace('directory-footer', `${more}directory-footer`), [authority])

test('a body is version, Tor consensus if it extends one, times, parameters and footer, line by line [CONS-001]', () => {
  expect(encodeConsensusBody(plain)).toBe(body)
  const torConsensus = 'ab'.repeat(32)
  expect(encodeConsensusBody({ ...plain, torConsensus })).toBe(
    body.replace('valid-after', `tor-consensus ${torConsensus}\nvalid-after`),
  )
})

test('signed is a domain and the digest of the body through the space behind the first directory-signature [CONS-001.4]', () => {
  const digest = crypto.sha256(utf8(`${body}directory-signature `))
  expect(consensusDigest(crypto, body)).toBe(toHex(digest))
  expect(consensusSignatureInput(crypto, body)).toEqual(concat(utf8('ctor consensus v1\0'), digest))
})

test('a signature line is keyword, key and signature, and what is not is no signature of a stranger either [CONS-001.3]', () => {
  const stranger = `directory-signature ${'00'.repeat(32)} ${'00'.repeat(64)}`
  expect(errorOf(`${text}${stranger}\n`)).toBeNull()
  const bad = [
    'directory-signature',
    'directory-signature ',
    `directory-signature ${'00'.repeat(32)}`,
    `x${stranger}`,
    `x ${stranger}`,
    `${stranger} `,
    `${stranger}0`,
    stranger.replace(' ', '  '),
    stranger.replaceAll('00', 'AA'),
    stranger.replace('00 ', ' '),
    stranger.slice('directory-signature '.length),
  ]
  for (const line of bad) expect(errorOf(`${text}${line}\n`), line).toBe('badSignatureLine')
})

test('the limits of a signed document are allowed: 64 signatures, 65,536 lines, 4 MiB [CONS-001.5]', () => {
  const strangerOf = (byte: number) => toHex(new Uint8Array(32).fill(byte))
  const strangers = (count: number) =>
    Array.from({ length: count }, (_, i) => `directory-signature ${strangerOf(i)} ${'00'.repeat(64)}\n`).join('')
  expect(errorOf(text + strangers(63))).toBeNull()
  expect(errorOf(text + strangers(64))).toBe('badSignatureLine')
  const lines = 65_536 - (text.split('\n').length - 1)
  expect(errorOf(withMore('x\n'.repeat(lines)))).toBeNull()
  expect(errorOf(withMore('x\n'.repeat(lines + 1)))).toBe('tooLarge')
  const room = maxDocumentBytes - withMore('x \n').length
  expect(errorOf(withMore(`x ${'y'.repeat(room)}\n`))).toBeNull()
  expect(errorOf(withMore(`x ${'y'.repeat(room + 1)}\n`))).toBe('tooLarge')
})

test('an empty line is refused wherever it stands [CONS-001.3]', () => {
  expect(errorOf(text)).toBeNull()
  for (const empty of [`\n${text}`, withMore('\n'), `${text}\n`]) expect(errorOf(empty)).toBe('notText')
})

test('a refusal says why, and quotes no more than 80 characters of a line [CONS-001.3]', () => {
  expect(parse('x\n')).toEqual({ ok: false, error: 'badVersion', detail: documentErrors.badVersion })
  expect(parse(withMore(`log ${'x'.repeat(200)}\n`))).toEqual({
    ok: false,
    error: 'badLine',
    detail: `${documentErrors.badLine}: log ${'x'.repeat(76)}`,
  })
})
