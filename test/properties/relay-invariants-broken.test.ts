// Each invariant of the relay is false of what breaks it, and of nothing less: a predicate that is always true would hold too.
import { Map as PersistentMap } from 'immutable'
import { describe, expect, test } from 'vitest'
import type { Step } from '../../src/machines/kernel/machine.ts'
import { relayInvariants, roundWhileActive, violated } from '../../src/machines/relay/invariants.ts'
import type { RelayContext, RelayEffect, RelayEvent } from '../../src/machines/relay/types.ts'
import { busy, id, roundOf } from './oracles/relay-busy.ts'
import { pairOf, sthOf } from './oracles/relay-environment.ts'

const rotated: RelayEvent = { type: 'stepDone', at: 1, round: 1, step: 'rotate' }

const active = (context: RelayContext) => ({ value: { active: 'connecting' }, context })
const passive = (context: RelayContext) => ({ value: 'passive', context })

function stepTo(state: Step<RelayContext, RelayEffect>['state'], effects: readonly RelayEffect[] = []) {
  return { state, effects, disposition: 'accepted' } as const
}

/** Whether the one invariant of that name holds. */
function holds(name: string, before: RelayContext, event: RelayEvent, step: Step<RelayContext, RelayEffect>): boolean {
  const found = Object.entries(relayInvariants).filter(([title]) => title.includes(name))
  expect(found).toHaveLength(1)
  const [, invariant] = found[0] as (typeof found)[0]
  return invariant({ before: active(before), event, step })
}

test('nothing is broken in a busy relay, and what is broken is named [INV-001, INV-006]', () => {
  const context = { ...busy(), counters: { ...busy().counters, received: 3 } }
  const seen = (changed: RelayContext) =>
    violated({ before: active(context), event: rotated, step: stepTo(active(changed)) })
  expect(seen(context)).toEqual([])
  expect(seen({ ...context, counters: { ...context.counters, received: 4 } })).toEqual([
    'INV-006: evidence is conserved',
  ])
  const lost = { ...context, variants: context.variants.clear() }
  expect(seen(lost)).toEqual(['INV-006: every SFO is where the books say'])
  expect(seen({ ...context, roundNumber: 2 })).toEqual(['INV-002: passive is without a round, active has one'])
})

describe('INV-001: nothing proven is challenged, forwarded or reported', () => {
  const asks = (after: RelayContext, effects: readonly RelayEffect[], before = after) =>
    holds('nothing proven', before, rotated, stepTo(active(after), effects))
  const proven = (context: RelayContext, ...leafs: readonly string[]) => ({
    ...context,
    proofs: PersistentMap(leafs.map((leaf) => [leaf, 1] as const)),
  })
  const report = (short: string): RelayEffect => ({ type: 'report', sfoId: id(short), auditorId: 'x' })
  const forward = (...sfoIds: readonly string[]): RelayEffect => {
    const ctr = { ctrId: 'c1', url: '', family: [] }
    return {
      type: 'forward',
      round: 1,
      deliveries: [
        { ctr, sfoIds: [] },
        { ctr, sfoIds: sfoIds.map(id) },
      ],
    }
  }
  const challenge = (...leafIds: readonly string[]): RelayEffect => ({
    type: 'challenge',
    round: 1,
    groups: [{ logId: 'a', challenges: leafIds.map((leafId) => ({ leafId, sfoId: id('1'), sth: sthOf('a', 100) })) }],
  })

  test.each([report, forward])('an SFO is known by the round, by the reports, or by the round before', (effect) => {
    const context = busy()
    const ended = { ...context, round: null }
    expect(asks(context, [effect('1')])).toBe(true)
    expect(asks(context, [effect('3')])).toBe(true)
    expect(asks(ended, [effect('3')])).toBe(true)
    expect(asks(ended, [effect('1')], context)).toBe(true)
    expect(asks(ended, [effect('1')])).toBe(false)
    expect(asks(context, [effect('9')])).toBe(false)
  })

  test.each([report, forward])('it is not asked of anyone once its leaf is proven', (effect) => {
    const context = busy()
    for (const short of ['1', '3']) {
      expect(asks(proven(context, `a:${short}`), [effect(short)])).toBe(false)
      expect(asks(proven(context, 'a:8'), [effect(short)])).toBe(true)
    }
    const ended = { ...proven(context, 'a:1'), round: null }
    expect(asks(ended, [effect('1')], context)).toBe(false)
  })

  test('one proven among several deliveries is enough', () => {
    expect(asks(proven(busy(), 'a:3'), [forward('1', '3')])).toBe(false)
  })

  test('a leaf is challenged once, and not when it is proven; other effects ask nothing', () => {
    const context = proven(busy(), 'a:3')
    expect(asks(context, [challenge('a:1', 'a:2')])).toBe(true)
    expect(asks(context, [challenge('a:1', 'a:1')])).toBe(false)
    expect(asks(context, [challenge('a:1', 'a:3')])).toBe(false)
    expect(asks(context, [{ type: 'forgetSfos', sfoIds: [id('9')] }])).toBe(true)
  })
})

