// Directed scenarios of the relay, one or more for each row of decisions, under both profiles and with each parameter flipped.
// Invariant: every scenario is a run of an environment that keeps its promises, but for the event that the scenario is about.
import type { Outcome } from '../../../machines/ct/types.ts'
import { hardenedPolicy, seedPolicy } from '../../../machines/relay/profiles.ts'
import type { Policy, RelayConfig, RelayEvent, SfoRef } from '../../../machines/relay/types.ts'
import { toWireObject } from '../json.ts'
import { machines } from '../machines.ts'
import { runTrace } from '../trace.ts'
import { type Act, consensusAt, idOf, logA, logB, mmd, onion, pairOf, play, sfoOf, start, sthAt } from './relay-play.ts'
import type { DraftL1, MustEnd } from './trace-draft.ts'

interface Scenario {
  readonly reqs: readonly string[]
  readonly comment: string
  readonly acts: readonly Act[]
  readonly config?: Partial<Omit<RelayConfig, 'policy'>>
  /** Under `hardened` and `seed` as they are; flips have no such knowledge. */
  readonly hardened?: MustEnd
  readonly seed?: MustEnd
}

const zeros = Array<number>(8).fill(0)
/** Choose: bucket 1. Coin: tails, tails. */
const ones = Array<number>(8).fill(2 ** 32 - 1)
const consensus = (validAfter = 1, sthTimes: readonly number[] = [start, start + 5], changed = {}): Act => ({
  type: 'consensus',
  consensus: consensusAt(validAfter, sthTimes, changed),
  at: start,
})
const sfo = (one: SfoRef, draw: readonly number[] = zeros, at = start): RelayEvent => ({
  type: 'sfo',
  sfo: one,
  at,
  draw,
})
const address = (number: number, at = start, draw: readonly number[] = [0]): RelayEvent => ({
  type: 'address',
  address: onion(number),
  at,
  draw,
})
const proofs = (draw: readonly number[] = zeros, at = start): RelayEvent => ({
  type: 'proofsRequested',
  request: 'request',
  at,
  draw,
})
const round = (at = start + 10, answers: Omit<Extract<Act, { type: 'round' }>, 'type' | 'at'> = {}): Act => ({
  type: 'round',
  at,
  ...answers,
})
const proven = (): Outcome => 'proven'

const [one, two, three] = [sfoOf(1), sfoOf(2), sfoOf(3, { logId: logB })]
const variant = (number: number): SfoRef => ({ ...one, sfoId: idOf(number) })
const from = (hops: number): SfoRef => ({ ...one, hops })
const accepted: MustEnd = { disposition: 'accepted' }
const ignored = (reason: string): MustEnd => ({ disposition: 'ignored', reason })
const proven1 = [consensus(), sfo(one), round(start + 10, { outcome: proven })]

const outcomes = ['proven', 'notDue', 'unreachable', 'refused', 'badProof', 'contradiction'] as const

