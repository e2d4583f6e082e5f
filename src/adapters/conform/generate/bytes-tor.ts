// L0 vectors of Tor's formats: onion addresses, CTR authentication, the consensus document [WIRE-007, WIRE-008, AUD-002, CONS-001].
// Invariant: keys and signatures are those of keys.ts, and certificates are encoded by the text of cert-spec.
import { createHash } from 'node:crypto'
import { sha3_256 } from '@noble/hashes/sha3.js'
import { fromHex, toBase64, toHex, utf8 } from '../../../machines/ct/bytes.ts'
import { vector16 } from './certificates.ts'
import { anyError, code, type DraftL0, type Must, members, retired, value } from './draft.ts'
import { ed25519Key, logOf, p256Key } from './keys.ts'
import { additions, flipBit, joined, setByte, truncations } from './operators.ts'
import { digestOf, hexOf } from './random.ts'

const digits = 'abcdefghijklmnopqrstuvwxyz234567'

function base32(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{5}/g) ?? []).map((group) => digits[Number.parseInt(group, 2)]).join('')
}

const checksum = (key: Uint8Array, version: number) =>
  sha3_256(joined(utf8('.onion checksum'), key, [version])).slice(0, 2)
const onion = (key: Uint8Array, version = 3) => `${base32(joined(key, checksum(key, version), [version]))}.onion`

function addresses(): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  const keys = [new Uint8Array(32), new Uint8Array(32).fill(255), ...['a', 'b', 'c'].map(digestOf)]
  for (const [at, key] of keys.entries()) {
    drafts.push({
      function: 'encodeOnionAddress',
      name: `key-${at}`,
      input: { key },
      must: value({ address: onion(key) }),
      reqs: ['WIRE-007.1'],
      comment: 'The address of a key',
    })
    drafts.push({
      function: 'decodeOnionAddress',
      name: `key-${at}`,
      input: { address: onion(key) },
      must: value({ key }),
      reqs: ['WIRE-007.1', 'RELAY-112.1'],
      comment: 'The key of an address',
    })
  }
  const [, , key] = keys as [Uint8Array, Uint8Array, Uint8Array]
  const right = onion(key)
  for (const address of [right.toUpperCase(), right.slice(0, 56).toUpperCase() + right.slice(56)])
    drafts.push({
      function: 'decodeOnionAddress',
      name: 'capitals',
      input: { address },
      must: value({ key }),
      reqs: ['WIRE-007.1'],
      comment: 'Letters in either case',
    })
  const wrong = (operator: string, address: string) =>
    drafts.push({
      function: 'decodeOnionAddress',
      name: operator,
      input: { address },
      must: code('badAddress'),
      reqs: ['WIRE-007.1', 'RELAY-112.1'],
      comment: `An address after ${operator}`,
      operator,
    })
  for (const at of [0, 10, 30, 50, 51, 52, 53, 54])
    wrong(`other-digit-at-${at}`, right.slice(0, at) + (right[at] === 'a' ? 'b' : 'a') + right.slice(at + 1))
  for (const version of [0, 1, 2, 4, 255]) wrong(`version-${version}`, onion(key, version))
  wrong('checksum-of-version-2', `${base32(joined(key, checksum(key, 2), [3]))}.onion`)
  wrong('checksum-0', `${base32(joined(key, [0, 0], [3]))}.onion`)
  wrong('checksum-swapped', `${base32(joined(key, checksum(key, 3).reverse(), [3]))}.onion`)
  wrong('truncate-1', right.slice(1))
  wrong('append-byte', `a${right}`)
  wrong('no-suffix', right.slice(0, 56))
  wrong('other-suffix', `${right.slice(0, 56)}.onioo`)
  wrong('kelvin-sign', right.replace('k', '\u212a'))
  wrong('trailing-dot', `${right}.`)
  wrong('subdomain', `www.${right}`)
  wrong('scheme', `http://${right}`)
  wrong('port', `${right}:80`)
  wrong('line-end', `${right}\n`)
  wrong('empty', '')
  wrong('version-2-service', 'expyuzz4wqqyqhjn.onion')
  for (const digit of ['0', '1', '8', '9', '=', ' ', 'ł'])
    wrong(`digit-${digit.codePointAt(0)}`, `${digit}${right.slice(1)}`)
  return drafts
}

