// L0 vectors of Tor's directory: key certificates, the consensus, the CT extension document and its votes [CONS-002 to CONS-007].
// Invariant: what must come of a document is said by who made it; keys are those of keys.ts.
import { toHex } from '../../../machines/ct/bytes.ts'
import { anyError, code, type DraftL0, type Must, members, ok, value } from './draft.ts'
import { logOf, p256Key } from './keys.ts'
import { joined } from './operators.ts'
import { digestOf, hexOf } from './random.ts'
import {
  armored,
  ascii,
  type ConsensusParts,
  coveredBy,
  keyCertificate,
  microdescriptor,
  sha1,
  sha256,
  signatureItem,
  signBare,
  signExtension,
  signTorConsensus,
  type TorAuthority,
  torAuthority,
  torConsensusBody,
  torValidAfter,
} from './tor-documents.ts'

const now = torValidAfter
const hour = 3_600_000
const fill = (byte: number, length: number) => new Uint8Array(length).fill(byte)
const lower = ({ fingerprint }: TorAuthority) => fingerprint.toLowerCase()
const hostLog = logOf(p256Key('vectors: log'))
export const logLine = `log ${hostLog.logId} ${hostLog.mmd} ${hostLog.url} ${hostLog.key}`
export const contentOf = (...lines: readonly string[]) =>
  `content\n${lines.map((line) => `${line}\n`).join('')}directory-footer\n`

/** Word i of a digest as Int32, by text and not by the kernel. */
function paramsOf(digest: string): Readonly<Record<string, number>> {
  const words = [0, 1, 2, 3, 4, 5, 6, 7].map((word) => Number.parseInt(digest.slice(word * 8, word * 8 + 8), 16))
  return Object.fromEntries(
    words.map((value, word) => [`ct-ext-digest-${word}`, value > 0x7fffffff ? value - 2 ** 32 : value]),
  )
}

export const committing = (content: string) => paramsOf(toHex(sha256(ascii(content))))

export type Add = (name: string, input: object, must: Must, operator?: string) => void

export function adder(drafts: DraftL0[], name: string, reqs: readonly string[], comment: string): Add {
  return (caseName, input, must, operator) =>
    drafts.push({
      function: name,
      name: caseName,
      input,
      must,
      reqs,
      comment: `${comment}: ${caseName}`,
      ...(operator === undefined ? {} : { operator }),
    })
}

function certificateDrafts(authorities: readonly TorAuthority[]): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  const [a, b] = authorities as [TorAuthority, TorAuthority]
  const add = adder(drafts, 'readKeyCertificates', ['CONS-003.1', 'CONS-003.2', 'CONS-003.4'], 'Key certificates')
  const times = { published: now - 1000 * hour, expires: now + 1000 * hour }
  const right = keyCertificate(a, times)
  const document = (text: string) => ({ document: ascii(text) })
  const errors = (...wanted: readonly (string | null)[]) => ({ certificates: wanted.map((error) => ({ error })) })
  add('one', document(right), ok)
  add('two', document(right + keyCertificate(b, times)), ok)
  add('other-label', document(keyCertificate(a, { ...times, crosscertLabel: 'SIGNATURE' })), ok)
  add('empty', document(''), code('badKeyCertificates'), 'empty')
  add('prefix', document(`x\n${right}`), code('badKeyCertificates'), 'prepend-line')
  const bad = (operator: string, text: string, error: string) =>
    add(operator, document(text), value(errors(error)), operator)
  bad('version-4', keyCertificate(a, { ...times, version: '4' }), 'badKeyCertificate')
  bad('truncate-1', right.slice(0, -1), 'badKeyCertificate')
  bad('append-line', `${right}x\n`, 'badKeyCertificate')
  for (const keyword of ['fingerprint', 'dir-key-published', 'dir-key-expires']) {
    const line = new RegExp(`^${keyword} .*\n`, 'm')
    bad(
      `without-${keyword}`,
      keyCertificate(a, { ...times, change: (body) => body.replace(line, '') }),
      'badKeyCertificate',
    )
    bad(
      `twice-${keyword}`,
      keyCertificate(a, { ...times, change: (body) => body.replace(line, '$&$&') }),
      'badKeyCertificate',
    )
  }
  bad(
    'other-fingerprint',
    keyCertificate(a, { ...times, change: (body) => body.replace(a.fingerprint, b.fingerprint) }),
    'otherFingerprint',
  )
  const crossed = signBare(b.signingKey, sha1(new Uint8Array([1])))
  bad('other-crosscert', keyCertificate(a, { ...times, crosscert: crossed }), 'badCrosscert')
  bad('signed-by-another', keyCertificate(a, { ...times, signer: b.identityKey }), 'badCertification')
  bad('expiry-changed', right.replace(/^(dir-key-expires \d+-\d\d-)../m, '$100'), 'badKeyCertificate')
  bad(
    'published-changed',
    right.replace(/^dir-key-published .*$/m, 'dir-key-published 2020-01-01 00:00:00'),
    'badCertification',
  )
  return drafts
}

