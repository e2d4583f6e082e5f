// Step 9 and the end of a round: what becomes of each SFO.
import { describe, expect, test } from 'vitest'
import { auditorOf } from '../../src/machines/relay/reports.ts'
import { relay, sfoOf, sthsOf, usual } from './oracles/relay-script.ts'

describe('step 9: what becomes of an SFO', () => {
  const reportable = (given: object = {}, consensus = usual) => {
    const story = relay(given, consensus)
    story.sfo(sfoOf('1'))
    story.until('forwarding')
    return story
  }

  test('a due and unproven one goes to its auditor, also where a CTR took it, and is held until acknowledged [RELAY-005.1]', () => {
    const story = reportable()
    story.delivered('c1', '1', true)
    story.until('emptying')
    expect(story.last().effects).toEqual([
      { type: 'emptyBuckets', round: 1, sfoIds: [] },
      { type: 'report', sfoId: '00000001', auditorId: 'y' },
    ])
    story.until('passive')
    expect(story.reported('1', true).effects).toEqual([{ type: 'forgetSfos', sfoIds: ['00000001'] }])
    expect(story.context().counters).toMatchObject({ received: 1, reported: 1, forwarded: 0 })
    expect(story.reported('1', true)).toMatchObject({ disposition: 'ignored', reason: 'unknownReport' })
  })

  test.each([
    [true, { forwarded: 1, dropped: {} }],
    [false, { forwarded: 0, dropped: { reportFailed: 1 } }],
  ])(
    'a report that failed counts as forwarded where a CTR took the SFO (%s), else as lost [RELAY-005.3]',
    (ok, counts) => {
      const story = reportable()
      story.delivered('c1', '1', ok)
      story.until('passive').reported('1', false)
      expect(story.context().counters).toMatchObject(counts)
    },
  )

  test.each([
    ['reportQueueFull', { reportCapacity: 0 }, usual],
    ['noAuditor', {}, { ...usual, auditors: [] }],
  ] as const)(
    '%s: it counts as forwarded where a CTR took it, else as lost for that reason [RELAY-005.3]',
    (reason, given, consensus) => {
      const lost = reportable(given, consensus).until('passive')
      expect(lost.context().counters.dropped).toEqual({ [reason]: 1 })
      const taken = reportable(given, consensus)
      taken.delivered('c2', '1', true)
      taken.until('passive')
      expect(taken.context().counters).toMatchObject({ forwarded: 1, dropped: {} })
    },
  )

  test('the auditor follows from the sfoId alone, by its first 32 bits [RELAY-005.1]', () => {
    expect(auditorOf(['x', 'y', 'z'], '00000004ff')).toBe('y')
    expect(auditorOf(['x', 'y', 'z'], 'ffffffff00')).toBe('x')
    expect(auditorOf([], '00000004ff')).toBeUndefined()
  })

  test('auditors are ordered by ID, whatever the order of the consensus [RELAY-005.1]', () => {
    const story = reportable({}, { ...usual, auditors: usual.auditors.toReversed() })
    story.until('emptying')
    expect(story.effect('report')?.auditorId).toBe('y')
  })

  test('with never a failed SFO is lost, and counted [RELAY-005.1, RELAY-017.2]', () => {
    const story = reportable({ policy: { reporting: 'never' } })
    story.until('emptying')
    expect(story.last().effects).toEqual([{ type: 'emptyBuckets', round: 1, sfoIds: ['00000001'] }])
    expect(story.context().counters.dropped).toEqual({ forwardFailed: 1 })
  })
})

describe('the round’s end', () => {
  const states = ['connecting', 'challenging', 'fetching', 'forwarding', 'announcing', 'rotating', 'emptying']

  test.each(states)(
    'the deadline in %s leads to passive at once, with nothing left and nothing lost uncounted [RELAY-001.2, INV-002]',
    (state) => {
      const story = relay({ proofLifetimeMs: 0 })
      story.sfo(sfoOf('1'))
      story.until(state)
      story.at(9999).deadline()
      expect(story.value()).toBe('passive')
      expect(story.context().round).toBeNull()
      expect(
        story
          .last()
          .effects.map(({ type }) => type)
          .filter((type) => type !== 'report'),
      ).toEqual(['endRound', 'forgetProofs', 'emptyBuckets', 'startWait'])
      expect(story.context().reports.size).toBe(1)
    },
  )

  test('the deadline forgets the proofs that are too old by then, and the others not [INV-002, RELAY-020]', () => {
    const gone = (at: number) => {
      const story = relay({ proofLifetimeMs: 100 })
      story.sfo(sfoOf('1'))
      story.until('challenging').challenged('a:1', 'proven')
      story.at(at).deadline()
      return story.effect('forgetProofs')?.leafIds
    }
    expect([gone(400), gone(401)]).toEqual([[], ['a:1']])
  })

  test('an aborted round keeps what it had proven [INV-002, INV-006.1]', () => {
    const story = relay()
    for (const id of ['1', '2']) story.sfo(sfoOf(id))
    story.until('challenging').challenged('a:2', 'proven')
    story.deadline()
    expect(story.context().counters.proven).toBe(1)
    expect([...story.context().reports.keys()]).toEqual(['00000001'])
  })

  test('answers of an ended round are ignored as staleRound, also while the next one runs [RELAY-021]', () => {
    const story = relay()
    story.sfo(sfoOf('1'))
    story.until('forwarding').deadline()
    const late = { at: 300, round: 1 }
    const [sth] = sthsOf('a', 100)
    if (sth === undefined) throw new Error('an STH')
    const pair = { leafId: 'a:1', sth, proof: { leafIndex: 0, path: [] } }
    for (const state of ['passive', ...states]) {
      story.until(state)
      for (const event of [
        { type: 'challenged', ...late, leafId: 'a:1', outcome: 'proven', pair, breakerOpen: false },
        { type: 'pair', ...late, pair, verified: true },
        { type: 'delivered', ...late, ctrId: 'c1', sfoId: '00000001', ok: true },
        { type: 'stepDone', ...late, step: 'connect' },
        { type: 'deadline', ...late },
      ] as const)
        expect(story.take(event), `${state} ${event.type}`).toMatchObject({
          disposition: 'ignored',
          reason: 'staleRound',
          effects: [],
        })
    }
  })

  test('an event of the round in another step is ignored as wrongStep [RELAY-021]', () => {
    const story = relay()
    story.waited()
    expect(story.pair('a:1', true)).toMatchObject({ reason: 'wrongStep' })
    expect(story.delivered('c1', '1', true)).toMatchObject({ reason: 'wrongStep' })
    expect(story.challenged('a:1', 'refused')).toMatchObject({ reason: 'wrongStep' })
    expect(story.done('empty')).toMatchObject({ reason: 'wrongStep' })
    expect(story.waited()).toMatchObject({ reason: 'wrongStep' })
    expect(story.value()).toBe('connecting')
  })
})
