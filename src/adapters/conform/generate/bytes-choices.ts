// L0 vectors of draws, choices, configurations and counts [spec/conventions.md, Draws; RELAY-005, 009, 011, 120; AUD-022].
// Invariant: expected values are computed with big integers from the text of the conventions.
import { code, type DraftL0, members, ok, value } from './draft.ts'
import { hexOf, randomOf } from './random.ts'

const random = randomOf('vectors: draws')
const top = 2 ** 32

/** floor(draw * m / 2^32). */
const index = (draw: number, m: number) => Number((BigInt(draw) * BigInt(m)) >> 32n)

function coins(): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  for (const [k, n] of [
    [1, 1],
    [1, 2],
    [2, 8],
    [1, 3],
    [2, 3],
    [7, 8],
    [1, 30],
    [29, 30],
  ] as const) {
    const edge = Math.ceil((k * top) / n)
    for (const draw of new Set([0, edge - 1, edge, edge + 1, top - 1, random.draw()].filter((one) => one < top)))
      drafts.push({
        function: 'coin',
        name: `${k}-of-${n}`,
        input: { draw, k, n },
        must: value({ heads: BigInt(draw) * BigInt(n) < BigInt(k) << 32n }),
        reqs: ['RELAY-111.3'],
        comment: `Draw ${draw}, bias ${k}/${n}`,
      })
  }
  for (const m of [1, 2, 3, 7, 8, 30, 64, 1000, 4096, 2 ** 21])
    for (const draw of new Set([
      0,
      1,
      Math.ceil(top / m) - 1,
      Math.min(Math.ceil(top / m), top - 1),
      top - 1,
      random.draw(),
    ]))
      drafts.push({
        function: 'indexBelow',
        name: `below-${m}`,
        input: { draw, m },
        must: value({ index: index(draw, m) }),
        reqs: ['RELAY-011.1'],
        comment: `Draw ${draw}, index below ${m}`,
      })
  return drafts
}

/** Partial Fisher-Yates as the conventions say. */
function positionsOf(size: number, count: number, draws: readonly number[]): readonly number[] {
  const positions = Array.from({ length: size }, (_, at) => at)
  for (let at = 0; at < count; at++) {
    const other = at + index(draws[at] ?? 0, size - at)
    const [a, b] = [positions[at] ?? 0, positions[other] ?? 0]
    positions[at] = b
    positions[other] = a
  }
  return positions.slice(0, count)
}

function choices(): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  for (const [size, count] of [
    [1, 1],
    [1, 0],
    [2, 1],
    [2, 2],
    [3, 2],
    [8, 2],
    [8, 8],
    [30, 5],
    [100, 8],
  ] as const)
    for (const draws of [
      Array(count).fill(0),
      Array(count).fill(top - 1),
      random.draws(count),
      random.draws(count + 3),
    ])
      drafts.push({
        function: 'choosePositions',
        name: `${count}-of-${size}`,
        input: { size, count, draws },
        must: value({ positions: positionsOf(size, count, draws) }),
        reqs: ['RELAY-009.1', 'RELAY-016.1'],
        comment: `${count} of ${size}`,
      })
  for (const [n, k] of [
    [1, 1],
    [2, 1],
    [2, 2],
    [8, 2],
    [8, 8],
    [30, 3],
  ] as const)
    for (const draws of [Array(n).fill(0), Array(n).fill(top - 1), random.draws(n), random.draws(2 * n)]) {
      const coin = Array.from({ length: n }, (_, b) => b).filter(
        (b) => BigInt(draws[b] ?? 0) * BigInt(n) < BigInt(k) << 32n,
      )
      const chosen = positionsOf(n, k, draws).toSorted((a, b) => a - b)
      drafts.push({
        function: 'drawnBuckets',
        name: `coin-${k}-of-${n}`,
        input: { bucketing: 'coin', n, k, draws },
        must: value({ buckets: coin }),
        reqs: ['RELAY-111.3'],
        comment: `A coin of bias ${k}/${n} for each bucket`,
      })
      drafts.push({
        function: 'drawnBuckets',
        name: `choose-${k}-of-${n}`,
        input: { bucketing: 'choose', n, k, draws },
        must: value({ buckets: chosen }),
        reqs: ['RELAY-009.1'],
        comment: `${k} distinct buckets of ${n}`,
      })
    }
  return drafts
}

function auditors(): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  for (const count of [0, 1, 2, 3, 7])
    for (let at = 0; at < 5; at++) {
      const ids = Array.from({ length: count }, (_, i) => hexOf(`auditor ${i} ${at}`))
      const sfoId = at === 4 ? 'f'.repeat(64) : hexOf(`SFO ${at}`)
      const auditorId = ids.toSorted()[Number.parseInt(sfoId.slice(0, 8), 16) % count]
      drafts.push({
        function: 'auditorOf',
        name: `of-${count}`,
        input: { auditors: ids, sfoId },
        must: value(auditorId === undefined ? {} : { auditorId }),
        reqs: ['RELAY-005.1'],
        comment: `The auditor of an SFO among ${count}, given in no order`,
      })
    }
  return drafts
}