export const relay = { identity: fill(7, 20), flags: ['Running', 'Valid'], descriptor: fill(9, 32) }

function consensusDrafts(authorities: readonly TorAuthority[]): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  const [a, b, c] = authorities as [TorAuthority, TorAuthority, TorAuthority]
  const parse = adder(
    drafts,
    'parseTorConsensus',
    ['CONS-002.1', 'CONS-002.2', 'CONS-002.3', 'CONS-002.6'],
    'A Tor consensus',
  )
  const body = torConsensusBody({ params: { a: 1, b: -2 }, relays: [relay] })
  const right = signTorConsensus(body, [a])
  const nsBody = torConsensusBody({ flavour: 'ns', relays: [{ ...relay, descriptor: fill(9, 20) }] })
  const common = {
    validAfter: now,
    freshUntil: now + hour,
    validUntil: now + 3 * hour,
    knownFlags: ['Exit', 'Running', 'Valid'],
  }
  const document = (text: string) => ({ document: ascii(text) })
  parse(
    'microdesc',
    document(right),
    members({ ...common, flavour: 'microdesc', params: { a: 1, b: -2 }, digest: toHex(sha256(coveredBy(body))) }),
  )
  parse(
    'ns',
    document(signTorConsensus(nsBody, [a])),
    members({ ...common, flavour: 'ns', params: {}, digest: toHex(sha256(coveredBy(nsBody))) }),
  )
  parse('no-relays', document(signTorConsensus(torConsensusBody(), [a])), members({ relays: [] }))
  parse('unknown-keywords', document(right.replace('known-flags', 'new-thing 1\nknown-flags')), members(common))
  const bad = (operator: string, text: string, error?: string) =>
    parse(operator, document(text), error === undefined ? anyError : code(error), operator)
  bad('truncate-1', right.slice(0, -1), 'notItems')
  bad('truncate-signatures', body, 'truncated')
  bad('truncate-half', right.slice(0, right.indexOf('directory-footer')), 'truncated')
  bad('append-line', `${right}x\n`, 'badTorSignature')
  bad('blank-line', right.replace('vote-status', '\nvote-status'), 'notItems')
  bad('crlf', right.replaceAll('\n', '\r\n'), 'notItems')
  bad('flavour-other', right.replace('3 microdesc', '3 other'), 'badFlavour')
  bad('version-4', right.replace('3 microdesc', '4 microdesc'), 'badFlavour')
  for (const keyword of [
    'vote-status',
    'consensus-method',
    'valid-after',
    'fresh-until',
    'valid-until',
    'voting-delay',
    'known-flags',
  ]) {
    const line = new RegExp(`^${keyword} .*\n`, 'm')
    bad(`without-${keyword}`, right.replace(line, ''), 'badPreamble')
    bad(`twice-${keyword}`, right.replace(line, '$&$&'), 'badPreamble')
  }
  bad('params-twice', right.replace(/^params .*\n/m, '$&$&'), 'badPreamble')
  bad('param-twice', right.replace('a=1', 'b=1'), 'badParams')
  bad('param-beyond-int32', right.replace('a=1', 'a=2147483648'), 'badParams')
  bad('param-below-int32', right.replace('a=1', 'a=-2147483649'), 'badParams')
  bad('times-out-of-order', right.replace(/^fresh-until .*$/m, 'fresh-until 2001-01-01 00:00:00'), 'badTimes')
  for (const keyword of ['m', 's']) {
    const line = new RegExp(`^${keyword} .*\n`, 'm')
    bad(`relay-without-${keyword}`, right.replace(line, ''), 'badRelay')
    bad(`relay-twice-${keyword}`, right.replace(line, '$&$&'), 'badRelay')
  }
  bad('relay-twice', right.replace(/^r [\s\S]*?(?=^directory-footer)/m, '$&$&'), 'badOrder')

  const verify = adder(
    drafts,
    'verifyTorConsensus',
    ['CONS-002.4', 'CONS-002.5', 'CONS-002.7', 'CONS-003.3'],
    'Signatures of a consensus',
  )
  const certificates = ascii(authorities.map((one) => keyCertificate(one)).join(''))
  const three = [a, b, c]
  const given = (text: string, changed: object = {}) => ({
    document: ascii(text),
    certificates,
    authorities: three.map(lower),
    now,
    ...changed,
  })
  const counted = (good: number, configured = 3, liveness = 'live') =>
    value({ good, configured, signed: good * 2 > configured, liveness })
  verify('all', given(signTorConsensus(body, three)), counted(3))
  verify('ns', given(signTorConsensus(nsBody, three)), counted(3))
  verify('two-of-three', given(signTorConsensus(body, [a, c])), counted(2))
  verify('one-of-three', given(right), counted(1), 'drop-signatures')
  const four = [...three, authorities[3] as TorAuthority].map(lower)
  verify('half', given(signTorConsensus(body, [a, b]), { authorities: four }), counted(2, 4), 'half')
  verify('half-plus-one', given(signTorConsensus(body, three), { authorities: four }), counted(3, 4))
  verify('one-three-times', given(signTorConsensus(body, [a, a, a])), counted(1), 'repeat-signature')
  verify(
    'one-configured-twice',
    given(right, { authorities: [lower(a), lower(a), lower(b)] }),
    counted(1, 2),
    'repeat-authority',
  )
  verify('strangers', given(signTorConsensus(body, authorities.slice(3))), counted(0), 'strangers')
  const digest = sha256(coveredBy(body))
  const withItems = (...items: readonly string[]) => given(body + items.join(''))
  const good = [a, b].map((one) => signatureItem(one, 'sha256', digest))
  verify('unknown-algorithm-beside', withItems(...good, signatureItem(c, 'sha3-256', digest)), counted(2))
  verify(
    'unknown-algorithm',
    withItems(...three.map((one) => signatureItem(one, 'sha3-256', digest))),
    counted(0),
    'unknown-algorithm',
  )
  verify(
    'sha1-on-microdesc',
    withItems(...three.map((one) => signatureItem(one, 'sha1', sha1(coveredBy(body))))),
    counted(0),
    'sha1',
  )
  const over = (covered: Uint8Array) => withItems(...three.map((one) => signatureItem(one, 'sha256', sha256(covered))))
  verify('one-byte-less', over(coveredBy(body).slice(0, -1)), counted(0), 'digest-one-byte-less')
  verify('one-byte-more', over(joined(coveredBy(body), [0x73])), counted(0), 'digest-one-byte-more')
  verify('without-keyword', over(ascii(body)), counted(0), 'digest-without-keyword')
  const info = Uint8Array.from(Buffer.from('3031300d060960864801650304020105000420', 'hex'))
  const wrapped = three.map(
    ({ fingerprint, signingKeyDigest, signingKey }) =>
      `directory-signature sha256 ${fingerprint} ${signingKeyDigest}\n${armored('SIGNATURE', signBare(signingKey, joined(info, digest)))}`,
  )
  verify('digest-info', withItems(...wrapped), counted(0), 'digest-info')
  verify(
    'flip-bit',
    given(signTorConsensus(body, three).replace('Bandwidth=1000', 'Bandwidth=1001')),
    counted(0),
    'flip-bit',
  )
  const expired = ascii(three.map((one) => keyCertificate(one, { expires: now })).join(''))
  verify('certificates-expired', given(signTorConsensus(body, three), { certificates: expired }), counted(0), 'expired')
  const late = ascii(three.map((one) => keyCertificate(one, { published: now + 1000 })).join(''))
  verify(
    'certificates-too-new',
    given(signTorConsensus(body, three), { certificates: late }),
    counted(0),
    'published+1',
  )
  verify(
    'no-certificates',
    given(signTorConsensus(body, three), { certificates: new Uint8Array() }),
    counted(0),
    'drop-certificates',
  )
  for (const [liveness, at] of [
    ['early', now - 24 * hour - 1],
    ['reasonablyLive', now - 1],
    ['live', now + 3 * hour - 1],
    ['reasonablyLive', now + 3 * hour],
    ['stale', now + 27 * hour],
  ] as const)
    verify(`${liveness}-at-${at - now}`, given(signTorConsensus(body, three), { now: at }), counted(3, 3, liveness))
  return drafts
}

