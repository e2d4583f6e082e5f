// A submission circuit: rows A2 to A7, A11 and A27 as tables, INV-007 over interleaved circuits.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { circuitMachine, initialCircuit } from '../../src/machines/auditor/circuit.ts'
import { circuitIsSound, entryMatches } from '../../src/machines/auditor/invariants.ts'
import type { CircuitContext, CircuitEffect, CircuitEvent, Judged } from '../../src/machines/auditor/types.ts'
import type { State, Step } from '../../src/machines/kernel/machine.ts'
import { step } from '../../src/machines/kernel/step.ts'
import { circuitEvent, judgedOf } from './arbitraries/auditor.ts'

const nonce: CircuitEvent = { type: 'nonceRequested', nonce: 'n1', at: 1_000 }
const authenticate = (
  at: number,
  other: Partial<Extract<CircuitEvent, { type: 'authenticate' }>> = {},
): CircuitEvent => ({ type: 'authenticate', nonce: 'n1', verdict: 'ctr', ctrId: 'ctr1', at, ...other })
const submitted = (items: readonly Judged[], quota = 64): CircuitEvent => ({
  type: 'submitted',
  items,
  quota,
  at: 2_000,
})
const stored = (ok: boolean): CircuitEvent => ({ type: 'stored', ok, at: 2_001 })
const invalid = (kind: Extract<Judged, { verdict: 'invalid' }>['class']): Judged => ({
  verdict: 'invalid',
  class: kind,
})
const isIn = [nonce, authenticate(1_001)]

type CircuitStep = Step<CircuitContext, CircuitEffect>

function run(...events: readonly CircuitEvent[]): CircuitStep {
  let last = { state: initialCircuit('c1') } as CircuitStep
  for (const event of events) last = step(circuitMachine, last.state, event)
  return last
}

const closedWith = (status: number, error: string) => ({
  state: { value: 'closed' },
  disposition: 'rejected',
  reason: error,
  effects: [{ type: 'reply', status, error }, { type: 'closeCircuit' }],
})

describe('nobody but a CTR', () => {
  test('a nonce is sent, and proven by a CTR within its lifetime [AUD-002.1, AUD-101]', () => {
    expect(run(nonce).effects).toEqual([{ type: 'sendNonce', nonce: 'n1' }])
    expect(run(nonce, authenticate(1_000)).state.value).toBe('authenticated')
    expect(run(nonce, authenticate(60_999)).state).toMatchObject({ value: 'authenticated', context: { ctrId: 'ctr1' } })
  })

  test('a nonce has expired from the instant on that its lifetime is over, or where the clock went back [AUD-002.1]', () => {
    expect(run(nonce, authenticate(61_000))).toMatchObject(closedWith(401, 'nonceExpired'))
    expect(run(nonce, authenticate(999))).toMatchObject(closedWith(401, 'nonceExpired'))
  })

  test('everything else is turned away and closes the circuit [AUD-101, AUD-002.1]', () => {
    expect(run(authenticate(1))).toMatchObject(closedWith(401, 'nonceUnknown'))
    expect(run(nonce, authenticate(1_001, { nonce: 'n2' }))).toMatchObject(closedWith(401, 'nonceUnknown'))
    expect(run(nonce, authenticate(1_001, { verdict: 'badProof' }))).toMatchObject(closedWith(401, 'badProof'))
    expect(run(nonce, authenticate(1_001, { verdict: 'notCtr' }))).toMatchObject(closedWith(403, 'notCtr'))
    expect(run(submitted([judgedOf('a')]))).toMatchObject(closedWith(401, 'unauthenticated'))
    expect(run(nonce, submitted([judgedOf('a')]))).toMatchObject(closedWith(401, 'unauthenticated'))
  })

  test('a nonce is valid once [AUD-002.1]', () => {
    expect(run(...isIn).state.context.nonce).toBeNull()
    expect(run(...isIn, authenticate(1_002))).toMatchObject(closedWith(401, 'nonceUnknown'))
    expect(run(nonce, nonce)).toMatchObject({ disposition: 'rejected', reason: 'alreadyChallenged' })
  })
})