const hour = 3_600_000
export const now = 472_500 * hour + 1
export const identity = ed25519Key('vectors: relay')
export const signing = ed25519Key('vectors: signing key')
const delegate = ed25519Key("vectors: daemon's key")
export const auditor = ed25519Key('vectors: auditor')
export const nonce = hexOf('nonce')

interface CertParts {
  readonly version?: number
  readonly type?: number
  readonly hours?: number
  readonly keyType?: number
  readonly extensions?: readonly Uint8Array[]
  readonly signer?: typeof identity
  readonly certified?: Uint8Array
}

const named = (key: Uint8Array) => joined([0, key.length, 4, 0], key)

export function certificateOf({
  version = 1,
  type = 4,
  hours = 472_600,
  keyType = 1,
  extensions = [named(identity.publicKey)],
  signer = identity,
  certified = signing.publicKey,
}: CertParts = {}): Uint8Array {
  const expiry = Uint8Array.of(hours >>> 24, hours >>> 16, hours >>> 8, hours)
  const content = joined([version, type], expiry, [keyType], certified, [extensions.length], ...extensions)
  return joined(content, signer.sign(content))
}

/** By the signing key, for the daemon's. */
const delegationOf = (parts: CertParts = {}) =>
  certificateOf({
    type: 0xc7,
    extensions: [named(signing.publicKey)],
    signer: signing,
    certified: delegate.publicKey,
    ...parts,
  })

const badDelegations = (): Readonly<Record<string, Uint8Array>> => ({
  'version-2': delegationOf({ version: 2 }),
  'type-4': delegationOf({ type: 4 }),
  'type-5': delegationOf({ type: 5 }),
  'key-type-2': delegationOf({ keyType: 2 }),
  'by-the-identity': delegationOf({ extensions: [named(identity.publicKey)], signer: identity }),
  'by-itself': delegationOf({ extensions: [named(delegate.publicKey)], signer: delegate }),
  'other-signer-named': delegationOf({ extensions: [named(identity.publicKey)] }),
  'signer-named-twice': delegationOf({ extensions: [named(signing.publicKey), named(signing.publicKey)] }),
  'signed-by-another': delegationOf({ signer: auditor }),
  'unknown-extension-that-affects-validation': delegationOf({ extensions: [Uint8Array.of(0, 1, 9, 1, 7)] }),
  'signature-flip-bit': flipBit(-1)(delegationOf()),
  'key-flip-bit': flipBit(10)(delegationOf()),
  'expiry-flip-bit': flipBit(5)(delegationOf()),
  'truncate-1': delegationOf().slice(0, -1),
  'append-byte': joined(delegationOf(), [0]),
})

function delegations(): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  const add = (name: string, certificate: Uint8Array, must: Must, at = now, operator?: string) =>
    drafts.push({
      function: 'verifyDelegation',
      name,
      input: { certificate, signer: signing.publicKey, now: at },
      must,
      reqs: ['WIRE-008.4'],
      comment: `A delegation: ${name}`,
      ...(operator === undefined ? {} : { operator }),
    })
  const expiresAt = 472_600 * hour
  const right = value({ signingKey: delegate.publicKey, expiresAt })
  add('right', delegationOf(), right)
  add('last-instant', delegationOf(), right, expiresAt)
  add('expired-by-1', delegationOf(), code('expiredDelegation'), expiresAt + 1, 'instant+1')
  add('expired', delegationOf({ hours: 1 }), code('expiredDelegation'), now, 'hours-1')
  for (const [operator, certificate] of Object.entries(badDelegations()))
    add(operator, certificate, code('badDelegation'), now, operator)
  return drafts
}

