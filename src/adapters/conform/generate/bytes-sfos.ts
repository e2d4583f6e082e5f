// L0 vectors of SFOs: bodies, PEM, entries, signatures, validation [WIRE-001, WIRE-003, RELAY-012, RELAY-022, AUD-005, AUD-011].
// Invariant: each fault is made by a named operator, which says the code that must come of it.
import { fromHex, toBase64, utf8 } from '../../../machines/ct/bytes.ts'
import {
  bodyOf,
  certificateOf,
  type Made,
  makeSfo,
  padding,
  pemOf,
  root,
  sctBytes,
  sctExtension,
  sctList,
  signSct,
  tlv,
} from './certificates.ts'
import { anyError, code, type DraftL0, differs, type Must, members, ok, value } from './draft.ts'
import { ed25519Key, logOf, otherS, p256Key, p384Key, rsaKey } from './keys.ts'
import { additions, flipBit, indefiniteLength, joined, nonMinimalLength, setByte, truncations } from './operators.ts'
import { ecdsaLog, ecdsaSfo, embeddedSfo, now, otherLog, rsaLog, rsaSfo, timestamp } from './sfo-samples.ts'

type Sfo = Pick<Made, 'chain' | 'sct'>
type Json = { readonly [member: string]: unknown }

const [leaf, issuer] = ecdsaSfo.chain as [Uint8Array, Uint8Array]
const pem = pemOf(leaf)

function pems(): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  const add = (name: string, text: string, must: Must, operator?: string) =>
    drafts.push({
      function: 'decodePem',
      name,
      input: { text },
      must,
      reqs: ['WIRE-001.4'],
      comment: `PEM: ${name}`,
      ...(operator === undefined ? {} : { operator }),
    })
  const right = value({ der: leaf })
  for (const width of [1, 4, 63, 64, 76, 1000, 100_000]) add(`width-${width}`, pemOf(leaf, width), right)
  add('crlf', pemOf(leaf, 64, '\r\n'), right)
  add('no-last-line-end', pem.trimEnd(), right)
  for (const size of [1, 2, 3, 4, 47, 48, 49])
    add(`bytes-${size}`, pemOf(new Uint8Array(size)), value({ der: new Uint8Array(size) }))
  const wrong = (operator: string, text: string, must = code('badPem')) => add(operator, text, must, operator)
  wrong('empty', '')
  wrong('no-lines', '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n')
  wrong('prefix', ` ${pem}`)
  wrong('suffix', `${pem}x`)
  wrong('two-line-ends', `${pem}\n`)
  wrong('twice', pem + pem)
  wrong('other-label', pem.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE'))
  wrong('lower-case-label', pem.replace('BEGIN', 'begin'))
  wrong('no-footer', pem.slice(0, pem.indexOf('-----END')))
  wrong('no-header', pem.slice(pem.indexOf('\n') + 1))
  wrong('blank-line', pem.replace('\n', '\n\n'))
  wrong('uneven-lines', pem.replace(/^(.*\n.{10})/, '$1\n'))
  wrong('mixed-line-ends', pem.replace('\n', '\r\n'))
  wrong('header-in-body', pem.replace(/\n(.{64})\n/, '\nProc-Type: 4,ENCRYPTED\n'), anyError)
  const digits = (operator: string, text: string) => wrong(operator, text, code('badBase64'))
  digits(
    'url-alphabet',
    pemOf(new Uint8Array([0xfb, 0xff, 0xff]))
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replace('\n-_', '\n__'),
  )
  digits('no-padding', pemOf(new Uint8Array(1)).replace('==', ''))
  digits('half-padding', pemOf(new Uint8Array(1)).replace('==', '='))
  digits('too-much-padding', pemOf(new Uint8Array(3)).replace('AAAA', 'AAAA===='))
  digits('bits-in-padding', pemOf(new Uint8Array(1)).replace('AA==', 'AB=='))
  digits('bits-in-padding-2', pemOf(new Uint8Array(2)).replace('AAA=', 'AAB='))
  digits('junk-digit', pem.replace('\nMI', '\nM*'))
  digits('space', pem.replace('\nMI', '\nM '))
  digits('padding-inside', pem.replace('\nMI', '\nM='))
  digits('wide-character', pem.replace('\nMI', '\nMŁ'))
  return drafts
}

