// The CT extension document, and the consensus' commitment to it.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ascii,
  coveredBy,
  sha256,
  signatureItem,
  signExtension,
} from '../../src/adapters/conform/generate/tor-documents.ts'
import { fromHex, toHex } from '../../src/machines/ct/bytes.ts'
import { commitmentParams, committedDigest, consensusParamsLine } from '../../src/machines/tor/commitment.ts'
import { itemErrors, itemLimits } from '../../src/machines/tor/consensus-items.ts'
import { readParams } from '../../src/machines/tor/consensus-params.ts'
import {
  contentDigest,
  type ExtensionError,
  extensionBody,
  extensionErrors,
  maxExtensionBytes,
  readContent,
  readExtension,
  verifyExtension,
} from '../../src/machines/tor/extension-document.ts'
import { maxTorSignatures } from '../../src/machines/tor/tor-signatures.ts'
import { logKey } from './arbitraries/log-key.ts'
import { authorities, certificateOf, crypto, flips, identityOf } from './arbitraries/tor.ts'

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex)
const certificates = authorities.map((one) => certificateOf(one))
const five = authorities.map(identityOf)
const three = authorities.slice(0, 3)
const { log } = logKey('ecdsa')
const content = [
  'content',
  'params ct-submit-pr=1000',
  `log ${log.logId} ${log.mmd} ${log.url} ${log.key}`,
  `ctr ${'bb'.repeat(32)} http://127.0.0.1:1`,
  `auditor ${'dd'.repeat(32)} http://127.0.0.1:2`,
  'directory-footer',
  '',
].join('\n')
const named = { ns: '11'.repeat(32), microdesc: '22'.repeat(32) }
const body = extensionBody(named, content)
const right = signExtension(body, three)
const paramsOf = (of: string) => commitmentParams(contentDigest(crypto, of))
const consensus = { flavour: 'microdesc' as const, digest: named.microdesc, params: paramsOf(content) }
const context = { authorities: five, certificates, times: [0] }

function verdict(
  text: string | Uint8Array,
  of: typeof consensus | { flavour: 'ns'; digest: string; params: object } = consensus,
  by = context,
) {
  const read = readExtension(crypto, typeof text === 'string' ? ascii(text) : text)
  const verified = read.ok ? verifyExtension(crypto, read.value, of as typeof consensus, by) : read
  if (!verified.ok) expect(verified.detail).toContain(extensionErrors[verified.error])
  return verified.ok ? 'good' : verified.error
}

describe('eight parameters carry a digest', () => {
  test('each is an Int32, and together they give the digest back [CONS-006.1, CONS-006.2]', () => {
    fc.assert(
      fc.property(hash, (digest) => {
        const line = consensusParamsLine(digest)
        const [keyword, ...args] = line.split(' ')
        const params = readParams(args)
        if (typeof params === 'string') expect.unreachable(params)
        expect(keyword).toBe('ConsensusParams')
        expect(Object.keys(params)).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((word) => `ct-ext-digest-${word}`))
        for (const value of Object.values(params)) expect(value).toBe(value | 0)
        expect(params).toEqual(commitmentParams(digest))
        expect(committedDigest({ ...params, other: 1 })).toBe(digest)
        for (const name of Object.keys(params)) {
          const { [name]: _, ...others } = params
          expect(committedDigest(others)).toBeNull()
        }
      }),
    )
  })

  test('words are big endian and in two’s complement [CONS-006.1]', () => {
    const digest = `00000001${'80000000'}${'7fffffff'}${'ffffffff'}${'00000000'}${'0000ff00'}${'fffffffe'}${'12345678'}`
    expect(Object.values(commitmentParams(digest))).toEqual([1, -2147483648, 2147483647, -1, 0, 65280, -2, 305419896])
    expect(committedDigest({})).toBeNull()
  })
})

