// Directed scenarios of the auditor's machines, around every boundary that spec/auditor.md names.
// Invariant: instants and sizes are those of the `minimal` preset: MMD 10, grace 20, window 20, nonces of 60 s.
import { sthAt as headOf, idOf } from './relay-play.ts'
import type { DraftL1, MustEnd } from './trace-draft.ts'

type Event = Readonly<Record<string, unknown>>

const logId = idOf(0)
const sthAt = (timestamp: number, size = timestamp, root = size) => ({
  ...headOf(logId, timestamp),
  size,
  root: idOf(root),
})

function drafts(
  machine: string,
  reqs: readonly string[],
  cases: Readonly<Record<string, readonly [readonly Event[], MustEnd, object?]>>,
): readonly DraftL1[] {
  return Object.entries(cases).map(([name, [events, must, config = {}]]) => ({
    machine,
    name,
    preset: 'minimal',
    config,
    events,
    must,
    reqs,
    comment: name.replaceAll('-', ' '),
    provenance: 'directed',
    allStates: true,
  }))
}

const row = (sctTimestamp = 100) => ({ sfoId: idOf(1), leafId: `${logId}:${idOf(1)}`, sctTimestamp, receivedAt: 100 })
const now = (firstDue: object | null, latest: object | null, at: number): Event => ({
  type: 'challengeNow',
  firstDue,
  latest,
  spansGap: false,
  at,
})
const answer = (outcome: string, at: number, leafIndex: number | null = null): Event => ({
  type: 'answered',
  outcome,
  proof: leafIndex === null ? null : { leafIndex, path: [] },
  spansGap: false,
  at,
})
const placed = (leafIndex: number) => ({ ...row(), leafIndex })
const taken = (at: number, leafIndex: number): Event => ({
  ...answer('contradiction', at, leafIndex),
  leafHash: idOf(2),
})
const accepted: MustEnd = { disposition: 'accepted' }
const escalated: MustEnd = { leaf: 'resolved.escalated', effects: ['escalate'] }
const [due, later] = [sthAt(110, 6), sthAt(115, 8)]