const badCertificates = (): Readonly<Record<string, Uint8Array>> => ({
  'version-2': certificateOf({ version: 2 }),
  'type-5': certificateOf({ type: 5 }),
  'type-8': certificateOf({ type: 8 }),
  'key-type-2': certificateOf({ keyType: 2 }),
  'other-identity-named': certificateOf({ extensions: [named(auditor.publicKey)] }),
  'identity-named-twice': certificateOf({ extensions: [named(identity.publicKey), named(identity.publicKey)] }),
  'short-identity': certificateOf({ extensions: [named(identity.publicKey.slice(1))] }),
  'unknown-extension-that-affects-validation': certificateOf({ extensions: [Uint8Array.of(0, 1, 9, 1, 7)] }),
  'signed-by-another': certificateOf({ signer: auditor }),
  'signature-flip-bit': flipBit(-1)(certificateOf()),
  'key-flip-bit': flipBit(10)(certificateOf()),
  'expiry-flip-bit': flipBit(5)(certificateOf()),
  'extension-count-plus-1': setByte(certificateOf(), 39, 2),
  'extension-count-0': setByte(certificateOf(), 39, 0),
  ...Object.fromEntries(
    Object.entries({ ...truncations, ...additions }).map(([name, change]) => [name, change(certificateOf())]),
  ),
})

function certificates(): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  const add = (name: string, certificate: Uint8Array, must: Must, at = now, operator?: string) =>
    drafts.push({
      function: 'verifySigningKeyCert',
      name,
      input: { certificate, identity: identity.publicKey, now: at },
      must,
      reqs: ['WIRE-008.1', 'AUD-002.2'],
      comment: `A signing-key certificate: ${name}`,
      ...(operator === undefined ? {} : { operator }),
    })
  const expiresAt = 472_600 * hour
  const right = value({ signingKey: signing.publicKey, expiresAt })
  add('right', certificateOf(), right)
  add('last-instant', certificateOf(), right, expiresAt)
  add('without-identity', certificateOf({ extensions: [] }), right)
  add(
    'unknown-extension',
    certificateOf({ extensions: [Uint8Array.of(0, 1, 9, 0, 7), named(identity.publicKey)] }),
    right,
  )
  add('expired-by-1', certificateOf(), code('expiredCertificate'), expiresAt + 1, 'instant+1')
  add('expired', certificateOf({ hours: 1 }), code('expiredCertificate'), now, 'hours-1')
  add('epoch', certificateOf({ hours: 0 }), code('expiredCertificate'), now, 'hours-0')
  for (const [operator, certificate] of Object.entries(badCertificates()))
    add(operator, certificate, code('badCertificate'), now, operator)
  return drafts
}

export const consensusOf = (number: number, validAfter: number, ctrIds: readonly string[] = [identity.id]) => ({
  digest: hexOf(`consensus ${number}`),
  validAfter,
  freshUntil: validAfter + hour,
  validUntil: validAfter + 3 * hour,
  logs: [],
  sths: [],
  ctrs: ctrIds.map((ctrId) => ({ ctrId, url: 'http://127.0.0.1', family: [] })),
  auditors: [],
})

const messageOf = (key: string, of: string, digest: string) =>
  joined(utf8('ctor CTR authentication v1\0'), fromHex(key), fromHex(of), fromHex(digest))

interface ProofParts {
  readonly of?: string
  readonly certificate?: Uint8Array
  readonly digest?: string
  readonly key?: string
  readonly ctrId?: string
  readonly delegation?: Uint8Array
  readonly signer?: typeof identity
}

export function proofBytes({
  of = nonce,
  certificate = certificateOf(),
  digest = hexOf('consensus 1'),
  key = auditor.id,
  ctrId = identity.id,
  delegation,
  signer = delegation === undefined ? signing : delegate,
}: ProofParts = {}): Uint8Array {
  const delegated = delegation === undefined ? new Uint8Array() : vector16(delegation)
  const signature = signer.sign(messageOf(key, of, digest))
  return joined(fromHex(of), fromHex(ctrId), vector16(certificate), delegated, signature)
}

