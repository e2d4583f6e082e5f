// Properties of evidence bundles: what holds, what does not, and who has to believe what [EVID-002 to EVID-014].
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { evidenceCases, ruleOf } from '../../src/adapters/conform/generate/evidence-cases.ts'
import * as made from '../../src/adapters/conform/generate/evidence-samples.ts'
import { consistencyPath, leavesOf } from '../../src/adapters/conform/generate/trees.ts'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { toHex, utf8 } from '../../src/machines/ct/bytes.ts'
import { canonicalJson, type Json } from '../../src/machines/ct/canonical-json.ts'
import { verifyEvidence } from '../../src/machines/ct/evidence.ts'
import {
  type BundleKind,
  bundleKinds,
  decodeBundle,
  originOf,
  transcriptOutcomes,
} from '../../src/machines/ct/evidence-bundle.ts'
import { evidenceErrors } from '../../src/machines/ct/evidence-errors.ts'
import type { Log } from '../../src/machines/ct/types.ts'

const crypto = nodeCrypto()
const verify = (text: string, logs: readonly Log[] | null) => verifyEvidence(crypto, utf8(text), logs)
const codeOf = (text: string, logs: readonly Log[] | null) => {
  const verdict = verify(text, logs)
  return verdict.ok ? null : verdict.error
}
const { index, issuedAt, mmd } = made

test.each(evidenceCases)('$kind $name is answered $error [EVID-005.1]', ({ text, logs, error }) => {
  const verdict = verify(text, logs)
  expect(verdict.ok ? null : verdict.error).toBe(error)
  if (!verdict.ok && error !== 'badSfo' && error !== 'badSct' && error !== 'badHead' && error !== 'badProof')
    expect(verdict.detail).toBe(evidenceErrors[verdict.error])
})

test('a refusal of a part says what was wrong with it [EVID-005.1]', () => {
  const details = new Set(
    evidenceCases.flatMap(({ text, logs }) => {
      const verdict = verify(text, logs)
      return verdict.ok ? [] : [`${verdict.error}: ${verdict.detail}`]
    }),
  )
  for (const detail of [
    'badSfo: badPem',
    'badSfo: chainLength',
    'badSct: badSctSignature',
    'badHead: notNote',
    'badHead: notSigned',
    'badHead: otherOrigin',
    'badHead: badSignature',
    'badProof: rootMismatch',
    'badProof: pathLength',
    `badProof: ${evidenceErrors.badProof}`,
  ])
    expect(details).toContain(detail)
})

test('no cases share a name, and every kind has some that hold and some for each of its parts [EVID-001.1]', () => {
  expect(new Set(evidenceCases.map(({ kind, name }) => `${kind} ${name}`)).size).toBe(evidenceCases.length)
  for (const kind of bundleKinds) expect(evidenceCases.filter((one) => one.kind === kind).length).toBeGreaterThan(15)
})

test('every code has a case [EVID-005.1]', () => {
  const seen = new Set(evidenceCases.map(({ error }) => error))
  expect(Object.keys(evidenceErrors).filter((error) => !seen.has(error as keyof typeof evidenceErrors))).toEqual([])
})

test.each(bundleKinds)(
  '%s: the verdict names log, leaf, rule, digest and where key and MMD came from [EVID-005.2, EVID-005.3, EVID-005.4]',
  (kind) => {
    const text = made.textOf(made.samples[kind])
    const log = { ...made.samples[kind].log, mmd: mmd - 1 }
    const trusted = verify(text, [made.foreignLog, log])
    const alone = verify(text, null)
    const isTranscript = kind === 'inconsistent' || kind === 'withheld'
    const leaf = (name: string) => `${log.logId}:${toHex(made.leafHashOf(made.madeSfo({ name })))}`
    const names =
      kind === 'equivocation' ? ['a.test', 'b.test'] : made.samples[kind].sfos.length === 1 ? ['a.test'] : []
    const value = {
      standing: isTranscript ? 'transcript' : 'proven',
      kind,
      logId: log.logId,
      rule: ruleOf[kind],
      logFrom: 'list',
      mmd: mmd - 1,
      leafIds: names.map(leaf),
      digest: createHash('sha256')
        .update(text.replace(/"digest":"[0-9a-f]{64}",/, '').trimEnd())
        .digest('hex'),
    }
    expect(trusted).toEqual({ ok: true, value })
    const standing = isTranscript ? 'transcript' : 'conditional'
    expect(alone).toEqual({ ok: true, value: { ...value, standing, logFrom: 'bundle', mmd } })
  },
)

