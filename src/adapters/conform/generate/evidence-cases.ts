// Bundles that do not hold, each kind broken in each of its fields [EVID-003, EVID-005 to EVID-014].
// Invariant: a case differs from one that holds in what its name says, and only where that is what it is about does its digest not fit.
import { toBase64, toHex } from '../../../machines/ct/bytes.ts'
import { type BundleKind, bundleKinds, type EvidenceBundle } from '../../../machines/ct/evidence-bundle.ts'
import type { EvidenceError } from '../../../machines/ct/evidence-errors.ts'
import type { Log } from '../../../machines/ct/types.ts'
import { sctList } from './certificates.ts'
import {
  foreignLog,
  headOf,
  index,
  issuedAt,
  leavesWith,
  madeSfo,
  mmd,
  plainLog,
  proofOf,
  type SfoParts,
  samples,
  sfoObject,
  staticLog,
  textOf,
} from './evidence-samples.ts'
import { otherLog } from './sfo-samples.ts'
import { consistencyPath, leavesOf } from './trees.ts'

export interface EvidenceCase {
  readonly kind: BundleKind
  readonly name: string
  readonly text: string
  readonly logs: readonly Log[] | null
  readonly error: EvidenceError | null
}

/** The sentence that makes each kind's bundle proof; said here, and not by the kernel. */
export const ruleOf: Readonly<Record<BundleKind, string>> = {
  'split-view': 'EVID-006.1',
  rollback: 'EVID-007.1',
  omission: 'EVID-008.1',
  substitution: 'EVID-009.1',
  equivocation: 'EVID-010.1',
  'late-merge': 'EVID-011.1',
  backdated: 'EVID-012.1',
  inconsistent: 'EVID-013.1',
  withheld: 'EVID-014.1',
}

const dueAt = issuedAt + mmd
const trusted = (kind: BundleKind) => [foreignLog, samples[kind].log]