/** Received at 100, due at 110, in grace until 130. */
function sfos(): readonly DraftL1[] {
  const failing = ['notDue', 'unreachable', 'refused', 'badProof'] as const
  const graces = failing.flatMap((outcome) =>
    [129, 130, 131].flatMap((at) =>
      drafts('sfo', ['AUD-009', 'AUD-116', 'INV-004'], {
        [`${outcome}-at-${at}`]: [
          [now(due, due, 110), answer(outcome, at)],
          at < 130 ? { leaf: 'pending.waiting', effects: [] } : escalated,
          row(),
        ],
      }),
    ),
  )
  const indices = [5, 6, 7].flatMap((index) =>
    drafts('sfo', ['AUD-119', 'EVID-001'], {
      [`probe-proves-at-index-${index}`]: [
        [now(due, later, 115), answer('refused', 116), answer('proven', 117, index)],
        index < 6
          ? { leaf: 'resolved.proven', effects: ['purgeChain'] }
          : { leaf: 'resolved.lateProven', effects: ['escalate'] },
        row(),
      ],
      [`late-proof-at-index-${index}`]: [
        [now(due, due, 110), answer('refused', 130), now(due, later, 131), answer('proven', 132, index)],
        { leaf: 'resolved.lateProven', effects: index < 6 ? [] : ['escalate'] },
        row(),
      ],
    }),
  )
  return [
    ...graces,
    ...indices,
    ...drafts('sfo', ['AUD-115'], {
      'first-due-and-not-latest': [
        [now(due, later, 115)],
        { leaf: 'pending.challenging', effects: ['challenge'] },
        row(),
      ],
    }),
    ...drafts('sfo', ['AUD-010', 'AUD-009'], {
      'no-sth-in-grace': [[now(null, null, 129)], { leaf: 'pending.waiting', effects: [] }, row()],
      'no-sth-at-the-end-of-grace': [[now(null, null, 130)], escalated, row()],
      'no-due-sth-at-the-end-of-grace': [[now(null, sthAt(105), 130)], escalated, row()],
    }),
    ...drafts('sfo', ['AUD-117', 'AUD-118', 'AUD-024', 'INV-005'], {
      proven: [
        [now(due, due, 110), answer('proven', 111, 5)],
        { leaf: 'resolved.proven', effects: ['purgeChain'] },
        row(),
      ],
      'proven-without-proof': [
        [now(due, due, 110), answer('proven', 111)],
        { leaf: 'pending.waiting', effects: [] },
        row(),
      ],
      'proven-and-challenged-again': [
        [now(due, due, 110), answer('proven', 111, 5), now(due, due, 112)],
        { disposition: 'ignored', reason: 'alreadyResolved' },
        row(),
      ],
      'proven-and-answered-again': [
        [now(due, due, 110), answer('proven', 111, 5), answer('refused', 140)],
        { disposition: 'ignored', reason: 'notChallenging' },
        row(),
      ],
    }),
    ...drafts('sfo', ['AUD-119', 'INV-004'], {
      backdated: [[now(due, due, 110), answer('contradiction', 111, 5)], escalated, row()],
      'backdated-without-proof': [
        [now(due, due, 110), answer('contradiction', 111)],
        { leaf: 'pending.waiting', effects: [] },
        row(),
      ],
      'probe-of-a-larger-tree': [
        [now(due, later, 115), answer('refused', 116)],
        { leaf: 'pending.probing', effects: ['challenge'] },
        row(),
      ],
      'no-larger-tree': [[now(due, due, 115), answer('refused', 116)], { leaf: 'pending.waiting', effects: [] }, row()],
      'promise-not-yet-broken-by-the-clock-of-the-sct': [
        [now(due, later, 115), answer('refused', 116), answer('proven', 117, 7)],
        { leaf: 'resolved.proven' },
        row(103),
      ],
    }),
    ...drafts('sfo', ['AUD-013', 'AUD-012', 'INV-009'], {
      'escalated-is-probed': [
        [now(due, due, 110), answer('refused', 130), now(due, later, 131)],
        { leaf: 'resolved.reprobing', effects: ['challenge'] },
        row(),
      ],
      'escalated-fails-again': [
        [now(due, due, 110), answer('refused', 130), now(due, later, 131), answer('refused', 132)],
        { leaf: 'resolved.escalated', effects: [] },
        row(),
      ],
      'log-leaves': [[{ type: 'logRemoved', at: 105 }], { leaf: 'resolved.unjudgeable' }, row()],
      'restarted-while-challenging': [
        [now(due, due, 110), { type: 'restarted', at: 111 }],
        { leaf: 'pending.waiting' },
        row(),
      ],
    }),
    ...drafts('sfo', ['AUD-115', 'EVID-008'], {
      'omission-at-the-end-of-the-promise': [[now(due, due, 110)], escalated, placed(6)],
      'place-just-reached': [[now(due, due, 110)], { leaf: 'pending.challenging', effects: ['challenge'] }, placed(5)],
      'tree-that-is-due-by-its-size': [
        [now(sthAt(105), sthAt(105), 105)],
        { leaf: 'pending.challenging', effects: ['challenge'] },
        placed(0),
      ],
    }),
    ...drafts('sfo', ['AUD-115', 'AUD-115.3', 'EVID-008'], {
      'promise-not-over-by-the-clock-of-the-sct': [
        [now(due, due, 112)],
        { leaf: 'pending.waiting', effects: [] },
        { ...placed(6), sctTimestamp: 103 },
      ],
      'latest-in-place-of-a-first-due-that-shows-nothing': [
        [now(due, later, 116)],
        { leaf: 'pending.challenging', effects: ['challenge'] },
        { ...placed(6), sctTimestamp: 103 },
      ],
    }),
    ...drafts('sfo', ['AUD-119', 'EVID-009'], {
      substitution: [[now(due, due, 110), taken(111, 5)], escalated, placed(5)],
      'another-leaf-at-another-place': [
        [now(due, due, 110), taken(111, 4)],
        { leaf: 'pending.waiting', effects: [] },
        placed(5),
      ],
      'another-leaf-without-a-promised-place': [
        [now(due, due, 110), taken(111, 5)],
        { leaf: 'pending.waiting', effects: [] },
        row(),
      ],
    }),
    ...drafts('sfo', ['AUD-013', 'AUD-013.3', 'INV-009'], {
      'omission-after-no-sth': [
        [now(null, null, 130), now(due, due, 131)],
        { leaf: 'resolved.escalated', effects: ['escalate'] },
        placed(6),
      ],
      'omission-once': [
        [now(due, due, 110), now(due, due, 111)],
        { disposition: 'ignored', reason: 'atRest' },
        placed(6),
      ],
      'substitution-after-omission': [
        [now(due, due, 110), now(due, later, 116), taken(117, 6)],
        { leaf: 'resolved.escalated', effects: ['escalate'] },
        placed(6),
      ],
      'substitution-once': [
        [now(due, due, 110), now(due, later, 116), taken(117, 6), now(due, later, 118), taken(119, 6)],
        { leaf: 'resolved.escalated', effects: [] },
        placed(6),
      ],
      'omitted-and-merged-late': [
        [now(due, due, 110), now(due, later, 116), answer('proven', 117, 6)],
        { leaf: 'resolved.lateProven', effects: ['escalate'] },
        placed(6),
      ],
    }),
    ...drafts('sfo', ['AUD-011'], {
      'future-is-escalated': [
        [{ type: 'resubmitted', at: 101 }],
        { leaf: 'resolved.escalated' },
        { ...row(10 ** 6), future: true },
      ],
    }),
  ]
}

