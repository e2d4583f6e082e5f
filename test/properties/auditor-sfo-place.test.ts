// Properties of the lifecycle of an SFO whose log promised a place: a static-ct log's leaf index [AUD-115.2 to AUD-115.4, EVID-008, EVID-009].
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { equivocation } from '../../src/machines/auditor/new-sfo.ts'
import { newSfo, sfoMachine } from '../../src/machines/auditor/sfo.ts'
import type { SfoContext, SfoEffect, SfoEvent } from '../../src/machines/auditor/types.ts'
import { dueAt, firstDueSth } from '../../src/machines/ct/due.ts'
import type { Sth } from '../../src/machines/ct/types.ts'
import type { State } from '../../src/machines/kernel/machine.ts'
import { step } from '../../src/machines/kernel/step.ts'

const logId = '0a'.repeat(32)
const leafHash = '0b'.repeat(32)
const otherHash = '0c'.repeat(32)
const mmd = 1000
const receivedAt = 10_000
const index = 7

const sth = (timestamp: number, size: number): Sth => ({ logId, timestamp, size, root: '0d'.repeat(32), signature: '' })
const ids = { sfoId: '0e'.repeat(32), leafId: `${logId}:${leafHash}`, logId }

function fresh(sctTimestamp = receivedAt, leafIndex: number | null = index): State<SfoContext> {
  const place = leafIndex === null ? {} : { leafIndex }
  return newSfo({ ...ids, sctTimestamp, ...place, receivedAt, mmd, graceMs: 5000, future: false }).state
}

const look = (state: State<SfoContext>, firstDue: Sth | null, latest: Sth | null, at = receivedAt + mmd) =>
  step(sfoMachine, state, { type: 'challengeNow', firstDue, latest, spansGap: false, at })
const answer = (state: State<SfoContext>, given: Partial<Extract<SfoEvent, { type: 'answered' }>>) =>
  step(sfoMachine, state, {
    type: 'answered',
    outcome: 'contradiction',
    proof: { leafIndex: index, path: [] },
    spansGap: false,
    at: receivedAt + mmd,
    ...given,
  })
const kinds = (effects: readonly SfoEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'escalate' ? [effect.evidence.kind] : [effect.type]))

const head = fc.record({ timestamp: fc.integer({ min: 0, max: 6 }), size: fc.integer({ min: 0, max: 6 }) })

test('the first-due STH is the earliest that is due or that reaches the index, whatever order sizes have [WIRE-012.3]', () => {
  fc.assert(
    fc.property(
      fc.array(head),
      fc.integer({ min: 0, max: 7 }),
      fc.option(fc.nat(7), { nil: undefined }),
      (heads, due, at) => {
        const sths = heads
          .map(({ timestamp, size }) => sth(timestamp, size))
          .sort((a, b) => a.timestamp - b.timestamp || a.size - b.size)
        const wanted = sths.filter(({ timestamp, size }) => timestamp >= due || (at !== undefined && size > at))[0]
        expect(firstDueSth(sths, due, at)).toEqual(wanted ?? null)
      },
    ),
  )
})

test('a due tree that ends at or before the index is an omission at once, any other is asked [AUD-115.2, AUD-115.4, EVID-008.1]', () => {
  fc.assert(
    fc.property(fc.integer({ min: -2, max: 2 }), fc.integer({ min: index - 1, max: index + 2 }), (late, size) => {
      const firstDue = sth(receivedAt + mmd + late, size)
      const { state, effects } = look(fresh(), firstDue, firstDue)
      const isDue = late >= 0
      if (size > index)
        expect(effects).toEqual([{ type: 'challenge', sfoId: ids.sfoId, leafId: ids.leafId, sth: firstDue }])
      else if (isDue) {
        expect(effects).toMatchObject([
          {
            type: 'escalate',
            evidence: { kind: 'omission', sths: [firstDue], proof: null, lastOutcome: 'contradiction' },
          },
        ])
        expect(state.value).toEqual({ resolved: 'escalated' })
      } else {
        expect(effects).toEqual([])
        expect(state.context.lastOutcome).toBe('notDue')
      }
    }),
  )
})