describe('what is submitted', () => {
  test('an entry begins with the first SFO, not with the circuit [AUD-004, AUD-102]', () => {
    expect(run(...isIn).state.context.entry).toBeNull()
    const none = run(...isIn, submitted([]))
    expect(none.state).toMatchObject({ value: 'authenticated', context: { entry: null } })
    expect(none.effects).toEqual([{ type: 'reply', status: 200, error: null }])
    expect(run(...isIn, submitted([invalid('malformed')])).state.context.entry).toMatchObject({
      circuit: 'c1',
      at: 2_000,
    })
  })

  test('each SFO counts once: valid for its log, duplicate, or a class of invalid [AUD-005, AUD-006]', () => {
    const items = [
      judgedOf('a'),
      judgedOf('a'),
      judgedOf('b', { logId: 'other' }),
      judgedOf('c', { known: 'pending' }),
      judgedOf('d', { known: 'resolved' }),
      judgedOf('e', { future: true }),
      ...(['malformed', 'unknownLog', 'badSct', 'badChain', 'oversize', 'futureSct', 'badSct'] as const).map(invalid),
    ]
    const { effects, state } = run(...isIn, submitted(items))
    expect(state.value).toBe('storing')
    const [store] = effects
    if (store?.type !== 'store') throw new Error('nothing is stored')
    expect(store.entry).toEqual({
      ctrId: 'ctr1',
      circuit: 'c1',
      at: 2_000,
      valid: 2,
      duplicate: 3,
      invalid: { malformed: 1, unknownLog: 1, badSct: 2, badChain: 1, oversize: 1, futureSct: 2 },
      perLog: { log: 1, other: 1 },
    })
    expect(store.rows.map((row) => [row.state.context.sfoId, row.state.value, row.escalate?.kind])).toEqual([
      ['a', { pending: 'waiting' }, undefined],
      ['b', { pending: 'waiting' }, undefined],
      ['e', { resolved: 'escalated' }, 'future-sct'],
    ])
    const unasked = { sths: [], proof: null, lastOutcome: null, since: 2_000, spansGap: false }
    expect(store.rows[2]?.escalate).toEqual({ kind: 'future-sct', logId: 'log', sfoId: 'e', ...unasked })
    expect(store.rows[0]?.state.context).toMatchObject({ receivedAt: 2_000, graceEndsAt: 2_030, dueAt: 100 })
  })

  test('200 comes only once it is durable, also for a duplicate; 503 where it is not [AUD-027.1, AUD-027.2]', () => {
    const again = [...isIn, submitted([judgedOf('a', { known: 'pending' })])]
    expect(run(...again).effects.map(({ type }) => type)).toEqual(['store'])
    expect(run(...again, stored(true)).effects).toEqual([{ type: 'reply', status: 200, error: null }])
    const failed = run(...again, stored(false))
    expect(failed.effects).toEqual([{ type: 'reply', status: 503, error: 'storeFull' }])
    expect(failed.state).toMatchObject({ value: 'authenticated', context: { entry: null } })
  })

  test('what was not stored is not counted when the circuit submits again [AUD-027.2, INV-007]', () => {
    const before = [...isIn, submitted([judgedOf('a')]), stored(true), submitted([judgedOf('b')]), stored(false)]
    expect(run(...before, submitted([judgedOf('b')])).state.context.entry).toMatchObject({ valid: 2, duplicate: 0 })
  })

  test('more new SFOs than the quota change nothing; duplicates and invalid ones need none [AUD-007]', () => {
    const three = [judgedOf('a'), judgedOf('b'), judgedOf('b'), judgedOf('c', { known: 'pending' }), invalid('badSct')]
    const over = run(...isIn, submitted(three, 1))
    expect(over).toMatchObject({
      state: { value: 'authenticated', context: { entry: null } },
      disposition: 'rejected',
      reason: 'overQuota',
      effects: [{ type: 'reply', status: 429, error: 'overQuota' }],
    })
    expect(run(...isIn, submitted(three, 2)).state.value).toBe('storing')
    const nothingNew = [judgedOf('c', { known: 'pending' }), judgedOf('d', { known: 'resolved' }), invalid('badSct')]
    expect(run(...isIn, submitted(nothingNew, 0)).state.value).toBe('storing')
  })

  test('one submission at a time, and none after the circuit is closed [AUD-027.1, AUD-101]', () => {
    const busy = [...isIn, submitted([judgedOf('a')])]
    expect(run(...busy, submitted([judgedOf('b')]))).toMatchObject({ reason: 'busy', effects: [] })
    const closed = [...busy, { type: 'closed', at: 2_001 } satisfies CircuitEvent]
    expect(run(...closed, stored(true))).toMatchObject({ disposition: 'ignored', reason: 'closed', effects: [] })
    expect(run(...closed, { type: 'closed', at: 2_002 })).toMatchObject({ disposition: 'ignored', reason: 'closed' })
    expect(run(...closed, submitted([judgedOf('b')]))).toMatchObject({ disposition: 'rejected', reason: 'closed' })
    expect(run(...isIn, stored(true))).toMatchObject({ disposition: 'rejected', reason: 'notStoring' })
  })
})