function extensionDrafts(authorities: readonly TorAuthority[]): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  const three = authorities.slice(0, 3)
  const add = adder(
    drafts,
    'verifyExtension',
    ['CONS-005.1', 'CONS-005.2', 'CONS-005.3', 'CONS-005.5', 'CONS-006.1'],
    'A CT extension document',
  )
  const content = contentOf('params a=1', logLine, `auditor ${hexOf('auditor')} http://127.0.0.1`)
  const bodyOf = (parts: ConsensusParts) => torConsensusBody({ params: committing(content), ...parts })
  const [md, ns] = [bodyOf({}), bodyOf({ flavour: 'ns' })]
  const digestOfBody = (text: string) => toHex(sha256(coveredBy(text)))
  const named = `tor-consensus microdesc ${digestOfBody(md)}\ntor-consensus ns ${digestOfBody(ns)}\n`
  const whole = (lines: string, of = content) => `ctor-extension-version 1\n${lines}${of}`
  const body = whole(named)
  const given = (document: string, consensus = md) => ({
    document: ascii(document),
    consensus: ascii(signTorConsensus(consensus, three)),
    certificates: ascii(authorities.map((one) => keyCertificate(one)).join('')),
    authorities: three.map(lower),
    now,
  })
  const right = signExtension(body, three)
  const holds = members({ digest: digestOfBody(body), params: { a: 1 }, logs: [hostLog], sths: [], ctrs: [] })
  add('right', given(right), holds)
  add('ns', given(right, ns), holds)
  add('two-of-three', given(signExtension(body, three.slice(1))), holds)
  const bad = (operator: string, error: string, document: string, consensus = md) =>
    add(operator, given(document, consensus), code(error), operator)
  bad('one-of-three', 'notSigned', signExtension(body, three.slice(1, 2)))
  bad('strangers', 'notSigned', signExtension(body, authorities.slice(3)))
  bad('one-three-times', 'notSigned', signExtension(body, [three[0], three[0], three[0]] as readonly TorAuthority[]))
  bad('other-consensus', 'otherConsensus', right, bodyOf({ knownFlags: ['Other'] }))
  bad('other-flavour-named', 'otherConsensus', signExtension(whole(`tor-consensus ns ${digestOfBody(ns)}\n`), three))
  const without = torConsensusBody()
  const forIt = (of: string, lines = `tor-consensus microdesc ${digestOfBody(of)}\n`) =>
    signExtension(whole(lines), three)
  bad('not-committed', 'notCommitted', forIt(without), without)
  const seven = bodyOf({ params: Object.fromEntries(Object.entries(committing(content)).slice(1)) })
  bad('seven-words', 'notCommitted', forIt(seven), seven)
  const swapped = bodyOf({
    params: { ...committing(content), 'ct-ext-digest-0': committing(content)['ct-ext-digest-1'] as number },
  })
  bad('word-0-is-word-1', 'notCommitted', forIt(swapped), swapped)
  bad('content-changed', 'notCommitted', right.replace('a=1', 'a=2'))
  bad(
    'consensus-line-changed',
    'notSigned',
    right
      .replace(/tor-consensus ns ./, 'tor-consensus ns 0')
      .replace(/tor-consensus ns 0(?=0{64})/, 'tor-consensus ns 1'),
  )
  bad('version-2', 'badVersion', right.replace('version 1', 'version 2'))
  bad('truncate-1', 'notText', right.slice(0, -1))
  bad('truncate-signatures', 'truncated', body)
  bad('no-footer', 'truncated', right.replace('directory-footer\n', ''))
  bad('no-consensus-line', 'badConsensusLine', signExtension(whole(''), three))
  bad('consensus-line-twice', 'badConsensusLine', signExtension(whole(named + named), three))
  bad('append-line', 'badTorSignature', `${right}x\n`)
  const before = adder(drafts, 'verifyExtension', ['CONS-001.3'], 'Before the content of a CT extension document')
  const header = (name: string, must: Must, lines: string) =>
    before(name, given(signExtension(whole(lines), three)), must)
  header('unknown-keyword-first', members({ params: { a: 1 } }), `Future-Thing 1 2\n${named}`)
  header('unknown-keyword-last', members({ params: { a: 1 } }), `${named}future\n`)
  header('further-argument', members({ params: { a: 1 } }), named.replace('\n', ' more\n'))
  header(
    'line-of-the-content',
    members({ logs: [hostLog], params: { a: 1 } }),
    `params a=2\n${logLine}\nlog x\n${named}`,
  )
  header('no-keyword', code('badConsensusLine'), `${named}!\n`)
  header('space-first', code('badConsensusLine'), ` ${named}`)
  header('other-flavour', code('badConsensusLine'), `${named}tor-consensus other ${hexOf('other')}\n`)
  header('digest-of-31-bytes', code('badConsensusLine'), named.replace(/.\n$/, '\n').replace(/.\n$/, '\n'))
  header('keyword-misspelt', code('otherConsensus'), named.replace('tor-consensus', 'tor-consensux'))
  const auditors = Array.from({ length: 65 }, (_, n) => `auditor ${hexOf(`auditor ${n}`)} http://127.0.0.1`)
  for (const count of [64, 65]) {
    const many = contentOf(...auditors.slice(0, count).sort())
    const forMany = torConsensusBody({ params: committing(many) })
    drafts.push({
      function: 'verifyExtension',
      name: `auditors-${count}`,
      input: given(signExtension(whole(`tor-consensus microdesc ${digestOfBody(forMany)}\n`, many), three), forMany),
      must: count > 64 ? code('tooMany') : members({ logs: [], params: {} }),
      reqs: ['CONS-005.4'],
      comment: `A CT extension document: ${count} auditors, of which 64 are the limit`,
    })
  }
  const badContent = contentOf('log x')
  const committed = torConsensusBody({ params: committing(badContent) })
  bad(
    'bad-line',
    'badLine',
    signExtension(whole(`tor-consensus microdesc ${digestOfBody(committed)}\n`, badContent), three),
    committed,
  )
  return drafts
}

