// Votes on the CT extension document's content, merged.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromHex, toHex } from '../../src/machines/ct/bytes.ts'
import { itemLimits } from '../../src/machines/tor/consensus-items.ts'
import { isContent, maxExtensionBytes, readContent } from '../../src/machines/tor/extension-document.ts'
import { auditorLine, ctrLine, logLine, paramsLine, sthLine } from '../../src/machines/tor/item-lines.ts'
import { type MergeError, mergeErrors, mergeVotes } from '../../src/machines/tor/vote-merge.ts'
import { logKey } from './arbitraries/log-key.ts'
import { crypto } from './arbitraries/tor.ts'

const keys = [logKey('ecdsa'), logKey('ecdsa'), logKey('ecdsa')]
const logs = keys.flatMap(({ log }) => [log, { ...log, mmd: 1 }, { ...log, monitoringUrl: 'https://static.example' }])
const vote = (...lines: readonly string[]) => ['content', ...lines, 'directory-footer', ''].join('\n')
const headOf = (which: number, timestamp: number, byte: number) =>
  (keys[which] as (typeof keys)[0]).signHead({ timestamp, size: 5, root: toHex(new Uint8Array(32).fill(byte)) })
const heads = keys.flatMap((_, which) =>
  [9, 10, 11].flatMap((timestamp) => [1, 2].map((byte) => headOf(which, timestamp, byte))),
)
const forged = keys.map((_, which) => ({ ...headOf(which, 9, 9), timestamp: 99 }))
const hex = (byte: number) => toHex(new Uint8Array(32).fill(byte))
const ctrs = [1, 2, 3].flatMap((byte) => [
  { ctrId: hex(byte), url: 'http://ctr.example', family: [] },
  { ctrId: hex(byte), url: 'http://ctr.example', family: [hex(9)] },
])
const auditors = [1, 2].flatMap((byte) =>
  ['http://a.example', 'http://b.example'].map((url) => ({ auditorId: '', key: hex(byte), url })),
)
const unique = <T>(from: readonly T[], id: (one: T) => string) =>
  fc.uniqueArray(fc.constantFrom(...from), { selector: id })
const names = ['ct-a', 'ct-b', 'ct-c']

const anyVote = fc
  .record({
    params: fc.dictionary(fc.constantFrom(...names), fc.integer({ min: -5, max: 5 }), { noNullPrototype: true }),
    logs: unique(logs, ({ logId }) => logId),
    sths: fc.uniqueArray(fc.constantFrom(...heads, ...forged), { selector: sthLine, maxLength: 6 }),
    ctrs: unique(ctrs, ({ ctrId }) => ctrId),
    auditors: unique(auditors, ({ key }) => key),
  })
  .map(({ sths, ...rest }) => ({
    ...rest,
    sths: sths.filter(({ logId }) => rest.logs.some((log) => log.logId === logId)),
  }))

type Vote = typeof anyVote extends fc.Arbitrary<infer T> ? T : never

const textOf = ({ params, logs, sths, ctrs, auditors }: Vote) =>
  vote(
    paramsLine(params),
    ...logs.map(logLine),
    ...sths.map(sthLine),
    ...ctrs.map(ctrLine),
    ...auditors.map(auditorLine),
  )

const anyVotes = fc.array(anyVote, { maxLength: 5 })

function merged(votes: readonly string[], authorities = votes.length): string {
  const result = mergeVotes(crypto, votes, authorities)
  if (!result.ok) expect.unreachable(result.error)
  return result.value
}

const linesOf = (content: string, keyword: string) =>
  content.split('\n').filter((line) => line.startsWith(`${keyword} `))