const judged = (number: number, changed: object = {}) => ({
  verdict: 'valid',
  sfoId: idOf(number),
  leafId: `${logId}:${idOf(number)}`,
  logId,
  sctTimestamp: 90,
  future: false,
  known: 'new',
  graceMs: 20,
  mmd: 10,
  ...changed,
})
const submitted = (items: readonly object[], quota = 10, at = 100): Event => ({ type: 'submitted', items, quota, at })
const stored = (ok: boolean): Event => ({ type: 'stored', ok, at: 101 })
const nonce: Event = { type: 'nonceRequested', nonce: idOf(7), at: 0 }
const auth = (at = 1, changed: object = {}): Event => ({
  type: 'authenticate',
  nonce: idOf(7),
  verdict: 'ctr',
  ctrId: idOf(1),
  at,
  ...changed,
})
const open = [nonce, auth()]
const reply: MustEnd = { disposition: 'accepted', effects: ['reply'] }
const away: MustEnd = { leaf: 'closed' }

function circuits(): readonly DraftL1[] {
  const classes = ['malformed', 'unknownLog', 'badSct', 'badChain', 'oversize', 'futureSct'].flatMap((kind) =>
    drafts('circuit', ['AUD-005', 'AUD-102', 'INV-007'], {
      [`invalid-${kind}`]: [
        [...open, submitted([{ verdict: 'invalid', class: kind }])],
        { leaf: 'storing', effects: ['store'] },
      ],
    }),
  )
  return [
    ...classes,
    ...drafts('circuit', ['AUD-002', 'AUD-101'], {
      'nonce-last-instant': [[nonce, auth(59_999)], { leaf: 'authenticated' }],
      'nonce-over': [[nonce, auth(60_000)], away],
      'nonce-long-over': [[nonce, auth(60_001)], away],
      'other-nonce': [[nonce, auth(1, { nonce: idOf(8) })], away],
      'no-nonce': [[auth()], away],
      'bad-proof': [[nonce, auth(1, { verdict: 'badProof' })], away],
      'no-ctr': [[nonce, auth(1, { verdict: 'notCtr' })], away],
      'submits-first': [[submitted([judged(1)])], away],
      'submits-before-proof': [[nonce, submitted([judged(1)])], away],
      'nonce-twice': [[...open, auth(2)], away],
    }),
    ...drafts('circuit', ['AUD-102', 'AUD-003'], {
      'no-entry-before-the-first-sfo': [open, { leaf: 'authenticated' }],
      'nothing-submitted': [[...open, submitted([])], reply],
    }),
    ...drafts('circuit', ['AUD-103', 'AUD-006', 'AUD-027', 'INV-006', 'INV-007'], {
      'one-new': [[...open, submitted([judged(1)])], { effects: ['store'] }],
      'one-new-durable': [[...open, submitted([judged(1)]), stored(true)], reply],
      'store-fails': [[...open, submitted([judged(1)]), stored(false)], reply],
      'store-fails-then-not': [
        [...open, submitted([judged(1)]), stored(false), submitted([judged(1)]), stored(true)],
        reply,
      ],
      'all-duplicates': [
        [...open, submitted([judged(1, { known: 'pending' }), judged(2, { known: 'resolved' })])],
        { effects: ['store'] },
      ],
      'twice-in-one': [[...open, submitted([judged(1), judged(1)])], { effects: ['store'] }],
      'per-log': [
        [...open, submitted([judged(1), judged(2, { logId: idOf(0xb), leafId: `${idOf(0xb)}:${idOf(2)}` })])],
        { effects: ['store'] },
      ],
      'busy-while-storing': [
        [...open, submitted([judged(1)]), submitted([judged(2)])],
        { disposition: 'rejected', reason: 'busy' },
      ],
    }),
    ...drafts('circuit', ['AUD-007'], {
      'quota-met': [[...open, submitted([judged(1), judged(2)], 2)], { effects: ['store'] }],
      'quota-exceeded': [
        [...open, submitted([judged(1), judged(2), judged(3)], 2)],
        { disposition: 'rejected', reason: 'overQuota', effects: ['reply'] },
      ],
      'duplicates-cost-no-quota': [[...open, submitted([judged(1, { known: 'pending' })], 0)], { effects: ['store'] }],
    }),
    ...drafts('circuit', ['AUD-011'], {
      'from-the-future': [
        [...open, submitted([judged(1, { future: true, sctTimestamp: 10 ** 6 })])],
        { effects: ['store'] },
      ],
    }),
  ]
}

