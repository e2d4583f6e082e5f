// Each invariant of an SFO's life is false of what breaks it, and of nothing less: a predicate that is always true would hold too.
import { describe, expect, test } from 'vitest'
import {
  escalatedHasIncident,
  provesItself,
  type SfoStep,
  sfoInvariants,
  statusOf,
} from '../../src/machines/auditor/invariants.ts'
import { type Evidence, type IncidentKind, type SfoEvent, selfProving } from '../../src/machines/auditor/types.ts'
import { bundleKinds } from '../../src/machines/ct/evidence-bundle.ts'
import type { State } from '../../src/machines/kernel/machine.ts'
import { graceEndsAt, mmd, receivedAt, rowOf, sthOf } from './arbitraries/auditor.ts'

type SfoState = SfoStep['state']

const waiting: SfoState = rowOf().state
const raisedBy = (kinds: readonly IncidentKind[]) => ({ ...waiting.context, raised: kinds })
const pending = (leaf = 'waiting', ...kinds: readonly IncidentKind[]): SfoState => ({
  value: { pending: leaf },
  context: raisedBy(kinds),
})
const resolved = (leaf: string, ...kinds: readonly IncidentKind[]): SfoState => ({
  value: { resolved: leaf },
  context: raisedBy(kinds),
})
const evidence: Evidence = {
  kind: 'withheld',
  logId: 'log',
  sfoId: 'sfo',
  sths: [],
  proof: null,
  lastOutcome: null,
  since: receivedAt,
  spansGap: false,
}
const stepTo = (state: SfoState, ...kinds: readonly IncidentKind[]): SfoStep => ({
  state,
  effects: kinds.map((kind) => ({ type: 'escalate', evidence: { ...evidence, kind } })),
  disposition: 'accepted',
})
const answered = (at = graceEndsAt): SfoEvent => ({
  type: 'answered',
  outcome: 'refused',
  proof: null,
  spansGap: false,
  at,
})
const challengeNow = (at = graceEndsAt): SfoEvent => ({
  type: 'challengeNow',
  firstDue: null,
  latest: null,
  spansGap: false,
  at,
})

/** Whether the one invariant of that name holds. */
function holds(name: string, before: State<SfoState['context']>, event: SfoEvent, step: SfoStep): boolean {
  const found = Object.entries(sfoInvariants).filter(([title]) => title.includes(name))
  expect(found).toHaveLength(1)
  const [, invariant] = found[0] as (typeof found)[0]
  return invariant({ before, event, step })
}

test('a status is that of the leaf, and a probe leaves an SFO escalated [AUD-013]', () => {
  const leafs = ['waiting', 'challenging', 'probing'].map((leaf) => statusOf(pending(leaf)))
  expect(leafs).toEqual(['pending', 'pending', 'pending'])
  const statuses = ['proven', 'escalated', 'reprobing', 'lateProven', 'unjudgeable'].map((one) =>
    statusOf(resolved(one)),
  )
  expect(statuses).toEqual(['proven', 'escalated', 'escalated', 'lateProven', 'unjudgeable'])
})

test('every kind of bundle proves itself but those that rest on a transcript [INV-004, EVID-001]', () => {
  expect([...selfProving]).toEqual(bundleKinds.filter((kind) => kind !== 'inconsistent' && kind !== 'withheld'))
})

describe('INV-004', () => {
  test('nothing is escalated before its grace ends, but what proves itself', () => {
    const at = (event: SfoEvent, ...kinds: readonly IncidentKind[]) =>
      holds('before its grace', waiting, event, stepTo(waiting, ...kinds))
    expect(at(answered(graceEndsAt), 'withheld')).toBe(true)
    expect(at(answered(graceEndsAt - 1), 'backdated')).toBe(true)
    expect(at(answered(graceEndsAt - 1))).toBe(true)
    expect(at(answered(graceEndsAt - 1), 'withheld')).toBe(false)
    expect(at(answered(graceEndsAt - 1), 'backdated', 'withheld')).toBe(false)
  })

  test('what was looked at or answered from the end of its grace on does not wait on', () => {
    const waits = (event: SfoEvent, step: SfoStep) => holds('waits on', waiting, event, step)
    for (const event of [answered, challengeNow]) {
      expect(waits(event(), stepTo(waiting))).toBe(false)
      expect(waits(event(), stepTo(pending('challenging')))).toBe(true)
      expect(waits(event(), stepTo(resolved('escalated')))).toBe(true)
      expect(waits(event(), { ...stepTo(waiting), disposition: 'ignored' })).toBe(true)
      expect(waits(event(graceEndsAt - 1), stepTo(waiting))).toBe(true)
    }
    expect(waits({ type: 'restarted', at: graceEndsAt }, stepTo(waiting))).toBe(true)
  })
})

test('Resolved never returns to Pending, and only what was escalated is proven late [INV-005]', () => {
  const stays = (from: SfoState, to: SfoState) => holds('INV-005', from, answered(), stepTo(to))
  const leafs = ['proven', 'escalated', 'lateProven', 'unjudgeable']
  for (const from of leafs) {
    expect(stays(pending(), resolved(from))).toBe(true)
    expect(stays(resolved(from), pending())).toBe(false)
    for (const to of leafs)
      expect(stays(resolved(from), resolved(to))).toBe(from === to || (from === 'escalated' && to === 'lateProven'))
  }
  expect(stays(resolved('reprobing'), resolved('escalated'))).toBe(true)
})