const scenarios: Readonly<Record<string, Scenario>> = {
  'sfo-taken': {
    reqs: ['RELAY-111', 'RELAY-009'],
    comment: 'An SFO enters a bucket',
    acts: [consensus(), sfo(one)],
    hardened: accepted,
    seed: accepted,
  },
  'sfo-tails': {
    reqs: ['RELAY-111', 'RELAY-009'],
    comment: 'An SFO for which no coin shows heads, while a choice always finds a bucket',
    acts: [consensus(), sfo(one, ones)],
    hardened: accepted,
    seed: ignored('noBucket'),
  },
  'sfo-mixed-draws': {
    reqs: ['RELAY-111', 'RELAY-009'],
    comment: 'Draws that coin and choice read differently',
    acts: [consensus(), sfo(one, [2 ** 32 - 1, 0, 0, 0]), sfo(two, [2 ** 31, 2 ** 31 - 1, 0, 0])],
  },
  duplicate: {
    reqs: ['RELAY-014', 'INV-006'],
    comment: 'The same SFO again',
    acts: [consensus(), sfo(one), sfo(one, ones)],
    hardened: ignored('duplicate'),
    seed: ignored('duplicate'),
  },
  'duplicate-fewer-hops': {
    reqs: ['RELAY-014', 'INV-006'],
    comment: 'The same SFO again, with fewer hops',
    acts: [consensus(), sfo(from(1)), sfo(from(0))],
  },
  'duplicate-fewer-hops-forwarded': {
    reqs: ['RELAY-014', 'RELAY-010'],
    comment: 'The smaller number of hops decides what is forwarded',
    acts: [consensus(), sfo(from(1)), sfo(from(0)), round()],
  },
  'duplicate-more-hops': {
    reqs: ['RELAY-014'],
    comment: 'The same SFO again, with more hops',
    acts: [consensus(), sfo(from(0)), sfo(from(1))],
  },
  'duplicate-in-round': {
    reqs: ['RELAY-014', 'RELAY-001'],
    comment: 'The same SFO again, while its round runs',
    acts: [consensus(), sfo(one), round(start + 10, { until: 'challenge' }), sfo(one)],
    seed: ignored('active'),
    hardened: ignored('duplicate'),
  },
  variants: {
    reqs: ['RELAY-013'],
    comment: 'Three SFOs of one leaf, two of which may be held',
    acts: [consensus(), sfo(variant(1)), sfo(variant(2)), sfo(variant(3))],
    hardened: ignored('tooManyVariants'),
    seed: {},
    config: { bucketCapacity: 4 },
  },
  'variants-of-four': {
    reqs: ['RELAY-013'],
    comment: 'Five SFOs of one leaf, four of which may be held',
    acts: [consensus(), ...[1, 2, 3, 4, 5].map((n) => sfo(variant(n)))],
    hardened: ignored('tooManyVariants'),
    seed: ignored('tooManyVariants'),
    config: { variantsPerLeaf: 4, bucketCapacity: 9 },
  },
  invalid: {
    reqs: ['RELAY-012', 'INV-006'],
    comment: 'An SFO that is not valid',
    acts: [{ type: 'invalidSfo', error: 'badSctSignature', at: start }],
  },
  'too-few-draws': {
    reqs: ['INV-008'],
    comment: 'An SFO with one draw too few',
    acts: [consensus(), sfo(one, zeros.slice(0, 3))],
    hardened: { disposition: 'rejected', reason: 'insufficientDraw' },
    seed: { disposition: 'rejected', reason: 'insufficientDraw' },
  },
  'too-few-draws-waited': {
    reqs: ['INV-008'],
    comment: 'A wait that ends with too few draws',
    acts: [consensus(), { type: 'waited', at: start, draw: [] }],
    hardened: { disposition: 'rejected', reason: 'insufficientDraw' },
    seed: { disposition: 'rejected', reason: 'insufficientDraw' },
  },
  'too-few-draws-address': {
    reqs: ['INV-008'],
    comment: 'An address without a draw',
    acts: [{ type: 'address', address: onion(1), at: start, draw: [] }],
    hardened: { disposition: 'rejected', reason: 'insufficientDraw' },
  },
  'full-bucket': {
    reqs: ['RELAY-011'],
    comment: 'Two SFOs for a bucket of one',
    acts: [consensus(), sfo(one), sfo(two)],
    config: { bucketCapacity: 1 },
  },
  'full-bucket-choice': {
    reqs: ['RELAY-011'],
    comment: 'Three SFOs for a bucket of two: the draw picks whose place is taken',
    acts: [consensus(), sfo(one), sfo(two), sfo(three, [0, 0, ...ones])],
    config: { bucketCapacity: 2 },
  },
  'full-bucket-waited': {
    reqs: ['RELAY-011'],
    comment: 'A full bucket, and the round after it',
    acts: [consensus(), sfo(one), sfo(two), round()],
    config: { bucketCapacity: 1 },
  },
  'bad-address': {
    reqs: ['RELAY-112'],
    comment: 'An address with a wrong checksum',
    acts: [{ type: 'address', address: `${'a'.repeat(56)}.onion`, at: start, draw: [0] }],
    hardened: { disposition: 'rejected', reason: 'badAddress' },
    seed: { disposition: 'rejected', reason: 'badAddress' },
  },
  'address-kept': { reqs: ['RELAY-112', 'RELAY-019'], comment: 'An address, twice', acts: [address(1), address(1)] },
  'addresses-full': {
    reqs: ['RELAY-019'],
    comment: 'Three addresses where two are kept',
    acts: [address(1), address(2), address(3, start, [2 ** 31])],
  },
  'addresses-fetched': {
    reqs: ['RELAY-105', 'RELAY-019'],
    comment: 'Addresses are fetched from once',
    acts: [consensus(), address(1), address(2), round(), round(start + 30)],
  },
  'address-too-old': {
    reqs: ['RELAY-019', 'RELAY-105'],
    comment: 'An address older than its lifetime',
    acts: [consensus(), address(1, start), address(2, start + 1), round(start + 21)],
  },
  'nothing-to-do': {
    reqs: ['RELAY-101', 'RELAY-025', 'RELAY-110', 'RELAY-001', 'RELAY-107'],
    comment: 'A round with nothing in it connects to every sampled CTR',
    acts: [consensus(), round()],
    hardened: { leaf: 'passive' },
    seed: { leaf: 'passive' },
  },
  'no-consensus': {
    reqs: ['RELAY-101', 'RELAY-016'],
    comment: 'A round without a consensus',
    acts: [sfo(one), round()],
    hardened: { leaf: 'passive' },
    seed: { leaf: 'passive' },
  },
  'round-begins': {
    reqs: ['RELAY-001', 'RELAY-102', 'RELAY-103'],
    comment: 'The wait ends: buckets are taken, the deadline starts',
    acts: [consensus(), sfo(one), sfo(three), round(start + 10, { until: 'connect' })],
    hardened: { leaf: 'active.connecting' },
    seed: { leaf: 'active.connecting' },
  },
  'logs-shuffled': {
    reqs: ['RELAY-103', 'RELAY-015'],
    comment: 'Two logs, in the other order',
    acts: [consensus(), sfo(one), sfo(three), round(start + 10, { draw: ones })],
  },
  'logs-in-order': {
    reqs: ['RELAY-103', 'RELAY-015', 'RELAY-104'],
    comment: 'Two logs and two leaves of one of them',
    acts: [consensus(), sfo(one), sfo(two), sfo(three), round(start + 10, { draw: zeros })],
    config: { bucketCapacity: 4 },
  },
  'two-leaves-one-log': {
    reqs: ['RELAY-104'],
    comment: 'Two leaves of one log, both challenged',
    acts: [consensus(), sfo(one), sfo(two), round(start + 10, { outcome: proven, until: 'challenge' })],
  },
  'not-due': {
    reqs: ['RELAY-002'],
    comment: 'An SFO that is not due',
    acts: [consensus(), sfo(sfoOf(1, { sctTimestamp: start })), round(start + 1)],
  },
  'not-due-expires': {
    reqs: ['RELAY-002'],
    comment: 'An SFO that was held too long without an STH',
    acts: [
      consensus(1, [start]),
      sfo(sfoOf(1, { sctTimestamp: start })),
      round(start + mmd + 30),
      round(start + mmd + 31),
    ],
  },
  'not-due-held-back': {
    reqs: ['RELAY-002'],
    comment: 'It goes back into its bucket, and the next consensus shows that it is due',
    acts: [
      consensus(1, [start]),
      sfo(sfoOf(1, { sctTimestamp: start })),
      round(start + 1),
      consensus(2, [start, start + 20]),
      round(start + 20, { outcome: proven }),
    ],
  },
  'no-sth': {
    reqs: ['RELAY-003', 'RELAY-002'],
    comment: 'No STH is known',
    acts: [consensus(1, []), sfo(one), round()],
  },
  'first-due': {
    reqs: ['RELAY-003'],
    comment: 'Three STHs, of which the second is the first due',
    acts: [consensus(1, [start - 1, start, start + 5]), sfo(one), round()],
  },
  'due-by-index': {
    reqs: ['RELAY-003', 'WIRE-012'],
    comment: 'A static-ct SFO before its MMD ends: due, since a tree reaches its place',
    acts: [
      consensus(1, [start, start + 5]),
      sfo(sfoOf(1, { sctTimestamp: start, leafIndex: start + 4 })),
      round(start + 6, { outcome: proven }),
    ],
  },
  'index-not-reached': {
    reqs: ['RELAY-002', 'RELAY-003', 'WIRE-012'],
    comment: 'A static-ct SFO whose place is the one behind the last: not due',
    acts: [
      consensus(1, [start, start + 5]),
      sfo(sfoOf(1, { sctTimestamp: start, leafIndex: start + 5 })),
      round(start + 6),
    ],
  },
  'index-beyond-due-tree': {
    reqs: ['RELAY-003', 'WIRE-012'],
    comment: 'A static-ct SFO after its MMD: due by time, though no tree reaches its place',
    acts: [consensus(), sfo(sfoOf(1, { leafIndex: 5000 })), round(start + 10, { outcome: () => 'refused' })],
  },
  'own-family': {
    reqs: ['RELAY-016'],
    comment: 'This relay and its family are not sampled',
    acts: [
      consensus(1, [start], {
        ctrs: [0, 1, 2, 3].map((ctr) => ({
          ctrId: idOf(ctr),
          url: 'http://127.0.0.1/',
          family: ctr === 3 ? [idOf(0)] : [],
        })),
      }),
      round(),
    ],
    config: { family: [idOf(1)] },
  },
  'sample-of-two': {
    reqs: ['RELAY-016', 'RELAY-106'],
    comment: 'Two of four CTRs',
    acts: [
      consensus(1, [start], {
        ctrs: [0, 4, 1, 3, 2].map((ctr) => ({ ctrId: idOf(ctr), url: 'http://127.0.0.1/', family: [] })),
      }),
      sfo(one, [...zeros]),
      sfo(two, [2 ** 31, 0, 0, 0]),
      round(start + 10, { draw: [2 ** 32 - 1, 2 ** 30, 0, 0] }),
    ],
  },
  'consensus-in-round': {
    reqs: ['RELAY-016', 'CONS-001'],
    comment: 'A consensus in a round changes nothing of that round',
    acts: [
      consensus(),
      sfo(one),
      round(start + 10, {
        during: {
          connect: () => [
            { type: 'consensus', consensus: consensusAt(5, [start + 9], { ctrs: [], auditors: [] }), at: start + 10 },
          ],
        },
      }),
    ],
  },
  'old-consensus': {
    reqs: ['CONS-001'],
    comment: 'An older consensus',
    acts: [consensus(5), consensus(4)],
    hardened: { disposition: 'ignored', reason: 'oldConsensus' },
    seed: { disposition: 'ignored', reason: 'oldConsensus' },
  },
  'bucket-to-ctr': {
    reqs: ['RELAY-106', 'RELAY-025'],
    comment: 'Bucket 0 to the first CTR, bucket 1 to the second',
    acts: [consensus(), sfo(one, [0, 2 ** 32 - 1, 0, 0]), sfo(two, [2 ** 32 - 1, 0, 0, 0]), round()],
  },
  'bucket-one-alone': {
    reqs: ['RELAY-106', 'RELAY-025'],
    comment: 'Bucket 1 alone holds something',
    acts: [consensus(), sfo(one, [2 ** 32 - 1, 0, 0, 0]), round()],
  },
  'from-a-ctr': {
    reqs: ['RELAY-010'],
    comment: 'An SFO that came from a CTR',
    acts: [consensus(), sfo(from(1)), round()],
  },
  'forwarded-before': {
    reqs: ['RELAY-010', 'RELAY-017'],
    comment: 'A leaf that was forwarded before',
    acts: [consensus(), sfo(variant(1)), round(), sfo(variant(2), zeros, start + 11), round(start + 20)],
    config: { forwardMemoryMs: 100 },
  },
  'forward-memory-over': {
    reqs: ['RELAY-010'],
    comment: 'A leaf that was forwarded long ago',
    acts: [
      consensus(),
      sfo(variant(1)),
      round(),
      sfo(variant(2), zeros, start + 50),
      round(start + 60),
      round(start + 90),
    ],
  },
  'breaker-open': {
    reqs: ['RELAY-010'],
    comment: "The log's circuit breaker is open",
    acts: [consensus(), sfo(one), round(start + 10, { breakerOpen: true })],
  },
  'delivery-fails': {
    reqs: ['RELAY-017'],
    comment: 'One CTR takes nothing, the other has nothing to take',
    acts: [consensus(), sfo(one, [0, 2 ** 32 - 1, 0, 0]), round(start + 10, { delivered: () => false })],
  },
  'delivery-fails-at-one': {
    reqs: ['RELAY-017'],
    comment: 'What one CTR refused goes to the other that took all of its own',
    acts: [
      consensus(),
      sfo(one, [0, 2 ** 32 - 1, 0, 0]),
      sfo(two, [2 ** 32 - 1, 0, 0, 0]),
      round(start + 10, { delivered: (_, sfoId) => sfoId === two.sfoId }),
    ],
  },
  'delivery-fails-then-not': {
    reqs: ['RELAY-017'],
    comment: 'What CTR 1 refused CTR 2 takes',
    acts: [
      consensus(),
      sfo(one, [0, 2 ** 32 - 1, 0, 0]),
      sfo(two, [2 ** 32 - 1, 0, 0, 0]),
      round(start + 10, { delivered: (ctrId) => ctrId === idOf(2) }),
    ],
  },
  'unasked-delivery': {
    reqs: ['RELAY-106', 'RELAY-021'],
    comment: 'A delivery that nobody was asked for',
    acts: [
      consensus(),
      round(start + 10, {
        until: 'forward',
        during: {
          forward: (number) => [
            { type: 'delivered', round: number, ctrId: idOf(1), sfoId: idOf(9), ok: true, at: start + 10 },
          ],
        },
      }),
    ],
    hardened: ignored('notAsked'),
    seed: ignored('notAsked'),
  },
  'proven-forgets': {
    reqs: ['RELAY-104', 'RELAY-109', 'INV-001', 'INV-006'],
    comment: 'A proven SFO is neither forwarded nor reported',
    acts: proven1,
    hardened: { leaf: 'passive' },
    seed: { leaf: 'passive' },
  },
  'proven-again': {
    reqs: ['RELAY-111', 'INV-001'],
    comment: 'An SFO whose leaf is proven',
    acts: [...proven1, sfo(variant(2), zeros, start + 11)],
    hardened: ignored('alreadyProven'),
    seed: ignored('alreadyProven'),
  },
  'proof-expires': {
    reqs: ['RELAY-108'],
    comment: 'A proof leaves after its lifetime',
    acts: [...proven1, round(start + 30), round(start + 31)],
  },
  'proofs-full': {
    reqs: ['RELAY-020'],
    comment: 'Three proofs where two are kept',
    acts: [consensus(), sfo(one), sfo(two), sfo(three), round(start + 10, { outcome: proven })],
    config: { bucketCapacity: 4 },
  },
  'proofs-full-by-peers': {
    reqs: ['RELAY-020', 'RELAY-007'],
    comment: 'Pairs of peers make room',
    acts: [
      consensus(),
      address(1),
      round(start + 10, {
        pairs: [1, 2, 3].map((n) => ({ pair: pairOf(sfoOf(n).leafId, sthAt(logA, start)), verified: true })),
      }),
    ],
  },
  'pair-verified': {
    reqs: ['RELAY-007', 'INV-003', 'RELAY-106'],
    comment: "A peer's pair that was verified: its SFO is not forwarded",
    acts: [
      consensus(),
      sfo(one),
      address(1),
      round(start + 10, { pairs: [{ pair: pairOf(one.leafId, sthAt(logA, start)), verified: true }] }),
    ],
  },
  'pair-unverified': {
    reqs: ['RELAY-007', 'INV-003'],
    comment: "A peer's pair that was not verified",
    acts: [
      consensus(),
      sfo(one),
      address(1),
      round(start + 10, {
        until: 'fetch',
        during: {
          fetch: (number) => [
            {
              type: 'pair',
              round: number,
              pair: pairOf(one.leafId, sthAt(logA, start)),
              verified: false,
              at: start + 10,
            },
          ],
        },
      }),
    ],
  },
  'pair-twice': {
    reqs: ['RELAY-007', 'INV-001'],
    comment: 'The same pair twice',
    acts: [
      consensus(),
      address(1),
      round(start + 10, {
        until: 'fetch',
        during: {
          fetch: (number) =>
            [1, 2].map(
              (): RelayEvent => ({
                type: 'pair',
                round: number,
                pair: pairOf(one.leafId, sthAt(logA, start)),
                verified: true,
                at: start + 10,
              }),
            ),
        },
      }),
    ],
  },
  'proof-of-other-leaf': {
    reqs: ['RELAY-004'],
    comment: 'A proof of another leaf than the one that was asked',
    acts: answered({ pair: pairOf(two.leafId, sthAt(logA, start)) }),
    hardened: ignored('notVerified'),
  },
  'proof-of-other-sth': {
    reqs: ['RELAY-004'],
    comment: 'A proof by another STH than the one that was asked',
    acts: answered({ pair: pairOf(one.leafId, sthAt(logA, start - 7)) }),
    hardened: ignored('notVerified'),
    seed: ignored('notVerified'),
  },
  'proof-without-pair': {
    reqs: ['RELAY-004'],
    comment: 'Proven, without a pair',
    acts: answered({ pair: null }),
    hardened: ignored('notVerified'),
    seed: ignored('notVerified'),
  },
  'answer-not-asked': {
    reqs: ['RELAY-004', 'RELAY-021'],
    comment: 'An answer about a leaf that was not asked',
    acts: answered({ leafId: two.leafId, outcome: 'refused', pair: null }),
    hardened: ignored('notAsked'),
    seed: ignored('notAsked'),
  },
  'served-none': { reqs: ['RELAY-113', 'RELAY-008'], comment: 'Nothing to serve', acts: [proofs()] },
  'served-shuffled': {
    reqs: ['RELAY-113', 'RELAY-008'],
    comment: 'Two pairs, in the order of the draws',
    acts: [consensus(), sfo(one), sfo(two), round(start + 10, { outcome: proven }), proofs(ones, start + 11)],
  },
  'served-at-most': {
    reqs: ['RELAY-113'],
    comment: 'One pair of two',
    acts: [consensus(), sfo(one), sfo(two), round(start + 10, { outcome: proven }), proofs(ones, start + 11)],
    config: { pairsPerFetch: 1 },
  },
  'stale-deadline': {
    reqs: ['RELAY-021'],
    comment: 'The deadline of an ended round',
    acts: [consensus(), round(), { type: 'deadline', round: 1, at: start + 15 }],
    hardened: ignored('staleRound'),
    seed: ignored('staleRound'),
  },
  'stale-deadline-in-round': {
    reqs: ['RELAY-021', 'RELAY-001'],
    comment: 'The deadline of the round before, in a round',
    acts: [
      consensus(),
      round(),
      round(start + 20, { until: 'connect' }),
      { type: 'deadline', round: 1, at: start + 21 },
    ],
    hardened: ignored('staleRound'),
    seed: ignored('staleRound'),
  },
  'stale-answer': {
    reqs: ['RELAY-021'],
    comment: 'An answer of the round before',
    acts: [
      consensus(),
      sfo(one),
      round(),
      sfo(two, zeros, start + 11),
      round(start + 20, {
        until: 'challenge',
        during: {
          challenge: () => [
            {
              type: 'challenged',
              round: 1,
              leafId: one.leafId,
              outcome: 'refused',
              pair: null,
              breakerOpen: false,
              at: start + 20,
            },
          ],
        },
      }),
    ],
    hardened: ignored('staleRound'),
    seed: ignored('staleRound'),
  },
  deferred: {
    reqs: ['RELAY-001', 'INV-006'],
    comment: 'An SFO in a round enters the next one or is dropped',
    acts: [consensus(), sfo(one), round(start + 10, { until: 'challenge' }), sfo(two, zeros, start + 11)],
    hardened: accepted,
    seed: ignored('active'),
  },
  'reported-ok': {
    reqs: ['RELAY-005', 'INV-006'],
    comment: 'The auditor acknowledged',
    acts: [consensus(), sfo(one), round(), { type: 'reported', sfoId: one.sfoId, ok: true, at: start + 11 }],
    hardened: accepted,
    seed: ignored('unknownReport'),
  },
  'reported-failed': {
    reqs: ['RELAY-005', 'INV-006'],
    comment: 'Reporting failed',
    acts: [
      consensus(),
      sfo(one),
      round(start + 10, { delivered: () => false }),
      { type: 'reported', sfoId: one.sfoId, ok: false, at: start + 11 },
    ],
    hardened: accepted,
    seed: ignored('unknownReport'),
  },
  'report-queue-full': {
    reqs: ['RELAY-005'],
    comment: 'Two to report where one may wait',
    acts: [consensus(), sfo(one), sfo(two), round(start + 10, { delivered: () => false })],
  },
  'no-auditor': {
    reqs: ['RELAY-005'],
    comment: 'No auditor in the consensus',
    acts: [consensus(1, [start], { auditors: [] }), sfo(one), round(start + 10, { delivered: () => false })],
  },
  'auditor-by-id': {
    reqs: ['RELAY-005'],
    comment: 'Which of two auditors, listed in no order',
    acts: [consensus(), sfo(sfoOf(1, { sfoId: `00000001${'0'.repeat(56)}` })), round()],
  },
  'retires-two-later': {
    reqs: ['RELAY-018', 'RELAY-107'],
    comment: 'An onion service is retired two rounds later',
    acts: [consensus(), round(), round(start + 20), round(start + 30)],
  },
  'held-after-round': {
    reqs: ['RELAY-109', 'RELAY-102', 'INV-002'],
    comment: 'After a round its buckets are empty',
    acts: [consensus(), sfo(one), sfo(two), round(), round(start + 20)],
  },
  'wrong-step': {
    reqs: ['RELAY-021'],
    comment: 'Another step is done than the one that runs',
    acts: [
      consensus(),
      round(start + 10, { until: 'connect' }),
      { type: 'stepDone', round: 1, step: 'forward', at: start + 11 },
    ],
    hardened: ignored('wrongStep'),
    seed: ignored('wrongStep'),
  },
  ...Object.fromEntries(
    outcomes.map((outcome): [string, Scenario] => [
      `outcome-${outcome}`,
      {
        reqs: ['RELAY-004', 'RELAY-104', 'RELAY-106', 'INV-006'],
        comment: `A challenge ends in ${outcome}`,
        acts: [
          consensus(),
          sfo(one),
          sfo(three),
          round(start + 10, { outcome: (leafId) => (leafId === one.leafId ? outcome : 'proven') }),
        ],
      },
    ]),
  ),
  ...Object.fromEntries(
    (['connect', 'challenge', 'fetch', 'forward', 'announce', 'rotate', 'empty'] as const).map(
      (until): [string, Scenario] => [
        `deadline-in-${until}`,
        {
          reqs: ['RELAY-001', 'INV-002', 'RELAY-006', 'RELAY-110'],
          comment: `The deadline passes in step ${until}`,
          acts: [
            consensus(),
            sfo(one),
            address(1),
            round(start + 10, { until }),
            { type: 'deadline', round: 1, at: start + 15 },
          ],
          hardened: { disposition: 'accepted', leaf: 'passive' },
          seed: { disposition: 'accepted', leaf: 'passive' },
        },
      ],
    ),
  ),
}