const sees = (sth: object, at = 100, signatureValid = true): Event => ({ type: 'sth', sth, signatureValid, at })
const told = (first: object, second: object, given: string, at = 100): Event => ({
  type: 'consistency',
  first,
  second,
  answer: given,
  at,
})
const [s1, s2, s3] = [sthAt(10, 1), sthAt(20, 2), sthAt(30, 3)]

function views(): readonly DraftL1[] {
  return [
    ...drafts('logView', ['AUD-113', 'AUD-016'], {
      'first-head': [[sees(s1)], accepted],
      'second-head': [[sees(s1), sees(s2)], { leaf: 'checking' }],
      'between-two': [[sees(s1), sees(s3), told(s1, s3, 'consistent'), sees(s2)], { leaf: 'checking' }],
      'consistent-again': [[sees(s1), sees(s2), told(s1, s2, 'consistent')], { leaf: 'consistent' }],
      'not-asked': [[sees(s1), sees(s2), told(s2, s1, 'consistent')], { disposition: 'ignored', reason: 'notAsked' }],
    }),
    ...drafts('logView', ['AUD-112', 'AUD-018'], {
      'bad-signature': [[sees(s1, 100, false)], {}],
      'bad-signature-second': [[sees(s1), sees(s2, 100, false)], {}],
    }),
    ...drafts('logView', ['AUD-017', 'EVID-001'], {
      'split-view': [[sees(s1), sees(sthAt(10, 1, 9))], { leaf: 'broken' }],
      'split-view-later': [[sees(s1), sees(sthAt(15, 1, 9))], { leaf: 'broken' }],
      rollback: [[sees(s3), sees(sthAt(40, 2))], { leaf: 'broken' }],
      'same-tree-signed-again': [[sees(s1), sees(sthAt(15, 1))], {}],
      inconsistent: [[sees(s1), sees(s2), told(s1, s2, 'inconsistent')], { leaf: 'broken' }],
      unavailable: [[sees(s1), sees(s2), told(s1, s2, 'unavailable')], { leaf: 'unavailable' }],
      'unavailable-for-an-mmd': [[sees(s1), sees(s2), told(s1, s2, 'unavailable'), { type: 'recheck', at: 110 }], {}],
      'unavailable-for-more-than-an-mmd': [
        [sees(s1), sees(s2), told(s1, s2, 'unavailable'), { type: 'recheck', at: 111 }],
        {},
      ],
    }),
    ...[
      [3, 300],
      [4, 300],
      [4, 399],
      [4, 400],
      [5, 500],
      [6, 500],
      [0, 0],
    ].flatMap(([distinct, ctrs]) =>
      drafts('logView', ['AUD-022'], {
        [`reporters-${distinct}-of-${ctrs}`]: [
          [{ type: 'reporters', distinct, ctrs, at: 100 }],
          { effects: (distinct ?? 0) > 3 && (distinct ?? 0) * 100 > (ctrs ?? 0) ? ['escalate'] : [] },
        ],
      }),
    ),
  ]
}

const entry = (circuit: string, at: number, valid: number, bad = 0, later = 0): Event => ({
  type: 'entry',
  entry: {
    ctrId: logId,
    circuit,
    at,
    valid,
    duplicate: 0,
    invalid: bad === 0 ? {} : { badSct: bad },
    perLog: valid === 0 ? {} : { [logId]: valid },
  },
  at: at + later,
})
const analyze = (expected: number, expectedInvalid: number, at = 20): Event => ({
  type: 'analyze',
  expected,
  expectedInvalid,
  at,
})

