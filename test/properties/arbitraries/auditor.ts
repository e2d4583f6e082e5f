// Events for the auditor's machines, in a world so small that boundaries, stale answers and repeats happen all the time.
// Invariant: nothing here keeps the order of a well-behaved environment: whatever the types allow may come at any moment.
import fc from 'fast-check'
import { newSfo } from '../../../src/machines/auditor/sfo.ts'
import type {
  CircuitEvent,
  Judged,
  LogViewEvent,
  NewSfo,
  ReportEntry,
  ReportEvent,
  RoundEvent,
  SfoEvent,
} from '../../../src/machines/auditor/types.ts'
import { auditorSteps } from '../../../src/machines/auditor/types.ts'
import { type InclusionProof, outcomes, type Sth } from '../../../src/machines/ct/types.ts'
import type { Consensus } from '../../../src/machines/tor/types.ts'

/** An SFO received at 100, fresh, is due at 110 and in grace until 140. */
export const mmd = 10
export const graceMs = 30
export const receivedAt = 100
export const graceEndsAt = receivedAt + mmd + graceMs

/** Around every boundary: receipt, due, end of grace. */
export const instants = fc.oneof(
  fc.constantFrom(99, 100, 109, 110, 111, graceEndsAt - 1, graceEndsAt, graceEndsAt + 1),
  fc.integer({ min: 90, max: 160 }),
)

export function sthOf(timestamp: number, size: number, root = `r${size}`): Sth {
  return { logId: 'log', timestamp, size, root, signature: '00' }
}

/** A log that behaves: larger trees are later ones, and there is one root a size. */
export const honestSth = fc.integer({ min: 0, max: 9 }).map((size) => sthOf(100 + 4 * size, size))

const proof: fc.Arbitrary<InclusionProof> = fc.record({
  leafIndex: fc.integer({ min: 0, max: 9 }),
  path: fc.constant([]),
})
const nullable = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: null, freq: 9 })

export const sfoEvent: fc.Arbitrary<SfoEvent> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('challengeNow' as const),
      firstDue: nullable(honestSth),
      latest: nullable(honestSth),
      spansGap: fc.boolean(),
      at: instants,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('answered' as const),
      outcome: fc.constantFrom('refused' as const, 'refused' as const, 'proven' as const, ...outcomes),
      proof: nullable(proof),
      spansGap: fc.boolean(),
      at: instants,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constantFrom('resubmitted' as const, 'logRemoved' as const, 'restarted' as const, 'restarted' as const),
      at: instants,
    }),
  },
)

/** `skew`: how far ahead of the auditor's clock the SCT is. */
export function rowOf(sfoId = 'sfo', skew = 0, future = false): NewSfo {
  const ids = { sfoId, leafId: `log:${sfoId}`, logId: 'log' }
  return newSfo({ ...ids, sctTimestamp: receivedAt + skew, receivedAt, mmd, graceMs, future })
}

export const row: fc.Arbitrary<NewSfo> = fc
  .tuple(fc.integer({ min: -20, max: 5 }), fc.nat({ max: 9 }))
  .map(([skew, one]) => rowOf('sfo', skew, one === 0))

// ------------------------------------------------------------------------------------------------------------ circuit

export const judged: fc.Arbitrary<Judged> = fc.oneof(
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('malformed', 'unknownLog', 'badSct', 'badChain', 'oversize', 'futureSct')
      .map((kind) => ({ verdict: 'invalid', class: kind }) as Judged),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({
        id: fc.integer({ min: 0, max: 5 }),
        log: fc.constantFrom('log', 'other'),
        future: fc.nat({ max: 5 }).map((one) => one === 0),
        known: fc.constantFrom('new' as const, 'new' as const, 'pending' as const, 'resolved' as const),
      })
      .map(({ id, log, future, known }) => judgedOf(`sfo${id}`, { logId: log, future, known })),
  },
)

export function judgedOf(sfoId: string, other: Partial<Extract<Judged, { verdict: 'valid' }>> = {}): Judged {
  const plain = { leafId: `log:${sfoId}`, logId: 'log', sctTimestamp: 90, future: false, known: 'new', graceMs, mmd }
  return { verdict: 'valid', sfoId, ...plain, ...other } as Judged
}

export const circuitEvent: fc.Arbitrary<CircuitEvent> = fc.oneof(
  fc.record({
    type: fc.constant('nonceRequested' as const),
    nonce: fc.constantFrom('n1', 'n2'),
    at: fc.constantFrom(0, 1),
  }),
  fc.record({
    type: fc.constant('authenticate' as const),
    nonce: fc.constantFrom('n1', 'n1', 'n2'),
    verdict: fc.constantFrom('ctr' as const, 'ctr' as const, 'ctr' as const, 'notCtr' as const, 'badProof' as const),
    ctrId: fc.constantFrom('ctr1', 'ctr2'),
    at: fc.constantFrom(0, 1, 1, 59_999, 60_000, 60_001),
  }),
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('submitted' as const),
      items: fc.array(judged, { maxLength: 6 }),
      quota: fc.integer({ min: 0, max: 6 }),
      at: instants,
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('stored' as const), ok: fc.boolean(), at: instants }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('closed' as const), at: instants }) },
)

