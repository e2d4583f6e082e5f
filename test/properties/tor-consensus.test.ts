// The signed consensus document, and the file that it is read from [CONS-001].
import { mkdtempSync } from 'node:fs'
import { rename, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { consensusFile } from '../../src/adapters/node/consensus-file.ts'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { generateKey } from '../../src/adapters/node/ctr-key.ts'
import { fromHex, toBase64, toHex } from '../../src/machines/ct/bytes.ts'
import {
  type Authority,
  type ConsensusDocument,
  consensusDigest,
  type DocumentError,
  documentErrors,
  encodeConsensusBody,
  parseConsensusDocument,
  signConsensus,
} from '../../src/machines/tor/consensus-document.ts'
import { itemLimits } from '../../src/machines/tor/consensus-items.ts'
import { logKey } from './arbitraries/log-key.ts'

const crypto = nodeCrypto()
const authorities: readonly Authority[] = Array.from({ length: 5 }, () => {
  const { publicKey, sign } = generateKey()
  return { key: toHex(publicKey), sign }
})
const keys = authorities.map(({ key }) => key)
const three = authorities.slice(0, 3)

function parse(text: string, configured: readonly string[] = keys.slice(0, 3)) {
  return parseConsensusDocument(crypto, text, configured)
}

function errorOf(text: string, configured?: readonly string[]): DocumentError | 'none' {
  const result = parse(text, configured)
  return result.ok ? 'none' : result.error
}

const { log, signHead } = logKey('ecdsa')
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex)
const url = fc.constantFrom(
  'http://127.0.0.1:8080',
  'https://log.example/2026h2',
  'http://[::1]:80/a/b',
  'http://relay.example',
)
const keyBytes = fc.uint8Array({ minLength: 1, maxLength: 100 })
const logFields = { mmd: fc.maxSafeNat(), url, monitoringUrl: url, spki: keyBytes }
const anyLog = fc.record(logFields, { requiredKeys: ['mmd', 'url', 'spki'] }).map(({ spki, ...rest }) => ({
  logId: toHex(crypto.sha256(spki)),
  key: toBase64(spki),
  ...rest,
}))
const head = fc.record({
  timestamp: fc.maxSafeNat(),
  size: fc.maxSafeNat(),
  root: hash,
  signature: keyBytes.map(toHex),
})
const anyCtr = fc.record({ ctrId: hash, url, family: fc.array(hash, { maxLength: 3 }) })
const anyAuditor = fc
  .record({ key: hash, url })
  .map(({ key, url }) => ({ auditorId: toHex(crypto.sha256(fromHex(key))), key, url }))
const paramName = fc.stringMatching(/^ct-[a-z-]{1,20}$/)
const anyParams = fc.dictionary(paramName, fc.integer(), { maxKeys: 5, noNullPrototype: true })
const anyTimes = fc.tuple(fc.nat(1e9), fc.integer({ min: 1, max: 1e9 }), fc.nat(1e9))

const anyDocument = fc
  .record({
    times: anyTimes,
    torConsensus: fc.option(hash),
    params: anyParams,
    logs: fc.uniqueArray(anyLog, { maxLength: 4, minLength: 1, selector: ({ logId }) => logId }),
    heads: fc.uniqueArray(head, { maxLength: 4, selector: ({ root }) => root }),
    ctrs: fc.uniqueArray(anyCtr, { maxLength: 4, selector: ({ ctrId }) => ctrId }),
    auditors: fc.uniqueArray(anyAuditor, { maxLength: 3, selector: ({ key }) => key }),
  })
  .map(({ times: [validAfter, fresh, valid], heads, logs, ...rest }) => ({
    validAfter,
    freshUntil: validAfter + fresh,
    validUntil: validAfter + fresh + valid,
    logs,
    sths: heads.map((one, i) => ({ logId: logs[i % logs.length]?.logId ?? '', ...one })),
    ...rest,
  }))