function ctrDrafts(authorities: readonly TorAuthority[]): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  const add = adder(drafts, 'ctrList', ['CONS-004.1', 'CONS-004.2', 'CONS-004.3'], 'CTRs')
  const micro = [1, 2, 3].map((byte) =>
    microdescriptor({
      identity: fill(byte, 32),
      lines: byte === 1 ? [`family $${toHex(fill(2, 20)).toUpperCase()}`] : ['family-ids ed25519:same'],
    }),
  )
  const relays = (flags: readonly (readonly string[])[]) =>
    micro.map((text, i) => ({ identity: fill(i + 1, 20), flags: flags[i] ?? [], descriptor: sha256(ascii(text)) }))
  const ctrOf = (byte: number, family: readonly number[] = []) => ({
    ctrId: toHex(fill(byte, 32)),
    url: `http://127.0.0.1:${byte}`,
    family: family.map((one) => toHex(fill(one, 32))),
  })
  const given = (parts: ConsensusParts, announced: readonly object[], of = micro) => ({
    consensus: ascii(signTorConsensus(torConsensusBody(parts), authorities.slice(0, 1))),
    microdescriptors: ascii(of.join('')),
    announced,
  })
  const up = ['Running', 'Valid']
  const all = [ctrOf(1), ctrOf(2), ctrOf(3), ctrOf(4)]
  const three = { relays: relays([up, up, up]) }
  add('families', given(three, all), value({ ctrs: [ctrOf(1, [2]), ctrOf(2, [3]), ctrOf(3, [2])] }))
  add('family-of-the-line', given(three, [ctrOf(3, [9])]), value({ ctrs: [ctrOf(3, [2, 9])] }))
  add(
    'not-running',
    given({ relays: relays([['Valid'], up, ['Running']]) }, all),
    value({ ctrs: [ctrOf(2)] }),
    'drop-flag',
  )
  const flagged = { knownFlags: ['CTR', ...up], relays: relays([['CTR', ...up], up, ['CTR', 'Running']]) }
  add('flag-known', given(flagged, all), value({ ctrs: [ctrOf(1)] }))
  add('flag-unknown', given({ ...flagged, knownFlags: up }, all), value({ ctrs: [ctrOf(1, [2]), ctrOf(2)] }))
  add('not-announced', given(three, []), value({ ctrs: [] }), 'drop-ctr')
  add(
    'no-microdescriptor',
    given(three, all, micro.slice(1)),
    value({ ctrs: [ctrOf(2, [3]), ctrOf(3, [2])] }),
    'drop-microdescriptor',
  )
  const changed = micro.map((text) => text.replace('ntor', 'Ntor'))
  add('other-microdescriptor', given(three, all, changed), value({ ctrs: [] }), 'flip-bit')
  return drafts
}