function formCases(kind: BundleKind): readonly EvidenceCase[] {
  const sample = samples[kind]
  const right = textOf(sample)
  const wrong = (name: string, text: string, error: EvidenceError, logs: readonly Log[] | null = trusted(kind)) => ({
    kind,
    name,
    text,
    logs,
    error,
  })
  const changed = (name: string, change: object, error: EvidenceError) =>
    wrong(name, textOf({ ...sample, ...change }), error)
  const left = (member: keyof EvidenceBundle) =>
    Object.fromEntries(Object.entries(sample).filter(([name]) => name !== member))
  const flipped = right.replace(/"digest":"(.)/, (_, digit) => `"digest":"${digit === '0' ? '1' : '0'}`)
  const { heads, sfos, inclusion, transcript, log } = sample
  const cases = [
    wrong('cut-short', right.slice(0, -2), 'notJson'),
    wrong('no-line-feed', right.slice(0, -1), 'notCanonical'),
    wrong('white-space', JSON.stringify(JSON.parse(right), null, 2), 'notCanonical'),
    wrong('digest-flipped', flipped, 'badDigest'),
    wrong('list-without-the-log', right, 'unknownLog', [foreignLog]),
    changed('version-2', { version: 2 }, 'unknownVersion'),
    changed('kind-unknown', { kind: 'no-sth' }, 'unknownKind'),
    changed('member-unknown', { more: 'x' }, 'notBundle'),
    changed('member-named-constructor', { constructor: 'x' }, 'notBundle'),
    changed(
      'head-too-many',
      { heads: [...heads, headOf([], issuedAt)] },
      heads.length === 2 ? 'notBundle' : 'wrongParts',
    ),
    changed('sfo-too-many', { sfos: [...sfos, sfoObject(madeSfo())] }, sfos.length === 2 ? 'notBundle' : 'wrongParts'),
    wrong('no-log', textOf(left('log')), 'notBundle'),
    changed('key-of-another', { log: { ...log, key: foreignLog.key } }, 'badKey'),
    changed('key-not-base64', { log: { ...log, key: 'AA=' } }, 'badKey'),
    changed('mmd-negative', { log: { ...log, mmd: -1 } }, 'notBundle'),
    changed('url-of-another-scheme', { log: { ...log, url: 'file:///x' } }, 'notBundle'),
    changed('log-of-another', { log: foreignLog }, sfos.length > 0 ? 'otherLog' : 'badHead'),
    changed('origin-of-another', { log: { ...log, url: 'http://127.0.0.2' } }, 'badHead'),
  ].filter(({ name }) => kind !== 'equivocation' || name !== 'origin-of-another')
  for (const [at, head] of heads.entries()) {
    const withHead = (text: string) => ({ heads: heads.map((one, i) => (i === at ? text : one)) })
    cases.push(
      changed(`head-${at}-missing`, { heads: heads.filter((_, i) => i !== at) }, 'wrongParts'),
      changed(`head-${at}-no-checkpoint`, withHead('checkpoint'), 'badHead'),
      changed(`head-${at}-other-root`, withHead(withOtherRoot(head)), 'badHead'),
      changed(`head-${at}-other-size`, withHead(head.replace(/\n(\d+)\n/, '\n1$1\n')), 'badHead'),
      changed(`head-${at}-signature-flipped`, withHead(withOtherSignature(head)), 'badHead'),
      changed(`head-${at}-of-another-log`, withHead(headOf(leavesWith(8), dueAt, otherLog.key)), 'badHead'),
    )
  }
  for (const [at, sfo] of sfos.entries()) {
    const withSfo = (change: object) => ({ sfos: sfos.map((one, i) => (i === at ? { ...sfo, ...change } : one)) })
    const foreign = madeSfo({ log: otherLog })
    cases.push(
      changed(`sfo-${at}-missing`, { sfos: sfos.filter((_, i) => i !== at) }, 'wrongParts'),
      changed(`sfo-${at}-no-pem`, withSfo({ x509_chain: ['x'] }), 'badSfo'),
      changed(`sfo-${at}-no-chain`, withSfo({ x509_chain: [] }), 'badSfo'),
      changed(`sfo-${at}-two-scts`, withSfo({ sct_data_v1: [...sfo.sct_data_v1, ...sfo.sct_data_v1] }), 'notBundle'),
      changed(`sfo-${at}-member-unknown`, withSfo({ sct_data_v2: [] }), 'notBundle'),
      changed(`sfo-${at}-of-another-log`, withSfo(sfoObject(foreign)), 'otherLog'),
      changed(
        `sfo-${at}-chain-of-another`,
        withSfo({ x509_chain: sfoObject(madeSfo({ name: 'c.test' })).x509_chain }),
        'badSct',
      ),
      changed(`sfo-${at}-sct-signature-flipped`, withSfo(withBadSct()), 'badSct'),
      changed(`sfo-${at}-chain-reversed`, withSfo({ x509_chain: sfo.x509_chain.toReversed() }), 'badSct'),
    )
  }
  if (inclusion !== undefined) {
    const proof = (text: string) => ({ inclusion: { ...inclusion, proof: text } })
    cases.push(
      wrong('inclusion-missing', textOf(left('inclusion')), 'wrongParts'),
      changed(
        'inclusion-of-the-other-form',
        {
          inclusion:
            inclusion.leafHash === undefined ? { ...inclusion, leafHash: '0'.repeat(64) } : { proof: inclusion.proof },
        },
        'wrongParts',
      ),
      changed('proof-no-text', proof('proof'), 'badProof'),
      changed('proof-with-extra-data', proof(inclusion.proof.replace('\nindex', '\nextra AA==\nindex')), 'badProof'),
      changed('proof-index-leading-zero', proof(inclusion.proof.replace('index ', 'index 0')), 'badProof'),
      changed('proof-other-index', proof(inclusion.proof.replace(/index \d+/, 'index 2')), 'badProof'),
      changed('proof-path-shorter', proof(inclusion.proof.replace(/(index \d+\n)[^\n]+\n/, '$1')), 'badProof'),
      changed('proof-path-flipped', proof(withOtherSibling(inclusion.proof)), 'badProof'),
      changed('proof-head-signature-flipped', proof(withOtherSignature(inclusion.proof)), 'badHead'),
      changed(
        'proof-head-other-root',
        proof(inclusion.proof.replace(/\n\n[\s\S]*$/, (all) => withOtherRoot(all))),
        'badHead',
      ),
    )
    if (inclusion.leafHash !== undefined)
      cases.push(
        changed('leaf-hash-of-another', { inclusion: { ...inclusion, leafHash: '0'.repeat(64) } }, 'badProof'),
        changed('leaf-hash-short', { inclusion: { ...inclusion, leafHash: '00' } }, 'notBundle'),
      )
  }
  if (transcript !== undefined)
    cases.push(
      wrong('transcript-missing', textOf(left('transcript')), 'wrongParts'),
      changed('transcript-empty', { transcript: [] }, 'notAnswered'),
      changed('transcript-not-due-alone', { transcript: [{ at: dueAt, outcome: 'notDue' }] }, 'notAnswered'),
      changed('transcript-outcome-unknown', { transcript: [{ at: dueAt, outcome: 'lost' }] }, 'notBundle'),
      changed('transcript-without-time', { transcript: [{ outcome: 'refused' }] }, 'notBundle'),
      changed('transcript-too-long', { transcript: Array(17).fill({ at: dueAt, outcome: 'refused' }) }, 'notBundle'),
      changed('transcript-bad-hash', { transcript: [{ at: dueAt, outcome: 'badProof', path: ['00'] }] }, 'notBundle'),
    )
  return cases
}

function withOtherRoot(head: string): string {
  return head.replace(/\n([A-Za-z0-9+/]{43}=)\n/, `\n${toBase64(new Uint8Array(32))}\n`)
}

function withOtherSibling(proof: string): string {
  return proof.replace(/(index \d+\n)[^\n]+\n/, `$1${toBase64(new Uint8Array(32))}\n`)
}

/** The last byte of the signature, which is that of s, is another. */
function withOtherSignature(text: string): string {
  const [, before = '', base64 = ''] = /^([\s\S]* )([A-Za-z0-9+/=]+)\n$/.exec(text) ?? []
  return `${before}${toBase64(flipLast(Buffer.from(base64, 'base64')))}\n`
}

function flipLast(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[copy.length - 1] = (copy[copy.length - 1] as number) ^ 1
  return copy
}

/** A final certificate holds the SCT as it was, so a chain with the changed one in it is made anew. */
function withBadSct(): object {
  const made = madeSfo({ leafIndex: index })
  return { ...sfoObject(made), sct_data_v1: [toBase64(sctList(flipLast(made.sct)))] }
}

const owned = (parts: SfoParts = {}) => [sfoObject(madeSfo(parts))]
const merged = (parts: SfoParts = {}, at = index) => leavesWith(9, madeSfo(parts), at)
const other = leavesWith(8)
const otherLeaf = (at: number) => toHex(other[at] as Uint8Array)
const grown = leavesOf('evidence', 12)

function ruleCases(): readonly EvidenceCase[] {
  const cases: EvidenceCase[] = []
  const add = (
    kind: BundleKind,
    name: string,
    change: Partial<EvidenceBundle>,
    error: EvidenceError | null,
    logs: readonly Log[] | null = trusted(kind),
  ) => cases.push({ kind, name, text: textOf({ ...samples[kind], ...change }), logs, error })
  const at = (size: number, timestamp: number) => headOf(leavesWith(size), timestamp)

  const long = textOf(samples.rollback) + ' '.repeat(256 * 1024)
  cases.push({ kind: 'rollback', name: 'more-than-256-kib', text: long, logs: trusted('rollback'), error: 'tooLarge' })

  add('split-view', 'one-root-signed-twice', { heads: [at(8, dueAt), at(8, dueAt + 1)] }, 'sameRoot')
  add('split-view', 'one-head-twice', { heads: [at(8, dueAt), at(8, dueAt)] }, 'sameRoot')
  add('split-view', 'size-one-more', { heads: [at(8, dueAt), at(9, dueAt)] }, 'sizesDiffer')
  add('rollback', 'same-instant', { heads: [at(8, dueAt), at(7, dueAt)] }, 'notLater')
  add('rollback', 'in-the-other-order', { heads: [at(7, dueAt + 1), at(8, dueAt)] }, 'notLater')
  add('rollback', 'same-size', { heads: [at(8, dueAt), at(8, dueAt + 1)] }, 'notSmaller')

  add('omission', 'head-one-millisecond-early', { heads: [at(index, dueAt - 1)] }, 'tooEarly')
  add('omission', 'tree-one-larger', { heads: [at(index + 1, dueAt)] }, 'indexReached')
  add('omission', 'tree-empty', { heads: [at(0, dueAt)] }, null)
  add('omission', 'no-index', { sfos: owned({ leafIndex: null }) }, 'noIndex')
  add('omission', 'rfc-6962-log', { log: plainLog }, 'noIndex', [plainLog])
  add('omission', 'rfc-6962-log-by-the-list', {}, 'noIndex', [plainLog])
  add('omission', 'static-by-the-list', { log: plainLog }, null, [staticLog])
  add('omission', 'larger-mmd-by-the-list', {}, 'tooEarly', [{ ...staticLog, mmd: mmd + 1 }])
  add('omission', 'smaller-mmd-by-the-list', { heads: [at(index, dueAt - 1)] }, null, [{ ...staticLog, mmd: mmd - 1 }])

  const otherAt = (place: number) => ({ proof: proofOf(other, place, issuedAt), leafHash: otherLeaf(place) })
  add('substitution', 'leaf-beside', { inclusion: otherAt(index - 1) }, 'otherIndex')
  const own = merged()
  const ownHash = toHex(own[index] as Uint8Array)
  add('substitution', 'own-leaf', { inclusion: { proof: proofOf(own, index, dueAt), leafHash: ownHash } }, 'sameLeaf')
  add('substitution', 'no-index', { sfos: owned({ leafIndex: null }) }, 'noIndex')
  add('substitution', 'rfc-6962-log', { log: plainLog }, 'noIndex', [plainLog])

  add('equivocation', 'one-sfo-twice', { sfos: [...owned(), ...owned()] }, 'sameLeaf')
  add(
    'equivocation',
    'neighbouring-index',
    { sfos: [...owned(), ...owned({ name: 'b.test', leafIndex: index + 1 })] },
    'otherIndex',
  )
  add(
    'equivocation',
    'first-without-index',
    { sfos: [...owned({ leafIndex: null }), ...owned({ name: 'b.test' })] },
    'noIndex',
  )
  add(
    'equivocation',
    'second-without-index',
    { sfos: [...owned(), ...owned({ name: 'b.test', leafIndex: null })] },
    'noIndex',
  )
  add('equivocation', 'other-timestamp', { sfos: [...owned(), ...owned({ timestamp: issuedAt + 1 })] }, null)
  add('equivocation', 'rfc-6962-log', { log: plainLog }, 'noIndex', [plainLog])

  add('late-merge', 'former-one-millisecond-early', { heads: [at(index, dueAt - 1)] }, 'tooEarly')
  add('late-merge', 'former-has-the-index', { heads: [at(index + 1, dueAt)] }, 'indexReached')
  add('late-merge', 'larger-mmd-by-the-list', {}, 'tooEarly', [{ ...plainLog, mmd: mmd + 1 }])
  add('backdated', 'same-instant', { inclusion: { proof: proofOf(own, index, issuedAt) } }, 'notNewer')

  const grownHeads = [headOf(grown.slice(0, 7), dueAt), headOf(grown, dueAt + 1)]
  const path = consistencyPath(grown, 7).map(toHex)
  const answered = { at: dueAt + 2, outcome: 'badProof' } as const
  add('inconsistent', 'answer-that-proves', { heads: grownHeads, transcript: [{ ...answered, path }] }, 'consistent')
  add(
    'inconsistent',
    'second-answer-proves',
    { heads: grownHeads, transcript: [answered, { ...answered, path }] },
    'consistent',
  )
  add(
    'inconsistent',
    'proof-of-other-trees',
    { heads: grownHeads, transcript: [{ ...answered, path: path.toReversed() }] },
    null,
  )
  add('inconsistent', 'unreachable', { transcript: [{ at: dueAt + 2, outcome: 'unreachable' }] }, null)
  add('inconsistent', 'in-the-other-order', { heads: grownHeads.toReversed() }, 'sizeOrder')
  add('inconsistent', 'equal-sizes', { heads: [at(8, dueAt), at(8, dueAt + 1)] }, 'sizeOrder')
  add('withheld', 'head-one-millisecond-early', { heads: [at(8, dueAt - 1)] }, 'tooEarly')
  add('withheld', 'due-by-receipt', { heads: [at(8, dueAt - 1)], receivedAt: issuedAt - 1 }, null)
  add('withheld', 'larger-mmd-by-the-list', {}, 'tooEarly', [{ ...plainLog, mmd: mmd + 1 }])
  const lineEnd = [{ ...plainLog, key: `${plainLog.key}\n` }]
  add('withheld', 'key-of-the-list-with-line-end', {}, 'badSct', lineEnd)
  const text = textOf(samples.withheld).replace('"heads":["', '$&\\ud800')
  cases.push({ kind: 'withheld', name: 'half-a-surrogate-pair', text, logs: [plainLog], error: 'notCanonical' })
  return cases
}

/** Right ones first. */
export const evidenceCases: readonly EvidenceCase[] = [
  ...bundleKinds.flatMap((kind) => {
    const text = textOf(samples[kind])
    return [
      { kind, name: 'by-a-list', text, logs: trusted(kind), error: null },
      { kind, name: 'without-a-list', text, logs: null, error: null },
    ]
  }),
  ...ruleCases(),
  ...bundleKinds.flatMap(formCases),
]
