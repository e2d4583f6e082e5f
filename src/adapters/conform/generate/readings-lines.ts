// L0 vectors of signed lines where two implementations once read the text differently [CONS-001, CONS-003 to CONS-006, WIRE-008, WIRE-013].
// Invariant: each is a case that functions.md or consensus.md decides; what is signed is signed as it stands.
import { fromHex, toBase64, toHex, utf8 } from '../../../machines/ct/bytes.ts'
import { committing, contentOf, logLine } from './bytes-directory.ts'
import { checkpointLog, keyId, note, origin, root, signatureLine, treeHeadSignature } from './bytes-static-ct.ts'
import { auditor, authorities, consensusOf, documentOf, identity, lines, nonce, now, proofBytes } from './bytes-tor.ts'
import { code, type DraftL0, type Must, members, ok, value } from './draft.ts'
import { hexOf } from './random.ts'
import {
  ascii,
  coveredBy,
  keyCertificate,
  microdescriptor,
  sha256,
  signExtension,
  signTorConsensus,
  torAuthority,
  torConsensusBody,
  torValidAfter,
} from './tor-documents.ts'

const tor = torAuthority('0')
const fill = (byte: number, length = 32) => new Uint8Array(length).fill(byte)

function draft(of: string, name: string, reqs: readonly string[], input: object, must: Must, comment: string): DraftL0 {
  return { function: of, name, input, must, reqs, comment }
}

const hosts = ['a', 'a1.b2', '0.249.255.1', '[::1.2.3.4]', 'A-b.c', 'a:065', 'a:65535', 'a/0/.~_-/..']
const noHosts = [
  '1',
  'a.1',
  'a.',
  '.a',
  'a..b',
  '-a',
  'a-',
  'a_b',
  '1.2.3',
  '1.2.3.256',
  '01.2.3.4',
  '[::g]',
  'a:',
  'a:65536',
  'a:000080',
  'a//b',
  'a/',
  'a?b',
  'a/%41',
  'u@a',
]

function documents(): readonly DraftL0[] {
  const of = (name: string, own: readonly string[], must: Must, comment: string) => {
    const input = { document: utf8(documentOf([...lines, ...own])), authorities: authorities.map(({ id }) => id) }
    return draft('parseConsensus', name, ['CONS-001.3', 'CONS-001.5'], input, must, comment)
  }
  const bad = (name: string, line: string, error: string, comment: string) => of(name, [line], code(error), comment)
  const ctr = (url: string, at = 0) => `ctr ${hexOf(`ctr ${at}`)} ${url}`
  const log = lines.find((line) => line.startsWith('log ')) as string
  const logId = log.split(' ')[1] as string
  const family = (count: number, id = hexOf('member')) => `family=${Array.from({ length: count }, () => id).join()}`
  const sth = (bytes: number) => `sth ${logId} 1 1 ${hexOf('root')} ${'04'.repeat(bytes)}`
  const many = `params ${Array.from({ length: 257 }, (_, at) => `p${at}=1`).join(' ')}`
  return [
    of(
      'urls',
      hosts.map((host, at) => ctr(`https://${host}`, at)),
      ok,
      'Hosts, ports and segments',
    ),
    ...noHosts.map((host) => bad(`url-${host}`, ctr(`http://${host}`), 'badLine', 'No URL')),
    of(
      'family-behind-others',
      [`${ctr('http://a')} x family=${hexOf('member')} family=x`],
      ok,
      'The first of its name',
    ),
    bad('params-again-too-many', many, 'duplicate', 'A second params, whatever is in it'),
    bad('family-257', `ctr ${identity.id} http://a ${family(257)}`, 'tooMany', 'Before duplicate'),
    bad('family-257-of-none', `${ctr('http://a')} ${family(257, 'x')}`, 'badLine', 'Before tooMany'),
    bad('auditor-again-without-url', `auditor ${auditor.id} x`, 'badLine', 'Before duplicate'),
    of('sth-signature-1100', [sth(1100)], ok, 'The longest DigitallySigned'),
    bad('sth-signature-1101', sth(1101), 'badLine', 'A longer one'),
    bad('sth-signature-none', sth(0), 'badLine', 'None'),
  ]
}

function extensions(): readonly DraftL0[] {
  const of = (name: string, line: string, must: Must) => {
    const content = contentOf(logLine, line)
    const consensus = torConsensusBody({ params: committing(content) })
    const named = `tor-consensus microdesc ${toHex(sha256(coveredBy(consensus)))}\n`
    const input = {
      document: ascii(signExtension(`ctor-extension-version 1\n${named}${content}`, [tor])),
      consensus: ascii(signTorConsensus(consensus, [tor])),
      certificates: ascii(keyCertificate(tor)),
      authorities: [tor.fingerprint.toLowerCase()],
      now: torValidAfter,
    }
    return draft('verifyExtension', name, ['CONS-005.3'], input, must, 'A line of another document')
  }
  return [of('time-in-content', 'valid-after 1', ok), of('no-time-in-content', 'valid-after x', code('badLine'))]
}

