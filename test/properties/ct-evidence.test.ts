// Properties of evidence bundles: what holds, what does not, and who has to believe what [EVID-002 to EVID-014].
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { evidenceCases } from '../../src/adapters/conform/generate/evidence-cases.ts'
import * as made from '../../src/adapters/conform/generate/evidence-samples.ts'
import { nodeCrypto } from '../../src/adapters/node/crypto.ts'
import { toHex, utf8 } from '../../src/machines/ct/bytes.ts'
import { canonicalJson, type Json } from '../../src/machines/ct/canonical-json.ts'
import { verifyEvidence } from '../../src/machines/ct/evidence.ts'
import { type BundleKind, bundleKinds, decodeBundle, originOf } from '../../src/machines/ct/evidence-bundle.ts'
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

test('every code but those of size and encoding has a case [EVID-005.1]', () => {
  const seen = new Set(evidenceCases.map(({ error }) => error))
  expect(Object.keys(evidenceErrors).filter((error) => !seen.has(error as keyof typeof evidenceErrors))).toEqual([
    'tooLarge',
  ])
})

test.each(bundleKinds)(
  '%s: the verdict names log, leaf, rule, digest and where key and MMD came from [EVID-005.2, EVID-005.3, EVID-005.4]',
  (kind) => {
    const text = made.textOf(made.samples[kind])
    const log = { ...made.samples[kind].log, mmd: mmd - 1 }
    const trusted = verify(text, [made.foreignLog, log])
    const alone = verify(text, null)
    const isTranscript = kind === 'inconsistent' || kind === 'withheld'
    expect(trusted.ok && trusted.value).toMatchObject({
      standing: isTranscript ? 'transcript' : 'proven',
      kind,
      logId: log.logId,
      logFrom: 'list',
      mmd: mmd - 1,
      digest: createHash('sha256')
        .update(text.replace(/"digest":"[0-9a-f]{64}",/, '').trimEnd())
        .digest('hex'),
    })
    expect(alone.ok && alone.value).toMatchObject({
      standing: isTranscript ? 'transcript' : 'conditional',
      logFrom: 'bundle',
      mmd,
    })
    const leaf = (name: string) => `${log.logId}:${toHex(made.leafHashOf(made.madeSfo({ name })))}`
    const names =
      kind === 'equivocation' ? ['a.test', 'b.test'] : made.samples[kind].sfos.length === 1 ? ['a.test'] : []
    expect(trusted.ok && trusted.value.leafIds).toEqual(names.map(leaf))
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
  expect(['https://log.example/2027/', 'http://log.example/2027', 'ftp://x'].map(originOf)).toEqual([
    'log.example/2027',
    'log.example/2027',
    'ftp://x',
  ])
})