/** What a circuit may be held to: the submissions that were acknowledged, and the one that is being stored. */
interface Held {
  readonly state: State<CircuitContext>
  readonly acknowledged: readonly Judged[]
  readonly running: readonly Judged[]
}

function next(held: Held, event: CircuitEvent): Held {
  const { state, effects } = step(circuitMachine, held.state, event)
  if (effects.some(({ type }) => type === 'store') && event.type === 'submitted') {
    return { ...held, state, running: event.items }
  }
  if (held.state.value !== 'storing' || event.type !== 'stored') return { ...held, state }
  return { state, acknowledged: [...held.acknowledged, ...(event.ok ? held.running : [])], running: [] }
}

const many = fc.array(fc.tuple(fc.nat({ max: 2 }), circuitEvent), { maxLength: 80, size: 'max' })
/** Without a CTR in it a circuit shows little: two of the three begin authenticated. */
const begun = [[], isIn, isIn].map((events, i) => {
  let state = initialCircuit(`c${i}`)
  for (const event of events) state = step(circuitMachine, state, event).state
  return { state, acknowledged: [], running: [] } satisfies Held
})

test('report counts equal the submissions of that circuit, however circuits interleave [INV-007]', () => {
  fc.assert(
    fc.property(many, (events) => {
      const circuits: Held[] = [...begun]
      for (const [which, event] of events) {
        const held = next(circuits[which] as Held, event)
        circuits[which] = held
        expect(entryMatches(held.state.context.entry, [...held.acknowledged, ...held.running])).toBe(true)
        expect(entryMatches(held.state.context.saved, held.acknowledged)).toBe(true)
      }
    }),
    { numRuns: 200 },
  )
})

test('no SFO is stored and no 200 is sent but for a CTR with a fresh nonce [AUD-101, AUD-002.1, AUD-002.2]', () => {
  fc.assert(
    fc.property(fc.constantFrom(0, 1, 2), fc.array(circuitEvent, { maxLength: 30, size: 'max' }), (done, events) => {
      let state = run(...isIn.slice(0, done)).state
      for (const event of events) {
        const after = step(circuitMachine, state, event)
        expect(circuitIsSound(after.state)).toBe(true)
        const serves =
          after.effects.some(({ type }) => type === 'store' || type === 'reply') && state.context.ctrId === null
        if (serves) expect(after.effects.map((effect) => 'status' in effect && effect.status)).not.toContain(200)
        if (after.state.value === 'authenticated' && state.value === 'challenged') {
          const { nonceIssuedAt, nonce: sent } = state.context
          expect(event).toMatchObject({ nonce: sent, verdict: 'ctr' })
          expect(event.at - nonceIssuedAt).toBeLessThan(60_000)
        }
        state = after.state
      }
    }),
    { numRuns: 200 },
  )
})

test('every submission gets exactly one reply while its circuit lives [AUD-027.1]', () => {
  fc.assert(
    fc.property(fc.array(circuitEvent, { maxLength: 40, size: 'max' }), (events) => {
      let state = (begun[1] as Held).state
      let waiting = 0
      for (const event of events) {
        const before = state.value
        const after = step(circuitMachine, state, event)
        const isTaken = event.type === 'submitted' && before !== 'closed' && before !== 'storing'
        const replies = after.effects.filter(({ type }) => type === 'reply').length
        waiting += (isTaken ? 1 : 0) - (event.type === 'authenticate' ? 0 : replies)
        state = after.state
        if (state.value === 'closed') return
        expect(waiting).toBe(state.value === 'storing' ? 1 : 0)
      }
    }),
  )
})