// -------------------------------------------------------------------------------------------------------------- round

export function consensusOf(hour: number, logIds: readonly string[] = ['log']): Consensus {
  const logs = logIds.map((logId) => ({ logId, key: '', mmd, url: 'http://127.0.0.1/' }))
  const times = { validAfter: hour * 60, freshUntil: hour * 60 + 60, validUntil: hour * 60 + 180 }
  const ctr = { ctrId: 'ctr1', url: 'http://127.0.0.1/', family: [] }
  return { digest: `d${hour}`, ...times, logs, sths: [], ctrs: [ctr], auditors: [] }
}

const draw = fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { maxLength: 2 })
const round = fc.integer({ min: 0, max: 4 })
const time = fc.integer({ min: 0, max: 600 })

export const roundEvent: fc.Arbitrary<RoundEvent> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ type: fc.constant('due' as const), draw, at: time }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('consensus' as const),
      consensus: fc.integer({ min: 0, max: 6 }).map((hour) => consensusOf(hour)),
      at: time,
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('noNewerConsensus' as const), at: time }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('consensusFailed' as const),
      error: fc.constant('unavailable'),
      at: time,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('stepDone' as const),
      round,
      step: fc.constantFrom(...auditorSteps),
      at: time,
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('deadline' as const), round, draw, at: time }) },
)

// ----------------------------------------------------------------------------------------------------------- log view

/** Two roots a size and any time: forks and rollbacks are common, and so are honest runs. */
export const anySth: fc.Arbitrary<Sth> = fc.oneof(
  { weight: 6, arbitrary: honestSth },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.integer({ min: 100, max: 140 }), fc.integer({ min: 0, max: 9 }), fc.constantFrom('a', 'b'))
      .map(([timestamp, size, root]) => sthOf(timestamp, size, root)),
  },
)

const pair = fc.tuple(honestSth, honestSth).map(([a, b]) => (a.size < b.size ? [a, b] : [b, a]) as [Sth, Sth])

export const logViewEvent: fc.Arbitrary<LogViewEvent> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('sth' as const),
      sth: fc.nat({ max: 15 }).chain((one) => (one === 0 ? anySth.map((sth) => ({ ...sth, logId: 'other' })) : anySth)),
      signatureValid: fc.nat({ max: 9 }).map((one) => one > 0),
      at: instants,
    }),
  },
  {
    weight: 6,
    arbitrary: fc
      .record({
        pair,
        answer: fc.constantFrom(
          'consistent' as const,
          'consistent' as const,
          'consistent' as const,
          'unavailable' as const,
          'inconsistent' as const,
        ),
        at: instants,
      })
      .map(
        ({ pair: [first, second], answer, at }): LogViewEvent => ({ type: 'consistency', first, second, answer, at }),
      ),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('recheck' as const), at: instants }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('reporters' as const),
      distinct: fc.integer({ min: 0, max: 6 }),
      ctrs: fc.constantFrom(1, 300, 400, 500),
      at: instants,
    }),
  },
)

// ------------------------------------------------------------------------------------------------------------- report

export function entryOf(circuit: string, at: number, other: Partial<ReportEntry> = {}): ReportEntry {
  return { ctrId: 'ctr1', circuit, at, valid: 0, duplicate: 0, invalid: {}, perLog: {}, ...other }
}

export const reportEvent: fc.Arbitrary<ReportEvent> = fc.oneof(
  fc
    .record({
      ctrId: fc.constantFrom('ctr1', 'ctr1', 'ctr1', 'ctr2'),
      circuit: fc.constantFrom('c1', 'c2', 'c3', 'c4', 'c5'),
      at: fc.integer({ min: 0, max: 20 }),
      later: fc.integer({ min: 0, max: 12 }),
      valid: fc.integer({ min: 0, max: 9 }),
      bad: fc.integer({ min: 0, max: 9 }),
    })
    .map(
      ({ ctrId, circuit, at, later, valid, bad }): ReportEvent => ({
        type: 'entry',
        entry: entryOf(circuit, at, {
          ctrId,
          valid,
          perLog: valid > 0 ? { log: valid } : {},
          invalid: { badSct: bad },
        }),
        at: at + later,
      }),
    ),
  fc.record({
    type: fc.constant('analyze' as const),
    expected: fc.constantFrom(0, 0.01, 1, 100, Number.NaN, -1),
    expectedInvalid: fc.constantFrom(0, 0.01, 1, 100),
    downLogs: fc.constantFrom([], ['log']),
    at: fc.integer({ min: 0, max: 40 }),
  }),
)