describe('the document', () => {
  test('what both vouch for is read, whichever flavour is at hand [CONS-005.2, CONS-005.5, CONS-006.1]', () => {
    const read = readExtension(crypto, ascii(right))
    if (!read.ok) expect.unreachable(read.detail)
    expect(read.value).toMatchObject({ torConsensus: named, content, digest: toHex(sha256(coveredBy(body))) })
    expect(verdict(right)).toBe('good')
    expect(verdict(right, { flavour: 'ns', digest: named.ns, params: consensus.params })).toBe('good')
    const items = verifyExtension(crypto, read.value, consensus, context)
    if (!items.ok) expect.unreachable()
    expect([...items.value.logs.values()]).toEqual([log])
    expect([...items.value.ctrs.values()]).toEqual([{ ctrId: 'bb'.repeat(32), url: 'http://127.0.0.1:1', family: [] }])
    expect(items.value.params).toEqual({ 'ct-submit-pr': 1000 })
    expect(items).toEqual(readContent(crypto, content))
  })

  test('a document for another consensus, or of a flavour that it does not name, is otherConsensus [CONS-005.2]', () => {
    expect(verdict(right, { ...consensus, digest: named.ns })).toBe('otherConsensus')
    expect(verdict(right, { flavour: 'ns', digest: named.microdesc, params: consensus.params })).toBe('otherConsensus')
    const { ns } = named
    const only = signExtension(extensionBody({ ns }, content), three)
    expect(verdict(only)).toBe('otherConsensus')
    expect(verdict(only, { flavour: 'ns', digest: ns, params: consensus.params })).toBe('good')
  })

  test('signed without commitment is notCommitted, committed without signatures notSigned [CONS-005.1, CONS-006.1]', () => {
    expect(verdict(right, { ...consensus, params: {} })).toBe('notCommitted')
    expect(verdict(right, { ...consensus, params: paramsOf(`${content} `) })).toBe('notCommitted')
    expect(verdict(signExtension(body, authorities.slice(0, 2)))).toBe('notSigned')
    expect(verdict(right, consensus, { ...context, certificates: certificates.slice(0, 2) })).toBe('notSigned')
    expect(verdict(right, consensus, { ...context, times: [-1] })).toBe('notSigned')
    const sha1 = body + three.map((one) => signatureItem(one, 'sha1', sha256(coveredBy(body)))).join('')
    expect(verdict(sha1)).toBe('notSigned')
  })

  test('it takes more than half of the configured authorities, each counted once [CONS-005.1]', () => {
    fc.assert(
      fc.property(fc.subarray(five), fc.subarray([...authorities], { minLength: 1 }), (configured, signers) => {
        const good = signers.filter((one) => configured.includes(identityOf(one))).length
        const wanted = good * 2 > configured.length ? 'good' : 'notSigned'
        const twice = [...signers, ...signers]
        expect(verdict(signExtension(body, twice), consensus, { ...context, authorities: configured })).toBe(wanted)
      }),
      { numRuns: 40 },
    )
  })

  test('no byte of what is signed can be another one, and no cut document is one [CONS-005.1, CONS-005.3]', () => {
    const [only] = authorities as [(typeof authorities)[0]]
    const text = ascii(signExtension(body, [only]))
    const by = { ...context, authorities: five.slice(0, 1) }
    expect(verdict(text, consensus, by)).toBe('good')
    for (const [at, flipped] of flips(text, body.length + 20)) {
      const changed = Buffer.from(flipped).toString('latin1')
      const from = changed.indexOf('\ncontent\n') + 1
      const to = changed.indexOf('\ndirectory-signature ') + 1
      // Even where the consensus committed to the changed content.
      const params = from > 0 && to > from ? paramsOf(changed.slice(from, to)) : consensus.params
      const digest = /^tor-consensus microdesc (.*)$/m.exec(changed)?.[1] ?? ''
      expect(verdict(flipped, { ...consensus, params, digest }, by), `byte ${at}`).not.toBe('good')
    }
    for (let end = 0; end < text.length; end++) expect(verdict(text.subarray(0, end), consensus, by)).not.toBe('good')
  })

  test('each fault has its own error [CONS-005.1, CONS-005.3, CONS-005.4]', () => {
    const change = (from: string | RegExp, to: string, of = right) => {
      expect(of.replace(from, to)).not.toBe(of)
      return of.replace(from, to)
    }
    const signature = right.slice(right.lastIndexOf('directory-signature'))
    const line = `tor-consensus microdesc ${named.microdesc}\n`
    const withLine = (text: string) => `content\n${text}\ndirectory-footer\n`
    const committed = (of: string): readonly [string, typeof consensus] => [
      signExtension(extensionBody(named, of), three),
      { ...consensus, params: paramsOf(of) },
    ]
    const cases: readonly (readonly [ExtensionError | 'good', string | Uint8Array, typeof consensus?])[] = [
      ['tooLarge', new Uint8Array(maxExtensionBytes + 1)],
      ['notText', new Uint8Array(maxExtensionBytes)],
      ['tooLarge', change('content\n', `content\n${'x\n'.repeat(65_536)}`)],
      ['notText', ''],
      ['notText', right.slice(0, -1)],
      ['notText', change('content\n', 'content\n\n')],
      ['notText', `\n${right}`],
      ['notText', change('params', 'params\t')],
      ['notText', change('params', 'params \u00e9')],
      ['notText', right.replaceAll('\n', '\r\n')],
      ['badVersion', change('version 1', 'version 2')],
      ['badVersion', `x\n${right}`],
      ['truncated', body],
      ['truncated', change('content\n', 'contents\n')],
      ['truncated', change('directory-footer\n', '')],
      ['truncated', change('directory-footer\n', 'directory-footer\nx\n')],
      ['truncated', change('content\n', 'directory-signature x\ncontent\n')],
      ['truncated', change('content\n', 'directory-footer\ndirectory-signature x\ncontent\n')],
      ['badConsensusLine', change(/tor-consensus .*\n/g, '')],
      ['badConsensusLine', change(line, line + line)],
      ['badConsensusLine', change(line, `${line}!\n`)],
      ['badConsensusLine', change(line, ` ${line}`)],
      ['badConsensusLine', change(line, line.replace('microdesc', 'other'))],
      ['badConsensusLine', change(line, line.replace('microdesc', 'xmicrodesc'))],
      ['badConsensusLine', change(line, line.replace('microdesc', 'nsx'))],
      ['badConsensusLine', change(line, line.replace('22', '2'))],
      ['badConsensusLine', change(line, line.replace('22', '222'))],
      ['badConsensusLine', change(line, `tor-consensus x ${line}`)],
      ['badConsensusLine', change(line, 'tor-consensus\n')],
      ['otherConsensus', change(line, line.replace('tor-consensus', 'tor-consensux'))],
      ['badTorSignature', `${right}x\n`],
      ['badTorSignature', change(/sha256 ./, 'sha256 ')],
      ['badTorSignature', body + signature.slice(0, signature.indexOf('\n') + 1)],
      ['badTorSignature', change('-----END SIGNATURE', '-----END SIGNED')],
      ['badTorSignature', body + signature.repeat(maxTorSignatures + 1)],
      ['notSigned', body + signature.repeat(maxTorSignatures)],
      ['badLine', ...committed(withLine('log x'))],
      ['duplicate', ...committed(withLine('params a=1\nparams a=1'))],
      ['unknownLog', ...committed(withLine(`sth ${log.logId} 1 1 ${'00'.repeat(32)} 04030000`))],
      [
        'tooMany',
        ...committed(
          withLine(
            Array.from(
              { length: itemLimits.auditors + 1 },
              (_, i) => `auditor ${i.toString(16).padStart(64, '0')} http://a.example`,
            ).join('\n'),
          ),
        ),
      ],
      ['good', ...committed(withLine('unknown 1\nbare'))],
      ['good', ...committed('content\ndirectory-footer\n')],
      ['otherConsensus', right, { ...consensus, digest: '' }],
      ['notCommitted', right, { ...consensus, params: {} }],
    ]
    for (const [wanted, text, of] of cases)
      expect(verdict(text, of), `${wanted}: ${String(text).slice(0, 400)}`).toBe(wanted)
    expect(new Set(cases.map(([wanted]) => wanted))).toEqual(new Set([...Object.keys(extensionErrors), 'good']))
    for (const error of Object.keys(itemErrors)) expect(Object.keys(extensionErrors)).toContain(error)
  })

  test('before the content unknown keywords and further arguments are ignored, also those of its lines [CONS-001.3]', () => {
    const keyword = fc
      .stringMatching(/^[A-Za-z0-9-]{1,20}$/)
      .filter((word) => !/^(content|tor-consensus|directory-signature)$/.test(word))
    const args = fc.stringMatching(/^( [!-~]{0,20}){0,3}$/)
    const unknown = fc.tuple(keyword, args).map((parts) => parts.join(''))
    const ofContent = fc.constantFrom(...content.split('\n').slice(1, -1), 'directory-footer')
    const between = fc.array(fc.oneof(unknown, ofContent), { maxLength: 4 })
    fc.assert(
      fc.property(between, between, between, args, (before, amid, after, more) => {
        const [md, ns] = [`tor-consensus microdesc ${named.microdesc}${more}`, `tor-consensus ns ${named.ns}`]
        const lines = ['ctor-extension-version 1', ...before, md, ...amid, ns, ...after]
        const text = signExtension(`${lines.join('\n')}\n${content}`, three)
        const read = readExtension(crypto, ascii(text))
        if (!read.ok) expect.unreachable(read.detail)
        expect(read.value).toMatchObject({ torConsensus: named, content })
        expect(verifyExtension(crypto, read.value, consensus, context)).toEqual(readContent(crypto, content))
      }),
    )
  })

  test('the largest document is one [CONS-005.4]', () => {
    const filler = 'content\ndirectory-footer\n'
    const room = maxExtensionBytes - signExtension(extensionBody(named, filler), three).length
    const of = filler.replace('\n', `\nx ${'y'.repeat(room - 3)}\n`)
    const text = signExtension(extensionBody(named, of), three)
    expect(text.length).toBe(maxExtensionBytes)
    expect(verdict(text, { ...consensus, params: paramsOf(of) })).toBe('good')
    const lines = filler.replace('\n', `\n${'x\n'.repeat(65_536 - right.split('\n').length + 1 - 2 + 6)}`)
    const many = signExtension(extensionBody(named, lines), three)
    expect(many.split('\n').length - 1).toBe(65_536)
    expect(verdict(many, { ...consensus, params: paramsOf(lines) })).toBe('good')
    expect(verdict(many.replace('content\n', 'content\nx\n'))).toBe('tooLarge')
  })

  test('a refused line is quoted, no more than 80 characters of it [CONS-005.4]', () => {
    const refused = readContent(crypto, `content\nlog ${'x'.repeat(200)}\ndirectory-footer\n`)
    expect(refused.ok ? '' : refused.detail).toBe(`${itemErrors.badLine}: log ${'x'.repeat(76)}`)
    const other = readExtension(crypto, ascii('x\n'))
    expect(other.ok ? '' : other.detail).toBe(extensionErrors.badVersion)
    expect(fromHex(contentDigest(crypto, content)).length).toBe(32)
  })
})