test('an SFO without an index is never an omission [AUD-115.2]', () => {
  const early = sth(receivedAt + mmd, 0)
  expect(kinds(look(fresh(receivedAt, null), early, early).effects)).toEqual(['challenge'])
})

test('where a clock is ahead, a first-due tree that proves nothing gives way to the latest [AUD-115.3]', () => {
  const ahead = receivedAt + 3
  const due = sth(dueAt(ahead, mmd, receivedAt), index)
  expect(kinds(look(fresh(ahead), due, due).effects)).toEqual([])
  expect(kinds(look(fresh(ahead), due, sth(ahead + mmd, index)).effects)).toEqual(['omission'])
  const reaching = sth(ahead + mmd - 1, index + 1)
  expect(look(fresh(ahead), due, reaching).effects).toMatchObject([{ type: 'challenge', sth: reaching }])
  expect(kinds(look(fresh(ahead), due, due, receivedAt + mmd + 5000).effects)).toEqual(['no-sth'])
})

test('another leaf at the place is a substitution, at another place it is no proof [AUD-119.5, EVID-009.1]', () => {
  const reaching = sth(receivedAt, index + 1)
  const asked = look(fresh(), reaching, reaching).state
  const found = answer(asked, { leafHash: otherHash })
  expect(found.effects).toMatchObject([
    {
      type: 'escalate',
      evidence: { kind: 'substitution', leafHash: otherHash, proof: { leafIndex: index }, sths: [reaching] },
    },
  ])
  expect(found.state.context.raised).toEqual(['substitution'])
  for (const given of [
    { leafHash: otherHash, proof: { leafIndex: index + 1, path: [] } },
    { leafHash: otherHash, proof: null },
    { leafHash: otherHash, outcome: 'proven' as const, proof: { leafIndex: index - 1, path: [] } },
  ]) {
    const { state, effects } = answer(asked, given)
    expect([kinds(effects), state.context.lastOutcome]).toEqual([[], 'badProof'])
  }
  const backdated = answer(asked, {})
  expect(backdated.effects).toMatchObject([{ type: 'escalate', evidence: { kind: 'backdated' } }])
  expect(backdated.effects[0]).not.toHaveProperty('evidence.leafHash')
})

test('what an equivocation rests on is the two SFOs alone [AUD-103.2, EVID-010]', () => {
  const { context } = fresh()
  expect(equivocation(context, '0f'.repeat(32))).toEqual({
    kind: 'equivocation',
    logId,
    sfoId: ids.sfoId,
    otherSfoId: '0f'.repeat(32),
    sths: [],
    proof: null,
    lastOutcome: null,
    since: receivedAt,
    spansGap: false,
  })
})

test('an escalated SFO raises each further kind once, and is asked again only where a tree reaches it [AUD-013.3]', () => {
  const silent = look(fresh(), null, null, receivedAt + mmd + 5000)
  expect(kinds(silent.effects)).toEqual(['no-sth'])
  const due = sth(receivedAt + mmd, index)
  const omitted = look(silent.state, due, due, receivedAt + mmd + 6000)
  expect([kinds(omitted.effects), omitted.state.context.raised]).toEqual([['omission'], ['no-sth', 'omission']])
  const again = look(omitted.state, due, due, receivedAt + mmd + 7000)
  expect([again.disposition, again.effects]).toEqual(['ignored', []])
  const reaching = sth(receivedAt + mmd + 1, index + 1)
  const asked = look(omitted.state, due, reaching, receivedAt + mmd + 7000)
  expect(asked.effects).toMatchObject([{ type: 'challenge', sth: reaching }])
  const late = answer(asked.state, { outcome: 'proven' })
  expect([kinds(late.effects), late.state.value]).toEqual([['late-merge'], { resolved: 'lateProven' }])
  const substituted = answer(asked.state, { leafHash: otherHash })
  expect([kinds(substituted.effects), substituted.state.value]).toEqual([['substitution'], { resolved: 'escalated' }])
  const askedAgain = look(substituted.state, due, reaching, receivedAt + mmd + 8000).state
  expect(kinds(answer(askedAgain, { leafHash: otherHash }).effects)).toEqual([])
  expect(kinds(answer(askedAgain, {}).effects)).toEqual(['backdated'])
})