function bodies(): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  const object = jsonOf(ecdsaSfo)
  const sent = (sfo: Sfo) => ({ ok: { chain: sfo.chain, sct: sfo.sct } })
  const add = (
    name: string,
    body: Uint8Array,
    maxObjects: number,
    must: Must,
    reqs: readonly string[],
    operator?: string,
  ) =>
    drafts.push({
      function: 'decodeSfo',
      name,
      input: { body, maxObjects },
      must,
      reqs,
      comment: `Body: ${name}`,
      ...(operator === undefined ? {} : { operator }),
    })
  for (const [name, sfo] of Object.entries({ ecdsa: ecdsaSfo, rsa: rsaSfo, embedded: embeddedSfo }))
    add(name, bodyOf(sfo), 1, value({ objects: [sent(sfo)] }), ['WIRE-001.1', 'WIRE-001.2', 'WIRE-001.3'])
  const spaced = utf8(JSON.stringify([object], null, 2))
  add('white-space', spaced, 1, value({ objects: [sent(ecdsaSfo)] }), ['WIRE-001.1'])
  add('unknown-member', bytesOf([{ ...object, other: { a: [1] } }]), 1, value({ objects: [sent(ecdsaSfo)] }), [
    'WIRE-001.14',
  ])
  add('empty-v2', bytesOf([{ ...object, sct_data_v2: [] }]), 1, value({ objects: [sent(ecdsaSfo)] }), ['WIRE-001.3'])
  add(
    'leaf-alone',
    bodyOf({ ...ecdsaSfo, chain: [leaf] }),
    1,
    value({ objects: [sent({ ...ecdsaSfo, chain: [leaf] })] }),
    ['WIRE-001.2'],
  )
  add('two-of-two', bodyOf(ecdsaSfo, rsaSfo), 2, value({ objects: [sent(ecdsaSfo), sent(rsaSfo)] }), ['WIRE-001.1'])
  add('one-of-64', bodyOf(ecdsaSfo), 64, value({ objects: [sent(ecdsaSfo)] }), ['WIRE-001.1'])
  add(
    'bad-among-good',
    bytesOf([object, {}, object]),
    64,
    members({ objects: [sent(ecdsaSfo), { error: 'sctCount' }, sent(ecdsaSfo)] }),
    ['WIRE-001.1'],
  )
  const whole = (
    operator: string,
    body: Uint8Array,
    must: Must,
    maxObjects = 1,
    reqs = ['WIRE-001.1', 'RELAY-022.1'],
  ) => add(operator, body, maxObjects, must, reqs, operator)
  whole('two-of-one', bodyOf(ecdsaSfo, rsaSfo), code('notSfoList'))
  whole('three-of-two', bodyOf(ecdsaSfo, rsaSfo, embeddedSfo), code('notSfoList'), 2)
  whole('sixty-five', bytesOf(Array(65).fill({})), code('notSfoList'), 64)
  whole('max-0', bodyOf(ecdsaSfo), code('notSfoList'), 0)
  for (const [name, text] of Object.entries({
    'no-sfo': '[]',
    object: JSON.stringify(object),
    string: '"x"',
    number: '1',
    null: 'null',
    'number-inside': '[1]',
    'null-inside': '[null]',
    'list-inside': '[[]]',
    'string-inside': '["x"]',
  }))
    whole(name, utf8(text), code('notSfoList'), 1, ['WIRE-001.1', 'WIRE-001.14', 'RELAY-022.1'])
  const text = JSON.stringify([object])
  for (const [name, wrong] of Object.entries({
    empty: '',
    'truncate-1': text.slice(0, -1),
    'append-byte': `${text}]`,
    'trailing-comma': text.replace(']}]', ']},]'),
    comment: `${text}//`,
    'single-quotes': text.replaceAll('"', "'"),
    'byte-order-mark': `\ufeff${text}`,
    'one-quote-for-two': text.replace(/(?<="sct_data_v1":\[").*"/, ''),
  }))
    whole(name, utf8(wrong), code('notJson'))
  whole('not-utf-8', joined(utf8(text.slice(0, -4)), [0xff], utf8(text.slice(-4))), code('notJson'))
  whole('utf-16', new Uint8Array(Buffer.from(text, 'utf16le')), code('notJson'))
  const one = (operator: string, changed: Json, error: string, reqs: readonly string[]) =>
    add(operator, bytesOf([changed]), 1, members({ objects: [{ error }] }), reqs, operator)
  for (const [operator, changed, error] of sctFaults(object))
    one(operator, changed, error, ['WIRE-001.3', 'RELAY-022.1'])
  for (const [operator, changed, error] of chainFaults(object)) one(operator, changed, error, ['WIRE-001.2'])
  for (const [operator, der, error] of derFaults())
    one(operator, jsonOf({ ...ecdsaSfo, chain: [der, issuer, root] }), error, ['WIRE-001.6'])
  const big = (size: number) => ({
    ...ecdsaSfo,
    chain: [
      leaf,
      certificateOf({
        issuer: 'R',
        subject: 'I',
        key: p256Key('pad'),
        issuerKey: p256Key('pad'),
        extensions: [padding(size)],
      }),
    ],
  })
  const rest = 20_480 - big(19_000).chain.reduce((sum, der) => sum + der.length, 0)
  add('size-20480', bodyOf(big(19_000 + rest)), 1, ok, ['WIRE-001.5'])
  add(
    'size-20481',
    bodyOf(big(19_001 + rest)),
    1,
    members({ objects: [{ error: 'oversize' }] }),
    ['WIRE-001.5'],
    'size+1',
  )
  for (const [name, sfos] of Object.entries({
    ecdsa: [ecdsaSfo],
    rsa: [rsaSfo],
    embedded: [embeddedSfo],
    three: [ecdsaSfo, rsaSfo, embeddedSfo],
  }))
    drafts.push({
      function: 'encodeSfo',
      name,
      input: { sfos: sfos.map(({ chain, sct }) => ({ chain, sct })) },
      must: value({ body: bodyOf(...sfos) }),
      reqs: ['WIRE-001.2', 'WIRE-001.3'],
      comment: `${sfos.length} SFOs as a body`,
    })
  drafts.push({
    function: 'encodeSfo',
    name: 'truncate-1',
    input: { sfos: [{ chain: [leaf], sct: ecdsaSfo.sct.slice(0, -1) }] },
    must: code('badSct'),
    reqs: ['WIRE-002.1'],
    comment: 'An SCT after truncate-1',
    operator: 'truncate-1',
  })
  return drafts
}

export function jsonOf({ chain, sct }: Sfo): Json {
  return { x509_chain: chain.map((der) => pemOf(der)), sct_data_v1: [toBase64(sctList(sct))] }
}

export function bytesOf(json: unknown): Uint8Array {
  return utf8(JSON.stringify(json))
}

type Fault = readonly [string, Json, string]

function sctFaults(object: Json): readonly Fault[] {
  const { sct_data_v1: _, ...chainAlone } = object
  const list = toBase64(sctList(ecdsaSfo.sct))
  const of = (bytes: Uint8Array) => ({ ...object, sct_data_v1: [toBase64(bytes)] })
  return [
    ['no-sct-data', chainAlone, 'sctCount'],
    ['v2-alone', { ...chainAlone, sct_data_v2: [list] }, 'sctVersion'],
    ['v2-string', { ...chainAlone, sct_data_v2: list }, 'sctVersion'],
    ['both-versions', { ...object, sct_data_v2: [list] }, 'sctCount'],
    ['no-string', { ...object, sct_data_v1: [] }, 'sctCount'],
    ['two-strings', { ...object, sct_data_v1: [list, list] }, 'sctCount'],
    ['bare-string', { ...object, sct_data_v1: list }, 'sctCount'],
    ['number', { ...object, sct_data_v1: [1] }, 'badBase64'],
    ['no-padding', { ...object, sct_data_v1: ['AA'] }, 'badBase64'],
    ['url-alphabet', { ...object, sct_data_v1: ['__8='] }, 'badBase64'],
    ['bits-in-padding', { ...object, sct_data_v1: ['AB=='] }, 'badBase64'],
    ['line-end', { ...object, sct_data_v1: [`${list}\n`] }, 'badBase64'],
    ['empty-string', { ...object, sct_data_v1: [''] }, 'badSctList'],
    ['sct-without-list', of(ecdsaSfo.sct), 'badSctList'],
    ['list-append-byte', of(joined(sctList(ecdsaSfo.sct), [0])), 'badSctList'],
    ['two-scts', of(sctList(ecdsaSfo.sct, rsaSfo.sct)), 'sctCount'],
    ['same-sct-twice', of(sctList(ecdsaSfo.sct, ecdsaSfo.sct)), 'sctCount'],
    ['sct-append-byte', of(sctList(joined(ecdsaSfo.sct, [0]))), 'badSct'],
    ['sct-version-1', of(sctList(setByte(ecdsaSfo.sct, 0, 1))), 'badSct'],
    ['sct-timestamp-2-63', of(sctList(setByte(ecdsaSfo.sct, 33, 0x80))), 'numberTooLarge'],
  ]
}

function chainFaults(object: Json): readonly Fault[] {
  const { x509_chain: _, ...sctAlone } = object
  const chain = (...pems: readonly unknown[]) => ({ ...object, x509_chain: pems })
  return [
    ['no-chain', sctAlone, 'chainLength'],
    ['empty-chain', chain(), 'chainLength'],
    ['eleven', chain(...Array(11).fill(pem)), 'chainLength'],
    ['chain-string', { ...object, x509_chain: pem }, 'chainLength'],
    ['chain-null', { ...object, x509_chain: null }, 'chainLength'],
    ['number-in-chain', chain(1), 'badPem'],
    ['two-in-one', chain(pem + pem), 'badPem'],
    ['base64-alone', chain(toBase64(leaf)), 'badPem'],
    ['pem-bits-in-padding', chain(pemOf(new Uint8Array(1)).replace('AA==', 'AB==')), 'badBase64'],
    ['bad-second', chain(pem, 'x'), 'badPem'],
  ]
}

function derFaults(): readonly (readonly [string, Uint8Array, string])[] {
  const inner = leaf.slice(4)
  const rewrapped = (tbs: Uint8Array) => tlv(0x30, tbs, inner.slice(4 + (((inner[2] ?? 0) << 8) | (inner[3] ?? 0))))
  const tbs = inner.slice(0, 4 + (((inner[2] ?? 0) << 8) | (inner[3] ?? 0)))
  const twice = certificateOf({
    issuer: 'Issuer',
    subject: 'x',
    key: p256Key('x'),
    issuerKey: p256Key('y'),
    extensions: [sctExtension(rsaSfo.sct), sctExtension(ecdsaSfo.sct)],
  })
  return [
    ['append-byte', joined(leaf, [0]), 'badDer'],
    ['truncate-1', leaf.slice(0, -1), 'badDer'],
    ['non-minimal-length', nonMinimalLength(leaf), 'badDer'],
    ['indefinite-length', indefiniteLength(leaf), 'badDer'],
    ['inner-non-minimal-length', rewrapped(nonMinimalTbs(tbs)), 'badDer'],
    ['inner-indefinite-length', rewrapped(indefiniteLength(tbs)), 'badDer'],
    ['duplicate-extension', twice, 'duplicateExtension'],
  ]
}

/** Three octets of length where two do. */
function nonMinimalTbs(tbs: Uint8Array): Uint8Array {
  return joined([tbs[0] ?? 0, 0x83, 0], tbs.slice(2))
}

function entries(): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  const add = (name: string, sfo: Sfo, must: Must, reqs: readonly string[], comment: string, operator?: string) =>
    drafts.push({
      function: 'entry',
      name,
      input: { chain: sfo.chain, sct: sfo.sct },
      must,
      reqs,
      comment,
      ...(operator === undefined ? {} : { operator }),
    })
  for (const [name, sfo] of Object.entries({ ecdsa: ecdsaSfo, rsa: rsaSfo }))
    add(name, sfo, value(sfo.entry), ['WIRE-003.1'], 'The SCT is not in the leaf: an x509_entry')
  for (const pad of [0, 1, 10, 90, 100, 110, 120, 130, 200, 230, 255, 256, 300, 1000, 65_000]) {
    const made = makeSfo({ log: ecdsaLog, timestamp, embedded: true, pad })
    add(
      `precert-pad-${pad}`,
      made,
      value(made.entry),
      ['WIRE-003.1', 'WIRE-003.3'],
      `The SCT is in the leaf, beside an extension of ${pad} bytes: lengths shrink with the splice`,
    )
  }
  add(
    'other-sct-in-leaf',
    { chain: embeddedSfo.chain, sct: rsaSfo.sct },
    value({ type: 'x509', certificate: embeddedSfo.chain[0] }),
    ['WIRE-003.1'],
    'The leaf holds another SCT: an x509_entry',
  )
  const nearly = setByte(embeddedSfo.sct, -1, (embeddedSfo.sct.at(-1) ?? 0) ^ 1)
  add(
    'flip-bit-in-sct',
    { chain: embeddedSfo.chain, sct: nearly },
    members({ type: 'x509' }),
    ['WIRE-003.1'],
    'Bit for bit: one bit of difference makes it an x509_entry',
    'flip-bit-n',
  )
  add(
    'no-issuer',
    { chain: embeddedSfo.chain.slice(0, 1), sct: embeddedSfo.sct },
    code('noIssuer'),
    ['WIRE-003.2'],
    'An embedded SCT without the issuer',
    'drop-issuer',
  )
  const two = certificateOf({
    issuer: 'Issuer',
    subject: 'x',
    key: p256Key('x'),
    issuerKey: p256Key('y'),
    extensions: [sctExtension(ecdsaSfo.sct), sctExtension(ecdsaSfo.sct)],
  })
  add(
    'duplicate-sct-extension',
    { chain: [two, issuer, root], sct: ecdsaSfo.sct },
    code('duplicateExtension'),
    ['WIRE-003.4'],
    'Two SCT list extensions',
    'duplicate-extension',
  )
  const only = certificateOf({
    issuer: 'Issuer',
    subject: 'x',
    key: p256Key('x'),
    issuerKey: p256Key('y'),
    extensions: [sctExtension(ecdsaSfo.sct)],
  })
  add(
    'only-extension',
    { chain: [only, issuer, root], sct: ecdsaSfo.sct },
    members({ type: 'precert' }),
    ['WIRE-003.3'],
    'The SCT extension is the only one',
  )
  const list = certificateOf({
    issuer: 'Issuer',
    subject: 'x',
    key: p256Key('x'),
    issuerKey: p256Key('y'),
    extensions: [sctExtension(rsaSfo.sct, ecdsaSfo.sct)],
  })
  add(
    'second-of-list',
    { chain: [list, issuer, root], sct: ecdsaSfo.sct },
    members({ type: 'precert' }),
    ['WIRE-003.1'],
    'The leaf holds it as the second of two',
  )
  const none = certificateOf({
    issuer: 'Issuer',
    subject: 'x',
    key: p256Key('x'),
    issuerKey: p256Key('y'),
    extensions: null,
  })
  add(
    'no-extensions',
    { chain: [none, issuer, root], sct: ecdsaSfo.sct },
    value({ type: 'x509', certificate: none }),
    ['WIRE-003.1'],
    'A leaf without extensions',
  )
  for (const [operator, der, error] of derFaults())
    add(
      operator,
      { chain: [der, issuer], sct: ecdsaSfo.sct },
      code(error),
      ['WIRE-001.6'],
      `The leaf after ${operator}`,
      operator,
    )
  for (const [operator, change] of Object.entries(truncations))
    add(
      `sct-${operator}`,
      { chain: ecdsaSfo.chain, sct: change(ecdsaSfo.sct) },
      code('badSct'),
      ['WIRE-002.1'],
      `The SCT after ${operator}`,
      operator,
    )
  return drafts
}