describe('the merged content', () => {
  test('is what a plain reading of the rules gives [CONS-007.1, CONS-007.2, CONS-007.3, CONS-007.4]', () => {
    fc.assert(
      fc.property(anyVotes, fc.nat(3), (votes, absent) => {
        const authorities = votes.length + absent
        const result = merged(votes.map(textOf), authorities)
        const popular = (lines: (vote: Vote) => readonly string[]) => {
          const all = [...new Set(votes.flatMap(lines))]
          return all.filter((line) => votes.filter((one) => lines(one).includes(line)).length > authorities / 2).sort()
        }
        const wantedLogs = popular((one) => one.logs.map(logLine))
        expect(linesOf(result, 'log')).toEqual(wantedLogs)
        expect(linesOf(result, 'ctr')).toEqual(popular((one) => one.ctrs.map(ctrLine)))
        expect(linesOf(result, 'auditor')).toEqual(popular((one) => one.auditors.map(auditorLine)))
        const wantedHeads = wantedLogs.flatMap((line) => {
          const logId = line.split(' ')[1]
          const known = votes.flatMap(({ sths }) => sths).filter((sth) => sth.logId === logId && sth.timestamp < 99)
          const newest = Math.max(...known.map(({ timestamp }) => timestamp))
          return known
            .filter(({ timestamp }) => timestamp === newest)
            .map(sthLine)
            .sort()
            .slice(-1)
        })
        expect(linesOf(result, 'sth')).toEqual(wantedHeads)
        const wantedParams = names.flatMap((name) => {
          const values = votes.flatMap(({ params }) => (name in params ? [params[name] as number] : []))
          const inOrder = values.toSorted((a, b) => a - b)
          return values.length > authorities / 2 ? [`${name}=${inOrder[Math.ceil(inOrder.length / 2) - 1]}`] : []
        })
        expect(linesOf(result, 'params')).toEqual(wantedParams.length === 0 ? [] : [`params ${wantedParams.join(' ')}`])
      }),
    )
  })

  test('does not depend on the order of the votes or of their lines [CONS-007.4]', () => {
    fc.assert(
      fc.property(
        anyVotes.chain((votes) =>
          fc.tuple(fc.constant(votes), fc.shuffledSubarray(votes, { minLength: votes.length })),
        ),
        ([a, b]) => {
          const turned = b.map((one) => ({
            ...one,
            ctrs: one.ctrs.toReversed(),
            sths: one.sths.toReversed(),
            logs: one.logs.toReversed(),
          }))
          expect(merged(turned.map(textOf))).toBe(merged(a.map(textOf)))
        },
      ),
    )
  })

  test('merges to itself, and is a content [CONS-007.4, CONS-005.4]', () => {
    fc.assert(
      fc.property(anyVotes, fc.integer({ min: 1, max: 5 }), (votes, count) => {
        const once = merged(votes.map(textOf))
        expect(isContent(once)).toBe(true)
        expect(readContent(crypto, once).ok).toBe(true)
        expect(merged(Array.from({ length: count }, () => once))).toBe(once)
      }),
    )
  })

  test('a minority cannot add, change or remove a log, a CTR, an auditor or a parameter [CONS-007.1, CONS-007.3]', () => {
    fc.assert(
      fc.property(anyVote, anyVote, anyVote, (honest, evil, other) => {
        const agreed = textOf(honest)
        const clean = merged([agreed, agreed, agreed])
        const attacked = merged([agreed, textOf(evil), agreed, agreed, textOf(other)])
        for (const keyword of ['log', 'ctr', 'auditor', 'params'])
          expect(linesOf(attacked, keyword)).toEqual(linesOf(clean, keyword))
      }),
    )
  })

  test('half is no majority, whoever did not vote counts against [CONS-007.1, CONS-007.3]', () => {
    const one = vote('params a=1', logLine(keys[0]?.log as never))
    expect(merged([one, one], 4)).toBe(vote())
    expect(merged([one, one], 3)).toBe(one)
    expect(merged([], 3)).toBe(vote())
    const without = vote(logLine(keys[0]?.log as never))
    expect(merged([one, without], 2)).toBe(without)
  })
})

test('each fault has its own error [CONS-007.1]', () => {
  const many = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => `auditor ${(from + i).toString(16).padStart(64, '0')} http://a.example`)
  const lines = (...ranges: readonly (readonly [number, number])[]) =>
    vote(...ranges.flatMap(([from, count]) => many(from, count)))
  const third = itemLimits.auditors / 2
  const cases: readonly (readonly [MergeError | 'none', readonly string[], number])[] = [
    ['tooManyVotes', [vote(), vote()], 1],
    ['none', [vote(), vote()], 2],
    ['badVote', [vote(), 'x'], 2],
    ['badVote', [vote('log x')], 1],
    [
      'tooMany',
      [
        lines([0, third], [third, third]),
        lines([0, third], [2 * third, third]),
        lines([third, third], [2 * third, third]),
      ],
      3,
    ],
  ]
  for (const [wanted, votes, authorities] of cases) {
    const result = mergeVotes(crypto, votes, authorities)
    expect(result.ok ? 'none' : result.error, wanted).toBe(wanted)
    if (!result.ok) expect(result.detail).toBe(mergeErrors[result.error])
  }
})

test('a content is lines of printable ASCII from content through directory-footer, without signatures [CONS-005.4]', () => {
  const good = vote('x')
  const filler = maxExtensionBytes - vote('').length
  expect([good, vote(), vote('y'.repeat(filler))].map(isContent)).toEqual([true, true, true])
  const bad = [
    '',
    good.slice(1),
    good.slice(0, -1),
    `${good}x\n`,
    `x\n${good}`,
    vote(''),
    vote('x\ty'),
    vote('\u00e9'),
    vote('directory-signature x'),
    'content\nxdirectory-footer\n',
    vote('y'.repeat(filler + 1)),
  ]
  for (const text of bad) expect(isContent(text), JSON.stringify(text.slice(0, 50))).toBe(false)
  expect(fromHex(hex(1)).length).toBe(32)
})
