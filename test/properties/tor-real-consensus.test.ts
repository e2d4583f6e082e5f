// The Tor consensus: what is parsed, what is covered, who signed.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  armored,
  ascii,
  type ConsensusParts,
  coveredBy,
  type RelayParts,
  sha1,
  sha256,
  signatureItem,
  signBare,
  signTorConsensus,
  torConsensusBody,
  torValidAfter,
} from '../../src/adapters/conform/generate/tor-documents.ts'
import { toHex } from '../../src/machines/ct/bytes.ts'
import { referenceCrypto } from '../../src/machines/ct/reference-crypto.ts'
import { maxParams } from '../../src/machines/tor/consensus-params.ts'
import {
  livenessOf,
  parseTorConsensus,
  type TorConsensusError,
  torConsensusErrors,
  torConsensusLimits,
} from '../../src/machines/tor/tor-consensus.ts'
import { countSignatures, lacksCertificates, maxTorSignatures } from '../../src/machines/tor/tor-signatures.ts'
import { authorities, certificateOf, crypto, flips, identityOf, newAuthority } from './arbitraries/tor.ts'

const certificates = authorities.map((one) => certificateOf(one))
const five = authorities.map(identityOf)
const three = authorities.slice(0, 3)

const hash = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const flag = fc.constantFrom('CTR', 'Exit', 'Running', 'Valid')
const flavour = fc.constantFrom('ns' as const, 'microdesc' as const)
const relay = (of: 'ns' | 'microdesc') =>
  fc.record({ identity: hash(20), flags: fc.uniqueArray(flag), descriptor: hash(of === 'ns' ? 20 : 32) })
const ascending = (relays: readonly RelayParts[]) =>
  relays.toSorted((a, b) => Buffer.compare(Buffer.from(a.identity), Buffer.from(b.identity)))
const paramName = fc.stringMatching(/^[a-zA-Z][A-Za-z0-9_-]{0,20}$/)

const anyConsensus = flavour.chain((of) =>
  fc.record({
    flavour: fc.constant(of),
    times: fc.tuple(fc.nat(1e9), fc.integer({ min: 1, max: 1e6 }), fc.nat(1e6)),
    knownFlags: fc.uniqueArray(flag, { minLength: 1 }),
    params: fc.dictionary(paramName, fc.integer(), { maxKeys: 5, noNullPrototype: true }),
    relays: fc.uniqueArray(relay(of), { maxLength: 5, selector: ({ identity }) => toHex(identity) }).map(ascending),
  }),
)

function parse(text: string | Uint8Array) {
  return parseTorConsensus(crypto, typeof text === 'string' ? ascii(text) : text)
}

function errorOf(text: string | Uint8Array): TorConsensusError | 'none' {
  const read = parse(text)
  if (!read.ok) expect(read.detail).toBe(torConsensusErrors[read.error])
  return read.ok ? 'none' : read.error
}

/** Whether it parses and more than half of the configured authorities signed it. */
function verdict(text: string | Uint8Array, configured = five, times = [torValidAfter], known = certificates): string {
  const read = parse(text)
  if (!read.ok) return read.error
  const { algorithm, signedDigest, signatures } = read.value
  const count = countSignatures(crypto, algorithm, signedDigest, signatures, {
    authorities: configured,
    certificates: known,
    times,
  })
  expect(count.signed).toBe(count.good * 2 > count.configured)
  return count.signed ? 'signed' : 'notSigned'
}

const oneRelay: RelayParts = {
  identity: new Uint8Array(20).fill(7),
  flags: ['Running', 'Valid'],
  descriptor: new Uint8Array(32).fill(9),
}
const plain: ConsensusParts = { params: { a: 1, b: -2 }, relays: [oneRelay] }
const body = torConsensusBody(plain)
const right = signTorConsensus(body, three)