test('a file that is changed in any one byte is refused [EVID-003.2, EVID-003.3]', () => {
  const texts = bundleKinds.map((kind) => Buffer.from(made.textOf(made.samples[kind])))
  const change = fc.tuple(fc.nat(texts.length - 1), fc.nat(), fc.integer({ min: 1, max: 255 }))
  fc.assert(
    fc.property(change, ([at, place, by]) => {
      const bytes = Uint8Array.from(texts[at] as Buffer)
      const position = place % bytes.length
      bytes[position] = (bytes[position] as number) ^ by
      return !verifyEvidence(crypto, bytes, [made.staticLog]).ok
    }),
  )
})

test('whatever the bytes, there is an answer [EVID-005.1]', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), fc.json().map(utf8)), (file) => {
      const verdict = verifyEvidence(crypto, file, null)
      return !verdict.ok && ['notJson', 'unknownVersion'].includes(verdict.error)
    }),
  )
})

test('256 KiB are read, one byte more is not [EVID-003.4]', () => {
  const file = (size: number) => utf8(' '.repeat(size))
  const codes = [256 * 1024, 256 * 1024 + 1].map((size) => decodeBundle(crypto, file(size)))
  expect(codes).toMatchObject([{ error: 'notJson' }, { error: 'tooLarge' }])
})

test('omission: exactly where the head is not before the end of the promise and the tree ends at or before the index [EVID-008.1]', () => {
  const times = fc.integer({ min: -2, max: 2 })
  fc.assert(
    fc.property(times, fc.integer({ min: 0, max: 9 }), (late, size) => {
      const heads = [made.headOf(made.leavesWith(size), issuedAt + mmd + late)]
      const code = codeOf(made.textOf({ ...made.samples.omission, heads }), [made.staticLog])
      expect(code).toBe(late < 0 ? 'tooEarly' : size > index ? 'indexReached' : null)
    }),
  )
})

test('late merge: exactly where the former head is not too early and its tree ends at or before the index [EVID-011.1]', () => {
  fc.assert(
    fc.property(fc.integer({ min: -2, max: 2 }), fc.integer({ min: 0, max: 8 }), (late, size) => {
      const heads = [made.headOf(made.leavesWith(size), issuedAt + mmd + late)]
      const code = codeOf(made.textOf({ ...made.samples['late-merge'], heads }), [made.plainLog])
      expect(code).toBe(late < 0 ? 'tooEarly' : size > index ? 'indexReached' : null)
    }),
  )
})

test('backdated: exactly where the SCT is newer than the tree that has it [EVID-012.1]', () => {
  const leaves = made.leavesWith(9, made.madeSfo())
  fc.assert(
    fc.property(fc.integer({ min: -3, max: 3 }), (late) => {
      const inclusion = { proof: made.proofOf(leaves, index, issuedAt + late) }
      const code = codeOf(made.textOf({ ...made.samples.backdated, inclusion }), [made.plainLog])
      expect(code).toBe(late < 0 ? null : 'notNewer')
    }),
  )
})

test('two heads fork by size and root alone, and roll back by time and size alone [EVID-006.1, EVID-007.1]', () => {
  const head = fc.record({
    size: fc.integer({ min: 0, max: 3 }),
    time: fc.integer({ min: 0, max: 2 }),
    tree: fc.constantFrom('one', 'two'),
  })
  fc.assert(
    fc.property(head, head, (a, b) => {
      const heads = [a, b].map(({ size, time, tree }) =>
        made.headOf(made.leavesWith(size, undefined, 0, tree), issuedAt + time),
      )
      const verdict = (kind: BundleKind) => codeOf(made.textOf({ ...made.samples[kind], heads }), [made.plainLog])
      const sameRoot = a.size === b.size && (a.tree === b.tree || a.size === 0)
      expect(verdict('split-view')).toBe(a.size !== b.size ? 'sizesDiffer' : sameRoot ? 'sameRoot' : null)
      expect(verdict('rollback')).toBe(b.time <= a.time ? 'notLater' : b.size < a.size ? null : 'notSmaller')
    }),
  )
})

test('canonical JSON is what RFC 8785 says of values without fractions [EVID-003.1]', () => {
  expect(canonicalJson({ b: [1, 'é"\n', true], a: { '10': 0, '9': false }, '': 2 ** 53 - 1 } as Json)).toBe(
    '{"":9007199254740991,"a":{"10":0,"9":false},"b":[1,"é\\"\\n",true]}',
  )
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.oneof(fc.maxSafeNat(), fc.string(), fc.array(fc.boolean()))), (value) => {
      const text = canonicalJson(value)
      const reversed = Object.fromEntries(Object.entries(value).reverse())
      return canonicalJson(reversed) === text && JSON.stringify(JSON.parse(text)).length === text.length
    }),
  )
})