function ctrProofs(): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  const live = consensusOf(1, now - hour)
  const context = { auditorKey: auditor.id, nonce, consensuses: [live], now }
  const add = (name: string, proof: string, changed: object, must: Must, operator?: string) =>
    drafts.push({
      function: 'verifyCtrProof',
      name,
      input: { ...context, ...changed, proof },
      must,
      reqs: [
        'AUD-002.2',
        'AUD-101.1',
        'WIRE-008.2',
        ...(name.startsWith('deleg') ? ['WIRE-008.3'] : []),
        'WIRE-008.5',
        ...(name === 'early-beside-live' ? ['CONS-001.2'] : []),
      ],
      comment: `A CTR's proof: ${name}`,
      ...(operator === undefined ? {} : { operator }),
    })
  const right = toBase64(proofBytes())
  const isCtr = value({ verdict: 'ctr', ctrId: identity.id })
  const notCtr = value({ verdict: 'notCtr', ctrId: identity.id, check: 'notListed' })
  const badProof = (check: string) => ({ verdict: 'badProof', check })
  const bad = (check: string) => value(badProof(check))
  add('right', right, {}, isCtr)
  add('one-of-three', right, { consensuses: [consensusOf(2, now), consensusOf(3, now - 2 * hour), live] }, isCtr)
  add('first-instant', right, { consensuses: [consensusOf(1, now)] }, isCtr)
  add('grace-last-instant', right, { consensuses: [consensusOf(1, now - 6 * hour + 1)] }, isCtr)
  add('grace-ended', right, { consensuses: [consensusOf(1, now - 6 * hour)] }, bad('staleConsensus'), 'instant+1')
  add(
    'stale-beside-live',
    right,
    { consensuses: [consensusOf(2, now), consensusOf(1, now - 9 * hour)] },
    bad('staleConsensus'),
    'stale-consensus',
  )
  const other = { auditorId: hexOf('other auditor'), key: identity.id, url: 'http://127.0.0.1' }
  const forOther = toBase64(proofBytes({ key: other.key }))
  add(
    'for-listed-auditor',
    forOther,
    { consensuses: [{ ...live, auditors: [other] }] },
    bad('otherAuditor'),
    'other-auditor',
  )
  const delegated = toBase64(proofBytes({ delegation: delegationOf() }))
  add('delegated', delegated, {}, isCtr)
  add('delegated-not-listed', delegated, { consensuses: [consensusOf(1, now, [])] }, notCtr, 'drop-ctr')
  const undelegated = (name: string, parts: ProofParts, check: string) =>
    add(name, toBase64(proofBytes({ delegation: delegationOf(), ...parts })), {}, bad(check), name)
  undelegated('delegation-expired', { delegation: delegationOf({ hours: 1 }) }, 'expiredDelegation')
  undelegated('delegation-certificate-expired', { certificate: certificateOf({ hours: 1 }) }, 'expiredCertificate')
  const undone = (name: string, parts: ProofParts) =>
    add(
      name,
      toBase64(proofBytes({ ctrId: auditor.id, ...parts })),
      {},
      retired({ ok: badProof('badCertificate') }),
      name,
    )
  undone('delegation-other-identity', { delegation: delegationOf() })
  undelegated('delegation-unused', { signer: signing }, 'badSignature')
  undelegated('delegation-by-another', { delegation: delegationOf({ signer: auditor }) }, 'badDelegation')
  undelegated('delegation-empty', { delegation: new Uint8Array() }, 'malformed')
  add('not-yet-valid', right, { consensuses: [consensusOf(1, now + 1)] }, bad('badSignature'), 'instant-1')
  add(
    'early-beside-live',
    right,
    { consensuses: [consensusOf(1, now + 1), consensusOf(2, now)] },
    bad('badSignature'),
    'instant-1',
  )
  add('no-consensus', right, { consensuses: [] }, bad('badSignature'), 'drop-consensus')
  add('not-listed', right, { consensuses: [consensusOf(1, now, [hexOf('other')])] }, notCtr, 'drop-ctr')
  add(
    'listed-in-another',
    right,
    { consensuses: [consensusOf(1, now, []), consensusOf(2, now - 1)] },
    notCtr,
    'drop-ctr',
  )
  add('other-nonce', right, { nonce: hexOf('other nonce') }, bad('otherNonce'), 'other-nonce')
  add('for-other-auditor', toBase64(proofBytes({ key: identity.id })), {}, bad('badSignature'), 'other-auditor')
  add(
    'for-other-consensus',
    toBase64(proofBytes({ digest: hexOf('other') })),
    {},
    bad('badSignature'),
    'other-consensus',
  )
  undone('other-identity', {})
  const another = (name: string, parts: ProofParts, check = 'wrongRelay') =>
    add(name, toBase64(proofBytes({ ctrId: auditor.id, ...parts })), {}, bad(check), 'other-identity')
  const spoilt = flipBit(-1)(certificateOf())
  another('wrong-relay', {})
  another('wrong-relay-delegated', { delegation: delegationOf() })
  another('wrong-relay-before-expired', { certificate: certificateOf({ hours: 1 }) })
  another('wrong-relay-before-delegation', { delegation: delegationOf({ hours: 1 }) })
  another('wrong-relay-before-signature', { signer: auditor })
  another('wrong-relay-not-named', { certificate: certificateOf({ extensions: [] }) }, 'badCertificate')
  another('wrong-relay-signature-flip-bit', { certificate: spoilt }, 'badCertificate')
  another('wrong-relay-named-by-its-own', { certificate: certificateOf({ signer: auditor }) }, 'badCertificate')
  add(
    'expired-certificate',
    toBase64(proofBytes({ certificate: certificateOf({ hours: 1 }) })),
    {},
    bad('expiredCertificate'),
    'hours-1',
  )
  add('signature-flip-bit', toBase64(flipBit(-1)(proofBytes())), {}, bad('badSignature'), 'flip-bit-n')
  for (const [operator, certificate] of Object.entries(badCertificates()))
    add(`certificate-${operator}`, toBase64(proofBytes({ certificate })), {}, bad('badCertificate'), operator)
  const malformed = malformedProofs(right)
  for (const [operator, proof] of Object.entries(malformed)) add(operator, proof, {}, bad('malformed'), operator)
  for (const [operator, proof] of Object.entries(malformed))
    drafts.push({
      function: 'decodeCtrProof',
      name: operator,
      input: { proof },
      must: code('malformed'),
      reqs: ['WIRE-008.1'],
      comment: `A proof after ${operator}`,
      operator,
    })
  for (const size of [0, 1, 104, 140, 1000]) {
    const fields = {
      nonce,
      ctrId: identity.id,
      certificate: new Uint8Array(size).fill(5),
      signature: new Uint8Array(64).fill(6),
    }
    const proof = toBase64(joined(fromHex(nonce), fromHex(identity.id), vector16(fields.certificate), fields.signature))
    drafts.push({
      function: 'encodeCtrProof',
      name: `certificate-${size}`,
      input: fields,
      must: value({ proof }),
      reqs: ['WIRE-008.1'],
      comment: `A proof with a certificate of ${size} bytes`,
    })
    if (size > 0) {
      const delegated = { ...fields, delegation: new Uint8Array(size).fill(7) }
      const [head, tail] = [
        joined(fromHex(nonce), fromHex(identity.id), vector16(fields.certificate)),
        fields.signature,
      ]
      const text = toBase64(joined(head, vector16(delegated.delegation), tail))
      if (text.length <= 2048)
        drafts.push({
          function: 'decodeCtrProof',
          name: `delegation-${size}`,
          input: { proof: text },
          must: value(delegated),
          reqs: ['WIRE-008.3'],
          comment: `A proof with a delegation of ${size} bytes`,
        })
      drafts.push({
        function: 'encodeCtrProof',
        name: `delegation-${size}`,
        input: delegated,
        must: value({ proof: text }),
        reqs: ['WIRE-008.3'],
        comment: `A proof with a delegation of ${size} bytes`,
      })
    }
    drafts.push({
      function: 'decodeCtrProof',
      name: `certificate-${size}`,
      input: { proof },
      must: value(fields),
      reqs: ['WIRE-008.1'],
      comment: `A proof with a certificate of ${size} bytes`,
    })
  }
  for (const name of ['a', 'b', 'c']) {
    const [key, of, digest] = [hexOf(`key ${name}`), hexOf(`nonce ${name}`), hexOf(`digest ${name}`)]
    drafts.push({
      function: 'ctrProofMessage',
      name,
      input: { auditorKey: key, nonce: of, consensusDigest: digest },
      must: value({ bytes: messageOf(key, of, digest) }),
      reqs: ['WIRE-008.2'],
      comment: 'What is signed',
    })
  }
  return drafts
}