const plain: Omit<ConsensusDocument, 'digest'> = {
  validAfter: 1000,
  freshUntil: 2000,
  validUntil: 4000,
  torConsensus: null,
  params: { 'ct-log-timeout': 3000, 'ct-submit-pr': 1000 },
  logs: [log],
  sths: [signHead({ timestamp: 900, size: 7, root: 'aa'.repeat(32) })],
  ctrs: [{ ctrId: 'bb'.repeat(32), url: 'http://127.0.0.1:1', family: ['cc'.repeat(32)] }],
  auditors: [
    { auditorId: toHex(crypto.sha256(fromHex('dd'.repeat(32)))), key: 'dd'.repeat(32), url: 'http://127.0.0.1:2' },
  ],
}
const body = encodeConsensusBody(plain)
const text = signConsensus(crypto, body, three)

/** The document with its lines changed before it is signed. */
function signed(change: (body: string) => string): string {
  return signConsensus(crypto, change(body), three)
}

describe('the document', () => {
  test('what is encoded and signed parses to itself, and its digest is that of the signed bytes [CONS-001.4]', () => {
    fc.assert(
      fc.property(anyDocument, fc.integer({ min: 2, max: 3 }), (document, signatures) => {
        const any = encodeConsensusBody(document)
        const whole = signConsensus(crypto, any, authorities.slice(0, signatures))
        const digest = toHex(crypto.sha256(Buffer.from(whole.slice(0, whole.indexOf('directory-signature ') + 20))))
        expect(parse(whole)).toEqual({ ok: true, value: { ...document, digest } })
        expect(consensusDigest(crypto, any)).toBe(digest)
      }),
    )
  })

  test('no byte of what is signed can be another one [CONS-001.4]', () => {
    const [only] = authorities as [Authority]
    const whole = signConsensus(crypto, body, [only])
    expect(errorOf(whole, [only.key])).toBe('none')
    for (const flip of [1, 0x20, 0x80]) {
      for (let at = 0; at < whole.length; at++) {
        const flipped = whole.slice(0, at) + String.fromCharCode(whole.charCodeAt(at) ^ flip) + whole.slice(at + 1)
        expect(errorOf(flipped, [only.key]), `byte ${at} of ${JSON.stringify(whole.slice(at - 9, at + 9))}`).not.toBe(
          'none',
        )
      }
    }
  })

  test('a cut document is refused, wherever it is cut [CONS-001.3]', () => {
    const [only] = authorities as [Authority]
    const whole = signConsensus(crypto, body, [only])
    for (let length = 0; length < whole.length; length++)
      expect(errorOf(whole.slice(0, length), [only.key])).not.toBe('none')
  })

  test('it takes more than half of the configured authorities; half is not enough, strangers count nothing [CONS-001.1]', () => {
    fc.assert(
      fc.property(fc.subarray([...authorities]), fc.subarray([...authorities]), (configured, signers) => {
        const whole = signers.length === 0 ? body : signConsensus(crypto, body, signers)
        const good = signers.filter((signer) => configured.includes(signer)).length
        const error = errorOf(
          whole,
          configured.map(({ key }) => key),
        )
        if (signers.length === 0) expect(error).toBe('truncated')
        else expect(error).toBe(good * 2 > configured.length ? 'none' : 'badSignature')
      }),
    )
    expect(errorOf(text, [])).toBe('badSignature')
    const [twice = ''] = keys
    expect(errorOf(signConsensus(crypto, body, [authorities[0] as Authority]), [twice, twice])).toBe('none')
  })

  test('one bad signature of three is tolerated, two are not [CONS-001.1]', () => {
    const forged = (count: number) =>
      signConsensus(
        crypto,
        body,
        three.map(({ key, sign }, i) => ({ key, sign: (m) => (i < count ? sign(m.slice(1)) : sign(m)) })),
      )
    expect([0, 1, 2, 3].map((count) => errorOf(forged(count)))).toEqual([
      'none',
      'none',
      'badSignature',
      'badSignature',
    ])
  })

  test('unknown keywords and further arguments are ignored [CONS-001.3]', () => {
    const changed = signed((lines) =>
      lines
        .replace('valid-after 1000', 'new-thing a b\nvalid-after 1000 extra\nbare')
        .replace('ctr bb', 'ctrs none\nctr bb')
        .replace(/(family=\S+)/, 'colour=red $1 size=9'),
    )
    const [a, b] = [parse(changed), parse(text)]
    if (!a.ok || !b.ok) expect.unreachable()
    expect({ ...a.value, digest: '' }).toEqual({ ...b.value, digest: '' })
    expect(a.value.digest).not.toBe(b.value.digest)
  })

  test('two heads of one size and timestamp with different roots both stand: that is evidence [CONS-001, EVID-001.1]', () => {
    const fork = signed((lines) => lines.replace(/^(sth .*)aaaa(.*)$/m, '$1aaaa$2\n$1bbbb$2'))
    const result = parse(fork)
    expect(result.ok && result.value.sths.map(({ root }) => root)).toEqual(['aa'.repeat(32), `${'aa'.repeat(30)}bbbb`])
  })

  test('each fault has its own error [CONS-001.3, CONS-001.7]', () => {
    const repeat = (line: RegExp) => signed((lines) => lines.replace(line, '$&\n$&'))
    const change = (from: string | RegExp, to: string) =>
      signed((lines) => {
        expect(lines.replace(from, to)).not.toBe(lines)
        return lines.replace(from, to)
      })
    const lines = (count: number, line: (i: number) => string) =>
      signed((whole) =>
        whole.replace(
          'directory-footer',
          `${Array.from({ length: count }, (_, i) => line(i)).join('\n')}\ndirectory-footer`,
        ),
      )
    const numbered = (i: number) => i.toString(16).padStart(64, '0')
    const cases: readonly [DocumentError, string][] = [
      ['tooLarge', `${'x'.repeat(4 * 1024 * 1024)}\n`],
      ['tooLarge', lines(65_536, () => 'x')],
      ['notText', ''],
      ['notText', text.slice(0, -1)],
      ['notText', `${text}\n`],
      ['notText', signed((whole) => whole.replace('\nlog', '\n\nlog'))],
      ['notText', change('http://127', 'http://é')],
      ['notText', change('valid-after', 'valid-after\t')],
      ['notText', text.replaceAll('\n', '\r\n')],
      ['badVersion', change('version 1', 'version 2')],
      ['badVersion', `\u0020${text}`],
      ['truncated', body],
      ['truncated', change('directory-footer\n', '')],
      ['truncated', change('directory-footer\n', 'directory-footer\nlate 1\n')],
      ['badSignatureLine', `${text}x\n`],
      ['badSignatureLine', text + text.slice(text.indexOf('directory-signature'))],
      ['badSignatureLine', text.replace(/\n$/, ' x\n')],
      ['badSignatureLine', text.replace(/\n$/, '00\n')],
      ['badSignatureLine', text.replace(/directory-signature ../, 'directory-signature zz')],
      [
        'badSignatureLine',
        body + Array.from({ length: 65 }, (_, i) => `directory-signature ${numbered(i)} ${'00'.repeat(64)}\n`).join(''),
      ],
      ['badSignature', text.replace('ct-log-timeout=3000', 'ct-log-timeout=3001')],
      ['missing', change('valid-after 1000\n', '')],
      ['missing', change('fresh-until 2000\n', '')],
      ['missing', change('valid-until 4000\n', '')],
      ['missing', signed(() => 'ctor-consensus-version 1\ndirectory-footer\n')],
      ['badTimes', change('valid-after 1000', 'valid-after 2000')],
      ['badTimes', change('valid-until 4000', 'valid-until 1999')],
      ['badLine', change('valid-after 1000', 'valid-after 01000')],
      ['badLine', change('valid-after 1000', 'valid-after -1')],
      ['badLine', change('valid-after 1000', 'valid-after 9007199254740992')],
      ['badLine', change('valid-after 1000', 'valid-after')],
      ['badLine', change('valid-after 1000', ' valid-after 1000')],
      ['badLine', change('valid-after', 'tor-consensus 00\nvalid-after')],
      ['badLine', change('=3000', '=2147483648')],
      ['badLine', change('=3000', '=-2147483649')],
      ['badLine', change('=3000', '=03000')],
      ['badLine', change('=3000', '=-0')],
      ['badLine', change('=3000', '=')],
      ['badLine', change('params ', 'params  ')],
      ['badLine', change(`log ${log.logId}`, `log ${log.logId.toUpperCase()}`)],
      ['badLine', change(`log ${log.logId}`, `log ${'00'.repeat(32)}`)],
      ['badLine', change(log.url, `${log.url}/`)],
      ['badLine', change(log.url, `${log.url}?a=b`)],
      ['badLine', change(log.url, 'http://user@127.0.0.1/log')],
      ['badLine', change(log.url, 'ftp://127.0.0.1/log')],
      ['badLine', change(log.url, 'http://127.0.0.1:99999/log')],
      ['badLine', change(log.url, `http://127.0.0.1/${'x'.repeat(255)}`)],
      ['badLine', change(log.key, `${log.key} static=`)],
      ['badLine', change(log.key, `${log.key} static=${log.url}/`)],
      ['badLine', change(log.key, `${log.key} static=file:///var/lib/log`)],
      ['badLine', change(log.key, log.key.slice(0, -1))],
      ['badLine', change(/^(sth .*)$/m, '$1z')],
      ['badLine', change(/^(sth .*)$/m, '$10')],
      ['badLine', change(/ aaaa/, ' AAaa')],
      ['badLine', change(/^(sth \S+ \S+) 7/m, '$1 7.5')],
      ['badLine', change('family=cc', 'family=c')],
      ['badLine', change(/family=\S+/, 'family=')],
      ['badLine', change('ctr bb', 'ctr b')],
      ['badLine', change('auditor dd', 'auditor d')],
      ['duplicate', repeat(/^valid-until .*$/m)],
      ['duplicate', repeat(/^params .*$/m)],
      ['duplicate', change('=3000', '=3000 ct-log-timeout=3000')],
      ['duplicate', change('valid-after', `tor-consensus ${numbered(1)}\ntor-consensus ${numbered(1)}\nvalid-after`)],
      ['duplicate', repeat(/^log .*$/m)],
      ['duplicate', repeat(/^sth .*$/m)],
      ['duplicate', repeat(/^ctr .*$/m)],
      ['duplicate', repeat(/^auditor .*$/m)],
      ['unknownLog', change(`sth ${log.logId}`, `sth ${'00'.repeat(32)}`)],
      ['tooMany', lines(itemLimits.ctrs, (i) => `ctr ${numbered(i)} http://127.0.0.1:3`)],
      ['tooMany', lines(itemLimits.auditors, (i) => `auditor ${numbered(i)} http://127.0.0.1:3`)],
      ['tooMany', lines(itemLimits.sths, (i) => `sth ${log.logId} ${i} 1 ${numbered(i)} 04030000`)],
      [
        'tooMany',
        lines(
          itemLimits.logs,
          (i) =>
            `log ${toHex(crypto.sha256(fromHex(numbered(i))))} 1 http://127.0.0.1:3 ${toBase64(fromHex(numbered(i)))}`,
        ),
      ],
      [
        'tooMany',
        change(
          /family=\S+/,
          `family=${Array.from({ length: itemLimits.family + 1 }, (_, i) => numbered(i)).join(',')}`,
        ),
      ],
      [
        'tooMany',
        change('params', `params ${Array.from({ length: itemLimits.params }, (_, i) => `p${i}=1`).join(' ')}`),
      ],
    ]
    for (const [wanted, whole] of cases) expect(errorOf(whole), `${wanted}: ${whole.slice(0, 200)}`).toBe(wanted)
    expect(new Set(cases.map(([wanted]) => wanted))).toEqual(new Set(Object.keys(documentErrors)))
  })

  test('the limits themselves are allowed: 10,000 CTRs parse [CONS-001.5]', () => {
    const ctrs = Array.from({ length: itemLimits.ctrs }, (_, i) => ({
      ctrId: i.toString(16).padStart(64, '0'),
      url: 'http://127.0.0.1:3',
      family: [],
    }))
    const result = parse(signConsensus(crypto, encodeConsensusBody({ ...plain, ctrs }), three))
    expect(result.ok && result.value.ctrs.length).toBe(10_000)
  })
})