test('the origin is the URL without scheme and trailing slash [EVID-004.2]', () => {
  expect(['https://log.example/2027/', 'http://log.example/2027', 'ftp://x', 'x/http://y'].map(originOf)).toEqual([
    'log.example/2027',
    'log.example/2027',
    'ftp://x',
    'x/http://y',
  ])
})

const members = ['version', 'kind', 'log', 'heads', 'sfos', 'digest']
const formOf = (bundle: object) => {
  const decoded = decodeBundle(crypto, utf8(made.textOf(bundle)))
  return decoded.ok ? null : decoded.error
}
const anyKind = fc.constantFrom(...bundleKinds)

test('a bundle is one object with its members and no others, whichever is left out or added [EVID-002.1]', () => {
  const inherited = fc.constantFrom(...Object.getOwnPropertyNames(Object.prototype))
  const ofSome = ['inclusion', 'transcript', 'receivedAt']
  const anyName = fc.oneof(fc.string(), inherited).filter((name) => ![...members, ...ofSome].includes(name))
  fc.assert(
    fc.property(anyKind, fc.constantFrom(...members), anyName, (kind, absent, name) => {
      const whole = JSON.parse(made.textOf(made.samples[kind])) as Record<string, unknown>
      const wanted = ofSome.filter((member) => member in made.samples[kind])
      expect(Object.keys(whole).sort()).toEqual([...members, ...wanted].sort())
      expect(whole.version).toBe(1)
      const { [absent]: _, ...rest } = whole
      const refused = (object: unknown) => decodeBundle(crypto, utf8(`${canonicalJson(object as Json)}\n`))
      expect(refused(rest).ok).toBe(false)
      expect(formOf({ ...made.samples[kind], [name]: 'x' })).toBe('notBundle')
      expect(refused([whole])).toMatchObject({ error: 'unknownVersion' })
    }),
  )
})

/** Heads, SFOs, inclusion (`other`: of another leaf than the SFO's), transcript, receivedAt, by the table of the page. */
const partsOf: Readonly<Record<BundleKind, readonly unknown[]>> = {
  'split-view': [2, 0, null, false, false],
  rollback: [2, 0, null, false, false],
  omission: [1, 1, null, false, false],
  substitution: [0, 1, 'other', false, false],
  equivocation: [0, 2, null, false, false],
  'late-merge': [1, 1, 'own', false, false],
  backdated: [0, 1, 'own', false, false],
  inconsistent: [2, 0, null, true, false],
  withheld: [1, 1, null, true, true],
}

test('any other number or choice of parts than those of the kind is wrongParts, and they are read in order [EVID-002.2]', () => {
  const count = fc.integer({ min: 0, max: 2 })
  const inclusion = fc.constantFrom('own', 'other', null)
  const [head] = made.samples.rollback.heads as readonly [string]
  const proof = made.samples.backdated.inclusion?.proof ?? ''
  fc.assert(
    fc.property(anyKind, count, count, inclusion, fc.boolean(), fc.boolean(), (kind, heads, sfos, of, asked, dated) => {
      const { version, log } = made.samples[kind]
      const bundle = {
        version,
        kind,
        log,
        heads: Array(heads).fill(head),
        sfos: Array(sfos).fill(made.samples.omission.sfos[0]),
        ...(of === null ? {} : { inclusion: of === 'own' ? { proof } : { proof, leafHash: '0'.repeat(64) } }),
        ...(asked ? { transcript: [] } : {}),
        ...(dated ? { receivedAt: 0 } : {}),
      }
      const isKinds = JSON.stringify(partsOf[kind]) === JSON.stringify([heads, sfos, of, asked, dated])
      expect(formOf(bundle)).toBe(isKinds ? null : 'wrongParts')
    }),
    { numRuns: 500 },
  )
  for (const kind of bundleKinds) expect(formOf(made.samples[kind])).toBeNull()
  const turned = { ...made.samples.rollback, heads: made.samples.rollback.heads.toReversed() }
  expect(codeOf(made.textOf(turned), null)).toBe('notLater')
})