function reports(): readonly DraftL1[] {
  return [
    ...drafts('report', ['AUD-003', 'AUD-004', 'AUD-102'], {
      'two-circuits': [[entry('a', 1, 1), entry('b', 2, 1)], accepted],
      'same-circuit': [[entry('a', 1, 1), entry('a', 1, 2)], accepted],
      'at-the-edge-of-the-window': [[entry('a', 1, 1), entry('b', 21, 1)], accepted],
      'beyond-the-window': [[entry('a', 1, 1), entry('b', 22, 1)], accepted],
      'four-of-three': [[entry('a', 1, 1), entry('b', 2, 1), entry('c', 3, 1), entry('d', 4, 1)], accepted],
    }),
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 20].flatMap((seen) =>
      drafts('report', ['AUD-022', 'AUD-120'], {
        [`seen-${seen}-of-1`]: [[entry('a', 1, seen), analyze(1, 1)], { leaf: seen >= 10 ? 'alerting' : 'normal' }],
        [`invalid-${seen}-of-0.01`]: [
          [entry('a', 1, 0, seen), analyze(100, 0.01)],
          { leaf: seen >= 3 ? 'alerting' : 'normal' },
        ],
      }),
    ),
    ...drafts('report', ['AUD-022'], {
      'alert-ends': [
        [entry('a', 1, 50), analyze(1, 1), analyze(100, 100)],
        { leaf: 'normal', effects: ['alertEnded'] },
      ],
    }),
  ]
}

const consensusAt = (validAfter: number, freshUntil: number, logIds: readonly string[] = [logId, idOf(0xb)]) => ({
  digest: idOf(validAfter),
  validAfter,
  freshUntil,
  validUntil: freshUntil + 10,
  logs: logIds.map((one) => ({ logId: one, key: '', mmd: 10, url: 'http://127.0.0.1/' })),
  sths: [],
  ctrs: [{ ctrId: logId, url: 'http://127.0.0.1/', family: [] }],
  auditors: [],
})
const begin: Event = { type: 'due', draw: [2 ** 31], at: 100 }
const hears = (from: number, to: number): Event => ({ type: 'consensus', consensus: consensusAt(from, to), at: 101 })
const done = (step: string): Event => ({ type: 'stepDone', round: 1, step, at: 102 })
const newest: Event = { type: 'noNewerConsensus', at: 103 }

function rounds(): readonly DraftL1[] {
  const whole = [begin, hears(90, 100), done('sths'), newest, done('connect'), done('challenge'), done('analyze')]
  const leaves = [
    'fetchingConsensus',
    'checkingSths',
    'fetchingConsensus',
    'connecting',
    'challenging',
    'analyzing',
    'idle',
  ]
  return [
    ...whole.flatMap((_, at) =>
      drafts('round', ['AUD-111', 'AUD-112', 'AUD-114', 'AUD-115', 'AUD-120'], {
        [`whole-${at + 1}`]: [whole.slice(0, at + 1), { leaf: leaves[at] as string }],
      }),
    ),
    ...whole.slice(0, -1).flatMap((_, at) =>
      drafts('round', ['AUD-120'], {
        [`deadline-after-${at + 1}`]: [
          [...whole.slice(0, at + 1), { type: 'deadline', round: 1, draw: [0], at: 105 }],
          { leaf: 'idle' },
        ],
      }),
    ),
    ...drafts('round', ['AUD-015', 'AUD-111'], {
      'touching-consensuses': [[begin, hears(90, 100), done('sths'), hears(100, 110)], {}],
      'gap-between-consensuses': [[begin, hears(90, 100), done('sths'), hears(120, 130)], {}],
      'older-consensus': [
        [begin, hears(90, 100), done('sths'), hears(80, 90)],
        { disposition: 'ignored', reason: 'oldConsensus' },
      ],
      'same-consensus': [
        [begin, hears(90, 100), done('sths'), hears(90, 100)],
        { disposition: 'ignored', reason: 'oldConsensus' },
      ],
      'no-draw': [[{ ...begin, draw: [] }], { disposition: 'rejected', reason: 'insufficientDraw' }],
      'begun-twice': [[begin, begin], { disposition: 'ignored', reason: 'roundRunning' }],
      'failed-without-consensus': [
        [begin, { type: 'consensusFailed', error: 'unavailable', at: 101 }],
        { leaf: 'idle' },
      ],
      'failed-with-consensus': [
        [begin, hears(90, 100), done('sths'), { type: 'consensusFailed', error: 'unavailable', at: 103 }],
        { leaf: 'connecting' },
      ],
    }),
  ]
}

export const auditorScenarios = (): readonly DraftL1[] => [
  ...sfos(),
  ...circuits(),
  ...views(),
  ...reports(),
  ...rounds(),
]