describe('the file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ctor-'))
  afterAll(() => rm(folder, { recursive: true }))
  const never = new AbortController().signal
  let count = 0
  let now = 1000

  function source() {
    const path = join(folder, `consensus-${count++}`)
    const write = async (content: string | Uint8Array) => {
      await writeFile(`${path}.new`, content)
      await rename(`${path}.new`, path)
    }
    return {
      path,
      write,
      source: consensusFile({ path, authorities: keys.slice(0, 3), crypto, clock: { now: () => now } }),
    }
  }

  test('it answers the consensus where it is newer, and null where it is not [CONS-001.2]', async () => {
    const { write, source: file } = source()
    now = 1000
    await write(text)
    const answer = await file.newer(null, never)
    const { params: _, torConsensus: __, ...consensus } = plain
    expect(answer).toEqual({ ok: true, value: { ...consensus, digest: consensusDigest(crypto, body) } })
    expect(await file.newer(999, never)).toEqual(answer)
    expect(await file.newer(1000, never)).toEqual({ ok: true, value: null })
    expect(await file.newer(1001, never)).toEqual({ ok: true, value: null })
  })

  test('it is live from valid-after on, and no longer at valid-until [CONS-001.2]', async () => {
    const { write, source: file } = source()
    await write(text)
    for (const [at, live] of [
      [999, false],
      [1000, true],
      [3999, true],
      [4000, false],
    ] as const) {
      now = at
      const answer = await file.newer(null, never)
      expect(answer.ok ? 'live' : answer.error, `${at}`).toBe(live ? 'live' : 'notLive')
    }
  })

  test('each fault has its own error, and a whole file heals it [CONS-001.3]', async () => {
    const { path, write, source: file } = source()
    now = 1000
    const error = async () => {
      const answer = await file.newer(null, never)
      return answer.ok ? 'none' : answer.error
    }
    expect(await error()).toBe('unavailable')
    await write(text.slice(0, 100))
    expect(await error()).toBe('malformed')
    await write(new Uint8Array([0xff]))
    expect(await error()).toBe('malformed')
    await write(text + ' '.repeat(4 * 1024 * 1024))
    expect(await error()).toBe('malformed')
    await write(signConsensus(crypto, body, authorities.slice(3)))
    expect(await error()).toBe('badSignature')
    await write(text)
    expect(await error()).toBe('none')
    await rm(path)
    expect(await error()).toBe('unavailable')
  })

  test('a file that did not change is not read again; one that did, is [CONS-001]', async () => {
    const { path, write, source: file } = source()
    now = 1000
    await write(text)
    const first = await file.newer(null, never)
    const again = await file.newer(null, never)
    expect(first.ok && again.ok && first.value === again.value).toBe(true)
    await write(signed((lines) => lines.replace('=3000', '=3001')))
    const changed = await file.newer(null, never)
    expect(changed.ok && first.ok && changed.value?.digest !== first.value?.digest).toBe(true)
    await utimes(path, 1, 1)
    const touched = await file.newer(null, never)
    expect(touched).toEqual(changed)
    expect(touched.ok && changed.ok && touched.value === changed.value).toBe(false)
  })

  test('an aborted question is answered by its reason [CONS-001]', async () => {
    const { source: file } = source()
    await expect(file.newer(null, AbortSignal.abort())).rejects.toThrow(/abort/i)
  })
})