function commitmentDrafts(): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  const there = adder(drafts, 'commitmentParams', ['CONS-006.1', 'CONS-006.2'], 'A digest as eight parameters')
  const back = adder(drafts, 'committedDigest', ['CONS-006.1'], 'The digest that parameters carry')
  const edges = `00000001${'80000000'}7fffffffffffffff${'00000000'}0000ff00fffffffe12345678`
  for (const [name, digest] of Object.entries({
    edges,
    zero: '00'.repeat(32),
    ones: 'ff'.repeat(32),
    any: hexOf('digest'),
  })) {
    const params = paramsOf(digest)
    const line = `ConsensusParams ${Object.entries(params)
      .map(([word, of]) => `${word}=${of}`)
      .join(' ')}`
    there(name, { digest }, value({ params, line }))
    back(name, { params: { ...params, other: 1 } }, value({ digest }))
  }
  const { 'ct-ext-digest-7': _, ...seven } = paramsOf(edges)
  back('seven-words', { params: seven }, value({}), 'drop-word')
  back('none', { params: {} }, value({}), 'drop-words')
  return drafts
}

function mergeDrafts(): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  const add = adder(drafts, 'mergeVotes', ['CONS-007.1', 'CONS-007.2', 'CONS-007.3', 'CONS-007.4'], 'Votes merged')
  const key = p256Key('vectors: log')
  const head = (timestamp: number, root: string, signer = key) => {
    const signed = joined([0, 1], uint64(timestamp), uint64(5), digestOf(root))
    const signature = signer.sign(signed)
    return `sth ${hostLog.logId} ${timestamp} 5 ${hexOf(root)} 0403${signature.length.toString(16).padStart(4, '0')}${toHex(signature)}`
  }
  const [old, fresh, forged] = [
    head(1000, 'old'),
    head(2000, 'new'),
    head(3000, 'forged', p256Key('vectors: stranger')),
  ]
  const [a, b] = ['a', 'b'].map((name) => `auditor ${hexOf(name)} http://127.0.0.1`).sort() as [string, string]
  const merge = (name: string, votes: readonly string[], authorities: number, must: Must, operator?: string) =>
    add(name, { votes, authorities }, must, operator)
  const is = (...lines: readonly string[]) => value({ content: contentOf(...lines) })
  merge('no-votes', [], 3, is())
  merge('two-of-three', [contentOf(logLine, a), contentOf(logLine, b), contentOf(a)], 3, is(logLine, a))
  merge('half', [contentOf(logLine), contentOf(logLine)], 4, is(), 'half')
  merge('absent-counts-against', [contentOf(logLine)], 2, is(), 'drop-vote')
  merge('other-mmd', [contentOf(logLine), contentOf(logLine.replace(` ${hostLog.mmd} `, ' 1 '))], 2, is(), 'other-line')
  merge(
    'newest-head-of-one',
    [contentOf(logLine, old), contentOf(logLine, fresh), contentOf(logLine, old)],
    3,
    is(logLine, fresh),
  )
  merge(
    'forged-head',
    [contentOf(logLine, old), contentOf(logLine, forged), contentOf(logLine)],
    3,
    is(logLine, old),
    'forged-head',
  )
  merge('head-of-a-minority-log', [contentOf(logLine, fresh), contentOf(), contentOf()], 3, is(), 'minority')
  const equal = ['x', 'y'].map((root) => head(2000, root)).sort() as [string, string]
  merge('equally-new-heads', [contentOf(logLine, equal[1]), contentOf(logLine, equal[0])], 2, is(logLine, equal[1]))
  const params = (...values: readonly string[]) => values.map((of) => contentOf(`params ${of}`))
  merge('low-median', params('p=5', 'p=1', 'p=3', 'p=4'), 4, is('params p=3'))
  merge('median-negative', params('p=-5', 'p=1', 'p=-3'), 3, is('params p=-3'))
  merge('median-not-as-text', params('p=10', 'p=9', 'p=100'), 3, is('params p=10'))
  merge('param-of-a-minority', params('p=1', 'q=1', 'p=1'), 3, is('params p=1'), 'minority')
  merge('params-by-name', params('z=1 a=2', 'a=2 z=1'), 2, is('params a=2 z=1'))
  merge('other-order', [contentOf(b, a, logLine), contentOf(logLine, b, a)], 2, is(logLine, a, b))
  merge('too-many-votes', [contentOf(), contentOf()], 1, code('tooManyVotes'), 'repeat-vote')
  merge('bad-vote', [contentOf('log x')], 1, code('badVote'), 'bad-line')
  merge('no-content', ['x'], 1, code('badVote'), 'drop-frame')
  merge('signed-vote', [`${contentOf()}directory-signature x\n`], 1, code('badVote'), 'append-line')
  return drafts
}

function uint64(of: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(of))
  return bytes
}

export function directoryDrafts(): readonly DraftL0[] {
  const authorities = ['0', '1', '2', '3', '4'].map((name) => torAuthority(name))
  return [
    ...certificateDrafts(authorities),
    ...consensusDrafts(authorities),
    ...extensionDrafts(authorities),
    ...ctrDrafts(authorities),
    ...commitmentDrafts(),
    ...mergeDrafts(),
  ]
}