function directory(): readonly DraftL0[] {
  const words = (body: string) => body.replace('dir-key-certification\n', 'dir-key-certification more words\n')
  const certificates = (text: string) => ({ document: ascii(text) })
  const right = keyCertificate(tor)
  const key = (name: string, text: string, must: Must, comment: string) =>
    draft('readKeyCertificates', name, ['CONS-003.1', 'CONS-003.2'], certificates(text), must, comment)
  const micro = (byte: number, lines: readonly string[]) => microdescriptor({ identity: fill(byte), lines })
  const ctrOf = (byte: number, family: readonly number[] = []) => ({
    ctrId: toHex(fill(byte)),
    url: 'http://a',
    family: family.map((one) => toHex(fill(one))),
  })
  const list = (name: string, texts: readonly string[], ctrs: readonly object[], comment: string) => {
    const relays = texts.map((text, at) => ({
      identity: fill(at + 1, 20),
      flags: ['Running', 'Valid'],
      descriptor: sha256(ascii(text)),
    }))
    const consensus = ascii(signTorConsensus(torConsensusBody({ relays }), [tor]))
    const input = { consensus, microdescriptors: ascii(texts.join('')), announced: [ctrOf(1), ctrOf(2)] }
    return draft('ctrList', name, ['CONS-004.2', 'CONS-004.3'], input, value({ ctrs }), comment)
  }
  const [one, two] = [micro(1, []), micro(2, [])]
  const names = (...behind: readonly string[]) =>
    `family ${behind.map((text) => `$${toHex(fill(2, 20))}${text}`).join(' ')}`
  return [
    key(
      'words-behind-certification',
      keyCertificate(tor, { change: words }),
      value({ certificates: [{ ok: fieldsOf() }] }),
      'Signed to the end of the line',
    ),
    key(
      'behind-carriage-return',
      `${right}x\r${right}`,
      value({ certificates: [{ error: 'badKeyCertificate' }] }),
      'One begins behind LF',
    ),
    list(
      'family-ids-of-none',
      [micro(1, ['family-ids ']), micro(2, ['family-ids '])],
      [ctrOf(1), ctrOf(2)],
      'Two without identifiers are no family',
    ),
    list('two-identities', [one.replace(/id ed25519 .*\n/, '$&$&'), two], [ctrOf(2)], 'Left out'),
    list('carriage-return', [one, two.replaceAll('\n', '\r\n')], [], 'No line onion-key: the first goes on'),
    list('name-behind-dash', [micro(1, [names('-x')]), two], [ctrOf(1, [2]), ctrOf(2)], 'A dash ends the digits'),
    list('letter-behind-digits', [micro(1, [names('x', '_', '0')]), two], [ctrOf(1), ctrOf(2)], 'These do not'),
  ]

  function fieldsOf() {
    const body = right.slice(right.indexOf('dir-signing-key\n'))
    const der = fromBase64Lines(body)
    const spki = fromHex(`30819f300d06092a864886f70d010101050003818d00${toHex(der)}`)
    return {
      identity: tor.fingerprint.toLowerCase(),
      signingKeyDigest: tor.signingKeyDigest.toLowerCase(),
      signingKey: spki,
      publishedAt: 0,
      expiresAt: 4_102_444_800_000,
    }
  }
}

const fromBase64Lines = (text: string) =>
  new Uint8Array(Buffer.from(text.split('\n-----END')[0]?.split('-----\n')[1] ?? '', 'base64'))

function proofs(): readonly DraftL0[] {
  const consensuses = Array.from({ length: 9 }, (_, at) => consensusOf(at + 1, now - at))
  const of = (name: string, number: number, must: Must) =>
    draft(
      'verifyCtrProof',
      name,
      ['AUD-002.2'],
      {
        proof: toBase64(proofBytes({ digest: hexOf(`consensus ${number}`) })),
        auditorKey: auditor.id,
        nonce,
        consensuses,
        now,
      },
      must,
      'The newest 8 are tried',
    )
  const body = [origin, '70000', toBase64(fromHex(root))]
  const own = signatureLine(origin)
  const later = signatureLine(origin, keyId(origin), treeHeadSignature, 1_700_000_000_001)
  const read = { logId: checkpointLog, timestamp: 1_700_000_000_000, size: 70_000, root, signature: treeHeadSignature }
  const checkpoint = (name: string, signatures: readonly string[], must: Must, comment: string, lines = body) =>
    draft(
      'decodeCheckpoint',
      name,
      ['WIRE-013.3'],
      { logId: checkpointLog, origin, bytes: utf8(note(lines, signatures)) },
      must,
      comment,
    )
  return [
    of('consensus-8-of-9', 8, members({ verdict: 'ctr' })),
    of('consensus-9-of-9', 9, value({ verdict: 'badProof', check: 'badSignature' })),
    checkpoint('size-of-23-digits', [own], code('numberTooLarge'), 'A number, however large', [
      origin,
      '9'.repeat(23),
      `${body[2]}`,
    ]),
    checkpoint('origin-empty', [own], code('otherOrigin'), 'An origin as any', ['', ...body.slice(1)]),
    checkpoint('two-of-its-own', [own, later], value(read), 'The first counts'),
    ...['\u00a0', '\u2003', '\ufeff', '\u3000'].map((space) =>
      checkpoint(
        `space-in-name-${space.charCodeAt(0).toString(16)}`,
        [own, signatureLine(`a${space}b`)],
        code('notNote'),
        'White space in a name',
      ),
    ),
    checkpoint('next-line-in-name', [signatureLine('a\u0085b'), own], value(read), 'No white space'),
  ]
}

export const lineReadings = (): readonly DraftL0[] => [...documents(), ...extensions(), ...directory(), ...proofs()]