describe('the document', () => {
  test('what is written is parsed, in either flavour, and its digest is of what the signatures cover [CONS-002.1, CONS-002.4]', () => {
    fc.assert(
      fc.property(anyConsensus, ({ times: [after, fresh, valid], ...parts }) => {
        const validAfter = after * 1000
        const freshUntil = validAfter + fresh * 1000
        const validUntil = freshUntil + valid * 1000
        const text = torConsensusBody({ ...parts, validAfter, freshUntil, validUntil })
        const read = parse(signTorConsensus(text, authorities.slice(0, 1)))
        if (!read.ok) expect.unreachable(read.error)
        const covered = coveredBy(text)
        expect(read.value).toMatchObject({
          flavour: parts.flavour,
          validAfter,
          freshUntil,
          validUntil,
          knownFlags: parts.knownFlags,
          params: parts.params,
          digest: toHex(sha256(covered)),
          algorithm: parts.flavour === 'ns' ? 'sha1' : 'sha256',
          signedDigest: (parts.flavour === 'ns' ? sha1 : sha256)(covered),
        })
        expect(read.value.relays).toEqual(
          parts.relays.map(({ identity, flags, descriptor }) => ({
            fingerprint: toHex(identity),
            flags,
            descriptor: toHex(descriptor),
          })),
        )
        expect(read.value.signatures).toEqual([
          expect.objectContaining({
            algorithm: parts.flavour === 'ns' ? 'sha1' : 'sha256',
            identity: five[0],
            signingKeyDigest: authorities[0]?.signingKeyDigest.toLowerCase(),
          }),
        ])
      }),
    )
  })

  test('unknown keywords, arguments and lines of relays are passed over, and lines a may repeat [CONS-002.1, CONS-002.3]', () => {
    const more = body
      .replace('known-flags', 'new-thing 1\nnew-thing 1\nknown-flags')
      .replace('\ns ', '\na [::1]:1\na [::2]:1\nnew-line\nnew-line\ns ')
      .replace('directory-footer', 'id ed25519 x\np reject 1\ndirectory-footer more')
      .replace('consensus-method 35', 'consensus-method 35 36')
    expect(verdict(signTorConsensus(more, three))).toBe('signed')
    expect(verdict(signTorConsensus(torConsensusBody(), three))).toBe('signed')
    expect(verdict(signTorConsensus(body.replace('version 3 microdesc', 'version 3 microdesc x'), three))).toBe(
      'notSigned',
    )
  })

  test('each fault has its own error [CONS-002.1, CONS-002.2, CONS-002.3, CONS-002.6, CONS-002.8]', () => {
    const change = (from: string | RegExp, to: string, of = right) => {
      expect(of.replace(from, to)).not.toBe(of)
      return of.replace(from, to)
    }
    const without = (line: RegExp) => change(line, '')
    const twice = (line: RegExp) => change(line, '$&$&')
    const ns = signTorConsensus(
      torConsensusBody({ flavour: 'ns', relays: [{ ...oneRelay, descriptor: new Uint8Array(20) }] }),
      three,
    )
    const signature = right.slice(right.lastIndexOf('directory-signature'))
    const second = (fill: number) =>
      torConsensusBody({ relays: [oneRelay, { ...oneRelay, identity: new Uint8Array(20).fill(fill) }] })
    const lines = 'x\n'.repeat(torConsensusLimits.items)
    const cases: readonly [TorConsensusError | 'none', string | Uint8Array][] = [
      ['tooLarge', new Uint8Array(torConsensusLimits.bytes + 1)],
      ['notItems', new Uint8Array(torConsensusLimits.bytes)],
      ['notItems', ''],
      ['notItems', right.slice(0, -1)],
      ['notItems', `${right}\n`],
      ['notItems', change('vote-status', '\nvote-status')],
      ['notItems', change('directory-footer\n', `${lines}directory-footer\n`)],
      ['badFlavour', change('network-status-version', 'x\nnetwork-status-version')],
      ['badFlavour', change('version 3', 'version 4')],
      ['badFlavour', change('version 3 microdesc', 'version')],
      ['badFlavour', change('microdesc\n', 'other\n')],
      ['badFlavour', 'x\n'],
      ['badFlavour', 'x 3\n'],
      ['none', change('bandwidth-weights Wbd=0', 'm x')],
      [
        'none',
        signTorConsensus(torConsensusBody().replace(/(known-flags.*\n)([\s\S]*)(?=directory-footer)/, '$2$1'), three),
      ],
      ['badTorSignature', right + signature.replace('directory-signature', 'other-signature')],
      ['truncated', body],
      ['truncated', without(/directory-footer\n/)],
      ['truncated', `${change('directory-footer\n', '')}directory-footer\n`],
      ['truncated', right.slice(0, right.indexOf('\nr ') + 1)],
      ['badTorSignature', `${right}x\n`],
      ['badTorSignature', change(/sha256 [0-9A-F]{40}/, 'sha256')],
      ['badTorSignature', change(/sha256 [0-9A-F]{40} [0-9A-F]{40}/, 'sha256')],
      ['badTorSignature', change(/directory-signature .*/, 'directory-signature')],
      ['badTorSignature', change(/sha256 ([0-9A-F]{40}) [0-9A-F]{40}/, '$1')],
      ['badTorSignature', change(/sha256 [0-9A-F]/, 'sha256 G')],
      ['badTorSignature', change(/sha256 [0-9A-F]/, 'sha256 ')],
      ['badTorSignature', change(/sha256 [0-9A-F]/, 'sha256 00')],
      ['badTorSignature', change(/(sha256 [0-9A-F]{40} )[0-9A-F]/, '$1G')],
      ['badTorSignature', change(/BEGIN SIGNATURE([\s\S]*?)END SIGNATURE/, 'BEGIN ID$1END ID')],
      ['badTorSignature', body + signature.slice(0, signature.indexOf('\n') + 1)],
      ['badTorSignature', body + signature.repeat(maxTorSignatures + 1)],
      ['none', body + signature.repeat(maxTorSignatures)],
      ['badPreamble', without(/vote-status.*\n/)],
      ['badPreamble', without(/consensus-method.*\n/)],
      ['badPreamble', without(/valid-after.*\n/)],
      ['badPreamble', without(/fresh-until.*\n/)],
      ['badPreamble', without(/valid-until.*\n/)],
      ['badPreamble', without(/voting-delay.*\n/)],
      ['badPreamble', without(/known-flags.*\n/)],
      ['badPreamble', twice(/network-status-version.*\n/)],
      ['badPreamble', twice(/vote-status.*\n/)],
      ['badPreamble', twice(/valid-after.*\n/)],
      ['badPreamble', twice(/known-flags.*\n/)],
      ['badPreamble', twice(/params.*\n/)],
      ['badPreamble', change('vote-status consensus', 'vote-status vote')],
      ['badPreamble', change('vote-status consensus', 'vote-status')],
      ['badPreamble', change(/valid-after .*\n/, 'valid-after 2026-02-30 00:00:00\n')],
      ['badPreamble', change(/fresh-until .*\n/, 'fresh-until 2026-02-30 00:00:00\n')],
      ['badPreamble', change(/valid-until .*\n/, 'valid-until 2026-02-30 00:00:00\n')],
      ['badPreamble', change(/(known-flags.*\n)([\s\S]*)(directory-footer)/, '$2$1$3')],
      ['badParams', change('params a=1', 'params a=2147483648')],
      ['badParams', change('params a=1', 'params a=-2147483649')],
      ['none', change('params a=1', 'params a=-2147483648 c=2147483647 d=0')],
      ['badParams', change('params a=1', 'params a=01')],
      ['badParams', change('params a=1', 'params a=-0')],
      ['badParams', change('params a=1', 'params a=1.5')],
      ['badParams', change('params a=1', 'params a=')],
      ['badParams', change('params a=1', 'params =1')],
      ['badParams', change('params a=1', 'params a')],
      ['badParams', change('params a=1', 'params a=1x')],
      ['badParams', change('params a=1', 'params .a=1')],
      ['badParams', change('params a=1', 'params b=1')],
      ['badParams', change('params a=1', `params ${'n'.repeat(65)}=1`)],
      ['none', change('params a=1', `params ${'n'.repeat(64)}=1`)],
      [
        'badParams',
        change('params a=1 b=-2', `params ${Array.from({ length: maxParams + 1 }, (_, i) => `p${i}=1`).join(' ')}`),
      ],
      ['none', change('params a=1 b=-2', `params ${Array.from({ length: maxParams }, (_, i) => `p${i}=1`).join(' ')}`)],
      ['badTimes', signTorConsensus(torConsensusBody({ freshUntil: torValidAfter }), three)],
      [
        'none',
        signTorConsensus(
          torConsensusBody({ freshUntil: torValidAfter + 1000, validUntil: torValidAfter + 1000 }),
          three,
        ),
      ],
      [
        'badTimes',
        signTorConsensus(
          torConsensusBody({ freshUntil: torValidAfter + 2000, validUntil: torValidAfter + 1000 }),
          three,
        ),
      ],
      ['badRelay', without(/^m .*\n/m)],
      ['badRelay', without(/^s .*\n/m)],
      ['badRelay', twice(/^m .*\n/m)],
      ['badRelay', twice(/^s .*\n/m)],
      ['badRelay', twice(/^v .*\n/m)],
      ['badRelay', twice(/^pr .*\n/m)],
      ['badRelay', twice(/^w .*\n/m)],
      ['badRelay', change(/^w .*\n/m, 'p x\np x\n')],
      ['badRelay', change(/^w .*\n/m, 'id x\nid x\n')],
      ['badRelay', change(/^(r \S+) \S+/m, '$1 AAAA')],
      ['badRelay', change(/^(r \S+) \S+/m, '$1')],
      ['badRelay', change(/^m .*/m, 'm AAAA')],
      ['badRelay', change(/^m .*/m, 'm')],
      ['badRelay', change(/^(r .*) 0$/m, '$1')],
      ['badRelay', change(/^(r .*) 0$/m, '$1', ns)],
      ['badRelay', change(/^(r \S+ \S+) \S+/m, '$1 AAAA', ns)],
      ['none', change(/^s .*/m, 's')],
      ['none', ns],
      ['none', change('version 3', 'version 3 ns', ns)],
      ['none', signTorConsensus(second(8), three)],
      ['badOrder', signTorConsensus(second(7), three)],
      ['badOrder', signTorConsensus(second(6), three)],
    ]
    for (const [wanted, text] of cases) expect(errorOf(text), `${wanted}: ${String(text).slice(-300)}`).toBe(wanted)
    expect(new Set(cases.map(([wanted]) => wanted))).toEqual(new Set([...Object.keys(torConsensusErrors), 'none']))
  })
})