function malformedProofs(right: string): Readonly<Record<string, string>> {
  const bytes = proofBytes()
  return {
    empty: '',
    'truncate-1': toBase64(bytes.slice(0, -1)),
    'append-byte': toBase64(joined(bytes, [0])),
    'length-plus-1': toBase64(setByte(bytes, 65, (bytes[65] ?? 0) + 1)),
    'length-minus-1': toBase64(setByte(bytes, 65, (bytes[65] ?? 0) - 1)),
    'append-text': `${right}A`,
    'no-padding': toBase64(proofBytes({ certificate: new Uint8Array(1) })).replace(/=+$/, ''),
    'url-alphabet': `${right.slice(0, 4)}_${right.slice(5)}`,
    'line-end': `${right}\n`,
    hex: toHex(bytes),
    'too-long': toBase64(proofBytes({ certificate: new Uint8Array(1410) })),
  }
}

export const authorities = [0, 1, 2].map((number) => ed25519Key(`vectors: authority ${number}`))
const keys = authorities.map(({ id }) => id)
const log = logOf(p256Key('vectors: log'))

export const lines = [
  `tor-consensus ${hexOf('tor consensus')}`,
  'valid-after 1000',
  'fresh-until 2000',
  'valid-until 4000',
  'params a=1 b=-2',
  `log ${log.logId} ${log.mmd} ${log.url} ${log.key}`,
  `sth ${log.logId} 900 5 ${hexOf('root')} 04030000`,
  `ctr ${identity.id} http://127.0.0.1/ctr family=${hexOf('family')}`,
  `auditor ${auditor.id} http://127.0.0.1:8080`,
]