test('heads are checkpoints and proofs tlog-proofs without extra data, of logs of both kinds alike [EVID-004.1]', () => {
  const logs = fc.constantFrom(made.plainLog, made.staticLog)
  const size = fc.integer({ min: index + 1, max: 40 })
  const extra = fc.uint8Array({ minLength: 0, maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('base64'))
  fc.assert(
    fc.property(logs, size, fc.integer({ min: 1, max: 1000 }), extra, (log, leaves, early, data) => {
      const proof = made.proofOf(made.leavesWith(leaves, made.madeSfo()), index, issuedAt - early)
      const [header = '', place = '', ...rest] = proof.split('\n')
      expect([header, place]).toEqual(['c2sp.org/tlog-proof@v1', `index ${index}`])
      const checkpoint = rest.slice(rest.indexOf('') + 1)
      const origin = log.url.replace(/^https?:\/\//, '')
      expect([checkpoint[0], checkpoint[1], checkpoint[3]]).toEqual([origin, String(leaves), ''])
      expect(checkpoint[4]?.startsWith(`\u2014 ${origin} `)).toBe(true)
      const judged = (text: string) =>
        codeOf(made.textOf({ ...made.samples.backdated, log, inclusion: { proof: text } }), [log])
      expect(judged(proof)).toBeNull()
      expect(judged([header, `extra ${data}`, place, ...rest].join('\n'))).toBe('badProof')
      expect(judged([header, place, ...rest.slice(rest.indexOf('') + 1)].join('\n'))).toBe('badProof')
      const heads = [proof.slice(proof.indexOf('\n\n') + 2), made.headOf(made.leavesWith(leaves - 1), issuedAt)]
      const rolled = (texts: readonly string[]) =>
        codeOf(made.textOf({ ...made.samples.rollback, log, heads: texts }), [log])
      expect(rolled(heads)).toBeNull()
      expect(rolled([proof, heads[1] as string])).toBe('badHead')
    }),
    { numRuns: 40 },
  )
})

test('equivocation: exactly where two SCTs of one log have one leaf index and other leaves [EVID-010.1]', () => {
  const sfo = fc.record({
    name: fc.constantFrom('a.test', 'b.test'),
    timestamp: fc.constantFrom(issuedAt, issuedAt + 1),
    leafIndex: fc.constantFrom(index, index, index + 1, null),
  })
  fc.assert(
    fc.property(sfo, sfo, fc.boolean(), (a, b, isStatic) => {
      const text = made.textOf({
        ...made.samples.equivocation,
        sfos: [a, b].map((one) => made.sfoObject(made.madeSfo(one))),
      })
      const isPlaced = isStatic && a.leafIndex !== null && b.leafIndex !== null
      const isSame = a.name === b.name && a.timestamp === b.timestamp
      const wanted = !isPlaced ? 'noIndex' : a.leafIndex !== b.leafIndex ? 'otherIndex' : isSame ? 'sameLeaf' : null
      expect(codeOf(text, [isStatic ? made.staticLog : made.plainLog])).toBe(wanted)
    }),
    { numRuns: 60 },
  )
})

const outcomes = fc.array(fc.constantFrom(...transcriptOutcomes), { maxLength: 4 })

test('inconsistent: exactly where the first tree is smaller, an answer is there, and no path proves [EVID-013.1]', () => {
  const sizes = fc.integer({ min: 1, max: 9 })
  fc.assert(
    fc.property(sizes, sizes, outcomes, fc.option(fc.nat(3)), fc.boolean(), (size1, size2, answers, at, isOneTree) => {
      const grown = leavesOf('evidence', size2)
      const first = isOneTree ? grown.slice(0, size1) : leavesOf('another', size1)
      const heads = [made.headOf(first, issuedAt), made.headOf(grown, issuedAt + 1)]
      const path = size1 < size2 ? consistencyPath(grown, size1).map(toHex) : []
      const transcript = answers.map((outcome, n) => ({ at: issuedAt, outcome, ...(n === at ? { path } : {}) }))
      const proves = isOneTree && at !== null && at < answers.length
      const isAnswered = answers.some((outcome) => outcome !== 'notDue')
      const wanted = size1 >= size2 ? 'sizeOrder' : !isAnswered ? 'notAnswered' : proves ? 'consistent' : null
      expect(codeOf(made.textOf({ ...made.samples.inconsistent, heads, transcript }), [made.plainLog])).toBe(wanted)
    }),
  )
})

test('withheld: exactly where the head is not before what was due, by SCT or receipt, and an answer is there [EVID-014.1]', () => {
  const around = fc.integer({ min: -3, max: 3 })
  fc.assert(
    fc.property(around, around, outcomes, (late, received, answers) => {
      const heads = [made.headOf(made.leavesWith(8), issuedAt + mmd + late)]
      const transcript = answers.map((outcome) => ({ at: issuedAt, outcome }))
      const bundle = { ...made.samples.withheld, heads, transcript, receivedAt: issuedAt + received }
      const isAnswered = answers.some((outcome) => outcome !== 'notDue')
      const wanted = late < Math.min(0, received) ? 'tooEarly' : isAnswered ? null : 'notAnswered'
      expect(codeOf(made.textOf(bundle), [made.plainLog])).toBe(wanted)
    }),
  )
})