describe('signatures', () => {
  test('it takes more than half of the configured authorities; half is not enough, strangers count nothing [CONS-002.5]', () => {
    fc.assert(
      fc.property(
        flavour,
        fc.subarray([...authorities]),
        fc.subarray([...authorities], { minLength: 1 }),
        (of, configured, signers) => {
          const good = signers.filter((one) => configured.includes(one)).length
          const text = signTorConsensus(torConsensusBody({ flavour: of }), signers)
          expect(verdict(text, configured.map(identityOf))).toBe(good * 2 > configured.length ? 'signed' : 'notSigned')
        },
      ),
      { numRuns: 60 },
    )
    expect(verdict(right, [])).toBe('notSigned')
    expect(verdict(signTorConsensus(body, authorities.slice(0, 2)), five.slice(0, 4))).toBe('notSigned')
    expect(verdict(right, five.slice(0, 4))).toBe('signed')
  })

  test('an authority counts once, however often it signed or is configured [CONS-002.5]', () => {
    const [a, b] = authorities as [(typeof authorities)[0], (typeof authorities)[0]]
    expect(verdict(signTorConsensus(body, [a, a, a]), five.slice(0, 3))).toBe('notSigned')
    expect(verdict(signTorConsensus(body, [a]), [identityOf(a), identityOf(a)])).toBe('signed')
    expect(verdict(signTorConsensus(body, [a]), [identityOf(a), identityOf(a), identityOf(b)])).toBe('notSigned')
    // A bad signature before a good one by the same authority takes nothing from it.
    const bad = signatureItem(a, 'sha256', sha256(ascii('x')))
    expect(verdict(body + bad + signTorConsensus(body, [a]).slice(body.length), [identityOf(a)])).toBe('signed')
  })

  test('a signature by an unknown or another algorithm counts for nothing, and harms none [CONS-002.5]', () => {
    const [a, b, c] = authorities as [(typeof authorities)[0], (typeof authorities)[0], (typeof authorities)[0]]
    const digest = sha256(coveredBy(body))
    const all = five.slice(0, 3)
    const two = signTorConsensus(body, [a, b])
    expect(verdict(two + signatureItem(c, 'sha3-256', digest), all)).toBe('signed')
    expect(verdict(signTorConsensus(body, [a]) + signatureItem(b, 'sha3-256', digest), all)).toBe('notSigned')
    expect(verdict(signTorConsensus(body, [a]) + signatureItem(b, 'sha1', sha1(coveredBy(body))), all)).toBe(
      'notSigned',
    )
    const ns = torConsensusBody({ flavour: 'ns' })
    const named = (algorithm: string) =>
      ns + [a, b].map((one) => signatureItem(one, algorithm, sha1(coveredBy(ns)))).join('')
    expect(verdict(named('sha1'), all)).toBe('signed')
    expect(verdict(named('SHA1'), all)).toBe('signed')
    expect(verdict(named('sha256'), all)).toBe('notSigned')
  })

  test('what is signed ends with the space behind directory-signature: neither a byte less nor one more [CONS-002.4]', () => {
    const digestOf = (covered: Uint8Array) =>
      body + three.map((one) => signatureItem(one, 'sha256', sha256(covered))).join('')
    const covered = coveredBy(body)
    expect(verdict(digestOf(covered))).toBe('signed')
    expect(verdict(digestOf(covered.subarray(0, -1)))).toBe('notSigned')
    expect(verdict(digestOf(ascii(`${body}directory-signature s`)))).toBe('notSigned')
    expect(verdict(digestOf(ascii(body)))).toBe('notSigned')
    expect(verdict(digestOf(covered.subarray(1)))).toBe('notSigned')
  })

  test('a DigestInfo before the digest is no signature [CONS-002.4]', () => {
    const info = Uint8Array.from(Buffer.from('3031300d060960864801650304020105000420', 'hex'))
    const wrapped = Uint8Array.from([...info, ...sha256(coveredBy(body))])
    const items = three.map(
      ({ fingerprint, signingKeyDigest, signingKey }) =>
        `directory-signature sha256 ${fingerprint} ${signingKeyDigest}\n${armored('SIGNATURE', signBare(signingKey, wrapped))}`,
    )
    expect(verdict(body + items.join(''))).toBe('notSigned')
  })

  test('no byte of what is signed can be another one [CONS-002.4]', () => {
    const [only] = authorities as [(typeof authorities)[0]]
    const text = ascii(signTorConsensus(body, [only]))
    expect(verdict(text, [identityOf(only)])).toBe('signed')
    for (const [at, flipped] of flips(text, body.length + 20))
      expect(verdict(flipped, [identityOf(only)]), `byte ${at}`).not.toBe('signed')
    for (let end = 0; end < text.length; end++)
      expect(verdict(text.subarray(0, end), [identityOf(only)])).not.toBe('signed')
  })

  test('both paths count the same [CONS-002.4, CONS-002.5]', () => {
    for (const kind of ['ns', 'microdesc'] as const) {
      const read = parseTorConsensus(
        referenceCrypto,
        ascii(signTorConsensus(torConsensusBody({ flavour: kind }), three)),
      )
      if (!read.ok) expect.unreachable()
      const { algorithm, signedDigest, signatures } = read.value
      const context = { authorities: five, certificates, times: [torValidAfter] }
      const counted = { good: 3, configured: 5, signed: true }
      expect(countSignatures(referenceCrypto, algorithm, signedDigest, signatures, context)).toEqual(counted)
      expect(countSignatures(crypto, algorithm, signedDigest, signatures, context)).toEqual(counted)
    }
  })

  test('a certificate must be valid at every one of the times, and be of that key and identity [CONS-003.3, CONS-002.5]', () => {
    const context = (changed: Partial<(typeof certificates)[0]>) =>
      certificates.map((one, i) => (i === 0 ? { ...one, ...changed } : one))
    const of = five.slice(0, 1)
    const judge = (changed: Partial<(typeof certificates)[0]>, times: readonly number[] = [torValidAfter]) => {
      const read = parse(right)
      if (!read.ok) expect.unreachable()
      const given = { authorities: of, certificates: context(changed), times }
      const { signed } = countSignatures(crypto, 'sha256', read.value.signedDigest, read.value.signatures, given)
      expect(lacksCertificates(read.value.signatures, given)).toBe(!signed)
      return signed
    }
    expect(judge({})).toBe(true)
    expect(judge({ expiresAt: torValidAfter })).toBe(false)
    expect(judge({ expiresAt: torValidAfter + 1 })).toBe(true)
    expect(judge({ expiresAt: torValidAfter + 1 }, [torValidAfter, torValidAfter + 1])).toBe(false)
    expect(judge({ expiresAt: torValidAfter + 1 }, [torValidAfter + 1, torValidAfter])).toBe(false)
    expect(judge({ publishedAt: torValidAfter + 1 })).toBe(false)
    expect(judge({ identity: five[1] as string })).toBe(false)
    expect(judge({ signingKeyDigest: '00'.repeat(20) })).toBe(false)
    const { signingKey } = certificateOf(newAuthority('stranger'))
    expect(verdict(right, of, [torValidAfter], context({ signingKey }))).toBe('notSigned')
  })

  test('strangers’ signatures need no certificate [CONS-008.3]', () => {
    const read = parse(right)
    if (!read.ok) expect.unreachable()
    const given = { authorities: [five[3] as string], certificates: [], times: [] }
    expect(lacksCertificates(read.value.signatures, given)).toBe(false)
    expect(lacksCertificates(read.value.signatures, { ...given, authorities: five.slice(2) })).toBe(true)
    expect(lacksCertificates(read.value.signatures, { ...given, authorities: five, certificates })).toBe(false)
    expect(lacksCertificates([], { ...given, authorities: five })).toBe(false)
  })
})

test('live, reasonably live, early and stale are told apart to the millisecond [CONS-002.7]', () => {
  const [validAfter, validUntil, day] = [torValidAfter, torValidAfter + 3_600_000, 86_400_000]
  const at = (now: number) => livenessOf({ validAfter, validUntil }, now)
  expect([
    at(validAfter - day - 1),
    at(validAfter - day),
    at(validAfter - 1),
    at(validAfter),
    at(validUntil - 1),
    at(validUntil),
    at(validUntil + day - 1),
    at(validUntil + day),
  ]).toEqual(['early', 'reasonablyLive', 'reasonablyLive', 'live', 'live', 'reasonablyLive', 'reasonablyLive', 'stale'])
})