export function documentOf(
  content: readonly string[],
  signers = authorities,
  first = 'ctor-consensus-version 1',
  footer = 'directory-footer',
): string {
  return signedText([first, ...content, footer, ''].join('\n'), signers)
}

function signedText(body: string, signers: typeof authorities): string {
  return (
    body + signers.map(({ id, sign }) => `directory-signature ${id} ${toHex(sign(signatureInput(body)))}\n`).join('')
  )
}

function digestOfBody(body: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(`${body}directory-signature `).digest())
}

const signatureInput = (body: string) => joined(utf8('ctor consensus v1\0'), digestOfBody(body))

export function parsed(content: readonly string[]): object {
  const body = ['ctor-consensus-version 1', ...content, 'directory-footer', ''].join('\n')
  return {
    digest: digestOfBody(body),
    validAfter: 1000,
    freshUntil: 2000,
    validUntil: 4000,
    logs: [log],
    sths: [{ logId: log.logId, timestamp: 900, size: 5, root: hexOf('root'), signature: '04030000' }],
    ctrs: [{ ctrId: identity.id, url: 'http://127.0.0.1/ctr', family: [hexOf('family')] }],
    auditors: [
      {
        auditorId: createHash('sha256').update(auditor.publicKey).digest('hex'),
        key: auditor.id,
        url: 'http://127.0.0.1:8080',
      },
    ],
    params: { a: 1, b: -2 },
    torConsensus: hexOf('tor consensus'),
  }
}

