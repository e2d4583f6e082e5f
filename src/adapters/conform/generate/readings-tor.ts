// L0 vectors of Tor's documents where two implementations once read the text differently [CONS-001, CONS-002, CONS-003, CONS-007].
// Invariant: each is a case that functions.md or consensus.md decides.
import { utf8 } from '../../../machines/ct/bytes.ts'
import { contentOf, logLine, relay } from './bytes-directory.ts'
import { authorities, documentOf, lines } from './bytes-tor.ts'
import { code, type DraftL0, type Must, members, value } from './draft.ts'
import { ascii, keyCertificate, signTorConsensus, torAuthority, torConsensusBody } from './tor-documents.ts'

const one = torAuthority('0')
const signatureLine = `directory-signature sha256 ${one.fingerprint} ${one.signingKeyDigest}\n`
const named = { identity: one.fingerprint.toLowerCase(), signingKeyDigest: one.signingKeyDigest.toLowerCase() }

/** Directory items, in a consensus. */
function items(): readonly DraftL0[] {
  const body = torConsensusBody({ params: { a: 1 }, relays: [relay] })
  const of = (name: string, text: string, must: Must, comment: string): DraftL0 => ({
    function: 'parseTorConsensus',
    name,
    input: { document: ascii(text) },
    must,
    reqs: ['CONS-002.1', 'CONS-002.2'],
    comment,
  })
  const changed = (name: string, from: string, to: string, must: Must, comment: string) =>
    of(name, signTorConsensus(body.replace(from, to), [one]), must, comment)
  const signed = (name: string, text: string, must: Must, comment: string) => of(name, body + text, must, comment)
  const flags = members({ knownFlags: ['Exit', 'Running', 'Valid'] })
  const params = (count: number) => Array.from({ length: count }, (_, at) => `p${at}=1`).join(' ')
  const empty = '-----BEGIN SIGNATURE-----\n-----END SIGNATURE-----\n'
  const by = (algorithm: string) => members({ signatures: [{ algorithm, ...named }] })
  return [
    changed('control-character', 'somebody', 'some\x01body', code('notItems'), 'A control character'),
    changed('delete-character', 'somebody', 'some\x7fbody', code('notItems'), 'A control character'),
    changed(
      'no-utf-8',
      'Exit',
      'E\xe9',
      members({ knownFlags: ['E\xe9', 'Running', 'Valid'] }),
      'A byte is a character',
    ),
    changed('space-behind-flags', 'Exit Running Valid', 'Exit  Running\tValid \t', flags, 'No argument is empty'),
    changed('space-behind-params', 'params a=1', 'params a=1 ', members({ params: { a: 1 } }), 'No argument is empty'),
    changed(
      'space-behind-version',
      '3 microdesc',
      '3 microdesc ',
      members({ flavour: 'microdesc' }),
      'No argument is empty',
    ),
    changed('space-for-argument', '9001 0', '9001 ', code('badRelay'), 'No argument is empty'),
    changed('param-colon', 'a=1', 'a:b=1', code('badParams'), 'A name of other characters'),
    changed(
      'param-name-of-64',
      'a=1',
      `${'a'.repeat(64)}=1`,
      members({ params: { ['a'.repeat(64)]: 1 } }),
      'The longest name',
    ),
    changed('param-name-of-65', 'a=1', `${'a'.repeat(65)}=1`, code('badParams'), 'A longer name'),
    changed('params-1024', 'a=1', params(1024), members({ flavour: 'microdesc' }), 'As many as may be'),
    changed('params-1025', 'a=1', params(1025), code('badParams'), 'One too many'),
    signed('object-of-nothing', signatureLine + empty, by('sha256'), 'An object of no bytes'),
    signed('object-twice', signatureLine + empty + empty, code('notItems'), 'An item has one object'),
    signed(
      'object-small-label',
      signatureLine + empty.replaceAll('SIGNATURE', 'signature'),
      code('notItems'),
      'Labels are capitals',
    ),
    signed(
      'object-without-dashes',
      `${signatureLine}-----BEGIN SIGNATURE\n${empty}`,
      code('notItems'),
      'No line that begins an object',
    ),
    signed(
      'algorithm-in-capitals',
      signatureLine.replace('sha256', 'SHA256') + empty,
      by('sha256'),
      'Said in lower case',
    ),
    signed('algorithm-latin', signatureLine.replace('sha256', 'SHA\xc9') + empty, by('sha\xe9'), 'Said in lower case'),
  ]
}

function others(): readonly DraftL0[] {
  const document = documentOf(lines)
  const keys = authorities.map(({ id }) => id)
  const certificate = keyCertificate(one).replace('fingerprint ', 'fingerprint \x03')
  const votes = [contentOf('directory-footer', logLine), contentOf(logLine)]
  return [
    {
      function: 'parseConsensus',
      name: 'empty-first-line',
      input: { document: utf8(`\n${document}`), authorities: keys },
      must: code('notText'),
      reqs: ['CONS-001.3'],
      comment: 'An empty line before the first',
    },
    {
      function: 'readKeyCertificates',
      name: 'control-character',
      input: { document: ascii(certificate) },
      must: value({ certificates: [{ error: 'badKeyCertificate' }] }),
      reqs: ['CONS-003.1'],
      comment: 'A control character in the fingerprint',
    },
    {
      function: 'mergeVotes',
      name: 'footer-twice',
      input: { votes, authorities: 2 },
      must: value({ content: contentOf(logLine) }),
      reqs: ['CONS-007.1'],
      comment: 'A footer that is not the last line',
    },
    {
      function: 'mergeVotes',
      name: 'signature-inside',
      input: { votes: [contentOf('directory-signature x', logLine)], authorities: 1 },
      must: code('badVote'),
      reqs: ['CONS-007.1'],
      comment: 'What begins as a signature, which ends a content',
    },
  ]
}

export const torReadings = (): readonly DraftL0[] => [...items(), ...others()]
