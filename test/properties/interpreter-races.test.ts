// The relay's interpreter in every order of answers, deadlines and cancellations that a scheduler can bring about.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyBehaviour } from './fakes/behaviour.ts'
import { settled } from './fakes/clock.ts'
import { allSfos, consensusAt, minute, startAt } from './fakes/ct-world.ts'
import { racingClock } from './fakes/racing-clock.ts'
import { relayHarness, truePair } from './fakes/relay-ports.ts'
import { timelessRules } from './fakes/relay-rules.ts'

test('in any order of timers and answers each question is answered once, and nothing of an ended round counts [RELAY-021, INV-006.2]', async () => {
  const behaviours = fc.array(anyBehaviour, { minLength: 1, maxLength: 5 })
  const world = fc.record({
    logs: behaviours,
    connect: behaviours,
    submit: behaviours,
    fetch: behaviours,
    publish: behaviours,
  })
  let rounds = 0
  let aborted = 0
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), world, fc.integer({ min: 20, max: 250 }), async (s, given, moves) => {
      const clock = racingClock(s, startAt)
      const newer = async () => ({ ok: true, value: consensusAt(startAt - minute) }) as const
      const relay = relayHarness({ ...given, pairs: [truePair(1)], parts: { consensus: { newer } } }, clock)
      relay.engine.offerAddress('pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion')
      relay.submit(allSfos.map((_, n) => n))
      for (let move = 0; move < moves && s.count() > 0; move++) {
        await s.waitOne()
        await settled()
      }
      expect(timelessRules(relay)).toEqual([])
      expect(relay.kept.total('defects_total')).toBe(0)
      rounds += relay.kept.total('relay_rounds_total')
      aborted += relay.journal.filter(
        ({ event, step }) => event.type === 'deadline' && step.disposition === 'accepted',
      ).length
      const stopped = relay.engine.stop()
      for (let move = 0; move < 50 && s.count() > 0; move++) {
        await s.waitOne()
        await settled()
      }
      await stopped
      const events = relay.journal.length
      while (s.count() > 0) await s.waitOne()
      await settled()
      expect([relay.journal.length, clock.pending]).toEqual([events, 0])
    }),
    { numRuns: 40 },
  )
  // Otherwise nothing was shown.
  expect(rounds).toBeGreaterThan(20)
  expect(aborted).toBeGreaterThan(3)
})