function consensuses(): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  const add = (
    name: string,
    text: string | Uint8Array,
    must: Must,
    reqs: readonly string[],
    configured = keys,
    operator?: string,
  ) =>
    drafts.push({
      function: 'parseConsensus',
      name,
      input: { document: typeof text === 'string' ? utf8(text) : text, authorities: configured },
      must,
      reqs,
      comment: `A consensus document: ${name}`,
      ...(operator === undefined ? {} : { operator }),
    })
  const right = documentOf(lines)
  add('right', right, value(parsed(lines)), ['CONS-001.1', 'CONS-001.4', 'CONS-001.6'])
  for (const signers of [
    [0, 1],
    [1, 2],
    [0, 2],
  ])
    add(
      `signed-by-${signers.join('-')}`,
      documentOf(
        lines,
        signers.map((at) => authorities[at] as (typeof authorities)[0]),
      ),
      value(parsed(lines)),
      ['CONS-001.1'],
    )
  add('beside-a-stranger', documentOf(lines, [...authorities, ed25519Key('stranger')]), value(parsed(lines)), [
    'CONS-001.1',
  ])
  const unknown = [...lines, 'unknown-keyword a b c', 'x']
  add('unknown-keywords', documentOf(unknown), value(parsed(unknown)), ['CONS-001.3'])
  const monitoringUrl = 'http://127.0.0.1/tiles'
  const ofStaticLog = lines.with(5, `${lines[5]} static=${monitoringUrl}`)
  add('static-log', documentOf(ofStaticLog), value({ ...parsed(ofStaticLog), logs: [{ ...log, monitoringUrl }] }), [
    'CONS-001.7',
  ])
  const reordered = [...lines.slice(4), ...lines.slice(0, 4)]
  add('other-order', documentOf(reordered), value(parsed(reordered)), ['CONS-001.3'])
  add('no-lists', documentOf(lines.slice(1, 4)), members({ logs: [], sths: [], ctrs: [], auditors: [], params: {} }), [
    'CONS-001.3',
  ])
  const reqsOf = ([first]: readonly string[]) => {
    if (first === 'badSignature') return ['CONS-001.4']
    return first === 'tooLarge' || first === 'tooMany' ? ['CONS-001.3', 'CONS-001.5'] : ['CONS-001.3']
  }
  const bad = (operator: string, text: string | Uint8Array, ...codes: readonly string[]) =>
    add(operator, text, codes.length === 0 ? anyError : code(...codes), reqsOf(codes), keys, operator)
  const minority = (name: string, signers: typeof authorities, configured = keys) =>
    add(name, documentOf(lines, signers), code('badSignature'), ['CONS-001.1'], configured, name)
  minority('one-of-three', authorities.slice(0, 1))
  minority('half', authorities.slice(0, 2), [...keys, hexOf('fourth')])
  minority('strangers', [ed25519Key('s1'), ed25519Key('s2'), ed25519Key('s3')])
  minority('no-authorities', authorities, [])
  add(
    'one-authority-twice-configured',
    documentOf(lines, authorities.slice(0, 1)),
    code('badSignature'),
    ['CONS-001.1'],
    [keys[0] as string, keys[0] as string, keys[1] as string],
    'duplicate-authority',
  )
  bad('flip-bit', right.replace('fresh-until 2000', 'fresh-until 2001'), 'badSignature')
  bad(
    'signature-flip-bit',
    right.replaceAll(/[0-9a-f]\n(?=directory-signature|$)/g, (end) => (end[0] === '0' ? '1\n' : '0\n')),
    'badSignature',
  )
  bad('truncate-1', right.slice(0, -1), 'notText')
  bad('truncate-signatures', right.slice(0, right.indexOf('directory-signature')), 'truncated')
  bad('truncate-half', `${right.slice(0, right.indexOf('params'))}`, 'truncated')
  bad('append-byte', `${right}x`, 'notText')
  bad('append-line', `${right}more\n`, 'badSignatureLine')
  bad('append-copy', right + right)
  bad('empty', '', 'notText', 'badVersion')
  bad('version-2', documentOf(lines, authorities, 'ctor-consensus-version 2'), 'badVersion')
  bad('no-version', documentOf(lines.slice(1), authorities, lines[0]), 'badVersion')
  bad('no-footer', documentOf(lines.slice(0, -1), authorities, undefined, lines.at(-1)), 'truncated')
  bad('blank-line', documentOf([...lines.slice(0, 3), '', ...lines.slice(3)]), 'notText')
  bad('crlf', right.replaceAll('\n', '\r\n'), 'notText')
  bad('not-utf-8', joined(utf8(right), [0xff, 10]), 'notText')
  bad('not-ascii', documentOf([...lines, 'unknown ł']), 'notText')
  bad('same-signature-twice', right + right.slice(right.lastIndexOf('directory-signature')), 'badSignatureLine')
  bad('signature-short', right.replace(/..\n$/, '\n'), 'badSignatureLine')
  const line = (operator: string, at: number, changed: string, ...codes: readonly string[]) =>
    bad(operator, documentOf(lines.map((one, i) => (i === at ? changed : one))), ...codes)
  for (const at of [0, 1, 2, 3, 4, 5, 6, 7, 8])
    bad(`duplicate-line-${at}`, documentOf([...lines, lines[at] as string]), 'duplicate')
  for (const at of [1, 2, 3]) bad(`without-line-${at}`, documentOf(lines.filter((_, i) => i !== at)), 'missing')
  bad('head-of-unlisted-log', documentOf(lines.filter((_, i) => i !== 5)), 'unknownLog')
  bad('head-before-log', documentOf([...lines.slice(0, 5), lines[6] as string, lines[5] as string]), 'unknownLog')
  for (const [name, at] of Object.entries({
    'leading-zero': '01000',
    negative: '-1',
    hex: '0x10',
    fraction: '1.5',
    none: '',
    '2-53': '9007199254740992',
  }))
    line(`time-${name}`, 1, `valid-after ${at}`, 'badLine')
  line('fresh-at-valid-after', 2, 'fresh-until 1000', 'badTimes')
  line('fresh-beyond-valid-until', 2, 'fresh-until 4001', 'badTimes')
  const many = Array.from({ length: 64 }, (_, at) => `auditor ${hexOf(`auditor ${at}`)} http://127.0.0.1`)
  bad('auditors-65', documentOf([...lines, ...many]), 'tooMany')
  const names = Array.from({ length: 257 }, (_, at) => `p${at}=0`).join(' ')
  line('params-257', 4, `params ${names}`, 'tooMany')
  line('params-without-value', 4, 'params a', 'badLine')
  line('params-twice', 4, 'params a=1 a=2', 'duplicate')
  line('params-beyond-int32', 4, 'params a=2147483648', 'badLine')
  line('params-leading-zero', 4, 'params a=01', 'badLine')
  line('log-of-other-key', 5, `log ${hexOf('log')} ${log.mmd} ${log.url} ${log.key}`, 'badLine')
  line('log-bad-base64', 5, `log ${log.logId} ${log.mmd} ${log.url} ${log.key}A`, 'badLine')
  line('log-without-key', 5, `log ${log.logId} ${log.mmd} ${log.url}`, 'badLine')
  line('log-trailing-slash', 5, `log ${log.logId} ${log.mmd} ${log.url}/ ${log.key}`, 'badLine')
  line('log-static-ftp', 5, `log ${log.logId} ${log.mmd} ${log.url} ${log.key} static=ftp://127.0.0.1`, 'badLine')
  line('log-static-empty', 5, `log ${log.logId} ${log.mmd} ${log.url} ${log.key} static=`, 'badLine')
  line('log-static-file', 5, `log ${log.logId} ${log.mmd} ${log.url} ${log.key} static=file:///var/log`, 'badLine')
  line('log-static-slash', 5, `log ${log.logId} ${log.mmd} ${log.url} ${log.key} static=${log.url}/`, 'badLine')
  line('log-ftp', 5, `log ${log.logId} ${log.mmd} ftp://127.0.0.1 ${log.key}`, 'badLine')
  line('sth-without-signature', 6, `sth ${log.logId} 900 5 ${hexOf('root')}`, 'badLine')
  line('sth-root-in-capitals', 6, `sth ${log.logId} 900 5 ${'A'.repeat(64)} 0403`, 'badLine')
  line('ctr-short', 7, `ctr ${identity.id.slice(2)} http://127.0.0.1`, 'badLine')
  line('ctr-family-short', 7, `ctr ${identity.id} http://127.0.0.1 family=00`, 'badLine')
  line('auditor-without-url', 8, `auditor ${auditor.id}`, 'badLine')
  line('keyword-with-dot', 8, 'a.b c', 'badLine')
  line('leading-space', 8, ' x', 'badLine')
  return drafts
}

export const torDrafts = (): readonly DraftL0[] => [
  ...addresses(),
  ...certificates(),
  ...delegations(),
  ...ctrProofs(),
  ...consensuses(),
]