interface Case extends Sfo {
  readonly log: object | null
  readonly at?: number
}

function validations(): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  const log = logOf(ecdsaLog.key)
  const both = (
    name: string,
    { log: by, at = now, chain, sct }: Case,
    must: Must,
    signed: Must | null,
    comment: string,
    operator?: string,
  ) => {
    const named = operator === undefined ? {} : { operator }
    const reqs = [
      'RELAY-012.1',
      'AUD-005.1',
      ...(must.kind === 'code' && must.codes.includes('badSctSignature') ? ['WIRE-011.2'] : []),
    ]
    drafts.push({
      function: 'validateSfo',
      name,
      input: { ...(by === null ? {} : { log: by }), chain, sct, now: at },
      must,
      reqs,
      comment,
      ...named,
    })
    if (signed !== null && by !== null)
      drafts.push({
        function: 'verifySct',
        name,
        input: { log: by, chain, sct },
        must: signed,
        reqs: ['WIRE-003.5'],
        comment,
        ...named,
      })
  }
  const valid = value({ valid: true })
  const invalid = value({ valid: false })
  const right = (sfo: Made, future = false) =>
    members({ logId: sfo.parts.logId, sctTimestamp: sfo.parts.timestamp, future })
  both('ecdsa', { log, ...only(ecdsaSfo) }, right(ecdsaSfo), valid, 'An x509_entry, P-256')
  both('rsa', { log: logOf(rsaLog.key), ...only(rsaSfo) }, right(rsaSfo), valid, 'An x509_entry, RSA')
  both('embedded', { log, ...only(embeddedSfo) }, right(embeddedSfo), valid, 'A precert_entry')
  for (const size of [1, 2, 100]) {
    const made = makeSfo({
      log: ecdsaLog,
      timestamp,
      embedded: size % 2 === 0,
      extensions: new Uint8Array(size).fill(1),
    })
    both(`extensions-${size}`, { log, ...only(made) }, right(made), valid, `An SCT with ${size} bytes of extensions`)
  }
  const p384 = makeSfo({
    log: ecdsaLog,
    timestamp,
    embedded: true,
    issuerKey: p384Key('vectors: P-384'),
    algorithm: 'ecdsa-sha384',
  })
  const rsa = makeSfo({
    log: ecdsaLog,
    timestamp,
    embedded: true,
    issuerKey: rsaKey('vectors: RSA issuer'),
    algorithm: 'rsa-sha256',
  })
  const ed = makeSfo({
    log: ecdsaLog,
    timestamp,
    embedded: true,
    issuerKey: ed25519Key('vectors: Ed25519 issuer'),
    algorithm: 'ed25519',
  })
  for (const [name, made] of Object.entries({ p384, rsa, ed25519: ed }))
    both(`issuer-${name}`, { log, ...only(made) }, right(made), valid, `The issuer's key is ${name}`)
  both(
    'other-s',
    { log, chain: ecdsaSfo.chain, sct: sctBytes({ ...ecdsaSfo.parts, signature: otherS(ecdsaSfo.parts.signature) }) },
    right(ecdsaSfo),
    valid,
    'n - s in place of s: low and high s are both valid',
    'lower-upper-s',
  )
  both(
    'leaf-alone',
    { log, chain: [leaf], sct: ecdsaSfo.sct },
    right(ecdsaSfo),
    valid,
    'A chain of the leaf alone: it names another as its issuer',
  )
  both(
    'without-root',
    { log, chain: [leaf, issuer], sct: ecdsaSfo.sct },
    right(ecdsaSfo),
    valid,
    'The root may be left out',
  )
  for (const [ahead, future] of [
    [299_999, false],
    [300_000, false],
    [300_001, true],
    [86_400_000, true],
  ] as const) {
    drafts.push({
      function: 'validateSfo',
      name: `ahead-${ahead}`,
      input: { log, ...only(ecdsaSfo), now: timestamp - ahead },
      must: right(ecdsaSfo, future),
      reqs: ['AUD-011.1'],
      comment: `The SCT is ${ahead} ms ahead of this clock`,
    })
  }
  both(
    'unknown-log',
    { log: null, ...only(ecdsaSfo) },
    code('unknownLog'),
    null,
    'The consensus does not list the log',
    'drop-log',
  )
  both(
    'other-log',
    { log: logOf(otherLog.key), ...only(ecdsaSfo) },
    code('unknownLog'),
    invalid,
    'A log of another ID',
    'other-log',
  )
  both(
    'other-key',
    { log: { ...log, key: logOf(otherLog.key).key }, ...only(ecdsaSfo) },
    code('badSctSignature'),
    invalid,
    'Another key under the ID',
    'other-key',
  )
  both(
    'no-key',
    { log: { ...log, key: 'AA==' }, ...only(ecdsaSfo) },
    code('badSctSignature'),
    invalid,
    'A key that is none',
    'no-key',
  )
  const { parts } = ecdsaSfo
  const sctOf = (changed: object) => sctBytes({ ...parts, ...changed })
  for (const [operator, changed] of Object.entries({
    'timestamp-plus-1': { timestamp: timestamp + 1 },
    'timestamp-minus-1': { timestamp: timestamp - 1 },
    'add-extensions': { extensions: fromHex('00') },
    'signature-flip-bit': { signature: flipBit(-1)(parts.signature) },
    'signature-empty': { signature: new Uint8Array() },
    'signature-truncate-1': { signature: parts.signature.slice(0, -1) },
    'signature-append-byte': { signature: joined(parts.signature, [0]) },
    'signature-non-minimal-length': { signature: nonMinimalLength(parts.signature) },
    'signature-of-other-log': { signature: signSct(otherLog, ecdsaSfo.entry, timestamp).signature },
    'algorithm-rsa': { signatureAlgorithm: 1 },
    'signature-zero': { signature: fromHex('3006020100020100') },
  }))
    both(
      operator,
      { log, chain: ecdsaSfo.chain, sct: sctOf(changed) },
      code('badSctSignature'),
      invalid,
      `The SCT after ${operator}`,
      operator,
    )
  both(
    'without-extensions',
    {
      log,
      chain: ecdsaSfo.chain,
      sct: sctBytes({ ...signSct(ecdsaLog, ecdsaSfo.entry, timestamp), extensions: fromHex('0001') }),
    },
    code('badSctSignature'),
    invalid,
    'Signed without the extensions that it carries',
    'extensions-unsigned',
  )
  const swapped = [leaf, root, issuer]
  both(
    'swap-order',
    { log, chain: swapped, sct: ecdsaSfo.sct },
    code('badChainSignature'),
    valid,
    'Issuer and root are swapped',
    'swap-order',
  )
  both(
    'drop-issuer',
    { log, chain: [leaf, root], sct: ecdsaSfo.sct },
    code('badChainSignature'),
    valid,
    'The issuer is left out',
    'drop-issuer',
  )
  both(
    'issuer-signature-flip-bit',
    { log, chain: [leaf, flipBit(-1)(issuer), root], sct: ecdsaSfo.sct },
    code('badChainSignature'),
    valid,
    "A bit of the issuer's signature",
    'flip-bit-n',
  )
  both(
    'root-signature-flip-bit',
    { log, chain: [leaf, issuer, flipBit(-1)(root)], sct: ecdsaSfo.sct },
    code('badChainSignature'),
    valid,
    "A bit of the root's signature: it claims to be self-signed",
    'flip-bit-n',
  )
  const forged = makeSfo({ log: ecdsaLog, timestamp, embedded: true, signer: p256Key('vectors: forger') })
  both(
    'forged-leaf',
    { log, ...only(forged) },
    code('badChainSignature'),
    null,
    'The leaf is signed by nobody of the chain: its entry depends on the issuer, so this comes before the SCT',
    'other-signer',
  )
  const forgedPlain = makeSfo({ log: ecdsaLog, timestamp, embedded: false, signer: p256Key('vectors: forger') })
  both(
    'forged-plain-leaf',
    { log, ...only(forgedPlain) },
    code('badChainSignature'),
    valid,
    'The leaf is signed by nobody of the chain',
    'other-signer',
  )
  both(
    'other-leaf',
    { log, chain: [rsaSfo.chain[0] as Uint8Array, issuer, root], sct: ecdsaSfo.sct },
    code('badSctSignature'),
    invalid,
    'The SCT is for another certificate',
    'other-leaf',
  )
  both(
    'no-issuer',
    { log, chain: embeddedSfo.chain.slice(0, 1), sct: embeddedSfo.sct },
    code('noIssuer'),
    code('noIssuer'),
    'A precert_entry without its issuer',
    'drop-issuer',
  )
  for (const [operator, change] of Object.entries(additions))
    if (operator !== 'append-copy')
      both(
        `issuer-${operator}`,
        { log, chain: [leaf, change(issuer)], sct: ecdsaSfo.sct },
        code('badDer', 'badCertificate'),
        null,
        `The issuer after ${operator}`,
        operator,
      )
  both(
    'sct-truncate-1',
    { log, chain: ecdsaSfo.chain, sct: ecdsaSfo.sct.slice(0, -1) },
    code('badSct'),
    code('badSct'),
    'The SCT after truncate-1',
    'truncate-1',
  )
  return drafts
}