function answered(changed: object): readonly Act[] {
  const answer = {
    type: 'challenged',
    leafId: one.leafId,
    outcome: 'proven',
    pair: null,
    breakerOpen: false,
    at: start + 10,
  } as const
  const event = { ...answer, ...changed, round: 1 } as RelayEvent
  // The round stops before the log's own answer: only this one comes.
  return [
    consensus(),
    sfo(one),
    round(start + 10, { until: 'connect' }),
    { type: 'stepDone', round: 1, step: 'connect', at: start + 10 },
    event,
  ]
}

/** `hardened` and `seed`, then each parameter with the other value. */
function policies(): Readonly<Record<string, Policy>> {
  const all: Record<string, Policy> = { hardened: hardenedPolicy, seed: seedPolicy }
  for (const name of Object.keys(seedPolicy) as (keyof Policy)[]) {
    const other: Policy = { ...hardenedPolicy, order: 'forward-first' }
    all[`hardened-${name}`] = { ...hardenedPolicy, [name]: name === 'order' ? 'forward-first' : seedPolicy[name] }
    all[`seed-${name}`] = { ...seedPolicy, [name]: other[name] }
  }
  return all
}

/** What a flip is told apart by, beside what its scenario is about. */
const reqsOfFlip: Readonly<Record<string, string>> = {
  bucketing: 'RELAY-009',
  whileActive: 'RELAY-001',
  referenceSth: 'RELAY-003',
  notDue: 'RELAY-002',
  order: 'RELAY-120',
  forwardHops: 'RELAY-010',
  reporting: 'RELAY-005',
  bucketFull: 'RELAY-011',
}

