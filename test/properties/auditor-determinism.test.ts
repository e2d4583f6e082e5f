// Determinism of every machine of the auditor [INV-008]: a journal replayed from stored rows gives the same life.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { circuitMachine, initialCircuit } from '../../src/machines/auditor/circuit.ts'
import { initialLogView, logViewMachine } from '../../src/machines/auditor/log-view.ts'
import { initialReport, reportMachine } from '../../src/machines/auditor/report.ts'
import { initialRound, roundMachine } from '../../src/machines/auditor/round.ts'
import { sfoMachine } from '../../src/machines/auditor/sfo.ts'
import type { Effect, Machine, State } from '../../src/machines/kernel/machine.ts'
import { step } from '../../src/machines/kernel/step.ts'
import { circuitEvent, logViewEvent, mmd, reportEvent, roundEvent, row, sfoEvent } from './arbitraries/auditor.ts'

/** A machine with an alphabet, its types put aside. */
interface Game {
  readonly name: string
  readonly machine: Machine<object, { type: string }, Effect>
  readonly start: fc.Arbitrary<State<object>>
  readonly event: fc.Arbitrary<{ type: string }>
}

const game = <C extends object, E extends { type: string }, F extends Effect>(
  machine: Machine<C, E, F>,
  start: fc.Arbitrary<State<C>> | State<C>,
  event: fc.Arbitrary<E>,
): Game => ({
  name: machine.id,
  machine: machine as unknown as Game['machine'],
  start: 'value' in start ? fc.constant(start) : start,
  event,
})

const games: readonly Game[] = [
  game(
    sfoMachine,
    row.map(({ state }) => state),
    sfoEvent,
  ),
  game(roundMachine, initialRound({ deadlineMs: 50, intervalMs: 17 }), roundEvent),
  game(circuitMachine, initialCircuit('c1'), circuitEvent),
  game(logViewMachine, initialLogView('log', mmd, 4), logViewEvent),
  game(reportMachine, initialReport('ctr1', { windowMs: 10, maxEntries: 3, alertP: 1e-3 }), reportEvent),
]

test.each(games)(
  '$name: the same journal gives the same states and effects, also through the store [INV-008.2]',
  (one) => {
    fc.assert(
      fc.property(one.start, fc.array(one.event, { maxLength: 40, size: 'max' }), (start, journal) => {
        let live = start
        let replayed = start
        for (const event of journal) {
          const frozen = JSON.stringify([live, event])
          const first = step(one.machine, live, event)
          // A row as it comes back from the store: no snapshot, no shared reference.
          const again = step(one.machine, JSON.parse(JSON.stringify(replayed)), event)
          expect(again).toEqual(first)
          expect(JSON.stringify([live, event])).toBe(frozen)
          live = first.state
          replayed = again.state
        }
      }),
      { numRuns: 60 },
    )
  },
)