/** The same SFO of a static-ct log, and of an RFC 6962 one, whose extensions mean nothing. */
function places(): readonly DraftL0[] {
  const log = logOf(ecdsaLog.key)
  const staticLog = { ...log, monitoringUrl: 'http://127.0.0.1/tiles' }
  const add = (name: string, extensions: readonly number[], leafIndex: number | null, comment: string) => {
    const made = makeSfo({ log: ecdsaLog, timestamp, embedded: true, extensions: joined(extensions) })
    const input = { log: staticLog, ...only(made), now }
    const seen = members({ sctTimestamp: timestamp, future: false, ...(leafIndex === null ? {} : { leafIndex }) })
    const reqs = ['WIRE-013.1', 'WIRE-013.2', 'RELAY-012.1']
    drafts.push({ function: 'validateSfo', name: `place-${name}`, input, must: seen, reqs, comment })
    if (leafIndex === null) return
    drafts.push({
      function: 'validateSfo',
      name: `no-place-${name}`,
      input: { ...input, log },
      must: differs(input),
      reqs,
      comment: `${comment}, of an RFC 6962 log: none`,
    })
  }
  const drafts: DraftL0[] = []
  add('0', [0, 0, 5, 0, 0, 0, 0, 0], 0, 'Leaf index 0')
  add('258', [0, 0, 5, 0, 0, 0, 1, 2], 258, 'Leaf index 258')
  add(
    'largest',
    [7, 0, 1, 9, 0, 0, 5, 255, 255, 255, 255, 255],
    2 ** 40 - 1,
    'Leaf index 2^40-1 behind an unknown type',
  )
  add('none', [], null, 'A static-ct log whose SCT has no leaf index')
  add('twice', [0, 0, 5, 0, 0, 0, 0, 1, 0, 0, 5, 0, 0, 0, 0, 1], null, 'A leaf index twice is none')
  add('short', [0, 0, 4, 0, 0, 0, 1], null, 'A leaf index of 4 bytes is none')
  return drafts
}

function only({ chain, sct }: Made): Sfo {
  return { chain, sct }
}

/** Written from the table of spec/auditor.md and not from the code. */
const classes: Readonly<Record<string, readonly string[]>> = {
  malformed: [
    'notJson',
    'notSfoList',
    'sctVersion',
    'sctCount',
    'badBase64',
    'badSctList',
    'badSct',
    'numberTooLarge',
    'chainLength',
    'badPem',
    'badDer',
    'badCertificate',
    'duplicateExtension',
  ],
  unknownLog: ['unknownLog'],
  badSct: ['badSctSignature'],
  badChain: ['badChainSignature', 'noIssuer'],
  oversize: ['oversize'],
  futureSct: ['futureSct'],
}

function errorClasses(): readonly DraftL0[] {
  return Object.entries(classes).flatMap(([name, errors]) =>
    errors.map((error) => ({
      function: 'errorClass',
      name: error,
      input: { error },
      must: value({ class: name }),
      reqs: ['AUD-005.1'],
      comment: `${error} counts as ${name}`,
    })),
  )
}

export const sfoDrafts = (): readonly DraftL0[] => [
  ...pems(),
  ...bodies(),
  ...entries(),
  ...validations(),
  ...places(),
  ...errorClasses(),
]