export function relayScenarios(): readonly DraftL1[] {
  return Object.entries(policies()).flatMap(([profile, policy]) =>
    Object.entries(scenarios).flatMap(([name, { reqs, comment, acts, config = {}, ...must }]): readonly DraftL1[] => {
      const [base, flipped] = profile.split('-') as ['hardened' | 'seed', string | undefined]
      const events = play({ ...config, policy }, acts)
      // A flip that changes nothing of a scenario is no vector of its own.
      if (flipped !== undefined && sameRun(events, config, policy, base)) return []
      const draft: DraftL1 = {
        machine: 'relay',
        name: `${profile}-${name}`,
        preset: 'minimal',
        config: { ...config, policy },
        events,
        must: must[profile as 'hardened' | 'seed'] ?? {},
        reqs: [...reqs, ...(flipped === undefined ? [] : ['RELAY-120', reqsOfFlip[flipped] ?? 'RELAY-120'])],
        comment: `${comment} (${profile.replace('-', ', other ')})`,
        provenance: 'directed',
        allStates: events.length <= 4,
      }
      return [draft]
    }),
  )
}

function sameRun(events: readonly RelayEvent[], config: object, policy: Policy, base: 'hardened' | 'seed'): boolean {
  const ran = [policy, base === 'seed' ? seedPolicy : hardenedPolicy].map((one) => {
    const trace = {
      machine: 'relay',
      preset: 'minimal',
      config: toWireObject({ ...config, policy: one }),
      events: events.map(toWireObject),
    }
    return JSON.stringify(runTrace(machines, trace))
  })
  return ran[0] === ran[1]
}