describe('INV-009', () => {
  test('a step raises what its state says that it raised, each kind once', () => {
    const says = (to: SfoState, ...kinds: readonly IncidentKind[]) =>
      holds('leave one step', resolved('escalated', 'no-sth'), answered(), stepTo(to, ...kinds))
    expect(says(resolved('escalated', 'no-sth'))).toBe(true)
    expect(says(resolved('escalated', 'no-sth', 'omission'), 'omission')).toBe(true)
    expect(says(resolved('escalated', 'no-sth', 'omission'))).toBe(false)
    expect(says(resolved('escalated', 'no-sth'), 'omission')).toBe(false)
    expect(says(resolved('escalated', 'omission', 'no-sth'), 'omission')).toBe(false)
    expect(says(resolved('escalated', 'no-sth', 'no-sth'), 'no-sth')).toBe(false)
  })

  test('an SFO has raised something exactly where it is escalated or was proven late', () => {
    for (const leaf of ['escalated', 'reprobing', 'lateProven', 'proven', 'unjudgeable']) {
      const isRaised = leaf !== 'proven' && leaf !== 'unjudgeable'
      expect(escalatedHasIncident(resolved(leaf, 'no-sth'))).toBe(isRaised)
      expect(escalatedHasIncident(resolved(leaf))).toBe(!isRaised)
    }
    expect([escalatedHasIncident(pending()), escalatedHasIncident(pending('waiting', 'no-sth'))]).toEqual([true, false])
    const incident = (state: SfoState) => holds('has an incident', waiting, answered(), stepTo(state))
    expect([incident(resolved('escalated')), incident(resolved('proven'))]).toEqual([false, true])
  })
})

describe('EVID-001', () => {
  const leafHash = '0a'.repeat(32)
  const otherHash = '0b'.repeat(32)
  const ids = { leafId: `${'0c'.repeat(32)}:${leafHash}` }
  /** Its promise ends an MMD after the SCT, which is dated five milliseconds ahead. */
  const context = { ...rowOf('sfo', 5).state.context, ...ids, leafIndex: 3 }
  const { leafIndex: _, ...placeless } = context
  const promised = receivedAt + 5 + mmd
  const proofOf = (leafIndex: number) => ({ leafIndex, path: [] })
  const proves = (kind: IncidentKind, given: Partial<Evidence>, of: SfoState['context'] = context) =>
    provesItself(of, { ...evidence, kind, sths: [sthOf(promised, 3)], ...given })

  test('what rests on a transcript claims nothing, and anything else has an STH', () => {
    expect(proves('withheld', { sths: [] })).toBe(true)
    expect(proves('backdated', { sths: [], proof: proofOf(1) })).toBe(false)
  })

  test('an omission is a tree that ends at or before the place, from the end of the promise on', () => {
    expect(proves('omission', {})).toBe(true)
    expect(proves('omission', { sths: [sthOf(promised, 4)] })).toBe(false)
    expect(proves('omission', { sths: [sthOf(promised - 1, 3)] })).toBe(false)
    expect(proves('omission', { sths: [sthOf(promised, 1)] }, placeless)).toBe(false)
  })

  test('a substitution is a proof of another leaf at the place', () => {
    const found = { proof: proofOf(3), leafHash: otherHash }
    expect(proves('substitution', found)).toBe(true)
    expect(proves('substitution', { ...found, leafHash })).toBe(false)
    expect(proves('substitution', { ...found, proof: proofOf(2) })).toBe(false)
    expect(proves('substitution', { ...found, proof: null })).toBe(false)
  })

  test('a late merge is a proof beyond a tree that was signed when the promise had ended', () => {
    expect(proves('late-merge', { proof: proofOf(3) })).toBe(true)
    expect(proves('late-merge', { proof: proofOf(2) })).toBe(false)
    expect(proves('late-merge', { proof: proofOf(3), sths: [sthOf(promised - 1, 3)] })).toBe(false)
    expect(proves('late-merge', { proof: null })).toBe(false)
  })

  test('what is backdated needs its proof alone', () => {
    expect(proves('backdated', { proof: proofOf(2), sths: [sthOf(0, 9)] })).toBe(true)
    expect(proves('backdated', { proof: null })).toBe(false)
  })

  test('the promise of an SCT that is older than its receipt ends an MMD after the SCT', () => {
    const late = rowOf('sfo', -20).state.context
    const merged = (timestamp: number) => proves('late-merge', { proof: proofOf(3), sths: [sthOf(timestamp, 3)] }, late)
    expect([merged(receivedAt - 20 + mmd), merged(receivedAt - 21 + mmd)]).toEqual([true, false])
  })

  test('one piece of evidence that proves nothing is enough', () => {
    const shown = (...proofs: readonly Evidence['proof'][]) => {
      const escalate = (proof: Evidence['proof']) => {
        const found: Evidence = { ...evidence, kind: 'backdated', sths: [sthOf(1, 9)], proof }
        return { type: 'escalate', evidence: found } as const
      }
      return holds('EVID-001', waiting, answered(), { ...stepTo(waiting), effects: proofs.map(escalate) })
    }
    expect([shown(), shown(proofOf(1)), shown(null), shown(proofOf(1), null)]).toEqual([true, true, false, false])
  })
})