function configs(): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  const add = (
    name: string,
    preset: string,
    config: object,
    must: DraftL0['must'],
    reqs: readonly string[],
    operator?: string,
  ) =>
    drafts.push({
      function: 'relayConfig',
      name,
      input: { preset, config },
      must,
      reqs,
      comment: `A configuration: ${name}`,
      ...(operator === undefined ? {} : { operator }),
    })
  const seed = {
    bucketing: 'coin',
    whileActive: 'drop',
    referenceSth: 'latest',
    notDue: 'challenge',
    order: 'challenge-first',
    forwardHops: 'unbounded',
    reporting: 'never',
    bucketFull: 'end-wait',
  }
  const hardened = {
    bucketing: 'choose',
    whileActive: 'defer',
    referenceSth: 'first-due',
    notDue: 'hold',
    order: 'challenge-first',
    forwardHops: 'one',
    reporting: 'auditor',
    bucketFull: 'evict',
  }
  const defaults = { n: 8, k: 2, addressCapacity: 64, variantsPerLeaf: 4, forwardMemoryMs: 86_400_000 }
  add('seed', 'seed', {}, members({ ...defaults, policy: seed }), [
    'RELAY-120.2',
    'RELAY-009.2',
    'RELAY-019.1',
    'RELAY-013.1',
  ])
  add('hardened', 'hardened', {}, members({ ...defaults, policy: hardened }), [
    'RELAY-120.2',
    'RELAY-009.2',
    'RELAY-019.1',
    'RELAY-013.1',
  ])
  add('minimal', 'minimal', {}, ok, ['RELAY-120.2'])
  const both = { ...hardened, order: 'forward-first' } as Readonly<Record<string, string>>
  for (const [name, is] of Object.entries(seed)) {
    add(
      `seed-${name}`,
      'seed',
      { policy: { [name]: both[name] } },
      members({ policy: { ...seed, [name]: both[name] } }),
      ['RELAY-120.1'],
    )
    add(`hardened-${name}`, 'hardened', { policy: { [name]: is } }, members({ policy: { ...hardened, [name]: is } }), [
      'RELAY-120.1',
    ])
    add(`unknown-${name}`, 'seed', { policy: { [name]: 'other' } }, code('badConfig'), ['RELAY-120.1'], 'unknown-value')
  }
  for (const [n, k] of [
    [1, 1],
    [2, 2],
    [8, 8],
    [30, 30],
    [30, 1],
  ] as const)
    add(`k-${k}-of-${n}`, 'hardened', { n, k }, members({ n, k }), ['RELAY-009.2'])
  for (const [n, k] of [
    [1, 2],
    [2, 3],
    [8, 9],
  ] as const)
    add(`k-${k}-of-${n}`, 'hardened', { n, k }, code('kExceedsN'), ['RELAY-009.2'], 'k+1')
  for (const changed of [{ k: 0 }, { n: 0, k: 1 }, { n: 31 }, { bucketCapacity: 0 }])
    add(
      `out-of-range-${Object.keys(changed).join('-')}`,
      'hardened',
      changed,
      code('outOfRange', 'kExceedsN'),
      ['RELAY-009.2'],
      'out-of-range',
    )
  for (const [name, changed] of Object.entries({
    'unknown-member': { other: 1 },
    'n-text': { n: 'eight' },
    'n-fraction': { n: 1.5 },
    'n-negative': { n: -1 },
    'self-short': { self: '00' },
    'policy-text': { policy: 'seed' },
    'family-text': { family: 'x' },
  }))
    add(name, 'seed', changed, code('badConfig'), ['RELAY-120.1'], name)
  return drafts
}

function counts(): readonly DraftL0[] {
  const drafts: DraftL0[] = []
  for (const ctrs of [0, 1, 299, 300, 399, 400, 401, 500, 1000, 10_000])
    for (const distinct of new Set([0, 3, 4, 5, Math.floor(ctrs / 100), Math.floor(ctrs / 100) + 1]))
      drafts.push({
        function: 'isLogDown',
        name: `${distinct}-of-${ctrs}`,
        input: { distinct, ctrs },
        must: value({ down: distinct > 3 && distinct * 100 > ctrs }),
        reqs: ['AUD-022.1'],
        comment: `${distinct} of ${ctrs} CTRs report the log`,
      })
  for (const [seen, expected] of [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
    [2, 1],
    [5, 1],
    [10, 1],
    [20, 1],
    [3, 0.01],
    [100, 50],
    [100, 100],
    [200, 100],
    [1000, 100],
    [7, 0.5],
  ] as const) {
    const exact = tail(seen, expected)
    drafts.push({
      function: 'poissonTail',
      name: `${seen}-of-${expected}`,
      input: { seen, expected },
      must: exact === null ? ok : value({ p: exact }),
      reqs: ['AUD-022.2'],
      comment: `${seen} seen where ${expected} are expected`,
    })
  }
  return drafts
}

/** Only where the sum is short enough to be written down exactly. */
function tail(seen: number, expected: number): string | null {
  if (seen > 0 && expected === 0) return '0'
  return null
}

export const choiceDrafts = (): readonly DraftL0[] => [
  ...coins(),
  ...choices(),
  ...auditors(),
  ...configs(),
  ...counts(),
]