describe('INV-002', () => {
  test('passive is without a round, active has the one that is counted', () => {
    const context = busy()
    expect(roundWhileActive(active(context))).toBe(true)
    expect(roundWhileActive(passive({ ...context, round: null }))).toBe(true)
    expect(roundWhileActive(passive(context))).toBe(false)
    expect(roundWhileActive(active({ ...context, round: null }))).toBe(false)
    expect(roundWhileActive(active({ ...context, roundNumber: 2 }))).toBe(false)
  })

  test('a round that ended left nothing that it took in a bucket', () => {
    const context = busy()
    const left = (before: RelayContext, after: RelayContext) =>
      holds('left nothing', before, rotated, stepTo(passive(after)))
    const still = { ...context, held: context.held.merge(roundOf(context).taken) }
    expect(left(context, { ...context, round: null })).toBe(true)
    expect(left(context, { ...still, round: null })).toBe(false)
    const two = { ...context, round: { ...roundOf(context), taken: still.held } }
    expect(left(two, { ...still, held: still.held.delete(id('1')), round: null })).toBe(false)
    expect(left(context, still)).toBe(true)
    expect(left({ ...context, round: null }, { ...still, round: null })).toBe(true)
  })

  test('its deadline makes the relay passive and ends its effects; nothing else has to', () => {
    const context = busy()
    const deadline = (round: number): RelayEvent => ({ type: 'deadline', at: 1, round })
    const end: RelayEffect = { type: 'endRound', round: 1 }
    const wait: RelayEffect = { type: 'startWait', ms: 1 }
    const ended = { ...context, round: null }
    const ends = (event: RelayEvent, step: Step<RelayContext, RelayEffect>, before: RelayContext = context) =>
      holds('deadline ends', before, event, step)
    expect(ends(deadline(1), stepTo(passive(ended), [end, wait]))).toBe(true)
    expect(ends(deadline(1), stepTo(passive(ended), [wait]))).toBe(false)
    expect(ends(deadline(1), stepTo(active(context), [end]))).toBe(false)
    expect(ends(deadline(2), stepTo(active(context)))).toBe(true)
    expect(ends(deadline(1), stepTo(passive(ended)), ended)).toBe(true)
    expect(ends(rotated, stepTo(active(context)))).toBe(true)
  })
})

test('only a verified pair of that leaf brings it into the proof set [INV-003]', () => {
  const before = busy()
  const sth = sthOf('a', 100)
  const entered = (event: RelayEvent, ...leafs: readonly string[]) => {
    const proofs = PersistentMap(leafs.map((leaf) => [leaf, 1] as const))
    return holds('only verified', before, event, stepTo(active({ ...before, proofs })))
  }
  const pair = (leafId: string, verified: boolean): RelayEvent => {
    return { type: 'pair', at: 1, round: 1, pair: pairOf(leafId, sth), verified }
  }
  const answer = (outcome: 'proven' | 'failed', leafId: string | null): RelayEvent => {
    const given = leafId === null ? null : pairOf(leafId, sth)
    return {
      type: 'challenged',
      at: 1,
      round: 1,
      leafId: 'a:1',
      outcome,
      pair: given,
      breakerOpen: false,
    } as RelayEvent
  }
  for (const event of [pair('a:1', true), answer('proven', 'a:1')]) {
    expect(entered(event)).toBe(true)
    expect(entered(event, 'a:1')).toBe(true)
    expect(entered(event, 'a:1', 'a:2')).toBe(false)
  }
  const others = [pair('a:1', false), pair('a:2', true), answer('proven', 'a:2'), answer('failed', 'a:1')]
  for (const event of [...others, answer('proven', null), rotated]) expect(entered(event, 'a:1')).toBe(false)
  const known = { ...before, proofs: PersistentMap([['a:1', 1]]) }
  expect(holds('only verified', known, rotated, stepTo(active(known)))).toBe(true)
})
